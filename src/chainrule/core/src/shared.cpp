// What all instruction sets share: compiled once, for any machine.
#include "engine.hpp"

namespace chainrule {

template <class Real> Engine<Real>::~Engine() = default;
template class Engine<float>;
template class Engine<double>;

namespace {

// A wait is short where all members are at work: for some hundredths of a millisecond the core is
// kept, then it is offered to others, and after a while given up.
constexpr int kept = 1'000, offered = 200;

constexpr std::uint64_t round_of(std::uint64_t ticket) { return ticket >> 32; }
constexpr int next_of(std::uint64_t ticket) { return int(ticket >> 16 & 0xffff); }
constexpr int count_of(std::uint64_t ticket) { return int(ticket & 0xffff); }

void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

}  // namespace

Team::Team(int size) : size_(size < 1 ? 1 : size) {
    try {
        for (int member = 1; member < size_; ++member)
            threads_.emplace_back([this, member] { serve(member); });
    } catch (...) {  // no more threads to be had
        size_ = int(threads_.size()) + 1;
    }
}

Team::~Team() {
    {
        std::lock_guard lock(mutex_);
        over_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

void Team::run(int count, Task task, void* context) {
    done_.store(0, std::memory_order_relaxed);
    task_.store(task, std::memory_order_relaxed);
    context_.store(context, std::memory_order_relaxed);
    const std::uint64_t round = round_of(ticket_.load(std::memory_order_relaxed)) + 1;
    ticket_.store(round << 32 | std::uint64_t(count));
    if (sleepers_.load() > 0) {
        {
            std::lock_guard lock(mutex_);
        }  // nobody is between looking and falling asleep
        wake_.notify_all();
    }
    take_tasks(0);
    for (int spins = 0; done_.load(std::memory_order_acquire) < count; ++spins)
        spins < kept ? pause() : std::this_thread::yield();
}

void Team::take_tasks(int member) {
    std::uint64_t ticket = ticket_.load(std::memory_order_acquire);
    while (next_of(ticket) < count_of(ticket)) {
        const Task task = task_.load(std::memory_order_relaxed);
        void* context = context_.load(std::memory_order_relaxed);
        if (!ticket_.compare_exchange_weak(ticket, ticket + (1 << 16), std::memory_order_acq_rel,
                                           std::memory_order_acquire))
            continue;
        task(context, next_of(ticket), member);
        done_.fetch_add(1, std::memory_order_release);
        ticket = ticket_.load(std::memory_order_acquire);
    }
}

bool Team::wait_for_tasks(std::uint64_t& seen) {
    for (int spins = 0; round_of(ticket_.load(std::memory_order_acquire)) == seen; ++spins) {
        if (over_.load(std::memory_order_relaxed)) return false;
        if (spins < kept) {
            pause();
        } else if (spins < kept + offered) {
            std::this_thread::yield();
        } else {
            std::unique_lock lock(mutex_);
            sleepers_.fetch_add(1);
            wake_.wait(lock, [&] { return over_ || round_of(ticket_.load()) != seen; });
            sleepers_.fetch_sub(1);
        }
    }
    seen = round_of(ticket_.load(std::memory_order_acquire));
    return true;
}

void Team::serve(int member) {
    std::uint64_t seen = 0;
    while (wait_for_tasks(seen)) take_tasks(member);
}

}  // namespace chainrule
