// The Python module: NumPy arrays in, the engine of the best instruction set, the GIL released.
//
// Everything that a caller could get wrong is checked here, before a pointer goes on.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

#include "engine.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace chainrule {
namespace baseline {
extern const InstructionSet instruction_set;
}
#if defined(__x86_64__)
namespace avx2 {
extern const InstructionSet instruction_set;
}
namespace avx512 {
extern const InstructionSet instruction_set;
}
#endif

namespace {

// The best one first.
const std::vector<const InstructionSet*> instruction_sets = {
#if defined(__x86_64__)
    &avx512::instruction_set,
    &avx2::instruction_set,
#endif
    &baseline::instruction_set,
};

std::vector<std::string> available() {
    std::vector<std::string> names;
    for (const InstructionSet* set : instruction_sets)
        if (set->here()) names.push_back(set->name);
    return names;
}
const InstructionSet& instruction_set(const std::string& name) {
    for (const InstructionSet* set : instruction_sets)
        if (set->name == name && set->here()) return *set;
    throw std::invalid_argument("this machine has no instruction set " + name);
}

template <class Real> using Vector = nb::ndarray<Real, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
template <class Real> using Outputs = nb::ndarray<Real, nb::ndim<3>, nb::c_contig, nb::device::cpu>;
template <class Real> using Values = nb::ndarray<const Real, nb::c_contig, nb::device::cpu>;
using Integers = Vector<const std::int64_t>;
using Doubles = Vector<const double>;

template <class Array> auto data_or_null(const std::optional<Array>& array) {
    return array ? array->data() : nullptr;
}
void require(bool condition, const char* message) {
    if (!condition) throw std::invalid_argument(message);
}
bool is_activation(int number) { return number >= 0 && number <= int(Activation::exponential); }
template <class Array> bool has_shape(const Array& array, std::int64_t rows, int columns) {
    return array.ndim() == 2 && std::int64_t(array.shape(0)) == rows &&
           array.shape(1) == std::size_t(columns);
}
void require_below(const Integers& numbers, std::int64_t limit, const char* message) {
    bool inside = true;
    const std::int64_t* data = numbers.data();
    for (std::size_t i = 0; i < numbers.size(); ++i) inside &= data[i] >= 0 && data[i] < limit;
    require(inside, message);
}

// What Ctrl-C and other signals raised while the GIL was away.
thread_local std::optional<nb::python_error> pending;

bool python_interrupted() {
    nb::gil_scoped_acquire hold;
    if (PyErr_CheckSignals() == 0) return false;
    pending.emplace();
    return true;
}

Network make_network(const std::vector<int>& sizes, const std::vector<int>& activations, int loss,
                     bool mean, double cost_scale, double label_smoothing, double penalty,
                     bool penalty_over_m, bool penalty_on_biases, bool input_scale, bool ntk,
                     int members, bool shared_weights) {
    Network network;
    network.depth = int(sizes.size()) - 1;
    require(
        network.depth >= 1 && network.depth <= max_layers && activations.size() + 1 == sizes.size(),
        "sizes and activations do not form a network");
    for (int l = 0; l <= network.depth; ++l) {
        require(sizes[l] >= 1, "a layer has no units");
        network.units[l] = sizes[l];
    }
    for (int l = 1; l <= network.depth; ++l) {
        require(is_activation(activations[l - 1]), "no such activation");
        network.activation[l] = Activation(activations[l - 1]);
    }
    require(loss >= 0 && loss <= int(Loss::half_squared_error), "no such loss");
    network.loss = Loss(loss);
    network.mean = mean;
    network.cost_scale = cost_scale;
    network.label_smoothing = label_smoothing;
    network.penalty = penalty;
    network.penalty_over_m = penalty_over_m;
    network.penalty_on_biases = penalty_on_biases;
    network.input_scale = input_scale;
    network.ntk = ntk;
    require(members >= 1, "an ensemble has at least one member");
    network.members = members;
    network.shared_weights = shared_weights;
    return network;
}

// What nn/layout.py counts: the numbers, and the names.
std::size_t parameter_count(const Network& network) {
    const std::size_t k = network.members;
    std::size_t count = network.input_scale ? network.units[0] : 0;
    for (int l = 1; l <= network.depth; ++l) {
        const std::size_t n_in = network.units[l - 1], n_out = network.units[l];
        count += (network.shares(l) ? 1 : k) * n_in * n_out + k * n_out;
        if (network.shares(l)) count += k * (n_in + n_out);
    }
    return count;
}
std::size_t name_count(const Network& network) {
    std::size_t count = network.input_scale;
    for (int l = 1; l <= network.depth; ++l) count += network.shares(l) ? 4 : 2;
    return count;
}

// X: a dense matrix, or the values of compressed sparse rows with their indptr and indices.
template <class Real> struct Table {
    Values<Real> X;
    std::optional<Integers> indptr, indices;

    Rows<Real> rows(const Network& network, std::int64_t m) const {
        Rows<Real> rows;
        const int n_0 = network.units[0];
        if (indptr) {
            require(m >= 0 && X.ndim() == 1 && indptr->size() == std::size_t(m) + 1 && indices &&
                        indices->size() == X.size(),
                    "X is no matrix of compressed sparse rows");
            require_below(*indices, n_0, "X has a column that the network has not");
            const std::int64_t* start = indptr->data();
            bool rising = start[0] == 0 && start[m] == std::int64_t(X.size());
            for (std::int64_t i = 0; i < m; ++i) rising &= start[i] <= start[i + 1];
            require(rising, "X is no matrix of compressed sparse rows");
        } else {
            require(has_shape(X, m, n_0), "X does not fit the network");
        }
        rows.X = X.data();
        rows.indptr = data_or_null(indptr);
        rows.indices = data_or_null(indices);
        rows.count = m;
        return rows;
    }
};

template <class Real> Engine<Real>* make_engine(const InstructionSet& set, const Network& network) {
    if constexpr (sizeof(Real) == 4) return set.make_single(network);
    else return set.make_double(network);
}

template <class Real> class PythonEngine {
  public:
    PythonEngine(const Network& network, const std::string& set)
        : network_(network), engine_(make_engine<Real>(instruction_set(set), network)) {}

    nb::tuple epoch(Team& team, Vector<Real> parameters, std::optional<Vector<Real>> first,
                    std::optional<Vector<Real>> second, const Table<Real>& table, Values<Real> Y,
                    std::optional<Values<Real>> weight, std::optional<Integers> order,
                    std::int64_t m, std::int64_t batch_size, const Optimizer& optimizer,
                    Doubles rates, std::optional<Doubles> rate_factors, std::int64_t step,
                    std::optional<Vector<const bool>> frozen, std::optional<Doubles> dropout,
                    std::uint64_t dropout_key, std::int64_t dropout_drawn, double largest_allowed,
                    std::optional<Vector<std::int64_t>> progress) {
        Epoch<Real> epoch;
        epoch.rows = rows(table, m, Y, weight, dropout);
        if (order) {
            require_below(*order, m, "the order has a row that the table has not");
            epoch.rows.order = order->data();
            epoch.rows.count = std::int64_t(order->size());
        }
        require(batch_size >= 1, "a batch has at least one row");
        batch_size = std::min(batch_size, std::max<std::int64_t>(epoch.rows.count, 1));
        require(rates.size() >= std::size_t((epoch.rows.count + batch_size - 1) / batch_size),
                "there must be a learning rate for each batch");
        const std::size_t count = parameter_count(network_);
        require(parameters.size() == count && (!first || first->size() == count) &&
                    (!second || second->size() == count) && (!frozen || frozen->size() == count),
                "the parameters do not fit the network");
        require((first || (optimizer.method == Method::sgd && optimizer.momentum == 0)) &&
                    (second || optimizer.method < Method::adam),
                "the optimizer has no memory");
        epoch.batch_size = batch_size;
        epoch.optimizer = optimizer;
        epoch.rates = rates.data();
        require(!rate_factors || rate_factors->size() == name_count(network_),
                "there must be a factor of the rate for each parameter");
        epoch.rate_factors = data_or_null(rate_factors);
        epoch.step = step;
        epoch.parameters = parameters.data();
        epoch.first = data_or_null(first);
        epoch.second = data_or_null(second);
        epoch.frozen = reinterpret_cast<const unsigned char*>(data_or_null(frozen));
        epoch.dropout = data_or_null(dropout);
        epoch.dropout_key = dropout_key;
        epoch.dropout_drawn = dropout_drawn;
        epoch.largest_allowed = largest_allowed;
        epoch.interrupted = python_interrupted;
        require(!progress || progress->size() == 3, "there are three numbers in the progress");
        EpochResult result;
        {
            nb::gil_scoped_release release;
            std::lock_guard alone(mutex_);
            result = engine_->epoch(epoch, team);
        }
        const bool refused_one = result.end == EpochResult::refused_cost;
        if (progress) {
            std::int64_t* numbers = progress->data();
            numbers[0] = result.updates;
            numbers[1] = result.seen;
            numbers[2] = result.updates + refused_one;
        }
        nb::object refused = nb::none(), raised = nb::none();
        if (refused_one) refused = nb::cast(result.refused);
        if (result.end == EpochResult::interrupted && pending) {
            raised = nb::borrow(pending->value());
            pending.reset();
        }
        return nb::make_tuple(result.total, result.counted, result.first, result.largest,
                              result.updates, result.seen, refused, raised);
    }

    double evaluate(Team& team, Vector<const Real> parameters, std::optional<Vector<Real>> gradient,
                    const Table<Real>& table, Values<Real> Y, std::optional<Values<Real>> weight,
                    std::int64_t m, std::optional<Doubles> dropout, std::uint64_t dropout_key) {
        Evaluation<Real> evaluation;
        require(m >= 1, "a cost needs at least one row");
        evaluation.rows = rows(table, m, Y, weight, dropout);
        const std::size_t count = parameter_count(network_);
        require(parameters.size() == count && (!gradient || gradient->size() == count),
                "the parameters do not fit the network");
        evaluation.parameters = parameters.data();
        evaluation.gradient = data_or_null(gradient);
        evaluation.dropout = data_or_null(dropout);
        evaluation.dropout_key = dropout_key;
        nb::gil_scoped_release release;
        std::lock_guard alone(mutex_);
        return engine_->evaluate(evaluation, team);
    }

    void predict(Team& team, Vector<const Real> parameters, const Table<Real>& table,
                 std::int64_t m, Outputs<Real> Z, Outputs<Real> A) {
        Prediction<Real> prediction;
        prediction.rows = table.rows(network_, m);
        require(parameters.size() == parameter_count(network_) && fits(Z, m) && fits(A, m),
                "the parameters or the outputs do not fit the network");
        prediction.parameters = parameters.data();
        prediction.Z = Z.data();
        prediction.A = A.data();
        nb::gil_scoped_release release;
        std::lock_guard alone(mutex_);
        engine_->predict(prediction, team);
    }

    std::int64_t shards(std::int64_t batch) const { return engine_->shards(batch); }

  private:
    bool fits(const Outputs<Real>& outputs, std::int64_t m) const {
        return outputs.shape(0) == std::size_t(network_.members) &&
               std::int64_t(outputs.shape(1)) == m &&
               outputs.shape(2) == std::size_t(network_.units[network_.depth]);
    }
    Rows<Real> rows(const Table<Real>& table, std::int64_t m, const Values<Real>& Y,
                    const std::optional<Values<Real>>& weight,
                    const std::optional<Doubles>& dropout) const {
        Rows<Real> rows = table.rows(network_, m);
        require(has_shape(Y, m, network_.units[network_.depth]), "Y does not fit the network");
        require(!weight || weight->size() == std::size_t(m), "the weights do not fit the rows");
        require(!dropout || dropout->size() + 1 == std::size_t(network_.depth),
                "there must be a dropout rate for each hidden layer");
        for (std::size_t l = 0; dropout && l < dropout->size(); ++l)
            require(dropout->data()[l] >= 0 && dropout->data()[l] < 1,
                    "a dropout rate is at least 0 and below 1");
        rows.Y = Y.data();
        rows.weight = data_or_null(weight);
        return rows;
    }

    Network network_;
    std::unique_ptr<Engine<Real>> engine_;
    std::mutex mutex_;
};

template <class Real>
void activate(const std::string& name, int activation, Vector<Real> Z, Vector<Real> D) {
    const InstructionSet& set = instruction_set(name);
    require(is_activation(activation), "no such activation");
    require(Z.size() % 16 == 0 && Z.size() == D.size(), "whole vectors are needed");
    if constexpr (sizeof(Real) == 4)
        set.activate_single(activation, std::int64_t(Z.size()), Z.data(), D.data());
    else set.activate_double(activation, std::int64_t(Z.size()), Z.data(), D.data());
}

template <class Real> void bind(nb::module_& m, const char* suffix) {
    const std::string name = suffix;
    nb::class_<Table<Real>>(m, ("Table" + name).c_str())
        .def(
            "__init__",
            [](Table<Real>* at, Values<Real> X, std::optional<Integers> indptr,
               std::optional<Integers> indices) { new (at) Table<Real>{X, indptr, indices}; },
            "X"_a.noconvert(), "indptr"_a.none().noconvert(), "indices"_a.none().noconvert());
    nb::class_<PythonEngine<Real>>(m, ("Engine" + name).c_str())
        .def(nb::init<const Network&, const std::string&>(), "network"_a, "instruction_set"_a)
        .def("epoch", &PythonEngine<Real>::epoch, nb::kw_only(), "team"_a,
             "parameters"_a.noconvert(), "first"_a.none().noconvert(),
             "second"_a.none().noconvert(), "table"_a, "Y"_a.noconvert(),
             "weight"_a.none().noconvert(), "order"_a.none().noconvert(), "m"_a, "batch_size"_a,
             "optimizer"_a, "rates"_a.noconvert(), "rate_factors"_a.none().noconvert(), "step"_a,
             "frozen"_a.none().noconvert(), "dropout"_a.none().noconvert(), "dropout_key"_a,
             "dropout_drawn"_a, "largest_allowed"_a, "progress"_a = nb::none())
        .def("evaluate", &PythonEngine<Real>::evaluate, nb::kw_only(), "team"_a,
             "parameters"_a.noconvert(), "gradient"_a.none().noconvert(), "table"_a,
             "Y"_a.noconvert(), "weight"_a.none().noconvert(), "m"_a,
             "dropout"_a.none().noconvert(), "dropout_key"_a)
        .def("predict", &PythonEngine<Real>::predict, nb::kw_only(), "team"_a,
             "parameters"_a.noconvert(), "table"_a, "m"_a, "Z"_a.noconvert(), "A"_a.noconvert())
        .def("shards", &PythonEngine<Real>::shards, "batch"_a);
    m.def("activate", activate<Real>, "instruction_set"_a, "activation"_a, "Z"_a.noconvert(),
          "D"_a.noconvert());
}

}  // namespace
}  // namespace chainrule

