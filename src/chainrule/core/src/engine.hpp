// What the engine does, for any instruction set: epochs, one cost with its gradient, outputs.
#pragma once

#include "description.hpp"
#include "team.hpp"

namespace chainrule {

// Throws a std::bad_alloc that says how much was asked for.
[[noreturn]] void throw_no_memory(std::size_t bytes);

// One epoch: the parameters and the optimizer's memory are NumPy's flat vectors, changed in place.
template <class Real> struct Epoch {
    Rows<Real> rows;
    std::int64_t batch_size = 0;
    Optimizer optimizer;
    const double* rates = nullptr;  // η of each update
    std::int64_t step = 0;          // updates made before this epoch
    Real* parameters = nullptr;
    Real* first = nullptr;                  // velocity, mean square or first moment, or null
    Real* second = nullptr;                 // second moment, or null
    const double* rate_factors = nullptr;   // of each block of parameters, or null
    const unsigned char* frozen = nullptr;  // 1 where a parameter keeps its value, or null
    const double* dropout = nullptr;        // of layers 1 … L − 1, or null
    std::uint64_t dropout_key = 0;          // of all batches
    std::int64_t dropout_drawn = 0;         // batches that drew masks before
    double largest_allowed = 0;             // a batch that costs more ends the epoch
    bool (*interrupted)(void*) = nullptr;   // asked now and then, with what it wants to be given
    void* interrupted_by = nullptr;
};

struct EpochResult {
    double total = 0;               // Σ over batches of cost × rows
    std::int64_t counted = 0;       // rows in batches with any weight
    double first = 0, largest = 0;  // cost of a batch
    std::int64_t updates = 0;
    std::int64_t seen = 0;  // rows
    double refused = 0;     // the cost that ended the epoch
    enum End : int { done, refused_cost, interrupted } end = done;
};

template <class Real> struct Evaluation {
    Rows<Real> rows;
    const Real* parameters = nullptr;
    Real* gradient = nullptr;  // flat, or null
    const double* dropout = nullptr;
    std::uint64_t dropout_key = 0;  // of this batch
};

template <class Real> struct Prediction {
    Rows<Real> rows;
    const Real* parameters = nullptr;
    Real* Z = nullptr;  // (k, m, n_L)
    Real* A = nullptr;  // (k, m, n_L)
};

// The engine of one network, precision and instruction set. It keeps its room from call to call.
template <class Real> class Engine {
  public:
    virtual ~Engine();  // in shared.cpp: nothing that is merged by the linker is compiled here
    virtual EpochResult epoch(const Epoch<Real>&, Team&) = 0;
    virtual double evaluate(const Evaluation<Real>&, Team&) = 0;
    virtual void predict(const Prediction<Real>&, Team&) = 0;
    virtual std::int64_t shards(std::int64_t batch) const = 0;  // what can go on at a time
};

struct InstructionSet {
    const char* name;
    bool (*here)();  // whether this machine has it
    Engine<float>* (*make_single)(const Network&);
    Engine<double>* (*make_double)(const Network&);
    // Elementary functions, so that a test can measure each: Z becomes g(Z), D becomes g'(Z).
    void (*activate_single)(Activation, std::int64_t count, float* Z, float* D);
    void (*activate_double)(Activation, std::int64_t count, double* Z, double* D);
    // C and S become cos 2πt and sin 2πt.
    void (*waves_single)(std::int64_t count, const float* t, float* C, float* S);
    void (*waves_double)(std::int64_t count, const double* t, double* C, double* S);
};

}  // namespace chainrule
