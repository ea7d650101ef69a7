#include "switchyard/explain/importance.hpp"

#include <catch2/catch.hpp>

namespace sy = switchyard;

namespace {

/// Feature 0 splits the root (gain 6, cover 10) and its left child (gain 1, cover 6), feature 2 the right one (3, 4).
sy::Ensemble three_splits() {
  sy::Tree tree;
  tree.nodes = {{.feature = 0, .left = 1, .right = 2, .cover = 10, .gain = 6},
                {.feature = 0, .left = 3, .right = 4, .cover = 6, .gain = 1},
                {.feature = 2, .left = 5, .right = 6, .cover = 4, .gain = 3},
                {.value = 1, .cover = 3},
                {.value = 2, .cover = 3},
                {.value = 3, .cover = 1},
                {.value = 4, .cover = 3}};
  return {.trees = {tree}, .features = 3};
}

}  // namespace

TEST_CASE("each kind of importance is the features' share of what it counts") {
  const sy::Ensemble ensemble = three_splits();
  CHECK(sy::split_importance(ensemble, sy::ImportanceKind::gain).isApprox(Eigen::Vector3d(0.7, 0, 0.3), 1e-15));
  CHECK(sy::split_importance(ensemble, sy::ImportanceKind::cover).isApprox(Eigen::Vector3d(0.8, 0, 0.2), 1e-15));
  CHECK(sy::split_importance(ensemble, sy::ImportanceKind::splits).isApprox(Eigen::Vector3d(2 / 3., 0, 1 / 3.), 1e-15));
}

TEST_CASE("without splits every importance is zero") {
  const sy::Ensemble leaf{.trees = {{{{.value = 1, .cover = 5}}}}, .features = 2};
  for (const auto kind : {sy::ImportanceKind::gain, sy::ImportanceKind::cover, sy::ImportanceKind::splits}) {
    CHECK(sy::split_importance(leaf, kind) == Eigen::Vector2d(0, 0));
    CHECK(sy::split_importance(sy::Ensemble{.trees = {}, .features = 2}, kind) == Eigen::Vector2d(0, 0));
  }
}

TEST_CASE("a source's importance is the sum over its columns") {
  const Eigen::Vector3d importance(0.5, 0.2, 0.3);
  const sy::Vector by_source = sy::sum_by_group(importance, {{"payload", {0, 2}}, {"time", {1}}, {"none", {}}});
  CHECK(by_source.isApprox(Eigen::Vector3d(0.8, 0.2, 0), 1e-15));
  CHECK_THROWS_AS(sy::sum_by_group(importance, {{"payload", {3}}}), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::sum_by_group(importance, {{"payload", {-1}}}), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::sum_by_group(importance, {{"payload", {1, 1}}}), sy::InvalidArgument);
}