NB_MODULE(_engine, m) {
    using namespace chainrule;
    nb::set_leak_warnings(false);  // a traceback that outlives the interpreter is nobody's concern
    m.doc() = "The compiled engine; chainrule.core.engine is its Python side.";
    nb::class_<Network>(m, "Network")
        .def(
            "__init__",
            [](Network* at, const std::vector<int>& sizes, const std::vector<int>& activations,
               int loss, bool mean, double cost_scale, double label_smoothing, double penalty,
               bool penalty_over_m, bool penalty_on_biases, bool input_scale, bool ntk, int members,
               bool shared_weights) {
                new (at) Network(make_network(
                    sizes, activations, loss, mean, cost_scale, label_smoothing, penalty,
                    penalty_over_m, penalty_on_biases, input_scale, ntk, members, shared_weights));
            },
            nb::kw_only(), "sizes"_a, "activations"_a, "loss"_a, "mean"_a, "cost_scale"_a,
            "label_smoothing"_a, "penalty"_a, "penalty_over_m"_a, "penalty_on_biases"_a,
            "input_scale"_a = false, "ntk"_a = false, "members"_a = 1, "shared_weights"_a = true);
    nb::class_<Optimizer>(m, "Optimizer")
        .def(
            "__init__",
            [](Optimizer* at, int method, double momentum, bool nesterov, double decay,
               double beta_1, double beta_2, double epsilon, double weight_decay,
               double clip_norm) {
                require(method >= 0 && method <= int(Method::adamw), "no such optimizer");
                new (at) Optimizer{Method(method), momentum,     decay,    beta_1,   beta_2,
                                   epsilon,        weight_decay, nesterov, clip_norm};
            },
            "method"_a, nb::kw_only(), "momentum"_a = 0, "nesterov"_a = false, "decay"_a = 0,
            "beta_1"_a = 0, "beta_2"_a = 0, "epsilon"_a = 0, "weight_decay"_a = 0,
            "clip_norm"_a = 0);
    nb::class_<Team>(m, "Team").def(nb::init<int>(), "size"_a).def_prop_ro("size", &Team::size);
    m.def("available", available);
    bind<float>(m, "Single");
    bind<double>(m, "Double");
}
