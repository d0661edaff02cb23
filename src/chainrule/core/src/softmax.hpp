// Softmax and its Jacobian, over columns: a vector holds one unit of several observations.
#pragma once

#include "vector_math.hpp"

namespace chainrule::CHAINRULE_ISA {

// The largest entry of each row and its first column, as numpy.argmax has it.
template <class Real> struct Top {
    Vec<Real> value;
    IntVec<Real> column;
    IntVec<Real> is(int j) const { return column == typename Bits<Real>::Int(j); }
};
template <class Real> inline Top<Real> top_of(const Real* Z, int columns, int stride) {
    Top<Real> top{load(Z), IntVec<Real>{}};
    for (int j = 1; j < columns; ++j) {
        const Vec<Real> z = load(Z + std::ptrdiff_t(j) * stride);
        const IntVec<Real> more = z > top.value;
        top.value = select<Real>(more, z, top.value);
        top.column = more ? IntVec<Real>{} + typename Bits<Real>::Int(j) : top.column;
    }
    return top;
}

// A sum over many units, in sums of sixteen: rounding grows with a sixteenth of their number.
template <class Real> struct LongSum {
    Vec<Real> total{}, part{};
    int count = 0;

    void add(Vec<Real> term) {
        part += term;
        if (++count % 16 == 0) {
            total += part;
            part = Vec<Real>{};
        }
    }
    Vec<Real> value() const { return total + part; }
};

// A = softmax(Z) for one vector of rows, in place. Returns Σ exp(z_j − max) over all but the first
// maximum, whose own term is 1: a certain class keeps the digits of what is left to the others.
template <class Real>
inline Vec<Real> softmax(Real* Z, int columns, int stride, const Top<Real>& top) {
    LongSum<Real> sum;
    for (int j = 0; j < columns; ++j) {
        Real* at = Z + std::ptrdiff_t(j) * stride;
        const Vec<Real> e = exp<Real>(load(at) - top.value);
        sum.add(select<Real>(top.is(j), e - 1, e));
        store(at, e);
    }
    const Vec<Real> others = sum.value(), scale = 1 / (others + 1);
    for (int j = 0; j < columns; ++j) {
        Real* at = Z + std::ptrdiff_t(j) * stride;
        store(at, load(at) * scale);
    }
    return others;
}
template <class Real> void softmax_columns(Real* Z, int rows, int columns, int stride) {
    for (int i = 0; i < rows; i += lanes<Real>)
        softmax<Real>(Z + i, columns, stride, top_of<Real>(Z + i, columns, stride));
}

// dZ = A ⊙ (dA − rowsum(dA ⊙ A)), in place. The largest output's own dA is taken off first: a
// constant in a row changes nothing, and what is left for that output is the sum of the others.
template <class Real>
void softmax_back(Real* dA, const Real* A, int rows, int columns, int stride) {
    for (int i = 0; i < rows; i += lanes<Real>) {
        const Top<Real> top = top_of<Real>(A + i, columns, stride);
        Vec<Real> own{};
        for (int j = 0; j < columns; ++j)
            own = select<Real>(top.is(j), load(dA + i + std::ptrdiff_t(j) * stride), own);
        LongSum<Real> sum;
        for (int j = 0; j < columns; ++j) {
            const std::ptrdiff_t at = i + std::ptrdiff_t(j) * stride;
            sum.add((load(dA + at) - own) * load(A + at));
        }
        const Vec<Real> product = sum.value();
        for (int j = 0; j < columns; ++j) {
            const std::ptrdiff_t at = i + std::ptrdiff_t(j) * stride;
            store(dA + at, load(A + at) * (load(dA + at) - own - product));
        }
    }
}

}  // namespace chainrule::CHAINRULE_ISA
