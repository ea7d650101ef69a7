#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/parallel.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/explain/importance.hpp"
#include "switchyard/model/classifier.hpp"
#include "switchyard/tree/tree.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <utility>
#include <vector>

namespace switchyard {

namespace detail {

/// Gauss-Legendre rule on [0, 1]: n points integrate polynomials of degree 2n - 1 exactly. Points lie inside (0, 1).
struct QuadratureRule {
  std::vector<double> points;
  std::vector<double> weights;
};

/// Value and derivative of the Legendre polynomial of degree n at x in (-1, 1), by the three-term recurrence.
[[nodiscard]] inline std::pair<double, double> legendre(int n, double x) noexcept {
  double previous = 1;
  double current = x;
  for (int k = 2; k <= n; ++k) {
    const double next = ((2 * k - 1) * x * current - (k - 1) * previous) / k;
    previous = current;
    current = next;
  }
  return {current, n * (x * current - previous) / (x * x - 1)};
}

/// The rule of n >= 1 points: the roots of Legendre's polynomial by Newton's method from Tricomi's approximation.
[[nodiscard]] inline QuadratureRule gauss_legendre(int n) {
  QuadratureRule rule;
  for (int i = 1; i <= n; ++i) {
    double x = std::cos(std::numbers::pi * (i - 0.25) / (n + 0.5));
    constexpr int newton_steps = 8;  // quadratic convergence: five suffice for any n in use
    for (int step = 0; step < newton_steps; ++step) {
      const auto [value, slope] = legendre(n, x);
      x -= value / slope;
    }
    const double slope = legendre(n, x).second;
    rule.points.push_back((1 + x) / 2);
    rule.weights.push_back(1 / ((1 - x * x) * slope * slope));
  }
  return rule;
}

/// A tree as its edges, each named by the node it leads to, with what TreeSHAP needs of it that no row changes.
struct ShapEdge {
  std::int32_t parent = -1;
  std::int32_t feature = -1;   // the parent's split feature; -1 at the root, which no edge leads to
  std::int32_t previous = -1;  // the nearest edge above it with the same feature; -1: none
  double share = 1;            // training share that takes all edges of this feature down to here: "z" below
};

/// Share of a split's training weight that went left; half where none reached it, so that shares always sum to 1.
[[nodiscard]] inline double left_share(const Tree& tree, const TreeNode& split) noexcept {
  const double left = tree.nodes[static_cast<std::size_t>(split.left)].cover;
  const double right = tree.nodes[static_cast<std::size_t>(split.right)].cover;
  return left + right > 0 ? left / (left + right) : 0.5;
}

[[nodiscard]] inline std::vector<ShapEdge> shap_edges(const Tree& tree) {
  std::vector<ShapEdge> edges(tree.nodes.size());
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    const TreeNode& node = tree.nodes[i];
    if (node.is_leaf()) continue;
    auto previous = static_cast<std::int32_t>(i);
    while (previous >= 0 && edges[static_cast<std::size_t>(previous)].feature != node.feature) {
      previous = edges[static_cast<std::size_t>(previous)].parent;
    }
    const double above = previous >= 0 ? edges[static_cast<std::size_t>(previous)].share : 1;
    const double left = left_share(tree, node);
    const auto parent = static_cast<std::int32_t>(i);
    edges[static_cast<std::size_t>(node.left)] = {parent, node.feature, previous, above * left};
    edges[static_cast<std::size_t>(node.right)] = {parent, node.feature, previous, above * (1 - left)};
  }
  return edges;
}

/// The largest number of distinct features on a path from the root.
[[nodiscard]] inline int distinct_features_on_path(const std::vector<ShapEdge>& edges) {
  std::vector<int> distinct(edges.size(), 0);
  int largest = 0;
  for (std::size_t i = 1; i < edges.size(); ++i) {
    const ShapEdge& edge = edges[i];
    distinct[i] = distinct[static_cast<std::size_t>(edge.parent)] + (edge.previous < 0 ? 1 : 0);
    largest = std::max(largest, distinct[i]);
  }
  return largest;
}

/// What a tree answers to a row of which nothing is known: its leaves' mean by training weight.
[[nodiscard]] inline double expected_value(const Tree& tree) {
  std::vector<double> reach(tree.nodes.size(), 1);
  double expected = 0;
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    const TreeNode& node = tree.nodes[i];
    if (node.is_leaf()) {
      expected += reach[i] * node.value;
      continue;
    }
    const double left = left_share(tree, node);
    reach[static_cast<std::size_t>(node.left)] = reach[i] * left;
    reach[static_cast<std::size_t>(node.right)] = reach[i] * (1 - left);
  }
  return expected;
}

}  // namespace detail

