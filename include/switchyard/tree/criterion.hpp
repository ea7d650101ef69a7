#pragma once

#include <cmath>

namespace switchyard {

/// Sums over the rows of a node or bin. Boosting: first and second derivatives of the loss. Forest: weight of the rows
/// with label 1 and of all rows, class weights included.
struct GradientSums {
  double gradient = 0;
  double hessian = 0;
  double weight = 0;  // rows, counted by their weight in the data set, class weights not included

  GradientSums& operator+=(const GradientSums& other) noexcept {
    gradient += other.gradient;
    hessian += other.hessian;
    weight += other.weight;
    return *this;
  }
  GradientSums& operator-=(const GradientSums& other) noexcept {
    gradient -= other.gradient;
    hessian -= other.hessian;
    weight -= other.weight;
    return *this;
  }
  friend GradientSums operator+(GradientSums a, const GradientSums& b) noexcept { return a += b; }
  friend GradientSums operator-(GradientSums a, const GradientSums& b) noexcept { return a -= b; }
  friend bool operator==(const GradientSums&, const GradientSums&) = default;
};

/// What a split is worth and what a leaf answers. With G and H a node's sums,
///   gain = gain_scale * (G_L^2 / (H_L + l2) + G_R^2 / (H_R + l2) - G^2 / (H + l2)),  answer = leaf_scale * G / (H +
///   l2).
/// Second-order boosting is (1/2, -learning_rate, l2) (Chen & Guestrin, "XGBoost", KDD 2016, eq. 5 and 7). Gini is the
/// same formula: a node of weight H with weight G in class 1 has weighted impurity 2 (G - G^2 / H), so its decrease is
/// (2, 1, 0), the answer the share of class 1 (Breiman et al., "Classification and Regression Trees", 1984).
struct SplitCriterion {
  double gain_scale = 1;
  double leaf_scale = 1;
  double l2 = 0;

  [[nodiscard]] static constexpr SplitCriterion gini() noexcept { return {2.0, 1.0, 0.0}; }
  [[nodiscard]] static constexpr SplitCriterion newton(double learning_rate, double l2) noexcept {
    return {0.5, -learning_rate, l2};
  }

  [[nodiscard]] double score(const GradientSums& sums) const noexcept {
    const double denominator = sums.hessian + l2;
    return denominator > 0 ? sums.gradient * sums.gradient / denominator : 0.0;
  }
  [[nodiscard]] double gain(const GradientSums& left, const GradientSums& right, double parent_score) const noexcept {
    return gain_scale * (score(left) + score(right) - parent_score);
  }
  [[nodiscard]] double answer(const GradientSums& sums) const noexcept {
    const double denominator = sums.hessian + l2;
    return denominator > 0 ? leaf_scale * sums.gradient / denominator : 0.0;
  }
};

/// When a node may be split. Rows are counted by their weight in the data set, so that one row of weight 3 and three
/// equal rows give the same tree.
struct SplitLimits {
  int max_depth = 6;             // >= 1; the root has depth 0
  double min_samples_split = 2;  // rows a node needs to be split
  double min_samples_leaf = 1;   // rows each child keeps; 1 = no limit
  double min_child_hessian = 0;  // >= 0
  double min_gain = 0;           // >= 0; a split must gain more
};

namespace detail {

/// Gains closer than this, per unit of weight, are equal: what is left is rounding, which must neither split a node nor
/// break a tie.
inline constexpr double gain_resolution = 1e-10;

/// Sums that miss a limit by this share of it still meet it: the same rows added in another order.
inline constexpr double limit_slack = 1e-10;

[[nodiscard]] inline bool reaches(double sum, double limit) noexcept { return sum >= limit * (1 - limit_slack); }

/// Whether rows with these sums, not none, may be a child.
[[nodiscard]] inline bool may_be_child(const GradientSums& sums, const SplitLimits& limits) noexcept {
  if (limits.min_samples_leaf > 1 && !reaches(sums.weight, limits.min_samples_leaf)) return false;
  return reaches(sums.hessian, limits.min_child_hessian);
}

/// Whether a node is worth searching for a split at all.
[[nodiscard]] inline bool may_split(double weight, int depth, const SplitLimits& limits) noexcept {
  if (depth >= limits.max_depth || !(weight > 0)) return false;
  if (limits.min_samples_split > 2 && !reaches(weight, limits.min_samples_split)) return false;
  return limits.min_samples_leaf <= 1 || reaches(weight, 2 * limits.min_samples_leaf);
}

}  // namespace detail
}  // namespace switchyard
