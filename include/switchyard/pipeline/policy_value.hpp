#pragma once

#include "switchyard/cloud/label.hpp"
#include "switchyard/core/statistics.hpp"
#include "switchyard/pipeline/evaluate.hpp"
#include "switchyard/pipeline/training_data.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace switchyard {

/// What requests would have cost and taken had a policy chosen their platform, on the matched pairs.
struct PolicyValue {
  std::string name;
  double mean_latency_ms = 0;
  double p50_latency_ms = 0;
  double p95_latency_ms = 0;
  double cost_usd_per_million = 0;
  double failure_share = 0;
  double latency_regret_ms = 0;  // mean above hindsight
  double saving_captured = 0;    // share of hindsight's latency saving over the best constant; 1 = all, 0 = none
};

namespace detail {

/// Hindsight takes the faster answer of two noisy ones; failures always lose. No router can reach it.
[[nodiscard]] inline bool lambda_in_hindsight(const PlatformResult& lambda, const PlatformResult& ecs) noexcept {
  return lambda.ok != ecs.ok ? lambda.ok : lambda.latency_ms < ecs.latency_ms;
}

/// Whether a row holds what both platforms did. A table from elsewhere may have gaps.
[[nodiscard]] inline bool has_both_outcomes(const TrainingData& data, std::size_t row) noexcept {
  const PlatformResult& lambda = data.lambda[row];
  const PlatformResult& ecs = data.ecs[row];
  return std::isfinite(lambda.latency_ms) && std::isfinite(ecs.latency_ms) && std::isfinite(lambda.cost_usd) &&
         std::isfinite(ecs.cost_usd);
}

/// `choices`: 1 = Lambda, per row; rows without both outcomes do not count.
[[nodiscard]] inline PolicyValue value_of(const std::string& name, const TrainingData& data,
                                          const std::vector<Index>& rows, const Labels& choices) {
  PolicyValue value;
  value.name = name;
  std::vector<double> latencies;
  CompensatedSum cost;
  double failures = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = static_cast<std::size_t>(rows[i]);
    if (!has_both_outcomes(data, row)) continue;
    const PlatformResult& chosen = choices[i] == 1 ? data.lambda[row] : data.ecs[row];
    latencies.push_back(chosen.latency_ms);
    cost.add(chosen.cost_usd);
    failures += chosen.ok ? 0 : 1;
  }
  const auto n = static_cast<double>(latencies.size());
  std::sort(latencies.begin(), latencies.end());
  value.mean_latency_ms = mean(latencies);
  value.p50_latency_ms = quantile_of_sorted(latencies, 0.50);
  value.p95_latency_ms = quantile_of_sorted(latencies, 0.95);
  value.cost_usd_per_million = cost.value() / n * 1e6;
  value.failure_share = failures / n;
  return value;
}

}  // namespace detail

/// Values always-Lambda, always-ECS, each predictor and hindsight on the test rows, in this order. Empty if the data
/// hold no outcomes. Rows are matched, not randomised pairs of one request: see the report's limits.
[[nodiscard]] inline std::vector<PolicyValue> policy_values(const TrainingData& data,
                                                            const std::vector<PredictorOutput>& predictors) {
  std::vector<PolicyValue> values;
  if (!data.has_outcomes() || predictors.empty()) return values;
  const std::vector<Index>& rows = predictors.front().test.rows;
  const auto is_known = [&](Index row) { return detail::has_both_outcomes(data, static_cast<std::size_t>(row)); };
  if (std::none_of(rows.begin(), rows.end(), is_known)) return values;
  Labels hindsight;
  for (const Index row : rows) {
    const auto i = static_cast<std::size_t>(row);
    hindsight.push_back(detail::lambda_in_hindsight(data.lambda[i], data.ecs[i]) ? 1 : 0);
  }
  values.push_back(detail::value_of("always lambda", data, rows, Labels(rows.size(), 1)));
  values.push_back(detail::value_of("always ecs", data, rows, Labels(rows.size(), 0)));
  for (const auto& output : predictors) {
    values.push_back(detail::value_of(output.name, data, output.test.rows, output.test.predicted()));
  }
  values.push_back(detail::value_of("hindsight", data, rows, hindsight));
  const double best_constant = std::min(values[0].mean_latency_ms, values[1].mean_latency_ms);
  const double oracle = values.back().mean_latency_ms;
  for (auto& value : values) {
    value.latency_regret_ms = value.mean_latency_ms - oracle;
    value.saving_captured = best_constant > oracle ? (best_constant - value.mean_latency_ms) / (best_constant - oracle)
                                                   : std::numeric_limits<double>::quiet_NaN();
  }
  return values;
}

}  // namespace switchyard
