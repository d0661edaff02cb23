// One batch on a team of threads: the cut into shards, the sum of their gradients, the penalty.
//
// The cut depends on the network and the batch alone, and the sum is taken in the shards' order, so
// that any number of threads computes the same bits. Each member of an ensemble has shards of its
// own.
#pragma once

#include "parametrization.hpp"
#include "pass.hpp"
#include "team.hpp"

namespace chainrule::CHAINRULE_ISA {

// Multiplications that one row costs, forward and backward; a wave and its slope cost some of them.
inline constexpr double work_of_wave = 50;
inline double work_of_row(const Network& network) {
    double work = 0;
    for (int l = 1; l <= network.depth; ++l)
        work += (l == 1 && !network.embedded ? 2.0 : 3.0) * network.units[l - 1] * network.units[l];
    return work + work_of_wave * network.embedded * (network.width - 1.0);
}

// Rows of a shard: work enough to be worth a thread, and to be worth a gradient of its own, which
// has to be written and added; at most 64 shards, or one for each of more members, and so few that
// their gradients are no more than 64 million numbers.
inline std::int64_t shard_rows(const Network& network, std::int64_t batch) {
    double parameters = 0;
    for (int l = 1; l <= network.depth; ++l)
        parameters += double(network.units[l - 1] + 1) * network.units[l];
    double rows = 400'000 / work_of_row(network);
    rows = rows > 128 ? 128 : rows;
    const double worth = parameters > 200'000 ? 128 : parameters > 20'000 ? 64 : 32;
    rows = rows < worth ? worth : rows;
    const double members = network.members;
    const double spread = members * double(batch) / 64;
    const double memory = members * double(batch) * parameters / 64e6;
    if (rows < spread) rows = spread;
    if (rows < memory) rows = memory;
    if (rows > double(batch)) rows = double(batch);
    return rows < 1 ? 16 : (std::int64_t(rows) + 15) / 16 * 16;
}

// Calls use(index, worker) for each index below `count`, by all workers of a team or, if there is
// too little to do, by this thread alone.
template <class Use> inline void each_task(Team& team, std::int64_t count, Use use) {
    static_assert(noexcept(use(count, 0)), "a task may not throw: see Team");
    if (count == 1 || team.size() == 1) {
        for (std::int64_t index = 0; index < count; ++index) use(index, 0);
        return;
    }
    team.run(
        count,
        [](void* context, std::int64_t index, int worker) noexcept {
            (*static_cast<Use*>(context))(index, worker);
        },
        &use);
}

// Everything that lives from batch to batch.
template <class Real> struct Batch {
    const Network network;
    const Layout<Real> layout;        // of one member's V and b
    const Trainable<Real> trainable;  // of what they are made of
    const Parametrization<Real> parametrization{network, layout, trainable};
    const bool plain;               // whether the trained vector is the one that the passes read
    Buffer<Real> effective, other;  // V and b, and the V the other way round: member by member
    Buffer<Real> shard_gradients;   // of V and b: member by member, shard by shard
    Buffer<Real> own_theta, own_gradient;  // of what is trained, unless the network is plain
    Buffer<Real> sums;                     // see Parametrization::Sums
    Buffer<double> costs;
    std::ptrdiff_t other_size = 0;
    Array<Workspace<Real>> workspaces;  // one for each worker of the team

    Rows<Real> table;
    Dropout dropout;
    std::int64_t from = 0, to = 0, shard = 0, shards = 0;  // of one member of the ensemble
    double scale = 0, penalty = 0;

    explicit Batch(const Network& network_)
        : network(network_),
          layout(network_),
          trainable(network_, layout),
          plain(network_.plain()) {
        const int k = network.members;
        effective.reserve(k * layout.size);
        for (int l = 1; l <= network.depth; ++l)
            if (Weights<Real>::needs_other(layout, l))
                other_size += Weights<Real>::other_size(network, layout, l);
        other.reserve(k * other_size);
        if (plain) return;
        own_theta.reserve(trainable.size);
        own_gradient.reserve(trainable.size);
        std::ptrdiff_t size = 0;
        for (int l = 1; l <= network.depth; ++l) size += parametrization.sums_of_layer(l);
        sums.reserve(size);
    }
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;

    // What is trained, and its gradient when `sum_gradients` has made it.
    Real* theta() { return plain ? effective : own_theta; }
    const Real* theta() const { return plain ? effective : own_theta; }
    Real* gradient() { return plain ? shard_gradients : own_gradient; }

    Weights<Real> weights_of(int member) {
        Weights<Real> weights;
        weights.theta = effective + member * layout.size;
        Real* at = other + member * other_size;
        for (int l = 1; l <= network.depth; ++l)
            if (weights.needs_other(layout, l)) {
                weights.other[l] = at;
                at += weights.other_size(network, layout, l);
            }
        return weights;
    }

    void prepare(int team_size, bool with_dropout) {
        workspaces.reserve(team_size);
        for (int worker = 0; worker < workspaces.size(); ++worker)
            workspaces[worker].prepare(network, with_dropout);
    }

    // Rows [begin, end) are the batch; returns false if all of them weigh nothing.
    bool take(std::int64_t begin, std::int64_t end) {
        from = begin;
        to = end;
        double m = double(to - from);
        if (table.weight) {
            m = 0;
            for (std::int64_t i = from; i < to; ++i) m += double(table.weight[table.number(i)]);
            if (m == 0) return false;
        }
        scale = (network.mean ? network.cost_scale / m : network.cost_scale) / network.members;
        penalty = network.penalty_over_m ? network.penalty / m : network.penalty;
        shard = shard_rows(network, to - from);
        shards = (to - from + shard - 1) / shard;
        shard_gradients.reserve(network.members * shards * layout.size);
        costs.reserve(network.members * shards);
        return true;
    }

    // Numbers that are worth waking a thread for.
    static constexpr std::ptrdiff_t much = 32'768;

    // V and b from what is trained, and each V the other way round.
    void make_weights(Team& team) {
        const bool small = network.members * layout.size < much;
        if (!plain)
            each_task(small ? alone : team, parametrization.tasks(),
                      [&](std::int64_t task, int worker) noexcept {
                          parametrization.make_weights(theta(), effective, task,
                                                       workspaces[worker].dA);
                      });
        each_task(small ? alone : team, std::int64_t(network.members) * network.depth,
                  [&](std::int64_t index, int) noexcept {
                      const int l = int(index % network.depth) + 1;
                      Weights<Real> weights = weights_of(int(index / network.depth));
                      if (weights.needs_other(layout, l)) weights.turn(network, layout, l);
                  });
    }

    // The cost and, if it is wanted, the gradient of each shard.
    void run_shards(Team& team, bool with_gradient) {
        make_weights(team);
        each_task(team, network.members * shards, [&](std::int64_t index, int worker) noexcept {
            pass_shard(index, workspaces[worker], with_gradient);
        });
    }

    // Forward and backward over one shard; its gradient and cost go to its own places.
    void pass_shard(std::int64_t index, Workspace<Real>& work, bool with_gradient) {
        const std::int64_t of = index / shards;  // the ensemble's member
        const Weights<Real> weights = weights_of(int(of));
        Pass<Real> pass{network, layout, weights, dropout, work};
        const std::int64_t begin = from + index % shards * shard;
        const std::int64_t end = begin + shard < to ? begin + shard : to;
        double cost = 0;
        // Tiles of nearly equal height: each reads all weights, and adds to the whole gradient.
        const std::int64_t tiles = (end - begin + tile_rows - 1) / tile_rows;
        const std::int64_t height = (end - begin + tiles - 1) / tiles;
        for (std::int64_t at = begin; at < end; at += height) {
            pass.rows = int(end - at < height ? end - at : height);
            pass.from = of * (to - from) + at - from;
            pass.take(table, at);
            gather_Y<Real>(network, table, at, pass.rows, work.Y);
            gather_c<Real>(table, at, pass.rows, scale, work.c);
            pass.forward();
            cost += pass.cost();
            if (with_gradient) pass.backward(shard_gradients + index * layout.size, at > begin);
        }
        costs[index] = cost;
    }

    // A part of a padded vector, in whole vectors.
    struct Slice {
        std::ptrdiff_t begin, end;
    };
    template <class Use> void each_slice(Team& team, std::ptrdiff_t size, Use use) {
        const std::ptrdiff_t vectors = size / lanes<Real>;
        const int count = size < much ? 1 : 4 * team.size();
        each_task(team, count, [&](std::int64_t index, int) noexcept {
            use(Slice{vectors * index / count * lanes<Real>,
                      vectors * (index + 1) / count * lanes<Real>});
        });
    }

    // The first shard's gradient becomes the sum over all, in the shards' order.
    void sum_shards(int member, Slice part) {
        Real* first = shard_gradients + member * shards * layout.size;
        for (std::ptrdiff_t i = part.begin; i < part.end && shards > 1; i += lanes<Real>) {
            Vec<Real> total = load(first + i);
            for (std::int64_t s = 1; s < shards; ++s) total += load(first + s * layout.size + i);
            store(first + i, total);
        }
    }

    // The gradient of what is trained, but for the penalty's; of a plain network it is made by
    // `finish_gradient`.
    void gather_gradients(Team& team) {
        if (plain) return;
        for (int e = 0; e < network.members && shards > 1; ++e)
            each_slice(team, layout.size, [&](Slice part) { sum_shards(e, part); });
        const bool small = network.members * layout.size < much;
        each_task(small ? alone : team, parametrization.tasks(),
                  [&](std::int64_t task, int worker) noexcept {
                      parametrization.gather_gradients(theta(), shard_gradients,
                                                       shards * layout.size, own_gradient, task,
                                                       sums_of(task), workspaces[worker].dA);
                  });
        parametrization.finish(theta(), sums, own_gradient);
    }
    void finish_gradient(Slice part) {
        if (plain) sum_shards(0, part);
        add_penalty(part);
    }

    bool penalized(const Place& place) const {
        return place.kind == Place::W || (place.kind == Place::b && network.penalty_on_biases);
    }
    double cost() const {
        double total = 0, squares = 0;
        for (std::int64_t s = 0; s < network.members * shards; ++s) total += costs[s];
        if (penalty == 0) return total;
        trainable.each_place(0, trainable.size, [&](int place, auto begin, auto end) {
            if (penalized(trainable.places[place])) squares += sum_of_squares(theta(), begin, end);
        });
        return total + penalty / 2 * squares;
    }
    void add_penalty(Slice part) {
        if (penalty == 0) return;
        Real *g = gradient(), *own = theta();
        trainable.each_place(part.begin, part.end, [&](int place, auto begin, auto end) {
            if (!penalized(trainable.places[place])) return;
            for (std::ptrdiff_t i = begin; i < end; i += lanes<Real>)
                store(g + i, load(g + i) + Real(penalty) * load(own + i));
        });
    }

    // Σ v_i², a few vectors at a time in Real and the rest in double.
    static double sum_of_squares(const Real* v, std::ptrdiff_t begin, std::ptrdiff_t end) {
        double total = 0;
        while (begin < end) {
            Vec<Real> squares{};
            for (int k = 0; k < 16 && begin < end; ++k, begin += lanes<Real>)
                squares += load(v + begin) * load(v + begin);
            total += double(sum<Real>(squares));
        }
        return total;
    }

  private:
    Team alone{1};

    Real* sums_of(std::int64_t task) {
        Real* at = sums;
        int l = 1;
        for (; task >= parametrization.parts(l); ++l) {
            task -= parametrization.parts(l);
            at += parametrization.sums_of_layer(l);
        }
        return at + task * parametrization.sums_of_task(l);
    }
};

}  // namespace chainrule::CHAINRULE_ISA
