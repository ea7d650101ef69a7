#include "switchyard/explain/shap_interactions.hpp"
#include "explain/random_trees.hpp"
#include "switchyard/explain/exact_shapley.hpp"
#include "switchyard/explain/tree_shap.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

namespace sy = switchyard;

namespace {

double largest_difference(const sy::Matrix& a, const sy::Matrix& b) { return (a - b).cwiseAbs().maxCoeff(); }

}  // namespace

TEST_CASE("interactions are the halved Shapley interaction indices") {
  sy::Rng rng(17);
  for (int round = 0; round < 100; ++round) {
    const auto features = static_cast<sy::Index>(1 + rng.below(6));
    sy::Ensemble ensemble =
        random_trees::ensemble(2, static_cast<int>(rng.below(9)), features, round % 2 == 0 ? 500 : 6, rng);
    if (round % 3 == 0) {
      ensemble.offset_column = static_cast<sy::Index>(rng.below(static_cast<std::uint64_t>(features)));
      ensemble.offset_mean = rng.normal();
    }
    const std::vector<double> row = random_trees::row(features, rng);
    const sy::Matrix found = sy::shap_interactions(ensemble, row);
    CHECK(largest_difference(found, sy::exact_shapley_interactions(ensemble, row)) < 1e-12);
    CHECK(found == found.transpose());
  }
}

TEST_CASE("interactions of trees too deep for blocks are the halved Shapley interaction indices") {
  sy::Rng rng(19);
  for (int round = 0; round < 3; ++round) {
    const sy::Ensemble ensemble = random_trees::deep_ensemble(11, round == 0 ? 30 : 100'000, rng);
    const std::vector<double> row = random_trees::row(11, rng);
    CHECK(largest_difference(sy::shap_interactions(ensemble, row), sy::exact_shapley_interactions(ensemble, row)) <
          1e-11);
  }
}

TEST_CASE("covers of any size give the halved Shapley interaction indices") {
  sy::Rng rng(37);
  double largest = 0;
  for (int round = 0; round < 100; ++round) {
    sy::Ensemble ensemble = round == 0 ? random_trees::deep_ensemble(11, 100, rng)
                                       : random_trees::ensemble(2, static_cast<int>(rng.below(9)), 5, 100, rng);
    random_trees::scatter_covers(ensemble, rng);
    const std::vector<double> row = random_trees::row(ensemble.features, rng);
    const sy::Matrix found = sy::shap_interactions(ensemble, row);
    REQUIRE(found.allFinite());
    largest = std::max(largest, largest_difference(found, sy::exact_shapley_interactions(ensemble, row)));
  }
  CHECK(largest < 1e-11);
}

TEST_CASE("rows of interactions sum to the features' values, all of it to the raw answer") {
  sy::Rng rng(23);
  for (const int depth : {3, 6, 15}) {
    const sy::Ensemble ensemble = random_trees::ensemble(10, depth, 20, 5000, rng);
    const std::vector<double> row = random_trees::row(20, rng);
    const sy::Matrix found = sy::shap_interactions(ensemble, row);
    const sy::Vector sums = found.rowwise().sum();
    CHECK(largest_difference(sums, sy::tree_shap(ensemble, row)) < 1e-11);
    CHECK(found.sum() == Approx(ensemble.raw(row)).margin(1e-10));
    CHECK(found.rightCols(1).topRows(20) == sy::Matrix::Zero(20, 1));
  }
}

TEST_CASE("a feature no split asks for, and a pair that shares no path, interact exactly not") {
  const sy::Tree stump{{{.feature = 0, .left = 1, .right = 2}, {.value = 2, .cover = 3}, {.value = 10, .cover = 1}}};
  sy::Tree other = stump;
  other.nodes[0].feature = 2;
  const sy::Ensemble ensemble{.trees = {stump, other}, .features = 3};
  const sy::Matrix found = sy::shap_interactions(ensemble, std::vector<double>{0, 0, 1});
  CHECK(largest_difference(found, Eigen::Vector4d(-2, 0, 6, 8).asDiagonal().toDenseMatrix()) < 1e-14);
  CHECK(found.row(1) == sy::Matrix::Zero(1, 4));
  CHECK(found(0, 2) == 0);
}

TEST_CASE("many rows give each row's own interactions at any thread count") {
  sy::Rng rng(29);
  for (const int depth : {6, 12}) {
    const sy::Ensemble ensemble = random_trees::ensemble(4, depth, 10, 2000, rng);
    const sy::Matrix rows = random_trees::rows(300, 10, rng);
    const std::vector<sy::Matrix> found = sy::shap_interactions(ensemble, rows);
    CHECK(sy::shap_interactions(ensemble, rows, 3) == found);
    for (sy::Index i = 0; i < rows.rows(); i += 23) {
      CHECK(found[static_cast<std::size_t>(i)] == sy::shap_interactions(ensemble, sy::row_of(rows, i)));
    }
  }
  CHECK(sy::shap_interactions(random_trees::ensemble(1, 2, 3, 10, rng), sy::Matrix(0, 3)).empty());
}

TEST_CASE("interactions refuse bad shapes") {
  const sy::Ensemble ensemble{.trees = {{{{.value = 4}}}}, .features = 2};
  CHECK_THROWS_AS(sy::shap_interactions(ensemble, std::vector<double>{1}), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::shap_interactions(ensemble, sy::Matrix(3, 1)), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::shap_interactions(sy::Ensemble{.trees = {sy::Tree{}}}, std::vector<double>{}),
                  sy::InvalidArgument);
}
