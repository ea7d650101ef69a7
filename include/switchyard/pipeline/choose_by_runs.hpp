#pragma once

#include "switchyard/core/types.hpp"
#include "switchyard/data/run_split.hpp"
#include "switchyard/data/split.hpp"
#include "switchyard/data/stratify.hpp"
#include "switchyard/engine/compiled_classifier.hpp"
#include "switchyard/metric/classification.hpp"
#include "switchyard/pipeline/fit_models.hpp"
#include "switchyard/pipeline/training_data.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

/// How a kind of model did on training runs it was not fitted on.
struct InnerScore {
  std::string name;
  double log_loss = 0;
  double accuracy = 0;
};

/// Which kind of model training runs alone recommend for a run that nobody has seen.
struct InnerChoice {
  std::vector<InnerScore> scores;
  std::size_t folds = 0;
  std::size_t chosen = 0;  // index into `scores`: lowest log-loss

  [[nodiscard]] const InnerScore& best() const { return scores[chosen]; }
};

/// Models that take part in the choice: all but the MLP, which takes as long as all others together.
inline constexpr std::array<std::string_view, 7> inner_candidates = {
    "random_forest", "boosting_level_wise", "boosting_leaf_wise", "boosting_live", "paired_regression", "hand_rule",
    "voting"};

namespace detail {

/// Training and validation rows among those of a fold, groups whole.
[[nodiscard]] inline std::pair<TrainingData, Dataset> inner_parts(const TrainingData& data,
                                                                  const std::vector<Index>& rows, std::uint64_t seed) {
  constexpr std::array<double, 2> shares{0.75, 0.25};
  const auto parts = stratified_parts(data.data, rows, shares, seed);
  std::array<std::vector<Index>, 2> lists;
  for (std::size_t i = 0; i < rows.size(); ++i) lists[parts[i]].push_back(rows[i]);
  return {subset_of(data, lists[0]), data.data.subset(lists[1])};
}

}  // namespace detail

/// Leaves each run among `rows` out once more, fits all kinds of models on the others, and ranks them by their pooled
/// log-loss on what was left out. Neither models nor choice have seen any other row. Throws InvalidArgument with fewer
/// than two runs among the rows.
[[nodiscard]] inline InnerChoice choose_by_inner_runs(const TrainingData& data, std::span<const Index> rows,
                                                      ModelOptions options, const FitProgress& progress = {}) {
  if (options.only.empty()) options.only.assign(inner_candidates.begin(), inner_candidates.end());
  const auto folds = inner_leave_one_run_out(data.data, rows);
  InnerChoice choice;
  choice.folds = folds.size();
  double tested = 0;
  for (const Fold& fold : folds) {
    const auto [train, validation] = detail::inner_parts(data, fold.train, options.seed);
    const Dataset test = data.data.subset(fold.test);
    const auto models = fit_models(train, validation, options, {}, progress);
    if (choice.scores.empty()) {
      for (const FittedModel& fitted : models) choice.scores.push_back({fitted.name, 0, 0});
    }
    const auto count = static_cast<double>(test.rows());
    for (std::size_t i = 0; i < models.size(); ++i) {
      const Vector probabilities = CompiledClassifier(models[i].model).predict_proba(test.features);
      choice.scores[i].log_loss += count * log_loss(test.labels, probabilities, test.weights);
      choice.scores[i].accuracy += count * accuracy(test.labels, labels_from(probabilities), test.weights);
    }
    tested += count;
  }
  for (InnerScore& score : choice.scores) {
    score.log_loss /= tested;
    score.accuracy /= tested;
  }
  const auto best = std::min_element(choice.scores.begin(), choice.scores.end(),
                                     [](const auto& a, const auto& b) { return a.log_loss < b.log_loss; });
  choice.chosen = static_cast<std::size_t>(best - choice.scores.begin());
  return choice;
}

}  // namespace switchyard
