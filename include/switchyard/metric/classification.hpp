#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/statistics.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/metric/score_view.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

namespace switchyard {

/// Weight of the samples by true and predicted label; 1 is the positive class.
struct ConfusionMatrix {
  double true_negative = 0;
  double false_positive = 0;
  double false_negative = 0;
  double true_positive = 0;

  /// Counts a sample.
  constexpr void add(bool label, bool predicted, double weight = 1) noexcept {
    double& cell = label ? (predicted ? true_positive : false_negative) : (predicted ? false_positive : true_negative);
    cell += weight;
  }
  [[nodiscard]] constexpr double total() const noexcept {
    return true_negative + false_positive + false_negative + true_positive;
  }

  friend bool operator==(const ConfusionMatrix&, const ConfusionMatrix&) = default;
};

namespace detail {

[[nodiscard]] constexpr double ratio(double part, double whole) noexcept {
  return whole > 0 ? part / whole : std::numeric_limits<double>::quiet_NaN();
}

inline void require_same_size(const char* name, std::size_t found, std::size_t expected) {
  if (found != expected) throw InvalidArgument::wrong_size(name, found, expected);
}

/// One weight per label, or none at all.
inline void require_weights(ScoreView weights, std::size_t labels) {
  if (!weights.empty()) require_same_size("weights", weights.size(), labels);
}

inline void require_probabilities(ScoreView probabilities, std::size_t labels) {
  require_same_size("probabilities", probabilities.size(), labels);
  for (const double probability : probabilities) {
    if (!(probability >= 0 && probability <= 1)) {
      const std::string found = std::isnan(probability) ? "NaN" : format_number(probability);
      throw InvalidArgument::out_of_range("probability", found, "a number in [0, 1]");
    }
  }
}

[[nodiscard]] inline double weight_at(ScoreView weights, std::size_t i) noexcept {
  return weights.empty() ? 1.0 : weights[i];
}

/// -log P(label), the probability kept off 0 and 1 as scikit-learn did before 1.5.
[[nodiscard]] inline double log_loss_of(bool label, double probability) noexcept {
  constexpr double margin = 1e-15;
  const double kept = std::clamp(probability, margin, 1 - margin);
  return label ? -std::log(kept) : -std::log1p(-kept);
}

[[nodiscard]] inline double squared_error_of(bool label, double probability) noexcept {
  const double error = probability - (label ? 1.0 : 0.0);
  return error * error;
}

/// Weighted mean of loss(label, probability); NaN for no samples.
template <class Loss>
[[nodiscard]] double mean_loss(LabelView labels, ScoreView probabilities, ScoreView weights, Loss loss) {
  require_probabilities(probabilities, labels.size());
  require_weights(weights, labels.size());
  CompensatedSum sum;
  CompensatedSum total;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    sum.add(weight_at(weights, i) * loss(labels[i] == 1, probabilities[i]));
    total.add(weight_at(weights, i));
  }
  return ratio(sum.value(), total.value());
}

}  // namespace detail

/// Counts predictions against labels. `weights`: one per sample, or none. Throws InvalidArgument if sizes differ.
[[nodiscard]] inline ConfusionMatrix confusion_matrix(LabelView labels, LabelView predicted, ScoreView weights = {}) {
  detail::require_same_size("predictions", predicted.size(), labels.size());
  detail::require_weights(weights, labels.size());
  ConfusionMatrix result;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    result.add(labels[i] == 1, predicted[i] == 1, detail::weight_at(weights, i));
  }
  return result;
}

/// Share predicted right; NaN for no samples.
[[nodiscard]] constexpr double accuracy(const ConfusionMatrix& m) noexcept {
  return detail::ratio(m.true_negative + m.true_positive, m.total());
}

/// Share of label-1 samples that are found (sensitivity); NaN if there are none.
[[nodiscard]] constexpr double recall(const ConfusionMatrix& m) noexcept {
  return detail::ratio(m.true_positive, m.true_positive + m.false_negative);
}

/// Share of label-0 samples that are found (specificity); NaN if there are none.
[[nodiscard]] constexpr double specificity(const ConfusionMatrix& m) noexcept {
  return detail::ratio(m.true_negative, m.true_negative + m.false_positive);
}

/// Mean of recall and specificity; NaN unless both labels occur.
[[nodiscard]] constexpr double balanced_accuracy(const ConfusionMatrix& m) noexcept {
  return (recall(m) + specificity(m)) / 2;
}

/// Share of predictions of 1 that are right; NaN if 1 is never predicted.
[[nodiscard]] constexpr double precision(const ConfusionMatrix& m) noexcept {
  return detail::ratio(m.true_positive, m.true_positive + m.false_positive);
}

/// Share of predictions of 0 that are right; NaN if 0 is never predicted.
[[nodiscard]] constexpr double precision_negative(const ConfusionMatrix& m) noexcept {
  return detail::ratio(m.true_negative, m.true_negative + m.false_negative);
}

/// Harmonic mean of precision and recall of class 1; 0 if nothing is found, NaN if 1 neither occurs nor is predicted.
[[nodiscard]] constexpr double f1(const ConfusionMatrix& m) noexcept {
  return detail::ratio(2 * m.true_positive, 2 * m.true_positive + m.false_positive + m.false_negative);
}

[[nodiscard]] inline double accuracy(LabelView labels, LabelView predicted, ScoreView weights = {}) {
  return accuracy(confusion_matrix(labels, predicted, weights));
}

[[nodiscard]] inline double balanced_accuracy(LabelView labels, LabelView predicted, ScoreView weights = {}) {
  return balanced_accuracy(confusion_matrix(labels, predicted, weights));
}

[[nodiscard]] inline double precision(LabelView labels, LabelView predicted, ScoreView weights = {}) {
  return precision(confusion_matrix(labels, predicted, weights));
}

[[nodiscard]] inline double recall(LabelView labels, LabelView predicted, ScoreView weights = {}) {
  return recall(confusion_matrix(labels, predicted, weights));
}

[[nodiscard]] inline double f1(LabelView labels, LabelView predicted, ScoreView weights = {}) {
  return f1(confusion_matrix(labels, predicted, weights));
}

/// Mean of -log P(label), natural logarithm; probabilities are kept 1e-15 away from 0 and 1. NaN for no samples.
/// Throws InvalidArgument if sizes differ or a probability lies outside [0, 1].
[[nodiscard]] inline double log_loss(LabelView labels, ScoreView probabilities, ScoreView weights = {}) {
  return detail::mean_loss(labels, probabilities, weights, detail::log_loss_of);
}

/// Mean squared difference of probability and label (Brier, 1950); NaN for no samples. Throws as log_loss.
[[nodiscard]] inline double brier_score(LabelView labels, ScoreView probabilities, ScoreView weights = {}) {
  return detail::mean_loss(labels, probabilities, weights, detail::squared_error_of);
}

}  // namespace switchyard
