#pragma once

#include "switchyard/core/types.hpp"
#include "switchyard/tree/tree.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace switchyard::detail {

/// Share of a split's training weight that went left; half where none reached it, so that shares always sum to 1.
[[nodiscard]] inline double left_share(const Tree& tree, const TreeNode& split) noexcept {
  // Halved, so that their sum is finite as they are.
  const double left = tree.nodes[static_cast<std::size_t>(split.left)].cover / 2;
  const double right = tree.nodes[static_cast<std::size_t>(split.right)].cover / 2;
  return left + right > 0 ? left / (left + right) : 0.5;
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

/// The largest number of distinct features on a path from the root.
[[nodiscard]] inline int distinct_features_on_path(const Tree& tree) {
  struct Edge {
    std::int32_t parent = -1;
    std::int32_t feature = -1;
    int distinct = 0;
  };
  std::vector<Edge> edges(tree.nodes.size());  // named by the node they lead to
  int largest = 0;
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    const TreeNode& node = tree.nodes[i];
    largest = std::max(largest, edges[i].distinct);
    if (node.is_leaf()) continue;
    auto above = static_cast<std::int32_t>(i);
    while (above >= 0 && edges[static_cast<std::size_t>(above)].feature != node.feature) {
      above = edges[static_cast<std::size_t>(above)].parent;
    }
    const int distinct = edges[i].distinct + (above < 0 ? 1 : 0);
    for (const std::int32_t child : {node.left, node.right}) {
      edges[static_cast<std::size_t>(child)] = {static_cast<std::int32_t>(i), node.feature, distinct};
    }
  }
  return largest;
}

/// What a tree asks a row.
struct ShapSplit {
  std::int32_t feature = 0;
  bool default_left = false;
  double threshold = 0;

  [[nodiscard]] bool goes_left(RowView row) const noexcept {
    const double value = row[static_cast<std::size_t>(feature)];
    return std::isnan(value) ? default_left : value <= threshold;
  }
};

/// What is credited: single features, or features and pairs of them.
enum class ShapOrder { values, interactions };

/// Where a pair's credit is kept, i <= j: the upper triangle row by row.
[[nodiscard]] constexpr std::size_t pair_column(std::size_t i, std::size_t j, std::size_t features) noexcept {
  return i * features - i * (i + 1) / 2 + j;
}

/// Number of credits of a row: one per feature, or one per pair of features, (i, i) standing for feature i's own value.
[[nodiscard]] constexpr std::size_t credit_columns(ShapOrder order, std::size_t features) noexcept {
  return order == ShapOrder::values ? features : features * (features + 1) / 2;
}

}  // namespace switchyard::detail
