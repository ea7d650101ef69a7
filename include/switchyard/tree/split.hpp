#pragma once

#include "switchyard/tree/criterion.hpp"
#include "switchyard/tree/fixed_point.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace switchyard {

/// A way to split a node: rows in bins 0 to `bin` of `feature` go left.
template <class Sums>
struct SplitChoice {
  std::uint32_t feature = 0;
  std::uint32_t bin = 0;
  bool missing_left = false;
  bool any_missing = false;  // else missing values are to follow the heavier child
  double gain = 0;           // 0: no split
  Sums left{};               // what goes left

  [[nodiscard]] bool exists() const noexcept { return gain > 0; }
};

/// A node's sums and the rules its splits obey: what every candidate of the node is measured with.
template <class Sums>
class SplitJudge {
 public:
  /// weight: the node's, in rows.
  SplitJudge(const Sums& total, double weight, const FixedPoint& units, const SplitCriterion& criterion,
             const SplitLimits& limits) noexcept
      : total_(total),
        units_(units),
        criterion_(criterion),
        limits_(limits),
        parent_score_(criterion.score(units.decode(total))),
        tie_(detail::gain_resolution * weight) {
    raise_bar(0);
  }

  [[nodiscard]] const Sums& total() const noexcept { return total_; }

  /// Takes the candidate over if it is allowed and better than `best` by more than rounding. The bar, without a
  /// division, turns down most of those that are not.
  void consider(SplitChoice<Sums>& best, const SplitChoice<Sums>& candidate) noexcept {
    const Sums right = total_ - candidate.left;
    if (candidate.left.empty() || right.empty() || is_below_bar(candidate.left, right)) return;
    const GradientSums left_sums = units_.decode(candidate.left);
    const GradientSums right_sums = units_.decode(right);
    if (!detail::may_be_child(left_sums, limits_) || !detail::may_be_child(right_sums, limits_)) return;
    const double gain = criterion_.gain(left_sums, right_sums, parent_score_);
    if (gain <= limits_.min_gain || !is_better(gain, best)) return;
    best = candidate;
    best.gain = gain;
    raise_bar(gain);
  }

  /// The better of two; on a tie, `first`.
  [[nodiscard]] SplitChoice<Sums> better(const SplitChoice<Sums>& first,
                                         const SplitChoice<Sums>& second) const noexcept {
    return second.exists() && is_better(second.gain, first) ? second : first;
  }

 private:
  [[nodiscard]] bool is_better(double gain, const SplitChoice<Sums>& best) const noexcept {
    return gain > best.gain + tie_;
  }

  /// Sets what a candidate's score must reach, less a rounding error, in units of the integers' squares.
  void raise_bar(double best_gain) noexcept {
    const double needed = std::max(best_gain + tie_, limits_.min_gain) / criterion_.gain_scale;
    constexpr double rounding = 1e-12;
    bar_ = (needed + parent_score_) * (1 - rounding) - parent_score_ * rounding;
  }

  /// g_L^2 / H_L + g_R^2 / H_R < bar, times both denominators.
  [[nodiscard]] bool is_below_bar(const Sums& left, const Sums& right) const noexcept {
    const double left_gradient = static_cast<double>(left.gradient) * units_.unit.gradient;
    const double right_gradient = static_cast<double>(right.gradient) * units_.unit.gradient;
    const double left_hessian = static_cast<double>(left.hessian) * units_.unit.hessian + criterion_.l2;
    const double right_hessian = static_cast<double>(right.hessian) * units_.unit.hessian + criterion_.l2;
    return left_gradient * left_gradient * right_hessian + right_gradient * right_gradient * left_hessian <
           bar_ * (left_hessian * right_hessian);
  }

  Sums total_;
  FixedPoint units_;
  SplitCriterion criterion_;
  SplitLimits limits_;
  double parent_score_;
  double tie_;
  double bar_ = 0;
};

/// The best split of a node on one feature. histogram: [bins + 1], missing values last. On a tie the lower threshold
/// wins, then missing values going right. Where the node has no missing values they will follow the heavier child (left
/// if equal), which is decided when its rows are parted.
template <class Sums>
[[nodiscard]] SplitChoice<Sums> best_split(std::uint32_t feature, std::span<const Sums> histogram,
                                           SplitJudge<Sums> judge) noexcept {
  const std::size_t bins = histogram.size() - 1;
  const Sums missing = histogram[bins];
  SplitChoice<Sums> best;
  SplitChoice<Sums> candidate{.feature = feature, .any_missing = !missing.empty()};
  Sums left;
  for (std::size_t bin = 0; bin < bins; ++bin) {
    // An empty bin offers the last candidate once more; the first one also that missing values alone go left.
    if (histogram[bin].empty() && (bin > 0 || !candidate.any_missing)) continue;
    left += histogram[bin];
    candidate.bin = static_cast<std::uint32_t>(bin);
    candidate.left = left;
    candidate.missing_left = false;
    judge.consider(best, candidate);
    if (!candidate.any_missing) continue;
    candidate.left += missing;
    candidate.missing_left = true;
    judge.consider(best, candidate);
  }
  return best;
}

/// Whether all the node's rows share one bin, so that the feature cannot split it.
template <class Sums>
[[nodiscard]] bool is_constant(std::span<const Sums> histogram) noexcept {
  std::size_t occupied = 0;
  for (const auto& bin : histogram) occupied += bin.empty() ? 0 : 1;
  return occupied <= 1;
}

}  // namespace switchyard
