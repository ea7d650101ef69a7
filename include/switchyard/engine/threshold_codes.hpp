#pragma once

#include "switchyard/core/types.hpp"
#include "switchyard/tree/tree.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace switchyard {

/// The distinct thresholds that an ensemble compares each of its features with. They turn a row into small integers
/// that decide every comparison as the doubles do: with code(v) = number of thresholds below v,
///     v <= threshold k (from 0, ascending)  iff  code(v) <= k.
/// Nothing is lost, since the thresholds are the model's own.
class ThresholdCodes {
 public:
  /// ensemble: its thresholds are numbers, its features exist, as CompiledEnsemble makes sure.
  explicit ThresholdCodes(const Ensemble& ensemble) : thresholds_(static_cast<std::size_t>(ensemble.features)) {
    for (const Tree& tree : ensemble.trees) {
      for (const TreeNode& node : tree.nodes) {
        if (!node.is_leaf()) thresholds_[static_cast<std::size_t>(node.feature)].push_back(node.threshold);
      }
    }
    for (auto& each : thresholds_) {
      std::sort(each.begin(), each.end());
      each.erase(std::unique(each.begin(), each.end()), each.end());
    }
  }

  [[nodiscard]] std::size_t features() const noexcept { return thresholds_.size(); }

  /// One feature's thresholds, ascending.
  [[nodiscard]] std::span<const double> thresholds(std::size_t feature) const noexcept { return thresholds_[feature]; }

  /// The largest number of thresholds that any feature has.
  [[nodiscard]] std::size_t most_thresholds() const noexcept {
    std::size_t most = 0;
    for (const auto& each : thresholds_) most = std::max(most, each.size());
    return most;
  }

  /// Whether a code and the mark of a missing value fit into one byte.
  [[nodiscard]] bool fit_in_bytes() const noexcept { return most_thresholds() < 255; }

  /// Position of a split's threshold: its row goes left iff its code is at most this.
  [[nodiscard]] std::size_t position(const TreeNode& split) const noexcept {
    const auto& sorted = thresholds_[static_cast<std::size_t>(split.feature)];
    return static_cast<std::size_t>(std::lower_bound(sorted.begin(), sorted.end(), split.threshold) - sorted.begin());
  }

  /// Number of the feature's thresholds below a value that is not missing.
  [[nodiscard]] std::size_t code(std::size_t feature, double value) const noexcept {
    const auto& sorted = thresholds_[feature];
    return static_cast<std::size_t>(std::lower_bound(sorted.begin(), sorted.end(), value) - sorted.begin());
  }

 private:
  std::vector<std::vector<double>> thresholds_;  // [features], each ascending
};

}  // namespace switchyard
