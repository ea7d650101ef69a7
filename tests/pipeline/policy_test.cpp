#include "switchyard/pipeline/policy.hpp"

#include "five_pairs.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <vector>

namespace sy = switchyard;

using fixture::all_five;
using fixture::five_pairs;

TEST_CASE("hindsight takes the better outcome of each pair, and no failure") {
  const auto pairs = sy::matched_pairs(five_pairs(), all_five);
  CHECK(sy::hindsight_policy(pairs, "h").choices == sy::Labels{1, 0, 0, 1, 0});
  CHECK(sy::hindsight_policy(pairs, "h", sy::Objective::cost).choices == sy::Labels{1, 1, 0, 1, 0});
  auto data = five_pairs();
  data.lambda[4] = {1, 1e-9, false};  // fails fast and for nothing
  CHECK(sy::hindsight_policy(sy::matched_pairs(data, all_five), "h").choices[4] == 0);
}

TEST_CASE("missing answers count against a platform in hindsight") {
  auto data = five_pairs();
  data.missing_lambda = {0.5, 0, 0, 0, 0};
  data.missing_ecs = {0, 0, 0, 0, 0};
  const auto pairs = sy::matched_pairs(data, all_five, {.missing = sy::MissingBound::timeout});
  CHECK(sy::hindsight_policy(pairs, "h").choices == sy::Labels{0, 0, 0, 1, 0});
}

TEST_CASE("the best constant is the platform with the lower weighted mean") {
  auto pairs = sy::matched_pairs(five_pairs(), all_five);
  CHECK(sy::best_constant(pairs) == 0);                       // 2,190 against 480 ms
  CHECK(sy::best_constant(pairs, sy::Objective::cost) == 1);  // 3.2 against 4.6 USD per million
  pairs[4].weight = 0;
  CHECK(sy::best_constant(pairs) == 1);  // 237.5 against 425 ms
}

TEST_CASE("the best fixed choice per context is chosen on other pairs or in hindsight") {
  const auto pairs = sy::matched_pairs(five_pairs(), all_five);
  // Means: 200 and 200 (a tie is ECS's), 275 and 650, 10,000 and 700 ms.
  CHECK(sy::fixed_policy(pairs, pairs, "f").choices == sy::Labels{0, 0, 1, 1, 0});
  CHECK(sy::fixed_policy(pairs, pairs, "f", sy::Objective::cost).choices == sy::Labels{1, 1, 1, 1, 0});
  const std::vector<sy::MatchedPair> training{pairs[0], pairs[3]};  // Lambda is faster in both; context 2 is unseen
  CHECK(sy::fixed_policy(training, pairs, "f").choices == sy::Labels{1, 1, 1, 1, 1});
  const std::vector<sy::MatchedPair> other{pairs[0], pairs[4]};  // ECS over all, Lambda in the first context
  CHECK(sy::fixed_policy(other, pairs, "f").choices == sy::Labels{1, 1, 0, 0, 0});
}

TEST_CASE("decisions on rows become choices on the pairs among them") {
  auto data = five_pairs();
  data.lambda[1].latency_ms = std::numeric_limits<double>::quiet_NaN();
  const auto pairs = sy::matched_pairs(data, all_five);
  const sy::Labels decisions{1, 0, 0, 1, 1};
  CHECK(sy::policy_on(pairs, "model", decisions).choices == sy::Labels{1, 0, 1, 1});
  const sy::Labels short_of{1, 0, 0, 1};
  CHECK_THROWS_WITH(sy::policy_on(pairs, "model", short_of), "decisions of model has 4 values; expected 5");
}

TEST_CASE("a run's part of a trial keeps choices with their pairs") {
  const auto pairs = sy::matched_pairs(five_pairs(), all_five);
  const sy::PolicyTrial trial{pairs, {{"model", {1, 0, 0, 1, 0}}, {"other", {0, 0, 1, 0, 1}}}};
  CHECK(sy::run_numbers(pairs) == std::vector<std::int64_t>{0, 1});
  const auto second = sy::on_run(trial, 1);
  REQUIRE(second.pairs.size() == 2);
  CHECK(second.pairs[0].position == 3);
  REQUIRE(second.policies.size() == 2);
  CHECK(second.policies[0].name == "model");
  CHECK(second.policies[0].choices == sy::Labels{1, 0});
  CHECK(second.policies[1].choices == sy::Labels{0, 1});
}
