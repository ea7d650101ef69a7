#include "switchyard/pipeline/policy_value.hpp"

#include "five_pairs.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace sy = switchyard;

using fixture::all_five;
using fixture::five_pairs;

namespace {

// Lambda: 100, 300, 500 ms; ECS: 200, 200, 200 ms. The test rows are 0, 1 and 3; row 2 belongs to another part.
sy::TrainingData three_pairs() {
  sy::TrainingData data;
  data.data.feature_names = {"payload_size_kb"};
  data.data.features = sy::Matrix::Zero(4, 1);
  data.data.labels = {1, 0, 0, 0};
  data.lambda = {{100, 1e-6, true}, {300, 2e-6, true}, {9999, 9, true}, {500, 3e-6, true}};
  data.ecs = {{200, 4e-6, true}, {200, 4e-6, true}, {9999, 9, true}, {200, 4e-6, true}};
  return data;
}

sy::PredictorOutput says(const std::string& name, const std::vector<double>& probabilities) {
  sy::PredictorOutput output;
  output.name = name;
  output.test.rows = {0, 1, 3};
  output.test.labels = {1, 0, 0};
  output.test.probabilities = probabilities;
  output.test.groups = {0, 1, 2};
  return output;
}

sy::PolicyTrial five_trial(const sy::PairOptions& options = {}, const sy::TrainingData& data = five_pairs()) {
  return {sy::matched_pairs(data, all_five, options), {{"q", {1, 1, 0, 1, 0}}, {"p", {1, 0, 0, 1, 1}}}};
}

}  // namespace

TEST_CASE("five pairs by hand, in milliseconds and dollars") {
  const auto values = sy::value_policies(five_trial(), {.replicates = 10});
  REQUIRE(values.size() == 2);
  const sy::PolicyValue& q = values[0];  // 100, 300, 400, 50, 700 ms
  CHECK(q.name == "q");
  CHECK(q.mean_latency_ms == Approx(310));
  CHECK(q.p50_latency_ms == 300);
  CHECK(q.p95_latency_ms == Approx(640));        // 400 + 0.8 x 300
  CHECK(q.cost_usd_per_million == Approx(2.6));  // 1, 2, 2, 1, 7
  CHECK(q.failure_share == 0);
  CHECK(q.latency_regret_ms == Approx(20));  // hindsight: 100, 200, 400, 50, 700
  CHECK(q.cost_regret_usd_per_million == Approx(0).margin(1e-9));
  CHECK(q.latency_regret_to_context_ms == Approx(-20));             // by context: 200, 200, 500, 50, 700
  CHECK(q.cost_regret_to_context_usd_per_million == Approx(-0.2));  // by context: 1, 2, 3, 1, 7
  CHECK(q.saving_captured == Approx(170.0 / 190));                  // always ECS: 480; hindsight: 290
  const sy::PolicyValue& p = values[1];                             // 100, 200, 400, 50, 10,000 ms
  CHECK(p.mean_latency_ms == Approx(2150));
  CHECK(p.cost_usd_per_million == Approx(3.4));
  CHECK(p.failure_share == Approx(0.2));
  CHECK(p.saving_captured == Approx((480 - 2150) / 190.0));
}

TEST_CASE("weights and missing answers, by hand") {
  auto data = five_pairs();
  data.scheduled_weight = {2, 1, 1, 1, 0};
  const auto weighted = sy::value_policies(five_trial({.weighting = sy::PairWeighting::scheduled}, data))[0];
  CHECK(weighted.mean_latency_ms == Approx((2 * 100 + 300 + 400 + 50) / 5.0));
  CHECK(weighted.p50_latency_ms == 100);
  CHECK(weighted.cost_usd_per_million == Approx(1.4));

  data.missing_lambda = {0, 0, 0, 0, 0};
  data.missing_ecs = {0, 0, 0.5, 0, 0};
  const auto bound = sy::value_policies(five_trial({.missing = sy::MissingBound::timeout}, data))[0];
  CHECK(bound.mean_latency_ms == Approx((100 + 300 + 5200 + 50 + 700) / 5.0));
  CHECK(bound.failure_share == Approx(0.1));
  CHECK(bound.p50_latency_ms == 300);
  CHECK(bound.p95_latency_ms == Approx(700 + 0.8 * 9300));  // half a request takes 400 ms, half 10 s
  CHECK(bound.cost_usd_per_million == Approx(2.6));
}

TEST_CASE("a replicate values the drawn blocks, spelled out") {
  const auto trial = five_trial();
  const auto found = sy::value_policies(trial, {.replicates = 1, .seed = 5});
  const auto times = sy::detail::drawn_times(3, sy::Rng::stream(5, 0));
  REQUIRE(times != std::vector<double>(3, 1.0));
  sy::PolicyTrial drawn{{}, {{"q", {}}, {"p", {}}}};
  for (std::size_t i = 0; i < 5; ++i) {
    for (double copy = 0; copy < times[static_cast<std::size_t>(trial.pairs[i].block)]; copy += 1) {
      drawn.pairs.push_back(trial.pairs[i]);
      for (std::size_t j = 0; j < 2; ++j) drawn.policies[j].choices.push_back(trial.policies[j].choices[i]);
    }
  }
  const auto expected = sy::value_policies(drawn, {.replicates = 1});
  for (std::size_t j = 0; j < 2; ++j) {
    for (std::size_t field = 0; field < 7; ++field) {  // the others refer to choices made on all pairs
      INFO(sy::value_fields<double>[field].name);
      const auto& interval = found[j].interval.*sy::value_fields<sy::Interval>[field].member;
      CHECK(interval.low == Approx(expected[j].*sy::value_fields<double>[field].member).margin(1e-9));
      CHECK(interval.low == interval.high);
    }
  }
}

