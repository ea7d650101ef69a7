#include "switchyard/explain/tree_shap.hpp"
#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <bit>
#include <cmath>
#include <limits>

namespace sy = switchyard;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// Grows nodes below `index` at random; covers are counts, split between the children, some of them zero.
void grow(sy::Tree& tree, std::size_t index, int depth, sy::Index features, sy::Rng& rng) {
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

sy::Ensemble random_ensemble(int trees, int depth, sy::Index features, double rows, sy::Rng& rng) {
  sy::Ensemble ensemble{.trees = {}, .bias = rng.normal(), .scale = rng.uniform(0.1, 2), .features = features};
  for (int i = 0; i < trees; ++i) {
    sy::Tree tree{{{.cover = rows}}};
    grow(tree, 0, depth, features, rng);
    ensemble.trees.push_back(tree);
  }
  return ensemble;
}

std::vector<double> random_row(sy::Index features, sy::Rng& rng) {
  std::vector<double> row(static_cast<std::size_t>(features));
  for (double& value : row) value = rng.bernoulli(0.15) ? missing : rng.uniform();
  return row;
}

/// What a tree answers if only the features in `known` may be looked at, by its definition.
double conditional(const sy::Tree& tree, std::size_t index, sy::RowView row, unsigned known) {
  const sy::TreeNode& node = tree.nodes[index];
  if (node.is_leaf()) return node.value;
  const auto left = static_cast<std::size_t>(node.left);
  const auto right = static_cast<std::size_t>(node.right);
  if ((known >> static_cast<unsigned>(node.feature) & 1U) != 0) {
    const double value = row[static_cast<std::size_t>(node.feature)];
    const bool goes_left = std::isnan(value) ? node.default_left : value <= node.threshold;
    return conditional(tree, goes_left ? left : right, row, known);
  }
  const double covers = tree.nodes[left].cover + tree.nodes[right].cover;
  const double share = covers > 0 ? tree.nodes[left].cover / covers : 0.5;
  return share * conditional(tree, left, row, known) + (1 - share) * conditional(tree, right, row, known);
}

double conditional(const sy::Ensemble& ensemble, sy::RowView row, unsigned known) {
  double sum = 0;
  for (const sy::Tree& tree : ensemble.trees) sum += conditional(tree, 0, row, known);
  double offset = 0;
  if (ensemble.offset_column >= 0) {
    const double value = row[static_cast<std::size_t>(ensemble.offset_column)];
    const bool is_known = (known >> static_cast<unsigned>(ensemble.offset_column) & 1U) != 0;
    offset = is_known ? (std::isnan(value) ? 0 : value) : ensemble.offset_mean;
  }
  return ensemble.bias + offset + ensemble.scale * sum;
}

/// Shapley values by their definition, over all coalitions; the last entry the empty coalition's worth.
sy::Vector brute_force(const sy::Ensemble& ensemble, sy::RowView row) {
  const auto players = static_cast<unsigned>(ensemble.features);
  sy::Vector phi = sy::Vector::Zero(ensemble.features + 1);
  for (unsigned i = 0; i < players; ++i) {
    for (unsigned coalition = 0; coalition < (1U << players); ++coalition) {
      if ((coalition >> i & 1U) != 0) continue;
      const int size = std::popcount(coalition);
      const double weight =
          std::tgamma(size + 1) * std::tgamma(static_cast<int>(players) - size) / std::tgamma(players + 1);
      phi[i] += weight * (conditional(ensemble, row, coalition | 1U << i) - conditional(ensemble, row, coalition));
    }
  }
  phi[ensemble.features] = conditional(ensemble, row, 0);
  return phi;
}

double largest_difference(const sy::Vector& a, const sy::Vector& b) { return (a - b).cwiseAbs().maxCoeff(); }

}  // namespace

