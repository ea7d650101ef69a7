#include "switchyard/pipeline/routing_simulation.hpp"

#include "switchyard/pipeline/live_features.hpp"
#include "switchyard/pipeline/replay.hpp"
#include "switchyard/pipeline/routing_policy.hpp"
#include "switchyard/pipeline/routing_summary.hpp"
#include "switchyard/pipeline/simulate.hpp"

#include <catch2/catch.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

namespace sy = switchyard;

namespace {

constexpr double start_ms = 1'768'176'000'000;

/// All workloads at one rate, to one platform where the plan is carried out.
[[nodiscard]] sy::Experiment steady(double rate, double duration_s, sy::Platform platform = sy::Platform::lambda) {
  sy::Experiment experiment;
  for (std::uint8_t code = 0; code < 4; ++code) {
    experiment.scenarios.push_back({static_cast<sy::Workload>(code), platform, 1});
  }
  experiment.runs = {{"steady", "midday", "medium_load", start_ms, {{"all", duration_s, rate, {}}}, 0}};
  return experiment;
}

[[nodiscard]] sy::LoggedRequest as_logged(const sy::RoutedRequest& request, std::uint64_t id) {
  const double sent_ms = start_ms + request.sent_ms;
  return {{request.platform, request.workload, request.size_kb, sent_ms, id},
          sent_ms + request.response_ms,
          request.outcome};
}

[[nodiscard]] bool same_bits(const sy::LiveFeatures& a, const sy::LiveFeatures& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::bit_cast<std::uint64_t>(a[i]) != std::bit_cast<std::uint64_t>(b[i])) return false;
  }
  return true;
}

[[nodiscard]] double half(const sy::LiveReading& /*reading*/, const sy::Request& /*request*/) { return 0.5; }

}  // namespace

TEST_CASE("always ECS is what the simulator measures of a plan that asks ECS alone") {
  const auto experiment = steady(8, 300, sy::Platform::ecs);  // an arrival each 125 ms: logs have whole milliseconds
  const auto routed = sy::simulate_routing(experiment, 0, sy::FixedSplit({0}));
  sy::RunSimulation measured(experiment, 0, {});
  REQUIRE(routed.size() == measured.count());
  for (std::uint64_t seq = 0; seq < measured.count(); ++seq) {
    const auto row = measured.row(seq).observation;
    REQUIRE(routed[seq].platform == sy::Platform::ecs);
    REQUIRE(routed[seq].workload == row.request.workload);
    REQUIRE(routed[seq].outcome == row.outcome);
    REQUIRE(routed[seq].response_ms == row.response_time_ms);
  }
}

TEST_CASE("a policy knows at each request what a replay of the same traffic would know") {
  std::vector<sy::LiveFeatures> seen;
  std::vector<bool> asked;
  const auto policy = [&](const sy::LiveReading& reading, const sy::Request&) {
    seen.push_back(sy::live_features(reading));
    return 0.5;
  };
  const auto experiment = steady(15, 300);
  const auto routed = sy::simulate_routing(experiment, 0, policy);
  std::vector<sy::LoggedRequest> logged;
  for (const auto& request : routed) logged.push_back(as_logged(request, logged.size() + 1));
  sy::LiveState state(experiment.catalogue);
  const auto replayed = sy::replay_features(logged, state);
  std::size_t next = 0;
  for (std::size_t i = 0; i < routed.size(); ++i) {
    if (routed[i].is_forced) continue;
    REQUIRE(same_bits(seen.at(next), replayed[i]));
    ++next;
  }
  CHECK(next == seen.size());
  CHECK(next > 3000);
}

TEST_CASE("every answer that came is learned from once, with the reading its request was decided on") {
  struct Learner {
    std::vector<sy::LiveReading>* read;
    std::vector<sy::AnswerEvent>* answers;
    double operator()(const sy::LiveReading& reading, const sy::Request&) const {
      read->push_back(reading);
      return 1;
    }
    void learn(const sy::LiveReading& reading, const sy::AnswerEvent& answer) const {
      if (answer.workload == sy::Workload::lightweight_api) {
        const auto& when_sent = read->at(answer.id - 1);
        REQUIRE(when_sent.lambda.in_flight == reading.lambda.in_flight);
        REQUIRE(when_sent.lambda.arrivals_per_s == reading.lambda.arrivals_per_s);
      }
      if (!answers->empty()) REQUIRE(answers->back().done_ms <= answer.done_ms);
      answers->push_back(answer);
    }
  };
  auto experiment = steady(10, 120);
  experiment.scenarios = {{sy::Workload::lightweight_api, sy::Platform::ecs, 1}};  // none is too large for Lambda
  std::vector<sy::LiveReading> read;
  std::vector<sy::AnswerEvent> answers;
  const auto routed = sy::simulate_routing(experiment, 0, Learner{&read, &answers});
  std::size_t came = 0;
  for (const auto& request : routed) came += request.sent_ms + request.response_ms < routed.back().sent_ms ? 1 : 0;
  CHECK(answers.size() == came);
  CHECK(came > 1100);
}

