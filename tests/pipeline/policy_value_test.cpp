#include "switchyard/pipeline/policy_value.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace sy = switchyard;

namespace {

// Lambda: 100, 300, 500 ms; ECS: 200, 200, 200 ms. The test rows are 0, 1 and 3; row 2 belongs to another part.
sy::TrainingData three_pairs() {
  sy::TrainingData data;
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

}  // namespace

TEST_CASE("policies are worth what the platforms they choose took and cost") {
  const auto values =
      sy::policy_values(three_pairs(), {says("right", {0.9, 0.1, 0.1}), says("wrong", {0.1, 0.9, 0.1})});
  REQUIRE(values.size() == 5);
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
  CHECK(values[4].name == "hindsight");
  CHECK(values[4].mean_latency_ms == Approx(500.0 / 3));
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
  CHECK(values[3].name == "hindsight");
  CHECK(values[3].failure_share == 0);
  CHECK(values[3].mean_latency_ms == 200);
  CHECK(std::isnan(values[2].saving_captured));  // hindsight saves nothing over always ecs
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
