// The products of the forward and the backward pass, over matrices in panels.
#pragma once

#include "panels.hpp"

namespace chainrule::CHAINRULE_ISA {

// A matrix that is read element by element. In panels, or with element (i, j) at i · row + j ·
// column: the rows of a table, columns, or the transpose of any of them.
template <class Real> struct Operand {
    const Real* data;
    bool in_panels;
    std::ptrdiff_t row, column;
};
template <class Real> inline Operand<Real> panels_of(const Real* data) {
    return {data, true, 0, 0};
}

// Calls use(data, columns, row stride, column stride) for each part of A with fixed strides.
template <class Real, class Use>
inline void each_operand_part(const Operand<Real>& A, int rows, int columns, Use use) {
    if (!A.in_panels) return use(A.data, columns, A.row, A.column);
    const Real* data = A.data;
    each_panel<Real>(columns, [&](int, int own, int width) {
        use(data, own, std::ptrdiff_t(width), std::ptrdiff_t(1));
        data += std::ptrdiff_t(rows) * width;
    });
}

// C = A B, or bias + A B: Z = A W + b and dA = dZ Wᵀ. A is (rows, depth), B and C are in panels.
template <class Real> void multiply(int rows, int depth, const Operand<Real>& A, const Real* B,
                                    int columns, Real* C, const Real* bias) {
    each_panel<Real>(columns, [&](int first, int, int width) {
        int done = 0;
        each_operand_part(
            A, rows, depth,
            [&](const Real* a, int part, std::ptrdiff_t row, std::ptrdiff_t column) {
                const Real* b = B + std::ptrdiff_t(done) * width;
                if (done)
                    panel<Real, Start::keep>(width, rows, part, a, row, column, b, C, nullptr);
                else if (bias)
                    panel<Real, Start::row>(width, rows, part, a, row, column, b, C, bias + first);
                else panel<Real, Start::zero>(width, rows, part, a, row, column, b, C, nullptr);
                done += part;
            });
        B += std::ptrdiff_t(depth) * width;
        C += std::ptrdiff_t(rows) * width;
    });
}

// C = Aᵀ B, or C + Aᵀ B: dW = A_{l−1}ᵀ dZ_l, dW_lᵀ = dZ_lᵀ A_{l−1}. A is (rows, units).
template <class Real> void multiply_transposed(int rows, int units, const Operand<Real>& A,
                                               const Real* B, int columns, Real* C, bool keep) {
    each_panel<Real>(columns, [&](int, int, int width) {
        each_operand_part(
            A, rows, units,
            [&](const Real* a, int part, std::ptrdiff_t row, std::ptrdiff_t column) {
                if (keep)
                    panel<Real, Start::keep>(width, part, rows, a, column, row, B, C, nullptr);
                else panel<Real, Start::zero>(width, part, rows, a, column, row, B, C, nullptr);
                C += std::ptrdiff_t(part) * width;
            });
        B += std::ptrdiff_t(rows) * width;
    });
}

// Z = A W + b as dot products with the rows of Wᵀ, for layers of few units; Z in columns. As many
// rows as a vector has lanes go together: their sums make one vector.
template <class Real> void multiply_by_dots(int rows, int depth, const Real* A, const Real* W,
                                            int units, int stride, Real* Z, const Real* bias) {
    constexpr int height = lanes<Real>;
    for (int j = 0; j < units; ++j)
        for (int first = 0; first < rows; first += height) {
            Square<Real> products{};
            const int own = rows - first < height ? rows - first : height;
            const Real *a = A, *w = W;
            each_panel<Real>(depth, [&](int, int, int width) {
                for (int k = 0; k < width; k += lanes<Real>) {
                    const Vec<Real> weight = load(w + std::ptrdiff_t(j) * width + k);
                    const Real* row = a + std::ptrdiff_t(first) * width + k;
                    if (own == height) {
#pragma GCC unroll 16
                        for (int i = 0; i < height; ++i)
                            products.row[i] += load(row + std::ptrdiff_t(i) * width) * weight;
                    } else {
                        for (int i = 0; i < own; ++i)
                            products.row[i] += load(row + std::ptrdiff_t(i) * width) * weight;
                    }
                }
                a += std::ptrdiff_t(rows) * width;
                w += std::ptrdiff_t(units) * width;
            });
            Real* to = Z + std::ptrdiff_t(j) * stride + first;
            store(to, row_sums(products) + bias[j]);
            for (int i = own; i < height; ++i) to[i] = 0;
        }
}

// db_l = Σ_i dZ_l[i], from panels or from columns; `keep` adds to what is there.
template <class Real> void sum_panels(const Real* dZ, int rows, int columns, Real* db, bool keep) {
    each_panel<Real>(columns, [&](int, int, int width) {
        for (int j = 0; j < width; j += lanes<Real>) {
            Vec<Real> total[4] = {keep ? load(db + j) : Vec<Real>{}};
            for (int i = 0; i < rows; ++i) total[i % 4] += load(dZ + std::ptrdiff_t(i) * width + j);
            store(db + j, (total[0] + total[1]) + (total[2] + total[3]));
        }
        dZ += std::ptrdiff_t(rows) * width;
        db += width;
    });
}
template <class Real>
void sum_columns(const Real* dZ, int rows, int columns, int stride, Real* db, bool keep) {
    for (int j = 0; j < columns; ++j) {
        Vec<Real> total{};
        for (int i = 0; i < rows; i += lanes<Real>)
            total += load(dZ + std::ptrdiff_t(j) * stride + i);
        db[j] = (keep ? db[j] : 0) + sum<Real>(total);
    }
    for (int j = columns; j < padded<Real>(columns); ++j) db[j] = 0;
}

}  // namespace chainrule::CHAINRULE_ISA
