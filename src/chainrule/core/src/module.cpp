// The Python module: NumPy arrays in, the engine of the best instruction set, Python's lock given
// away. What comes in is checked in door.hpp.
#include "door.hpp"
#include "interpreter.hpp"

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
const InstructionSet* const instruction_sets[] = {
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

template <class Real> Engine<Real>* make_engine(const InstructionSet& set, const Network& network) {
    if constexpr (sizeof(Real) == 4) return set.make_single(network);
    else return set.make_double(network);
}

template <class Real> class PythonEngine {
  public:
    PythonEngine(const Network& network, const std::string& set)
        : network_(network), engine_(make_engine<Real>(instruction_set(set), network)) {}

    nb::tuple epoch(Team& team, Vector<Real> parameters, const Table<Real>& table,
                    const Plan<Real>& plan, std::optional<Vector<std::int64_t>> progress) {
        Epoch<Real> epoch = plan.epoch(network_, table.rows(network_, true), parameters);
        require(!progress || progress->size() == 3, "there are three numbers in the progress");
        EpochResult result;
        {
            Unlocked unlocked;
            std::lock_guard alone(mutex_);
            epoch.interrupted = [](void* by) { return static_cast<Unlocked*>(by)->interrupted(); };
            epoch.interrupted_by = &unlocked;
            result = engine_->epoch(epoch, team);
        }
        nb::object refused = nb::none(), raised = nb::none();
        const bool refused_one = result.end == EpochResult::refused_cost;
        if (refused_one) refused = nb::cast(result.refused);
        if (result.end == EpochResult::interrupted) raised = nb::borrow(nb::python_error().value());
        if (progress) {
            std::int64_t* numbers = progress->data();
            numbers[0] = result.updates;
            numbers[1] = result.seen;
            numbers[2] = result.updates + refused_one;
        }
        return nb::make_tuple(result.total, result.counted, result.first, result.largest,
                              result.updates, result.seen, refused, raised);
    }

    double evaluate(Team& team, Vector<const Real> parameters, std::optional<Vector<Real>> gradient,
                    const Table<Real>& table, std::optional<Doubles> dropout,
                    std::uint64_t dropout_key) {
        Evaluation<Real> evaluation;
        evaluation.rows = table.rows(network_, true);
        require(evaluation.rows.count >= 1, "a cost needs at least one row");
        const std::size_t count = parameter_count(network_);
        require(parameters.size() == count && (!gradient || gradient->size() == count),
                "the parameters do not fit the network");
        evaluation.parameters = parameters.data();
        evaluation.gradient = data_or_null(gradient);
        evaluation.dropout = checked_dropout(dropout, network_);
        evaluation.dropout_key = dropout_key;
        Unlocked unlocked;
        std::lock_guard alone(mutex_);
        return engine_->evaluate(evaluation, team);
    }

    void predict(Team& team, Vector<const Real> parameters, const Table<Real>& table,
                 Outputs<Real> Z, Outputs<Real> A) {
        Prediction<Real> prediction;
        prediction.rows = table.rows(network_, false);
        const std::int64_t m = prediction.rows.count;
        require(parameters.size() == parameter_count(network_) && fits(Z, m) && fits(A, m),
                "the parameters or the outputs do not fit the network");
        prediction.parameters = parameters.data();
        prediction.Z = Z.data();
        prediction.A = A.data();
        Unlocked unlocked;
        std::lock_guard alone(mutex_);
        engine_->predict(prediction, team);
    }

    std::int64_t shards(std::int64_t batch) const {
        require(batch >= 0 && batch <= most_rows, "a batch has 0 to 2⁴⁷ rows");
        return engine_->shards(batch);
    }

  private:
    static constexpr std::int64_t most_rows = std::int64_t(1)
                                              << 47;  // those of a table lie in memory

    bool fits(const Outputs<Real>& outputs, std::int64_t m) const {
        return outputs.shape(0) == std::size_t(network_.members) &&
               outputs.shape(1) == std::size_t(m) &&
               outputs.shape(2) == std::size_t(network_.units[network_.depth]);
    }

    Network network_;
    std::unique_ptr<Engine<Real>> engine_;
    std::mutex mutex_;
};

template <class Real> void activate(const std::string& name, const std::string& activation,
                                    Vector<Real> Z, Vector<Real> D) {
    const InstructionSet& set = instruction_set(name);
    const auto g = named<Activation>("activation", names_of_Activation, activation);
    require(Z.size() % 16 == 0 && Z.size() == D.size(), "whole vectors are needed");
    if constexpr (sizeof(Real) == 4)
        set.activate_single(g, std::int64_t(Z.size()), Z.data(), D.data());
    else set.activate_double(g, std::int64_t(Z.size()), Z.data(), D.data());
}

template <class Real>
void waves(const std::string& name, Vector<const Real> t, Vector<Real> C, Vector<Real> S) {
    const InstructionSet& set = instruction_set(name);
    require(t.size() % 16 == 0 && t.size() == C.size() && t.size() == S.size(),
            "whole vectors are needed");
    if constexpr (sizeof(Real) == 4)
        set.waves_single(std::int64_t(t.size()), t.data(), C.data(), S.data());
    else set.waves_double(std::int64_t(t.size()), t.data(), C.data(), S.data());
}

// How often each of `count` tasks is run by a team: for a test.
std::vector<int> runs(Team& team, std::int64_t count) {
    std::vector<int> taken(count < 0 ? 0 : std::size_t(count));
    Unlocked unlocked;
    team.run(
        count,
        [](void* context, std::int64_t index, int) noexcept {
            ++(*static_cast<std::vector<int>*>(context))[std::size_t(index)];
        },
        &taken);
    return taken;
}

template <class Real> void bind(nb::module_& m, const char* suffix) {
    const std::string name = suffix;
    // An array is taken as it is or not at all: a copy in the right precision would be trained in
    // the place of what was given.
    const auto as_it_is = nb::for_setter(nb::arg("value").none().noconvert());
    nb::class_<Table<Real>>(m, ("Table" + name).c_str())
        .def(nb::init<Values<Real>>(), "X"_a.noconvert())
        .def_rw("indptr", &Table<Real>::indptr, as_it_is)
        .def_rw("indices", &Table<Real>::indices, as_it_is)
        .def_rw("order", &Table<Real>::order, as_it_is)
        .def_rw("Y", &Table<Real>::Y, as_it_is)
        .def_rw("weight", &Table<Real>::weight, as_it_is);
    nb::class_<Plan<Real>>(m, ("Plan" + name).c_str())
        .def(nb::init<>())
        .def_rw("optimizer", &Plan<Real>::optimizer)
        .def_rw("batch_size", &Plan<Real>::batch_size)
        .def_rw("step", &Plan<Real>::step)
        .def_rw("dropout_drawn", &Plan<Real>::dropout_drawn)
        .def_rw("dropout_key", &Plan<Real>::dropout_key)
        .def_rw("largest_allowed", &Plan<Real>::largest_allowed)
        .def_rw("first", &Plan<Real>::first, as_it_is)
        .def_rw("second", &Plan<Real>::second, as_it_is)
        .def_rw("rates", &Plan<Real>::rates, as_it_is)
        .def_rw("rate_factors", &Plan<Real>::rate_factors, as_it_is)
        .def_rw("dropout", &Plan<Real>::dropout, as_it_is)
        .def_rw("frozen", &Plan<Real>::frozen, as_it_is);
    nb::class_<PythonEngine<Real>>(m, ("Engine" + name).c_str())
        .def(nb::init<const Network&, const std::string&>(), "network"_a, "instruction_set"_a)
        .def("epoch", &PythonEngine<Real>::epoch, nb::kw_only(), "team"_a,
             "parameters"_a.noconvert(), "table"_a, "plan"_a, "progress"_a.noconvert() = nb::none())
        .def("evaluate", &PythonEngine<Real>::evaluate, nb::kw_only(), "team"_a,
             "parameters"_a.noconvert(), "gradient"_a.none().noconvert(), "table"_a,
             "dropout"_a.none().noconvert(), "dropout_key"_a)
        .def("predict", &PythonEngine<Real>::predict, nb::kw_only(), "team"_a,
             "parameters"_a.noconvert(), "table"_a, "Z"_a.noconvert(), "A"_a.noconvert())
        .def("shards", &PythonEngine<Real>::shards, "batch"_a);
    m.def("waves", waves<Real>, "instruction_set"_a, "t"_a.noconvert(), "C"_a.noconvert(),
          "S"_a.noconvert());
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
            [](Network* at, const std::vector<std::int64_t>& sizes,
               const std::vector<std::string>& activations, const std::string& loss,
               const std::string& reduction, double cost_scale, double label_smoothing,
               double penalty, const std::string& penalty_scale, bool penalty_on_biases,
               bool input_scale, const std::string& parametrization, std::int64_t members,
               bool shared_weights, std::int64_t embedded, std::int64_t width) {
                new (at) Network(make_network(sizes, activations, loss, reduction, cost_scale,
                                              label_smoothing, penalty, penalty_scale,
                                              penalty_on_biases, input_scale, parametrization,
                                              members, shared_weights, embedded, width));
            },
            nb::kw_only(), "sizes"_a, "activations"_a, "loss"_a, "reduction"_a, "cost_scale"_a,
            "label_smoothing"_a, "penalty"_a, "penalty_scale"_a, "penalty_on_biases"_a,
            "input_scale"_a = false, "parametrization"_a = "standard", "members"_a = 1,
            "shared_weights"_a = true, "embedded"_a = 0, "width"_a = 0);
    nb::class_<Optimizer>(m, "Optimizer")
        .def(
            "__init__",
            [](Optimizer* at, const std::string& method, const Settings& settings,
               double clip_norm) {
                new (at) Optimizer(make_optimizer(method, settings, clip_norm));
            },
            "method"_a, "settings"_a = Settings{}, nb::kw_only(), "clip_norm"_a = 0);
    nb::class_<Team>(m, "Team")
        .def(nb::init<int>(), "size"_a)
        .def_prop_ro("size", &Team::size)
        .def("runs", runs, "count"_a);
    m.def("available", available);
    // What there is, by name: Python's tables are the truth, and ask here what is known of them.
    m.attr("names") = std::map<std::string, std::vector<std::string>>{
        {"activation", names_in(names_of_Activation)},
        {"loss", names_in(names_of_Loss)},
        {"reduction", names_in(names_of_Reduction)},
        {"penalty scale", names_in(names_of_PenaltyScale)},
        {"parametrization", names_in(names_of_LayerScale)},
        {"optimizer", names_in(names_of_Method)},
    };
    m.attr("settings") = settings_of_methods;
    m.attr("max_layers") = max_layers;
    m.attr("most_units") = most_units;
    m.attr("most_members") = most_members;
    bind<float>(m, "Single");
    bind<double>(m, "Double");
}
