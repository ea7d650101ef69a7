#pragma once

// Trees cut into blocks for SHAP. The leaves below a node, with at most 8 distinct decisions on their way from the
// root, are a block: what a row adds to anybody's credit there depends on these 8 bits alone. So a block has at most
// 256 answers, and rows that decide alike share them (as WOODELF does for a background: Nadel & Wettenstein, "From
// Decision Trees to Boolean Logic: A Fast and Unified SHAP Algorithm", arXiv 2511.09376, 2025). An answer is computed
// by the quadrature of tree_shap.hpp; four points are exact for a path of 8 features.

#include "switchyard/core/types.hpp"
#include "switchyard/explain/quadrature.hpp"
#include "switchyard/explain/shap_tree.hpp"
#include "switchyard/tree/tree.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace switchyard::detail {

/// Bits of a block's pattern, and so the most distinct features on a path that blocks can hold. 2^8 answers of a block
/// fit into the innermost caches, and a pattern into a byte.
inline constexpr int shap_block_bits = 8;

/// Four points are exact for eight factors.
using BlockPoints = PointValues<4>;

/// What a feature's factors are taken relative to: its share z of the training weight, so that all edges that are
/// failed first have the same ones, and most of what a row needs is in the innermost cache. The leaves' values make up
/// for it. Shares next to nothing are left as they are: eight of them would take products and leaves out of a double's
/// range.
[[nodiscard]] inline double shap_factor_unit(double share) noexcept {
  constexpr double least = 0x1p-64;
  return share >= least ? share : 1;
}

/// An edge's part in the products, for one state of its feature, with factors in their feature's unit.
struct ShapEdgeVectors {
  BlockPoints ratio;   // what it makes of the path's product: the feature's new factor over its old one
  BlockPoints change;  // its (o - z) / f, less that of the feature's edge above it
};

/// What is common to all trees' vectors: their first.
enum ShapCommonVectors : std::uint32_t {
  fails,   // a feature's first edge, failed
  failed,  // an edge whose feature has failed above
};

/// An edge of a block. Edge 0 stands for what comes before the first.
struct ShapBlockEdge {
  std::uint8_t parent = 0;
  std::uint8_t previous = 0;  // the nearest edge above of the same feature; 0: none
  std::uint8_t slot = 0;      // which of the block's features
  std::uint8_t bit = 0;       // of the pattern
  std::uint8_t if_set = 1;    // the row takes this edge if the bit is this
  // In ShapBlocks::vectors, by what the feature does: passes all splits to here; fails here; has failed above.
  std::array<std::uint32_t, 3> vectors = {};
  double value = 0;  // of the leaf it leads to
};

/// One answer of a split that a pattern's bit stands for; a bit is set if all its conditions hold.
struct ShapCondition {
  std::uint32_t split = 0;
  std::uint8_t bit = 0;
  std::uint8_t left = 1;  // the row must go left
};

/// Two features' joint credit at an edge: `other` is the edge that speaks for the second one there.
struct ShapPartner {
  std::uint8_t edge = 0;
  std::uint8_t other = 0;
  std::uint8_t pair = 0;
};

/// A range in one of the tree's arrays.
struct ShapRange {
  std::uint32_t begin = 0;
  std::uint32_t count = 0;

  template <class T>
  [[nodiscard]] std::span<const T> of(const std::vector<T>& all) const noexcept {
    return std::span<const T>(all).subspan(begin, count);
  }
};

/// A subtree with the path that leads to it. All it adds to a row's explanation depends on a few bits of the row: which
/// of the path's features pass all their splits, and where the subtree's splits send it.
struct ShapBlock {
  int bits = 0;
  std::uint32_t path = 0;  // edges 1 to `path` are the path's features, one below the other; the subtree's follow
  ShapRange edges;
  ShapRange conditions;
  ShapRange features;  // by slot
  ShapRange partners;
  ShapRange pairs;  // by pair
};

/// A tree of at most shap_block_bits distinct features per path, cut into blocks. Every leaf is in one block.
struct ShapBlocks {
  BlockPoints weights;  // of the points
  std::vector<ShapSplit> splits;
  std::vector<ShapBlock> blocks;
  std::vector<ShapBlockEdge> edges;
  std::vector<ShapEdgeVectors> vectors;
  std::vector<ShapCondition> conditions;
  std::vector<std::int32_t> features;
  std::vector<ShapPartner> partners;                         // of ShapOrder::interactions alone
  std::vector<std::pair<std::uint8_t, std::uint8_t>> pairs;  // slots

  /// Number of credits a block gives: one per slot, then one per pair.
  [[nodiscard]] static std::size_t credits(const ShapBlock& block) noexcept {
    return block.features.count + block.pairs.count;
  }
};

