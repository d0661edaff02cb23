// The weights V that the passes read, made of what is trained, and the way back: the equations of
// nn/parametrization.py.
//
//     V[i, j] = c · s[i] · R[e, i] · W[i, j] · S[e, j]        for the member e
//
// V lies as W lies, in panels or turned; so a factor belongs to the rows of the storage, one number
// for each, or to its columns, vectors of them.
#pragma once

#include "trainable.hpp"
#include "workspace.hpp"

namespace chainrule::CHAINRULE_ISA {

template <class Real> struct Parametrization {
    const Network& network;
    const Layout<Real>& layout;
    const Trainable<Real>& trainable;

    int stored_rows(int l) const { return network.units[layout.turned[l] ? l : l - 1]; }
    int stored_columns(int l) const { return network.units[layout.turned[l] ? l - 1 : l]; }
    // Rows of the storage that one task takes: the cut depends on the network alone.
    int rows_of_task(int l) const {
        const int rows = 65'536 / padded<Real>(stored_columns(l)), some = rows < 8 ? 8 : rows;
        return some < stored_rows(l) ? some : stored_rows(l);
    }
    int parts(int l) const {
        const int rows = rows_of_task(l);
        return (stored_rows(l) + rows - 1) / rows;
    }
    std::int64_t tasks() const {
        std::int64_t count = 0;
        for (int l = 1; l <= network.depth; ++l) count += parts(l);
        return count;
    }
    // The layer and the rows of the storage that a task is about.
    struct Part {
        int layer, begin, end;
    };
    Part part(std::int64_t task) const {
        int l = 1;
        for (; task >= parts(l); ++l) task -= parts(l);
        const int rows = rows_of_task(l), begin = int(task) * rows;
        return {l, begin, rows < stored_rows(l) - begin ? begin + rows : stored_rows(l)};
    }

    // What multiplies the inputs and the outputs of V_l, for one member; padded, and 1 where there
    // is nothing. `room` is for both: a tile's worth of the widest layer is more than enough.
    struct Factors {
        const Real *inputs, *outputs;
    };
    Factors factors(const Real* theta, int l, int e, Real* room) const {
        const int n_in = network.units[l - 1], n_out = network.units[l];
        Real *inputs = room, *outputs = room + padded<Real>(n_in);
        const Place *R = trainable.find(Place::R, l), *S = trainable.find(Place::S, l);
        const Place* scale = l == 1 ? trainable.find(Place::scale, 0) : nullptr;
        const Real c = Real(network.weight_factor(l));
        for (int i = 0; i < padded<Real>(n_in); i += lanes<Real>) {
            Vec<Real> factor = all<Real>(c);
            if (scale) factor *= load(theta + scale->at + i);
            if (R) factor *= load(theta + R->at + e * R->stride + i);
            store(inputs + i, factor);
        }
        for (int j = 0; j < padded<Real>(n_out); j += lanes<Real>)
            store(outputs + j, S ? load(theta + S->at + e * S->stride + j) : all<Real>(1));
        return {inputs, outputs};
    }
    // V and b of every member, for the rows of one task.
    void make_weights(const Real* theta, Real* effective, std::int64_t task, Real* room) const {
        const Part p = part(task);
        const int l = p.layer;
        const Place& W = *trainable.find(Place::W, l);
        const Place& b = *trainable.find(Place::b, l);
        for (int e = 0; e < network.members; ++e) {
            Real* own = effective + e * layout.size;
            const Factors f = factors(theta, l, e, room);
            const Real *rows = layout.turned[l] ? f.outputs : f.inputs,
                       *columns = layout.turned[l] ? f.inputs : f.outputs;
            const Real* from = theta + W.at + (W.copies > 1 ? e * W.stride : 0);
            each_vector(l, p, [&](int i, int j, std::ptrdiff_t at) {
                store(own + layout.W[l] + at, load(from + at) * (rows[i] * load(columns + j)));
            });
            if (p.begin > 0) continue;
            for (std::ptrdiff_t j = 0; j < b.stride; j += lanes<Real>)
                store(own + layout.b[l] + j, load(theta + b.at + e * b.stride + j));
            if (l == 1)
                each_of_embedding([&](std::ptrdiff_t from_, std::ptrdiff_t to) {
                    store(own + to, load(theta + from_));
                });
        }
    }
    // Calls use(place among what is trained, place in a pass's vector) for each vector of the
    // embedding's parameters, which all members have in common.
    template <class Use> void each_of_embedding(Use use) const {
        for (int i = 0; i < 4 && layout.embeds; ++i) {
            const Place& place = *trainable.find(Place::embedding, i);
            for (std::ptrdiff_t j = 0; j < place.stride; j += lanes<Real>)
                use(place.at + j, layout.embedding[i] + j);
        }
    }

    // What the rows of one task add to the gradients of one member's factors, up to the factors:
    // Σ over the columns of each of these rows, and Σ over these rows of every column. The room
    // for them lies layer by layer, task by task, member by member.
    struct Sums {
        Real *of_row, *of_column;
    };
    std::ptrdiff_t sums_of_member(int l) const {
        return std::ptrdiff_t(rows_of_task(l)) + padded<Real>(stored_columns(l));
    }
    std::ptrdiff_t sums_of_task(int l) const { return network.members * sums_of_member(l); }
    std::ptrdiff_t sums_of_layer(int l) const { return parts(l) * sums_of_task(l); }
    Sums sums_at(Real* room, int l, int e) const {
        Real* own = room + e * sums_of_member(l);
        return {own, own + rows_of_task(l)};
    }

    // The gradient of W, and a task's sums, from the gradients of the members' V and b.
    void gather_gradients(const Real* theta, const Real* effective, std::ptrdiff_t member_stride,
                          Real* gradient, std::int64_t task, Real* sums, Real* room) const {
        const Part p = part(task);
        const int l = p.layer;
        const Place& W = *trainable.find(Place::W, l);
        const Place& b = *trainable.find(Place::b, l);
        const bool shared = W.copies < network.members;
        for (int e = 0; e < network.members; ++e) {
            const Real* dV = effective + e * member_stride + layout.W[l];
            const Factors f = factors(theta, l, e, room);
            const Real *rows = layout.turned[l] ? f.outputs : f.inputs,
                       *columns = layout.turned[l] ? f.inputs : f.outputs;
            const Real* own = theta + W.at + (W.copies > 1 ? e * W.stride : 0);
            Real* dW = gradient + W.at + (W.copies > 1 ? e * W.stride : 0);
            const Sums mine = sums_at(sums, l, e);
            for (std::ptrdiff_t i = 0; i < sums_of_member(l); ++i) mine.of_row[i] = 0;
            const bool add = shared && e > 0;
            Vec<Real> across{};
            each_vector(l, p, [&](int i, int j, std::ptrdiff_t at) {
                const Vec<Real> g = load(dV + at), wg = load(own + at) * g;
                const Vec<Real> dw = rows[i] * load(columns + j) * g;
                store(dW + at, add ? load(dW + at) + dw : dw);
                const bool first = j % panel_width<Real> == 0;
                across = first ? load(columns + j) * wg : across + load(columns + j) * wg;
                if (last_of_panel(l, j)) mine.of_row[i - p.begin] += sum<Real>(across);
                store(mine.of_column + j, load(mine.of_column + j) + rows[i] * wg);
            });
            if (p.begin > 0) continue;
            const Real* db = effective + e * member_stride + layout.b[l];
            for (std::ptrdiff_t j = 0; j < b.stride; j += lanes<Real>)
                store(gradient + b.at + e * b.stride + j, load(db + j));
            const Real* own_gradient = effective + e * member_stride;
            if (l == 1)
                each_of_embedding([&](std::ptrdiff_t to, std::ptrdiff_t from_) {
                    const Vec<Real> g = load(own_gradient + from_);
                    store(gradient + to, e > 0 ? load(gradient + to) + g : g);
                });
        }
    }

    // The gradients of s, R and S, from the sums of all tasks, in their order.
    void finish(const Real* theta, Real* sums, Real* gradient) const {
        const Place* scale = trainable.find(Place::scale, 0);
        for (int i = 0; scale && i < padded<Real>(network.units[0]); ++i)
            gradient[scale->at + i] = 0;
        for (int l = 1; l <= network.depth; ++l) {
            const Place *R = trainable.find(Place::R, l), *S = trainable.find(Place::S, l);
            const bool scaled = scale && l == 1;
            if (R || S || scaled)
                for (int e = 0; e < network.members; ++e)
                    finish_member(theta, sums, gradient, l, e, R, S, scaled ? scale : nullptr);
            sums += sums_of_layer(l);
        }
    }

  private:
    // Calls use(row, column, place) for every vector of these rows of the storage of V_l.
    template <class Use> void each_vector(int l, const Part& p, Use use) const {
        std::ptrdiff_t start = 0;
        each_panel<Real>(stored_columns(l), [&](int first, int, int width) {
            for (int i = p.begin; i < p.end; ++i)
                for (int j = 0; j < width; j += lanes<Real>)
                    use(i, first + j, start + std::ptrdiff_t(i) * width + j);
            start += std::ptrdiff_t(stored_rows(l)) * width;
        });
    }
    bool last_of_panel(int l, int j) const {
        return (j + lanes<Real>) % panel_width<Real> == 0 ||
               j + lanes<Real> == padded<Real>(stored_columns(l));
    }
    void finish_member(const Real* theta, Real* sums, Real* gradient, int l, int e, const Place* R,
                       const Place* S, const Place* scale) const {
        const int n_in = network.units[l - 1], n_out = network.units[l];
        const int height = rows_of_task(l);
        auto sums_by = [&](int task) { return sums_at(sums + task * sums_of_task(l), l, e); };
        // Σ over the columns of a row stands in the task that has the row, Σ over the rows in all.
        auto row_sum = [&](int i) { return sums_by(i / height).of_row[i % height]; };
        auto column_sum = [&](int j) {
            Real total = 0;
            for (int task = 0; task < parts(l); ++task) total += sums_by(task).of_column[j];
            return total;
        };
        const bool turned = layout.turned[l];
        const Real c = Real(network.weight_factor(l));
        for (int i = 0; i < n_in; ++i) {
            const Real total = c * (turned ? column_sum(i) : row_sum(i));
            const Real s = scale ? theta[scale->at + i] : Real(1);
            if (R) gradient[R->at + e * R->stride + i] = s * total;
            if (scale)
                gradient[scale->at + i] += (R ? theta[R->at + e * R->stride + i] : Real(1)) * total;
        }
        // rows[i] of the sums over inputs had c, s and R in it already
        for (int j = 0; S && j < n_out; ++j)
            gradient[S->at + e * S->stride + j] = turned ? row_sum(j) : column_sum(j);
        if (R) clear_rest(gradient + R->at + e * R->stride, n_in);
        if (S) clear_rest(gradient + S->at + e * S->stride, n_out);
    }
    static void clear_rest(Real* v, int n) {
        for (int i = n; i < padded<Real>(n); ++i) v[i] = 0;
    }
};

}  // namespace chainrule::CHAINRULE_ISA
