#pragma once

#include "switchyard/core/types.hpp"

#include <algorithm>
#include <cmath>

namespace switchyard {

/// 1 / (1 + exp(-z)), for any z without overflow.
[[nodiscard]] inline double logistic(double z) noexcept {
  if (z >= 0) return 1.0 / (1.0 + std::exp(-z));
  const double e = std::exp(z);
  return e / (1.0 + e);
}

/// Log-loss of the probability logistic(z) for a label of 0 or 1, from z itself: exact where the probability is so
/// near 0 or 1 that its logarithm would be lost.
[[nodiscard]] inline double log_loss_of_logit(double z, double label) noexcept {
  return (std::max(z, 0.0) - label * z) + std::log1p(std::exp(-std::abs(z)));
}

/// Rectified linear unit in place: negative values become 0.
template <class Derived>
void apply_relu(Eigen::MatrixBase<Derived>& values) {
  values = values.cwiseMax(0.0);
}

/// Chain rule of the rectified linear unit: no gradient passes where its output was 0.
template <class Gradient, class Output>
void apply_relu_gradient(Eigen::MatrixBase<Gradient>& gradient, const Eigen::MatrixBase<Output>& output) {
  gradient.array() *= (output.array() > 0.0).template cast<double>();
}

}  // namespace switchyard
