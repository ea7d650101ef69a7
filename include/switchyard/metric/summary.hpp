#pragma once

#include "switchyard/metric/classification.hpp"
#include "switchyard/metric/ranking.hpp"
#include "switchyard/metric/score_view.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace switchyard {

/// One T for each number a classifier is judged by; NaN where undefined, as each metric documents.
template <class T>
struct PerMetric {
  T accuracy{};
  T balanced_accuracy{};
  T precision{};
  T recall{};
  T f1{};
  T roc_auc{};
  T log_loss{};
  T brier{};
  T precision_negative{};

  friend bool operator==(const PerMetric&, const PerMetric&) = default;
};

using ClassificationMetrics = PerMetric<double>;

template <class T>
struct MetricField {
  std::string_view name;
  T PerMetric<T>::*member = nullptr;
};

/// Name and member of every metric, in one order for all T, for code that treats them alike.
template <class T>
inline constexpr std::array<MetricField<T>, 9> metric_fields{{
    {"accuracy", &PerMetric<T>::accuracy},
    {"balanced_accuracy", &PerMetric<T>::balanced_accuracy},
    {"precision", &PerMetric<T>::precision},
    {"recall", &PerMetric<T>::recall},
    {"f1", &PerMetric<T>::f1},
    {"roc_auc", &PerMetric<T>::roc_auc},
    {"log_loss", &PerMetric<T>::log_loss},
    {"brier", &PerMetric<T>::brier},
    {"precision_negative", &PerMetric<T>::precision_negative},
}};

namespace detail {

/// Everything about a sample that the metrics need, computed once.
struct ScoredSample {
  double weight = 1;
  double log_loss = 0;
  double squared_error = 0;
  std::size_t number = 0;  // in the caller's order
  bool label = false;
  bool predicted = false;
  bool ends_tie = false;  // the next sample's probability differs
};

/// The samples in ascending order of probability. Throws InvalidArgument for sizes that differ or probabilities
/// outside [0, 1].
[[nodiscard]] inline std::vector<ScoredSample> scored_samples(LabelView labels, ScoreView probabilities,
                                                              double threshold, ScoreView weights) {
  require_probabilities(probabilities, labels.size());
  require_weights(weights, labels.size());
  const auto order = ascending_order(probabilities);
  std::vector<ScoredSample> samples;
  samples.reserve(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool label = labels[order[i]] == 1;
    const double probability = probabilities[order[i]];
    samples.push_back({.weight = weight_at(weights, order[i]),
                       .log_loss = log_loss_of(label, probability),
                       .squared_error = squared_error_of(label, probability),
                       .number = order[i],
                       .label = label,
                       .predicted = probability > threshold,
                       .ends_tie = i + 1 == order.size() || probabilities[order[i + 1]] != probability});
  }
  return samples;
}

/// All metrics in one pass; `times(i)` says how often samples[i] counts.
template <class Times>
[[nodiscard]] ClassificationMetrics metrics_of(std::span<const ScoredSample> samples, Times times) {
  ConfusionMatrix matrix;
  RankingSum ranking;
  double log_loss_sum = 0;
  double squared_sum = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const ScoredSample& sample = samples[i];
    const double weight = sample.weight * times(i);
    matrix.add(sample.label, sample.predicted, weight);
    ranking.add(sample.label, weight);
    if (sample.ends_tie) ranking.end_tie();
    log_loss_sum += weight * sample.log_loss;
    squared_sum += weight * sample.squared_error;
  }
  return {.accuracy = accuracy(matrix),
          .balanced_accuracy = balanced_accuracy(matrix),
          .precision = precision(matrix),
          .recall = recall(matrix),
          .f1 = f1(matrix),
          .roc_auc = ranking.area(),
          .log_loss = ratio(log_loss_sum, matrix.total()),
          .brier = ratio(squared_sum, matrix.total()),
          .precision_negative = precision_negative(matrix)};
}

}  // namespace detail

/// All metrics at once; 1 is predicted where the probability exceeds the threshold. Throws InvalidArgument for sizes
/// that differ or probabilities outside [0, 1].
[[nodiscard]] inline ClassificationMetrics classification_metrics(LabelView labels, ScoreView probabilities,
                                                                  double threshold = 0.5, ScoreView weights = {}) {
  return detail::metrics_of(detail::scored_samples(labels, probabilities, threshold, weights),
                            [](std::size_t) { return 1.0; });
}

}  // namespace switchyard
