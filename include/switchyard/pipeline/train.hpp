#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/data/group.hpp"
#include "switchyard/data/run_split.hpp"
#include "switchyard/data/split.hpp"
#include "switchyard/engine/compiled_classifier.hpp"
#include "switchyard/metric/bootstrap.hpp"
#include "switchyard/metric/time_block.hpp"
#include "switchyard/pipeline/baselines.hpp"
#include "switchyard/pipeline/choose_by_runs.hpp"
#include "switchyard/pipeline/evaluate.hpp"
#include "switchyard/pipeline/fit_models.hpp"
#include "switchyard/pipeline/matched_pairs.hpp"
#include "switchyard/pipeline/policy_value.hpp"
#include "switchyard/pipeline/training_data.hpp"
#include "switchyard/select/ceiling.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard {

enum class SplitKind : std::uint8_t {
  temporal,           // train on the past, test on the future
  stratified,         // random with equal label rates
  leave_one_run_out,  // test on a run that training has not seen, one after the other
  forward_chaining,   // the same, trained on earlier runs only
};

/// From the easiest to the one that resembles a router's life.
inline constexpr std::array split_kinds{SplitKind::stratified, SplitKind::temporal, SplitKind::leave_one_run_out,
                                        SplitKind::forward_chaining};

[[nodiscard]] constexpr std::string_view to_string(SplitKind split) noexcept {
  switch (split) {
    case SplitKind::temporal: return "temporal";
    case SplitKind::stratified: return "stratified";
    case SplitKind::leave_one_run_out: return "leave-one-run-out";
    case SplitKind::forward_chaining: return "forward-chaining";
  }
  return "temporal";
}

[[nodiscard]] constexpr bool tests_whole_runs(SplitKind split) noexcept {
  return split == SplitKind::leave_one_run_out || split == SplitKind::forward_chaining;
}

struct TrainOptions {
  SplitKind split = SplitKind::temporal;
  ModelOptions models;  // its seed also decides the split
  BootstrapOptions bootstrap;
  bool studies = true;                // also everything of TrainStudies
  bool plan_known = false;            // the dataset knows what was scheduled
  bool mates_may_be_missing = false;  // the dataset was made with missing answers as time-outs
  bool nested = true;  // with runs left out: choose by training runs alone, leaving each of them out once more
};

/// One part of a split: how many rows, and how often the label is 1.
struct PartSummary {
  std::string name;
  Index rows = 0;
  double positive_rate = 0;
};

/// Test accuracy of every predictor on one left-out run, in the order baselines, models.
struct RunAccuracy {
  std::string run;
  Index rows = 0;
  std::vector<double> accuracies;
};

/// Everything one way of splitting says.
struct Evaluation {
  SplitKind split = SplitKind::temporal;
  std::vector<PartSummary> parts;
  Index purged = 0;                              // rows in no part, because their group straddles a cut
  std::vector<PredictorScore> baselines;         // best constant, static by workload (if known), context table
  std::vector<PredictorScore> models;            // random forest, boosting twice, MLP, voting
  std::vector<std::vector<FittedModel>> fitted;  // per fold; one fold but for leave-one-run-out
  std::vector<PolicyValue> values;               // of always-Lambda, always-ECS, baselines, models, hindsight
  ContextCeiling test_ceiling;                   // the best accuracy any model could have on the test rows
  std::vector<std::string> test_runs;            // runs the test rows come from
  double unseen_share = 0;                       // of the test rows: their context never occurs in training
  std::vector<RunAccuracy> runs;                 // where whole runs are tested
  std::vector<PredictorOutput> outputs;          // of baselines, models and `chosen`, in this order
  std::vector<InnerChoice> inner;                // per fold, if nested
  std::optional<PredictorScore> chosen;          // the model each fold's training runs recommend, if nested
  std::size_t winner = 0;  // index into `models`: lowest log-loss on validation rows or, if nested, inner runs

  [[nodiscard]] const PredictorScore& best() const { return models[winner]; }
  [[nodiscard]] const PredictorScore& context_table() const { return baselines.back(); }
};

/// What the evaluation's choice said: the model each fold's training runs recommend if nested, else the winner.
[[nodiscard]] inline const PredictorOutput& chosen_output(const Evaluation& evaluation) {
  return evaluation.chosen ? evaluation.outputs.back()
                           : evaluation.outputs[evaluation.baselines.size() + evaluation.winner];
}

/// Its score.
[[nodiscard]] inline const PredictorScore& chosen_score(const Evaluation& evaluation) {
  return evaluation.chosen ? *evaluation.chosen : evaluation.best();
}

/// Where the test rows come from, and how many of them only a fallback of the context table can answer: a lead over the
/// table on such rows is no skill.
[[nodiscard]] inline std::string test_origin(const Evaluation& evaluation) {
  std::string text = "test rows from ";
  if (evaluation.test_runs.empty()) {
    text += "unnamed runs";
  } else if (evaluation.test_runs.size() == 1) {
    text += "a single run, " + evaluation.test_runs.front();
  } else {
    text += std::to_string(evaluation.test_runs.size()) + " runs";
  }
  return text + "; " + format_fixed(100 * evaluation.unseen_share, 1) + " % of them in contexts training never saw";
}

