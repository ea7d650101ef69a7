#include "switchyard/pipeline/live_features.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <string_view>

namespace sy = switchyard;

namespace {

[[nodiscard]] double named(const sy::LiveFeatures& features, std::string_view name) {
  const auto* const found = std::find(sy::live_feature_names.begin(), sy::live_feature_names.end(), name);
  REQUIRE(found != sy::live_feature_names.end());
  return features[static_cast<std::size_t>(found - sy::live_feature_names.begin())];
}

/// Every number of its own.
[[nodiscard]] sy::PlatformReading numbered(double first) {
  return {.expected_log_ms = first,
          .norm_log_ms = first + 1,
          .slow_deviation = first + 2,
          .fast_deviation = first + 3,
          .platform_deviation = first + 4,
          .spread = first + 5,
          .answer_age_s = first + 6,
          .idle_s = first + 7,
          .error_share = first + 8,
          .timeout_share = first + 9,
          .in_flight = first + 10,
          .workload_in_flight = first + 11,
          .censored_excess = first + 12,
          .arrivals_per_s = first + 13};
}

}  // namespace

TEST_CASE("each feature is what its name says") {
  const sy::LiveFeatures features = sy::live_features({.ecs = numbered(100), .lambda = numbered(200)});
  for (const auto& [platform, first] : {std::pair{std::string("live_ecs_"), 100.0}, {"live_lambda_", 200.0}}) {
    CHECK(named(features, platform + "expected_log_ms") == first);
    CHECK(named(features, platform + "slow_deviation") == first + 2);
    CHECK(named(features, platform + "fast_deviation") == first + 3);
    CHECK(named(features, platform + "platform_deviation") == first + 4);
    CHECK(named(features, platform + "spread") == first + 5);
    CHECK(named(features, platform + "answer_age_s") == first + 6);
    CHECK(named(features, platform + "idle_s") == first + 7);
    CHECK(named(features, platform + "error_share") == first + 8);
    CHECK(named(features, platform + "timeout_share") == first + 9);
    CHECK(named(features, platform + "in_flight") == first + 10);
    CHECK(named(features, platform + "workload_in_flight") == first + 11);
    CHECK(named(features, platform + "censored_excess") == first + 12);
    CHECK(named(features, platform + "arrivals_per_s") == first + 13);
  }
  CHECK(named(features, "live_log_latency_ratio") == -100);
  CHECK(named(features, "live_norm_log_ratio") == -100);
}

TEST_CASE("the advantage is the ratio over the spread of both, and positive for Lambda") {
  const auto advantage = [](double ecs_log_ms, double ecs_spread, double lambda_spread) {
    const sy::LiveReading reading{.ecs = {.expected_log_ms = ecs_log_ms, .spread = ecs_spread},
                                  .lambda = {.expected_log_ms = 5, .spread = lambda_spread}};
    return named(sy::live_features(reading), "live_latency_advantage");
  };
  CHECK(advantage(6, 0.6, 0.8) == Approx(1));
  CHECK(advantage(4, 0.6, 0.8) == Approx(-1));
  CHECK(advantage(5, 0.6, 0.8) == 0);
  CHECK(advantage(9, 0.01, 0.01) == 4);
  CHECK(advantage(1, 0.01, 0.01) == -4);
}

TEST_CASE("what is not known is missing, long ago is an hour ago") {
  const sy::LiveState state(sy::default_catalogue());
  const auto nothing = sy::live_features(state.read(sy::Workload::lightweight_api, 1, 1e12));
  for (const auto* const missing : {"live_log_latency_ratio", "live_latency_advantage", "live_norm_log_ratio",
                                    "live_ecs_expected_log_ms", "live_lambda_answer_age_s", "live_ecs_idle_s"}) {
    INFO(missing);
    CHECK(std::isnan(named(nothing, missing)));
  }
  CHECK(named(nothing, "live_ecs_in_flight") == 0);
  const auto old = sy::live_features({.ecs = {.answer_age_s = 1e9, .idle_s = 3601}, .lambda = {.idle_s = 3599}});
  CHECK(named(old, "live_ecs_answer_age_s") == 3600);
  CHECK(named(old, "live_ecs_idle_s") == 3600);
  CHECK(named(old, "live_lambda_idle_s") == 3599);
}

TEST_CASE("names are distinct, of one source, and the columns'") {
  const std::set<std::string_view> distinct(sy::live_feature_names.begin(), sy::live_feature_names.end());
  CHECK(distinct.size() == sy::live_feature_names.size());
  for (const auto name : distinct) CHECK(name.substr(0, 5) == "live_");
  const auto columns = sy::live_feature_columns();
  CHECK(std::equal(columns.begin(), columns.end(), sy::live_feature_names.begin(), sy::live_feature_names.end()));
}
