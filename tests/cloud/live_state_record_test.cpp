#include "switchyard/cloud/live_state_record.hpp"

#include "switchyard/pipeline/live_features.hpp"

#include "cloud/random_events.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <thread>

namespace sy = switchyard;

namespace {

const sy::Catalogue catalogue = sy::default_catalogue();

bool same_bits(const sy::LiveReading& a, const sy::LiveReading& b) {
  const sy::LiveFeatures left = sy::live_features(a);
  const sy::LiveFeatures right = sy::live_features(b);
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (std::isnan(left[i]) != std::isnan(right[i])) return false;
    if (!std::isnan(left[i]) && std::bit_cast<std::uint64_t>(left[i]) != std::bit_cast<std::uint64_t>(right[i])) {
      return false;
    }
  }
  return true;
}

/// Whether two states know the same of requests of every kind, at moments from `from_ms` on.
bool know_the_same(const sy::LiveState& a, const sy::LiveState& b, double from_ms) {
  for (const double later_ms : {0.0, 1.0, 900.0, 30'000.0, 5e6}) {
    for (std::uint8_t workload = 0; workload < 4; ++workload) {
      for (const double size_kb : {0.5, 70.0, 1024.0, 9000.0, std::nan("")}) {
        const auto code = static_cast<sy::Workload>(workload);
        if (!same_bits(a.read(code, size_kb, from_ms + later_ms), b.read(code, size_kb, from_ms + later_ms))) {
          return false;
        }
      }
    }
  }
  return true;
}

}  // namespace

TEST_CASE("a state resumed from its record gives the same readings, and learns on to the same bits") {
  const sy::LiveStateOptions options{.norm_horizon_s = 900, .slow_horizon_s = 60, .slow_prior = 3};
  sy::LiveState state(catalogue, options);
  const double last = events::live_through(state, 500);
  sy::LiveState resumed = sy::resumed_state(catalogue, sy::live_state_record(state));
  CHECK(resumed.options() == options);
  CHECK(sy::live_state_record(resumed) == sy::live_state_record(state));
  CHECK(know_the_same(state, resumed, last));
  const double end = events::live_through(state, 300, 2, last + 60'000);
  CHECK_FALSE(know_the_same(state, resumed, end));
  events::live_through(resumed, 300, 2, last + 60'000);
  CHECK(know_the_same(state, resumed, end));
}

TEST_CASE("what is in flight is not recorded") {
  sy::LiveState state(catalogue);
  const double last = events::live_through(state, 50);
  const sy::LiveStateRecord before = sy::live_state_record(state);
  state.on_sent({.platform = sy::Platform::ecs, .sent_ms = last + 10, .id = 7});
  const sy::LiveState resumed = sy::resumed_state(catalogue, sy::live_state_record(state));
  CHECK(state.read({}, 1, last + 20).ecs.in_flight == 1);
  CHECK(resumed.read({}, 1, last + 20).ecs.in_flight == 0);
  CHECK(resumed.read({}, 1, last + 20).ecs.idle_s == Approx(0.01));
  CHECK(sy::live_state_record(state).ecs.sizes == before.ecs.sizes);
}

TEST_CASE("a record of another catalogue is refused") {
  auto record = sy::live_state_record(sy::LiveState(catalogue));
  auto smaller = catalogue;
  smaller.workloads.pop_back();
  CHECK_THROWS_AS(sy::resumed_state(smaller, record), sy::InvalidArgument);
  record.lambda.sizes.pop_back();
  CHECK_THROWS_AS(sy::resumed_state(catalogue, record), sy::InvalidArgument);
}

TEST_CASE("a start from an old record: what is normal holds, the rest has aged") {
  sy::LiveState state(catalogue);
  const double last = events::live_through(state, 2000);
  const sy::LiveStateRecord record = sy::live_state_record(state);
  CHECK(sy::latest_event_ms(record) == last);
  CHECK(sy::latest_event_ms(sy::live_state_record(sy::LiveState(catalogue))) ==
        -std::numeric_limits<double>::infinity());
  const double year_ms = 365 * 86'400'000.0;
  for (const double now : {last + year_ms, last - year_ms}) {
    INFO(now - last);
    sy::LiveState begun = sy::resumed_state(catalogue, sy::begun_at(record, now));
    const auto workload = sy::Workload::thumbnail_processing;
    const double norm = state.read(workload, 100, last).lambda.norm_log_ms;
    const sy::PlatformReading first = begun.read(workload, 100, now).lambda;
    CHECK(first.norm_log_ms == norm);
    CHECK(first.slow_deviation == Approx(0).margin(1e-12));
    CHECK(first.fast_deviation == Approx(0).margin(1e-12));
    CHECK(first.arrivals_per_s == Approx(0).margin(1e-12));
    CHECK(first.error_share == Approx(0).margin(1e-12));
    // One answer moves what is normal by its share, no more; and it is believed at once.
    REQUIRE(begun.on_answer({sy::Platform::lambda, workload, 100, now, now + 1000, sy::Outcome::ok, 0}));
    const double moved = begun.read(workload, 100, now + 1000).lambda.norm_log_ms;
    CHECK(std::abs(moved - norm) < 0.1 * std::abs(std::log(1000.0) - norm));
    CHECK(moved != norm);
  }
}

TEST_CASE("a record is taken as of one moment per platform, whoever else writes") {
  sy::LiveState state(catalogue);
  std::atomic<bool> done{false};
  std::thread writer([&] {
    events::live_through(state, 20'000);
    done = true;
  });
  while (!done) {
    const sy::LiveStateRecord record = sy::live_state_record(state);
    for (const sy::WorkloadRecord& workload : record.ecs.workloads) {
      // Both are fed together, so a record in between of two events would tell them apart.
      REQUIRE(workload.failures.weight == workload.timeouts.weight);
      REQUIRE(workload.failures.at_ms == workload.spread.at_ms);
    }
  }
  writer.join();
}