namespace detail {

[[nodiscard]] inline double positive_rate(const Labels& labels) {
  const auto ones = std::count(labels.begin(), labels.end(), std::uint8_t{1});
  return labels.empty() ? 0 : static_cast<double>(ones) / static_cast<double>(labels.size());
}

[[nodiscard]] inline std::vector<Split> make_splits(const Dataset& data, const TrainOptions& options) {
  const std::uint64_t seed = options.models.seed;
  switch (options.split) {
    case SplitKind::temporal: return {temporal_split(data)};
    case SplitKind::stratified: return {stratified_split(data, {.seed = seed})};
    case SplitKind::leave_one_run_out: return leave_one_run_out(data, {.seed = seed});
    case SplitKind::forward_chaining: return forward_chaining(data, {.seed = seed});
  }
  return {};
}

[[nodiscard]] inline std::vector<std::pair<std::string, MajorityTable>> fit_baselines(const Dataset& train) {
  std::vector<std::pair<std::string, MajorityTable>> tables;
  tables.emplace_back("best constant", MajorityTable::constant(train));
  const auto& names = train.feature_names;
  const auto workload = std::find(names.begin(), names.end(), "workload_type_encoded");
  const Index fallback = workload == names.end() ? 0 : workload - names.begin();
  if (workload != names.end()) tables.emplace_back("static by workload", MajorityTable::by_column(train, fallback));
  tables.emplace_back("context table", MajorityTable::by_context(train, fallback));
  return tables;
}

/// Answers of all predictors, collected fold by fold.
class OutputCollector {
 public:
  /// `blocks`: [whole dataset]; rows the bootstrap draws together.
  explicit OutputCollector(std::vector<std::int64_t> blocks) : blocks_(std::move(blocks)) {}

  template <class Model>
  void add(const std::string& name, const Model& model, const Split& split) {
    auto output = std::find_if(outputs_.begin(), outputs_.end(), [&](const auto& other) { return other.name == name; });
    if (output == outputs_.end()) {
      output = outputs_.insert(outputs_.end(), PredictorOutput{name, {}, {}, {}});
    }
    output->train.append(predict_part(model, split.train, split.rows.train, blocks_));
    output->validation.append(predict_part(model, split.validation, split.rows.validation, blocks_));
    output->test.append(predict_part(model, split.test, split.rows.test, blocks_));
  }

  [[nodiscard]] const std::vector<PredictorOutput>& outputs() const noexcept { return outputs_; }

 private:
  std::vector<std::int64_t> blocks_;
  std::vector<PredictorOutput> outputs_;
};

inline void add_part(Evaluation& evaluation, const std::string& name, const Labels& labels) {
  evaluation.parts.push_back({name, static_cast<Index>(labels.size()), positive_rate(labels)});
}

/// How many test rows of a split have a context (request features alike) that its training part lacks.
[[nodiscard]] inline Index unseen_test_rows(const std::vector<std::int64_t>& contexts, const SplitRows& rows) {
  std::set<std::int64_t> seen;
  for (const Index row : rows.train) seen.insert(contexts[static_cast<std::size_t>(row)]);
  Index unseen = 0;
  for (const Index row : rows.test) unseen += seen.count(contexts[static_cast<std::size_t>(row)]) == 0 ? 1 : 0;
  return unseen;
}

[[nodiscard]] inline std::vector<std::string> runs_of(const TrainingData& data, const std::vector<Index>& rows) {
  std::set<std::string> names;
  if (data.data.runs.empty() || data.run_names.empty()) return {};
  for (const Index row : rows) {
    names.insert(data.run_names[static_cast<std::size_t>(data.data.runs[static_cast<std::size_t>(row)])]);
  }
  return {names.begin(), names.end()};
}

[[nodiscard]] inline RunAccuracy accuracy_on_run(const std::string& run, const std::vector<PredictorOutput>& outputs,
                                                 Index rows) {
  RunAccuracy result{run, rows, {}};
  for (const PredictorOutput& output : outputs) {
    // The run's rows are the last that were appended.
    const auto begin = output.test.labels.size() - static_cast<std::size_t>(rows);
    const Labels predicted = output.test.predicted();
    const LabelView labels(output.test.labels);
    result.accuracies.push_back(accuracy(labels.subspan(begin), LabelView(predicted).subspan(begin)));
  }
  return result;
}

}  // namespace detail

