#include "switchyard/cloud/live_state.hpp"

#include "cloud/live_events.hpp"
#include "cloud/slow_live_state.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <variant>

namespace sy = switchyard;

using live_events::round_trip;
using live_events::same_readings;
using live_events::start_ms;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr auto thumbnail = sy::Workload::thumbnail_processing;

void check_equal(const sy::LiveState& state, slow::LiveState& expected, sy::Rng& draw, double now_ms) {
  const auto workload = static_cast<sy::Workload>(draw.below(4));
  const double payload_kb = live_events::random_payload(draw);
  const double asked_ms = now_ms + draw.uniform(-2000, 20'000);
  const sy::LiveReading reading = state.read(workload, payload_kb, asked_ms);
  for (const auto platform : {sy::Platform::ecs, sy::Platform::lambda}) {
    const auto seen = live_events::numbers(reading.of(platform));
    const auto wanted = live_events::numbers(expected.read(platform, workload, payload_kb, asked_ms));
    for (std::size_t i = 0; i < seen.size(); ++i) {
      INFO("number " << i << " of " << sy::to_string(platform));
      if (std::isnan(wanted[i])) {
        REQUIRE(std::isnan(seen[i]));
      } else {
        REQUIRE(seen[i] == Approx(wanted[i]).epsilon(1e-9).margin(1e-9));
      }
    }
  }
}

/// A state that has seen a good deal.
[[nodiscard]] sy::LiveState busy_state() {
  sy::LiveState state(sy::default_catalogue());
  sy::Rng draw(8);
  for (const auto& event : live_events::random_events(draw, 300)) live_events::feed(state, event);
  return state;
}

constexpr double busy_until_ms = start_ms + 150'000;

}  // namespace

TEST_CASE("the state reads as its definition says, over whole histories") {
  const bool in_order = GENERATE(true, false);
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    sy::Rng draw(seed);
    auto events = live_events::random_events(draw, 150, std::exp(draw.uniform(4, 8)));
    if (!in_order) {
      for (std::size_t i = 0; i < 60; ++i) events.push_back(events[draw.below(events.size())]);  // duplicates
      for (std::size_t i = 0; i + 12 < events.size(); i += 6) draw.shuffle(std::span(events).subspan(i, 12));
    }
    sy::LiveState state(sy::default_catalogue());
    slow::LiveState expected(sy::default_catalogue());
    for (const auto& event : events) {
      REQUIRE(live_events::feed(state, event) == live_events::feed(expected, event));
      check_equal(state, expected, draw, live_events::time_of(event));
    }
  }
}

TEST_CASE("nothing is known at first, and then step by step more") {
  sy::LiveState state(sy::default_catalogue());
  CHECK(std::isnan(state.read(thumbnail, 100, start_ms).lambda.expected_log_ms));
  CHECK(state.read(thumbnail, 100, start_ms).lambda.error_share == 0);
  round_trip(state, {sy::Platform::lambda, thumbnail, 100, start_ms, 1}, 500);
  const double now_ms = start_ms + 500;
  CHECK(state.read(thumbnail, 100, now_ms).lambda.expected_log_ms == Approx(std::log(500)));
  CHECK(state.read(thumbnail, 1024, now_ms).lambda.norm_log_ms == Approx(std::log(500)));  // from its workload
  CHECK(state.read(sy::Workload::heavy_processing, 5120, now_ms).lambda.norm_log_ms == Approx(std::log(500)));
  CHECK(std::isnan(state.read(sy::Workload::heavy_processing, 5120, now_ms).lambda.answer_age_s));
  CHECK(std::isnan(state.read(thumbnail, 100, now_ms).ecs.expected_log_ms));
  // An hour later the norm is what it was and the rest forgotten.
  const auto later = state.read(thumbnail, 100, now_ms + 3'600'000).lambda;
  CHECK(later.norm_log_ms == Approx(std::log(500)));
  CHECK(later.answer_age_s == 3600);
  CHECK(later.idle_s == 3600.5);
  CHECK(later.arrivals_per_s < 1e-12);
}

