#include "switchyard/pipeline/load_aware_rule.hpp"

#include "switchyard/pipeline/routing_policy.hpp"
#include "switchyard/pipeline/routing_simulation.hpp"
#include "switchyard/pipeline/routing_summary.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace sy = switchyard;

namespace {

[[nodiscard]] sy::LiveReading expecting(double ecs_ms, double lambda_ms) {
  sy::LiveReading reading;
  reading.ecs.expected_log_ms = reading.ecs.norm_log_ms = std::log(ecs_ms);
  reading.lambda.expected_log_ms = reading.lambda.norm_log_ms = std::log(lambda_ms);
  return reading;
}

/// Traffic of one rate on platforms of one size, in the platforms' own region.
struct Traffic {
  std::string name;
  std::vector<double> mix;  // weight of each workload
  double rate = 10;         // requests per second
  int ecs_workers = 2;      // per workload
  int lambda_limit = 1000;
  double lambda_slowness = 1;  // factor on Lambda's work times
};

constexpr double duration_s = 600;
constexpr double warm_up_ms = 150'000;

template <class Policy>
[[nodiscard]] sy::RoutingSummary route(const Traffic& traffic, Policy policy) {
  sy::Experiment experiment;
  for (std::size_t code = 0; code < traffic.mix.size(); ++code) {
    experiment.scenarios.push_back({static_cast<sy::Workload>(code), sy::Platform::ecs, traffic.mix[code]});
  }
  experiment.runs = {
      {"steady", "midday", "medium_load", 1'768'176'000'000, {{"all", duration_s, traffic.rate, {}}}, 0}};
  sy::RoutingSimulationOptions options;
  options.platforms.link = {.round_trip_ms = 2, .uplink_mbit_s = 10'000, .jitter_mean_ms = 2};
  options.platforms.ecs.workers_per_task = traffic.ecs_workers;
  options.platforms.lambda.concurrency_limit = traffic.lambda_limit;
  for (auto& range : options.platforms.lambda.work_times) {
    range.min_ms *= traffic.lambda_slowness;
    range.max_ms *= traffic.lambda_slowness;
  }
  return sy::routing_summary(sy::simulate_routing(experiment, 0, std::move(policy), options), warm_up_ms);
}

/// The lowest mean latency of fixed splits, by workload after workload.
[[nodiscard]] double best_fixed_split_ms(const Traffic& traffic) {
  constexpr int steps = 12;
  std::vector<double> shares(traffic.mix.size(), 0.5);
  double best_ms = std::numeric_limits<double>::infinity();
  for (std::size_t code = 0; code < shares.size(); ++code) {
    if (!(traffic.mix[code] > 0)) continue;
    std::vector<double> tried = shares;
    for (int i = 0; i <= steps; ++i) {
      tried[code] = static_cast<double>(i) / steps;
      const double mean_ms = route(traffic, sy::FixedSplit(tried)).mean_ms;
      if (mean_ms < best_ms) shares = tried;
      best_ms = std::min(best_ms, mean_ms);
    }
  }
  return best_ms;
}

const Traffic saturating{
    .name = "ECS saturates", .mix = {0, 0, 1}, .rate = 40, .ecs_workers = 30, .lambda_slowness = 1.5};
const Traffic throttling{
    .name = "Lambda throttles", .mix = {0, 0, 1}, .rate = 20, .ecs_workers = 16, .lambda_limit = 10};
/// Half of it is too large for Lambda and suffers from what is sent to ECS beside it.
const Traffic crowding{
    .name = "ECS is needed", .mix = {0, 0, 0, 1}, .rate = 6, .ecs_workers = 16, .lambda_slowness = 1.3};
const Traffic quiet{.name = "ECS suffices", .mix = {1}, .rate = 6, .ecs_workers = 4, .lambda_slowness = 3};

}  // namespace

TEST_CASE("the mean latency with failures, by hand") {
  CHECK(sy::mean_latency_ms(std::log(500), 0, 10'000) == Approx(500));
  // Nine answers of 500 ms, one time-out.
  const double log_mean = 0.9 * std::log(500) + 0.1 * std::log(10'000);
  CHECK(sy::mean_latency_ms(log_mean, 0.1, 10'000) == Approx(0.9 * 500 + 0.1 * 10'000));
  CHECK(std::isnan(sy::mean_latency_ms(std::numeric_limits<double>::quiet_NaN(), 0.1, 10'000)));
}

TEST_CASE("without load, failures and exploration the rule is the hand rule") {
  const sy::LoadAwareRule rule(sy::default_catalogue(), {.exploration = 0});
  const auto unknown = std::numeric_limits<double>::quiet_NaN();
  for (const auto& [ecs_ms, lambda_ms] :
       {std::pair{500.0, 400.0}, std::pair{400.0, 500.0}, std::pair{unknown, 400.0}, std::pair{400.0, unknown}}) {
    const auto reading = expecting(ecs_ms, lambda_ms);
    CHECK(rule(reading, {}) == sy::faster_now(reading, {}));
  }
}

TEST_CASE("a few failures weigh as much as they cost") {
  const sy::LoadAwareRule rule(sy::default_catalogue(), {.exploration = 0});
  auto reading = expecting(500, 400);
  reading.lambda.error_share = 0.05;  // half a second for each request
  reading.lambda.expected_log_ms = 0.95 * std::log(400) + 0.05 * std::log(10'000);
  CHECK(sy::faster_now(reading, {.workload = sy::Workload::lightweight_api}) == 1);
  CHECK(rule(reading, {.workload = sy::Workload::lightweight_api}) == 0);
}

TEST_CASE("a queue is charged before its answers come, and its toll to all of it") {
  sy::LoadAwareRule selfish(sy::default_catalogue(), {.exploration = 0, .toll = 0});
  sy::LoadAwareRule rule(sy::default_catalogue(), {.exploration = 0, .toll = 1});
  auto reading = expecting(400, 500);
  const sy::Request request{.workload = sy::Workload::lightweight_api, .payload_kb = 1, .sent_at_ms = 201'000};
  for (int i = 0; i < 200; ++i) {  // ECS: latency by the square root of what is in flight
    reading.ecs.workload_in_flight = i % 10;
    const double done_ms = 1000.0 * (i + 1);
    const sy::AnswerEvent answer{sy::Platform::ecs, request.workload, 1, done_ms - 200 * std::sqrt(1 + i % 10),
                                 done_ms,           sy::Outcome::ok,  0};
    selfish.learn(reading, answer);
    rule.learn(reading, answer);
  }
  reading.ecs.workload_in_flight = 4;  // as usual
  CHECK(selfish(reading, request) == 0);
  CHECK(rule(reading, request) == 1);
  reading.ecs.workload_in_flight = 30;
  CHECK(selfish(reading, request) == 1);
  reading.ecs.workload_in_flight = 0;
  CHECK(rule.marginal_latency_ms(sy::Platform::ecs, reading, request) <
        1.1 * 2 * 200);  // 200 ms alone, and twice that with an elasticity of 1/2
  CHECK(rule.marginal_latency_ms(sy::Platform::lambda, reading, request) == Approx(500));
}

TEST_CASE("options of the load aware rule are checked") {
  CHECK_THROWS_AS(sy::LoadAwareRule(sy::default_catalogue(), {.exploration = 1.5}), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::LoadAwareRule(sy::default_catalogue(), {.toll = -1}), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::LoadAwareRule(sy::default_catalogue(), {.state = {.slow_horizon_s = 0}}), sy::InvalidArgument);
}

TEST_CASE("where load is endogenous, the rule is within 5 % of the best fixed split and the hand rule is not") {
  const auto rule = [](double toll) { return sy::LoadAwareRule(sy::default_catalogue(), {.toll = toll}); };
  const auto herds = [](const sy::RoutingSummary& routed) {  // long stretches of one platform though both are used
    return static_cast<double>(routed.switches) < 0.5 * routed.switches_by_chance;
  };
  for (const Traffic& traffic : {saturating, throttling, crowding, quiet}) {
    INFO(traffic.name);
    const double allowed_ms = 1.05 * best_fixed_split_ms(traffic);
    const auto routed = route(traffic, rule(1));
    CHECK(routed.mean_ms <= allowed_ms);
    CHECK_FALSE(herds(routed));
    if (traffic.name == saturating.name) {
      const auto exploring_hand = route(traffic, sy::Exploring(sy::faster_now, 0.02));
      CHECK(exploring_hand.mean_ms > allowed_ms);
      CHECK(herds(exploring_hand));
    }
    if (traffic.name == throttling.name) CHECK(route(traffic, sy::faster_now).mean_ms > allowed_ms);
    if (traffic.name == crowding.name) CHECK(route(traffic, rule(0)).mean_ms > allowed_ms);
  }
}
