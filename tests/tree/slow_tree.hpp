#pragma once

#include "switchyard/data/dataset.hpp"
#include "switchyard/tree/tree.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <set>
#include <vector>

/// A second, slow tree learner to check the fast one against: no bins, no histograms, no subtraction. Every threshold
/// between two values of the table is tried on every node by walking all its rows.
class SlowTree {
 public:
  struct Row {
    double gradient = 0;
    double hessian = 0;
    double weight = 0;
  };
  struct Rules {
    double gain_scale = 0.5;
    double leaf_scale = -0.1;
    double l2 = 1;
    int max_depth = 6;
    double min_split = 2;
    double min_leaf = 1;
    double min_hessian = 0;
    double min_gain = 0;
    std::size_t max_leaves = 0;
    bool best_first = false;
  };

  SlowTree(const switchyard::Dataset& data, const std::vector<Row>& rows, const Rules& rules)
      : data_(data), rows_(rows), rules_(rules), values_(static_cast<std::size_t>(data.columns())) {
    for (std::size_t j = 0; j < values_.size(); ++j) {
      for (switchyard::Index i = 0; i < data.rows(); ++i) {
        const double value = at(static_cast<std::size_t>(i), j);
        if (!std::isnan(value)) values_[j].insert(value);
      }
    }
  }

  [[nodiscard]] switchyard::Tree grow() {
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < rows_.size(); ++i) all.push_back(i);
    nodes_.push_back(make(all, 0));
    std::size_t leaves = 1;
    while (rules_.max_leaves == 0 || leaves < rules_.max_leaves) {
      const std::size_t next = choose();
      if (next == nodes_.size()) break;
      split(next);
      ++leaves;
    }
    switchyard::Tree tree;
    tree.nodes.push_back(nodes_[0].shape);
    std::vector<std::size_t> order{0};
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (nodes_[order[i]].left == 0) continue;
      tree.nodes[i].left = static_cast<std::int32_t>(order.size());
      tree.nodes[i].right = tree.nodes[i].left + 1;
      for (const std::size_t child : {nodes_[order[i]].left, nodes_[order[i]].left + 1}) {
        order.push_back(child);
        tree.nodes.push_back(nodes_[child].shape);
      }
    }
    return tree;
  }

 private:
  struct Node {
    std::vector<std::size_t> rows;
    int depth = 0;
    switchyard::TreeNode shape;  // as a leaf until split
    switchyard::TreeNode best;   // feature -1: none
    std::size_t left = 0;        // its sibling follows
  };

  [[nodiscard]] double at(std::size_t row, std::size_t column) const {
    return data_.features(static_cast<switchyard::Index>(row), static_cast<switchyard::Index>(column));
  }

  [[nodiscard]] Row sum(const std::vector<std::size_t>& rows) const {
    Row total;
    for (const std::size_t i : rows) {
      total.gradient += rows_[i].gradient;
      total.hessian += rows_[i].hessian;
      total.weight += rows_[i].weight;
    }
    return total;
  }

  [[nodiscard]] static bool goes_left(double value, const switchyard::TreeNode& split) {
    return std::isnan(value) ? split.default_left : value <= split.threshold;
  }

  void divide(const std::vector<std::size_t>& rows, const switchyard::TreeNode& split, std::vector<std::size_t>& left,
              std::vector<std::size_t>& right) const {
    for (const std::size_t i : rows) {
      (goes_left(at(i, static_cast<std::size_t>(split.feature)), split) ? left : right).push_back(i);
    }
  }

  void try_split(Node& node, switchyard::TreeNode candidate) const {
    std::vector<std::size_t> left_rows;
    std::vector<std::size_t> right_rows;
    divide(node.rows, candidate, left_rows, right_rows);
    if (left_rows.empty() || right_rows.empty()) return;
    const Row left = sum(left_rows);
    const Row right = sum(right_rows);
    const Row total = sum(node.rows);
    if (left.weight < rules_.min_leaf || right.weight < rules_.min_leaf) return;
    const double slack = 1 - 1e-10;
    if (left.hessian < rules_.min_hessian * slack || right.hessian < rules_.min_hessian * slack) return;
    const auto score = [&](const Row& r) { return r.gradient * r.gradient / (r.hessian + rules_.l2); };
    candidate.gain = rules_.gain_scale * (score(left) + score(right) - score(total));
    if (candidate.gain <= rules_.min_gain || candidate.gain <= node.best.gain + 1e-10 * total.weight) return;
    bool any_missing = false;
    for (const std::size_t i : node.rows) {
      any_missing |= std::isnan(at(i, static_cast<std::size_t>(candidate.feature)));
    }
    if (!any_missing) candidate.default_left = left.weight >= right.weight;
    node.best = candidate;
  }

  [[nodiscard]] Node make(const std::vector<std::size_t>& rows, int depth) const {
    Node node;
    node.rows = rows;
    node.depth = depth;
    const Row total = sum(rows);
    node.shape.cover = total.weight;
    node.shape.value = rules_.leaf_scale * total.gradient / (total.hessian + rules_.l2);
    if (depth >= rules_.max_depth || total.weight < rules_.min_split) return node;
    for (std::size_t j = 0; j < values_.size(); ++j) {
      switchyard::TreeNode candidate;
      candidate.feature = static_cast<std::int32_t>(j);
      for (auto value = values_[j].begin(); value != values_[j].end(); ++value) {
        const auto next = std::next(value);
        const bool last = next == values_[j].end();
        candidate.threshold = last ? std::numeric_limits<double>::max() : *value + (*next - *value) / 2;
        candidate.default_left = false;
        try_split(node, candidate);
        candidate.default_left = true;
        if (!last) try_split(node, candidate);
      }
    }
    return node;
  }

  [[nodiscard]] std::size_t choose() const {
    std::size_t chosen = nodes_.size();
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (nodes_[i].left != 0 || nodes_[i].best.feature < 0) continue;
      if (chosen == nodes_.size() || (rules_.best_first && nodes_[i].best.gain > nodes_[chosen].best.gain)) chosen = i;
    }
    return chosen;
  }

  void split(std::size_t index) {
    std::vector<std::size_t> left_rows;
    std::vector<std::size_t> right_rows;
    divide(nodes_[index].rows, nodes_[index].best, left_rows, right_rows);
    nodes_[index].left = nodes_.size();
    const switchyard::TreeNode leaf = nodes_[index].shape;
    nodes_[index].shape = nodes_[index].best;
    nodes_[index].shape.value = leaf.value;
    nodes_[index].shape.cover = leaf.cover;
    const int depth = nodes_[index].depth + 1;
    nodes_.push_back(make(left_rows, depth));
    nodes_.push_back(make(right_rows, depth));
  }

  const switchyard::Dataset& data_;
  const std::vector<Row>& rows_;
  Rules rules_;
  std::vector<std::set<double>> values_;
  std::vector<Node> nodes_;
};
