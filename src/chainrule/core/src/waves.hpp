// cos 2πt and sin 2πt of whole vectors, to two units in the last place; t counts turns.
//
// Whole turns are left out first, then the nearest quarter; both are exact, so that no digit of π
// is lost to a large t. What is left, an eighth of a turn at most, goes through two series, by
// Taylor; the number of terms is the first whose remainder lies below half a unit.
#pragma once

#include "simd.hpp"

namespace chainrule::CHAINRULE_ISA {

// From here on all numbers are whole: to add this and subtract it again rounds smaller ones.
template <class Real> inline constexpr Real all_whole =
    Real(std::int64_t(1) << Bits<Real>::mantissa);

// |t| less the nearest whole number, with the sign of t: at most 1/2. Infinity becomes NaN.
template <class Real> inline Vec<Real> without_whole_turns(Vec<Real> t) {
    const Vec<Real> size = magnitude<Real>(t);
    const Vec<Real> nearest = with_sign<Real>((size + all_whole<Real>)-all_whole<Real>, t);
    return select<Real>(size >= all_whole<Real>, t - t, t - nearest);
}

// sin 2πr and cos 2πr for |r| ≤ 1/8; 2π, the first term of the sine, is in two parts.
template <class Real> inline Vec<Real> sine_of_eighth(Vec<Real> r, Vec<Real> square) {
    Vec<Real> p;
    if constexpr (sizeof(Real) == 4) {
        p = all<Real>(Real(0x1.50783487ee782p+5));
    } else {
        p = all<Real>(Real(0x1.aaec32af93359p-4));
        p = p * square + Real(-0x1.6fadb9f155744p-1);
        p = p * square + Real(0x1.e8f434d018d63p+1);
        p = p * square + Real(-0x1.e3074fde8871fp+3);
        p = p * square + Real(0x1.50783487ee782p+5);
    }
    p = p * square + Real(-0x1.32d2cce62bd86p+6);
    p = p * square + Real(0x1.466bc6775aae2p+6);
    p = p * square + Real(-0x1.4abbce625be53p+5);
    constexpr Real full = Real(0x1.921fb54442d18p+2);
    constexpr Real rest =
        sizeof(Real) == 4 ? Real(-0x1.777a5cf72cecep-23) : Real(0x1.1a62633145c07p-52);
    return r * full + r * (p * square + rest);
}
template <class Real> inline Vec<Real> cosine_of_eighth(Vec<Real> square) {
    Vec<Real> p;
    if constexpr (sizeof(Real) == 4) {
        p = all<Real>(Real(-0x1.a6d1f2a204a8cp+4));
    } else {
        p = all<Real>(Real(0x1.20c62c2f2d7f5p-2));
        p = p * square + Real(-0x1.b6e24f44b128fp+0);
        p = p * square + Real(0x1.f9d38a3763cc3p+2);
        p = p * square + Real(-0x1.a6d1f2a204a8cp+4);
    }
    p = p * square + Real(0x1.e1f506891babbp+5);
    p = p * square + Real(-0x1.55d3c7e3cbffap+6);
    p = p * square + Real(0x1.03c1f081b5ac4p+6);
    p = p * square + Real(-0x1.3bd3cc9be45dep+4);
    return p * square + 1;
}

template <class Real> struct Waves {
    Vec<Real> cosine, sine;
};

// Both, of any t. The quarters beside the first swap the two series and turn their signs.
template <class Real> inline Waves<Real> waves_of_turns(Vec<Real> t) {
    t = without_whole_turns<Real>(t);
    const Vec<Real> size = magnitude<Real>(t);
    const Vec<Real> quarters = (size * 4 + all_whole<Real>)-all_whole<Real>;  // 0, 1 or 2
    const Vec<Real> r = size - quarters * Real(0.25), square = r * r;
    const Vec<Real> sine = sine_of_eighth<Real>(r, square), cosine = cosine_of_eighth<Real>(square);
    const IntVec<Real> one = quarters == 1, two = quarters == 2;
    const Vec<Real> across = select<Real>(one, cosine, sine);
    return {select<Real>(one, -sine, select<Real>(two, -cosine, cosine)),
            with_sign<Real>(select<Real>(two, -sine, across), t)};
}

// For a test: count is a multiple of the lanes.
template <class Real> void waves_of(std::int64_t count, const Real* t, Real* C, Real* S) {
    for (std::int64_t i = 0; i < count; i += lanes<Real>) {
        const Waves<Real> waves = waves_of_turns<Real>(load(t + i));
        store(C + i, waves.cosine);
        store(S + i, waves.sine);
    }
}

}  // namespace chainrule::CHAINRULE_ISA
