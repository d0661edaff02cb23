// Python's lock, given away while the engine computes, and taken back even where Python has ended.
//
// A daemon thread may come back from the engine when the interpreter has gone, or is going. Python
// then ends the thread by unwinding its stack, which C++ turns into the end of the process: SIGABRT
// instead of the exit status that was asked for. So the unwinding is caught, and the thread waits
// for the process to end, as Python 3.14 has it.
#pragma once

#include <Python.h>

#include <chrono>
#include <thread>

namespace chainrule {

[[noreturn]] inline void wait_for_the_end() {
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

// Gives the lock away for as long as it lives.
class Unlocked {
  public:
    Unlocked() : at_the_end_(!Py_IsInitialized()), state_(PyEval_SaveThread()) {}
    Unlocked(const Unlocked&) = delete;
    Unlocked& operator=(const Unlocked&) = delete;
    ~Unlocked() { lock(); }

    // Whether Ctrl-C or another signal has raised something: the lock is then kept, and what was
    // raised is set in Python.
    bool interrupted() {
        lock();
        const bool raised = PyErr_CheckSignals() != 0;
        if (!raised) state_ = PyEval_SaveThread();
        return raised;
    }

  private:
    void lock() noexcept {
        if (!state_) return;
        // A thread that has the lock while the interpreter ends is the one that ends it.
        if (!Py_IsInitialized() && !at_the_end_) wait_for_the_end();
        try {
            PyEval_RestoreThread(state_);
        } catch (...) {
            wait_for_the_end();
        }
        state_ = nullptr;
    }

    const bool at_the_end_;
    PyThreadState* state_;
};

}  // namespace chainrule
