#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/pipeline/closed_loop.hpp"
#include "switchyard/pipeline/drift.hpp"
#include "switchyard/pipeline/fit_models.hpp"
#include "switchyard/pipeline/live_models.hpp"
#include "switchyard/pipeline/train.hpp"
#include "switchyard/pipeline/value_study.hpp"
#include "switchyard/select/learning_curve.hpp"
#include "switchyard/select/permuted_labels.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

/// One way of splitting, judged by the same few predictors as the others.
struct SplitStudy {
  SplitKind split = SplitKind::temporal;
  std::string refused;  // why it cannot be made; empty if it was
  Index test_rows = 0;
  double unseen_share = 0;             // of the test rows: their context never occurs in training
  ContextCeiling ceiling;              // of the test rows' contexts
  std::vector<PredictorScore> scores;  // baselines, hand rule, the winning kind
};

/// A router in the loop at one exploration share.
struct LoopPoint {
  bool open = false;       // the state sees every answer
  double exploration = 0;  // share of requests sent at random
  double seen = 0;         // share of the routed rows whose answer reached the state
  double recommended = 0;  // accuracy of what the model recommends
  double taken = 0;        // accuracy of what was done, exploration included
  double latency_ms = 0;   // mean, of what was done
};

/// One way to decide for one objective, pooled over the folds.
struct ObjectiveRow {
  RoutingObjective objective = RoutingObjective::balanced;
  std::string predictor;
  double accuracy = 0;  // on the objective's own labels
  double latency_ms = 0;
  double cost_usd_per_million = 0;
};

/// What else there is to know before a model is believed.
struct TrainStudies {
  std::vector<SplitStudy> splits;  // in the order of split_kinds
  std::string studied_fold;        // where curve, control and drift are from
  std::string studied_model;       // what learns there
  std::vector<LearningPoint> curve;
  std::optional<PermutedLabelControl> control;
  std::optional<DriftReport> drift;
  std::vector<LoopPoint> loop;  // open first, then by exploration share; empty without live state
  double exploration = 0;       // the share whose closed loop took the lowest mean latency, exploring included
  std::vector<ObjectiveRow> objectives;
  std::optional<ValueStudy> value;  // nothing without outcomes
};

