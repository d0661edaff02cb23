// What a network, a batch and an optimizer are: plain data, the same for every instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

namespace chainrule {

// An enumeration and the names of its values, of one list. Python passes names, and asks which
// there are: the order of a list here concerns nobody there.
#define CHAINRULE_NAMED(Kind, ...)         \
    enum class Kind : int { __VA_ARGS__ }; \
    inline constexpr char names_of_##Kind[] = #__VA_ARGS__

CHAINRULE_NAMED(Activation, identity, sigmoid, tanh, relu, leaky_relu, elu, selu, softplus, gelu,
                silu, mish, softmax, exponential);
CHAINRULE_NAMED(Loss, binary_cross_entropy, categorical_cross_entropy, poisson, squared_error,
                half_squared_error);
CHAINRULE_NAMED(Reduction, mean, sum);
CHAINRULE_NAMED(PenaltyScale, full, half, half_mean);
CHAINRULE_NAMED(LayerScale, standard, ntk);
CHAINRULE_NAMED(Method, sgd, rmsprop, adam, adamw);

inline constexpr int max_layers = 64;
// Numbers of units and of members are ints, and a few are added to them.
inline constexpr int most_units = 0x7fff'ff00, most_members = most_units;

struct Network {
    int depth = 0;                               // L
    int columns = 0;                             // n_0, of X
    int units[max_layers + 1] = {};              // what layer 1 receives, n_1 … n_L
    Activation activation[max_layers + 1] = {};  // of layers 1 … L
    Loss loss = Loss::half_squared_error;
    bool mean = true;  // over the observations, or their sum
    double cost_scale = 1;
    double label_smoothing = 0;
    double penalty = 0;  // k in ∂penalty/∂θ = k θ; of "half_mean", before the 1/m
    bool penalty_over_m = false;
    bool penalty_on_biases = false;
    bool input_scale = false;     // whether the inputs are multiplied by numbers that are trained
    bool ntk = false;             // whether layer l multiplies by W_l/√n_{l−1}
    int members = 1;              // k, of an ensemble
    bool shared_weights = true;   // whether they have the W of the hidden layers in common
    int embedded = 0, width = 0;  // the inputs that are embedded, and in how many values each

    // Always inlined, for the linker may merge what is not (see simd.hpp).
    [[gnu::always_inline]] bool plain() const { return members == 1 && !input_scale && !ntk; }
    [[gnu::always_inline]] bool shares(int l) const {
        return members > 1 && shared_weights && l < depth;
    }
    [[gnu::always_inline]] double weight_factor(int l) const {
        return ntk ? 1 / __builtin_sqrt(double(units[l - 1])) : 1;
    }
};

// Rows of a table: dense, or compressed sparse rows; in the order in which they are to be taken.
template <class Real> struct Rows {
    const Real* X = nullptr;                // dense: (m, n_0); sparse: the values
    const std::int64_t* indptr = nullptr;   // sparse: where each row starts
    const std::int64_t* indices = nullptr;  // sparse: the columns
    const Real* Y = nullptr;                // (m, n_L)
    const Real* weight = nullptr;           // (m,), or null
    const std::int64_t* order = nullptr;    // row numbers, or null for 0, 1, 2 …
    std::int64_t count = 0;

    [[gnu::always_inline]] std::int64_t number(std::int64_t i) const {
        return order ? order[i] : i;
    }
};

struct Dropout {
    const double* rates = nullptr;  // of layers 1 … L − 1, or null
    std::uint64_t key = 0;          // of this batch
};

struct Optimizer {
    Method method = Method::sgd;
    double momentum = 0, decay = 0, beta_1 = 0, beta_2 = 0, epsilon = 0, weight_decay = 0;
    double nesterov = 0;   // 1: yes
    double clip_norm = 0;  // 0: none
};

}  // namespace chainrule
