// The door: everything that a caller could get wrong is checked here, before a pointer goes on.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "engine.hpp"

namespace chainrule {

namespace nb = nanobind;
using namespace nb::literals;

template <class Real> using Vector = nb::ndarray<Real, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
template <class Real> using Outputs = nb::ndarray<Real, nb::ndim<3>, nb::c_contig, nb::device::cpu>;
template <class Real> using Values = nb::ndarray<const Real, nb::c_contig, nb::device::cpu>;
using Integers = Vector<const std::int64_t>;
using Doubles = Vector<const double>;
template <class Real> using Vectors = std::optional<Vector<Real>>;

template <class Array> auto data_or_null(const std::optional<Array>& array) {
    return array ? array->data() : nullptr;
}
inline void require(bool condition, const char* message) {
    if (!condition) throw std::invalid_argument(message);
}

// ------------------------------------------------------------------------------------------ names

// The names in a list that CHAINRULE_NAMED wrote: "mean, sum".
inline std::vector<std::string> names_in(std::string_view list) {
    std::vector<std::string> names;
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(','), list.size());
        names.emplace_back(list.substr(0, end));
        list.remove_prefix(std::min(end + 2, list.size()));
    }
    return names;
}
template <class Kind> Kind named(const char* kind, std::string_view list, const std::string& name) {
    const std::vector<std::string> names = names_in(list);
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
        throw std::invalid_argument("the compiled engine has no " + std::string(kind) + " " + name);
    return Kind(found - names.begin());
}

// The settings that each optimizer reads beside the learning rate, and where they are kept.
using Settings = std::map<std::string, double>;
inline const std::map<std::string, std::vector<std::string>> settings_of_methods = {
    {"sgd", {"momentum", "nesterov"}},
    {"rmsprop", {"decay", "epsilon"}},
    {"adam", {"beta_1", "beta_2", "epsilon"}},
    {"adamw", {"beta_1", "beta_2", "epsilon", "weight_decay"}},
};
inline const std::map<std::string, double Optimizer::*> places_of_settings = {
    {"momentum", &Optimizer::momentum},
    {"nesterov", &Optimizer::nesterov},
    {"decay", &Optimizer::decay},
    {"beta_1", &Optimizer::beta_1},
    {"beta_2", &Optimizer::beta_2},
    {"epsilon", &Optimizer::epsilon},
    {"weight_decay", &Optimizer::weight_decay},
};

inline Optimizer make_optimizer(const std::string& method, const Settings& settings,
                                double clip_norm) {
    Optimizer optimizer;
    optimizer.method = named<Method>("optimizer", names_of_Method, method);
    optimizer.clip_norm = clip_norm;
    const std::vector<std::string>& own = settings_of_methods.at(method);
    for (const auto& [name, value] : settings) {
        require(std::find(own.begin(), own.end(), name) != own.end(),
                "the optimizer has no such setting");
        optimizer.*places_of_settings.at(name) = value;
    }
    return optimizer;
}

// ------------------------------------------------------------------------------------------ sizes

// A number of things that does not wrap: one too large is an exception.
class Size {
  public:
    Size(std::int64_t count) : count_(count) {}
    friend Size operator+(Size a, Size b) {
        std::int64_t sum;
        if (__builtin_add_overflow(a.count_, b.count_, &sum)) fail();
        return sum;
    }
    friend Size operator*(Size a, Size b) {
        std::int64_t product;
        if (__builtin_mul_overflow(a.count_, b.count_, &product)) fail();
        return product;
    }

  private:
    [[noreturn]] static void fail() {
        throw std::overflow_error(
            "a network of these sizes and members has more numbers than memory can hold: "
            "take a smaller one");
    }
    std::int64_t count_;
};

// Throws unless the largest number that the engine computes of a network's sizes is one that it can
// count: the bytes of its shards' gradients. There are at most 64 shards, or one for each member;
// everything else that is kept is less than eight times as large as the members' weights.
inline void check_sizes(const Network& network) {
    Size numbers = 0;
    for (int l = 1; l <= network.depth; ++l) {
        const std::int64_t n_in = network.units[l - 1] + 64, n_out = network.units[l] + 64;
        numbers = numbers + Size(n_in) * Size(n_out);
    }
    (void)(Size(8 * sizeof(double)) * (Size(network.members) + 64) * numbers);
}