namespace detail {

[[nodiscard]] inline std::vector<FoldRows> fold_rows(const std::vector<Split>& splits) {
  std::vector<FoldRows> folds;
  for (const Split& split : splits) folds.push_back({learning_rows(split.rows), split.rows.test});
  return folds;
}

/// What an evaluation says of a split, by the few predictors that are compared over splits.
[[nodiscard]] inline SplitStudy split_study(const Evaluation& evaluation, const std::string& winner) {
  SplitStudy study{
      evaluation.split,    {}, evaluation.parts.back().rows, evaluation.unseen_share, evaluation.test_ceiling,
      evaluation.baselines};
  for (const char* name : {"hand_rule", winner.c_str()}) {
    for (const PredictorScore& model : evaluation.models) {
      if (model.name == name && study.scores.back().name != name) study.scores.push_back(model);
    }
  }
  return study;
}

/// The same, fitting the winning kind only: the question is how easy a split is, not which model is best there.
[[nodiscard]] inline SplitStudy study_split(const TrainingData& data, TrainOptions options, SplitKind split,
                                            const std::string& winner) {
  options.split = split;
  options.nested = false;
  options.models.only = {winner, "hand_rule"};
  if (winner == "voting") options.models.only.assign(inner_candidates.begin(), inner_candidates.end());
  try {
    return split_study(evaluate(data, options), winner);
  } catch (const InvalidArgument& error) {
    SplitStudy study;
    study.split = split;
    study.refused = error.what();
    return study;
  }
}

/// What learns in curve and control: boosting without an offset, since an offset knows something that no label told it
/// and a control by permuted labels must find nothing.
[[nodiscard]] inline GradientBoosting fit_from_labels(const Dataset& train, const ModelOptions& options) {
  const Dataset rows = has_live_advantage(train) ? without_run_columns(train) : train;
  GradientBoostingOptions boosting = options.live_boosting;
  boosting.offset_column = -1;
  boosting.min_child_weight = child_weight_for(boosting.min_child_weight, train.rows());
  return GradientBoosting::fit(rows, boosting);
}

[[nodiscard]] inline LoopPoint loop_point(const TrainingData& data, const Catalogue& catalogue,
                                          const std::vector<RoutedRows>& folds, const ClosedLoopOptions& options) {
  LoopPoint point{options.open, options.exploration};
  double rows = 0;
  for (const RoutedRows& fold : folds) {
    const RoutedDecisions decisions = route_replayed(data, catalogue, fold, options);
    for (std::size_t i = 0; i < fold.rows.size(); ++i) {
      const auto row = static_cast<std::size_t>(fold.rows[i]);
      const std::uint8_t label = data.data.labels[row];
      point.recommended += decisions.recommended[i] == label ? 1 : 0;
      point.taken += decisions.taken[i] == label ? 1 : 0;
      point.latency_ms += (decisions.taken[i] == 1 ? data.lambda[row] : data.ecs[row]).latency_ms;
    }
    point.seen += decisions.seen * static_cast<double>(fold.rows.size());
    rows += static_cast<double>(fold.rows.size());
  }
  for (double* sum : {&point.recommended, &point.taken, &point.latency_ms, &point.seen}) *sum /= rows;
  return point;
}

/// The model that decides on each fold's test rows.
[[nodiscard]] inline std::vector<RoutedRows> routed_folds(const Evaluation& evaluation,
                                                          const std::vector<Split>& splits) {
  std::vector<RoutedRows> folds;
  for (std::size_t fold = 0; fold < splits.size(); ++fold) {
    const std::string& name = evaluation.inner.empty() ? evaluation.best().name : evaluation.inner[fold].best().name;
    for (const FittedModel& fitted : evaluation.fitted[fold]) {
      if (fitted.name == name) folds.push_back({fitted.model, splits[fold].rows.test});
    }
  }
  return folds;
}

inline void study_loop(const TrainingData& data, const Catalogue& catalogue, const std::vector<RoutedRows>& folds,
                       std::uint64_t seed, TrainStudies& studies) {
  constexpr std::array<double, 7> shares{0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5};
  studies.loop.push_back(loop_point(data, catalogue, folds, {0, true, seed}));
  for (const double share : shares) studies.loop.push_back(loop_point(data, catalogue, folds, {share, false, seed}));
  const auto best = std::min_element(studies.loop.begin() + 1, studies.loop.end(),
                                     [](const auto& a, const auto& b) { return a.latency_ms < b.latency_ms; });
  studies.exploration = best->exploration;
}

/// Adds what a predictor chose on a fold to its row.
inline void tally(ObjectiveRow& row, const TrainingData& test, const Labels& labels, const Labels& choices) {
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const PlatformResult& chosen = choices[i] == 1 ? test.lambda[i] : test.ecs[i];
    row.accuracy += choices[i] == labels[i] ? 1 : 0;
    row.latency_ms += chosen.latency_ms;
    row.cost_usd_per_million += 1e6 * chosen.cost_usd;
  }
}

[[nodiscard]] inline Labels objective_labels(const TrainingData& data, RoutingObjective objective) {
  Labels labels;
  for (std::size_t i = 0; i < data.lambda.size(); ++i) {
    labels.push_back(label_of(compare_platforms(data.lambda[i], data.ecs[i]), objective) ? 1 : 0);
  }
  return labels;
}

