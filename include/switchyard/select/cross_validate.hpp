#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/statistics.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/data/split.hpp"
#include "switchyard/metric/summary.hpp"
#include "switchyard/model/classifier.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace switchyard {

/// What models fitted without a fold say about it.
struct CrossValidation {
  std::vector<ClassificationMetrics> folds;  // one per fold, scored on its test rows
  ClassificationMetrics mean;                // over folds where the metric is defined; NaN where it never is
  ClassificationMetrics standard_deviation;  // over the same; NaN for fewer than two folds
  Vector probabilities;                      // [samples]; P(label = 1) of each tested row, NaN for others
};

namespace detail {

/// A statistic of each metric over folds, undefined values left out.
template <class Statistic>
[[nodiscard]] ClassificationMetrics over_folds(std::span<const ClassificationMetrics> folds, Statistic statistic) {
  ClassificationMetrics result;
  for (const auto& field : metric_fields<double>) {
    std::vector<double> values;
    for (const auto& fold : folds) {
      if (!std::isnan(fold.*field.member)) values.push_back(fold.*field.member);
    }
    result.*field.member = statistic(values);
  }
  return result;
}

}  // namespace detail

/// Fits once per fold with `fit(const Dataset& train) -> Classifier` and scores each model on the rows it has not
/// seen, predicting 1 above `threshold`. Weights of the dataset count in fitting and in scoring. Throws InvalidArgument
/// for no folds, and whatever `fit` throws.
template <class Fit>
[[nodiscard]] CrossValidation cross_validate(const Dataset& data, std::span<const Fold> folds, Fit&& fit,
                                             double threshold = 0.5) {
  if (folds.empty()) throw InvalidArgument("cross-validation needs folds; there are none");
  CrossValidation result;
  result.probabilities.setConstant(data.rows(), std::numeric_limits<double>::quiet_NaN());
  for (const auto& fold : folds) {
    const Classifier auto model = fit(data.subset(fold.train));
    const Dataset test = data.subset(fold.test);
    const Vector probabilities = model.predict_proba(test.features);
    result.folds.push_back(classification_metrics(test.labels, probabilities, threshold, test.weights));
    for (std::size_t i = 0; i < fold.test.size(); ++i) {
      result.probabilities[fold.test[i]] = probabilities[static_cast<Index>(i)];
    }
  }
  result.mean = detail::over_folds(result.folds, [](std::span<const double> values) { return mean(values); });
  result.standard_deviation =
      detail::over_folds(result.folds, [](std::span<const double> values) { return standard_deviation(values); });
  return result;
}

}  // namespace switchyard
