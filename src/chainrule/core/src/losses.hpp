// The losses of nn/losses.py over columns, a vector of observations at a time.
//
// c_i holds the observation's weight and the 1/m of a mean; it is 0 in the padding, which so costs
// nothing. Each function returns Σ_i c_i ℓ_i: within a vector's observations summed in Real, as
// their outputs are, and in double from vector to vector.
#pragma once

#include "description.hpp"
#include "softmax.hpp"

namespace chainrule::CHAINRULE_ISA {

// (1 − y) max(z, 0) − y min(z, 0) + log(1 + e^−|z|); dZ = c ((1 − y) σ(z) − y σ(−z)).
template <class Real> double binary_cross_entropy(const Real* Z, const Real* Y, const Real* c,
                                                  int rows, int columns, int stride, Real* dZ) {
    double total = 0;
    for (int i = 0; i < rows; i += lanes<Real>) {
        Vec<Real> cost{};
        for (int j = 0; j < columns; ++j) {
            const std::ptrdiff_t at = i + std::ptrdiff_t(j) * stride;
            const Vec<Real> z = load(Z + at), y = load(Y + at);
            const Vec<Real> e = exp<Real>(-magnitude<Real>(z)), r = 1 / (e + 1);
            const IntVec<Real> positive = z > 0;
            // y and its complement: the part of the target that z denies, and the part that it
            // affirms
            const Vec<Real> wrong = select<Real>(positive, 1 - y, y),
                            right = select<Real>(positive, y, 1 - y);
            cost += wrong * magnitude<Real>(z) + log1p_unit<Real>(e);
            const Vec<Real> excess = wrong * r - right * (e * r);  // of the side that z is on
            store(dZ + at, select<Real>(positive, excess, -excess) * load(c + i));
        }
        total += double(sum<Real>(cost * load(c + i)));
    }
    return total;
}

// −Σ_j y_j log softmax(z)_j; dZ = c (ŷ Σ_j y_j − y), at the largest output from what the others
// have.
template <class Real> double categorical_cross_entropy(const Real* Z, const Real* Y, const Real* c,
                                                       int rows, int columns, int stride,
                                                       Real* dZ) {
    double total = 0;
    for (int i = 0; i < rows; i += lanes<Real>) {
        const Top<Real> top = top_of<Real>(Z + i, columns, stride);
        LongSum<Real> y_all, y_rest, y_below;
        for (int j = 0; j < columns; ++j) {
            const std::ptrdiff_t at = i + std::ptrdiff_t(j) * stride;
            const Vec<Real> z = load(Z + at), y = load(Y + at);
            y_all.add(y);
            y_rest.add(select<Real>(top.is(j), Vec<Real>{}, y));
            y_below.add(y * (top.value - z));
            store(dZ + at, z);
        }
        const Vec<Real> y_sum = y_all.value(), y_others = y_rest.value(), below = y_below.value();
        const Vec<Real> others = softmax<Real>(dZ + i, columns, stride, top);
        total += double(sum<Real>((below + y_sum * log1p<Real>(others)) * load(c + i)));
        const Vec<Real> missing = others / (others + 1);
        for (int j = 0; j < columns; ++j) {
            const std::ptrdiff_t at = i + std::ptrdiff_t(j) * stride;
            const Vec<Real> plain = load(dZ + at) * y_sum - load(Y + at);
            store(dZ + at,
                  select<Real>(top.is(j), y_others - y_sum * missing, plain) * load(c + i));
        }
    }
    return total;
}

// y (exp(d) − 1 − d) with d = z − log y, and exp(z) where y is 0; dZ = c (ŷ − y).
template <class Real> double poisson(const Real* Z, const Real* Y, const Real* c, int rows,
                                     int columns, int stride, Real* dZ) {
    constexpr Real least = single<Real> ? Real(0x1p-126) : Real(0x1p-1022);
    double total = 0;
    for (int i = 0; i < rows; i += lanes<Real>) {
        Vec<Real> cost{};
        for (int j = 0; j < columns; ++j) {
            const std::ptrdiff_t at = i + std::ptrdiff_t(j) * stride;
            const Vec<Real> z = load(Z + at), y = load(Y + at), a = exp<Real>(z);
            const IntVec<Real> counted = y >= least;
            const Vec<Real> d = z - log<Real>(select<Real>(counted, y, all<Real>(1)));
            // far above the target the difference of a, y and y d has all the digits that there are
            const Vec<Real> near = y * (expm1<Real>(d) - d), far = a - y * (1 + d);
            cost += select<Real>(counted, select<Real>(d < 1, near, far), a);
            store(dZ + at, (a - y) * load(c + i));
        }
        total += double(sum<Real>(cost * load(c + i)));
    }
    return total;
}

// A squared error times `factor` (1 or ½): dA = 2 factor c (A − Y).
template <class Real> double squared_error(const Real* A, const Real* Y, const Real* c, int rows,
                                           int columns, int stride, double factor, Real* dA) {
    double total = 0;
    for (int i = 0; i < rows; i += lanes<Real>) {
        Vec<Real> squares{};
        for (int j = 0; j < columns; ++j) {
            const std::ptrdiff_t at = i + std::ptrdiff_t(j) * stride;
            const Vec<Real> residual = load(A + at) - load(Y + at);
            squares += residual * residual;
            store(dA + at, residual * Real(2 * factor) * load(c + i));
        }
        total += factor * double(sum<Real>(squares * load(c + i)));
    }
    return total;
}

}  // namespace chainrule::CHAINRULE_ISA
