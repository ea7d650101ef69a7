#pragma once

#include "switchyard/tree/criterion.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace switchyard {

/// A way to split a node: rows in bins 0 to `bin` of `feature` go left.
struct SplitChoice {
  std::uint32_t feature = 0;
  std::uint32_t bin = 0;
  bool missing_left = false;
  double gain = 0;  // 0: no split

  [[nodiscard]] bool exists() const noexcept { return gain > 0; }
  friend bool operator==(const SplitChoice&, const SplitChoice&) = default;
};

/// A node's sums and the rules its splits obey: what every candidate of the node is measured with.
class SplitJudge {
 public:
  SplitJudge(const GradientSums& total, const SplitCriterion& criterion, const SplitLimits& limits) noexcept
      : total_(total),
        criterion_(criterion),
        limits_(limits),
        parent_score_(criterion.score(total)),
        tie_(detail::gain_resolution * total.weight) {}

  [[nodiscard]] const GradientSums& total() const noexcept { return total_; }

  /// The candidate, if it is allowed and better than `best` by more than rounding; else `best`.
  void consider(SplitChoice& best, const SplitChoice& candidate, const GradientSums& left) const noexcept {
    const GradientSums right = total_ - left;
    if (!detail::may_be_child(left, total_.weight, limits_)) return;
    if (!detail::may_be_child(right, total_.weight, limits_)) return;
    const double gain = criterion_.gain(left, right, parent_score_);
    if (gain <= limits_.min_gain || !is_better(gain, best)) return;
    best = candidate;
    best.gain = gain;
  }

  /// The better of two; on a tie, `first`.
  [[nodiscard]] SplitChoice better(const SplitChoice& first, const SplitChoice& second) const noexcept {
    return second.exists() && is_better(second.gain, first) ? second : first;
  }

 private:
  [[nodiscard]] bool is_better(double gain, const SplitChoice& best) const noexcept { return gain > best.gain + tie_; }

  GradientSums total_;
  SplitCriterion criterion_;
  SplitLimits limits_;
  double parent_score_;
  double tie_;
};

/// The best split of a node on one feature. histogram: [bins + 1], missing values last. On a tie the lower threshold
/// wins, then missing values going right. Where the node has no missing values they will follow the heavier child (left
/// if equal).
[[nodiscard]] inline SplitChoice best_split(std::uint32_t feature, std::span<const GradientSums> histogram,
                                            const SplitJudge& judge) noexcept {
  const std::size_t bins = histogram.size() - 1;
  const GradientSums missing = histogram[bins];
  const bool any_missing = missing.weight > detail::limit_slack * judge.total().weight;
  SplitChoice best;
  GradientSums left;
  for (std::size_t bin = 0; bin < bins; ++bin) {
    left += histogram[bin];
    SplitChoice candidate{feature, static_cast<std::uint32_t>(bin), false, 0};
    if (any_missing) {
      judge.consider(best, candidate, left);
      candidate.missing_left = true;
      if (bin + 1 < bins) judge.consider(best, candidate, left + missing);
    } else if (bin + 1 < bins) {
      candidate.missing_left = 2 * left.weight >= judge.total().weight;
      judge.consider(best, candidate, left);
    }
  }
  return best;
}

/// Whether all the node's rows share one bin, so that the feature cannot split it.
[[nodiscard]] inline bool is_constant(std::span<const GradientSums> histogram) noexcept {
  std::size_t occupied = 0;
  for (const auto& bin : histogram) occupied += bin.weight > 0 ? 1 : 0;
  return occupied <= 1;
}

}  // namespace switchyard
