// A team of threads that share out numbered tasks, over and over, tens of microseconds at a time.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace chainrule {

// Tasks are taken, not given: the thread that calls `run` works through them itself, and whoever
// else is awake takes some. So nobody waits for a member that the machine has no core for at the
// moment.
//
// All functions are in shared.cpp, so that no instruction set compiles them (see simd.hpp).
class Team {
  public:
    using Task = void (*)(void* context, int index, int member);
    static constexpr int most_tasks = 0xffff;

    explicit Team(int size);
    ~Team();
    Team(const Team&) = delete;
    Team& operator=(const Team&) = delete;

    int size() const { return size_; }

    // Calls task(context, index, member) for each index below `count`, and returns when all are
    // done. Two tasks with the same member never run at the same time; this thread is member 0.
    void run(int count, Task task, void* context);

  private:
    void serve(int member);
    void take_tasks(int member);
    bool wait_for_tasks(std::uint64_t& seen);

    int size_;
    std::vector<std::thread> threads_;
    std::mutex mutex_;
    std::condition_variable wake_;
    // The round in the upper half, then the next task and how many there are: one number, so that
    // a task is taken from the round that it was seen in, or not at all.
    std::atomic<std::uint64_t> ticket_{0};
    std::atomic<int> done_{0}, sleepers_{0};
    std::atomic<bool> over_{false};
    std::atomic<Task> task_{nullptr};
    std::atomic<void*> context_{nullptr};
};

}  // namespace chainrule