/// Cuts a tree into blocks: as large as the bits allow, from the root down.
class ShapBlockCutter {
 public:
  /// rule: of degree shap_block_bits - 1. order: whether pairs are credited too.
  ShapBlockCutter(const Tree& tree, double scale, ShapOrder order, const QuadraturePacket<4>& rule)
      : tree_(tree), scale_(scale), order_(order), rule_(rule) {}

  [[nodiscard]] ShapBlocks cut() {
    result_.weights = rule_.weight;
    add_common_vectors();
    split_of_.assign(tree_.nodes.size(), 0);
    splits_below_.assign(tree_.nodes.size(), 0);
    for (std::size_t i = 0; i < tree_.nodes.size(); ++i) {
      const TreeNode& node = tree_.nodes[i];
      if (node.is_leaf()) continue;
      split_of_[i] = static_cast<std::uint32_t>(result_.splits.size());
      result_.splits.push_back({node.feature, node.default_left, node.threshold});
    }
    for (std::size_t i = tree_.nodes.size(); i-- > 0;) {
      const TreeNode& node = tree_.nodes[i];
      if (node.is_leaf()) continue;
      splits_below_[i] =
          1 + splits_below_[static_cast<std::size_t>(node.left)] + splits_below_[static_cast<std::size_t>(node.right)];
    }
    descend(0);
    return std::move(result_);
  }

 private:
  struct PathFeature {
    std::int32_t feature = 0;
    double share = 1;
    std::vector<ShapCondition> conditions;
    std::array<std::uint32_t, 3> vectors = {};  // shared by all blocks below
  };

  void descend(std::size_t index) {
    if (static_cast<int>(path_.size()) + splits_below_[index] <= shap_block_bits) {
      add_block(index);
      return;
    }
    const TreeNode& node = tree_.nodes[index];
    const double left = left_share(tree_, node);
    for (const bool goes_left : {true, false}) {
      auto found = std::find_if(path_.begin(), path_.end(),
                                [&](const PathFeature& each) { return each.feature == node.feature; });
      const std::vector<PathFeature> before = path_;
      if (found == path_.end()) found = path_.insert(path_.end(), {node.feature, 1, {}, {}});
      found->share *= goes_left ? left : 1 - left;
      found->vectors = first_vectors(found->share);
      found->conditions.push_back({split_of_[index], 0, static_cast<std::uint8_t>(goes_left)});
      descend(static_cast<std::size_t>(goes_left ? node.left : node.right));
      path_ = before;
    }
  }

  /// z of the block's edges, and the last edge of each slot on the way down.
  struct Growth {
    std::vector<double> share = {1};
    std::vector<std::uint8_t> last_edge;  // by slot; 0: none
    std::uint8_t next_bit = 0;
  };

  void add_block(std::size_t index) {
    if (path_.empty() && tree_.nodes[index].is_leaf()) return;  // a single leaf: nothing to credit
    block_ = {};
    block_.edges.begin = size_of(result_.edges);
    block_.conditions.begin = size_of(result_.conditions);
    block_.features.begin = size_of(result_.features);
    block_.partners.begin = size_of(result_.partners);
    block_.pairs.begin = size_of(result_.pairs);
    result_.edges.push_back({});
    Growth growth;
    std::uint8_t edge = 0;
    for (const PathFeature& each : path_) {
      for (ShapCondition condition : each.conditions) {
        condition.bit = growth.next_bit;
        result_.conditions.push_back(condition);
      }
      edge = add_edge(edge, each.feature, growth.next_bit, 1, each.share, growth);
      result_.edges.back().vectors = each.vectors;
      ++growth.next_bit;
    }
    block_.path = edge;
    add_subtree(index, edge, growth);
    block_.bits = growth.next_bit;
    block_.edges.count = size_of(result_.edges) - block_.edges.begin;
    block_.conditions.count = size_of(result_.conditions) - block_.conditions.begin;
    block_.features.count = size_of(result_.features) - block_.features.begin;
    block_.partners.count = size_of(result_.partners) - block_.partners.begin;
    block_.pairs.count = size_of(result_.pairs) - block_.pairs.begin;
    result_.blocks.push_back(block_);
  }

  void add_subtree(std::size_t index, std::uint8_t edge, Growth& growth) {
    const TreeNode& node = tree_.nodes[index];
    if (node.is_leaf()) {
      double value = scale_ * node.value;
      for (const std::uint8_t last : growth.last_edge) value *= shap_factor_unit(growth.share[last]);
      result_.edges[block_.edges.begin + edge].value = value;
      return;
    }
    const std::uint8_t bit = growth.next_bit++;
    result_.conditions.push_back({split_of_[index], bit, 1});
    const double left = left_share(tree_, node);
    for (const bool goes_left : {true, false}) {
      const std::vector<std::uint8_t> before = growth.last_edge;
      const std::uint8_t child =
          add_edge(edge, node.feature, bit, static_cast<std::uint8_t>(goes_left), goes_left ? left : 1 - left, growth);
      ShapBlockEdge& added = result_.edges.back();
      const double share = growth.share[child];
      added.vectors =
          added.previous == 0 ? first_vectors(share) : repeated_vectors(growth.share[added.previous], share);
      add_subtree(static_cast<std::size_t>(goes_left ? node.left : node.right), child, growth);
      std::fill(std::copy(before.begin(), before.end(), growth.last_edge.begin()), growth.last_edge.end(),
                std::uint8_t{0});
    }
  }