/// Static rule, hand rule, classifier and regressors for one objective.
[[nodiscard]] inline std::vector<ObjectiveRow> study_objective(const TrainingData& data,
                                                               const std::vector<FoldRows>& folds,
                                                               RoutingObjective objective,
                                                               const ModelOptions& requested) {
  std::vector<ObjectiveRow> rows;
  double count = 0;
  for (const FoldRows& fold : folds) {
    TrainingData train = subset_of(data, fold.train);
    const TrainingData test = subset_of(data, fold.test);
    train.data.labels = objective_labels(train, objective);
    const Labels labels = objective_labels(test, objective);
    const ModelOptions options = resolved_options(requested, train.data);
    std::vector<std::pair<std::string, Labels>> choices;
    const auto add = [&](const char* name, const auto& model) {
      choices.emplace_back(name, model.predict(test.data.features));
    };
    add("static by workload",
        MajorityTable::by_column(train.data, *find_feature(train.data.feature_names, "workload_type_encoded")));
    if (objective != RoutingObjective::cost) add("hand_rule", fit_hand_rule(train, objective));
    add("boosting_live", fit_live_boosting(train.data, options.live_boosting));
    add("paired_regression", fit_paired_regression(train, objective, options.live_regression));
    rows.resize(choices.size());
    for (std::size_t i = 0; i < choices.size(); ++i) {
      rows[i].objective = objective;
      rows[i].predictor = choices[i].first;
      tally(rows[i], test, labels, choices[i].second);
    }
    count += static_cast<double>(labels.size());
  }
  for (ObjectiveRow& row : rows) {
    for (double* sum : {&row.accuracy, &row.latency_ms, &row.cost_usd_per_million}) *sum /= count;
  }
  return rows;
}

}  // namespace detail

/// All of it. `evaluation`: evaluate(data, options); `shuffled`: the same of the stratified split, if it was made.
[[nodiscard]] inline TrainStudies study_training(const TrainingData& data, const TrainOptions& options,
                                                 const Evaluation& evaluation,
                                                 const std::optional<Evaluation>& shuffled, const Catalogue& catalogue,
                                                 const FitProgress& progress = {}) {
  const auto tell = [&](const std::string& what) {
    if (progress) progress(what, "studying");
  };
  TrainStudies studies;
  const std::string& winner = evaluation.best().name;
  for (const SplitKind split : split_kinds) {
    const Evaluation* known = split == evaluation.split              ? &evaluation
                              : shuffled && split == shuffled->split ? &*shuffled
                                                                     : nullptr;
    if (known == nullptr) tell(std::string("the ").append(to_string(split)).append(" split"));
    studies.splits.push_back(known != nullptr ? detail::split_study(*known, winner)
                                              : detail::study_split(data, options, split, winner));
  }
  const auto splits = detail::make_splits(data.data, options);
  const auto largest = std::max_element(splits.begin(), splits.end(),
                                        [](const Split& a, const Split& b) { return a.test.rows() < b.test.rows(); });
  const Split& fold = *largest;
  if (splits.size() > 1) {
    studies.studied_fold = data.run_names.at(static_cast<std::size_t>(fold.test.runs.front()));
  }
  const ModelOptions models = resolved_options(options.models, fold.train);
  const auto fit = [&](const Dataset& train) { return detail::fit_from_labels(train, models); };
  tell("the learning curve");
  studies.curve = learning_curve(fold.train, fold.test, fit, {.seed = models.seed});
  tell("permuted labels");
  studies.control = permuted_label_control(fold.train, fold.test, fit, {.seed = models.seed});
  studies.studied_model = "boosting without an offset";
  studies.drift = find_drift(fold.train, fold.test);
  const auto folds = detail::fold_rows(splits);
  const bool live = has_live_advantage(data.data) && can_replay(data);
  if (live) {
    tell("the closed loop");
    detail::study_loop(data, catalogue, detail::routed_folds(evaluation, splits), models.seed, studies);
    for (const RoutingObjective objective : routing_objectives) {
      tell(std::string("the objective ").append(to_string(objective)));
      const auto rows = detail::study_objective(data, folds, objective, options.models);
      studies.objectives.insert(studies.objectives.end(), rows.begin(), rows.end());
    }
  }
  if (data.has_outcomes()) {
    tell("what decisions are worth");
    ValueStudyOptions value;
    value.objective = options.models.objective;
    value.timeout_ms = catalogue.timeout_ms;
    value.plan_known = options.plan_known;
    value.mates_may_be_missing = options.mates_may_be_missing;
    value.bootstrap = options.bootstrap;
    studies.value = study_value(data, evaluation, folds, value);
  }
  return studies;
}

}  // namespace switchyard
