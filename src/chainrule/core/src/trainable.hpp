// What is trained: one padded vector of places, in the order of nn/layout.py.
#pragma once

#include "layout.hpp"

namespace chainrule::CHAINRULE_ISA {

// Where one named parameter lies: `copies` matrices of rows by columns, each in panels, or its
// transpose.
struct Place {
    enum Kind : int { scale, embedding, W, R, S, b } kind;
    int layer, copies, rows, columns;  // the layer of an embedding is 0 to 3: w, b, a, c
    bool turned;
    std::ptrdiff_t at, stride;  // of the first copy; from one copy to the next

    std::ptrdiff_t end() const { return at + copies * stride; }
    std::ptrdiff_t numbers() const { return std::ptrdiff_t(copies) * rows * columns; }
};

// A plain network trains the very vector that its passes read: W and b lie where Layout has them.
template <class Real> struct Trainable {
    static constexpr int most = 4 + 4 * max_layers;

    Place places[most];
    int count = 0;
    std::ptrdiff_t size = 0;

    Trainable(const Network& network, const Layout<Real>& layout) {
        const int k = network.members;
        if (network.input_scale) add(Place::scale, 0, 1, 1, network.units[0], false);
        for (int i = 0; i < 4 && layout.embeds; ++i)
            add(Place::embedding, i, 1, 1, layout.embedding_numbers(network, i), false);
        for (int l = 1; l <= network.depth; ++l) {
            const int n_in = network.units[l - 1], n_out = network.units[l];
            const bool shared = network.shares(l);
            add(Place::W, l, shared ? 1 : k, n_in, n_out, layout.turned[l]);
            if (shared) {
                add(Place::R, l, k, 1, n_in, false);
                add(Place::S, l, k, 1, n_out, false);
            }
            add(Place::b, l, k, 1, n_out, false);
        }
    }

    // The place of a layer's parameter, or null.
    const Place* find(Place::Kind kind, int layer) const {
        for (int i = 0; i < count; ++i)
            if (places[i].kind == kind && places[i].layer == layer) return &places[i];
        return nullptr;
    }

    // Between NumPy's flat vector and the padded one.
    void pack_from(const Real* flat, Real* out) const {
        each_copy(
            [&](const Place& place, Real* panels) {
                if (place.turned) pack(flat, place.columns, place.rows, 1, place.columns, panels);
                else pack(flat, place.rows, place.columns, place.columns, 1, panels);
                flat += std::ptrdiff_t(place.rows) * place.columns;
            },
            out);
    }
    void unpack_to(Real* flat, Real* in) const {
        each_copy(
            [&](const Place& place, const Real* panels) {
                if (place.turned) unpack(panels, place.columns, place.rows, 1, place.columns, flat);
                else unpack(panels, place.rows, place.columns, place.columns, 1, flat);
                flat += std::ptrdiff_t(place.rows) * place.columns;
            },
            in);
    }

    // Calls use(place number, begin, end) for each place's part of a stretch of the padded vector.
    template <class Use> void each_place(std::ptrdiff_t begin, std::ptrdiff_t end, Use use) const {
        for (int i = 0; i < count; ++i) {
            const std::ptrdiff_t from = places[i].at > begin ? places[i].at : begin;
            const std::ptrdiff_t to = places[i].end() < end ? places[i].end() : end;
            if (from < to) use(i, from, to);
        }
    }

  private:
    void add(Place::Kind kind, int layer, int copies, int rows, int columns, bool turned) {
        const std::ptrdiff_t stride = turned ? std::ptrdiff_t(columns) * padded<Real>(rows)
                                             : std::ptrdiff_t(rows) * padded<Real>(columns);
        places[count++] = {kind, layer, copies, rows, columns, turned, size, stride};
        size += copies * stride;
    }
    template <class Use> void each_copy(Use use, Real* padded_vector) const {
        for (int i = 0; i < count; ++i)
            for (int copy = 0; copy < places[i].copies; ++copy)
                use(places[i], padded_vector + places[i].at + copy * places[i].stride);
    }
};

}  // namespace chainrule::CHAINRULE_ISA
