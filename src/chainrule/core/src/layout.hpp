// Where all that a pass reads lies in one padded vector, each V and b, and which way round.
#pragma once

#include "description.hpp"
#include "panels.hpp"

namespace chainrule::CHAINRULE_ISA {

// The padded vector holds V_l, which in a plain network is W_l, in panels of n_l columns, or, where
// its transpose takes fewer vectors, V_lᵀ in panels of n_{l−1}: so a layer of one unit is not
// padded to sixteen. The parameters of an embedding stand before them: w, b, a and c, each as it is
// in NumPy. The gradient has the same layout. Padding is zero, and stays zero.
template <class Real> struct Layout {
    std::ptrdiff_t W[max_layers + 1] = {}, b[max_layers + 1] = {}, size = 0;
    std::ptrdiff_t embedding[4] = {};  // w, b, a, c
    bool embeds = false;
    bool turned[max_layers + 1] = {};  // whether W_lᵀ is what is stored
    bool dotted[max_layers + 1] = {};  // whether Z_L is taken as dot products with the rows of W_Lᵀ

    explicit Layout(const Network& network) {
        embeds = network.embedded > 0;
        for (int i = 0; i < 4 && embeds; ++i) {
            embedding[i] = size;
            size += padded<Real>(embedding_numbers(network, i));
        }
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
    // How many numbers w, b, a and c have.
    static int embedding_numbers(const Network& network, int i) {
        return network.embedded * (i < 2 ? network.width - 1 : network.width);
    }
};

// What the passes of one member read, and the other way round of each V that they need both ways
// of: made anew after every update.
template <class Real> struct Weights {
    const Real* theta = nullptr;
    Real* other[max_layers + 1] = {};  // V_lᵀ where V_l is stored, V_l where V_lᵀ is

    const Real* straight(const Layout<Real>& layout, int l) const {
        return layout.turned[l] ? other[l] : theta + layout.W[l];
    }
    const Real* transposed(const Layout<Real>& layout, int l) const {
        return layout.turned[l] ? theta + layout.W[l] : other[l];
    }
    // Whether the pass reads the other way round at all: forward needs V_l, backward V_lᵀ for l >
    // 1, and V_1ᵀ on the way to an embedding.
    static bool needs_other(const Layout<Real>& layout, int l) {
        return layout.turned[l] ? !layout.dotted[l] : l > 1 || layout.embeds;
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