// The inputs of the table, and what the first layer receives of them.
inline void embed_inputs(Network& network, std::int64_t embedded, std::int64_t width,
                         bool input_scale) {
    network.columns = network.units[0];
    if (embedded == 0) return;
    require(embedded > 0 && embedded <= network.columns && width >= 2 && width <= most_units &&
                !input_scale,
            "no such inputs can be embedded");
    const std::int64_t values = network.columns + embedded * (width - 1);
    require(values <= most_units, "a layer receives 1 to 2³¹ values");
    network.embedded = int(embedded);
    network.width = int(width);
    network.units[0] = int(values);
}

inline Network make_network(const std::vector<std::int64_t>& sizes,
                            const std::vector<std::string>& activations, const std::string& loss,
                            const std::string& reduction, double cost_scale, double label_smoothing,
                            double penalty, const std::string& penalty_scale,
                            bool penalty_on_biases, bool input_scale,
                            const std::string& parametrization, std::int64_t members,
                            bool shared_weights, std::int64_t embedded, std::int64_t width) {
    Network network;
    require(sizes.size() >= 2 && sizes.size() <= max_layers + 1 &&
                activations.size() + 1 == sizes.size(),
            "sizes and activations do not form a network");
    require(members >= 1 && members <= most_members, "an ensemble has 1 to 2³¹ members");
    network.depth = int(sizes.size()) - 1;
    network.members = int(members);
    for (int l = 0; l <= network.depth; ++l) {
        require(sizes[l] >= 1 && sizes[l] <= most_units, "a layer has 1 to 2³¹ units");
        network.units[l] = int(sizes[l]);
    }
    embed_inputs(network, embedded, width, input_scale);
    check_sizes(network);
    for (int l = 1; l <= network.depth; ++l)
        network.activation[l] =
            named<Activation>("activation", names_of_Activation, activations[l - 1]);
    network.loss = named<Loss>("loss", names_of_Loss, loss);
    network.mean = named<Reduction>("reduction", names_of_Reduction, reduction) == Reduction::mean;
    network.ntk = named<LayerScale>("parametrization", names_of_LayerScale, parametrization) ==
                  LayerScale::ntk;
    network.penalty_over_m = named<PenaltyScale>("penalty scale", names_of_PenaltyScale,
                                                 penalty_scale) == PenaltyScale::half_mean;
    network.cost_scale = cost_scale;
    network.label_smoothing = label_smoothing;
    network.penalty = penalty;
    network.penalty_on_biases = penalty_on_biases;
    network.input_scale = input_scale;
    network.shared_weights = shared_weights;
    return network;
}

// What nn/layout.py counts: the numbers, and the names.
inline std::size_t parameter_count(const Network& network) {
    const std::size_t k = network.members;
    std::size_t count = network.input_scale ? network.units[0] : 0;
    if (network.embedded)
        count += std::size_t(network.embedded) * (4 * std::size_t(network.width) - 2);
    for (int l = 1; l <= network.depth; ++l) {
        const std::size_t n_in = network.units[l - 1], n_out = network.units[l];
        count += (network.shares(l) ? 1 : k) * n_in * n_out + k * n_out;
        if (network.shares(l)) count += k * (n_in + n_out);
    }
    return count;
}
inline std::size_t name_count(const Network& network) {
    std::size_t count = network.input_scale + (network.embedded ? 4 : 0);
    for (int l = 1; l <= network.depth; ++l) count += network.shares(l) ? 4 : 2;
    return count;
}

// ------------------------------------------------------------------------------------------- rows

