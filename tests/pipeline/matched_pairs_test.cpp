#include "switchyard/pipeline/matched_pairs.hpp"

#include "five_pairs.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <vector>

namespace sy = switchyard;

using fixture::all_five;
using fixture::five_pairs;

namespace {

template <class Get>
auto each(const std::vector<sy::MatchedPair>& pairs, Get get) {
  std::vector<decltype(get(pairs.front()))> values;
  for (const auto& pair : pairs) values.push_back(get(pair));
  return values;
}

std::vector<double> weights_of(const std::vector<sy::MatchedPair>& pairs) {
  return each(pairs, [](const auto& pair) { return pair.weight; });
}

}  // namespace

TEST_CASE("a pair knows what both platforms did and where its row comes from") {
  const auto pairs = sy::matched_pairs(five_pairs(), all_five);
  REQUIRE(pairs.size() == 5);
  CHECK(pairs[3].lambda.expected_latency_ms() == 50);
  CHECK(pairs[3].ecs.cost_usd() == 6e-6);
  CHECK(pairs[3].label == 1);
  CHECK(pairs[3].run == 1);
  CHECK(pairs[3].logged == sy::Platform::ecs);
  CHECK(pairs[4].lambda.failure_share() == 1);
  CHECK(weights_of(pairs) == std::vector<double>(5, 1.0));
  CHECK(sy::blocks_of(pairs) == std::vector<std::int64_t>{0, 0, 0, 1, 2});
}

TEST_CASE("contexts are what a request says, not what the platforms do") {
  const auto contexts = [](const sy::PairOptions& options) {
    return each(sy::matched_pairs(five_pairs(), all_five, options), [](const auto& pair) { return pair.context; });
  };
  CHECK(contexts({}) == std::vector<std::int64_t>{0, 0, 1, 1, 2});
  const std::vector<std::int64_t> own{7, 7, 7, 8, 8};
  CHECK(contexts({.contexts = own}) == own);
  auto live_only = five_pairs().data;
  live_only.feature_names = {"live_a", "live_b"};
  CHECK(sy::request_contexts(live_only) == std::vector<std::int64_t>(5, 0));
}

TEST_CASE("rows without both outcomes are left out, and positions stay") {
  auto data = five_pairs();
  data.ecs[2].cost_usd = std::numeric_limits<double>::quiet_NaN();
  const std::vector<sy::Index> rows{4, 2, 0};
  const auto pairs = sy::matched_pairs(data, rows);
  REQUIRE(pairs.size() == 2);
  CHECK(pairs[0].position == 0);
  CHECK(pairs[1].position == 2);
  CHECK(pairs[1].lambda.answered.latency_ms == 100);
}

TEST_CASE("weights have mean 1 over the pairs asked for") {
  auto data = five_pairs();
  data.scheduled_weight = {1, 3, 9, 9, 9};
  data.mate_reuse = {1, 4, 2, 0, 1};
  const std::vector<sy::Index> two{0, 1};
  CHECK(weights_of(sy::matched_pairs(data, two, {.weighting = sy::PairWeighting::scheduled})) ==
        std::vector<double>{0.5, 1.5});
  CHECK(weights_of(sy::matched_pairs(data, two, {.weighting = sy::PairWeighting::once_per_mate})) ==
        std::vector<double>{1.6, 0.4});
  const std::vector<sy::Index> last_two{3, 4};  // a row whose mate is nobody's counts once
  CHECK(weights_of(sy::matched_pairs(data, last_two, {.weighting = sy::PairWeighting::once_per_mate})) ==
        std::vector<double>{1, 1});
}

TEST_CASE("a missing answer counts as a time-out, or as the mean of those that came") {
  auto data = five_pairs();
  data.missing_lambda = {0, 0, 0, 0, 0.5};
  data.missing_ecs = {0.25, 0, 0, 0, 0};
  const auto timeout = sy::matched_pairs(data, all_five, {.missing = sy::MissingBound::timeout, .timeout_ms = 20'000});
  CHECK(timeout[0].ecs.expected_latency_ms() == Approx(0.75 * 200 + 0.25 * 20'000));
  CHECK(timeout[0].ecs.failure_share() == 0.25);
  CHECK(timeout[0].ecs.cost_usd() == 4e-6);
  CHECK(timeout[0].lambda.expected_latency_ms() == 100);
  CHECK(timeout[4].lambda.expected_latency_ms() == Approx(15'000));
  CHECK(timeout[4].lambda.failure_share() == 1);  // those answered had failed too
  const auto mean = sy::matched_pairs(data, all_five, {.missing = sy::MissingBound::mean});
  CHECK(mean[0].ecs.expected_latency_ms() == 200);
  CHECK(mean[0].ecs.failure_share() == 0);
}

TEST_CASE("another mate takes the place of the mate, never of the row's own request") {
  auto data = five_pairs();
  const double none = std::numeric_limits<double>::quiet_NaN();
  // Rows 0, 2 and 4 ran on Lambda. Row 3 has no other mate; row 4's failed as the row itself did.
  data.alternative_mate = {
      {80, 5e-6, true}, {150, 3e-6, true}, {600, 4e-6, true}, {none, none, false}, {10'000, 7e-6, false}};
  const auto pairs = sy::matched_pairs(data, all_five, {.mates = sy::MateSource::alternative});
  REQUIRE(pairs.size() == 3);
  CHECK(pairs[0].lambda.answered.latency_ms == 100);
  CHECK(pairs[0].ecs.answered.latency_ms == 80);
  CHECK(pairs[0].label == 0);  // Lambda is now slower
  CHECK(pairs[1].lambda.answered.latency_ms == 150);
  CHECK(pairs[1].ecs.answered.latency_ms == 200);
  CHECK(pairs[1].label == 1);
  CHECK(pairs[2].label == 1);
}

TEST_CASE("options ask for columns the data must have") {
  const auto data = five_pairs();
  const auto with = [&](const sy::PairOptions& options) { return sy::matched_pairs(data, all_five, options); };
  CHECK_THROWS_WITH(with({.weighting = sy::PairWeighting::scheduled}), "the dataset has no column scheduled_weight");
  CHECK_THROWS_WITH(with({.weighting = sy::PairWeighting::once_per_mate}), "the dataset has no column mate_reuse");
  CHECK_THROWS_WITH(with({.missing = sy::MissingBound::timeout}),
                    "the dataset has no column missing_lambda or missing_ecs");
  CHECK_THROWS_WITH(with({.mates = sy::MateSource::alternative}),
                    "the dataset has no column alternative_mate_latency_ms or platform");
  CHECK_THROWS_WITH(with({.timeout_ms = 0}), "timeout_ms is 0; expected a positive number");
  const std::vector<std::int64_t> one{1};
  CHECK_THROWS_WITH(with({.contexts = one}), "contexts has 1 values; expected 5");
  auto blind = data;
  blind.ecs.clear();
  CHECK_THROWS_WITH(sy::matched_pairs(blind, all_five), "observed outcomes has 0 values; expected 5");
}
