#include "switchyard/explain/tree_shap.hpp"
#include "explain/random_trees.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/explain/exact_shapley.hpp"
#include "switchyard/explain/quadrature.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace sy = switchyard;
using random_trees::missing;

namespace {

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
    sy::Ensemble ensemble = random_trees::ensemble(2, static_cast<int>(1 + rng.below(7)), features, rows, rng);
    if (round % 3 == 0) {
      ensemble.offset_column = static_cast<sy::Index>(rng.below(static_cast<std::uint64_t>(features)));
      ensemble.offset_mean = rng.normal();
    }
    for (int i = 0; i < 3; ++i) {
      const std::vector<double> row = random_trees::row(features, rng);
      CHECK(largest_difference(sy::tree_shap(ensemble, row), sy::exact_shapley(ensemble, row)) < 1e-13);
    }
  }
}

TEST_CASE("TreeSHAP is the Shapley value for trees too deep for blocks") {
  sy::Rng rng(31);
  for (int round = 0; round < 4; ++round) {
    // Depth 15 on 11 features: paths of more than eight distinct ones, with repeats; few rows give empty children.
    const sy::Ensemble ensemble = random_trees::deep_ensemble(11, round % 2 == 0 ? 100'000 : 30, rng);
    const std::vector<double> row = random_trees::row(11, rng);
    CHECK(largest_difference(sy::tree_shap(ensemble, row), sy::exact_shapley(ensemble, row)) < 1e-12);
  }
}

TEST_CASE("contributions and expected value sum to the raw answer") {
  sy::Rng rng(11);
  for (int round = 0; round < 5; ++round) {
    sy::Ensemble ensemble = random_trees::ensemble(20, 14, 30, 5000, rng);
    ensemble.offset_column = round - 1;
    ensemble.offset_mean = 0.3;
    const std::vector<double> row = random_trees::row(30, rng);
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

TEST_CASE("covers of any size give the Shapley values") {
  sy::Rng rng(43);
  double largest = 0;
  for (int round = 0; round < 300; ++round) {
    const auto features = static_cast<sy::Index>(1 + rng.below(6));
    sy::Ensemble ensemble = random_trees::ensemble(2, static_cast<int>(1 + rng.below(9)), features, 100, rng);
    random_trees::scatter_covers(ensemble, rng);
    const std::vector<double> row = random_trees::row(features, rng);
    const sy::Vector phi = sy::tree_shap(ensemble, row);
    REQUIRE(phi.allFinite());
    largest = std::max(largest, largest_difference(phi, sy::exact_shapley(ensemble, row)));
  }
  CHECK(largest < 1e-12);
}

TEST_CASE("covers of any size give the Shapley values of trees too deep for blocks, and many rows those of each") {
  sy::Rng rng(47);
  for (int round = 0; round < 3; ++round) {
    sy::Ensemble ensemble = random_trees::deep_ensemble(11, 1000, rng);
    ensemble.trees.push_back(random_trees::ensemble(1, 8, 11, 1000, rng).trees[0]);
    random_trees::scatter_covers(ensemble, rng);
    const sy::Matrix rows = random_trees::rows(4, 11, rng);
    const sy::Matrix phi = sy::tree_shap(ensemble, rows);
    for (sy::Index i = 0; i < rows.rows(); ++i) {
      const sy::RowView row = sy::row_of(rows, i);
      CHECK(phi.row(i).transpose() == sy::tree_shap(ensemble, row));
      CHECK(phi.row(i).sum() == Approx(ensemble.raw(row)).margin(1e-9));
    }
    CHECK(largest_difference(phi.row(0), sy::exact_shapley(ensemble, sy::row_of(rows, 0))) < 1e-12);
  }
}

TEST_CASE("a stump's shares are those of its covers, be they next to nothing or next to infinity") {
  const auto phi = [](double left, double right) {
    const sy::Tree stump{{{.feature = 0, .left = 1, .right = 2, .threshold = 0.5},
                          {.value = 2, .cover = left},
                          {.value = 10, .cover = right}}};
    return sy::tree_shap({.trees = {stump}, .features = 1}, std::vector<double>{0});
  };
  CHECK(phi(1e-310, 1).isApprox(Eigen::Vector2d(-8, 10), 1e-14));
  CHECK(phi(1, 1e-310).isApprox(Eigen::Vector2d(0, 2), 1e-14));
  CHECK(phi(1e308, 1e308).isApprox(Eigen::Vector2d(-4, 6), 1e-14));
  CHECK(phi(0, 0).isApprox(Eigen::Vector2d(-4, 6), 1e-14));
}

TEST_CASE("a chain of small shares on one feature keeps its accuracy") {
  // 63 splits, each followed by one row in 100 000 at each of the earlier ones: the share of them all is no normal
  // number. Every second split goes on to the right, so that a row may fail anywhere.
  sy::Ensemble chain{.trees = {{}}, .features = 2};
  auto& nodes = chain.trees[0].nodes;
  nodes.push_back({});
  for (int i = 0; i < 63; ++i) {
    const auto at = static_cast<std::int32_t>(nodes.size());
    sy::TreeNode& split = nodes.back();
    split.feature = i == 40 ? 1 : 0;
    split.left = at + 1;
    split.right = at;
    split.threshold = 100 - i;
    nodes.push_back({.value = 0.1 * i, .cover = 99'999});
    nodes.push_back({.value = 7, .cover = 1});
  }
  for (const double x : {0.0, 37.5, 50.0, 99.5, 1000.0, missing}) {
    for (const double y : {0.0, 1000.0}) {
      const std::vector<double> row{x, y};
      const sy::Vector phi = sy::tree_shap(chain, row);
      CAPTURE(x, y, phi.transpose());
      CHECK(phi.sum() == Approx(chain.raw(row)).margin(1e-9));
      CHECK(largest_difference(phi, sy::exact_shapley(chain, row)) < 1e-12);
    }
  }
}

TEST_CASE("a stump's contribution is the distance from its mean") {
  const sy::Tree stump{
      {{.feature = 1, .left = 1, .right = 2, .threshold = 0.5}, {.value = 2, .cover = 3}, {.value = 10, .cover = 1}}};
  const sy::Ensemble ensemble{.trees = {stump}, .bias = 1, .scale = 0.5, .features = 3};
  // Mean of the leaves: (3 x 2 + 1 x 10) / 4 = 4, so the expected value is 1 + .5 x 4 = 3.
  CHECK(largest_difference(sy::tree_shap(ensemble, std::vector<double>{9, 0.5, 9}), Eigen::Vector4d(0, -1, 0, 3)) <
        1e-14);
  CHECK(largest_difference(sy::tree_shap(ensemble, std::vector<double>{9, 0.6, 9}), Eigen::Vector4d(0, 3, 0, 3)) <
        1e-14);
  CHECK(largest_difference(sy::tree_shap(ensemble, std::vector<double>{9, missing, 9}), Eigen::Vector4d(0, 3, 0, 3)) <
        1e-14);
}

TEST_CASE("an offset's contribution is its distance from the mean offset, beside what its splits say") {
  const sy::Tree stump{
      {{.feature = 1, .left = 1, .right = 2, .threshold = 0.5}, {.value = 2, .cover = 3}, {.value = 10, .cover = 1}}};
  sy::Ensemble ensemble{.trees = {stump}, .bias = 1, .scale = 0.5, .features = 3, .offset_column = 2, .offset_mean = 5};
  CHECK(largest_difference(sy::tree_shap(ensemble, std::vector<double>{9, 0.5, 7}), Eigen::Vector4d(0, -1, 2, 8)) <
        1e-14);
  CHECK(largest_difference(sy::tree_shap(ensemble, std::vector<double>{9, 0.5, missing}),
                           Eigen::Vector4d(0, -1, -5, 8)) < 1e-14);
  ensemble.offset_column = 1;
  CHECK(largest_difference(sy::tree_shap(ensemble, std::vector<double>{9, 7, 0}), Eigen::Vector4d(0, 3 + 2, 0, 8)) <
        1e-14);
}

TEST_CASE("single leaves and no trees explain nothing") {
  const sy::Ensemble leaf{.trees = {{{{.value = 4}}}}, .bias = 1, .scale = 0.5, .features = 2};
  CHECK(sy::tree_shap(leaf, std::vector<double>{1, 2}) == Eigen::Vector3d(0, 0, 3));
  const sy::Ensemble none{.trees = {}, .bias = 1, .features = 2};
  CHECK(sy::tree_shap(none, std::vector<double>{1, 2}) == Eigen::Vector3d(0, 0, 1));
}

TEST_CASE("a feature no split asks for contributes exactly zero") {
  sy::Rng rng(3);
  sy::Ensemble ensemble = random_trees::ensemble(5, 6, 4, 200, rng);
  ensemble.features = 5;
  for (int i = 0; i < 10; ++i) CHECK(sy::tree_shap(ensemble, random_trees::row(5, rng))[4] == 0);
}

TEST_CASE("many rows give each row's own explanation at any thread count") {
  sy::Rng rng(5);
  for (const int depth : {6, 12}) {
    sy::Ensemble ensemble = random_trees::ensemble(5, depth, 12, 2000, rng);
    ensemble.offset_column = depth == 6 ? 3 : -1;
    const sy::Matrix features = random_trees::rows(300, 12, rng);
    const sy::Matrix contributions = sy::tree_shap(ensemble, features);
    CHECK(sy::tree_shap(ensemble, features, 3) == contributions);
    CHECK(sy::tree_shap(ensemble, features.middleRows(7, 5)) == contributions.middleRows(7, 5));
    for (sy::Index i = 0; i < features.rows(); i += 7) {
      CHECK(contributions.row(i).transpose() == sy::tree_shap(ensemble, sy::row_of(features, i)));
    }
    CHECK(sy::tree_shap(ensemble, sy::Matrix(0, 12)).cols() == 13);
  }
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
