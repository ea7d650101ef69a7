#pragma once

#include "switchyard/tree/tree.hpp"

#include <cmath>
#include <cstddef>
#include <iomanip>
#include <ios>
#include <limits>
#include <ostream>
#include <vector>

namespace bench {

/// Largest float that is not above a number, then the next one: floats x <= threshold are those below it.
[[nodiscard]] inline float float_above(double threshold) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  auto largest = static_cast<float>(threshold);
  if (static_cast<double>(largest) > threshold) largest = std::nextafter(largest, -infinity);
  return std::nextafter(largest, infinity);
}

/// A tree as XGBoost keeps it: a node's right child comes right after its left one.
struct XgboostTree {
  std::vector<int> source;  // [nodes]; which of our nodes it is
  std::vector<int> left, right, parent;

  explicit XgboostTree(const switchyard::Tree& tree) : source{0}, left{-1}, right{-1}, parent{2147483647} {
    for (std::size_t i = 0; i < source.size(); ++i) {
      const switchyard::TreeNode& node = tree.nodes[static_cast<std::size_t>(source[i])];
      if (node.is_leaf()) continue;
      left[i] = static_cast<int>(source.size());
      right[i] = left[i] + 1;
      for (const int child : {node.left, node.right}) {
        source.push_back(child);
        left.push_back(-1);
        right.push_back(-1);
        parent.push_back(static_cast<int>(i));
      }
    }
  }
};

template <class Value>
void write_list(std::ostream& out, const char* name, std::size_t count, const Value& value) {
  out << ",\"" << name << "\":[";
  for (std::size_t i = 0; i < count; ++i) out << (i == 0 ? "" : ",") << value(i);
  out << ']';
}

inline void write_xgboost_tree(std::ostream& out, const switchyard::Tree& tree, switchyard::Index features, int id) {
  const XgboostTree shape(tree);
  const std::size_t count = shape.source.size();
  const auto node = [&](std::size_t i) -> const auto& { return tree.nodes[static_cast<std::size_t>(shape.source[i])]; };
  out << "{\"id\":" << id << ",\"tree_param\":{\"num_nodes\":\"" << count
      << "\",\"num_deleted\":\"0\",\"num_feature\":\"" << features << "\",\"size_leaf_vector\":\"0\"}"
      << ",\"categories\":[],\"categories_nodes\":[],\"categories_segments\":[],\"categories_sizes\":[]";
  write_list(out, "left_children", count, [&](std::size_t i) { return shape.left[i]; });
  write_list(out, "right_children", count, [&](std::size_t i) { return shape.right[i]; });
  write_list(out, "parents", count, [&](std::size_t i) { return shape.parent[i]; });
  write_list(out, "split_indices", count, [&](std::size_t i) { return node(i).is_leaf() ? 0 : node(i).feature; });
  write_list(out, "split_conditions", count, [&](std::size_t i) {
    return node(i).is_leaf() ? static_cast<float>(node(i).value) : float_above(node(i).threshold);
  });
  write_list(out, "default_left", count, [&](std::size_t i) { return node(i).default_left ? 1 : 0; });
  write_list(out, "base_weights", count, [&](std::size_t i) { return static_cast<float>(node(i).value); });
  write_list(out, "loss_changes", count, [&](std::size_t i) { return static_cast<float>(node(i).gain); });
  write_list(out, "sum_hessian", count, [&](std::size_t i) { return static_cast<float>(node(i).cover); });
  write_list(out, "split_type", count, [](std::size_t) { return 0; });
  out << '}';
}

/// A boosted model as XGBoost's JSON of version 1.7: for rows of floats it answers what ours does, up to float sums.
/// Ours gives log-odds without a scale or an offset column.
inline void write_xgboost(std::ostream& out, const switchyard::Ensemble& ensemble) {
  // XGBoost's reader takes a number without a point or exponent for an integer, and refuses it as a threshold.
  out << std::scientific << std::setprecision(std::numeric_limits<float>::max_digits10 - 1);
  const std::size_t trees = ensemble.trees.size();
  out << "{\"version\":[1,7,4],\"learner\":{\"attributes\":{},\"feature_names\":[],\"feature_types\":[],"
      << "\"learner_model_param\":{\"base_score\":\"" << 1 / (1 + std::exp(-ensemble.bias))
      << "\",\"num_class\":\"0\",\"num_feature\":\"" << ensemble.features << "\",\"num_target\":\"1\"},"
      << "\"objective\":{\"name\":\"binary:logistic\",\"reg_loss_param\":{\"scale_pos_weight\":\"1\"}},"
      << "\"gradient_booster\":{\"name\":\"gbtree\",\"model\":{\"gbtree_model_param\":{\"num_trees\":\"" << trees
      << "\",\"num_parallel_tree\":\"1\",\"size_leaf_vector\":\"0\"}";
  write_list(out, "tree_info", trees, [](std::size_t) { return 0; });
  out << ",\"trees\":[";
  for (std::size_t t = 0; t < trees; ++t) {
    if (t > 0) out << ',';
    write_xgboost_tree(out, ensemble.trees[t], ensemble.features, static_cast<int>(t));
  }
  out << "]}}}}\n";
}

}  // namespace bench