namespace detail {

[[nodiscard]] inline std::vector<std::int64_t> bootstrap_blocks(const Dataset& data) {
  return time_blocks({data.times_ms, data.runs, data.groups}, static_cast<std::size_t>(data.rows()));
}

/// Whether each fold can leave one of its training runs out, too.
[[nodiscard]] inline bool can_nest(const TrainOptions& options, const std::vector<Split>& splits) {
  const auto runs_in = [](const Split& split) {
    return std::set<std::int64_t>(split.train.runs.begin(), split.train.runs.end()).size();
  };
  return options.nested && options.split == SplitKind::leave_one_run_out &&
         std::all_of(splits.begin(), splits.end(), [&](const Split& split) { return runs_in(split) >= 2; });
}

[[nodiscard]] inline std::vector<Index> learning_rows(const SplitRows& rows) {
  std::vector<Index> all = rows.train;
  all.insert(all.end(), rows.validation.begin(), rows.validation.end());
  std::sort(all.begin(), all.end());
  return all;
}

/// The model with the lowest log-loss on validation rows, or on training runs left out.
[[nodiscard]] inline std::size_t winner_of(const Evaluation& evaluation) {
  constexpr double never = std::numeric_limits<double>::infinity();
  const auto loss_of = [&](const PredictorScore& model) {
    if (evaluation.inner.empty()) return model.validation.log_loss;
    double sum = 0;
    for (const InnerChoice& choice : evaluation.inner) {
      const auto own = std::find_if(choice.scores.begin(), choice.scores.end(),
                                    [&](const InnerScore& score) { return score.name == model.name; });
      sum += own == choice.scores.end() ? never : own->log_loss;
    }
    return sum;
  };
  std::size_t winner = 0;
  for (std::size_t i = 1; i < evaluation.models.size(); ++i) {
    if (loss_of(evaluation.models[i]) < loss_of(evaluation.models[winner])) winner = i;
  }
  return winner;
}

/// Scores every output, in their order.
inline void score_outputs(Evaluation& evaluation, std::size_t baselines, const TrainOptions& options,
                          const FitProgress& progress) {
  const auto& outputs = evaluation.outputs;
  const std::size_t models = outputs.size() - (evaluation.inner.empty() ? 0 : 1);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (progress) progress(outputs[i].name, "judging");
    auto scored = score(outputs[i], outputs[baselines - 1].test, options.bootstrap);
    if (i < models) {
      (i < baselines ? evaluation.baselines : evaluation.models).push_back(std::move(scored));
    } else {
      evaluation.chosen = std::move(scored);
    }
  }
}

}  // namespace detail

/// Fits the baselines and all models on the training part of each fold, and judges them on the test parts. The winner
/// (of which the saved model is one) has the lowest log-loss on validation rows, or with runs left out, summed over all
/// folds' inner runs; what `chosen` says rests on each fold's own training runs alone.
/// Intervals draw blocks of time. Throws InvalidArgument if the split cannot be made.
[[nodiscard]] inline Evaluation evaluate(const TrainingData& data, const TrainOptions& options, const Clock& clock = {},
                                         const FitProgress& progress = {}) {
  Evaluation evaluation;
  evaluation.split = options.split;
  detail::OutputCollector collector(detail::bootstrap_blocks(data.data));
  std::size_t baselines = 0;
  const auto contexts = request_contexts(data.data);
  Index unseen = 0;
  const auto splits = detail::make_splits(data.data, options);
  const bool nested = detail::can_nest(options, splits);
  for (const Split& split : splits) {
    const auto tables = detail::fit_baselines(split.train);
    baselines = tables.size();
    for (const auto& [name, table] : tables) collector.add(name, table, split);
    const TrainingData train = subset_of(data, split.rows.train);
    evaluation.fitted.push_back(fit_models(train, split.validation, options.models, clock, progress));
    for (const FittedModel& fitted : evaluation.fitted.back())
      collector.add(fitted.name, CompiledClassifier(fitted.model), split);
    if (nested) {
      const auto rows = detail::learning_rows(split.rows);
      evaluation.inner.push_back(choose_by_inner_runs(data, rows, options.models, progress));
      const std::string& name = evaluation.inner.back().best().name;
      for (const FittedModel& fitted : evaluation.fitted.back()) {
        if (fitted.name == name) collector.add("chosen by inner runs", CompiledClassifier(fitted.model), split);
      }
    }
    evaluation.purged += static_cast<Index>(split.rows.purged.size());
    unseen += detail::unseen_test_rows(contexts, split.rows);
    if (splits.size() > 1) {
      const auto run = static_cast<std::size_t>(data.data.runs[static_cast<std::size_t>(split.rows.test.front())]);
      evaluation.runs.push_back(
          detail::accuracy_on_run(data.run_names.at(run), collector.outputs(), split.test.rows()));
    }
  }
  evaluation.outputs = collector.outputs();
  const auto& first = evaluation.outputs.front();
  detail::add_part(evaluation, "train", first.train.labels);
  detail::add_part(evaluation, "validation", first.validation.labels);
  detail::add_part(evaluation, "test", first.test.labels);
  detail::score_outputs(evaluation, baselines, options, progress);
  evaluation.winner = detail::winner_of(evaluation);
  evaluation.values = policy_values(data, evaluation.outputs, options.bootstrap);
  evaluation.test_runs = detail::runs_of(data, first.test.rows);
  evaluation.unseen_share = static_cast<double>(unseen) / static_cast<double>(first.test.rows.size());
  const Dataset test = data.data.subset(first.test.rows);
  evaluation.test_ceiling = context_ceiling(request_contexts(test), test.labels);
  return evaluation;
}

}  // namespace switchyard
