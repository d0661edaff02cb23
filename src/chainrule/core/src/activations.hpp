// Activations and their derivatives, a whole vector at a time.
//
// `value` computes a = g(z). Where g'(z) follows from a alone it is computed from a on the way
// back; gelu, silu and mish need z, so they compute g'(z) with g(z), while the exponential is at
// hand.
#pragma once

#include "approximations.hpp"
#include "vector_math.hpp"

namespace chainrule::CHAINRULE_ISA {

template <class Real> struct Both {
    Vec<Real> value, derivative;
};

// c₀ + c₁ x + c₂ x² + …
template <class Real, int count> inline Vec<Real> polynomial(const Real (&c)[count], Vec<Real> x) {
    Vec<Real> p = all<Real>(c[count - 1]);
#pragma GCC unroll 32
    for (int power = count - 2; power >= 0; --power) p = p * x + c[power];
    return p;
}

template <class Real> inline Vec<Real> sigmoid(Vec<Real> z) {
    const Vec<Real> e = exp<Real>(-magnitude<Real>(z));
    return select<Real>(z > 0, all<Real>(1), e) / (e + 1);
}

// (1 − E)/(1 + E) with E = e^−2|z|. Near 0 from E − 1, which keeps its digits there; near 1 as
// 1 − 2E/(1 + E), which keeps those of 1 − tanh².
template <class Real> inline Vec<Real> tanh(Vec<Real> z) {
    const Vec<Real> size = magnitude<Real>(z);
    const Vec<Real> less = expm1_negative<Real>(-2 * size);
    const IntVec<Real> near_one = size > Real(0.625);
    const Vec<Real> part = select<Real>(near_one, 2 * less + 2, -less) / (less + 2);
    return with_sign<Real>(select<Real>(near_one, 1 - part, part), z);
}

template <class Real> inline Vec<Real> softplus(Vec<Real> z) {
    return at_least<Real>(z, Vec<Real>{}) + log1p_unit<Real>(exp<Real>(-magnitude<Real>(z)));
}

template <class Real> inline Both<Real> gelu(Vec<Real> z) {
    const Vec<Real> x =
        at_most<Real>(magnitude<Real>(z), all<Real>(1000));  // the density is 0 there
    const Vec<Real> u = (x - 4) / (x + 4);
    Vec<Real> ratio;
    if constexpr (single<Real>) ratio = polynomial(mills_single, u);
    else ratio = polynomial(mills_double, u);
    const Vec<Real> density = exp<Real>(x * x * Real(-0.5)) * Real(0.39894228040143267794);
    const Vec<Real> tail = density * ratio / (x + 4);
    const Vec<Real> cdf = select<Real>(z > 0, 1 - tail, tail);
    return {z * cdf, cdf + z * density};
}

template <class Real> inline Both<Real> silu(Vec<Real> z) {
    const Vec<Real> e = exp<Real>(-magnitude<Real>(z));
    const Vec<Real> r = 1 / (e + 1);
    const Vec<Real> s = select<Real>(z > 0, r, e * r);
    return {z * s, s + z * (e * r * r)};
}

// tanh(log(1 + eᶻ)) = n/(n + 2) with n = eᶻ(eᶻ + 2); in e^−|z|, so that nothing overflows.
template <class Real> inline Both<Real> mish(Vec<Real> z) {
    const Vec<Real> e = exp<Real>(-magnitude<Real>(z));
    const Vec<Real> top = select<Real>(z > 0, 2 * e + 1, e * e + 2 * e);
    const Vec<Real> rest = select<Real>(z > 0, 2 * e * e, all<Real>(2));
    const Vec<Real> bottom = top + rest;
    const Vec<Real> t = top / bottom;
    // 1 − t² = (1 − t)(1 + t), and 1 − t = rest/bottom
    const Vec<Real> s = select<Real>(z > 0, all<Real>(1), e) / (e + 1);
    return {z * t, t + z * s * (rest / bottom) * (1 + t)};
}

}  // namespace chainrule::CHAINRULE_ISA
