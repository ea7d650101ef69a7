// Writers and readers at once. To be run under -fsanitize=thread, too.
#include "switchyard/cloud/live_state.hpp"

#include "cloud/live_events.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <cmath>
#include <cstdint>
#include <thread>
#include <vector>

namespace sy = switchyard;

using live_events::start_ms;

namespace {

constexpr auto workload = sy::Workload::thumbnail_processing;
constexpr int requests = 4000;

/// Request i of a writer: on both platforms in turn; every third times out, every tenth stays out.
void live_through(sy::LiveState& state, int writer, int i) {
  const double sent_ms = start_ms + i;
  const auto id = static_cast<std::uint64_t>(1 + writer * requests + i);
  const auto platform = static_cast<sy::Platform>(i % 2);
  state.on_sent({platform, workload, 100, sent_ms, id});
  state.on_sent({platform, workload, 100, sent_ms, id});  // a duplicate
  if (i % 10 >= 8) return;
  const auto outcome = i % 3 == 0 ? sy::Outcome::timeout : sy::Outcome::ok;
  state.on_answer({platform, workload, 100, sent_ms, sent_ms + 50, outcome, id});
}

/// What holds at every moment between two events: there is one workload, and the only failures are time-outs.
[[nodiscard]] bool is_torn(const sy::PlatformReading& reading) {
  return reading.error_share != reading.timeout_share || reading.in_flight != reading.workload_in_flight;
}

}  // namespace

TEST_CASE("several writers and readers: nothing is lost, nothing is read half written") {
  constexpr int writers = 2;
  sy::LiveState state(sy::default_catalogue());
  std::atomic<int> writing{writers};
  std::atomic<int> torn{0};
  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&, writer] {
      for (int i = 0; i < requests; ++i) live_through(state, writer, i);
      --writing;
    });
  }
  for (int reader = 0; reader < 2; ++reader) {
    threads.emplace_back([&] {
      do {
        const sy::LiveReading reading = state.read(workload, 100, start_ms + requests);
        if (is_torn(reading.ecs) || is_torn(reading.lambda)) ++torn;
      } while (writing > 0);
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(torn == 0);

  sy::LiveState alone(sy::default_catalogue());
  for (int i = 0; i < requests; ++i) {
    for (int writer = 0; writer < writers; ++writer) live_through(alone, writer, i);
  }
  const sy::LiveReading reading = state.read(workload, 100, start_ms + requests);
  const sy::LiveReading expected = alone.read(workload, 100, start_ms + requests);
  for (const auto platform : {sy::Platform::ecs, sy::Platform::lambda}) {
    CHECK(reading.of(platform).in_flight == writers * requests / 10);
    CHECK(reading.of(platform).in_flight == expected.of(platform).in_flight);
    CHECK(reading.of(platform).idle_s == expected.of(platform).idle_s);
    // Sums over all events, but for the order they were added in.
    CHECK(reading.of(platform).norm_log_ms == Approx(expected.of(platform).norm_log_ms).epsilon(1e-9));
    CHECK(reading.of(platform).error_share == Approx(expected.of(platform).error_share).epsilon(1e-9));
    CHECK(reading.of(platform).arrivals_per_s == Approx(expected.of(platform).arrivals_per_s).epsilon(1e-9));
  }
}
