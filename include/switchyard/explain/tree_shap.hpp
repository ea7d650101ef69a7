#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/group.hpp"
#include "switchyard/explain/importance.hpp"
#include "switchyard/explain/shap_ensemble.hpp"
#include "switchyard/explain/shap_rows.hpp"
#include "switchyard/model/classifier.hpp"
#include "switchyard/tree/tree.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace switchyard {

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
  /// Throws InvalidArgument for trees and offset columns that CompiledEnsemble refuses.
  explicit TreeShap(const Ensemble& ensemble) : ensemble_(ensemble) {}

  /// The ensemble's mean raw answer over its training rows: the last entry of every explanation.
  [[nodiscard]] double expected_value() const noexcept { return ensemble_.mean(); }

  [[nodiscard]] Index features() const noexcept { return static_cast<Index>(ensemble_.features()); }

  /// One row's contributions, then the expected value; they sum to the ensemble's raw(row). row: [features]; NaN goes
  /// where the split sends missing values. Result: [features + 1]. Throws InvalidArgument for a row of another width.
  [[nodiscard]] Vector explain(RowView row) const {
    detail::require_columns(static_cast<Index>(row.size()), features());
    Vector phi = Vector::Zero(features() + 1);
    ensemble_.add(row, std::span(phi.data(), ensemble_.features()));
    phi[features()] = expected_value();
    return phi;
  }

 private:
  detail::ShapEnsemble<detail::ShapOrder::values> ensemble_;
};

/// TreeShap for one row. row: [features]; result: [features + 1], the last the expected value.
[[nodiscard]] inline Vector tree_shap(const Ensemble& ensemble, RowView row) { return TreeShap(ensemble).explain(row); }

/// TreeShap for many rows, with the bits of each row's own explanation. Rows that repeat, and decisions that repeat
/// within a part of a tree, are worked out once. features: [samples x features]; result: [samples x (features + 1)],
/// the last column the expected value. threads: as effective_threads; the result does not depend on it.
[[nodiscard]] inline Matrix tree_shap(const Ensemble& ensemble, const MatrixView& features, int threads = 1) {
  const detail::ShapEnsemble<detail::ShapOrder::values> explainer(ensemble);
  detail::require_columns(features.cols(), ensemble.features);
  const RowGroups distinct = distinct_rows(features);
  Matrix phi(distinct.count(), ensemble.features + 1);
  detail::for_each_explained_row(explainer, ensemble, features, distinct, threads,
                                 [&](std::size_t i, std::span<const double> credits) {
                                   const auto row = static_cast<Index>(i);
                                   std::copy(credits.begin(), credits.end(), phi.row(row).data());
                                   phi(row, ensemble.features) = explainer.mean();
                                 });
  if (distinct.count() == features.rows()) return phi;
  Matrix result(features.rows(), phi.cols());
  for (Index i = 0; i < result.rows(); ++i) result.row(i) = phi.row(distinct.group[static_cast<std::size_t>(i)]);
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
