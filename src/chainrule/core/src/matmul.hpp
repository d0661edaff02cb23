// Matrix products in registers: C = start + A B, a block of rows by a panel of columns at a time.
//
// Matrices are stored in panels: `panel_width` columns side by side, row after row, then the next
// columns; the last panel is as wide as it needs to be, in whole vectors, and the rest of its lanes
// is padding. So B and C are read and written in whole aligned vectors, and there is no edge to
// handle. A is only ever broadcast, element by element, so that it may be read along either of its
// dimensions: the products of forward and backward pass are all this one.
//
// The depth is not cut. A panel of B over 4,000 inputs is a megabyte in float32: beyond that it
// leaves the second cache between one block of rows and the next. Tables have fewer columns.
#pragma once

#include <cstddef>

#include "simd.hpp"

namespace chainrule::CHAINRULE_ISA {

// A panel is as wide, and a block as high, as the registers allow: height × vectors accumulators,
// the vectors of B, and one broadcast.
#if CHAINRULE_VECTOR_BYTES == 64
inline constexpr int max_vectors = 4;
template <int vectors> inline constexpr int block_height = vectors == 1   ? 12
                                                           : vectors == 2 ? 12
                                                           : vectors == 3 ? 8
                                                                          : 6;
#else
inline constexpr int max_vectors = 2;
template <int vectors> inline constexpr int block_height = vectors == 1 ? 8 : 6;
#endif
template <class Real> inline constexpr int panel_width = max_vectors * lanes<Real>;

enum class Start { zero, row, keep };  // C starts from 0, from one row (the biases), from itself

template <class Real, int height, int vectors, Start start>
void block(std::ptrdiff_t depth, const Real* A, std::ptrdiff_t row, std::ptrdiff_t step,
           const Real* B, Real* C, const Real* bias) {
    constexpr int width = vectors * lanes<Real>;
    Vec<Real> sum[height][vectors];
#pragma GCC unroll 16
    for (int i = 0; i < height; ++i)
#pragma GCC unroll 4
        for (int v = 0; v < vectors; ++v) {
            if constexpr (start == Start::zero) sum[i][v] = Vec<Real>{};
            if constexpr (start == Start::row) sum[i][v] = load(bias + v * lanes<Real>);
            if constexpr (start == Start::keep) sum[i][v] = load(C + i * width + v * lanes<Real>);
        }
    for (std::ptrdiff_t k = 0; k < depth; ++k) {
        Vec<Real> b[vectors];
#pragma GCC unroll 4
        for (int v = 0; v < vectors; ++v) b[v] = load(B + v * lanes<Real>);
#pragma GCC unroll 16
        for (int i = 0; i < height; ++i) {
            const Vec<Real> a = all<Real>(A[i * row]);
#pragma GCC unroll 4
            for (int v = 0; v < vectors; ++v) sum[i][v] += a * b[v];
        }
        A += step;
        B += width;
    }
#pragma GCC unroll 16
    for (int i = 0; i < height; ++i)
#pragma GCC unroll 4
        for (int v = 0; v < vectors; ++v) store(C + i * width + v * lanes<Real>, sum[i][v]);
}

// The heights of blocks are not known before run time: one function for each.
template <class Real> using Block = void (*)(std::ptrdiff_t, const Real*, std::ptrdiff_t,
                                             std::ptrdiff_t, const Real*, Real*, const Real*);
template <class Real, int vectors, Start start, int... less_one>
void run_block(int height, std::integer_sequence<int, less_one...>, std::ptrdiff_t depth,
               const Real* A, std::ptrdiff_t row, std::ptrdiff_t step, const Real* B, Real* C,
               const Real* bias) {
    static constexpr Block<Real> blocks[] = {block<Real, less_one + 1, vectors, start>...};
    blocks[height - 1](depth, A, row, step, B, C, bias);
}

// One panel of C, `rows` high, in blocks of nearly equal height.
template <class Real, int vectors, Start start>
void panel(int rows, std::ptrdiff_t depth, const Real* A, std::ptrdiff_t row, std::ptrdiff_t step,
           const Real* B, Real* C, const Real* bias) {
    constexpr int most = block_height<vectors>;
    const int count = (rows + most - 1) / most;
    int done = 0;
    for (int i = 0; i < count; ++i) {
        const int height = (rows - done) / (count - i);
        run_block<Real, vectors, start>(height, std::make_integer_sequence<int, most>{}, depth,
                                        A + done * row, row, step, B,
                                        C + std::ptrdiff_t(done) * vectors * lanes<Real>, bias);
        done += height;
    }
}
template <class Real, Start start>
void panel(int width, int rows, std::ptrdiff_t depth, const Real* A, std::ptrdiff_t row,
           std::ptrdiff_t step, const Real* B, Real* C, const Real* bias) {
    switch (width / lanes<Real>) {
        case 1: return panel<Real, 1, start>(rows, depth, A, row, step, B, C, bias);
        case 2: return panel<Real, 2, start>(rows, depth, A, row, step, B, C, bias);
#if CHAINRULE_VECTOR_BYTES == 64
        case 3: return panel<Real, 3, start>(rows, depth, A, row, step, B, C, bias);
        case 4: return panel<Real, 4, start>(rows, depth, A, row, step, B, C, bias);
#endif
    }
}

}  // namespace chainrule::CHAINRULE_ISA