TEST_CASE("what is too large for Lambda goes to ECS, and no policy is asked") {
  const auto routed = sy::simulate_routing(steady(10, 300), 0, sy::FixedSplit({1}));
  std::size_t forced = 0;
  for (const auto& request : routed) {
    REQUIRE(request.is_forced == (request.size_kb > 6144));
    REQUIRE(request.platform == (request.is_forced ? sy::Platform::ecs : sy::Platform::lambda));
    forced += request.is_forced ? 1 : 0;
  }
  CHECK(forced > 0);
}

TEST_CASE("policies meet the same arrivals, and a split's share is kept") {
  const auto experiment = steady(10, 600);
  const auto split = sy::simulate_routing(experiment, 0, sy::FixedSplit({0.2, 0.8}));
  const auto again = sy::simulate_routing(experiment, 0, sy::FixedSplit({0.2, 0.8}));
  const auto other = sy::simulate_routing(experiment, 0, sy::FixedSplit({0.5}));
  double light = 0, light_lambda = 0;
  for (std::size_t i = 0; i < split.size(); ++i) {
    REQUIRE(split[i].latency_ms == again[i].latency_ms);
    REQUIRE(split[i].sent_ms == other[i].sent_ms);
    REQUIRE(split[i].size_kb == other[i].size_kb);
    if (split[i].workload != sy::Workload::lightweight_api) continue;
    REQUIRE(split[i].lambda_probability == 0.2);
    light += 1;
    light_lambda += split[i].platform == sy::Platform::lambda ? 1 : 0;
    // A draw below 0.2 is below 0.5.
    if (split[i].platform == sy::Platform::lambda) REQUIRE(other[i].platform == sy::Platform::lambda);
  }
  CHECK(light_lambda / light == Approx(0.2).margin(4 * std::sqrt(0.2 * 0.8 / light)));
}

TEST_CASE("a failure counts as the time-out, however soon it came") {
  sy::RoutingSimulationOptions options;
  options.platforms.lambda.error_rate = 0.2;
  const auto experiment = steady(5, 300);
  std::size_t failed = 0;
  for (const auto& request : sy::simulate_routing(experiment, 0, sy::FixedSplit({1}), options)) {
    if (request.outcome == sy::Outcome::ok) {
      REQUIRE(request.latency_ms == request.response_ms);
    } else {
      REQUIRE(request.latency_ms == experiment.timeout_ms());
      failed += request.response_ms < 5000 ? 1 : 0;
    }
  }
  CHECK(failed > 100);
}

TEST_CASE("a probability is one, and a run exists") {
  const auto wrong = [](const sy::LiveReading&, const sy::Request&) { return 1.5; };
  CHECK_THROWS_AS(sy::simulate_routing(steady(5, 60), 0, wrong), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::simulate_routing(steady(5, 60), 1, half), sy::InvalidArgument);
}

TEST_CASE("a routing summary counts by hand") {
  using enum sy::Platform;
  const auto one = [](double sent_ms, sy::Platform platform, double latency_ms) {
    sy::RoutedRequest request;
    request.sent_ms = sent_ms;
    request.platform = platform;
    request.latency_ms = latency_ms;
    return request;
  };
  std::vector<sy::RoutedRequest> routed = {one(0, ecs, 9000), one(60'000, ecs, 100), one(61'000, lambda, 200),
                                           one(62'000, lambda, 300), one(180'000, ecs, 400)};
  routed.push_back(one(181'000, ecs, 10'000));
  routed.back().is_forced = true;
  routed.back().outcome = sy::Outcome::timeout;
  routed.push_back(one(182'000, lambda, 500));
  routed.back().workload = sy::Workload::medium_processing;

  const auto all = sy::routing_summary(routed, 60'000);
  CHECK(all.requests == 6);
  CHECK(all.failures == 1);
  CHECK(all.mean_ms == Approx(11'500.0 / 6));
  CHECK(all.p50_ms == 350);
  CHECK(all.chosen == 5);
  CHECK(all.lambda_share == Approx(0.6));
  CHECK(all.switches == 2);  // of the one workload; the other came once
  CHECK(all.switches_by_chance == Approx(2 * 0.5 * 0.5 * 3));
  REQUIRE(all.lambda_share_by_minute.size() == 4);
  CHECK(std::isnan(all.lambda_share_by_minute[0]));
  CHECK(all.lambda_share_by_minute[1] == Approx(2.0 / 3));
  CHECK(std::isnan(all.lambda_share_by_minute[2]));
  CHECK(all.lambda_share_by_minute[3] == 0.5);

  const auto medium = sy::routing_summary(routed, 0, sy::Workload::medium_processing);
  CHECK(medium.requests == 1);
  CHECK(medium.lambda_share == 1);
  CHECK(medium.switches == 0);
  CHECK(std::isnan(sy::routing_summary({}).mean_ms));
}
