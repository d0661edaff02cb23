// The forward and the backward pass of one tile of rows: the equations of nn/propagation.py.
#pragma once

#include "dropout.hpp"
#include "embedding.hpp"
#include "gather.hpp"
#include "losses.hpp"

namespace chainrule::CHAINRULE_ISA {

// One tile on its way: what belongs to the whole batch, and this thread's room.
template <class Real> struct Pass {
    const Network& network;
    const Layout<Real>& layout;
    const Weights<Real>& weights;
    const Dropout& dropout;
    Workspace<Real>& work;
    int rows = 0;
    std::int64_t from = 0;  // the tile's first row, counted in the batch

    int units(int l) const { return network.units[l]; }
    int stride() const { return padded<Real>(rows); }
    std::ptrdiff_t size(int l) const { return std::ptrdiff_t(rows) * padded<Real>(units(l)); }
    const Real* bias(int l) const { return weights.theta + layout.b[l]; }

    // X of rows of the table, or what the embedding makes of them: what layer 1 receives.
    void take(const Rows<Real>& table, std::int64_t at) {
        if (!layout.embeds)
            return gather_X<Real>(table, units(0), at, rows, layout.turned[1], work);
        gather_columns<Real>(table, network, at, rows, work);
        embedding().forward(work.x, work.cosines, work.sines, work.E);
        from_columns<Real>(work.E, rows, units(0), stride(), work.A[0]);
        work.X = panels_of<Real>(work.A[0]);
    }

    // Z_l = A_{l−1} W_l + b_l and A_l = g_l(Z_l), up to Z_L, in columns.
    void forward() {
        const int L = network.depth;
        for (int l = 1; l < L; ++l) {
            weigh(l);
            activate_hidden(l);
            drop(l);
        }
        if (layout.dotted[L]) {
            const Real* A = L == 1 ? work.X.data : work.handed_on(L - 1);
            multiply_by_dots<Real>(rows, units(L - 1), A, weights.transposed(layout, L), units(L),
                                   stride(), work.Z_L, bias(L));
        } else {
            weigh(L);
            to_columns<Real>(work.A[L], rows, units(L), stride(), work.Z_L);
        }
    }

    // A_L = g_L(Z_L), in columns.
    void activate_output() {
        std::memcpy(static_cast<void*>(work.A_L), work.Z_L,
                    sizeof(Real) * std::size_t(stride()) * units(network.depth));
        const Activation g = network.activation[network.depth];
        if (g == Activation::softmax)
            softmax_columns<Real>(work.A_L, rows, units(network.depth), stride());
        else activate<Real>(g, std::ptrdiff_t(stride()) * units(network.depth), work.A_L, work.D_L);
    }

    // Σ_i c_i ℓ_i, and dZ_L in columns.
    double cost() {
        const int n = units(network.depth);
        const Real *Z = work.Z_L, *Y = work.Y, *c = work.c;
        Real* dZ = work.dZ_L;
        switch (network.loss) {
            case Loss::binary_cross_entropy:
                return binary_cross_entropy<Real>(Z, Y, c, rows, n, stride(), dZ);
            case Loss::categorical_cross_entropy:
                return categorical_cross_entropy<Real>(Z, Y, c, rows, n, stride(), dZ);
            case Loss::poisson: return poisson<Real>(Z, Y, c, rows, n, stride(), dZ);
            default: break;
        }
        activate_output();
        const Activation g = network.activation[network.depth];
        const double factor = network.loss == Loss::squared_error ? 1 : 0.5;
        const double J = squared_error<Real>(work.A_L, Y, c, rows, n, stride(), factor, dZ);
        if (g == Activation::softmax) softmax_back<Real>(dZ, work.A_L, rows, n, stride());
        else activate_back<Real>(g, std::ptrdiff_t(stride()) * n, dZ, work.A_L, work.D_L);
        return J;
    }

    // dW_l = A_{l−1}ᵀ dZ_l, db_l = Σ dZ_l, dA_{l−1} = dZ_l W_lᵀ, dZ_{l−1} = dA_{l−1} ⊙ g'(Z_{l−1}),
    // from dZ_L down; `keep` adds to the gradient that is there.
    void backward(Real* gradient, bool keep) {
        const int L = network.depth;
        Real *dZ = work.dZ, *dA = work.dA;
        if (!layout.turned[L]) from_columns<Real>(work.dZ_L, rows, units(L), stride(), dZ);
        sum_columns<Real>(work.dZ_L, rows, units(L), stride(), gradient + layout.b[L], keep);
        for (int l = L; l >= 1; --l) {
            const bool columns = l == L && layout.turned[L];
            const Operand<Real> dZ_l =
                columns ? Operand<Real>{work.dZ_L, false, 1, stride()} : panels_of<Real>(dZ);
            if (l < L) sum_panels<Real>(dZ, rows, units(l), gradient + layout.b[l], keep);
            Real* dW = gradient + layout.W[l];
            if (layout.turned[l]) {
                const Real* A = l == 1 ? work.X.data : work.handed_on(l - 1);
                multiply_transposed<Real>(rows, units(l), dZ_l, A, units(l - 1), dW, keep);
                clear_padding(dW, units(l), units(l - 1));  // g(0) stands in A's, and need not be 0
            } else {
                multiply_transposed<Real>(rows, units(l - 1), work.input(l - 1), dZ, units(l), dW,
                                          keep);
            }
            if (l == 1 && !layout.embeds) return;
            multiply<Real>(rows, units(l), dZ_l, weights.transposed(layout, l), units(l - 1), dA,
                           nullptr);
            if (l == 1) return embedding_back(dA, gradient, keep);
            back_through(l - 1, dA);
            Real* next = dA;
            dA = dZ;
            dZ = next;
        }
    }

  private:
    Embedding<Real> embedding() const {
        const auto at = [&](int i) { return weights.theta + layout.embedding[i]; };
        return {network.embedded, network.width, stride(), {at(0), at(1), at(2), at(3)}};
    }
    // From dE in panels; E is needed no more, and dE takes its place.
    void embedding_back(const Real* dE, Real* gradient, bool keep) {
        to_columns<Real>(dE, rows, units(0), stride(), work.E);
        const auto at = [&](int i) { return gradient + layout.embedding[i]; };
        embedding().backward(work.x, work.cosines, work.sines, work.E, {at(0), at(1), at(2), at(3)},
                             keep);
    }
    // Z_l in panels, where A_l will be.
    void weigh(int l) {
        multiply<Real>(rows, units(l - 1), work.input(l - 1), weights.straight(layout, l), units(l),
                       work.A[l], bias(l));
    }
    void activate_hidden(int l) {
        if (network.activation[l] != Activation::softmax) {
            activate<Real>(network.activation[l], size(l), work.A[l], work.D[l]);
            return;
        }
        to_columns<Real>(work.A[l], rows, units(l), stride(), work.softmax_A);
        softmax_columns<Real>(work.softmax_A, rows, units(l), stride());
        from_columns<Real>(work.softmax_A, rows, units(l), stride(), work.A[l]);
    }
    // H = A ⊙ M
    void drop(int l) {
        const double p = dropout.rates ? dropout.rates[l - 1] : 0;
        work.masked[l] = p > 0;
        if (p > 0) {
            draw_mask<Real>(mixed(dropout.key + std::uint64_t(l)), p, from, rows, units(l),
                            work.M[l]);
            Real *H = work.H[l], *A = work.A[l], *M = work.M[l];
            for (std::ptrdiff_t i = 0; i < size(l); i += lanes<Real>)
                store(H + i, load(A + i) * load(M + i));
        }
    }
    // dA_l becomes dZ_l.
    void back_through(int l, Real* dA) {
        if (work.masked[l]) {
            const Real* M = work.M[l];
            for (std::ptrdiff_t i = 0; i < size(l); i += lanes<Real>)
                store(dA + i, load(dA + i) * load(M + i));
        }
        const Activation g = network.activation[l];
        if (g != Activation::softmax) {
            activate_back<Real>(g, size(l), dA, work.A[l], work.D[l]);
            return;
        }
        to_columns<Real>(work.A[l], rows, units(l), stride(), work.softmax_A);
        to_columns<Real>(dA, rows, units(l), stride(), work.softmax_dA);
        softmax_back<Real>(work.softmax_dA, work.softmax_A, rows, units(l), stride());
        from_columns<Real>(work.softmax_dA, rows, units(l), stride(), dA);
    }
};

}  // namespace chainrule::CHAINRULE_ISA
