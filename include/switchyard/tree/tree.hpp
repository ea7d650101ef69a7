#pragma once

#include "switchyard/core/elementary.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/tree/tree_sum.hpp"

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace switchyard {

/// One node. A split sends a row left iff its value <= threshold; a missing value (NaN) goes where `default_left` says.
struct TreeNode {
  std::int32_t feature = -1;  // -1: a leaf
  std::int32_t left = -1;     // child indices, both greater than the node's own: a tree cannot be cyclic
  std::int32_t right = -1;
  bool default_left = false;
  double threshold = 0;
  double value = 0;  // leaf: what the tree answers; split: what it would answer if it ended here
  double cover = 0;  // training weight that reached the node (true row counts); path-dependent TreeSHAP's background
  double gain = 0;   // split: the criterion's improvement

  [[nodiscard]] bool is_leaf() const noexcept { return feature < 0; }
  friend bool operator==(const TreeNode&, const TreeNode&) = default;
};

/// A binary decision tree as a plain value: nodes in creation order, the root first.
struct Tree {
  std::vector<TreeNode> nodes;

  /// Index of the leaf a row falls into. row: [features]
  [[nodiscard]] std::size_t leaf_index(RowView row) const noexcept {
    std::size_t index = 0;
    while (!nodes[index].is_leaf()) {
      const TreeNode& node = nodes[index];
      const double value = row[static_cast<std::size_t>(node.feature)];
      const bool left = std::isnan(value) ? node.default_left : value <= node.threshold;
      index = static_cast<std::size_t>(left ? node.left : node.right);
    }
    return index;
  }

  [[nodiscard]] double predict(RowView row) const noexcept { return nodes[leaf_index(row)].value; }

  friend bool operator==(const Tree&, const Tree&) = default;
};

/// Trees whose answers are summed: raw(x) = (bias + offset(x)) + scale * TreeSum of tree(x). The offset is a column
/// that holds an answer already, which the trees correct ("base margin" in XGBoost, "init score" in LightGBM); they may
/// split on it too.
struct Ensemble {
  std::vector<Tree> trees;
  double bias = 0;
  double scale = 1;
  Index features = 0;        // columns a row must have
  Index offset_column = -1;  // below features; -1: no offset
  double offset_mean = 0;    // mean offset of the training rows: TreeSHAP's background for it

  /// Value of the offset column, 0 where it is missing or there is none.
  [[nodiscard]] double offset(RowView row) const noexcept {
    if (offset_column < 0) return 0;
    const double value = row[static_cast<std::size_t>(offset_column)];
    return std::isnan(value) ? 0 : value;
  }

  /// What the ensemble answers once the offset and the sum of its trees are known.
  [[nodiscard]] double answer(double row_offset, double sum) const noexcept {
    return bias + row_offset + rounded_product(scale, sum);
  }

  [[nodiscard]] double raw(RowView row) const noexcept {
    TreeSum sum;
    for (std::size_t t = 0; t < trees.size(); ++t) sum.add(t, trees[t].predict(row));
    return answer(offset(row), sum.total());
  }

  friend bool operator==(const Ensemble&, const Ensemble&) = default;
};

namespace detail {

/// What is wrong with a tree for rows of so many features, "node 2 has child 2; expected a later node", or nothing:
/// splits ask for existing features and can be compared with, and every node but the root is the child of exactly one
/// earlier node. In a tree with faults a walk may leave it or never end.
[[nodiscard]] inline std::string fault_of(const Tree& tree, Index features) {
  const std::size_t count = tree.nodes.size();
  if (count == 0) return "has no nodes";
  std::vector<bool> has_parent(count, false);
  has_parent[0] = true;
  for (std::size_t i = 0; i < count; ++i) {
    const TreeNode& node = tree.nodes[i];
    const auto fault = [i](const std::string& what) { return "node " + std::to_string(i) + " " + what; };
    if (!has_parent[i]) return fault("is no node's child");
    if (node.is_leaf()) {
      if (node.left != -1 || node.right != -1) return fault("is a leaf with children");
      continue;
    }
    if (node.feature >= features) {
      return fault("asks for feature " + std::to_string(node.feature) + " of " + std::to_string(features));
    }
    if (std::isnan(node.threshold)) return fault("has no number as its threshold");
    for (const std::int32_t child : {node.left, node.right}) {
      if (child < 0 || static_cast<std::size_t>(child) <= i || static_cast<std::size_t>(child) >= count) {
        return fault("has child " + std::to_string(child) + "; expected a later node");
      }
      if (has_parent[static_cast<std::size_t>(child)]) {
        return fault("has child " + std::to_string(child) + ", which has another parent");
      }
      has_parent[static_cast<std::size_t>(child)] = true;
    }
  }
  return {};
}

/// Throws InvalidArgument unless all trees and the offset column are sound. Linear in the nodes.
inline void require_sound(const Ensemble& ensemble) {
  for (std::size_t t = 0; t < ensemble.trees.size(); ++t) {
    const std::string fault = fault_of(ensemble.trees[t], ensemble.features);
    if (!fault.empty()) throw InvalidArgument("tree " + std::to_string(t) + ": " + fault);
  }
  if (ensemble.offset_column >= ensemble.features && ensemble.offset_column >= 0) {
    throw InvalidArgument::out_of_range("offset_column", std::to_string(ensemble.offset_column),
                                        "a column below " + std::to_string(ensemble.features) + ", or -1");
  }
}

}  // namespace detail

/// A model that is a sum of trees: what TreeSHAP, gain importance and the inference engines need.
template <class Model>
concept TreeEnsemble = requires(const Model& model) {
  { model.ensemble() } -> std::same_as<const Ensemble&>;
};

}  // namespace switchyard
