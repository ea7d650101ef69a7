#pragma once

#include "switchyard/core/types.hpp"
#include "switchyard/explain/quadrature.hpp"
#include "switchyard/explain/shap_tree.hpp"
#include "switchyard/tree/tree.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace switchyard::detail {

/// Eight points at a time: exact for sixteen features on a path in one walk.
using DirectPoints = PointValues<8>;

/// A node of a tree that is walked for each row: its factors are made on the way, since tables of them would not stay
/// in the caches.
struct ShapNode {
  ShapSplit split = {.feature = -1};
  std::uint32_t slot = 0;  // which of the tree's features
  std::int32_t left = -1;
  std::int32_t right = -1;
  double left_share = 0;
  double value = 0;  // of a leaf
};

/// A tree of any depth and any number of features.
struct ShapDirect {
  std::vector<ShapNode> nodes;
  std::vector<std::int32_t> features;  // by slot, ascending
  std::vector<QuadraturePacket<8>> rule;

  ShapDirect(const Tree& tree, double scale) : rule(quadrature_packets<8>(distinct_features_on_path(tree) - 1)) {
    for (const TreeNode& node : tree.nodes) {
      if (!node.is_leaf()) features.push_back(node.feature);
    }
    std::sort(features.begin(), features.end());
    features.erase(std::unique(features.begin(), features.end()), features.end());
    for (const TreeNode& node : tree.nodes) {
      if (node.is_leaf()) {
        nodes.push_back({.value = scale * node.value});
        continue;
      }
      const auto slot = std::lower_bound(features.begin(), features.end(), node.feature) - features.begin();
      nodes.push_back({.split = {node.feature, node.default_left, node.threshold},
                       .slot = static_cast<std::uint32_t>(slot),
                       .left = node.left,
                       .right = node.right,
                       .left_share = left_share(tree, node)});
    }
  }
};

/// One row's walk through a tree.
template <ShapOrder order>
class ShapDirectWalk {
 public:
  explicit ShapDirectWalk(const ShapDirect& tree)
      : tree_(tree), standing_(tree.features.size()), credit_(credit_columns(order, tree.features.size())) {}

  /// Credits by column of the tree's own features (halved interactions), valid until the next call.
  [[nodiscard]] const std::vector<double>& credits(RowView row) {
    std::fill(credit_.begin(), credit_.end(), 0.0);
    for (const QuadraturePacket<8>& packet : tree_.rule) {
      point_ = packet.point;
      failed_ = -1 / (1 - point_);
      row_ = row;
      static_cast<void>(visit(tree_.nodes.front(), packet.weight));
    }
    return credit_;
  }

 private:
  /// A feature on the way down: its factor f = z + (o - z) t.
  struct Standing {
    bool on_path = false;
    bool passes = true;
    double share = 1;                              // z
    DirectPoints inverse = DirectPoints::Ones();   // 1 / f
    DirectPoints credited = DirectPoints::Zero();  // (o - z) / f
  };

  /// Returns the sum over the leaves below of value x product; credits all edges below.
  DirectPoints visit(const ShapNode& node, const DirectPoints& product) {
    if (node.split.feature < 0) return product * node.value;
    const bool goes_left = node.split.goes_left(row_);
    DirectPoints sum = DirectPoints::Zero();
    const Standing before = standing_[node.slot];
    if (!before.on_path) path_.push_back(node.slot);
    for (const bool is_left : {true, false}) {
      const double share = before.share * (is_left ? node.left_share : 1 - node.left_share);
      const bool passes = before.passes && goes_left == is_left;
      if (!passes && share <= 0) continue;  // no coalition reaches the leaves below
      const Standing now = stand(share, passes);
      const DirectPoints ratio = before.passes ? passes ? DirectPoints(before.inverse * (share + (1 - share) * point_))
                                                        : DirectPoints(before.inverse * (share * (1 - point_)))
                                               : DirectPoints(DirectPoints::Constant(share / before.share));
      standing_[node.slot] = now;
      const ShapNode& child = tree_.nodes[static_cast<std::size_t>(is_left ? node.left : node.right)];
      const DirectPoints below = visit(child, product * ratio);
      sum += below;
      credit(node.slot, below * (now.credited - before.credited));
    }
    standing_[node.slot] = before;
    if (!before.on_path) path_.pop_back();
    return sum;
  }

  [[nodiscard]] Standing stand(double share, bool passes) const {
    if (!passes) return {true, false, share, DirectPoints::Ones(), failed_};
    const DirectPoints inverse = 1 / (share + (1 - share) * point_);
    return {true, true, share, inverse, (1 - share) * inverse};
  }

  void credit(std::uint32_t slot, const DirectPoints& points) {
    if constexpr (order == ShapOrder::values) {
      credit_[slot] += points.sum();
    } else {
      const std::size_t features = tree_.features.size();
      credit_[pair_column(slot, slot, features)] += points.sum();
      for (const std::uint32_t other : path_) {
        if (other == slot) continue;
        const std::size_t column = pair_column(std::min(slot, other), std::max(slot, other), features);
        credit_[column] += (points * standing_[other].credited).sum() / 2;
      }
    }
  }

  const ShapDirect& tree_;
  RowView row_;
  DirectPoints point_;
  DirectPoints failed_;              // (o - z) / f of a feature that fails, whatever its z
  std::vector<Standing> standing_;   // by slot
  std::vector<std::uint32_t> path_;  // slots on the way down
  std::vector<double> credit_;       // by column
};

}  // namespace switchyard::detail