/// Exact path-dependent SHAP values of a sum of trees: how much each feature moved this row's raw answer (margin of a
/// boosted model, probability of a forest) away from the ensemble's mean answer. The background is what the training
/// rows did: an unknown feature follows both branches in the proportion of their covers.
///
/// For one row, a leaf with value v is a game in which coalition S earns v prod_{i in S} o_i prod_{i not in S} z_i over
/// the distinct features i of its path: o_i is 1 if the row passes all splits on i, else 0, and z_i is the product of
/// the training shares that do. By the multilinear extension (Owen, "Multilinear extensions of games", 1972) the
/// Shapley value of i is
///     phi_i = v (o_i - z_i) Integral_0^1 prod_{k != i} f_k(t) dt,   f_k(t) = z_k + (o_k - z_k) t,
/// a polynomial of degree d - 1 in t, so ceil(d / 2) Gauss-Legendre points give it exactly (Wettenstein, Mitchell & Yu,
/// "Quadrature-TreeSHAP", arXiv 2605.04497, 2026). The products are carried down the tree once per point and the
/// leaves' sums back up: O(edges x points) per row instead of the O(leaves x depth^2) of Lundberg, Erion & Lee
/// ("Consistent individualized feature attribution for tree ensembles", arXiv 1802.03888, 2018; Nature Machine
/// Intelligence 2, 2020). An offset is one more game, of its column alone: that gets the row's offset less the mean
/// one.
class TreeShap {
 public:
  /// Copies the ensemble. Throws InvalidArgument for a tree without nodes.
  explicit TreeShap(Ensemble ensemble)
      : ensemble_(std::move(ensemble)),
        expected_(ensemble_.bias + (ensemble_.offset_column >= 0 ? ensemble_.offset_mean : 0)) {
    int distinct = 1;
    for (const Tree& tree : ensemble_.trees) {
      if (tree.nodes.empty()) throw InvalidArgument::wrong_size("tree", 0, 1);
      edges_.push_back(detail::shap_edges(tree));
      distinct = std::max(distinct, detail::distinct_features_on_path(edges_.back()));
      expected_ += ensemble_.scale * detail::expected_value(tree);
    }
    rule_ = detail::gauss_legendre((distinct + 1) / 2);
  }

  /// The ensemble's mean raw answer over its training rows: the last entry of every explanation.
  [[nodiscard]] double expected_value() const noexcept { return expected_; }

  [[nodiscard]] Index features() const noexcept { return ensemble_.features; }

  /// One row's contributions, then the expected value; they sum to the ensemble's raw(row). row: [features]; NaN goes
  /// where the split sends missing values. Result: [features + 1]. Throws InvalidArgument for a row of another width.
  [[nodiscard]] Vector explain(RowView row) const {
    detail::require_columns(static_cast<Index>(row.size()), features());
    Vector phi = Vector::Zero(features() + 1);
    Workspace workspace;
    for (std::size_t i = 0; i < edges_.size(); ++i) add_tree(ensemble_.trees[i], edges_[i], row, phi, workspace);
    phi *= ensemble_.scale;
    if (ensemble_.offset_column >= 0) phi[ensemble_.offset_column] += ensemble_.offset(row) - ensemble_.offset_mean;
    phi[features()] = expected_;
    return phi;
  }

 private:
  /// State of one row in one tree, reused from tree to tree. Index: node, or node x points + point.
  struct Workspace {
    std::vector<std::uint8_t> follows;  // "o": the row passes all splits on this edge's feature down to here
    std::vector<double> product;        // going down: product of f over the features of the path; zero where dead
    std::vector<double> sum;            // coming up: sum over the leaves below of value x product
  };

  /// f_k at a point; the edge's factor once its feature's earlier edges are replaced by it.
  [[nodiscard]] static double factor(double share, bool follows, double point) noexcept {
    return share + ((follows ? 1.0 : 0.0) - share) * point;
  }

  /// No division by zero: f is 0 at an inner point only if z = o = 0, where no coalition reaches the leaves below.
  [[nodiscard]] static bool is_dead(const detail::ShapEdge& edge, bool follows) noexcept {
    return !follows && edge.share <= 0;
  }

