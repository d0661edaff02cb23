// What one thread needs to take one tile of rows through the network and back.
#pragma once

#include "elementwise.hpp"
#include "layout.hpp"
#include "memory.hpp"
#include "products.hpp"

namespace chainrule::CHAINRULE_ISA {

// The most rows that go through the network together: enough for weights and gradients to be read
// seldom, few enough for the activations to stay near the core.
inline constexpr int tile_rows = 128;

template <class Real> struct Workspace {
    Operand<Real> X{};                       // rows of the table where they lie, or A[0]
    Buffer<Real> A[max_layers + 1];          // in panels; A[L] holds Z_L
    Buffer<Real> D[max_layers + 1];          // g'(Z) where it is kept
    Buffer<Real> M[max_layers + 1];          // dropout masks
    Buffer<Real> H[max_layers + 1];          // A ⊙ M, where there is a mask
    Buffer<Real> dA, dZ;                     // in panels
    Buffer<Real> Z_L, A_L, D_L, dZ_L, Y, c;  // of the output layer, in columns
    Buffer<Real> softmax_A, softmax_dA;      // of a hidden softmax, in columns
    Buffer<Real> row, x, cosines, sines, E;  // of an embedding, in columns but for the row
    bool masked[max_layers + 1] = {};

    // What layer l hands to layer l + 1.
    const Real* handed_on(int l) const { return masked[l] ? H[l] : A[l]; }
    Operand<Real> input(int l) const { return l == 0 ? X : panels_of<Real>(handed_on(l)); }

    void prepare(const Network& network, bool dropout) {
        const int L = network.depth;
        std::ptrdiff_t widest = 0, softmax = 0;
        for (int l = 0; l <= L; ++l) {
            const std::ptrdiff_t size = std::ptrdiff_t(tile_rows) * padded<Real>(network.units[l]);
            A[l].reserve(size);
            widest = size > widest ? size : widest;
            if (l == 0 || l == L) continue;
            if (keeps_derivative(network.activation[l])) D[l].reserve(size);
            if (network.activation[l] == Activation::softmax && size > softmax) softmax = size;
            if (dropout) {
                M[l].reserve(size);
                H[l].reserve(size);
            }
        }
        const std::ptrdiff_t outputs = std::ptrdiff_t(tile_rows) * network.units[L];
        for (Buffer<Real>* columns : {&Z_L, &A_L, &D_L, &dZ_L, &Y}) columns->reserve(outputs);
        c.reserve(tile_rows);
        if (network.embedded > 0) {
            const std::ptrdiff_t numbers = std::ptrdiff_t(tile_rows) * network.embedded;
            row.reserve(network.columns);
            x.reserve(numbers);
            cosines.reserve(numbers * (network.width - 1));
            sines.reserve(numbers * (network.width - 1));
            E.reserve(std::ptrdiff_t(tile_rows) * network.units[0]);
        }
        dA.reserve(widest);
        dZ.reserve(widest);
        softmax_A.reserve(softmax);
        softmax_dA.reserve(softmax);
    }
};

}  // namespace chainrule::CHAINRULE_ISA
