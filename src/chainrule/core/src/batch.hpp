// One batch on a team of threads: the cut into shards, the sum of their gradients, the penalty.
//
// The cut depends on the network and the batch alone, and the sum is taken in the shards' order, so
// that any number of threads computes the same bits.
#pragma once

#include "pass.hpp"
#include "team.hpp"

namespace chainrule::CHAINRULE_ISA {

// Multiplications that one row costs, forward and backward.
inline double work_of_row(const Network& network) {
    double work = 0;
    for (int l = 1; l <= network.depth; ++l)
        work += (l == 1 ? 2.0 : 3.0) * network.units[l - 1] * network.units[l];
    return work;
}

// Rows of a shard: work enough to be worth a thread, and to be worth a gradient of its own, which
// has to be written and added; at most 64 shards, and so few that their gradients are no more than
// 64 million numbers.
inline std::int64_t shard_rows(const Network& network, std::int64_t batch) {
    double parameters = 0;
    for (int l = 1; l <= network.depth; ++l)
        parameters += double(network.units[l - 1] + 1) * network.units[l];
    double rows = 400'000 / work_of_row(network);
    rows = rows > 128 ? 128 : rows;
    const double worth = parameters > 200'000 ? 128 : parameters > 20'000 ? 64 : 32;
    rows = rows < worth ? worth : rows;
    const double spread = double(batch) / 64, memory = double(batch) * parameters / 64e6;
    if (rows < spread) rows = spread;
    if (rows < memory) rows = memory;
    return (std::int64_t(rows) + 15) / 16 * 16;
}

// Calls use(index, member) for each index below `count`, by all members of a team or, if there is
// too little to do, by this thread alone.
template <class Use> inline void each_task(Team& team, int count, Use use) {
    if (count == 1 || team.size() == 1) {
        for (int index = 0; index < count; ++index) use(index, 0);
        return;
    }
    team.run(
        count,
        [](void* context, int index, int member) { (*static_cast<Use*>(context))(index, member); },
        &use);
}

// Everything that lives from batch to batch.
template <class Real> struct Batch {
    const Network network;
    const Layout<Real> layout;
    Buffer<Real> theta, gradient, other;
    Buffer<double> costs;
    Weights<Real> weights;
    Workspace<Real>* workspaces = nullptr;
    int members = 0;

    Rows<Real> table;
    Dropout dropout;
    std::int64_t from = 0, to = 0, shard = 0, shards = 0;
    double scale = 0, penalty = 0;

    explicit Batch(const Network& network_) : network(network_), layout(network_) {
        theta.reserve(layout.size);
        weights.theta = theta;
        std::ptrdiff_t size = 0;
        for (int l = 1; l <= network.depth; ++l)
            if (weights.needs_other(layout, l)) size += weights.other_size(network, layout, l);
        other.reserve(size);
        Real* at = other;
        for (int l = 1; l <= network.depth; ++l)
            if (weights.needs_other(layout, l)) {
                weights.other[l] = at;
                at += weights.other_size(network, layout, l);
            }
    }
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;
    ~Batch() { delete[] workspaces; }

    void prepare(int team_size, bool with_dropout) {
        if (members < team_size) {
            delete[] workspaces;
            members = 0;
            workspaces = new Workspace<Real>[std::size_t(team_size)];
            members = team_size;
        }
        for (int member = 0; member < members; ++member)
            workspaces[member].prepare(network, with_dropout);
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
        scale = network.mean ? network.cost_scale / m : network.cost_scale;
        penalty = network.penalty_over_m ? network.penalty / m : network.penalty;
        shard = shard_rows(network, to - from);
        shards = (to - from + shard - 1) / shard;
        gradient.reserve(shards * layout.size);
        costs.reserve(shards);
        return true;
    }

    // Numbers that are worth waking a thread for.
    static constexpr std::ptrdiff_t much = 32'768;

    void turn_weights(Team& team) {
        const bool small = layout.size < much;
        each_task(team, small ? 1 : network.depth, [&](int index, int) {
            for (int l = index + 1; l <= (small ? network.depth : index + 1); ++l)
                if (weights.needs_other(layout, l)) weights.turn(network, layout, l);
        });
    }

    // The cost and, if it is wanted, the gradient of each shard.
    void run_shards(Team& team, bool with_gradient) {
        turn_weights(team);
        each_task(team, int(shards),
                  [&](int index, int member) { pass_shard(index, member, with_gradient); });
    }

    // Forward and backward over one shard; its gradient and cost go to its own places.
    void pass_shard(std::int64_t index, int member, bool with_gradient) {
        Workspace<Real>& work = workspaces[member];
        Pass<Real> pass{network, layout, weights, dropout, work};
        const std::int64_t begin = from + index * shard;
        const std::int64_t end = begin + shard < to ? begin + shard : to;
        double cost = 0;
        // Tiles of nearly equal height: each reads all weights, and adds to the whole gradient.
        const std::int64_t tiles = (end - begin + tile_rows - 1) / tile_rows;
        const std::int64_t height = (end - begin + tiles - 1) / tiles;
        for (std::int64_t at = begin; at < end; at += height) {
            pass.rows = int(end - at < height ? end - at : height);
            pass.from = at - from;
            gather_X<Real>(table, network.units[0], at, pass.rows, layout.turned[1], work);
            gather_Y<Real>(network, table, at, pass.rows, work.Y);
            gather_c<Real>(table, at, pass.rows, scale, work.c);
            pass.forward();
            cost += pass.cost();
            if (with_gradient) pass.backward(gradient + index * layout.size, at > begin);
        }
        costs[index] = cost;
    }

    // A part of the padded vector, in whole vectors.
    struct Slice {
        std::ptrdiff_t begin, end;
    };
    template <class Use> void each_slice(Team& team, Use use) {
        const std::ptrdiff_t vectors = layout.size / lanes<Real>;
        const int count = layout.size < much ? 1 : 4 * team.size();
        each_task(team, count, [&](int index, int) {
            use(Slice{vectors * index / count * lanes<Real>,
                      vectors * (index + 1) / count * lanes<Real>});
        });
    }

    // The first shard's gradient becomes the sum over all, in the shards' order, and the penalty's.
    void sum_gradients(Slice part) {
        for (std::ptrdiff_t i = part.begin; i < part.end && shards > 1; i += lanes<Real>) {
            Vec<Real> total = load(gradient + i);
            for (std::int64_t s = 1; s < shards; ++s) total += load(gradient + s * layout.size + i);
            store(gradient + i, total);
        }
        add_penalty(part);
    }

    // Calls use(begin, end) for each penalized stretch of the padded vector.
    template <class Use> void each_penalized(Use use) const {
        for (int l = 1; l <= network.depth; ++l) {
            use(layout.W[l], layout.b[l]);
            if (network.penalty_on_biases)
                use(layout.b[l], layout.b[l] + padded<Real>(network.units[l]));
        }
    }
    double cost() const {
        double total = 0, squares = 0;
        for (std::int64_t s = 0; s < shards; ++s) total += costs[s];
        if (penalty == 0) return total;
        const Real* parameters = theta;
        each_penalized([&](std::ptrdiff_t begin, std::ptrdiff_t end) {
            squares += sum_of_squares(parameters, begin, end);
        });
        return total + penalty / 2 * squares;
    }
    void add_penalty(Slice part) {
        if (penalty == 0) return;
        each_penalized([&](std::ptrdiff_t begin, std::ptrdiff_t end) {
            begin = begin < part.begin ? part.begin : begin;
            end = end > part.end ? part.end : end;
            for (std::ptrdiff_t i = begin; i < end; i += lanes<Real>)
                store(gradient + i, load(gradient + i) + Real(penalty) * load(theta + i));
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
};

}  // namespace chainrule::CHAINRULE_ISA
