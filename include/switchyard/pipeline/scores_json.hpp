#pragma once

#include "switchyard/io/json_build.hpp"
#include "switchyard/metric/interval.hpp"
#include "switchyard/pipeline/evaluate.hpp"
#include "switchyard/pipeline/policy_value.hpp"
#include "switchyard/select/ceiling.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::detail {

/// JSON knows no NaN and no infinity.
[[nodiscard]] inline nlohmann::json number_or_null(double value) {
  return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(nullptr);
}

[[nodiscard]] inline nlohmann::json interval_to_json(const Interval& interval) {
  return json_array({number_or_null(interval.low), number_or_null(interval.high)});
}

[[nodiscard]] inline nlohmann::json metrics_to_json(const ClassificationMetrics& metrics) {
  nlohmann::json object;
  for (const auto& field : metric_fields<double>)
    object[std::string(field.name)] = number_or_null(metrics.*field.member);
  return object;
}

[[nodiscard]] inline nlohmann::json score_to_json(const PredictorScore& score) {
  nlohmann::json intervals;
  for (const auto& field : metric_fields<Interval>) {
    intervals[std::string(field.name)] = interval_to_json(score.interval.*field.member);
  }
  const ConfusionMatrix& confusion = score.confusion;
  return json_object({{"name", score.name},
                      {"train", metrics_to_json(score.train)},
                      {"validation", metrics_to_json(score.validation)},
                      {"test", metrics_to_json(score.test)},
                      {"test_interval_95", intervals},
                      {"confusion", json_object({{"true_positive", confusion.true_positive},
                                                 {"false_positive", confusion.false_positive},
                                                 {"true_negative", confusion.true_negative},
                                                 {"false_negative", confusion.false_negative}})},
                      {"train_test_gap", number_or_null(score.gap)},
                      {"train_test_gap_interval_95", interval_to_json(score.gap_interval)},
                      {"over_context_table", number_or_null(score.over_context.difference)},
                      {"over_context_table_interval_95", interval_to_json(score.over_context.interval)}});
}

/// One object per policy; intervals under the same names as the numbers.
[[nodiscard]] inline nlohmann::json values_to_json(const std::vector<PolicyValue>& values) {
  const auto key = [](std::string_view name) {
    return name == "saving_captured" ? std::string("share_of_saving_captured") : std::string(name);
  };
  auto list = nlohmann::json::array();
  for (const PolicyValue& value : values) {
    nlohmann::json object = json_object({{"policy", value.name}});
    nlohmann::json intervals;
    for (const auto& field : value_fields<double>) object[key(field.name)] = number_or_null(value.*field.member);
    for (const auto& field : value_fields<Interval>) {
      intervals[key(field.name)] = interval_to_json(value.interval.*field.member);
    }
    object["interval_95"] = intervals;
    list.push_back(object);
  }
  return list;
}

[[nodiscard]] inline nlohmann::json ceiling_to_json(const ContextCeiling& ceiling) {
  return json_object({{"plain", number_or_null(ceiling.plain)},
                      {"corrected", number_or_null(ceiling.corrected)},
                      {"contexts", ceiling.contexts},
                      {"singletons", ceiling.singletons}});
}

}  // namespace switchyard::detail
