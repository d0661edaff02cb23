// What all instruction sets share: compiled once, for any machine.
#include <new>
#include <string>

#include "engine.hpp"
#if !defined(_WIN32)
#include <pthread.h>
#endif

namespace chainrule {

template <class Real> Engine<Real>::~Engine() = default;
template class Engine<float>;
template class Engine<double>;

namespace {

class NoMemory : public std::bad_alloc {
  public:
    explicit NoMemory(const std::string& text) : text_(text) {}
    const char* what() const noexcept override { return text_.c_str(); }

  private:
    std::string text_;
};

}  // namespace

void throw_no_memory(std::size_t bytes) {
    const std::size_t megabytes = (bytes >> 20) + 1;
    throw NoMemory("the compiled engine needs " + std::to_string(megabytes) +
                   " MB more memory than there is: take a smaller network, or fewer rows");
}

namespace {

// A wait is short where all workers are busy: for some hundredths of a millisecond the core is
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

// How often this process has been the child of a fork, since the first team.
std::atomic<int> forks{0};
void count_forks() {
#if !defined(_WIN32)
    static const int registered = pthread_atfork(nullptr, nullptr, [] { ++forks; });
    (void)registered;
#endif
}

}  // namespace

Team::Team(int size) : size_(size < 1 ? 1 : size > most_workers ? most_workers : size) {
    count_forks();
    forks_ = forks;
    shared_ = std::make_unique<Shared>();
    try {
        for (int worker = 1; worker < size_; ++worker)
            shared_->threads.emplace_back([this, worker] { serve(worker); });
    } catch (...) {  // no more threads to be had
        size_ = int(shared_->threads.size()) + 1;
    }
}

Team::~Team() {
    if (!is_here()) {
        (void)shared_.release();
        return;
    }
    {
        std::lock_guard lock(shared_->mutex);
        shared_->over = true;
    }
    shared_->wake.notify_all();
    for (std::thread& thread : shared_->threads) thread.join();
}

bool Team::is_here() const { return forks_ == forks.load(std::memory_order_relaxed); }

int Team::size() const { return is_here() ? size_ : 1; }

void Team::run(std::int64_t count, Task task, void* context) {
    if (size() == 1) {
        for (std::int64_t index = 0; index < count; ++index) task(context, index, 0);
        return;
    }
    for (std::int64_t first = 0; first < count; first += most_tasks) {
        const std::int64_t left = count - first;
        run_round(first, left < most_tasks ? int(left) : most_tasks, task, context);
    }
}

void Team::run_round(std::int64_t first, int count, Task task, void* context) {
    Shared& shared = *shared_;
    shared.done.store(0, std::memory_order_relaxed);
    shared.task.store(task, std::memory_order_relaxed);
    shared.context.store(context, std::memory_order_relaxed);
    shared.first.store(first, std::memory_order_relaxed);
    const std::uint64_t round = round_of(shared.ticket.load(std::memory_order_relaxed)) + 1;
    shared.ticket.store(round << 32 | std::uint64_t(count));
    if (shared.sleepers.load() > 0) {
        {
            std::lock_guard lock(shared.mutex);
        }  // nobody is between looking and falling asleep
        shared.wake.notify_all();
    }
    take_tasks(0);
    for (int spins = 0; shared.done.load(std::memory_order_acquire) < count; ++spins)
        spins < kept ? pause() : std::this_thread::yield();
}

void Team::take_tasks(int worker) {
    Shared& shared = *shared_;
    std::uint64_t ticket = shared.ticket.load(std::memory_order_acquire);
    while (next_of(ticket) < count_of(ticket)) {
        const Task task = shared.task.load(std::memory_order_relaxed);
        void* context = shared.context.load(std::memory_order_relaxed);
        const std::int64_t first = shared.first.load(std::memory_order_relaxed);
        if (!shared.ticket.compare_exchange_weak(
                ticket, ticket + (1 << 16), std::memory_order_acq_rel, std::memory_order_acquire))
            continue;
        task(context, first + next_of(ticket), worker);
        shared.done.fetch_add(1, std::memory_order_release);
        ticket = shared.ticket.load(std::memory_order_acquire);
    }
}

bool Team::wait_for_tasks(std::uint64_t& seen) {
    Shared& shared = *shared_;
    for (int spins = 0; round_of(shared.ticket.load(std::memory_order_acquire)) == seen; ++spins) {
        if (shared.over.load(std::memory_order_relaxed)) return false;
        if (spins < kept) {
            pause();
        } else if (spins < kept + offered) {
            std::this_thread::yield();
        } else {
            std::unique_lock lock(shared.mutex);
            shared.sleepers.fetch_add(1);
            shared.wake.wait(lock,
                             [&] { return shared.over || round_of(shared.ticket.load()) != seen; });
            shared.sleepers.fetch_sub(1);
        }
    }
    seen = round_of(shared.ticket.load(std::memory_order_acquire));
    return true;
}

void Team::serve(int worker) {
    std::uint64_t seen = 0;
    while (wait_for_tasks(seen)) take_tasks(worker);
}

}  // namespace chainrule
