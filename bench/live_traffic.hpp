#pragma once

#include "switchyard/cloud/live_state.hpp"
#include "switchyard/core/random.hpp"

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace bench {

/// Sends random requests, one per millisecond for ever, and answers each two seconds later.
class Observer {
 public:
  explicit Observer(std::uint64_t seed) : numbered_from_(seed << 40U) {
    const switchyard::Catalogue catalogue = switchyard::default_catalogue();
    switchyard::Rng draw(seed);
    for (std::size_t i = 0; i < distinct; ++i) {
      const auto workload = static_cast<switchyard::Workload>(draw.below(catalogue.workloads.size()));
      const auto& sizes = catalogue.workload(workload).sizes_kb;
      const auto platform = draw.bernoulli(0.5) ? switchyard::Platform::lambda : switchyard::Platform::ecs;
      requests_.push_back({platform, workload, sizes[draw.below(sizes.size())]});
    }
  }

  /// One request is sent, an earlier one is answered.
  void observe(switchyard::LiveState& state) {
    const std::uint64_t number = sent_.load(std::memory_order_relaxed);
    const switchyard::SentEvent sent = request(number);
    const switchyard::SentEvent answered = request(number + 1 - out);
    const bool noted = state.on_sent(sent);
    const bool learned = state.on_answer({answered.platform, answered.workload, answered.payload_kb, answered.sent_ms,
                                          sent.sent_ms, switchyard::Outcome::ok, answered.id});
    // The latter never but at the start: so the next call waits for this one.
    sent_.store(number + (noted && learned ? 1 : 1 + distinct), std::memory_order_relaxed);
  }

  /// Any thread may ask.
  [[nodiscard]] double now_ms() const noexcept { return time_of(sent_.load(std::memory_order_relaxed)); }

 private:
  static constexpr double start_ms = 1'763'942'400'000;  // 2025-11-24T00:00:00Z
  static constexpr double between_ms = 1;                // a request per millisecond
  static constexpr std::size_t distinct = 8192;          // a power of two
  static constexpr std::uint64_t out = 2000;             // requests in flight

  [[nodiscard]] static double time_of(std::uint64_t number) noexcept {
    return start_ms + static_cast<double>(number) * between_ms;
  }

  [[nodiscard]] switchyard::SentEvent request(std::uint64_t number) const noexcept {
    switchyard::SentEvent event = requests_[number % distinct];
    event.sent_ms = time_of(number);
    event.id = numbered_from_ + number;
    return event;
  }

  std::vector<switchyard::SentEvent> requests_;
  std::uint64_t numbered_from_;
  std::atomic<std::uint64_t> sent_ = out;
};

/// Calls `work` for as long as it lives, on a thread of its own: once in so many microseconds, or 0 = without a pause.
template <class Work>
class Meanwhile {
 public:
  Meanwhile(std::int64_t every_us, Work work)
      : thread_([this, every = std::chrono::microseconds(every_us), work]() mutable {
          for (auto next = std::chrono::steady_clock::now(); !stop_.load(std::memory_order_relaxed); next += every) {
            while (std::chrono::steady_clock::now() < next && !stop_.load(std::memory_order_relaxed)) {
            }
            work();
          }
        }) {}
  Meanwhile(const Meanwhile&) = delete;
  Meanwhile& operator=(const Meanwhile&) = delete;
  ~Meanwhile() {
    stop_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace bench
