#include "switchyard/explain/exact_shapley.hpp"

#include <catch2/catch.hpp>

#include <vector>

namespace sy = switchyard;

namespace {

/// x0 <= .5 ? 0 : (x1 <= .5 ? 0 : 8), half of the rows either way at each split.
sy::Ensemble both_needed() {
  const sy::Tree tree{{{.feature = 0, .left = 1, .right = 2, .threshold = 0.5},
                       {.value = 0, .cover = 2},
                       {.feature = 1, .left = 3, .right = 4, .threshold = 0.5, .cover = 2},
                       {.value = 0, .cover = 1},
                       {.value = 8, .cover = 1}}};
  return {.trees = {tree}, .features = 2};
}

}  // namespace

TEST_CASE("exact Shapley values of a game worked out by hand") {
  // Worths: nothing known 2, either alone 4, both 8. Each feature: (4 - 2 + 8 - 4) / 2 = 3.
  const std::vector<double> row{1, 1};
  CHECK(sy::exact_shapley(both_needed(), row) == Eigen::Vector3d(3, 3, 2));
  // Together they are worth 8 - 4 - 4 + 2 = 2 beyond each alone; half of it goes to either side of the diagonal.
  sy::Matrix expected(3, 3);
  expected << 2, 1, 0, 1, 2, 0, 0, 0, 2;
  CHECK(sy::exact_shapley_interactions(both_needed(), row) == expected);
}

TEST_CASE("exact Shapley values of one feature and of none") {
  const sy::Tree stump{{{.feature = 0, .left = 1, .right = 2}, {.value = 2, .cover = 3}, {.value = 10, .cover = 1}}};
  const sy::Ensemble one{.trees = {stump}, .features = 1};
  CHECK(sy::exact_shapley(one, std::vector<double>{0}) == Eigen::Vector2d(-2, 4));
  CHECK(sy::exact_shapley_interactions(one, std::vector<double>{0}) ==
        Eigen::Vector2d(-2, 4).asDiagonal().toDenseMatrix());
  const sy::Ensemble none{.trees = {}, .bias = 3, .features = 0};
  CHECK(sy::exact_shapley(none, std::vector<double>{}) == sy::Vector::Constant(1, 3));
}

TEST_CASE("exact Shapley values refuse what would take forever") {
  const sy::Ensemble wide{.trees = {}, .features = sy::most_exact_features + 1};
  CHECK_THROWS_AS(sy::exact_shapley(wide, std::vector<double>(21)), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::exact_shapley(both_needed(), std::vector<double>(3)), sy::InvalidArgument);
}
