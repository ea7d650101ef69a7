#pragma once

#include "switchyard/cloud/label.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/model/boosted_regressor.hpp"
#include "switchyard/model/gradient_boosting.hpp"
#include "switchyard/model/hand_rule.hpp"
#include "switchyard/model/logistic_slope.hpp"
#include "switchyard/model/paired_regression.hpp"
#include "switchyard/pipeline/routing_objective.hpp"
#include "switchyard/pipeline/training_data.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard {

/// Boosting on live state: shallow, slow and strongly shrunk towards the offset it starts from, since what it learns
/// must hold in runs it has not seen.
[[nodiscard]] inline GradientBoostingOptions live_boosting() noexcept {
  GradientBoostingOptions options;
  options.rounds = 100;
  options.learning_rate = 0.05;
  options.max_depth = 5;
  options.subsample = 0.8;
  options.column_sample = 0.8;
  options.l2 = 10;
  options.min_child_weight = 100;
  return options;
}

/// The same for regressors, whose second derivatives are 1.
[[nodiscard]] inline GradientBoostingOptions live_regression() noexcept {
  GradientBoostingOptions options = live_boosting();
  options.min_child_weight = 0;
  options.min_samples_leaf = 200;
  return options;
}

/// Whether the columns are there that the hand rule and boosting on live state rest on.
[[nodiscard]] inline bool has_live_advantage(const Dataset& data) {
  return find_feature(data.feature_names, "live_latency_advantage") &&
         find_feature(data.feature_names, "workload_type_encoded");
}

/// Whether it is known of each row where it ran and what both platforms took.
[[nodiscard]] inline bool has_logged_outcomes(const TrainingData& data) {
  return data.has_outcomes() && !data.platforms.empty();
}

namespace detail {

/// Columns that say which run a row is from rather than what decides: the hour, window and pattern of a run that
/// training has not seen are new values, and trees split on the old ones would answer at random.
[[nodiscard]] inline bool names_the_run(std::string_view column) {
  const std::string source = source_of(column);
  return source == "time" || source == "load" || column == "payload_hour_interaction" ||
         column == "payload_time_window_interaction" || column == "payload_load_pattern_interaction";
}

/// The rows with those columns set to 0: what is constant in training is never split on, so that a model of these rows
/// answers rows as they come.
[[nodiscard]] inline Dataset without_run_columns(Dataset data) {
  for (Index column = 0; column < data.columns(); ++column) {
    if (names_the_run(data.feature_names[static_cast<std::size_t>(column)])) data.features.col(column).setZero();
  }
  return data;
}

/// The workload of each row, as its code; nothing where there is none. [samples]
[[nodiscard]] inline std::vector<std::optional<std::size_t>> workload_codes(const Dataset& rows) {
  const Index column = *find_feature(rows.feature_names, "workload_type_encoded");
  constexpr double most_codes = 255;
  std::vector<std::optional<std::size_t>> codes(static_cast<std::size_t>(rows.rows()));
  for (Index i = 0; i < rows.rows(); ++i) {
    const double code = rows.features(i, column);
    if (code >= 0 && code < most_codes) codes[static_cast<std::size_t>(i)] = static_cast<std::size_t>(code);
  }
  return codes;
}

[[nodiscard]] inline std::size_t workload_count(const std::vector<std::optional<std::size_t>>& codes) {
  std::size_t count = 0;
  for (const auto& code : codes) count = std::max(count, code ? *code + 1 : 0);
  return count;
}

/// Whether Lambda is the cheaper platform for most rows of each workload. [workload codes in the rows]
[[nodiscard]] inline std::vector<bool> lambda_is_cheaper(const TrainingData& train) {
  const auto codes = workload_codes(train.data);
  std::vector<int> balance(workload_count(codes));  // rows where Lambda is cheaper less rows where it is not
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (codes[i]) balance[*codes[i]] += compare_platforms(train.lambda[i], train.ecs[i]).cost_optimal ? 1 : -1;
  }
  std::vector<bool> cheaper;
  for (const int rows : balance) cheaper.push_back(rows > 0);
  return cheaper;
}

/// Log of what a platform took: latency, or cost.
struct OwnOutcomes {
  std::vector<Index> rows;
  std::vector<double> targets;
};

