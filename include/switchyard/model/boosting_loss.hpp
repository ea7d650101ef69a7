#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/statistics.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/model/option_checks.hpp"
#include "switchyard/nn/activation.hpp"
#include "switchyard/tree/criterion.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>

// What boosting lowers. A loss holds its rows and offers, for a row's margin (the model's raw answer to it):
//   gradient(row, margin, rows)  first and second derivative by the margin, for `rows` such rows
//   hessian_is_rows              whether the second derivative is always `rows`
//   loss(row, margin)            what early stopping watches
//   best_constant(offsets)       the constant that, added to the offsets, has the lowest loss
//   unit(margins)                what to divide first derivatives by, so that split search need not know their scale
namespace switchyard::detail {

/// Targets and offsets of larger magnitude are refused: squares of their sums must stay finite.
inline constexpr double largest_margin = 1e100;

/// Log-odds of a probability, kept away from 0 and 1 so that data of one class has a finite answer.
[[nodiscard]] inline double clamped_log_odds(double probability) noexcept {
  constexpr double smallest = 1e-9;
  const double p = std::clamp(probability, smallest, 1 - smallest);
  return std::log(p / (1 - p));
}

/// First and second derivative by the log-odds of the log-loss of `rows` rows, times `weight`. The second is kept above
/// 0, as in XGBoost, so that a certain answer can still be corrected.
[[nodiscard]] inline GradientSums log_loss_gradient(double log_odds, bool positive, double weight,
                                                    double rows) noexcept {
  constexpr double smallest_hessian = 1e-16;
  const double probability = logistic(log_odds);
  return {weight * (probability - (positive ? 1.0 : 0.0)),
          weight * std::max(probability * (1 - probability), smallest_hessian), rows};
}

/// Mean of value(row) over a data set's rows, by their weight.
template <class Value>
[[nodiscard]] double mean_over_rows(const Dataset& data, const Value& value) {
  CompensatedSum sum;
  CompensatedSum weights;
  for (Index i = 0; i < data.rows(); ++i) {
    sum.add(data.weight(i) * value(static_cast<std::size_t>(i)));
    weights.add(data.weight(i));
  }
  return sum.value() / weights.value();
}

/// First and second derivative by the answer of half the squared error of `rows` rows.
[[nodiscard]] inline GradientSums squared_error_gradient(double answer, double target, double rows) noexcept {
  return {rows * (answer - target), rows, rows};
}

/// Labels under the log-loss; margins are log-odds of label 1. Borrows the data.
class LogLoss {
 public:
  static constexpr bool hessian_is_rows = false;

  /// positive_weight: > 0, weight of a row with label 1 relative to label 0.
  explicit LogLoss(const Dataset& data, double positive_weight = 1) : data_(data), positive_weight_(positive_weight) {}

  [[nodiscard]] const Dataset& data() const noexcept { return data_; }

  /// Throws InvalidArgument for rows that cannot be learned from.
  void check() const { require_training_rows(data_); }

  [[nodiscard]] GradientSums gradient(std::size_t row, double margin, double rows) const noexcept {
    const bool positive = data_.labels[row] == 1;
    return log_loss_gradient(margin, positive, rows * (positive ? positive_weight_ : 1.0), rows);
  }

  /// Without class weights: validation asks how good probabilities are.
  [[nodiscard]] double loss(std::size_t row, double margin) const noexcept {
    return log_loss_of_logit(margin, data_.labels[row]);
  }

