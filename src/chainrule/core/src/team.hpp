// A team of threads that share out numbered tasks, over and over, tens of microseconds at a time.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace chainrule {

// Tasks are taken, not given: the thread that calls `run` works through them itself, and whoever
// else is awake takes some. So nobody waits for a worker that the machine has no core for at the
// moment.
//
// A fork takes along the thread that forks alone. In the child a team is this thread by itself, and
// what its lost workers may have held is left as it is.
//
// All functions are in shared.cpp, so that no instruction set compiles them (see simd.hpp).
class Team {
  public:
    // A task may not throw: others would go on working on what the unwound stack held.
    using Task = void (*)(void* context, std::int64_t index, int worker) noexcept;
    static constexpr int most_workers = 1024;

    explicit Team(int size);
    ~Team();
    Team(const Team&) = delete;
    Team& operator=(const Team&) = delete;

    int size() const;

    // Calls task(context, index, worker) for each index below `count`, and returns when all are
    // done. Two tasks of the same worker never run at the same time; this thread is worker 0.
    void run(std::int64_t count, Task task, void* context);

  private:
    // What a ticket has room for; more tasks are several rounds.
    static constexpr int most_tasks = 0xffff;

    void run_round(std::int64_t first, int count, Task task, void* context);
    void serve(int worker);
    void take_tasks(int worker);
    bool wait_for_tasks(std::uint64_t& seen);
    bool is_here() const;

    // What the workers share. It is left behind in the child of a fork.
    struct Shared {
        std::vector<std::thread> threads;
        std::mutex mutex;
        std::condition_variable wake;
        // The round in the upper half, then the next task and how many there are: one number, so
        // that a task is taken from the round that it was seen in, or not at all.
        std::atomic<std::uint64_t> ticket{0};
        std::atomic<int> done{0}, sleepers{0};
        std::atomic<bool> over{false};
        std::atomic<Task> task{nullptr};
        std::atomic<void*> context{nullptr};
        std::atomic<std::int64_t> first{0};  // the index of the round's first task
    };
    int size_;
    int forks_;  // that this process had seen when the team was made
    std::unique_ptr<Shared> shared_;
};

}  // namespace chainrule