/// Of the rows whose own request ran on the platform or, where it had none, of all rows' mates there.
[[nodiscard]] inline OwnOutcomes own_outcomes(const TrainingData& data, Platform platform, RoutingObjective what) {
  const auto of_rows = [&](bool own_only) {
    OwnOutcomes result;
    for (std::size_t i = 0; i < data.platforms.size(); ++i) {
      if (own_only && data.platforms[i] != platform) continue;
      const PlatformResult& outcome = platform == Platform::lambda ? data.lambda[i] : data.ecs[i];
      const double value = what == RoutingObjective::cost ? outcome.cost_usd : outcome.latency_ms;
      if (!(value > 0) || !std::isfinite(value)) continue;
      result.rows.push_back(static_cast<Index>(i));
      result.targets.push_back(std::log(value));
    }
    return result;
  };
  OwnOutcomes own = of_rows(true);
  return own.rows.empty() ? of_rows(false) : own;
}

/// A pair of regressors of log latency or log cost, each fitted on its platform's own rows; mates are not needed but
/// for the slope. Latencies start from what live state expects.
[[nodiscard]] inline RegressionPair fit_regression_pair(const TrainingData& train, const Dataset& rows,
                                                        RoutingObjective what, GradientBoostingOptions options) {
  const auto fit = [&](Platform platform) {
    const OwnOutcomes own = own_outcomes(train, platform, what);
    const std::string expected = "live_" + std::string(to_string(platform)) + "_expected_log_ms";
    const auto offset = find_feature(rows.feature_names, expected);
    options.offset_column = what == RoutingObjective::cost ? -1 : offset.value_or(-1);
    const Dataset part = rows.subset(own.rows);
    return GradientBoostingRegressor::fit({part, own.targets}, options);
  };
  RegressionPair pair{fit(Platform::ecs), fit(Platform::lambda), 1};
  const Vector differences = pair.zero.predict(rows.features) - pair.one.predict(rows.features);
  Labels labels;
  for (std::size_t i = 0; i < train.lambda.size(); ++i) {
    labels.push_back(label_of(compare_platforms(train.lambda[i], train.ecs[i]), what) ? 1 : 0);
  }
  pair.slope = logistic_slope({differences.data(), labels.size()}, labels, rows.weights);
  return pair;
}

}  // namespace detail

/// The hand rule of live state: the platform with the lower latency expected now, if (for the balanced objective) also
/// the one that is cheaper for most training rows of the workload. Needs has_live_advantage and, unless the objective
/// is latency, outcomes.
[[nodiscard]] inline HandRule fit_hand_rule(const TrainingData& train, RoutingObjective objective) {
  const auto& names = train.data.feature_names;
  const HandRuleColumns columns{*find_feature(names, "live_latency_advantage"),
                                *find_feature(names, "workload_type_encoded")};
  const auto worth_it = objective == RoutingObjective::latency
                            ? std::vector<bool>(detail::workload_count(detail::workload_codes(train.data)), true)
                            : detail::lambda_is_cheaper(train);
  return HandRule::fit(train.data, columns, worth_it);
}

namespace detail {

/// The least child weight asked for, or less where rows are so few that hardly a split would be left.
[[nodiscard]] inline double child_weight_for(double wanted, Index rows) noexcept {
  constexpr double rows_per_unit = 150;
  return std::min(wanted, std::max(1.0, static_cast<double>(rows) / rows_per_unit));
}

}  // namespace detail

/// Boosting that starts from the live latency advantage as log-odds and does not look at what names the run.
[[nodiscard]] inline GradientBoosting fit_live_boosting(const Dataset& train, GradientBoostingOptions options) {
  options.offset_column = find_feature(train.feature_names, "live_latency_advantage").value_or(-1);
  options.min_child_weight = detail::child_weight_for(options.min_child_weight, train.rows());
  return GradientBoosting::fit(detail::without_run_columns(train), options);
}

/// Regressors of log latency and log cost per platform, as the objective asks: the other way to decide. Needs
/// has_logged_outcomes.
[[nodiscard]] inline PairedRegression fit_paired_regression(const TrainingData& train, RoutingObjective objective,
                                                            const GradientBoostingOptions& options) {
  const Dataset rows = detail::without_run_columns(train.data);
  std::vector<RegressionPair> pairs;
  for (const RoutingObjective what : {RoutingObjective::latency, RoutingObjective::cost}) {
    if (objective != RoutingObjective::balanced && objective != what) continue;
    pairs.push_back(detail::fit_regression_pair(train, rows, what, options));
  }
  return PairedRegression(std::move(pairs));
}

}  // namespace switchyard