  /// The constant whose mean probability is the positive share: where the derivative of the log-loss is zero. Without
  /// offsets its log-odds; with them found by Newton's method, kept between two bounds that the offsets' range gives.
  [[nodiscard]] double best_constant(std::span<const double> offsets) const {
    const double centre = clamped_log_odds(positive_share());
    const auto [smallest, largest] = std::minmax_element(offsets.begin(), offsets.end());
    double low = centre - *largest;
    double high = centre - *smallest;
    double constant = low / 2 + high / 2;
    constexpr int most_steps = 500;  // some five are used; bisection alone needs 400 from the widest bounds
    const auto resolution = [&] { return 1e-12 * std::max(1.0, std::abs(constant)); };
    for (int step = 0; step < most_steps && high - low > resolution(); ++step) {
      const GradientSums sums = sums_at(offsets, constant, logistic(centre));
      const double newton = sums.gradient / sums.hessian;
      if (std::abs(newton) <= resolution()) return constant - newton;
      (sums.gradient > 0 ? high : low) = constant;
      constant -= newton;
      if (!(constant > low && constant < high)) constant = low / 2 + high / 2;
    }
    return constant;
  }

  /// A probability's error has a scale of its own.
  [[nodiscard]] static double unit(std::span<const double> /*margins*/) noexcept { return 1; }

 private:
  [[nodiscard]] double weight(std::size_t row) const {
    return data_.weight(static_cast<Index>(row)) * (data_.labels[row] == 1 ? positive_weight_ : 1.0);
  }

  [[nodiscard]] double positive_share() const {
    CompensatedSum positive;
    CompensatedSum all;
    for (std::size_t i = 0; i < data_.labels.size(); ++i) {
      all.add(weight(i));
      if (data_.labels[i] == 1) positive.add(weight(i));
    }
    return positive.value() / all.value();
  }

  /// Derivatives of the log-loss by a constant added to all offsets, were `share` of the rows positive.
  [[nodiscard]] GradientSums sums_at(std::span<const double> offsets, double constant, double share) const {
    CompensatedSum gradient;
    CompensatedSum hessian;
    for (std::size_t i = 0; i < offsets.size(); ++i) {
      const double probability = logistic(offsets[i] + constant);
      gradient.add(weight(i) * (probability - share));
      hessian.add(weight(i) * probability * (1 - probability));
    }
    return {gradient.value(), hessian.value(), 0};
  }

  const Dataset& data_;
  double positive_weight_;
};

/// Numbers under half the squared error; margins are answers in the targets' unit. Borrows both.
class SquaredLoss {
 public:
  static constexpr bool hessian_is_rows = true;

  /// targets: [rows]
  SquaredLoss(const Dataset& data, std::span<const double> targets) : data_(data), targets_(targets) {}

  [[nodiscard]] const Dataset& data() const noexcept { return data_; }

  /// Throws InvalidArgument for rows that cannot be learned from.
  void check() const {
    require_training_rows(data_);
    require_rows("targets", targets_.size(), data_.rows(), false);
    for (const double target : targets_) {
      if (!(std::abs(target) <= largest_margin)) {
        throw InvalidArgument::out_of_range("target", std::to_string(target), "a number from -1e100 to 1e100");
      }
    }
  }

  [[nodiscard]] GradientSums gradient(std::size_t row, double margin, double rows) const noexcept {
    return squared_error_gradient(margin, targets_[row], rows);
  }

  /// The squared error, not half of it: its mean is what everybody reports.
  [[nodiscard]] double loss(std::size_t row, double margin) const noexcept {
    const double error = margin - targets_[row];
    return error * error;
  }

  /// Weighted mean of what the offsets leave.
  [[nodiscard]] double best_constant(std::span<const double> offsets) const {
    return mean_over_rows(data_, [&](std::size_t i) { return targets_[i] - offsets[i]; });
  }

  /// The power of two next below the root mean squared error of the margins: dividing by it rounds nothing, and costs
  /// of a millionth of a dollar are learned as well as latencies of thousands of milliseconds.
  [[nodiscard]] double unit(std::span<const double> margins) const {
    const double deviation = std::sqrt(mean_over_rows(data_, [&](std::size_t i) { return loss(i, margins[i]); }));
    constexpr int least_exponent = -500;  // its square is still a normal number
    return deviation > 0 ? std::ldexp(1.0, std::max(std::ilogb(deviation), least_exponent)) : 1.0;
  }

 private:
  const Dataset& data_;
  std::span<const double> targets_;
};

}  // namespace switchyard::detail
