#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/explain/shap_tree.hpp"
#include "switchyard/model/classifier.hpp"
#include "switchyard/tree/tree.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace switchyard {

/// The most features that exact_shapley takes: 2^20 coalitions.
inline constexpr Index most_exact_features = 20;

namespace detail {

/// What the tree below `index` answers if only the features in the coalition may be looked at: at other splits the mean
/// of both branches by their training weight.
[[nodiscard]] inline double coalition_worth(const Tree& tree, std::size_t index, RowView row, std::uint32_t coalition) {
  const TreeNode& node = tree.nodes[index];
  if (node.is_leaf()) return node.value;
  const auto left = static_cast<std::size_t>(node.left);
  const auto right = static_cast<std::size_t>(node.right);
  if ((coalition >> static_cast<unsigned>(node.feature) & 1U) != 0) {
    const bool goes_left = ShapSplit{node.feature, node.default_left, node.threshold}.goes_left(row);
    return coalition_worth(tree, goes_left ? left : right, row, coalition);
  }
  const double share = left_share(tree, node);
  return share * coalition_worth(tree, left, row, coalition) +
         (1 - share) * coalition_worth(tree, right, row, coalition);
}

[[nodiscard]] inline double coalition_worth(const Ensemble& ensemble, RowView row, std::uint32_t coalition) {
  double sum = 0;
  for (const Tree& tree : ensemble.trees) sum += coalition_worth(tree, 0, row, coalition);
  double offset = 0;
  if (ensemble.offset_column >= 0) {
    const bool is_known = (coalition >> static_cast<unsigned>(ensemble.offset_column) & 1U) != 0;
    offset = is_known ? ensemble.offset(row) : ensemble.offset_mean;
  }
  return ensemble.bias + offset + ensemble.scale * sum;
}

/// The worth of every coalition, by its bits. [2^features]
[[nodiscard]] inline std::vector<double> coalition_worths(const Ensemble& ensemble, RowView row) {
  require_columns(static_cast<Index>(row.size()), ensemble.features);
  if (ensemble.features > most_exact_features) {
    throw InvalidArgument::out_of_range("number of features", std::to_string(ensemble.features),
                                        "at most " + std::to_string(most_exact_features));
  }
  std::vector<double> worth(std::size_t{1} << static_cast<unsigned>(ensemble.features));
  for (std::size_t i = 0; i < worth.size(); ++i) {
    worth[i] = coalition_worth(ensemble, row, static_cast<std::uint32_t>(i));
  }
  return worth;
}

/// Share of the orderings of `players` others that put exactly the coalition first: |S|! (n - |S|)! / (n + 1)!.
[[nodiscard]] inline std::vector<double> coalition_weights(Index players) {
  std::vector<double> weight;
  double binomial = 1;  // of players over size
  for (Index size = 0; size <= players; ++size) {
    weight.push_back(1 / (static_cast<double>(players + 1) * binomial));
    binomial = binomial * static_cast<double>(players - size) / static_cast<double>(size + 1);
  }
  return weight;
}

}  // namespace detail

/// Shapley values by their definition, over all coalitions of features: a slow reference for tree_shap, which gives the
/// same. O(2^features x nodes). row: [features]; result: [features + 1], the last the empty coalition's worth. Throws
/// InvalidArgument for a row of another width or more than most_exact_features features.
[[nodiscard]] inline Vector exact_shapley(const Ensemble& ensemble, RowView row) {
  const std::vector<double> worth = detail::coalition_worths(ensemble, row);
  Vector phi = Vector::Zero(ensemble.features + 1);
  const std::vector<double> weight = detail::coalition_weights(ensemble.features - 1);
  for (Index i = 0; i < ensemble.features; ++i) {
    const std::size_t own = std::size_t{1} << static_cast<unsigned>(i);
    for (std::size_t others = 0; others < worth.size(); ++others) {
      if ((others & own) != 0) continue;
      phi[i] += weight[static_cast<std::size_t>(std::popcount(others))] * (worth[others | own] - worth[others]);
    }
  }
  phi[ensemble.features] = worth.front();
  return phi;
}

/// Shapley interaction values by their definition, halved, with each feature's remainder on the diagonal: a slow
/// reference for shap_interactions. As exact_shapley; result: [features + 1 x features + 1].
[[nodiscard]] inline Matrix exact_shapley_interactions(const Ensemble& ensemble, RowView row) {
  const std::vector<double> worth = detail::coalition_worths(ensemble, row);
  const Index features = ensemble.features;
  Matrix result = Matrix::Zero(features + 1, features + 1);
  const std::vector<double> weight = detail::coalition_weights(features - 2);
  for (Index i = 0; i < features; ++i) {
    for (Index j = 0; j < i; ++j) {
      const std::size_t first = std::size_t{1} << static_cast<unsigned>(i);
      const std::size_t second = std::size_t{1} << static_cast<unsigned>(j);
      double sum = 0;
      for (std::size_t others = 0; others < worth.size(); ++others) {
        if ((others & (first | second)) != 0) continue;
        sum += weight[static_cast<std::size_t>(std::popcount(others))] *
               (worth[others | first | second] - worth[others | first] - worth[others | second] + worth[others]);
      }
      result(i, j) = result(j, i) = sum / 2;
    }
  }
  const Vector phi = exact_shapley(ensemble, row);
  for (Index i = 0; i < features; ++i) result(i, i) = phi[i] - result.row(i).sum();
  result(features, features) = phi[features];
  return result;
}

}  // namespace switchyard