  std::uint8_t add_edge(std::uint8_t parent, std::int32_t feature, std::uint8_t bit, std::uint8_t if_set, double share,
                        Growth& growth) {
    const auto known = std::span<const std::int32_t>(result_.features).subspan(block_.features.begin);
    const auto slot = static_cast<std::size_t>(std::find(known.begin(), known.end(), feature) - known.begin());
    if (slot == known.size()) result_.features.push_back(feature);
    growth.last_edge.resize(std::max(growth.last_edge.size(), slot + 1), 0);
    const std::uint8_t previous = growth.last_edge[slot];
    const auto edge = static_cast<std::uint8_t>(growth.share.size());
    growth.share.push_back(share * growth.share[previous]);  // of edge 0: 1
    if (order_ == ShapOrder::interactions) add_partners(edge, slot, growth);
    growth.last_edge[slot] = edge;
    result_.edges.push_back({parent, previous, static_cast<std::uint8_t>(slot), bit, if_set});
    return edge;
  }

  void add_partners(std::uint8_t edge, std::size_t slot, const Growth& growth) {
    for (std::size_t other = 0; other < growth.last_edge.size(); ++other) {
      if (other == slot || growth.last_edge[other] == 0) continue;
      const std::pair<std::uint8_t, std::uint8_t> pair{std::min(slot, other), std::max(slot, other)};
      const auto known = std::span(result_.pairs).subspan(block_.pairs.begin);
      const auto found = static_cast<std::size_t>(std::find(known.begin(), known.end(), pair) - known.begin());
      if (found == known.size()) result_.pairs.push_back(pair);
      result_.partners.push_back({edge, growth.last_edge[other], static_cast<std::uint8_t>(found)});
    }
  }

  /// The feature's factor at the points where it passes, in its unit.
  [[nodiscard]] BlockPoints factor(double share) const {
    return in_unit(share) + (1 / shap_factor_unit(share) - in_unit(share)) * rule_.point;
  }

  /// The feature's share in its unit: 1, or what is next to nothing.
  [[nodiscard]] static double in_unit(double share) noexcept { return share / shap_factor_unit(share); }

  [[nodiscard]] BlockPoints credited(double share) const { return (1 - share) / (share + (1 - share) * rule_.point); }

  void add_common_vectors() {
    const BlockPoints unknown = 1 - rule_.point;
    result_.vectors = {{unknown, -1 / unknown}, {BlockPoints::Ones(), BlockPoints::Zero()}};
  }

  /// Vectors of the first edge of a feature.
  [[nodiscard]] std::array<std::uint32_t, 3> first_vectors(double share) {
    const BlockPoints unknown = 1 - rule_.point;
    const std::uint32_t next = size_of(result_.vectors);
    result_.vectors.push_back({factor(share), credited(share)});
    if (in_unit(share) == 1) return {next, fails, failed};
    result_.vectors.push_back({in_unit(share) * unknown, -1 / unknown});
    return {next, next + 1, failed};
  }

  /// Vectors of an edge that replaces one of the same feature.
  [[nodiscard]] std::array<std::uint32_t, 3> repeated_vectors(double old_share, double share) {
    const BlockPoints old_factor = factor(old_share);
    const BlockPoints old_credited = credited(old_share);
    const BlockPoints unknown = 1 - rule_.point;
    const std::uint32_t next = size_of(result_.vectors);
    result_.vectors.push_back({factor(share) / old_factor, credited(share) - old_credited});
    result_.vectors.push_back({in_unit(share) * unknown / old_factor, -1 / unknown - old_credited});
    if (in_unit(share) == 1) return {next, next + 1, failed};
    const double left = share > 0 ? in_unit(share) / in_unit(old_share) : 0;
    result_.vectors.push_back({BlockPoints::Constant(left), BlockPoints::Zero()});
    return {next, next + 1, next + 2};
  }

  template <class T>
  [[nodiscard]] static std::uint32_t size_of(const std::vector<T>& all) noexcept {
    return static_cast<std::uint32_t>(all.size());
  }

  const Tree& tree_;
  double scale_;
  ShapOrder order_;
  QuadraturePacket<4> rule_;
  ShapBlocks result_;
  ShapBlock block_;
  std::vector<PathFeature> path_;
  std::vector<std::uint32_t> split_of_;
  std::vector<int> splits_below_;
};

}  // namespace switchyard::detail
