#pragma once

#include "switchyard/cloud/live_state.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

/// Features of the platforms' state when a request is to be routed, in their order. Logarithms are natural, of
/// milliseconds; `ratio` is log(ECS) - log(Lambda), so a positive one speaks for Lambda.
inline constexpr std::array<std::string_view, 29> live_feature_names = {
    "live_log_latency_ratio",       // of the latencies expected now
    "live_latency_advantage",       // the same over the spread of both, within +-4: about the log-odds of Lambda being
                                    // faster
    "live_norm_log_ratio",          // of what is normal for the workload and size
    "live_lambda_expected_log_ms",  // of this request, now
    "live_lambda_slow_deviation",   // from normal, over minutes
    "live_lambda_fast_deviation",   // from that, over seconds: the trend
    "live_lambda_platform_deviation",  // the same over all workloads
    "live_lambda_spread",              // standard deviation of log latency around what was expected
    "live_lambda_answer_age_s",        // since the workload's last answer; an hour at most
    "live_lambda_idle_s",              // since the workload was last sent there, an hour at most: may start cold
    "live_lambda_error_share",         // of recent answers
    "live_lambda_timeout_share",
    "live_lambda_in_flight",  // requests out, all workloads
    "live_lambda_workload_in_flight",
    "live_lambda_censored_excess",  // of requests out for longer than expected, sum of log(age) - log(expected)
    "live_lambda_arrivals_per_s",
    "live_ecs_expected_log_ms",
    "live_ecs_slow_deviation",
    "live_ecs_fast_deviation",
    "live_ecs_platform_deviation",
    "live_ecs_spread",
    "live_ecs_answer_age_s",
    "live_ecs_idle_s",
    "live_ecs_error_share",
    "live_ecs_timeout_share",
    "live_ecs_in_flight",
    "live_ecs_workload_in_flight",
    "live_ecs_censored_excess",
    "live_ecs_arrivals_per_s",
};

using LiveFeatures = std::array<double, live_feature_names.size()>;

/// The features of a reading: the ONE definition, for training and for serving. NaN where nothing is known yet.
[[nodiscard]] inline LiveFeatures live_features(const LiveReading& reading) noexcept {
  const double ratio = reading.ecs.expected_log_ms - reading.lambda.expected_log_ms;
  const double spread = std::hypot(reading.ecs.spread, reading.lambda.spread);
  constexpr double surest = 4;  // a log-odds of 4 is 98 %: no state is surer of the next answer
  const double advantage = std::clamp(ratio / spread, -surest, surest);
  LiveFeatures features{ratio, advantage, reading.ecs.norm_log_ms - reading.lambda.norm_log_ms};
  std::size_t next = 3;
  for (const PlatformReading* platform : {&reading.lambda, &reading.ecs}) {
    constexpr double longest_s = 3600;  // longer ago is as good as never
    // std::min keeps its first argument when that is NaN.
    for (const double value :
         {platform->expected_log_ms, platform->slow_deviation, platform->fast_deviation, platform->platform_deviation,
          platform->spread, std::min(platform->answer_age_s, longest_s), std::min(platform->idle_s, longest_s),
          platform->error_share, platform->timeout_share, platform->in_flight, platform->workload_in_flight,
          platform->censored_excess, platform->arrivals_per_s}) {
      features[next++] = value;
    }
  }
  return features;
}

/// The same names as owned strings, for datasets and model files.
[[nodiscard]] inline std::vector<std::string> live_feature_columns() {
  return {live_feature_names.begin(), live_feature_names.end()};
}

}  // namespace switchyard