TEST_CASE("Gauss-Legendre rules integrate polynomials of degree 2n - 1 exactly") {
  for (const int n : {1, 2, 3, 4, 5, 8, 16, 40}) {
    const auto rule = sy::detail::gauss_legendre(n);
    for (int degree = 0; degree < 2 * n; ++degree) {
      double integral = 0;
      for (std::size_t q = 0; q < rule.points.size(); ++q)
        integral += rule.weights[q] * std::pow(rule.points[q], degree);
      CHECK(integral == Approx(1.0 / (degree + 1)).epsilon(1e-13));
    }
  }
}

TEST_CASE("TreeSHAP is the Shapley value of the path-dependent expectation") {
  sy::Rng rng(7);
  for (int round = 0; round < 150; ++round) {
    const auto features = static_cast<sy::Index>(1 + rng.below(6));
    // Depth above the number of features repeats some on every long path; few training rows give empty children.
    const double rows = round % 2 == 0 ? 500 : 6;
    sy::Ensemble ensemble = random_ensemble(2, static_cast<int>(1 + rng.below(7)), features, rows, rng);
    if (round % 3 == 0) {
      ensemble.offset_column = static_cast<sy::Index>(rng.below(static_cast<std::uint64_t>(features)));
      ensemble.offset_mean = rng.normal();
    }
    for (int i = 0; i < 3; ++i) {
      const std::vector<double> row = random_row(features, rng);
      CHECK(largest_difference(sy::tree_shap(ensemble, row), brute_force(ensemble, row)) < 1e-13);
    }
  }
}

TEST_CASE("contributions and expected value sum to the raw answer") {
  sy::Rng rng(11);
  for (int round = 0; round < 5; ++round) {
    sy::Ensemble ensemble = random_ensemble(20, 14, 30, 5000, rng);
    ensemble.offset_column = round - 1;
    ensemble.offset_mean = 0.3;
    const std::vector<double> row = random_row(30, rng);
    const sy::Vector phi = sy::tree_shap(ensemble, row);
    CHECK(phi.sum() == Approx(ensemble.raw(row)).margin(1e-12));
    CHECK(phi.cwiseAbs().maxCoeff() > 1e-3);
  }
}

TEST_CASE("a long path of distinct features keeps its accuracy") {
  // One path of 40 features, each halving the cover and all followed: by symmetry each gets an equal share.
  sy::Ensemble chain{.trees = {{}}, .features = 40};
  auto& nodes = chain.trees[0].nodes;
  nodes.push_back({.cover = 0x1p40});
  for (int i = 0; i < 40; ++i) {
    const auto at = static_cast<std::int32_t>(nodes.size());
    sy::TreeNode& split = nodes.back();
    const double half = split.cover / 2;
    split.feature = i;
    split.left = at;
    split.right = at + 1;
    split.threshold = 0.5;
    nodes.push_back({.cover = half});
    nodes.push_back({.cover = half});
  }
  nodes.back().value = 1;
  const std::vector<double> row(40, 1.0);
  const sy::Vector phi = sy::tree_shap(chain, row);
  for (int i = 0; i < 40; ++i) CHECK(phi[i] == Approx((1 - 0x1p-40) / 40).epsilon(1e-12));
}

TEST_CASE("a stump's contribution is the distance from its mean") {
  const sy::Tree stump{
      {{.feature = 1, .left = 1, .right = 2, .threshold = 0.5}, {.value = 2, .cover = 3}, {.value = 10, .cover = 1}}};
  const sy::Ensemble ensemble{.trees = {stump}, .bias = 1, .scale = 0.5, .features = 3};
  // Mean of the leaves: (3 x 2 + 1 x 10) / 4 = 4, so the expected value is 1 + .5 x 4 = 3.
  CHECK(sy::tree_shap(ensemble, std::vector<double>{9, 0.5, 9}) == Eigen::Vector4d(0, -1, 0, 3));
  CHECK(sy::tree_shap(ensemble, std::vector<double>{9, 0.6, 9}) == Eigen::Vector4d(0, 3, 0, 3));
  CHECK(sy::tree_shap(ensemble, std::vector<double>{9, missing, 9}) == Eigen::Vector4d(0, 3, 0, 3));
}