  void descend(const Tree& tree, const std::vector<detail::ShapEdge>& edges, RowView row, Workspace& work) const {
    const std::size_t points = rule_.points.size();
    work.follows.assign(edges.size(), 1);
    work.product.assign(edges.size() * points, 1.0);
    for (std::size_t i = 1; i < edges.size(); ++i) {
      const detail::ShapEdge& edge = edges[i];
      const auto parent = static_cast<std::size_t>(edge.parent);
      const auto previous = static_cast<std::size_t>(edge.previous);
      const TreeNode& split = tree.nodes[parent];
      const double value = row[static_cast<std::size_t>(split.feature)];
      const bool goes_left = std::isnan(value) ? split.default_left : value <= split.threshold;
      const bool is_left = static_cast<std::size_t>(split.left) == i;
      const bool followed = edge.previous < 0 || work.follows[previous] != 0;
      const bool follows = followed && goes_left == is_left;
      work.follows[i] = follows ? 1 : 0;
      const bool replaces = edge.previous >= 0 && !is_dead(edges[previous], followed);
      for (std::size_t q = 0; q < points; ++q) {
        const double old = replaces ? factor(edges[previous].share, followed, rule_.points[q]) : 1;
        const double now = factor(edge.share, follows, rule_.points[q]);
        work.product[i * points + q] = work.product[parent * points + q] * (now / old);
      }
    }
  }

  /// Credit of one edge: (o - z) Integral of (sum below) / f.
  [[nodiscard]] double credit(const detail::ShapEdge& edge, bool follows, const double* sum) const noexcept {
    if (is_dead(edge, follows)) return 0;
    double integral = 0;
    for (std::size_t q = 0; q < rule_.points.size(); ++q) {
      integral += rule_.weights[q] * sum[q] / factor(edge.share, follows, rule_.points[q]);
    }
    return ((follows ? 1.0 : 0.0) - edge.share) * integral;
  }

  void add_tree(const Tree& tree, const std::vector<detail::ShapEdge>& edges, RowView row, Vector& phi,
                Workspace& work) const {
    descend(tree, edges, row, work);
    const std::size_t points = rule_.points.size();
    work.sum.assign(edges.size() * points, 0.0);
    // Children come after their parents, so going backwards meets every edge after all below it.
    for (std::size_t i = edges.size() - 1; i > 0; --i) {
      const detail::ShapEdge& edge = edges[i];
      double* const sum = &work.sum[i * points];
      const TreeNode& node = tree.nodes[i];
      for (std::size_t q = 0; q < points; ++q) {
        if (node.is_leaf()) sum[q] = node.value * work.product[i * points + q];
        work.sum[static_cast<std::size_t>(edge.parent) * points + q] += sum[q];
      }
      // The deepest edge of a feature speaks for it, so what the edge above will claim for these leaves is taken back.
      phi[edge.feature] += credit(edge, work.follows[i] != 0, sum);
      if (edge.previous >= 0) {
        const auto previous = static_cast<std::size_t>(edge.previous);
        phi[edge.feature] -= credit(edges[previous], work.follows[previous] != 0, sum);
      }
    }
  }

  Ensemble ensemble_;
  std::vector<std::vector<detail::ShapEdge>> edges_;  // [trees][nodes]
  detail::QuadratureRule rule_;
  double expected_ = 0;
};

/// TreeShap for one row. row: [features]; result: [features + 1], the last the expected value.
[[nodiscard]] inline Vector tree_shap(const Ensemble& ensemble, RowView row) { return TreeShap(ensemble).explain(row); }

/// TreeShap for many rows. features: [samples x features]; result: [samples x (features + 1)], the last column the
/// expected value. threads: as effective_threads; the result does not depend on it.
[[nodiscard]] inline Matrix tree_shap(const Ensemble& ensemble, const MatrixView& features, int threads = 1) {
  const TreeShap explainer(ensemble);
  detail::require_columns(features.cols(), ensemble.features);
  Matrix result(features.rows(), ensemble.features + 1);
  ThreadPool pool(threads);
  pool.for_each_index(static_cast<std::size_t>(features.rows()), [&](std::size_t i) {
    const auto row = static_cast<Index>(i);
    result.row(row) = explainer.explain(row_of(features, row)).transpose();
  });
  return result;
}

/// Mean |phi| of each feature over a sample of explanations as tree_shap gives them. Result: [features]; zeros for
/// none.
[[nodiscard]] inline Vector mean_absolute_shap(const Matrix& contributions) {
  const Index features = contributions.cols() - 1;
  if (contributions.rows() == 0) return Vector::Zero(std::max<Index>(features, 0));
  return contributions.leftCols(features).cwiseAbs().colwise().mean().transpose();
}

/// Mean |sum of phi over its columns| of each source: columns that pull against each other within a source cancel.
/// Result: [groups]. Throws InvalidArgument for a column that does not exist.
[[nodiscard]] inline Vector mean_absolute_shap(const Matrix& contributions, const std::vector<FeatureGroup>& groups) {
  detail::require_groups(groups, contributions.cols() - 1);
  Vector result = Vector::Zero(static_cast<Index>(groups.size()));
  if (contributions.rows() == 0) return result;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    Vector together = Vector::Zero(contributions.rows());
    for (const Index feature : groups[g].features) together += contributions.col(feature);
    result[static_cast<Index>(g)] = together.cwiseAbs().mean();
  }
  return result;
}

}  // namespace switchyard
