#pragma once

#include "switchyard/core/random.hpp"
#include "switchyard/explain/shap_block.hpp"
#include "switchyard/explain/shap_tree.hpp"
#include "switchyard/tree/tree.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace random_trees {

namespace sy = switchyard;

inline constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// Grows nodes below `index` at random; covers are counts, split between the children, some of them zero.
inline void grow(sy::Tree& tree, std::size_t index, int depth, sy::Index features, sy::Rng& rng) {
  sy::TreeNode& node = tree.nodes[index];
  node.value = rng.normal();
  if (depth == 0 || rng.bernoulli(0.1)) return;
  node.feature = static_cast<std::int32_t>(rng.below(static_cast<std::uint64_t>(features)));
  node.threshold = rng.uniform();
  node.default_left = rng.bernoulli(0.5);
  const double cover = node.cover;
  const double left = std::floor(rng.uniform() * (cover + 1));
  const auto child = static_cast<std::int32_t>(tree.nodes.size());
  node.left = child;
  node.right = child + 1;
  tree.nodes.push_back({.cover = left});
  tree.nodes.push_back({.cover = cover - left});
  grow(tree, static_cast<std::size_t>(child), depth - 1, features, rng);
  grow(tree, static_cast<std::size_t>(child) + 1, depth - 1, features, rng);
}

[[nodiscard]] inline sy::Ensemble ensemble(int trees, int depth, sy::Index features, double rows, sy::Rng& rng) {
  sy::Ensemble result{.trees = {}, .bias = rng.normal(), .scale = rng.uniform(0.1, 2), .features = features};
  for (int i = 0; i < trees; ++i) {
    sy::Tree tree{{{.cover = rows}}};
    grow(tree, 0, depth, features, rng);
    result.trees.push_back(tree);
  }
  return result;
}

/// One tree of depth 15 with paths of more distinct features than blocks hold, and repeats.
[[nodiscard]] inline sy::Ensemble deep_ensemble(sy::Index features, double rows, sy::Rng& rng) {
  while (true) {
    sy::Ensemble result = ensemble(1, 15, features, rows, rng);
    if (sy::detail::distinct_features_on_path(result.trees[0]) > sy::detail::shap_block_bits) return result;
  }
}

/// Gives all nodes covers of any size that a double has, some of them 0.
inline void scatter_covers(sy::Ensemble& ensemble, sy::Rng& rng) {
  for (sy::Tree& tree : ensemble.trees) {
    for (sy::TreeNode& node : tree.nodes) {
      node.cover =
          rng.bernoulli(0.1) ? 0 : std::pow(10, rng.bernoulli(0.5) ? rng.uniform(-322, 308.2) : rng.uniform(0, 9));
    }
  }
}

[[nodiscard]] inline std::vector<double> row(sy::Index features, sy::Rng& rng) {
  std::vector<double> result(static_cast<std::size_t>(features));
  for (double& value : result) value = rng.bernoulli(0.15) ? missing : rng.uniform();
  return result;
}

/// Some values repeat, some are missing, and so do whole rows.
[[nodiscard]] inline sy::Matrix rows(sy::Index count, sy::Index features, sy::Rng& rng) {
  sy::Matrix result(count, features);
  for (sy::Index i = 0; i < count; ++i) {
    if (i > 0 && rng.bernoulli(0.3)) {
      result.row(i) = result.row(static_cast<sy::Index>(rng.below(static_cast<std::uint64_t>(i))));
      continue;
    }
    const std::vector<double> one = row(features, rng);
    for (sy::Index j = 0; j < features; ++j) result(i, j) = one[static_cast<std::size_t>(j)];
  }
  return result;
}

}  // namespace random_trees
