#pragma once

#include "switchyard/core/elementary.hpp"  // logistic
#include "switchyard/core/types.hpp"

#include <algorithm>

namespace switchyard {

/// Log-loss of the probability logistic(z) for a label of 0 or 1, from z itself: exact where the probability is so
/// near 0 or 1 that its logarithm would be lost.
[[nodiscard]] constexpr double log_loss_of_logit(double z, double label) noexcept {
  return (std::max(z, 0.0) - rounded_product(label, z)) + portable_log1p(portable_exp(z < 0 ? z : -z));
}

/// Rectified linear unit in place: negative values become 0.
inline void apply_relu(VectorMap values) { values = values.cwiseMax(0.0); }

/// Chain rule of the rectified linear unit: no gradient passes where its output was 0. Both: of one size.
inline void apply_relu_gradient(VectorMap gradient, const ConstVectorMap& output) {
  gradient.array() *= (output.array() > 0.0).cast<double>();
}

}  // namespace switchyard
