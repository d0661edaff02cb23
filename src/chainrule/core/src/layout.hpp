// Where each W and b lies in one padded vector, and which way round.
#pragma once

#include "description.hpp"
#include "panels.hpp"

namespace chainrule::CHAINRULE_ISA {

// The padded vector holds W_l in panels of n_l columns, or, where its transpose takes fewer
// vectors, W_lᵀ in panels of n_{l−1}: so is a layer of one unit no layer of sixteen. The gradient
// has the same layout, and an optimizer sees one vector. Padding is zero, and stays zero.
template <class Real> struct Layout {
    std::ptrdiff_t W[max_layers + 1] = {}, b[max_layers + 1] = {}, size = 0;
    bool turned[max_layers + 1] = {};  // whether W_lᵀ is what is stored
    bool dotted[max_layers + 1] = {};  // whether Z_L is taken as dot products with the rows of W_Lᵀ

    explicit Layout(const Network& network) {
        for (int l = 1; l <= network.depth; ++l) {
            const std::ptrdiff_t n_in = network.units[l - 1], n_out = network.units[l];
            const std::ptrdiff_t straight = n_in * padded<Real>(n_out),
                                 across = n_out * padded<Real>(n_in);
            turned[l] = across < straight;
            // The sum over a vector's lanes costs as much as some three products.
            dotted[l] = l == network.depth && turned[l] &&
                        n_out * (padded<Real>(n_in) / lanes<Real> + 3) < n_in;
            W[l] = size;
            b[l] = size + (turned[l] ? across : straight);
            size = b[l] + padded<Real>(n_out);
        }
    }
};

// Between NumPy's flat vector and the padded one.
template <class Real> void pack_parameters(const Network& network, const Layout<Real>& layout,
                                           const Real* flat, Real* out) {
    for (int l = 1; l <= network.depth; ++l) {
        const int n_in = network.units[l - 1], n_out = network.units[l];
        if (layout.turned[l]) pack(flat, n_out, n_in, 1, n_out, out + layout.W[l]);
        else pack(flat, n_in, n_out, n_out, 1, out + layout.W[l]);
        flat += std::ptrdiff_t(n_in) * n_out;
        for (int j = 0; j < padded<Real>(n_out); ++j)
            out[layout.b[l] + j] = j < n_out ? flat[j] : 0;
        flat += n_out;
    }
}
template <class Real> void unpack_parameters(const Network& network, const Layout<Real>& layout,
                                             const Real* in, Real* flat) {
    for (int l = 1; l <= network.depth; ++l) {
        const int n_in = network.units[l - 1], n_out = network.units[l];
        if (layout.turned[l]) unpack(in + layout.W[l], n_out, n_in, 1, n_out, flat);
        else unpack(in + layout.W[l], n_in, n_out, n_out, 1, flat);
        flat += std::ptrdiff_t(n_in) * n_out;
        for (int j = 0; j < n_out; ++j) flat[j] = in[layout.b[l] + j];
        flat += n_out;
    }
}

// The parameters of a network, and the other way round of each W that a pass needs both ways of:
// made anew after every update.
template <class Real> struct Weights {
    const Real* theta = nullptr;
    Real* other[max_layers + 1] = {};  // W_lᵀ where W_l is stored, W_l where W_lᵀ is

    const Real* straight(const Layout<Real>& layout, int l) const {
        return layout.turned[l] ? other[l] : theta + layout.W[l];
    }
    const Real* transposed(const Layout<Real>& layout, int l) const {
        return layout.turned[l] ? theta + layout.W[l] : other[l];
    }
    // Whether the pass reads the other way round at all: forward needs W_l, backward W_lᵀ for l
    // > 1.
    static bool needs_other(const Layout<Real>& layout, int l) {
        return layout.turned[l] ? !layout.dotted[l] : l > 1;
    }
    void turn(const Network& network, const Layout<Real>& layout, int l) {
        const int n_in = network.units[l - 1], n_out = network.units[l];
        if (layout.turned[l]) transpose(theta + layout.W[l], n_out, n_in, other[l]);
        else transpose(theta + layout.W[l], n_in, n_out, other[l]);
    }
    static std::ptrdiff_t other_size(const Network& network, const Layout<Real>& layout, int l) {
        const int n_in = network.units[l - 1], n_out = network.units[l];
        return layout.turned[l] ? std::ptrdiff_t(n_in) * padded<Real>(n_out)
                                : std::ptrdiff_t(n_out) * padded<Real>(n_in);
    }
};

}  // namespace chainrule::CHAINRULE_ISA
