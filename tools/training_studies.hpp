#pragma once

#include "progress.hpp"
#include "tables.hpp"

#include "switchyard/core/statistics.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/data/split.hpp"
#include "switchyard/pipeline/train.hpp"
#include "switchyard/select/cross_validate.hpp"

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <map>
#include <string>
#include <vector>

namespace switchyard::tools {

/// Mean and spread of the test accuracy over several seeds of split and models.
inline void print_repeats(const TrainingData& data, const TrainOptions& options, int repeats, Progress& progress) {
  std::map<std::string, std::vector<double>> accuracies;
  std::vector<std::string> order;
  const auto add = [&](const std::string& name, double accuracy) {
    if (accuracies.find(name) == accuracies.end()) order.push_back(name);
    accuracies[name].push_back(accuracy);
  };
  for (int i = 0; i < repeats; ++i) {
    TrainOptions train = options;
    train.models.seed += static_cast<std::uint64_t>(i);
    train.bootstrap.replicates = 1;  // the spread over seeds is what is asked for
    progress.update(static_cast<std::uint64_t>(i), "seed " + std::to_string(train.models.seed));
    const Evaluation evaluation = evaluate(data, train);
    for (const auto& score : evaluation.baselines) add(score.name, score.test.accuracy);
    for (const auto& score : evaluation.models) add(score.name, score.test.accuracy);
    add("chosen by validation", evaluation.best().test.accuracy);
  }
  progress.clear();
  std::cout << "\nTest accuracy over " << repeats << " seeds (" << to_string(options.split) << " split):\n";
  TextTable table({"predictor", "mean", "SD", "min", "max"});
  for (const auto& name : order) {
    const auto& values = accuracies[name];
    table.add({name, format_fixed(mean(values), 4), format_fixed(standard_deviation(values), 4),
               format_fixed(*std::min_element(values.begin(), values.end()), 4),
               format_fixed(*std::max_element(values.begin(), values.end()), 4)});
  }
  table.print(std::cout);
}

/// Grouped, stratified cross-validation of the models that need no validation part. Boosting runs all its rounds.
inline void print_cross_validation(const Dataset& data, ModelOptions models, int fold_count) {
  models = resolved_options(models, data);
  models.leaf_wise.early_stopping_rounds = 0;
  const auto folds = grouped_stratified_folds(data, fold_count, models.seed);
  std::cout << "\nCross-validation over " << fold_count << " folds (mean +- SD over folds; components stay whole):\n";
  TextTable table({"model", "accuracy", "AUC", "log-loss"});
  const auto add = [&](const std::string& name, const CrossValidation& result) {
    const auto text = [&](double PerMetric<double>::*metric) {
      return format_fixed(result.mean.*metric, 4) + " +- " + format_fixed(result.standard_deviation.*metric, 4);
    };
    table.add({name, text(&ClassificationMetrics::accuracy), text(&ClassificationMetrics::roc_auc),
               text(&ClassificationMetrics::log_loss)});
  };
  add("random_forest", cross_validate(data, folds, [&](const Dataset& train) {
        return RandomForest::fit(train, models.random_forest);
      }));
  add("boosting_level_wise", cross_validate(data, folds, [&](const Dataset& train) {
        return GradientBoosting::fit(train, models.level_wise);
      }));
  add("boosting_leaf_wise", cross_validate(data, folds, [&](const Dataset& train) {
        return GradientBoosting::fit(train, models.leaf_wise);
      }));
  table.print(std::cout);
}

}  // namespace switchyard::tools
