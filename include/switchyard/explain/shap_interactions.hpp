#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/group.hpp"
#include "switchyard/explain/shap_ensemble.hpp"
#include "switchyard/explain/shap_rows.hpp"
#include "switchyard/model/classifier.hpp"
#include "switchyard/tree/tree.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace switchyard {

namespace detail {

using ShapInteractions = ShapEnsemble<ShapOrder::interactions>;

/// Credits of pairs as a matrix, with what is a feature's alone on the diagonal: its value less its interactions.
[[nodiscard]] inline Matrix interaction_matrix(const ShapInteractions& explainer, std::span<const double> credits) {
  const auto features = static_cast<Index>(explainer.features());
  Matrix result = Matrix::Zero(features + 1, features + 1);
  std::size_t next = 0;
  for (Index i = 0; i < features; ++i) {
    for (Index j = i; j < features; ++j) result(i, j) = result(j, i) = credits[next++];
  }
  for (Index i = 0; i < features; ++i) {
    double shared = 0;
    for (Index j = 0; j < features; ++j) shared += j == i ? 0 : result(i, j);
    result(i, i) -= shared;
  }
  result(features, features) = explainer.mean();
  return result;
}

}  // namespace detail

/// SHAP interaction values of a sum of trees: how each feature's contribution to this row's raw answer divides into
/// what it does alone (diagonal) and together with each other feature. Entry (i, j) is half of the Shapley interaction
/// index
///     Phi_ij = 1/2 v (o_i - z_i) (o_j - z_j) Integral_0^1 prod_{k != i, j} f_k(t) dt
/// summed over the leaves (symbols as at TreeShap), so that row i sums to feature i's TreeSHAP value and all of it to
/// raw(row) (Fujimoto, Kojadinovic & Marichal, "Axiomatic characterizations of probabilistic and cardinal-probabilistic
/// interaction indices", 2006; Lundberg, Erion & Lee, arXiv 1802.03888, 2018). row: [features]. Result, as XGBoost's:
/// [features + 1 x features + 1], symmetric; the last row and column are 0 but for the expected value at their
/// crossing. Throws InvalidArgument for a row of another width or a tree without nodes.
[[nodiscard]] inline Matrix shap_interactions(const Ensemble& ensemble, RowView row) {
  const detail::ShapInteractions explainer(ensemble);
  detail::require_columns(static_cast<Index>(row.size()), ensemble.features);
  std::vector<double> credits(explainer.columns(), 0.0);
  explainer.add(row, credits);
  return detail::interaction_matrix(explainer, credits);
}

/// As above for many rows, with the bits of each row's own matrix. features: [samples x features]; result: [samples].
/// threads: as effective_threads; the result does not depend on it.
[[nodiscard]] inline std::vector<Matrix> shap_interactions(const Ensemble& ensemble, const MatrixView& features,
                                                           int threads = 1) {
  const detail::ShapInteractions explainer(ensemble);
  detail::require_columns(features.cols(), ensemble.features);
  const RowGroups distinct = distinct_rows(features);
  std::vector<Matrix> found(static_cast<std::size_t>(distinct.count()));
  detail::for_each_explained_row(explainer, ensemble, features, distinct, threads,
                                 [&](std::size_t i, std::span<const double> credits) {
                                   found[i] = detail::interaction_matrix(explainer, credits);
                                 });
  if (distinct.count() == features.rows()) return found;
  std::vector<Matrix> result;
  result.reserve(distinct.group.size());
  for (const Index group : distinct.group) result.push_back(found[static_cast<std::size_t>(group)]);
  return result;
}

}  // namespace switchyard
