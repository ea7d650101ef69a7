#pragma once

#include "switchyard/pipeline/training_report.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

namespace detail {

[[nodiscard]] inline nlohmann::json number_or_null(double value) {
  return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(nullptr);
}

[[nodiscard]] inline nlohmann::json interval_to_json(const Interval& interval) {
  return {number_or_null(interval.low), number_or_null(interval.high)};
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
  return {{"name", score.name},
          {"train", metrics_to_json(score.train)},
          {"validation", metrics_to_json(score.validation)},
          {"test", metrics_to_json(score.test)},
          {"test_interval_95", intervals},
          {"confusion",
           {{"true_positive", confusion.true_positive},
            {"false_positive", confusion.false_positive},
            {"true_negative", confusion.true_negative},
            {"false_negative", confusion.false_negative}}},
          {"train_test_gap", score.gap},
          {"train_test_gap_interval_95", interval_to_json(score.gap_interval)},
          {"over_context_table", score.over_context.difference},
          {"over_context_table_interval_95", interval_to_json(score.over_context.interval)}};
}

[[nodiscard]] inline nlohmann::json values_to_json(const std::vector<PolicyValue>& values) {
  auto list = nlohmann::json::array();
  for (const PolicyValue& value : values) {
    list.push_back({{"policy", value.name},
                    {"mean_latency_ms", value.mean_latency_ms},
                    {"p50_latency_ms", value.p50_latency_ms},
                    {"p95_latency_ms", value.p95_latency_ms},
                    {"cost_usd_per_million", value.cost_usd_per_million},
                    {"failure_share", value.failure_share},
                    {"latency_regret_ms", value.latency_regret_ms},
                    {"share_of_saving_captured", number_or_null(value.saving_captured)}});
  }
  return list;
}

[[nodiscard]] inline nlohmann::json evaluation_to_json(const Evaluation& evaluation) {
  nlohmann::json object = {{"split", to_string(evaluation.split)}, {"purged_rows", evaluation.purged},
                           {"parts", nlohmann::json::array()},     {"baselines", nlohmann::json::array()},
                           {"models", nlohmann::json::array()},    {"runs", nlohmann::json::array()}};
  for (const PartSummary& part : evaluation.parts) {
    object["parts"].push_back({{"name", part.name}, {"rows", part.rows}, {"positive_rate", part.positive_rate}});
  }
  for (const auto& score : evaluation.baselines) object["baselines"].push_back(score_to_json(score));
  for (const auto& score : evaluation.models) object["models"].push_back(score_to_json(score));
  for (const RunAccuracy& run : evaluation.runs) {
    nlohmann::json accuracies;
    for (std::size_t i = 0; i < run.accuracies.size(); ++i) {
      const bool baseline = i < evaluation.baselines.size();
      const auto& score = baseline ? evaluation.baselines[i] : evaluation.models[i - evaluation.baselines.size()];
      accuracies[score.name] = run.accuracies[i];
    }
    object["runs"].push_back({{"run", run.run}, {"rows", run.rows}, {"test_accuracy", accuracies}});
  }
  object["winner"] = evaluation.best().name;
  object["decision_value"] = values_to_json(evaluation.values);
  return object;
}

[[nodiscard]] inline nlohmann::json permutation_to_json(const std::vector<PermutationImportance>& importances) {
  auto list = nlohmann::json::array();
  const auto estimate = [](const ImportanceEstimate& value) -> nlohmann::json {
    return {{"mean", number_or_null(value.mean)},
            {"interval_95", {number_or_null(value.low), number_or_null(value.high)}}};
  };
  for (const auto& importance : importances) {
    list.push_back({{"name", importance.name},
                    {"exact", importance.exact},
                    {"accuracy_drop", estimate(importance.accuracy_drop)},
                    {"log_loss_rise", estimate(importance.log_loss_rise)}});
  }
  return list;
}

[[nodiscard]] inline nlohmann::json criteria_to_json(const std::vector<Criterion>& criteria) {
  auto list = nlohmann::json::array();
  for (const Criterion& criterion : criteria) {
    list.push_back({{"name", criterion.name},
                    {"required", criterion.required},
                    {"found", criterion.found},
                    {"verdict", to_string(criterion.verdict)},
                    {"comment", criterion.comment}});
  }
  return list;
}

}  // namespace detail

/// Each column's share for the model: of gain, or of permutation importance where there are no trees.
[[nodiscard]] inline nlohmann::json feature_importance_to_json(const TrainingReport& report,
                                                               const ModelInspection& inspection) {
  nlohmann::json object = nlohmann::json::object();
  const auto shares = inspection.shares();
  for (std::size_t i = 0; i < shares.size(); ++i) object[report.feature_columns[i]] = shares[i];
  return object;
}

/// models/model_metadata.json: the requirements' keys at the top (their section 5.5), then everything else.
[[nodiscard]] inline nlohmann::json report_to_json(const TrainingReport& report) {
  const PredictorScore& best = report.evaluation.best();
  nlohmann::json models = nlohmann::json::array();
  for (const InspectedModel& model : report.models) {
    models.push_back({{"name", model.fitted.name},
                      {"note", model.fitted.note},
                      {"fit_seconds", detail::number_or_null(model.fitted.seconds)},
                      {"model_bytes", model.bytes},
                      {"p99_decision_ms", detail::number_or_null(model.inspection.p99_decision_ms)},
                      {"feature_importance", feature_importance_to_json(report, model.inspection)},
                      {"permutation_importance", detail::permutation_to_json(model.inspection.permutation)},
                      {"source_importance", detail::permutation_to_json(model.inspection.by_source)},
                      {"acceptance", detail::criteria_to_json(model.criteria)}});
  }
  auto items = nlohmann::json::array();
  for (const auto& item : report.checklist) {
    items.push_back(
        {{"topic", item.topic}, {"item", item.item}, {"state", to_string(item.state)}, {"comment", item.comment}});
  }
  nlohmann::json object = {
      {"test_accuracy", best.test.accuracy},
      {"precision", detail::number_or_null(best.test.precision)},
      {"recall", detail::number_or_null(best.test.recall)},
      {"f1", detail::number_or_null(best.test.f1)},
      {"feature_importance", feature_importance_to_json(report, report.winner().inspection)},
      {"training_date", report.training_date},
      {"seed", report.options.models.seed},
      {"bootstrap_replicates", report.options.bootstrap.replicates},
      {"model", best.name},
      {"test_accuracy_interval_95", detail::interval_to_json(best.interval.accuracy)},
      {"context_ceiling", report.ceiling.plain},
      {"context_ceiling_corrected", report.ceiling.corrected},
      {"acceptance", detail::criteria_to_json(report.winner().criteria)},
      {"checklist", items},
      {"evaluation", detail::evaluation_to_json(report.evaluation)},
      {"models", models},
      {"dataset", report.dataset_name},
  };
  if (report.shuffled) object["shuffled_evaluation"] = detail::evaluation_to_json(*report.shuffled);
  return object;
}

}  // namespace switchyard