TEST_CASE("a request that stays out raises what is expected; its answer takes that back") {
  sy::LiveState state(sy::default_catalogue());
  for (int i = 0; i < 50; ++i) {
    round_trip(state, {sy::Platform::ecs, thumbnail, 100, start_ms + i * 1000.0, static_cast<std::uint64_t>(i + 1)},
               400);
  }
  const double now_ms = start_ms + 60'000;
  for (std::uint64_t id = 100; id < 120; ++id) state.on_sent({sy::Platform::ecs, thumbnail, 100, now_ms, id});
  const auto at = [&](double later_ms) { return state.read(thumbnail, 100, now_ms + later_ms).ecs; };
  CHECK(at(0).workload_in_flight == 20);
  CHECK(at(0).expected_log_ms == Approx(std::log(400)));
  CHECK(at(3000).expected_log_ms > std::log(400) + 0.5);
  CHECK(at(3000).censored_excess == Approx(20 * std::log(3000.0 / 400)));
  for (std::uint64_t id = 100; id < 120; ++id) {
    state.on_answer({sy::Platform::ecs, thumbnail, 100, now_ms, now_ms + 400, sy::Outcome::ok, id});
  }
  CHECK(at(3000).in_flight == 0);
  CHECK(at(3000).expected_log_ms == Approx(std::log(400)));
}

