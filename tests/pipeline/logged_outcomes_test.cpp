#include "switchyard/pipeline/logged_outcomes.hpp"

#include "five_pairs.hpp"

#include <catch2/catch.hpp>

#include <vector>

namespace sy = switchyard;

using fixture::all_five;
using fixture::five_pairs;

TEST_CASE("a row's own request is what counts, not its mate") {
  const auto logged = sy::logged_outcomes(sy::matched_pairs(five_pairs(), all_five));
  CHECK(logged.platforms == sy::Labels{1, 0, 1, 0, 1});
  CHECK(logged.latency_ms == std::vector<double>{100, 200, 500, 900, 10'000});
  CHECK(logged.cost_usd == std::vector<double>{1e-6, 4e-6, 3e-6, 6e-6, 9e-6});
  CHECK(logged.failure_share == std::vector<double>{0, 0, 0, 0, 1});
  CHECK(logged.lambda_shares == std::vector<double>{0.5, 0.5, 0.5, 0.5, 0.6});  // the last context has Lambda only
  CHECK(logged.blocks == std::vector<std::int64_t>{0, 0, 0, 1, 2});
}

TEST_CASE("a policy is valued from agreeing rows") {
  const auto logged = sy::logged_outcomes(sy::matched_pairs(five_pairs(), all_five));
  const sy::Labels policy{1, 1, 0, 0, 1};  // agrees in rows 0, 3 and 4
  const auto value = sy::off_policy_value(logged.decisions(logged.latency_ms), policy, {.replicates = 10});
  CHECK(value.inverse_propensity.value == Approx((2 * 100 + 2 * 900 + 10'000 / 0.6) / 5));
  CHECK(value.agreement == Approx(0.6));
}

TEST_CASE("a row stands for its cell's lost requests if they count as time-outs") {
  auto data = five_pairs();
  data.missing_lambda = {0.5, 0, 0, 0, 0};
  data.missing_ecs = {0.9, 0.2, 0, 0, 0};
  const auto logged = sy::logged_outcomes(sy::matched_pairs(data, all_five, {.missing = sy::MissingBound::timeout}));
  CHECK(logged.latency_ms[0] == Approx(0.5 * 100 + 0.5 * 10'000));  // of Lambda, where it ran
  CHECK(logged.failure_share[1] == Approx(0.2));
}

TEST_CASE("it must be known where requests ran") {
  auto data = five_pairs();
  data.platforms.clear();
  CHECK_THROWS_WITH(sy::logged_outcomes(sy::matched_pairs(data, all_five)),
                    "off-policy values need the column platform");
}