TEST_CASE("the seed decides the intervals, and they hold the value") {
  const auto values = sy::value_policies(five_trial(), {.replicates = 300, .seed = 1});
  const auto again = sy::value_policies(five_trial(), {.replicates = 300, .seed = 1});
  CHECK(values[0].interval.mean_latency_ms.contains(values[0].mean_latency_ms));
  CHECK(values[0].interval.mean_latency_ms.low < values[0].interval.mean_latency_ms.high);
  CHECK(values[0].interval.p95_latency_ms.high == again[0].interval.p95_latency_ms.high);
}

TEST_CASE("the trial holds constants, predictors, the best fixed choice and hindsight") {
  const auto values =
      sy::policy_values(three_pairs(), {says("right", {0.9, 0.1, 0.1}), says("wrong", {0.1, 0.9, 0.1})});
  REQUIRE(values.size() == 6);
  CHECK(values[0].name == "always lambda");
  CHECK(values[0].mean_latency_ms == Approx(300));
  CHECK(values[0].p50_latency_ms == 300);
  CHECK(values[0].p95_latency_ms == Approx(480));  // 300 + 0.9 x 200
  CHECK(values[0].cost_usd_per_million == Approx(2));
  CHECK(values[1].name == "always ecs");
  CHECK(values[1].mean_latency_ms == Approx(200));
  CHECK(values[1].cost_usd_per_million == Approx(4));
  CHECK(values[2].name == "right");
  CHECK(values[2].mean_latency_ms == Approx(500.0 / 3));
  CHECK(values[2].cost_usd_per_million == Approx(3));
  CHECK(values[3].mean_latency_ms == Approx(700.0 / 3));
  CHECK(values[4].name == "best fixed by context");
  CHECK(values[4].mean_latency_ms == Approx(200));
  CHECK(values[5].name == "hindsight");
  CHECK(values[5].mean_latency_ms == Approx(500.0 / 3));
}

TEST_CASE("regret and saving are measured between the better constant and hindsight") {
  const auto values =
      sy::policy_values(three_pairs(), {says("right", {0.9, 0.1, 0.1}), says("wrong", {0.1, 0.9, 0.1})});
  CHECK(values[0].latency_regret_ms == Approx(400.0 / 3));
  CHECK(values[0].saving_captured == Approx(-3));  // 100 ms worse, where 33.3 ms could be saved
  CHECK(values[1].saving_captured == 0);
  CHECK(values[2].saving_captured == Approx(1));
  CHECK(values[2].latency_regret_ms == Approx(0).margin(1e-12));
  CHECK(values[3].saving_captured == Approx(-1));
}

TEST_CASE("failures count and hindsight avoids them") {
  auto data = three_pairs();
  data.lambda[0].ok = false;  // although faster
  const auto values = sy::policy_values(data, {says("model", {0.9, 0.1, 0.1})});
  CHECK(values[0].failure_share == Approx(1.0 / 3));
  CHECK(values[2].failure_share == Approx(1.0 / 3));
  CHECK(values.back().name == "hindsight");
  CHECK(values.back().failure_share == 0);
  CHECK(values.back().mean_latency_ms == 200);
  CHECK(std::isnan(values[2].saving_captured));  // hindsight saves nothing over always ecs
  CHECK(std::isnan(values[2].interval.saving_captured.low));
}

TEST_CASE("rows without both outcomes do not count") {
  auto data = three_pairs();
  data.ecs[3].latency_ms = std::numeric_limits<double>::quiet_NaN();
  const auto values = sy::policy_values(data, {says("model", {0.9, 0.1, 0.1})});
  CHECK(values[0].mean_latency_ms == 200);  // of 100 and 300
  CHECK(values[0].cost_usd_per_million == Approx(1.5));
  for (auto& result : data.lambda) result.latency_ms = std::numeric_limits<double>::quiet_NaN();
  CHECK(sy::policy_values(data, {says("model", {0.9, 0.1, 0.1})}).empty());
}

TEST_CASE("without outcomes there are no values") {
  CHECK(sy::policy_values({}, {says("model", {0.9, 0.1, 0.1})}).empty());
  CHECK(sy::policy_values(three_pairs(), {}).empty());
}

TEST_CASE("every policy chooses for every pair") {
  auto trial = five_trial();
  trial.policies[1].choices.pop_back();
  CHECK_THROWS_WITH(sy::value_policies(trial), "choices of p has 4 values; expected 5");
  CHECK_THROWS_WITH(sy::value_policies(five_trial(), {.replicates = 0}), "replicates is 0; expected at least 1");
}
