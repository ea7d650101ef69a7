#pragma once

#include "switchyard/tree/row_partition.hpp"
#include "switchyard/tree/split.hpp"
#include "switchyard/tree/tree.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace switchyard {

/// Which node to split next when the number of leaves is limited. Without such a limit both give the same tree.
enum class Growth {
  level_wise,  // the one nearest to the root
  leaf_wise,   // the one with the largest gain (Shi, "Best-first Decision Tree Learning", 2007)
};

/// A node whose best split is known but not made.
template <class Sums>
struct OpenNode {
  std::size_t index = 0;  // in Tree::nodes
  int depth = 0;
  RowRange rows;
  RowRange others;    // rows that go the same way without being learned from
  double weight = 0;  // of its rows
  Sums total;
  SplitChoice<Sums> split;
  std::vector<Sums> histograms;  // of all features; empty if not kept
};

/// Open nodes, the one to split next first; equals in order of creation.
template <class Sums>
class NodeQueue {
 public:
  using Node = OpenNode<Sums>;

  NodeQueue() = default;
  NodeQueue(Growth growth, bool limited) : growth_(growth), limited_(limited) {}

  [[nodiscard]] bool empty() const noexcept { return nodes_.empty(); }

  void push(Node node) {
    nodes_.push_back(std::move(node));
    std::push_heap(nodes_.begin(), nodes_.end(), Later{growth_, limited_});
  }

  [[nodiscard]] Node pop() {
    std::pop_heap(nodes_.begin(), nodes_.end(), Later{growth_, limited_});
    Node node = std::move(nodes_.back());
    nodes_.pop_back();
    return node;
  }

 private:
  /// Without a limit the order cannot change the tree, so the newest comes first: that keeps the fewest nodes open.
  struct Later {
    Growth growth;
    bool limited;

    [[nodiscard]] bool operator()(const Node& a, const Node& b) const noexcept {
      if (!limited) return a.index < b.index;
      if (growth == Growth::leaf_wise && a.split.gain != b.split.gain) return a.split.gain < b.split.gain;
      return a.index > b.index;
    }
  };

  Growth growth_ = Growth::level_wise;
  bool limited_ = false;
  std::vector<Node> nodes_;  // a heap
};

/// The same tree with its nodes level by level from left to right, whatever the order they were made in.
[[nodiscard]] inline Tree breadth_first(const Tree& tree) {
  Tree result;
  result.nodes.reserve(tree.nodes.size());
  result.nodes.push_back(tree.nodes.front());
  for (std::size_t i = 0; i < result.nodes.size(); ++i) {
    if (result.nodes[i].is_leaf()) continue;
    const auto left = static_cast<std::size_t>(result.nodes[i].left);
    const auto right = static_cast<std::size_t>(result.nodes[i].right);
    result.nodes[i].left = static_cast<std::int32_t>(result.nodes.size());
    result.nodes[i].right = result.nodes[i].left + 1;
    result.nodes.push_back(tree.nodes[left]);
    result.nodes.push_back(tree.nodes[right]);
  }
  return result;
}

}  // namespace switchyard
