#pragma once

#include "switchyard/io/json_build.hpp"
#include "switchyard/pipeline/scores_json.hpp"
#include "switchyard/pipeline/studies_json.hpp"
#include "switchyard/pipeline/training_report.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

namespace detail {

/// Which kind of model each fold's training runs recommend, and by how much.
[[nodiscard]] inline nlohmann::json inner_to_json(const Evaluation& evaluation) {
  auto list = nlohmann::json::array();
  for (std::size_t fold = 0; fold < evaluation.inner.size(); ++fold) {
    const InnerChoice& choice = evaluation.inner[fold];
    auto scores = nlohmann::json::array();
    for (const InnerScore& score : choice.scores) {
      scores.push_back(json_object({{"name", score.name},
                                    {"log_loss", number_or_null(score.log_loss)},
                                    {"accuracy", number_or_null(score.accuracy)}}));
    }
    nlohmann::json object =
        json_object({{"chosen", choice.best().name}, {"inner_folds", choice.folds}, {"scores", scores}});
    if (fold < evaluation.runs.size()) object["tested_run"] = evaluation.runs[fold].run;
    list.push_back(object);
  }
  return list;
}

[[nodiscard]] inline nlohmann::json evaluation_to_json(const Evaluation& evaluation) {
  nlohmann::json object = json_object({{"split", to_string(evaluation.split)},
                                       {"purged_rows", evaluation.purged},
                                       {"parts", nlohmann::json::array()},
                                       {"baselines", nlohmann::json::array()},
                                       {"models", nlohmann::json::array()},
                                       {"runs", nlohmann::json::array()}});
  for (const PartSummary& part : evaluation.parts) {
    object["parts"].push_back(
        json_object({{"name", part.name}, {"rows", part.rows}, {"positive_rate", part.positive_rate}}));
  }
  for (const auto& score : evaluation.baselines) object["baselines"].push_back(score_to_json(score));
  for (const auto& score : evaluation.models) object["models"].push_back(score_to_json(score));
  for (const RunAccuracy& run : evaluation.runs) {
    nlohmann::json accuracies;
    for (std::size_t i = 0; i < run.accuracies.size(); ++i) {
      accuracies[evaluation.outputs[i].name] = run.accuracies[i];
    }
    object["runs"].push_back(json_object({{"run", run.run}, {"rows", run.rows}, {"test_accuracy", accuracies}}));
  }
  object["winner"] = evaluation.best().name;
  object["chosen"] = evaluation.chosen ? score_to_json(*evaluation.chosen) : nlohmann::json(nullptr);
  object["inner_choices"] = inner_to_json(evaluation);
  object["test_runs"] = evaluation.test_runs;
  object["unseen_share"] = number_or_null(evaluation.unseen_share);
  object["test_ceiling"] = ceiling_to_json(evaluation.test_ceiling);
  object["decision_value"] = values_to_json(evaluation.values);
  return object;
}

[[nodiscard]] inline nlohmann::json permutation_to_json(const std::vector<PermutationImportance>& importances) {
  auto list = nlohmann::json::array();
  const auto estimate = [](const ImportanceEstimate& value) -> nlohmann::json {
    return json_object({{"mean", number_or_null(value.mean)},
                        {"interval_95", json_array({number_or_null(value.low), number_or_null(value.high)})}});
  };
  for (const auto& importance : importances) {
    list.push_back(json_object({{"name", importance.name},
                                {"exact", importance.exact},
                                {"accuracy_drop", estimate(importance.accuracy_drop)},
                                {"log_loss_rise", estimate(importance.log_loss_rise)}}));
  }
  return list;
}

[[nodiscard]] inline nlohmann::json criteria_to_json(const std::vector<Criterion>& criteria) {
  auto list = nlohmann::json::array();
  for (const Criterion& criterion : criteria) {
    list.push_back(json_object({{"name", criterion.name},
                                {"required", criterion.required},
                                {"found", criterion.found},
                                {"verdict", to_string(criterion.verdict)},
                                {"comment", criterion.comment}}));
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

/// models/model_metadata.json: the requirements' keys at the top (their section 5.5), then everything else. Scores at
/// the top are those of chosen_score(): what the choice of a model said of rows it had no part in.
[[nodiscard]] inline nlohmann::json report_to_json(const TrainingReport& report) {
  const PredictorScore& tested = chosen_score(report.evaluation);
  nlohmann::json models = nlohmann::json::array();
  for (const InspectedModel& model : report.models) {
    models.push_back(json_object({{"name", model.fitted.name},
                                  {"note", model.fitted.note},
                                  {"fit_seconds", detail::number_or_null(model.fitted.seconds)},
                                  {"model_bytes", model.bytes},
                                  {"p99_decision_ms", detail::number_or_null(model.inspection.p99_decision_ms)},
                                  {"feature_importance", feature_importance_to_json(report, model.inspection)},
                                  {"permutation_importance", detail::permutation_to_json(model.inspection.permutation)},
                                  {"source_importance", detail::permutation_to_json(model.inspection.by_source)},
                                  {"acceptance", detail::criteria_to_json(model.criteria)}}));
  }
  auto items = nlohmann::json::array();
  for (const auto& item : report.checklist) {
    items.push_back(json_object(
        {{"topic", item.topic}, {"item", item.item}, {"state", to_string(item.state)}, {"comment", item.comment}}));
  }
  nlohmann::json object = json_object({
      {"test_accuracy", tested.test.accuracy},
      {"precision", detail::number_or_null(tested.test.precision)},
      {"recall", detail::number_or_null(tested.test.recall)},
      {"f1", detail::number_or_null(tested.test.f1)},
      {"feature_importance", feature_importance_to_json(report, report.winner().inspection)},
      {"training_date", report.training_date},
      {"seed", report.options.models.seed},
      {"bootstrap_replicates", report.options.bootstrap.replicates},
      {"model", report.evaluation.best().name},
      {"test_accuracy_of", tested.name},
      {"test_accuracy_interval_95", detail::interval_to_json(tested.interval.accuracy)},
      {"context_ceiling", report.ceiling.plain},
      {"context_ceiling_corrected", report.ceiling.corrected},
      {"acceptance", detail::criteria_to_json(report.winner().criteria)},
      {"checklist", items},
      {"evaluation", detail::evaluation_to_json(report.evaluation)},
      {"models", models},
      {"dataset", report.dataset_name},
  });
  if (report.studies) object["studies"] = studies_to_json(*report.studies, report.run_names);
  if (report.shuffled) object["shuffled_evaluation"] = detail::evaluation_to_json(*report.shuffled);
  return object;
}

}  // namespace switchyard