// A table as NumPy has it. X is a dense matrix, or the values of compressed sparse rows with their
// indptr and indices; a prediction needs no Y.
template <class Real> struct Table {
    Values<Real> X;
    std::optional<Integers> indptr, indices, order;
    std::optional<Values<Real>> Y, weight;

    explicit Table(Values<Real> X_) : X(X_) {}

    // The rows, if they fit the network.
    Rows<Real> rows(const Network& network, bool with_targets) const {
        Rows<Real> rows;
        const int n_0 = network.columns, n_L = network.units[network.depth];
        rows.X = X.data();
        rows.count = indptr ? sparse_rows(n_0) : dense_rows(n_0);
        rows.indptr = data_or_null(indptr);
        rows.indices = data_or_null(indices);
        require(!weight || (weight->ndim() == 1 && weight->size() == std::size_t(rows.count)),
                "the weights do not fit the rows");
        rows.weight = data_or_null(weight);
        require(!with_targets || (Y && Y->ndim() == 2 && Y->shape(1) == std::size_t(n_L) &&
                                  Y->shape(0) == std::size_t(rows.count)),
                "Y does not fit the network");
        rows.Y = data_or_null(Y);
        if (order) {
            require_below(*order, rows.count, "the order has a row that the table has not");
            rows.order = order->data();
            rows.count = std::int64_t(order->size());
        }
        return rows;
    }

  private:
    std::int64_t dense_rows(int n_0) const {
        require(X.ndim() == 2 && X.shape(1) == std::size_t(n_0), "X does not fit the network");
        return std::int64_t(X.shape(0));
    }
    std::int64_t sparse_rows(int n_0) const {
        require(X.ndim() == 1 && indptr->size() >= 1 && indices && indices->size() == X.size(),
                "X is no matrix of compressed sparse rows");
        require_below(*indices, n_0, "X has a column that the network has not");
        const std::int64_t* start = indptr->data();
        const std::int64_t m = std::int64_t(indptr->size()) - 1;
        bool rising = start[0] == 0 && start[m] == std::int64_t(X.size());
        for (std::int64_t i = 0; i < m; ++i) rising &= start[i] <= start[i + 1];
        require(rising, "X is no matrix of compressed sparse rows");
        return m;
    }
    static void require_below(const Integers& numbers, std::int64_t limit, const char* message) {
        bool inside = true;
        const std::int64_t* data = numbers.data();
        for (std::size_t i = 0; i < numbers.size(); ++i) inside &= data[i] >= 0 && data[i] < limit;
        require(inside, message);
    }
};

// ----------------------------------------------------------------------------------------- epochs

// The dropout rates of the hidden layers, if there is one for each.
inline const double* checked_dropout(const std::optional<Doubles>& rates, const Network& network) {
    if (!rates) return nullptr;
    require(rates->size() + 1 == std::size_t(network.depth),
            "there must be a dropout rate for each hidden layer");
    for (std::size_t l = 0; l < rates->size(); ++l)
        require(rates->data()[l] >= 0 && rates->data()[l] < 1,
                "a dropout rate is at least 0 and below 1");
    return rates->data();
}

// How an epoch is trained: engine.hpp's Epoch, as Python fills it in.
template <class Real> struct Plan {
    Optimizer optimizer;
    std::int64_t batch_size = 1, step = 0, dropout_drawn = 0;
    std::uint64_t dropout_key = 0;
    double largest_allowed = 0;
    Vectors<Real> first, second;
    std::optional<Doubles> rates, rate_factors, dropout;
    std::optional<Vector<const bool>> frozen;

    // The epoch over these rows, if everything fits the network.
    Epoch<Real> epoch(const Network& network, const Rows<Real>& rows,
                      const Vector<Real>& parameters) const {
        const std::size_t count = parameter_count(network);
        require(parameters.size() == count && (!first || first->size() == count) &&
                    (!second || second->size() == count) && (!frozen || frozen->size() == count),
                "the parameters do not fit the network");
        const bool remembers = optimizer.method != Method::sgd || optimizer.momentum != 0,
                   twice = optimizer.method == Method::adam || optimizer.method == Method::adamw;
        require((first || !remembers) && (second || !twice), "the optimizer has no memory");
        require(batch_size >= 1, "a batch has at least one row");
        require(step >= 0 && step < most_updates && dropout_drawn >= 0,
                "no training makes that many updates");
        Epoch<Real> epoch;
        epoch.rows = rows;
        epoch.batch_size = std::min(batch_size, std::max<std::int64_t>(rows.count, 1));
        require(rates && rates->size() >=
                             std::size_t((rows.count + epoch.batch_size - 1) / epoch.batch_size),
                "there must be a learning rate for each batch");
        require(!rate_factors || rate_factors->size() == name_count(network),
                "there must be a factor of the rate for each parameter");
        epoch.optimizer = optimizer;
        epoch.rates = rates->data();
        epoch.rate_factors = data_or_null(rate_factors);
        epoch.step = step;
        epoch.parameters = parameters.data();
        epoch.first = data_or_null(first);
        epoch.second = data_or_null(second);
        epoch.frozen = reinterpret_cast<const unsigned char*>(data_or_null(frozen));
        epoch.dropout = checked_dropout(dropout, network);
        epoch.dropout_key = dropout_key;
        epoch.dropout_drawn = dropout_drawn;
        epoch.largest_allowed = largest_allowed;
        return epoch;
    }

  private:
    static constexpr std::int64_t most_updates = std::int64_t(1) << 53;  // Adam's double has them
};

}  // namespace chainrule
