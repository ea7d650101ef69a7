// What it takes to know the platforms' state: one reading of both per decision, one observation (sent, then answered)
// per request. Each call waits for the one before, so that the times are latencies.
#include "switchyard/cloud/live_state.hpp"
#include "switchyard/core/random.hpp"

#include <benchmark/benchmark.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace sy = switchyard;

namespace {

constexpr double start_ms = 1'763'942'400'000;  // 2025-11-24T00:00:00Z
constexpr double between_ms = 1;                // a request per millisecond
constexpr std::size_t distinct = 8192;          // a power of two

/// Sends random requests, one per millisecond for ever, and answers each two seconds later.
class Observer {
 public:
  explicit Observer(std::uint64_t seed) : numbered_from_(seed << 40U) {
    const sy::Catalogue catalogue = sy::default_catalogue();
    sy::Rng draw(seed);
    for (std::size_t i = 0; i < distinct; ++i) {
      const auto workload = static_cast<sy::Workload>(draw.below(catalogue.workloads.size()));
      const auto& sizes = catalogue.workload(workload).sizes_kb;
      const auto platform = draw.bernoulli(0.5) ? sy::Platform::lambda : sy::Platform::ecs;
      requests_.push_back({platform, workload, sizes[draw.below(sizes.size())]});
    }
  }

  /// One request is sent, an earlier one is answered.
  void observe(sy::LiveState& state) {
    const std::uint64_t number = sent_.load(std::memory_order_relaxed);
    const sy::SentEvent sent = request(number);
    const sy::SentEvent answered = request(number + 1 - out);
    const bool noted = state.on_sent(sent);
    const bool learned = state.on_answer({answered.platform, answered.workload, answered.payload_kb, answered.sent_ms,
                                          sent.sent_ms, sy::Outcome::ok, answered.id});
    // The latter never but at the start: so the next call waits for this one.
    sent_.store(number + (noted && learned ? 1 : 1 + distinct), std::memory_order_relaxed);
  }

  /// Any thread may ask.
  [[nodiscard]] double now_ms() const noexcept { return time_of(sent_.load(std::memory_order_relaxed)); }

 private:
  static constexpr std::uint64_t out = 2000;  // requests in flight

  [[nodiscard]] static double time_of(std::uint64_t number) noexcept {
    return start_ms + static_cast<double>(number) * between_ms;
  }

  [[nodiscard]] sy::SentEvent request(std::uint64_t number) const noexcept {
    sy::SentEvent event = requests_[number % distinct];
    event.sent_ms = time_of(number);
    event.id = numbered_from_ + number;
    return event;
  }

  std::vector<sy::SentEvent> requests_;
  std::uint64_t numbered_from_;
  std::atomic<std::uint64_t> sent_ = out;
};

/// Reads for random requests as of an observer's present, each when the reading before is done.
class Reader {
 public:
  explicit Reader(const Observer& clock) : clock_(&clock) {
    sy::Rng draw(3);
    for (std::size_t i = 0; i < distinct; ++i) {
      workloads_.push_back(static_cast<sy::Workload>(draw.below(4)));
      sizes_kb_.push_back(std::exp(draw.uniform(-1, 9)));
    }
  }

  void read(const sy::LiveState& state) {
    ++asked_;
    const sy::LiveReading reading =
        state.read(workloads_[asked_ % distinct], sizes_kb_[asked_ % distinct], clock_->now_ms() + later_ms_);
    benchmark::DoNotOptimize(reading);
    constexpr double nothing = 0x1p-200;
    later_ms_ = nothing * (reading.lambda.expected_log_ms + reading.ecs.expected_log_ms);
  }

 private:
  std::vector<sy::Workload> workloads_;
  std::vector<double> sizes_kb_;
  std::size_t asked_ = 0;
  const Observer* clock_;
  double later_ms_ = 0;
};

struct Warm {
  sy::LiveState state{sy::default_catalogue()};
  Observer observer{1};

  Warm() {
    for (int i = 0; i < 50'000; ++i) observer.observe(state);
  }
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

void read_alone(benchmark::State& run) {
  Warm warm;
  Reader reader(warm.observer);
  for (auto _ : run) reader.read(warm.state);
}

void update_alone(benchmark::State& run) {
  Warm warm;
  for (auto _ : run) warm.observer.observe(warm.state);
}

void read_while_updated(benchmark::State& run) {
  Warm warm;
  Reader reader(warm.observer);
  const Meanwhile other(run.range(0), [&] { warm.observer.observe(warm.state); });
  for (auto _ : run) reader.read(warm.state);
}

void update_while_read(benchmark::State& run) {
  Warm warm;
  Reader reader(warm.observer);
  const Meanwhile other(run.range(0), [&] { reader.read(warm.state); });
  for (auto _ : run) warm.observer.observe(warm.state);
}

void update_while_updated(benchmark::State& run) {
  Warm warm;
  Observer second(2);
  const Meanwhile other(run.range(0), [&] { second.observe(warm.state); });
  for (auto _ : run) warm.observer.observe(warm.state);
}

/// A decision: a reading and an observation, on both threads. Each takes about the sum of the two.
void both_while_both(benchmark::State& run) {
  Warm warm;
  Observer second(2);
  Reader reader(warm.observer);
  const Meanwhile other(run.range(0), [&, own = reader]() mutable {
    own.read(warm.state);
    second.observe(warm.state);
  });
  for (auto _ : run) {
    reader.read(warm.state);
    warm.observer.observe(warm.state);
  }
}

BENCHMARK(read_alone)->Name("live/read/alone");
BENCHMARK(update_alone)->Name("live/update/alone");
// 10 us: 100,000 a second from the other thread; 0: as many as it can, so that both are always at the same numbers.
BENCHMARK(read_while_updated)->Name("live/read/while_updated")->ArgName("every_us")->Arg(10)->Arg(0);
BENCHMARK(update_while_read)->Name("live/update/while_read")->ArgName("every_us")->Arg(10)->Arg(0);
BENCHMARK(update_while_updated)->Name("live/update/while_updated")->ArgName("every_us")->Arg(10)->Arg(0);
BENCHMARK(both_while_both)->Name("live/read_and_update/while_the_same")->ArgName("every_us")->Arg(10)->Arg(0);

}  // namespace
