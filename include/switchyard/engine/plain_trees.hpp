#pragma once

// Trees walked many at a time (Asadi, Lin & de Vries, "Runtime Optimizations for Tree-Based Machine Learning Models",
// TKDE 2014): a walk without branches over compact nodes, several trees in step, so that one tree's cache misses and
// loads hide behind the others'. A node is 16 bytes, siblings lie side by side, the child is an addition of the
// comparison's bit, and a leaf leads to itself, so that trees of different depth need no test. Eight trees are in
// flight; in a batch, eight rows in one tree. It compares the row's own doubles: nothing is encoded first.

#include "switchyard/core/error.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/engine/instruction_set.hpp"
#include "switchyard/engine/threshold_codes.hpp"
#include "switchyard/tree/tree.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace switchyard {

/// The engine for whatever the others cannot hold: any depth, any number of features and thresholds.
class PlainTrees {
 public:
  /// Whether nodes can be numbered by 32 bits.
  [[nodiscard]] static bool fits(const Ensemble& ensemble) noexcept {
    std::size_t nodes = 0;
    for (const Tree& tree : ensemble.trees) nodes += tree.nodes.size();
    return nodes <= std::numeric_limits<std::uint32_t>::max() && ensemble.features < (Index{1} << 30);
  }
  [[nodiscard]] static bool fits(const Ensemble& ensemble, const ThresholdCodes& /*codes*/) noexcept {
    return fits(ensemble);
  }

  /// Throws InvalidArgument if it does not fit. The instruction set makes no difference.
  explicit PlainTrees(const Ensemble& ensemble) {
    if (!fits(ensemble)) throw InvalidArgument("too many tree nodes; expected fewer than 2^32");
    for (const Tree& tree : ensemble.trees) append(tree);
  }
  PlainTrees(const Ensemble& ensemble, const ThresholdCodes& /*codes*/, InstructionSet /*set*/)
      : PlainTrees(ensemble) {}

  /// Sum of the trees' answers, as TreeSum's. row: [features], NaN = missing
  [[nodiscard]] double sum(RowView row) const noexcept {
    TreeSum sum;
    std::size_t tree = 0;
    for (; tree + walks <= roots_.size(); tree += walks) {
      Walks at;
      std::copy_n(&roots_[tree], walks, at.begin());
      const int depth = *std::max_element(&depths_[tree], &depths_[tree] + walks);
      walk(at, depth, [&](std::size_t /*walk*/, std::size_t column) { return row[column]; });
      for (std::size_t i = 0; i < walks; ++i) sum.add(tree + i, nodes_[at[i]].number);
    }
    for (; tree < roots_.size(); ++tree) sum.add(tree, answer(tree, row));
    return sum.total();
  }

  /// The same for many rows. rows: [n x features]; out: [n]
  void sums(const MatrixView& rows, std::span<double> out) const noexcept {
    constexpr std::size_t block = 64;  // rows: they and their sums leave the first cache room for a tree's nodes
    std::array<TreeSum, block> sums;
    for (std::size_t first = 0; first < out.size(); first += block) {
      const std::size_t count = std::min(block, out.size() - first);
      std::fill_n(sums.begin(), count, TreeSum());
      const MatrixView here = rows.middleRows(static_cast<Index>(first), static_cast<Index>(count));
      for (std::size_t tree = 0; tree < roots_.size(); ++tree) add_tree(tree, here, sums.data());
      for (std::size_t i = 0; i < count; ++i) out[first + i] = sums[i].total();
    }
  }

 private:
  static constexpr std::size_t walks = 8;
  using Walks = std::array<std::uint32_t, walks>;

  struct Node {
    double number = 0;         // split: threshold; leaf: what the tree answers
    std::uint32_t left = 0;    // leaf: itself
    std::uint32_t column = 0;  // times 4, plus the flags
  };
  static constexpr std::uint32_t default_left = 1;
  static constexpr std::uint32_t split = 2;

  [[nodiscard]] static std::uint32_t next(const Node& node, double value) noexcept {
    const bool missing_left = (node.column & default_left) != 0;
    const bool left = (value <= node.number) | ((value != value) & missing_left);
    return node.left + static_cast<std::uint32_t>(((node.column & split) != 0) & !left);
  }

  /// Walks in step. value(walk, column)
  template <class Value>
  void walk(Walks& at, int depth, const Value& value) const noexcept {
    const Node* nodes = nodes_.data();
    while (depth > 0) {
      const Walks before = at;
      for (const int stop = std::max(0, depth - 4); depth > stop; --depth) {
        for (std::size_t i = 0; i < walks; ++i) {
          const Node& node = nodes[at[i]];
          at[i] = next(node, value(i, node.column / 4));
        }
      }
      if (at == before) return;
    }
  }

  [[nodiscard]] double answer(std::size_t tree, RowView row) const noexcept {
    const Node* node = &nodes_[roots_[tree]];
    while ((node->column & split) != 0) node = &nodes_[next(*node, row[node->column / 4])];
    return node->number;
  }

  /// sums: [rows]
  void add_tree(std::size_t tree, const MatrixView& rows, TreeSum* sums) const noexcept {
    Index i = 0;
    for (; i + static_cast<Index>(walks) <= rows.rows(); i += static_cast<Index>(walks)) {
      Walks at;
      at.fill(roots_[tree]);
      const double* first = rows.data() + i * rows.outerStride();
      walk(at, depths_[tree], [&](std::size_t walk, std::size_t column) {
        return first[walk * static_cast<std::size_t>(rows.outerStride()) + column];
      });
      for (std::size_t k = 0; k < walks; ++k) sums[static_cast<std::size_t>(i) + k].add(tree, nodes_[at[k]].number);
    }
    for (; i < rows.rows(); ++i) sums[i].add(tree, answer(tree, row_of(rows, i)));
  }

  /// Siblings side by side, behind their parent: the first steps below a node are on its cache line.
  void append(const Tree& tree) {
    struct Open {
      std::int32_t from;
      std::uint32_t to;
      int depth;
    };
    if (tree.nodes.empty()) throw InvalidArgument("a tree has no nodes; expected 1 or more");
    roots_.push_back(static_cast<std::uint32_t>(nodes_.size()));
    depths_.push_back(0);
    nodes_.emplace_back();
    std::vector<Open> open{{0, roots_.back(), 0}};
    while (!open.empty()) {
      const auto [from, to, depth] = open.back();
      open.pop_back();
      depths_.back() = std::max(depths_.back(), depth);
      const TreeNode& source = tree.nodes[static_cast<std::size_t>(from)];
      if (source.is_leaf()) {
        nodes_[to] = {source.value, to, 0};
        continue;
      }
      const auto left = static_cast<std::uint32_t>(nodes_.size());
      const std::uint32_t flags = split | (source.default_left ? default_left : 0);
      nodes_[to] = {source.threshold, left, 4 * static_cast<std::uint32_t>(source.feature) + flags};
      nodes_.resize(nodes_.size() + 2);
      open.push_back({source.right, left + 1, depth + 1});
      open.push_back({source.left, left, depth + 1});
    }
  }

  std::vector<Node> nodes_;
  std::vector<std::uint32_t> roots_;  // [trees]
  std::vector<int> depths_;           // [trees], of the deepest leaf
};

}  // namespace switchyard
