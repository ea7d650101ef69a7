#pragma once

#include "switchyard/io/json_build.hpp"
#include "switchyard/pipeline/scores_json.hpp"
#include "switchyard/pipeline/train_studies.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace switchyard {

namespace detail {

[[nodiscard]] inline nlohmann::json splits_to_json(const std::vector<SplitStudy>& splits) {
  auto list = nlohmann::json::array();
  for (const SplitStudy& study : splits) {
    if (!study.refused.empty()) {
      list.push_back(json_object({{"split", to_string(study.split)}, {"refused", study.refused}}));
      continue;
    }
    auto scores = nlohmann::json::array();
    for (const PredictorScore& score : study.scores) scores.push_back(score_to_json(score));
    list.push_back(json_object({{"split", to_string(study.split)},
                                {"test_rows", study.test_rows},
                                {"unseen_share", number_or_null(study.unseen_share)},
                                {"test_ceiling", ceiling_to_json(study.ceiling)},
                                {"scores", scores}}));
  }
  return list;
}

[[nodiscard]] inline nlohmann::json curve_to_json(const std::vector<LearningPoint>& curve) {
  auto list = nlohmann::json::array();
  for (const LearningPoint& point : curve) {
    list.push_back(json_object({{"share", point.share},
                                {"rows", point.rows},
                                {"groups", point.groups},
                                {"minutes", point.minutes},
                                {"train", metrics_to_json(point.train)},
                                {"test", metrics_to_json(point.test)}}));
  }
  return list;
}

[[nodiscard]] inline nlohmann::json control_to_json(const PermutedLabelControl& control) {
  const auto figure = [](const ControlFigure& found) -> nlohmann::json {
    auto values = nlohmann::json::array();
    for (const double value : found.values) values.push_back(number_or_null(value));
    return json_object({{"values", values},
                        {"expected", number_or_null(found.expected)},
                        {"mean", number_or_null(found.mean)},
                        {"low", number_or_null(found.low)},
                        {"high", number_or_null(found.high)},
                        {"standard_error", number_or_null(found.standard_error)}});
  };
  return json_object({{"accuracy", figure(control.accuracy)},
                      {"balanced_accuracy", figure(control.balanced_accuracy)},
                      {"tolerance", control.tolerance},
                      {"passes", control.passes}});
}

[[nodiscard]] inline nlohmann::json drift_to_json(const DriftReport& drift) {
  auto findings = nlohmann::json::array();
  for (const FeatureDrift& found : drift.findings) {
    const char* shift = found.shift == FeatureShift::large      ? "large"
                        : found.shift == FeatureShift::moderate ? "moderate"
                                                                : "none";
    findings.push_back(json_object({{"feature", found.feature},
                                    {"stability_index", number_or_null(found.stability_index)},
                                    {"by_chance", number_or_null(found.by_chance)},
                                    {"shift", shift},
                                    {"train_low", number_or_null(found.train_low)},
                                    {"train_high", number_or_null(found.train_high)},
                                    {"outside", number_or_null(found.outside)},
                                    {"train_missing", number_or_null(found.train_missing)},
                                    {"test_missing", number_or_null(found.test_missing)},
                                    {"unseen_levels", found.unseen_levels},
                                    {"unseen", number_or_null(found.unseen)}}));
  }
  return json_object({{"findings", findings},
                      {"found", drift.found},
                      {"labels", json_object({{"train_rate", number_or_null(drift.labels.train_rate)},
                                              {"test_rate", number_or_null(drift.labels.test_rate)},
                                              {"change", number_or_null(drift.labels.change)},
                                              {"interval_95", interval_to_json(drift.labels.interval)}})},
                      {"warnings", drift.warnings}});
}

[[nodiscard]] inline nlohmann::json loop_to_json(const std::vector<LoopPoint>& loop) {
  auto list = nlohmann::json::array();
  for (const LoopPoint& point : loop) {
    list.push_back(json_object({{"loop", point.open ? "open" : "closed"},
                                {"exploration", point.exploration},
                                {"answers_seen", number_or_null(point.seen)},
                                {"accuracy_recommended", number_or_null(point.recommended)},
                                {"accuracy_taken", number_or_null(point.taken)},
                                {"mean_latency_ms", number_or_null(point.latency_ms)}}));
  }
  return list;
}

[[nodiscard]] inline nlohmann::json objectives_to_json(const std::vector<ObjectiveRow>& objectives) {
  auto list = nlohmann::json::array();
  for (const ObjectiveRow& row : objectives) {
    list.push_back(json_object({{"objective", to_string(row.objective)},
                                {"predictor", row.predictor},
                                {"accuracy", number_or_null(row.accuracy)},
                                {"mean_latency_ms", number_or_null(row.latency_ms)},
                                {"cost_usd_per_million", number_or_null(row.cost_usd_per_million)}}));
  }
  return list;
}

/// Positive = the policy is better than its reference.
[[nodiscard]] inline nlohmann::json difference_to_json(const PolicyDifference& difference) {
  return json_object(
      {{"policy", difference.policy},
       {"reference", difference.reference},
       {"latency_ms", number_or_null(difference.latency_ms)},
       {"cost_usd_per_million", number_or_null(difference.cost_usd_per_million)},
       {"failure_share", number_or_null(difference.failure_share)},
       {"accuracy", number_or_null(difference.accuracy)},
       {"interval_95",
        json_object({{"latency_ms", interval_to_json(difference.interval.latency_ms)},
                     {"cost_usd_per_million", interval_to_json(difference.interval.cost_usd_per_million)},
                     {"failure_share", interval_to_json(difference.interval.failure_share)},
                     {"accuracy", interval_to_json(difference.interval.accuracy)}})}});
}

[[nodiscard]] inline nlohmann::json differences_to_json(const std::vector<PolicyDifference>& differences) {
  auto list = nlohmann::json::array();
  for (const PolicyDifference& difference : differences) list.push_back(difference_to_json(difference));
  return list;
}

/// The run's name, or its number where names are not known.
[[nodiscard]] inline std::string run_name(std::int64_t run, const std::vector<std::string>& names) {
  const auto number = static_cast<std::size_t>(run);
  return run >= 0 && number < names.size() ? names[number] : std::to_string(run);
}

[[nodiscard]] inline nlohmann::json by_run_to_json(const ValueStudy& value, const std::vector<std::string>& names) {
  auto list = nlohmann::json::array();
  for (const auto& [reference, runs] : value.by_run) {
    for (const RunDifferences& run : runs) {
      list.push_back(json_object({{"reference", reference},
                                  {"run", run_name(run.run, names)},
                                  {"pairs", run.pairs},
                                  {"blocks", run.blocks},
                                  {"differences", differences_to_json(run.differences)}}));
    }
  }
  return list;
}

[[nodiscard]] inline nlohmann::json off_policy_to_json(const std::vector<OffPolicyRow>& rows) {
  auto list = nlohmann::json::array();
  const auto estimate = [](const OffPolicyEstimate& found) -> nlohmann::json {
    return json_object({{"value", number_or_null(found.value)}, {"interval_95", interval_to_json(found.interval)}});
  };
  for (const OffPolicyRow& row : rows) {
    const OffPolicyValue& found = row.latency_ms;
    list.push_back(
        json_object({{"policy", row.policy},
                     {"mean_latency_ms", json_object({{"inverse_propensity", estimate(found.inverse_propensity)},
                                                      {"self_normalised", estimate(found.self_normalised)},
                                                      {"doubly_robust", estimate(found.doubly_robust)}})},
                     {"effective_sample_size", number_or_null(found.effective_sample_size)},
                     {"agreement", number_or_null(found.agreement)}}));
  }
  return list;
}

[[nodiscard]] inline nlohmann::json value_study_to_json(const ValueStudy& value,
                                                        const std::vector<std::string>& names) {
  auto readings = nlohmann::json::array();
  for (const EstimandSavings& reading : value.readings) {
    readings.push_back(json_object({{"name", reading.name},
                                    {"pairs", number_or_null(reading.pairs)},
                                    {"effective_pairs", number_or_null(reading.effective)},
                                    {"accuracy", number_or_null(reading.accuracy)},
                                    {"mean_latency_ms", number_or_null(reading.latency_ms)},
                                    {"over", differences_to_json(reading.over)}}));
  }
  nlohmann::json object = json_object({{"policy", value.policy},
                                       {"readings", readings},
                                       {"by_run", by_run_to_json(value, names)},
                                       {"off_policy", off_policy_to_json(value.off_policy)}});
  if (!value.off_policy_refused.empty()) object["off_policy_refused"] = value.off_policy_refused;
  return object;
}

}  // namespace detail

/// Everything the studies found, as "studies" of model_metadata.json. What was not studied is null or an empty list,
/// what is not a number null. run_names: RunDifferences::run is an index there.
[[nodiscard]] inline nlohmann::json studies_to_json(const TrainStudies& studies,
                                                    const std::vector<std::string>& run_names) {
  const nlohmann::json none = nullptr;
  return json_object({{"splits", detail::splits_to_json(studies.splits)},
                      {"studied_fold", studies.studied_fold},
                      {"studied_model", studies.studied_model},
                      {"learning_curve", detail::curve_to_json(studies.curve)},
                      {"permuted_labels", studies.control ? detail::control_to_json(*studies.control) : none},
                      {"drift", studies.drift ? detail::drift_to_json(*studies.drift) : none},
                      {"closed_loop", detail::loop_to_json(studies.loop)},
                      {"exploration", studies.loop.empty() ? none : detail::number_or_null(studies.exploration)},
                      {"objectives", detail::objectives_to_json(studies.objectives)},
                      {"value", studies.value ? detail::value_study_to_json(*studies.value, run_names) : none}});
}

}  // namespace switchyard
