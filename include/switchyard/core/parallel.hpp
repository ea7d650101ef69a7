#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace switchyard {

/// Threads to use for a request of `threads`: itself if positive, else one per hardware thread.
[[nodiscard]] inline int effective_threads(int threads) noexcept {
  if (threads > 0) return threads;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

/// Workers that wait for loops to run. Results never depend on how many there are: a loop body may write only to what
/// its own index owns, and sums are taken afterwards in index order. One loop at a time; not re-entrant.
class ThreadPool {
 public:
  /// threads <= 0: one per hardware thread. The calling thread is one of them.
  explicit ThreadPool(int threads = 0) {
    const int workers = effective_threads(threads) - 1;
    workers_.reserve(static_cast<std::size_t>(workers));
    for (int i = 0; i < workers; ++i) workers_.emplace_back([this] { work(); });
  }

  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  ~ThreadPool() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
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
    const std::function<void(std::size_t)> call = [&body](std::size_t i) { body(i); };
    start(count, call);
    run_indices();
    finish();
  }

 private:
  void start(std::size_t count, const std::function<void(std::size_t)>& call) {
    const std::lock_guard lock(mutex_);
    body_ = &call;
    count_ = count;
    next_.store(0, std::memory_order_relaxed);
    failure_ = nullptr;
    busy_ = workers_.size();
    ++generation_;
    wake_.notify_all();
  }

  void finish() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return busy_ == 0; });
    body_ = nullptr;
    if (failure_) std::rethrow_exception(failure_);
  }

  void run_indices() {
    try {
      for (std::size_t i = next_.fetch_add(1); i < count_; i = next_.fetch_add(1)) (*body_)(i);
    } catch (...) {
      next_.store(count_);
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
  }

  void work() {
    std::size_t seen = 0;
    while (true) {
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return stopping_ || generation_ != seen; });
        if (stopping_) return;
        seen = generation_;
      }
      run_indices();
      const std::lock_guard lock(mutex_);
      if (--busy_ == 0) done_.notify_one();
    }
  }

  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  const std::function<void(std::size_t)>* body_ = nullptr;
  std::size_t count_ = 0;
  std::atomic<std::size_t> next_{0};
  std::size_t busy_ = 0;
  std::size_t generation_ = 0;
  bool stopping_ = false;
  std::exception_ptr failure_;
};

}  // namespace switchyard
