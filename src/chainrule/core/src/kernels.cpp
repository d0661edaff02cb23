// The engine for one instruction set: compiled once for each, see CMakeLists.txt.
#include "clipping.hpp"
#include "engine.hpp"
#include "update.hpp"

namespace chainrule::CHAINRULE_ISA {

// What an epoch needs beside its batches.
template <class Real> struct Memory {
    Buffer<Real> first, second;  // the optimizer's
    Buffer<Real> kept;           // the value of a frozen parameter, and NaN for the others
    Clip<Real> clip;

    explicit Memory(std::ptrdiff_t size) : clip(size) {}

    void load(const Batch<Real>& batch, const Epoch<Real>& epoch) {
        if (epoch.first) pack_into(batch, epoch.first, first);
        if (epoch.second) pack_into(batch, epoch.second, second);
        if (!epoch.frozen) return;
        std::ptrdiff_t count = 0;
        for (int i = 0; i < batch.trainable.count; ++i)
            count += batch.trainable.places[i].numbers();
        Buffer<Real> marked;
        marked.reserve(count);
        for (std::ptrdiff_t i = 0; i < count; ++i)
            marked[i] = epoch.frozen[i] ? epoch.parameters[i] : Real(__builtin_nan(""));
        pack_into(batch, static_cast<const Real*>(marked), kept);
    }
    void save(const Batch<Real>& batch, const Epoch<Real>& epoch) {
        if (epoch.first) batch.trainable.unpack_to(epoch.first, first);
        if (epoch.second) batch.trainable.unpack_to(epoch.second, second);
    }

  private:
    static void pack_into(const Batch<Real>& batch, const Real* flat, Buffer<Real>& own) {
        own.reserve(batch.trainable.size);
        batch.trainable.pack_from(flat, own);
    }
};

// One batch: forward, backward, sum, penalty, clipping, update. Returns its cost before the update,
// which is not made if the cost is more than what is allowed.
template <class Real> double update_by_batch(Batch<Real>& batch, Memory<Real>& memory,
                                             const Epoch<Real>& epoch, double rate,
                                             std::int64_t step, Team& team) {
    batch.run_shards(team, true);
    const double cost = batch.cost();
    if (!(cost <= epoch.largest_allowed)) return cost;
    batch.gather_gradients(team);
    const std::ptrdiff_t size = batch.trainable.size;
    double factor = 1;
    if (epoch.optimizer.clip_norm > 0) {
        batch.each_slice(team, size, [&](auto part) { batch.finish_gradient(part); });
        factor = memory.clip.factor(batch.gradient(), epoch.optimizer.clip_norm, team);
    }
    batch.each_slice(team, size, [&](auto part) {
        Real *theta = batch.theta(), *gradient = batch.gradient();
        if (epoch.optimizer.clip_norm == 0) batch.finish_gradient(part);
        if (factor != 1)
            for (auto i = part.begin; i < part.end; i += lanes<Real>)
                store(gradient + i, load(gradient + i) * Real(factor));
        if (epoch.rate_factors)
            batch.trainable.each_place(part.begin, part.end, [&](int i, auto begin, auto end) {
                update<Real>(epoch.optimizer, rate * epoch.rate_factors[i], step, begin, end, theta,
                             gradient, memory.first, memory.second);
            });
        else
            update<Real>(epoch.optimizer, rate, step, part.begin, part.end, theta, gradient,
                         memory.first, memory.second);
        if (!epoch.frozen) return;
        for (auto i = part.begin; i < part.end; i += lanes<Real>) {
            const Vec<Real> value = load(memory.kept + i);
            store(theta + i, select<Real>(value == value, value, load(theta + i)));
        }
    });
    return cost;
}

// Z_L and A_L of some rows, a tile at a time, by one member of the ensemble.
template <class Real> void predict_rows(Batch<Real>& batch, const Prediction<Real>& prediction,
                                        std::int64_t begin, std::int64_t end, int member,
                                        Workspace<Real>& work) {
    const Network& network = batch.network;
    const Dropout none;
    const Weights<Real> weights = batch.weights_of(member);
    Pass<Real> pass{network, batch.layout, weights, none, work};
    const int n = network.units[network.depth];
    const std::int64_t own = member * prediction.rows.count;
    for (std::int64_t at = begin; at < end; at += tile_rows) {
        pass.rows = int(end - at < tile_rows ? end - at : tile_rows);
        pass.take(prediction.rows, at);
        pass.forward();
        pass.activate_output();
        const Real *Z = work.Z_L, *A = work.A_L;
        for (int i = 0; i < pass.rows; ++i)
            for (int j = 0; j < n; ++j) {
                prediction.Z[(own + at + i) * n + j] = Z[std::ptrdiff_t(j) * pass.stride() + i];
                prediction.A[(own + at + i) * n + j] = A[std::ptrdiff_t(j) * pass.stride() + i];
            }
    }
}

template <class Real> class NativeEngine final : public Engine<Real> {
  public:
    explicit NativeEngine(const Network& network)
        : batch_(network), memory_(batch_.trainable.size) {}

    EpochResult epoch(const Epoch<Real>& epoch, Team& team) override {
        start(epoch.rows, epoch.parameters, epoch.dropout, team);
        memory_.load(batch_, epoch);
        EpochResult result;
        double work = 0;
        const double row = batch_.network.members * (work_of_row(batch_.network) + 1000);
        for (std::int64_t from = 0; from < epoch.rows.count && result.end == EpochResult::done;
             from += epoch.batch_size) {
            std::int64_t to = from + epoch.batch_size;
            to = to < epoch.rows.count ? to : epoch.rows.count;
            step(epoch, team, from, to, result);
            work += double(to - from) * row;
            if (work > 2e9 && epoch.interrupted) {  // some tenths of a second
                work = 0;
                if (result.end == EpochResult::done && epoch.interrupted(epoch.interrupted_by))
                    result.end = EpochResult::interrupted;
            }
        }
        batch_.trainable.unpack_to(epoch.parameters, batch_.theta());
        memory_.save(batch_, epoch);
        return result;
    }

    double evaluate(const Evaluation<Real>& evaluation, Team& team) override {
        start(evaluation.rows, evaluation.parameters, evaluation.dropout, team);
        batch_.dropout = {evaluation.dropout, evaluation.dropout_key};
        if (!batch_.take(0, evaluation.rows.count)) return 0;
        batch_.run_shards(team, evaluation.gradient != nullptr);
        if (evaluation.gradient) {
            batch_.gather_gradients(team);
            batch_.each_slice(team, batch_.trainable.size,
                              [&](auto part) { batch_.finish_gradient(part); });
            batch_.trainable.unpack_to(evaluation.gradient, batch_.gradient());
        }
        return batch_.cost();
    }

    void predict(const Prediction<Real>& prediction, Team& team) override {
        start(prediction.rows, prediction.parameters, nullptr, team);
        batch_.make_weights(team);
        const std::int64_t tiles = (prediction.rows.count + tile_rows - 1) / tile_rows;
        const int parts = int(tiles < 1024 ? tiles : 1024);
        each_task(team, parts, [&](std::int64_t index, int worker) noexcept {
            const std::int64_t begin = tiles * index / parts * tile_rows,
                               end = tiles * (index + 1) / parts * tile_rows;
            for (int member = 0; member < batch_.network.members; ++member)
                predict_rows(batch_, prediction, begin,
                             end < prediction.rows.count ? end : prediction.rows.count, member,
                             batch_.workspaces[worker]);
        });
    }

    std::int64_t shards(std::int64_t batch) const override {
        const std::int64_t rows = shard_rows(batch_.network, batch);
        return batch_.network.members * ((batch + rows - 1) / rows);
    }

  private:
    void start(const Rows<Real>& rows, const Real* parameters, const double* dropout, Team& team) {
        batch_.prepare(team.size(), dropout != nullptr);
        batch_.table = rows;
        batch_.trainable.pack_from(parameters, batch_.theta());
    }

    void step(const Epoch<Real>& epoch, Team& team, std::int64_t from, std::int64_t to,
              EpochResult& result) {
        if (batch_.take(from, to)) {
            batch_.dropout = {epoch.dropout,
                              mixed(epoch.dropout_key + std::uint64_t(epoch.dropout_drawn) +
                                    std::uint64_t(result.updates))};
            const double cost =
                update_by_batch(batch_, memory_, epoch, epoch.rates[result.updates],
                                epoch.step + result.updates + 1,
                                batch_.network.members * batch_.shards == 1 ? alone_ : team);
            if (result.updates == 0) result.first = cost;
            if (!(cost <= epoch.largest_allowed)) {
                result.refused = cost;
                result.end = EpochResult::refused_cost;
                return;
            }
            ++result.updates;
            result.total += cost * double(to - from);
            result.counted += to - from;
            result.largest = cost > result.largest ? cost : result.largest;
        }
        result.seen += to - from;
    }

    Batch<Real> batch_;
    Memory<Real> memory_;
    Team alone_{1};
};

template <class Real> Engine<Real>* make(const Network& network) {
    return new NativeEngine<Real>(network);
}

template <class Real> void activate_any(Activation g, std::int64_t count, Real* Z, Real* D) {
    activate<Real>(g, count, Z, D);
    if (!keeps_derivative(g)) {  // g' from a, as the backward pass has it: dA = 1
        for (std::int64_t i = 0; i < count; ++i) D[i] = 1;
        activate_back<Real>(g, count, D, Z, nullptr);
    }
}

static bool here() {
#if CHAINRULE_LEVEL == 2
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("fma");
#elif CHAINRULE_LEVEL == 1
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
    return true;
#endif
}

#define CHAINRULE_TEXT_(x) #x
#define CHAINRULE_TEXT(x) CHAINRULE_TEXT_(x)
extern const InstructionSet instruction_set;
const InstructionSet instruction_set{CHAINRULE_TEXT(CHAINRULE_ISA),
                                     here,
                                     make<float>,
                                     make<double>,
                                     activate_any<float>,
                                     activate_any<double>,
                                     waves_of<float>,
                                     waves_of<double>};

}  // namespace chainrule::CHAINRULE_ISA
