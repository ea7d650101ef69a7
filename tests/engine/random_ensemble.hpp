#pragma once

#include "switchyard/core/random.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/tree/tree.hpp"

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

/// What a random ensemble looks like.
struct EnsembleShape {
  int trees = 20;
  int max_depth = 6;
  switchyard::Index features = 5;
  int thresholds = 40;      // distinct ones per feature, at most
  double leaf_share = 0.1;  // chance of a node above max_depth to be a leaf
};

/// Threshold k of every feature: signed, so that 0 and infinity occur, and not evenly spaced.
inline double threshold_number(int k, int count) {
  if (count > 3 && k == count - 1) return std::numeric_limits<double>::infinity();
  if (count > 3 && k == count - 2) return std::numeric_limits<double>::max();
  const double x = k - count / 2;
  return x * std::abs(x) / 3;
}

inline switchyard::Ensemble random_ensemble(const EnsembleShape& shape, std::uint64_t seed) {
  switchyard::Rng draw(seed);
  switchyard::Ensemble ensemble;
  ensemble.features = shape.features;
  ensemble.bias = draw.normal();
  ensemble.scale = draw.uniform(0.1, 2);
  for (int t = 0; t < shape.trees; ++t) {
    switchyard::Tree tree;
    tree.nodes.emplace_back();
    std::vector<std::pair<std::size_t, int>> open{{0, 0}};
    while (!open.empty()) {
      const auto [index, depth] = open.back();
      open.pop_back();
      switchyard::TreeNode node;
      node.value = draw.normal();
      if (depth < shape.max_depth && !draw.bernoulli(shape.leaf_share)) {
        node.feature = static_cast<std::int32_t>(draw.below(static_cast<std::uint64_t>(shape.features)));
        const auto k = static_cast<int>(draw.below(static_cast<std::uint64_t>(shape.thresholds)));
        node.threshold = threshold_number(k, shape.thresholds);
        node.default_left = draw.bernoulli(0.5);
        node.left = static_cast<std::int32_t>(tree.nodes.size());
        node.right = node.left + 1;
        tree.nodes.resize(tree.nodes.size() + 2);
        open.emplace_back(static_cast<std::size_t>(node.left), depth + 1);
        open.emplace_back(static_cast<std::size_t>(node.right), depth + 1);
      }
      tree.nodes[index] = node;
    }
    ensemble.trees.push_back(std::move(tree));
  }
  return ensemble;
}

/// Rows that hit the ensemble's thresholds, lie next to them, are far away, infinite or missing.
inline switchyard::Matrix rows_for(const switchyard::Ensemble& ensemble, switchyard::Index count, double missing_share,
                                   std::uint64_t seed) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  switchyard::Rng draw(seed);
  std::vector<std::vector<double>> thresholds(static_cast<std::size_t>(ensemble.features));
  for (const auto& tree : ensemble.trees) {
    for (const auto& node : tree.nodes) {
      if (!node.is_leaf()) thresholds[static_cast<std::size_t>(node.feature)].push_back(node.threshold);
    }
  }
  switchyard::Matrix rows(count, ensemble.features);
  for (switchyard::Index i = 0; i < count; ++i) {
    for (switchyard::Index c = 0; c < ensemble.features; ++c) {
      const auto& known = thresholds[static_cast<std::size_t>(c)];
      double value = 100 * draw.normal();
      if (!known.empty()) value = known[draw.below(known.size())];
      switch (draw.below(6)) {
        case 0: value = std::nextafter(value, infinity); break;
        case 1: value = std::nextafter(value, -infinity); break;
        case 2: value = 50 * draw.normal(); break;
        case 3: value = draw.bernoulli(0.2) ? (draw.bernoulli(0.5) ? infinity : -infinity) : value; break;
        default: break;
      }
      rows(i, c) = draw.bernoulli(missing_share) ? std::numeric_limits<double>::quiet_NaN() : value;
    }
  }
  return rows;
}

/// The sum that Ensemble::raw scales.
inline double tree_sum(const switchyard::Ensemble& ensemble, switchyard::RowView row) {
  switchyard::TreeSum sum;
  for (std::size_t t = 0; t < ensemble.trees.size(); ++t) sum.add(t, ensemble.trees[t].predict(row));
  return sum.total();
}

/// Whether an engine answers each row alone and all together with the bits of the trees.
template <class Engine>
bool agrees(const Engine& engine, const switchyard::Ensemble& ensemble, const switchyard::Matrix& rows) {
  std::vector<double> together(static_cast<std::size_t>(rows.rows()));
  engine.sums(rows, together);
  for (switchyard::Index i = 0; i < rows.rows(); ++i) {
    const switchyard::RowView row = switchyard::row_of(rows, i);
    const auto expected = std::bit_cast<std::uint64_t>(tree_sum(ensemble, row));
    if (std::bit_cast<std::uint64_t>(engine.sum(row)) != expected) return false;
    if (std::bit_cast<std::uint64_t>(together[static_cast<std::size_t>(i)]) != expected) return false;
  }
  return true;
}
