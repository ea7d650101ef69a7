#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

namespace bench {

/// Area under the ROC curve by ranks, ties half; labels: 0 or 1
[[nodiscard]] inline double auc(const std::vector<std::uint8_t>& labels, const std::vector<float>& scores) {
  std::vector<std::size_t> order(labels.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  double positive = 0;
  double negative = 0;
  double ordered = 0;
  for (std::size_t i = 0; i < order.size();) {
    double tied_positive = 0;
    double tied_negative = 0;
    for (const float score = scores[order[i]]; i < order.size() && scores[order[i]] == score; ++i) {
      (labels[order[i]] == 1 ? tied_positive : tied_negative) += 1;
    }
    ordered += tied_positive * (negative + tied_negative / 2);
    positive += tied_positive;
    negative += tied_negative;
  }
  return ordered / (positive * negative);
}

/// Mean log-loss, probabilities kept 1e-15 from 0 and 1
[[nodiscard]] inline double log_loss(const std::vector<std::uint8_t>& labels, const std::vector<float>& scores) {
  double sum = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double p = std::clamp(static_cast<double>(scores[i]), 1e-15, 1 - 1e-15);
    sum -= std::log(labels[i] == 1 ? p : 1 - p);
  }
  return sum / static_cast<double>(labels.size());
}

}  // namespace bench