TEST_CASE("failures cost the time-out; the caller's own faults nothing") {
  const auto outcome = GENERATE(sy::Outcome::http_5xx, sy::Outcome::timeout, sy::Outcome::connect);
  sy::LiveState state(sy::default_catalogue());
  round_trip(state, {sy::Platform::ecs, thumbnail, 100, start_ms, 1}, 3, outcome);
  const auto failed = state.read(thumbnail, 100, start_ms + 3).ecs;
  CHECK(failed.norm_log_ms == Approx(std::log(10'000)));
  CHECK(failed.error_share == 0.5);
  CHECK(failed.timeout_share == (outcome == sy::Outcome::timeout ? 0.5 : 0));
  round_trip(state, {sy::Platform::lambda, thumbnail, 100, start_ms, 2}, 3, sy::Outcome::too_large);
  const auto refused = state.read(thumbnail, 100, start_ms + 3).lambda;
  CHECK(std::isnan(refused.norm_log_ms));
  CHECK(refused.error_share == 0);
  CHECK(refused.in_flight == 0);
  CHECK(refused.answer_age_s == 0);
}

TEST_CASE("running numbers are not taken for each other, and duplicates change nothing") {
  sy::LiveState state(sy::default_catalogue());
  for (std::uint64_t id = 1; id <= 8; ++id) {
    CHECK(state.on_sent({sy::Platform::ecs, thumbnail, 100, start_ms, id}));
  }
  CHECK(state.read(thumbnail, 100, start_ms).ecs.in_flight == 8);
  const sy::LiveState before = state;
  CHECK_FALSE(state.on_sent({sy::Platform::ecs, thumbnail, 100, start_ms + 5, 8}));
  CHECK(same_readings(state, before, start_ms));
  const sy::AnswerEvent answer{sy::Platform::ecs, thumbnail, 100, start_ms, start_ms + 90, sy::Outcome::ok, 8};
  CHECK(state.on_answer(answer));
  const sy::LiveState answered = state;
  CHECK_FALSE(same_readings(answered, before, start_ms + 90));
  CHECK_FALSE(state.on_answer(answer));
  CHECK(same_readings(state, answered, start_ms + 90));
}

TEST_CASE("an answer before its send, and one long after it was given up") {
  sy::LiveState state(sy::default_catalogue());
  CHECK(state.on_answer({sy::Platform::ecs, thumbnail, 100, start_ms, start_ms + 90, sy::Outcome::ok, 1}));
  CHECK(state.on_sent({sy::Platform::ecs, thumbnail, 100, start_ms, 1}));
  const auto early = state.read(thumbnail, 100, start_ms + 90).ecs;
  CHECK(early.in_flight == 0);
  CHECK(early.arrivals_per_s > 0);
  CHECK(early.norm_log_ms == Approx(std::log(90)));
  state.on_sent({sy::Platform::ecs, thumbnail, 100, start_ms, 2});
  state.on_sent({sy::Platform::ecs, thumbnail, 100, start_ms + 19'000, 3});
  CHECK(state.on_answer({sy::Platform::ecs, thumbnail, 100, start_ms, start_ms + 20'000, sy::Outcome::ok, 2}));
  CHECK(state.read(thumbnail, 100, start_ms + 20'000).ecs.in_flight == 1);
}

TEST_CASE("events that say nothing are turned away and change nothing") {
  sy::LiveState state = busy_state();
  const sy::LiveState before = state;
  const double now_ms = busy_until_ms;
  for (const double time : {std::nan(""), infinity, -infinity, 1e300, -1e300, 8.65e15}) {
    CHECK_FALSE(state.on_sent({sy::Platform::ecs, thumbnail, 100, time, 70'001}));
    CHECK_FALSE(state.on_answer({sy::Platform::ecs, thumbnail, 100, time, now_ms, sy::Outcome::ok, 70'002}));
    CHECK_FALSE(state.on_answer({sy::Platform::ecs, thumbnail, 100, now_ms, time, sy::Outcome::ok, 70'003}));
    CHECK(std::isnan(state.read(thumbnail, 100, time).ecs.norm_log_ms));
  }
  for (const auto workload : {sy::Workload{4}, sy::Workload{255}}) {
    CHECK_FALSE(state.on_sent({sy::Platform::ecs, workload, 100, now_ms, 70'004}));
    CHECK_FALSE(state.on_answer({sy::Platform::ecs, workload, 100, now_ms, now_ms, sy::Outcome::ok, 70'005}));
    CHECK(std::isnan(state.read(workload, 100, now_ms).ecs.norm_log_ms));
  }
  CHECK_FALSE(state.on_sent({sy::Platform{2}, thumbnail, 100, now_ms, 70'006}));
  CHECK_FALSE(state.on_answer({sy::Platform::ecs, thumbnail, 100, now_ms, now_ms - 1, sy::Outcome::ok, 70'007}));
  CHECK_FALSE(state.on_answer({sy::Platform::ecs, thumbnail, 100, now_ms, now_ms, sy::Outcome::not_sent, 70'008}));
  CHECK(same_readings(state, before, now_ms));
}

TEST_CASE("absurd sizes and latencies are counted, and leave every number finite") {
  sy::LiveState state = busy_state();
  std::uint64_t id = 80'000;
  for (const double payload_kb : {std::nan(""), infinity, -infinity, -1.0, 0.0, 1e-308, 1e308}) {
    round_trip(state, {sy::Platform::ecs, thumbnail, payload_kb, busy_until_ms, ++id}, 300);
  }
  // Sent in 1970 by its own account: weighs no more than two time-outs.
  CHECK(state.on_answer({sy::Platform::ecs, thumbnail, 100, -8.6e15, busy_until_ms, sy::Outcome::ok, ++id}));
  for (const double payload_kb : {100.0, infinity, std::nan("")}) {
    const auto reading = state.read(thumbnail, payload_kb, busy_until_ms + 300).ecs;
    for (const double number : live_events::numbers(reading)) CHECK(std::isfinite(number));
    CHECK(reading.norm_log_ms < std::log(20'000));
  }
}

TEST_CASE("one wrong clock among right ones does not make the others look old") {
  const double off_ms = GENERATE(1e10, -1e10, 8e15 - start_ms);
  sy::LiveState state(sy::default_catalogue());
  sy::LiveState undisturbed(sy::default_catalogue());
  sy::Rng draw(12);
  std::uint64_t id = 90'000;
  for (const auto& event : live_events::random_events(draw, 200)) {
    live_events::feed(state, event);
    live_events::feed(undisturbed, event);
    ++id;
    // A client lives in another year: both its events are no news on either platform.
    const auto platform = static_cast<sy::Platform>(id % 2);
    const double wrong_ms = start_ms + off_ms + static_cast<double>(id);
    if (id < 90'010) continue;
    CHECK_FALSE(state.on_sent({platform, thumbnail, 100, wrong_ms, id}));
    if (id % 3 == 0) {
      CHECK_FALSE(state.on_answer({platform, thumbnail, 100, wrong_ms, wrong_ms + 9, sy::Outcome::ok, id}));
    }
  }
  CHECK(same_readings(state, undisturbed, busy_until_ms));
}

TEST_CASE("a state that has been led into the future finds back, and one that rested goes on") {
  const double jump_ms = GENERATE(-3e10, 3e10, 2 * 86'400'000.0);
  sy::LiveState state = busy_state();
  const double now_ms = busy_until_ms + jump_ms;
  const auto send = [&](int i) {
    const double sent_ms = now_ms + i * 100.0;
    round_trip(state, {sy::Platform::ecs, thumbnail, 100, sent_ms, 60'000 + static_cast<std::uint64_t>(i)}, 50);
  };
  for (int i = 0; i < 4; ++i) send(i);
  CHECK(state.on_sent({sy::Platform::ecs, thumbnail, 100, now_ms + 500, 61'000}));
  for (int i = 5; i < 9; ++i) send(i);
  const auto reading = state.read(thumbnail, 100, now_ms + 1000).ecs;
  CHECK(reading.norm_log_ms == Approx(std::log(50)).epsilon(1e-6));
  CHECK(reading.in_flight == 1);
  CHECK(reading.arrivals_per_s == Approx(0.5).epsilon(0.1));
  CHECK(reading.answer_age_s < 1);
}

TEST_CASE("platforms know nothing of each other") {
  sy::Rng draw(21);
  const auto events = live_events::random_events(draw, 200);
  const auto platform_of = [](const live_events::Event& event) {
    return std::visit([](const auto& of) { return of.platform; }, event);
  };
  sy::LiveState mixed(sy::default_catalogue());
  sy::LiveState apart(sy::default_catalogue());
  for (const auto& event : events) live_events::feed(mixed, event);
  for (const auto platform : {sy::Platform::lambda, sy::Platform::ecs}) {
    for (const auto& event : events) {
      if (platform_of(event) == platform) live_events::feed(apart, event);
    }
  }
  CHECK(same_readings(mixed, apart, busy_until_ms));
}

TEST_CASE("options and catalogues out of range are refused") {
  const auto catalogue = sy::default_catalogue();
  using Options = sy::LiveStateOptions;
  for (const auto member :
       {&Options::norm_horizon_s, &Options::slow_horizon_s, &Options::fast_horizon_s, &Options::share_horizon_s}) {
    for (const double value : {0.0, -1.0, infinity, std::nan("")}) {
      Options options;
      options.*member = value;
      CHECK_THROWS_AS(sy::LiveState(catalogue, options), sy::InvalidArgument);
    }
  }
  for (const auto member : {&Options::slow_prior, &Options::fast_prior}) {
    Options options;
    options.*member = -1;
    CHECK_THROWS_AS(sy::LiveState(catalogue, options), sy::InvalidArgument);
  }
  CHECK_THROWS_AS(sy::LiveState(sy::Catalogue{}), sy::InvalidArgument);
  auto timeless = catalogue;
  timeless.timeout_ms = 0;
  CHECK_THROWS_AS(sy::LiveState(timeless), sy::InvalidArgument);
}
