// Activations over whole panels: forward, and the way back.
#pragma once

#include "activations.hpp"
#include "description.hpp"

namespace chainrule::CHAINRULE_ISA {

inline constexpr double leaky_slope = 0.01;
inline constexpr double selu_alpha = 1.6732632423543772, selu_scale = 1.0507009873554805;

// Whether g' cannot be had from a alone, and is computed on the way forward.
inline bool keeps_derivative(Activation g) {
    return g == Activation::gelu || g == Activation::silu || g == Activation::mish;
}

// count is a multiple of the lanes. Z becomes A in place; D receives g'(Z) where it is kept.
template <class Real, class Function> inline void map(std::ptrdiff_t count, Real* Z, Function g) {
    for (std::ptrdiff_t i = 0; i < count; i += lanes<Real>) store(Z + i, g(load(Z + i)));
}
template <class Real, class Function>
inline void map_both(std::ptrdiff_t count, Real* Z, Real* D, Function g) {
    for (std::ptrdiff_t i = 0; i < count; i += lanes<Real>) {
        const Both<Real> both = g(load(Z + i));
        store(Z + i, both.value);
        if (D) store(D + i, both.derivative);
    }
}

template <class Real> void activate(Activation g, std::ptrdiff_t count, Real* Z, Real* D) {
    using V = Vec<Real>;
    switch (g) {
        case Activation::identity:
        case Activation::softmax: return;
        case Activation::sigmoid: return map(count, Z, [](V z) { return sigmoid<Real>(z); });
        case Activation::tanh: return map(count, Z, [](V z) { return tanh<Real>(z); });
        case Activation::relu:
            return map(count, Z, [](V z) { return select<Real>(z <= 0, V{}, z); });
        case Activation::leaky_relu:
            return map(count, Z,
                       [](V z) { return select<Real>(z <= 0, z * Real(leaky_slope), z); });
        case Activation::elu:
            return map(count, Z, [](V z) {
                return select<Real>(z <= 0, expm1<Real>(at_most<Real>(z, V{})), z);
            });
        case Activation::selu:
            return map(count, Z, [](V z) {
                const V below = expm1<Real>(at_most<Real>(z, V{})) * Real(selu_alpha);
                return select<Real>(z <= 0, below, z) * Real(selu_scale);
            });
        case Activation::softplus: return map(count, Z, [](V z) { return softplus<Real>(z); });
        case Activation::exponential: return map(count, Z, [](V z) { return exp<Real>(z); });
        case Activation::gelu: return map_both(count, Z, D, [](V z) { return gelu<Real>(z); });
        case Activation::silu: return map_both(count, Z, D, [](V z) { return silu<Real>(z); });
        case Activation::mish: return map_both(count, Z, D, [](V z) { return mish<Real>(z); });
    }
}

template <class Real, class Function>
inline void map_back(std::ptrdiff_t count, Real* dA, const Real* A, Function derivative) {
    for (std::ptrdiff_t i = 0; i < count; i += lanes<Real>)
        store(dA + i, load(dA + i) * derivative(load(A + i)));
}

// dA becomes dZ = dA ⊙ g'(Z), in place; g' is read off A, or off D where it was kept.
template <class Real>
void activate_back(Activation g, std::ptrdiff_t count, Real* dA, const Real* A, const Real* D) {
    using V = Vec<Real>;
    const V one = all<Real>(1);
    if (keeps_derivative(g)) return map_back(count, dA, D, [](V d) { return d; });
    switch (g) {
        case Activation::sigmoid: return map_back(count, dA, A, [](V a) { return a * (1 - a); });
        case Activation::tanh: return map_back(count, dA, A, [](V a) { return 1 - a * a; });
        case Activation::relu:
            return map_back(count, dA, A, [one](V a) { return select<Real>(a > 0, one, V{}); });
        case Activation::leaky_relu:
            return map_back(count, dA, A, [one](V a) {
                return select<Real>(a > 0, one, all<Real>(leaky_slope));
            });
        case Activation::elu:
            return map_back(count, dA, A, [one](V a) { return select<Real>(a > 0, one, a + 1); });
        case Activation::selu:
            return map_back(count, dA, A, [](V a) {
                return select<Real>(a > 0, all<Real>(selu_scale),
                                    a + Real(selu_scale * selu_alpha));
            });
        case Activation::softplus:  // σ(z) = 1 − e^−softplus(z)
            return map_back(count, dA, A, [](V a) { return -expm1<Real>(-a); });
        case Activation::exponential: return map_back(count, dA, A, [](V a) { return a; });
        default: return;  // identity; softmax has its own way back
    }
}

}  // namespace chainrule::CHAINRULE_ISA
