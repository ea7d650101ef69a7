#pragma once

#include "switchyard/core/types.hpp"
#include "switchyard/nn/activation.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

namespace switchyard::detail {

/// The slope that makes logistic(slope x value) the most likely probability of label 1: Platt's scaling without an
/// intercept, so that a value of 0 stays one half. At least a small positive number, since a rule does not turn round.
/// values, labels: [samples]; weights: [samples] or empty. Newton's method; the log-loss is convex in the slope.
[[nodiscard]] inline double logistic_slope(std::span<const double> values, std::span<const std::uint8_t> labels,
                                           std::span<const double> weights = {}) noexcept {
  constexpr double smallest = 1e-3;
  constexpr double largest = 1e3;
  constexpr int most_steps = 50;
  constexpr double precision = 1e-9;
  double slope = 1;
  for (int step = 0; step < most_steps; ++step) {
    double gradient = 0;
    double hessian = precision;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double weight = weights.empty() ? 1.0 : weights[i];
      const double probability = logistic(slope * values[i]);
      gradient += weight * values[i] * (probability - labels[i]);
      hessian += weight * values[i] * values[i] * probability * (1 - probability);
    }
    const double next = std::clamp(slope - gradient / hessian, smallest, largest);
    if (std::abs(next - slope) < precision * slope) return next;
    slope = next;
  }
  return slope;
}

}  // namespace switchyard::detail
