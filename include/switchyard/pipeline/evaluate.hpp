#pragma once

#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/metric/bootstrap.hpp"
#include "switchyard/metric/calibration.hpp"
#include "switchyard/metric/classification.hpp"
#include "switchyard/metric/interval.hpp"
#include "switchyard/metric/ranking.hpp"
#include "switchyard/metric/summary.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

/// What a predictor said of some rows, and what was true.
struct Predictions {
  Labels labels;                      // [samples]
  std::vector<double> probabilities;  // [samples]; P(label = 1)
  std::vector<std::int64_t> groups;   // [samples]; rows that are not independent of each other
  std::vector<Index> rows;            // [samples]; where they stand in the whole dataset

  /// Appends what another fold's model said of its own rows.
  void append(const Predictions& other) {
    labels.insert(labels.end(), other.labels.begin(), other.labels.end());
    probabilities.insert(probabilities.end(), other.probabilities.begin(), other.probabilities.end());
    groups.insert(groups.end(), other.groups.begin(), other.groups.end());
    rows.insert(rows.end(), other.rows.begin(), other.rows.end());
  }

  /// 1 where the probability exceeds one half. [samples]
  [[nodiscard]] Labels predicted() const {
    Labels result;
    result.reserve(probabilities.size());
    for (const double probability : probabilities) result.push_back(probability > 0.5 ? 1 : 0);
    return result;
  }
};

/// A predictor's answers on the three parts of a split, or on those of all folds, one after the other.
struct PredictorOutput {
  std::string name;
  Predictions train;
  Predictions validation;
  Predictions test;
};

/// Asks a model about a part. `rows`: where the part's rows stand in the whole dataset; `blocks`: [whole dataset] rows
/// that are not independent of each other, or none: the part's groups.
template <class Model>
[[nodiscard]] Predictions predict_part(const Model& model, const Dataset& part, const std::vector<Index>& rows,
                                       std::span<const std::int64_t> blocks = {}) {
  const Vector probabilities = model.predict_proba(part.features);
  Predictions result{part.labels, {probabilities.begin(), probabilities.end()}, part.groups, rows};
  if (!blocks.empty()) {
    result.groups.clear();
    for (const Index row : rows) result.groups.push_back(blocks[static_cast<std::size_t>(row)]);
  }
  if (result.groups.empty()) result.groups.assign(rows.begin(), rows.end());
  return result;
}

/// How good a predictor is. Intervals are 95 % cluster-bootstrap intervals over groups of the test rows.
struct PredictorScore {
  std::string name;
  ClassificationMetrics train;
  ClassificationMetrics validation;
  ClassificationMetrics test;
  MetricIntervals interval;                 // of `test`
  ConfusionMatrix confusion;                // on the test rows
  double gap = 0;                           // train accuracy - test accuracy
  Interval gap_interval;                    // from the test accuracy's: the model is fixed, the rows it meets are not
  AccuracyDifference over_context;          // accuracy gained over the context table, on the same rows
  std::vector<RocPoint> roc;                // on the test rows
  std::vector<ReliabilityBin> reliability;  // on the test rows, ten bins of equal width
};

/// Judges a predictor; `context_table`: what the context table said of the same test rows.
[[nodiscard]] inline PredictorScore score(const PredictorOutput& output, const Predictions& context_table,
                                          const BootstrapOptions& bootstrap) {
  constexpr double threshold = 0.5;
  const auto metrics = [&](const Predictions& part) {
    return classification_metrics(part.labels, part.probabilities, threshold);
  };
  PredictorScore result;
  result.name = output.name;
  result.train = metrics(output.train);
  result.validation = metrics(output.validation);
  result.test = metrics(output.test);
  const Predictions& test = output.test;
  result.interval = bootstrap_metrics(test.labels, test.probabilities, threshold, test.groups, bootstrap);
  result.confusion = confusion_matrix(test.labels, test.predicted());
  result.gap = result.train.accuracy - result.test.accuracy;
  result.gap_interval = {result.train.accuracy - result.interval.accuracy.high,
                         result.train.accuracy - result.interval.accuracy.low};
  result.over_context =
      bootstrap_accuracy_difference(test.labels, test.predicted(), context_table.predicted(), test.groups, bootstrap);
  result.roc = roc_curve(test.labels, test.probabilities);
  result.reliability = reliability_bins(test.labels, test.probabilities);
  return result;
}

}  // namespace switchyard
