// Vectors of the width that the instruction set has, by the vector extensions of GCC and Clang.
//
// This file is compiled once for each instruction set, with that set's flags;
// CHAINRULE_VECTOR_BYTES says how wide a register is there. Everything lies in a namespace of that
// set, and nothing here uses a template of the standard library: an inline function that two sets
// share would be merged by the linker, and could bring AVX-512 to a machine without it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>  // types alone

namespace chainrule::CHAINRULE_ISA {

template <class Real> struct Bits;
template <> struct Bits<float> {
    using Int = std::int32_t;
    static constexpr int mantissa = 23, bias = 127;
};
template <> struct Bits<double> {
    using Int = std::int64_t;
    static constexpr int mantissa = 52, bias = 1023;
};

template <class Real> inline constexpr int lanes = CHAINRULE_VECTOR_BYTES / sizeof(Real);

template <class Real> struct VectorOf {
    typedef Real Type __attribute__((vector_size(CHAINRULE_VECTOR_BYTES)));
    typedef typename Bits<Real>::Int Int __attribute__((vector_size(CHAINRULE_VECTOR_BYTES)));
};
template <class Real> using Vec = typename VectorOf<Real>::Type;
template <class Real> using IntVec = typename VectorOf<Real>::Int;

template <class Real> inline Vec<Real> load(const Real* from) {
    Vec<Real> v;
    std::memcpy(&v, from, sizeof v);
    return v;
}
template <class Real> inline void store(Real* to, Vec<Real> v) { std::memcpy(to, &v, sizeof v); }
// x in every lane: the one broadcast that GCC and Clang both take, and x − 0 is x even if that is
// −0.
template <class Real> inline Vec<Real> all(Real x) { return x - Vec<Real>{}; }

// if_ ? yes : no, lane by lane; a comparison makes a lane of the mask all ones or all zeros.
template <class Real> inline Vec<Real> select(IntVec<Real> if_, Vec<Real> yes, Vec<Real> no) {
    return if_ ? yes : no;
}
// x kept within limits; a NaN stays one.
template <class Real> inline Vec<Real> at_least(Vec<Real> x, Vec<Real> low) {
    return low > x ? low : x;
}
template <class Real> inline Vec<Real> at_most(Vec<Real> x, Vec<Real> high) {
    return high < x ? high : x;
}

template <class Real> inline IntVec<Real> bits(Vec<Real> x) {
    IntVec<Real> i;
    std::memcpy(&i, &x, sizeof i);
    return i;
}
template <class Real> inline Vec<Real> real(IntVec<Real> i) {
    Vec<Real> x;
    std::memcpy(&x, &i, sizeof x);
    return x;
}

template <class Real> inline constexpr typename Bits<Real>::Int sign_bit =
    typename Bits<Real>::Int(1) << (8 * sizeof(Real) - 1);
template <class Real> inline Vec<Real> magnitude(Vec<Real> x) {
    return real<Real>(bits<Real>(x) & ~sign_bit<Real>);
}
// |x| with the sign of `of`.
template <class Real> inline Vec<Real> with_sign(Vec<Real> x, Vec<Real> of) {
    return real<Real>((bits<Real>(x) & ~sign_bit<Real>) | (bits<Real>(of) & sign_bit<Real>));
}

// Σ of the lanes: halves added to halves, down to one.
template <class Real> inline Real sum(Vec<Real> v) {
    Real parts[lanes<Real>];
    std::memcpy(parts, &v, sizeof parts);
#pragma GCC unroll 4
    for (int half = lanes<Real> / 2; half > 0; half /= 2)
#pragma GCC unroll 8
        for (int lane = 0; lane < half; ++lane) parts[lane] += parts[lane + half];
    return parts[0];
}
template <class Real> inline Real largest(Vec<Real> v) {
    Real top = v[0];
    for (int lane = 1; lane < lanes<Real>; ++lane) top = v[lane] > top ? v[lane] : top;
    return top;
}

// a₀ b₀ a₁ b₁ … of the first halves of two vectors, or of the second halves.
template <class Real, int from, int... i>
inline Vec<Real> zipped(Vec<Real> a, Vec<Real> b, std::integer_sequence<int, i...>) {
    return __builtin_shufflevector(a, b, ((i % 2 ? lanes<Real> : 0) + from + i / 2)...);
}

// As many vectors as a vector has lanes; its transpose is log₂(lanes) rounds of zipping the first
// half of the rows with the second.
template <class Real> struct Square {
    Vec<Real> row[lanes<Real>];
};
template <class Real> inline Square<Real> transposed(Square<Real> square) {
    constexpr int n = lanes<Real>;
    constexpr std::make_integer_sequence<int, n> all_lanes;
#pragma GCC unroll 4
    for (int done = 1; done < n; done *= 2) {
        Square<Real> next;
#pragma GCC unroll 8
        for (int i = 0; i < n / 2; ++i) {
            next.row[2 * i] = zipped<Real, 0>(square.row[i], square.row[i + n / 2], all_lanes);
            next.row[2 * i + 1] =
                zipped<Real, n / 2>(square.row[i], square.row[i + n / 2], all_lanes);
        }
        square = next;
    }
    return square;
}

// The sums of a square's rows, as one vector: what `transposed` does, adding as it goes.
template <class Real> inline Vec<Real> row_sums(Square<Real> square) {
    constexpr std::make_integer_sequence<int, lanes<Real>> all_lanes;
#pragma GCC unroll 4
    for (int half = lanes<Real> / 2; half > 0; half /= 2)
#pragma GCC unroll 8
        for (int i = 0; i < half; ++i) {
            const Vec<Real> a = square.row[i], b = square.row[i + half];
            square.row[i] =
                zipped<Real, 0>(a, b, all_lanes) + zipped<Real, lanes<Real> / 2>(a, b, all_lanes);
        }
    return square.row[0];
}

}  // namespace chainrule::CHAINRULE_ISA
