#include "switchyard/pipeline/policy_difference.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/pipeline/policy_value.hpp"

#include "five_pairs.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <vector>

namespace sy = switchyard;

using fixture::all_five;
using fixture::five_pairs;

namespace {

sy::PolicyTrial opposite_choices() {
  return {sy::matched_pairs(five_pairs(), all_five), {{"q", {1, 1, 0, 1, 0}}, {"p", {1, 0, 0, 1, 1}}}};
}

const sy::Policy always_ecs{"always ecs", {0, 0, 0, 0, 0}};

/// A pair each second for an hour. ECS takes 1,000 ms and costs 2 USD per million, Lambda 1; every 15 s the state
/// changes, and Lambda takes 600 or 1,200 ms, give or take 100.
sy::PolicyTrial hour(std::uint64_t seed) {
  sy::Rng rng(seed);
  sy::PolicyTrial trial{{}, {{"always lambda", {}}}};
  double lambda_ms = 0;
  for (int i = 0; i < 3600; ++i) {
    if (i % 15 == 0) lambda_ms = rng.bernoulli(0.5) ? 600 : 1200;
    sy::MatchedPair pair;
    pair.lambda.answered = {lambda_ms + 100 * rng.normal(), 1e-6, true};
    pair.ecs.answered = {1000, 2e-6, true};
    pair.block = i / 60;
    trial.pairs.push_back(pair);
  }
  trial.policies[0].choices.assign(3600, 1);
  return trial;
}

}  // namespace

TEST_CASE("five pairs by hand: what is saved against always ECS") {
  const auto differences = sy::policy_differences(opposite_choices(), always_ecs, {.replicates = 10});
  REQUIRE(differences.size() == 2);
  CHECK(differences[0].policy == "q");
  CHECK(differences[0].reference == "always ecs");
  CHECK(differences[0].latency_ms == Approx(480 - 310));
  CHECK(differences[0].cost_usd_per_million == Approx(4.6 - 2.6));
  CHECK(differences[0].failure_share == 0);
  CHECK(differences[0].accuracy == Approx(0.8 - 0.6));  // right: all but row 1, and rows 1, 2 and 4
  CHECK(differences[1].latency_ms == Approx(480 - 2150));
  CHECK(differences[1].cost_usd_per_million == Approx(4.6 - 3.4));
  CHECK(differences[1].failure_share == Approx(-0.2));
  CHECK(differences[1].accuracy == Approx(0.8 - 0.6));
}

TEST_CASE("a policy saves nothing against itself") {
  const auto same = sy::policy_differences(opposite_choices(), opposite_choices().policies[0], {.replicates = 50})[0];
  CHECK(same.latency_ms == 0);
  CHECK(same.interval.latency_ms.low == 0);
  CHECK(same.interval.latency_ms.high == 0);
  CHECK(same.interval.accuracy.high == 0);
}

TEST_CASE("differences of values are values of differences, also weighted and with missing answers") {
  auto data = five_pairs();
  data.scheduled_weight = {2, 1, 0.5, 1, 0.5};
  data.missing_lambda = {0.1, 0, 0, 0.2, 0};
  data.missing_ecs = {0, 0, 0.5, 0, 0.3};
  const sy::PairOptions options{.weighting = sy::PairWeighting::scheduled, .missing = sy::MissingBound::timeout};
  const sy::PolicyTrial trial{sy::matched_pairs(data, all_five, options), {{"q", {1, 1, 0, 1, 0}}, always_ecs}};
  const auto values = sy::value_policies(trial, {.replicates = 1, .seed = 3});
  const auto saved = sy::policy_differences(trial, always_ecs, {.replicates = 1, .seed = 3})[0];
  CHECK(saved.latency_ms == Approx(values[1].mean_latency_ms - values[0].mean_latency_ms));
  CHECK(saved.cost_usd_per_million == Approx(values[1].cost_usd_per_million - values[0].cost_usd_per_million));
  CHECK(saved.failure_share == Approx(values[1].failure_share - values[0].failure_share));
  // The same draws on both sides: a single replicate's difference is the difference of the single replicates.
  CHECK(saved.interval.latency_ms.low ==
        Approx(values[1].interval.mean_latency_ms.low - values[0].interval.mean_latency_ms.low));
}

TEST_CASE("block intervals cover the milliseconds saved, row by row intervals do not") {
  constexpr int trials = 200;
  int covered = 0;
  int covered_by_row = 0;
  for (std::uint64_t number = 0; number < trials; ++number) {
    auto trial = hour(number);
    const sy::Policy reference = sy::constant_policy(trial.pairs, "always ecs", 0);
    const sy::BootstrapOptions options{.replicates = 200, .seed = number};
    const auto saved = sy::policy_differences(trial, reference, options)[0];
    covered += saved.interval.latency_ms.contains(100) ? 1 : 0;
    CHECK(saved.interval.cost_usd_per_million.low == Approx(1));
    if (number % 5 != 0) continue;
    for (std::size_t i = 0; i < trial.pairs.size(); ++i) trial.pairs[i].block = static_cast<std::int64_t>(i);
    const auto by_row = sy::policy_differences(trial, reference, options)[0];
    covered_by_row += by_row.interval.latency_ms.contains(100) ? 1 : 0;
  }
  // The standard error of a coverage near .95 over 200 trials is .016; sixty blocks cost about .01.
  CHECK(covered / static_cast<double>(trials) == Approx(0.94).margin(0.045));
  CHECK(covered_by_row / (trials / 5.0) < 0.7);  // rows that repeat a state fifteen times: z = 1.96 / 3.7
}

TEST_CASE("a paired interval is far narrower than the two it is the difference of") {
  auto trial = hour(7);
  trial.policies.push_back(trial.policies[0]);
  for (std::size_t i = 0; i < 3600; i += 20) trial.policies[1].choices[i] = 0;  // 5 % to ECS
  const auto saved = sy::policy_differences(trial, trial.policies[0])[1].interval.latency_ms;
  const auto value = sy::value_policies(trial, {.replicates = 200})[1].interval.mean_latency_ms;
  CHECK(saved.high - saved.low < (value.high - value.low) / 5);
}

TEST_CASE("each run by itself") {
  const auto runs = sy::differences_by_run(opposite_choices(), always_ecs, {.replicates = 20});
  REQUIRE(runs.size() == 2);
  CHECK(runs[0].run == 0);
  CHECK(runs[0].pairs == 3);
  CHECK(runs[0].blocks == 1);
  CHECK(runs[0].differences[0].latency_ms == Approx((800 - 800) / 3.0));
  CHECK(runs[1].pairs == 2);
  CHECK(runs[1].blocks == 2);
  REQUIRE(runs[1].differences.size() == 2);
  CHECK(runs[1].differences[0].policy == "q");
  CHECK(runs[1].differences[0].latency_ms == Approx((1600 - 750) / 2.0));
  CHECK(runs[1].differences[1].latency_ms == Approx((1600 - 10'050) / 2.0));
}

TEST_CASE("without pairs nothing is saved, and every policy chooses for every pair") {
  CHECK(sy::policy_differences({}, {}).empty());
  CHECK_THROWS_WITH(sy::policy_differences(opposite_choices(), {"none", {}}),
                    "choices of none has 0 values; expected 5");
  auto trial = opposite_choices();
  trial.policies[1].choices.pop_back();
  CHECK_THROWS_WITH(sy::policy_differences(trial, always_ecs), "choices of p has 4 values; expected 5");
}
