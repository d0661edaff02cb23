// Elementary functions of whole vectors, to a few units in the last place.
//
// Series, and no tables: exp by its Taylor series on [−ln2/2, ln2/2], log(1 + e) by that of artanh
// on [−1/7, 1/3]. The number of terms is the first whose remainder lies below half a unit. NaN
// stays NaN.
#pragma once

#include "simd.hpp"

namespace chainrule::CHAINRULE_ISA {

template <class Real> inline constexpr bool single = sizeof(Real) == 4;

// 2ᵏ for whole k in the range of normal exponents.
template <class Real> inline Vec<Real> power_of_two(IntVec<Real> k) {
    return real<Real>((k + Bits<Real>::bias) << Bits<Real>::mantissa);
}

// x = k ln2 + r, |r| ≤ ln2/2: ln2 in two parts (Cody and Waite), the first with so few bits that
// k times it is exact.
template <class Real> inline constexpr Real ln2_high =
    single<Real> ? Real(0x1.62e4p-1) : Real(0x1.62e42fefa38p-1);
template <class Real> inline constexpr Real ln2_low =
    single<Real> ? Real(0x1.7f7d1cf79abcap-20) : Real(0x1.ef35793c7673p-45);

template <class Real> struct Reduced {
    IntVec<Real> k;
    Vec<Real> r;
};
template <class Real> inline Reduced<Real> reduce(Vec<Real> x) {
    constexpr Real log2e = Real(1.4426950408889634074);
    // Adding and subtracting 1.5 · 2^mantissa rounds to a whole number.
    constexpr Real round = single<Real> ? Real(0x1.8p23) : Real(0x1.8p52);
    const Vec<Real> shifted = x * log2e + round;
    const Vec<Real> k = shifted - round;
    Reduced<Real> out;
    out.k = bits<Real>(shifted) - bits<Real>(all<Real>(round));
    out.r = (x - k * ln2_high<Real>)-k * ln2_low<Real>;
    return out;
}

// eʳ − 1 for |r| ≤ ln2/2.
template <class Real> inline Vec<Real> expm1_reduced(Vec<Real> r) {
    Vec<Real> p;
    if constexpr (single<Real>) {
        p = all<Real>(Real(1.0 / 5040));
        p = p * r + Real(1.0 / 720);
    } else {
        p = all<Real>(Real(1.0 / 6227020800));
        p = p * r + Real(1.0 / 479001600);
        p = p * r + Real(1.0 / 39916800);
        p = p * r + Real(1.0 / 3628800);
        p = p * r + Real(1.0 / 362880);
        p = p * r + Real(1.0 / 40320);
        p = p * r + Real(1.0 / 5040);
        p = p * r + Real(1.0 / 720);
    }
    p = p * r + Real(1.0 / 120);
    p = p * r + Real(1.0 / 24);
    p = p * r + Real(1.0 / 6);
    p = p * r + Real(0.5);
    return p * r * r + r;
}

// Below the first exp is 0, above the second infinite.
template <class Real> inline constexpr Real exp_low = single<Real> ? -104 : -746;
template <class Real> inline constexpr Real exp_high = single<Real> ? 89 : 710;

template <class Real> inline Vec<Real> exp(Vec<Real> x) {
    const Reduced<Real> part = reduce<Real>(
        at_most<Real>(at_least<Real>(x, all<Real>(exp_low<Real>)), all<Real>(exp_high<Real>)));
    // In two steps, so that the result may be subnormal or infinite.
    const IntVec<Real> half = part.k >> 1;
    return (expm1_reduced<Real>(part.r) + 1) * power_of_two<Real>(half) *
           power_of_two<Real>(part.k - half);
}

// eˣ − 1 where eˣ is finite, with its digits near 0; from below, −1 is reached at the limit.
template <class Real> inline Vec<Real> expm1(Vec<Real> x) {
    const Reduced<Real> part =
        reduce<Real>(at_most<Real>(at_least<Real>(x, all<Real>(single<Real> ? -20 : -40)),
                                   all<Real>(single<Real> ? 88 : 709)));
    const Vec<Real> scale = power_of_two<Real>(part.k);
    return expm1_reduced<Real>(part.r) * scale + (scale - 1);
}

// The same for x ≤ 0.
template <class Real> inline Vec<Real> expm1_negative(Vec<Real> x) {
    const Reduced<Real> part = reduce<Real>(at_least<Real>(x, all<Real>(single<Real> ? -20 : -40)));
    const Vec<Real> scale = power_of_two<Real>(part.k);
    return expm1_reduced<Real>(part.r) * scale + (scale - 1);
}

// log(1 + e) = 2 artanh(s), s = e/(2 + e), for −1/4 ≤ e ≤ 1.
template <class Real> inline Vec<Real> log1p_unit(Vec<Real> e) {
    constexpr int terms = single<Real> ? 8 : 17;
    const Vec<Real> s = e / (e + 2);
    const Vec<Real> square = s * s;
    Vec<Real> p = all<Real>(Real(1.0 / (2 * terms - 1)));
#pragma GCC unroll 17
    for (int term = terms - 1; term >= 1; --term) p = p * square + Real(1.0 / (2 * term - 1));
    return 2 * s * p;
}

// log x for normal x > 0: x = 2ᵏ f with 3/4 ≤ f < 3/2.
template <class Real> inline Vec<Real> log(Vec<Real> x) {
    constexpr auto one_bits = typename Bits<Real>::Int(Bits<Real>::bias) << Bits<Real>::mantissa;
    constexpr auto quarter = typename Bits<Real>::Int(1) << (Bits<Real>::mantissa - 2);
    const IntVec<Real> shifted = bits<Real>(x) - one_bits + 2 * quarter;
    const IntVec<Real> k = shifted >> Bits<Real>::mantissa;
    const Vec<Real> f = real<Real>(bits<Real>(x) - (k << Bits<Real>::mantissa));
    const Vec<Real> whole = __builtin_convertvector(k, Vec<Real>);
    return whole * ln2_high<Real> + (log1p_unit<Real>(f - 1) + whole * ln2_low<Real>);
}

// log(1 + e) for any e ≥ 0.
template <class Real> inline Vec<Real> log1p(Vec<Real> e) {
    return select<Real>(e <= 1, log1p_unit<Real>(at_most<Real>(e, all<Real>(1))), log<Real>(e + 1));
}

template <class Real> inline Vec<Real> square_root(Vec<Real> x) {
    Vec<Real> y;
    for (int lane = 0; lane < lanes<Real>; ++lane)
        if constexpr (single<Real>) y[lane] = __builtin_sqrtf(x[lane]);
        else y[lane] = __builtin_sqrt(x[lane]);
    return y;
}

}  // namespace chainrule::CHAINRULE_ISA
