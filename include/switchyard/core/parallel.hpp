#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

namespace switchyard {

/// Threads to use for a request of `threads`: itself if positive, else one per hardware thread.
[[nodiscard]] inline int effective_threads(int threads) noexcept {
  if (threads > 0) return threads;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

namespace detail {

/// Tells the processor that it waits for another one.
inline void spin_pause() noexcept {
#if defined(__x86_64__)
  _mm_pause();
#endif
}

/// Waits a moment for what another thread is about to do; whether it was done. Some tens of microseconds: longer than
/// the gap between two loops of one computation, too short to burn a core between computations.
template <class Done>
[[nodiscard]] bool spin_until(const Done& done) noexcept {
  constexpr int most_pauses = 1000;
  for (int i = 0; i < most_pauses; ++i) {
    if (done()) return true;
    spin_pause();
  }
  return done();
}

}  // namespace detail

/// Workers that wait for loops to run. Results never depend on how many there are: a loop body may write only to what
/// its own index owns, and sums are taken afterwards in index order. One loop at a time; not re-entrant.
///
/// Threads claim indices from one word that holds the loop's number and its next index, so that a worker that wakes
/// late cannot take part in the wrong loop and nobody has to wait for it. Whoever waits spins shortly, then sleeps.
class ThreadPool {
 public:
  /// threads <= 0: one per hardware thread. The calling thread is one of them. If the system has no more threads to
  /// give, the pool goes on with those that it got, which changes no result; size() says how many.
  explicit ThreadPool(int threads = 0) {
    const int workers = effective_threads(threads) - 1;
    workers_.reserve(static_cast<std::size_t>(workers));
    try {
      for (int i = 0; i < workers; ++i) workers_.emplace_back([this] { work(); });
    } catch (const std::exception&) {
      // No thread, or no memory for one: fewer will do. Thrown on, it would destroy workers that nobody has joined.
    }
  }

  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  ~ThreadPool() {
    stopping_.store(true);
    { const std::lock_guard lock(mutex_); }
    wake_.notify_all();
    for (auto& worker : workers_) worker.join();
  }

  [[nodiscard]] int size() const noexcept { return static_cast<int>(workers_.size()) + 1; }

  /// Calls body(i) for every i in [0, count), in any order and on any thread; returns when all are done. The first
  /// exception a body throws is thrown here, after the others have stopped.
  template <class Body>
  void for_each_index(std::size_t count, Body&& body) {
    if (workers_.empty() || count <= 1) {
      for (std::size_t i = 0; i < count; ++i) body(i);
      return;
    }
    using Callable = std::remove_reference_t<Body>;
    for (std::size_t first = 0; first < count; first += most_indices) {
      Loop<Callable> loop{std::addressof(body), first};
      run(std::min(count - first, most_indices), &Loop<Callable>::call, &loop);
    }
  }

 private:
  using Call = void (*)(void* loop, std::size_t index);
  static constexpr unsigned index_bits = 32;
  static constexpr std::uint64_t index_mask = (std::uint64_t{1} << index_bits) - 1;
  static constexpr std::size_t most_indices = std::size_t{1} << 31U;

  template <class Callable>
  struct Loop {
    Callable* body;
    std::size_t first;

    static void call(void* loop, std::size_t index) {
      const auto* self = static_cast<const Loop*>(loop);
      (*self->body)(self->first + index);
    }
  };

  void run(std::size_t count, Call call, void* loop) {
    const std::uint64_t last_number = ticket_.load(std::memory_order_relaxed) >> index_bits;
    ticket_.store(last_number << index_bits | index_mask);  // nothing to claim while the loop is described
    call_.store(call, std::memory_order_relaxed);
    loop_.store(loop, std::memory_order_relaxed);
    piece_.store(std::max<std::size_t>(1, count / (static_cast<std::size_t>(size()) * 16)), std::memory_order_relaxed);
    done_.store(0, std::memory_order_relaxed);
    failed_.store(false, std::memory_order_relaxed);
    count_.store(count, std::memory_order_release);
    ticket_.store((last_number + 1) << index_bits);
    if (sleepers_.load() > 0) {
      const std::lock_guard lock(mutex_);
      wake_.notify_all();
    }
    take_part();
    wait_for_others(count);
    if (!failed_.load(std::memory_order_relaxed)) return;
    const std::exception_ptr failure = std::move(failure_);
    failure_ = nullptr;
    std::rethrow_exception(failure);
  }

  void wait_for_others(std::size_t count) {
    const auto finished = [&] { return done_.load() == count; };
    if (detail::spin_until(finished)) return;
    std::unique_lock lock(mutex_);
    caller_sleeps_.store(true);
    finish_.wait(lock, finished);
    caller_sleeps_.store(false);
  }

  /// Claims and runs pieces of the current loop until none is left.
  void take_part() {
    std::uint64_t ticket = ticket_.load();
    while (true) {
      const std::size_t begin = ticket & index_mask;
      const std::size_t count = count_.load(std::memory_order_acquire);  // a new one comes with a closed ticket
      if (begin >= count) return;
      const std::size_t size = std::min(piece_.load(std::memory_order_relaxed), count - begin);
      if (!ticket_.compare_exchange_weak(ticket, ticket + size)) continue;
      // The loop cannot end before this piece is done: what describes it stays.
      run_piece(begin, size, count);
      ticket = ticket_.load();
    }
  }

  void run_piece(std::size_t begin, std::size_t size, std::size_t count) {
    const Call call = call_.load(std::memory_order_relaxed);
    void* const loop = loop_.load(std::memory_order_relaxed);
    try {
      for (std::size_t i = begin; i < begin + size && !failed_.load(std::memory_order_relaxed); ++i) call(loop, i);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failed_.exchange(true)) failure_ = std::current_exception();
    }
    if (done_.fetch_add(size) + size != count) return;
    if (!caller_sleeps_.load()) return;
    const std::lock_guard lock(mutex_);
    finish_.notify_one();
  }

  void work() {
    std::uint64_t seen = 0;
    while (true) {
      const auto called = [&] { return stopping_.load() || (ticket_.load() >> index_bits) != seen; };
      if (!detail::spin_until(called)) {
        std::unique_lock lock(mutex_);
        sleepers_.fetch_add(1);
        wake_.wait(lock, called);
        sleepers_.fetch_sub(1);
      }
      if (stopping_.load()) return;
      seen = ticket_.load() >> index_bits;
      take_part();
    }
  }

  // The loop at hand; written only while no piece of it can be claimed.
  std::atomic<Call> call_{nullptr};
  std::atomic<void*> loop_{nullptr};
  std::atomic<std::size_t> count_{0};
  std::atomic<std::size_t> piece_{1};
  std::atomic<std::uint64_t> ticket_{0};  // loop number, then the next index not yet claimed
  std::atomic<std::size_t> done_{0};      // indices finished
  std::atomic<bool> failed_{false};
  std::exception_ptr failure_;  // guarded by mutex_ while the loop runs

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable finish_;
  std::atomic<int> sleepers_{0};
  std::atomic<bool> caller_sleeps_{false};
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> workers_;  // last: they use all of the above
};

}  // namespace switchyard
