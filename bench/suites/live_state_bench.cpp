// What it takes to know the platforms' state: one reading of both per decision, one observation (sent, then answered)
// per request. Each call waits for the one before, so that the times are latencies.
#include "../live_traffic.hpp"

#include "switchyard/cloud/live_state.hpp"
#include "switchyard/core/random.hpp"

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstddef>
#include <vector>

namespace sy = switchyard;

namespace {

/// Reads for random requests as of an observer's present, each when the reading before is done.
class Reader {
 public:
  explicit Reader(const bench::Observer& clock) : clock_(&clock) {
    sy::Rng draw(3);
    for (std::size_t i = 0; i < 8192; ++i) {
      workloads_.push_back(static_cast<sy::Workload>(draw.below(4)));
      sizes_kb_.push_back(std::exp(draw.uniform(-1, 9)));
    }
  }

  void read(const sy::LiveState& state) {
    ++asked_;
    const sy::LiveReading reading = state.read(workloads_[asked_ % workloads_.size()],
                                               sizes_kb_[asked_ % workloads_.size()], clock_->now_ms() + later_ms_);
    benchmark::DoNotOptimize(reading);
    constexpr double nothing = 0x1p-200;
    later_ms_ = nothing * (reading.lambda.expected_log_ms + reading.ecs.expected_log_ms);
  }

 private:
  std::vector<sy::Workload> workloads_;
  std::vector<double> sizes_kb_;
  std::size_t asked_ = 0;
  const bench::Observer* clock_;
  double later_ms_ = 0;
};

struct Warm {
  sy::LiveState state{sy::default_catalogue()};
  bench::Observer observer{1};

  Warm() {
    for (int i = 0; i < 50'000; ++i) observer.observe(state);
  }
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
  const bench::Meanwhile other(run.range(0), [&] { warm.observer.observe(warm.state); });
  for (auto _ : run) reader.read(warm.state);
}

void update_while_read(benchmark::State& run) {
  Warm warm;
  Reader reader(warm.observer);
  const bench::Meanwhile other(run.range(0), [&] { reader.read(warm.state); });
  for (auto _ : run) warm.observer.observe(warm.state);
}

void update_while_updated(benchmark::State& run) {
  Warm warm;
  bench::Observer second(2);
  const bench::Meanwhile other(run.range(0), [&] { second.observe(warm.state); });
  for (auto _ : run) warm.observer.observe(warm.state);
}

/// A decision: a reading and an observation, on both threads. Each takes about the sum of the two.
void both_while_both(benchmark::State& run) {
  Warm warm;
  bench::Observer second(2);
  Reader reader(warm.observer);
  const bench::Meanwhile other(run.range(0), [&, own = reader]() mutable {
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
