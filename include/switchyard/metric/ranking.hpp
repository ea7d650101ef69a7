#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/metric/classification.hpp"
#include "switchyard/metric/score_view.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <vector>

namespace switchyard {

/// What predicting 1 for every score >= threshold yields.
struct RocPoint {
  double false_positive_rate = 0;
  double true_positive_rate = 0;
  double threshold = 0;
};

namespace detail {

/// Sample numbers by ascending score, equal scores in order of their numbers. Throws InvalidArgument for a NaN.
[[nodiscard]] inline std::vector<std::size_t> ascending_order(ScoreView scores) {
  for (const double score : scores) {
    if (std::isnan(score)) throw InvalidArgument::out_of_range("score", "NaN", "a number");
  }
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  return order;
}

/// Area under the ROC curve from samples given in ascending order of score: the share of (positive, negative) pairs
/// in order, ties counting one half.
class RankingSum {
 public:
  void add(bool label, double weight) noexcept { (label ? tied_positive_ : tied_negative_) += weight; }

  /// Ends a run of equal scores.
  void end_tie() noexcept {
    ordered_pairs_ += tied_positive_ * (negative_ + tied_negative_ / 2);
    positive_ += tied_positive_;
    negative_ += tied_negative_;
    tied_positive_ = tied_negative_ = 0;
  }

  [[nodiscard]] double area() const noexcept { return ratio(ordered_pairs_, positive_ * negative_); }

 private:
  double positive_ = 0;
  double negative_ = 0;
  double tied_positive_ = 0;
  double tied_negative_ = 0;
  double ordered_pairs_ = 0;
};

}  // namespace detail

/// Area under the ROC curve: the chance that a random label-1 sample scores above a random label-0 one, ties one half
/// (Mann & Whitney, 1947). NaN unless both labels occur. O(n log n). Throws InvalidArgument if sizes differ or a score
/// is NaN.
[[nodiscard]] inline double roc_auc(LabelView labels, ScoreView scores, ScoreView weights = {}) {
  detail::require_same_size("scores", scores.size(), labels.size());
  detail::require_weights(weights, labels.size());
  const auto order = detail::ascending_order(scores);
  detail::RankingSum sum;
  for (std::size_t i = 0; i < order.size(); ++i) {
    sum.add(labels[order[i]] == 1, detail::weight_at(weights, order[i]));
    if (i + 1 == order.size() || scores[order[i + 1]] != scores[order[i]]) sum.end_tie();
  }
  return sum.area();
}

/// The ROC curve from (0, 0) at threshold infinity to (1, 1), points on a straight stretch left out. Empty unless both
/// labels occur. Throws as roc_auc.
[[nodiscard]] inline std::vector<RocPoint> roc_curve(LabelView labels, ScoreView scores, ScoreView weights = {}) {
  detail::require_same_size("scores", scores.size(), labels.size());
  detail::require_weights(weights, labels.size());
  const auto order = detail::ascending_order(scores);
  std::vector<RocPoint> points{{0, 0, std::numeric_limits<double>::infinity()}};
  double positive = 0;
  double negative = 0;
  for (std::size_t left = order.size(); left > 0; --left) {
    const std::size_t sample = order[left - 1];
    (labels[sample] == 1 ? positive : negative) += detail::weight_at(weights, sample);
    if (left > 1 && scores[order[left - 2]] == scores[sample]) continue;
    if (points.size() > 1) {
      const RocPoint& a = points[points.size() - 2];
      const RocPoint& b = points.back();
      const double turn = (b.false_positive_rate - a.false_positive_rate) * (positive - b.true_positive_rate) -
                          (b.true_positive_rate - a.true_positive_rate) * (negative - b.false_positive_rate);
      if (turn == 0) points.pop_back();
    }
    points.push_back({negative, positive, scores[sample]});
  }
  if (!(positive > 0 && negative > 0)) return {};
  for (auto& point : points) {
    point.false_positive_rate /= negative;
    point.true_positive_rate /= positive;
  }
  return points;
}

}  // namespace switchyard
