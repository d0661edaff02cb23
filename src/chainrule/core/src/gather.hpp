// The rows of a batch, from where they lie in the table.
#pragma once

#include "workspace.hpp"

namespace chainrule::CHAINRULE_ISA {

// Copies n numbers in whole vectors, the last one over the one before.
template <class Real> inline void copy(const Real* from, int n, Real* to) {
    if (n < lanes<Real>) {
        for (int j = 0; j < n; ++j) to[j] = from[j];
        return;
    }
    for (int j = 0; j + lanes<Real> <= n; j += lanes<Real>) store(to + j, load(from + j));
    store(to + n - lanes<Real>, load(from + n - lanes<Real>));
}

template <class Real>
inline void expand_sparse(const Rows<Real>& rows, std::int64_t row, int n_0, Real* to) {
    for (int j = 0; j < n_0; ++j) to[j] = 0;
    for (std::int64_t k = rows.indptr[row]; k < rows.indptr[row + 1]; ++k)
        to[rows.indices[k]] += rows.X[k];
}

// X of rows [from, from + count) of the batch order. Rows that lie side by side are read where they
// are.
template <class Real> void gather_X(const Rows<Real>& rows, int n_0, std::int64_t from, int count,
                                    bool in_panels, Workspace<Real>& work) {
    Real* A = work.A[0];
    const bool in_place = !rows.order && !rows.indptr;
    if (in_place && !in_panels) {
        work.X = {rows.X + from * n_0, false, n_0, 1};
        return;
    }
    Real* row_by_row =
        in_panels ? static_cast<Real*>(work.dA) : A;  // dA is free on the way forward
    if (in_place) {
        pack(rows.X + from * n_0, count, n_0, n_0, 1, A);
    } else {
        for (int i = 0; i < count; ++i) {
            const std::int64_t row = rows.number(from + i);
            Real* to = row_by_row + std::ptrdiff_t(i) * n_0;
            if (rows.indptr) expand_sparse(rows, row, n_0, to);
            else copy(rows.X + row * n_0, n_0, to);
        }
        if (in_panels) pack(row_by_row, count, n_0, n_0, 1, A);
    }
    work.X = in_panels ? panels_of<Real>(A) : Operand<Real>{A, false, n_0, 1};
}

// X of rows that are embedded: the first inputs to `x`, the others behind the values of those in
// `E`, all in columns; 0 in the padding.
template <class Real> void gather_columns(const Rows<Real>& rows, const Network& network,
                                          std::int64_t from, int count, Workspace<Real>& work) {
    const int n_0 = network.columns, stride = padded<Real>(count);
    Real* others = work.E + std::ptrdiff_t(network.embedded) * network.width * stride;
    auto column = [&](int j) {
        return j < network.embedded ? work.x + std::ptrdiff_t(j) * stride
                                    : others + std::ptrdiff_t(j - network.embedded) * stride;
    };
    for (int i = 0; i < count; ++i) {
        const std::int64_t number = rows.number(from + i);
        const Real* row = rows.X + number * n_0;
        if (rows.indptr) {
            expand_sparse<Real>(rows, number, n_0, work.row);
            row = work.row;
        }
        for (int j = 0; j < n_0; ++j) column(j)[i] = row[j];
    }
    for (int j = 0; j < n_0; ++j)
        for (int i = count; i < stride; ++i) column(j)[i] = 0;
}

// Y in columns, smoothed.
template <class Real> void gather_Y(const Network& network, const Rows<Real>& rows,
                                    std::int64_t from, int count, Real* Y) {
    const int n_L = network.units[network.depth], stride = padded<Real>(count);
    for (int i = 0; i < count; ++i) {
        const Real* y = rows.Y + rows.number(from + i) * n_L;
        for (int j = 0; j < n_L; ++j) Y[std::ptrdiff_t(j) * stride + i] = y[j];
    }
    for (int j = 0; j < n_L; ++j)
        for (int i = count; i < stride; ++i) Y[std::ptrdiff_t(j) * stride + i] = 0;
    const double s = network.label_smoothing;
    if (s == 0) return;
    const double classes = network.loss == Loss::categorical_cross_entropy ? n_L : 2;
    const Real part = Real(1 - s), shift = Real(s / classes);
    for (std::ptrdiff_t at = 0; at < std::ptrdiff_t(stride) * n_L; at += lanes<Real>)
        store(Y + at, load(Y + at) * part + shift);
}

// The coefficients of the rows' losses: `scale`, times the weights; 0 in the padding.
template <class Real>
void gather_c(const Rows<Real>& rows, std::int64_t from, int count, double scale, Real* c) {
    for (int i = 0; i < padded<Real>(count); ++i) c[i] = Real(scale);
    for (int i = 0; i < count && rows.weight; ++i)
        c[i] = Real(scale * double(rows.weight[rows.number(from + i)]));
    for (int i = count; i < padded<Real>(count); ++i) c[i] = 0;
}

}  // namespace chainrule::CHAINRULE_ISA