TEST_CASE("an offset's contribution is its distance from the mean offset, beside what its splits say") {
  const sy::Tree stump{
      {{.feature = 1, .left = 1, .right = 2, .threshold = 0.5}, {.value = 2, .cover = 3}, {.value = 10, .cover = 1}}};
  sy::Ensemble ensemble{.trees = {stump}, .bias = 1, .scale = 0.5, .features = 3, .offset_column = 2, .offset_mean = 5};
  CHECK(sy::tree_shap(ensemble, std::vector<double>{9, 0.5, 7}) == Eigen::Vector4d(0, -1, 2, 8));
  CHECK(sy::tree_shap(ensemble, std::vector<double>{9, 0.5, missing}) == Eigen::Vector4d(0, -1, -5, 8));
  ensemble.offset_column = 1;
  CHECK(sy::tree_shap(ensemble, std::vector<double>{9, 7, 0}) == Eigen::Vector4d(0, 3 + 2, 0, 8));
}

TEST_CASE("single leaves and no trees explain nothing") {
  const sy::Ensemble leaf{.trees = {{{{.value = 4}}}}, .bias = 1, .scale = 0.5, .features = 2};
  CHECK(sy::tree_shap(leaf, std::vector<double>{1, 2}) == Eigen::Vector3d(0, 0, 3));
  const sy::Ensemble none{.trees = {}, .bias = 1, .features = 2};
  CHECK(sy::tree_shap(none, std::vector<double>{1, 2}) == Eigen::Vector3d(0, 0, 1));
}

TEST_CASE("a feature no split asks for contributes exactly zero") {
  sy::Rng rng(3);
  sy::Ensemble ensemble = random_ensemble(5, 6, 4, 200, rng);
  ensemble.features = 5;
  for (int i = 0; i < 10; ++i) CHECK(sy::tree_shap(ensemble, random_row(5, rng))[4] == 0);
}

TEST_CASE("many rows give each row's own explanation at any thread count") {
  sy::Rng rng(5);
  const sy::Ensemble ensemble = random_ensemble(5, 6, 4, 200, rng);
  sy::Matrix features(20, 4);
  for (sy::Index i = 0; i < features.size(); ++i) features.data()[i] = rng.uniform();
  const sy::Matrix contributions = sy::tree_shap(ensemble, features);
  CHECK(sy::tree_shap(ensemble, features, 3) == contributions);
  CHECK(sy::tree_shap(ensemble, features.middleRows(7, 5)) == contributions.middleRows(7, 5));
  CHECK(contributions.row(9).transpose() == sy::tree_shap(ensemble, sy::row_of(features, 9)));
  CHECK(sy::tree_shap(ensemble, sy::Matrix(0, 4)).cols() == 5);
}

TEST_CASE("bad shapes are refused") {
  const sy::Ensemble ensemble{.trees = {{{{.value = 4}}}}, .features = 2};
  CHECK_THROWS_AS(sy::tree_shap(ensemble, std::vector<double>{1}), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::tree_shap(ensemble, sy::Matrix(3, 1)), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::TreeShap(sy::Ensemble{.trees = {sy::Tree{}}}), sy::InvalidArgument);
}

TEST_CASE("the summary is the mean absolute contribution, by feature and by source") {
  sy::Matrix contributions(2, 4);
  contributions << 1, -3, 2, 100,  //
      -2, 2, 0, 100;
  CHECK(sy::mean_absolute_shap(contributions) == Eigen::Vector3d(1.5, 2.5, 1));
  CHECK(sy::mean_absolute_shap(contributions, {{"both", {0, 1}}, {"last", {2}}}) == Eigen::Vector2d(1, 1));
  CHECK(sy::mean_absolute_shap(sy::Matrix(0, 4)) == Eigen::Vector3d(0, 0, 0));
  CHECK_THROWS_AS(sy::mean_absolute_shap(contributions, {{"bias", {3}}}), sy::InvalidArgument);
}
