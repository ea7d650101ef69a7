#pragma once

#include "switchyard/io/catalogue_json.hpp"
#include "switchyard/io/live_state_json.hpp"
#include "switchyard/io/model_file.hpp"
#include "switchyard/io/model_json.hpp"
#include "switchyard/pipeline/acceptance.hpp"
#include "switchyard/pipeline/checklist.hpp"
#include "switchyard/pipeline/inspect_model.hpp"
#include "switchyard/pipeline/train.hpp"
#include "switchyard/pipeline/train_studies.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

/// What a model of the report is made of, beside its score.
struct InspectedModel {
  FittedModel fitted;
  ModelInspection inspection;
  std::vector<Criterion> criteria;
  double bytes = 0;  // of its model file
};

/// Everything `train` has to say: one evaluation, and where a run was left out also the shuffled split it is compared
/// with, whose models are the ones inspected and saved.
struct TrainingReport {
  TrainOptions options;  // as asked for
  Evaluation evaluation;
  std::optional<Evaluation> shuffled;   // leave-one-run-out only
  ContextCeiling ceiling;               // of all labelled rows
  std::optional<TrainStudies> studies;  // unless they were not wanted
  std::vector<InspectedModel> models;   // in the order of evaluation.models
  std::optional<ModelFile> model_file;  // of the winner, to be saved
  std::vector<ChecklistItem> checklist;
  std::vector<std::string> feature_columns;
  std::vector<std::string> run_names;  // RunDifferences::run is an index here
  nlohmann::json dataset;              // dataset.summary.json, or null
  std::string dataset_name;
  std::string training_date;  // ISO 8601, as the tool gave it

  [[nodiscard]] const InspectedModel& winner() const { return models[evaluation.winner]; }
};

/// A model file with columns, training ranges and rows to replay; `dataset` names prices and label rule, and knows the
/// live state at the end of the logs, from which a router goes on.
[[nodiscard]] inline ModelFile make_model_file(const AnyClassifier& model, const Dataset& train,
                                               const nlohmann::json& dataset, const nlohmann::json& catalogue) {
  constexpr Index replayed = 16;
  ModelFile file{.model = model};
  file.feature_columns = train.feature_names;
  file.ranges = feature_ranges(train.features);
  file.catalogue = catalogue;
  if (has_live_features(file.feature_columns) && dataset.is_object()) {
    file.live_state = dataset.value("live_state", nlohmann::json(nullptr));
  }
  if (dataset.is_object() && dataset.contains("options") && dataset["options"].is_object()) {
    file.price_book = dataset["options"].value("prices", "");
    file.label_rule = dataset["options"].value("label_rule", "");
  }
  const Index count = std::min(replayed, train.rows());
  Matrix rows(count, train.columns());
  for (Index i = 0; i < count; ++i) rows.row(i) = train.features.row(i * train.rows() / count);
  file.replay = replay_rows(model, rows);
  return file;
}

/// The split whose models are inspected and saved: the evaluation's own, or the shuffled one beside a left-out run.
[[nodiscard]] inline const Evaluation& saved_evaluation(const TrainingReport& report) {
  return report.shuffled ? *report.shuffled : report.evaluation;
}

/// Evaluates, inspects and judges. `dataset`: dataset.summary.json, or null; `catalogue`: as catalogue_to_json writes
/// it, needed for studies. Throws as evaluate.
[[nodiscard]] inline TrainingReport train_models(const TrainingData& data, const TrainOptions& options,
                                                 const nlohmann::json& dataset, const nlohmann::json& catalogue,
                                                 const Clock& clock = {}, const FitProgress& progress = {}) {
  TrainingReport report;
  report.options = options;
  report.dataset = dataset;
  report.feature_columns = data.data.feature_names;
  report.run_names = data.run_names;
  report.ceiling = context_ceiling(request_contexts(data.data), data.data.labels);
  report.evaluation = evaluate(data, options, clock, progress);
  const auto made_with = [&](const char* option, const char* value) {
    return dataset.is_object() && dataset.contains("options") && dataset["options"].is_object() &&
           dataset["options"].value(option, "") == value;
  };
  const bool medians = made_with("label_rule", "platform-median");
  if (medians) report.evaluation.values.clear();  // one side of each row is no request but a median
  TrainOptions shuffled = options;
  shuffled.split = SplitKind::stratified;
  if (tests_whole_runs(options.split)) report.shuffled = evaluate(data, shuffled, clock, progress);
  if (options.studies) {
    TrainOptions studied = options;
    studied.plan_known = dataset.is_object() && !dataset.value("coverage", nlohmann::json::array()).empty();
    studied.mates_may_be_missing = made_with("missing", "timeout");
    report.studies = study_training(data, studied, report.evaluation, report.shuffled,
                                    catalogue_from_json(catalogue, "catalogue"), progress);
  }
  if (medians && report.studies) report.studies->value.reset();
  const auto& saved = saved_evaluation(report);
  const auto splits = detail::make_splits(data.data, report.shuffled ? shuffled : options);
  const Split& split = splits.front();
  for (std::size_t i = 0; i < saved.fitted.front().size(); ++i) {
    const FittedModel& fitted = saved.fitted.front()[i];
    if (progress) progress(fitted.name, "inspecting");
    InspectedModel inspected{fitted, inspect_model(fitted.model, split.test, options.models.threads, clock), {}, 0};
    const ModelFile file = make_model_file(fitted.model, split.train, dataset, catalogue);
    inspected.bytes = static_cast<double>(model_to_json(file).dump().size());
    if (i == report.evaluation.winner) report.model_file = file;
    inspected.criteria = judge(report.evaluation.models[i], inspected.inspection, report.feature_columns,
                               report.evaluation.test_ceiling.plain, inspected.bytes);
    report.models.push_back(std::move(inspected));
  }
  report.checklist = checklist(data, dataset, report.winner().criteria);
  return report;
}

}  // namespace switchyard
