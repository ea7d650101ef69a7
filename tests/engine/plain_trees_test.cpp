#include "switchyard/engine/plain_trees.hpp"
#include "random_ensemble.hpp"

#include <catch2/catch.hpp>

namespace sy = switchyard;

TEST_CASE("Plain trees answer as the trees, whatever their number and depth") {
  for (const int trees : {0, 1, 7, 15, 16, 17, 100}) {
    for (const int depth : {0, 1, 5, 13}) {
      const sy::Ensemble ensemble =
          random_ensemble({.trees = trees, .max_depth = depth, .leaf_share = 0.2}, 31 + static_cast<unsigned>(trees));
      const sy::PlainTrees engine(ensemble);
      CAPTURE(trees, depth);
      CHECK(agrees(engine, ensemble, rows_for(ensemble, 150, 0.1, 7)));
    }
  }
}

TEST_CASE("Plain trees hold more thresholds than a byte numbers, and more columns than any other engine") {
  const sy::Ensemble wide = random_ensemble({.trees = 30, .max_depth = 9, .features = 700, .thresholds = 2000}, 3);
  CHECK(agrees(sy::PlainTrees(wide), wide, rows_for(wide, 100, 0.05, 8)));
  const sy::Ensemble fine = random_ensemble({.trees = 30, .max_depth = 12, .features = 1, .thresholds = 5000}, 4);
  CHECK(agrees(sy::PlainTrees(fine), fine, rows_for(fine, 100, 0.05, 9)));
}

TEST_CASE("Plain trees follow chains and answer for trees of one leaf and no columns") {
  sy::Ensemble chain = random_ensemble({.trees = 20, .max_depth = 3}, 5);
  sy::Tree deep;
  constexpr int length = 300;
  deep.nodes.resize(2 * length + 1);
  for (int i = 0; i < length; ++i) {
    auto& node = deep.nodes[static_cast<std::size_t>(2 * i)];
    node.feature = i % 5;
    node.threshold = i;
    node.left = 2 * i + 1;
    node.right = 2 * i + 2;
    deep.nodes[static_cast<std::size_t>(2 * i + 1)].value = i;
  }
  deep.nodes.back().value = -1;
  chain.trees[3] = deep;
  sy::Matrix rows = rows_for(chain, 40, 0, 6);
  rows.row(0).setConstant(1000);
  REQUIRE(deep.predict(sy::row_of(rows, 0)) == -1);
  CHECK(agrees(sy::PlainTrees(chain), chain, rows));

  const sy::Ensemble leaves = random_ensemble({.trees = 40, .max_depth = 0, .features = 1}, 6);
  sy::Ensemble no_columns = leaves;
  no_columns.features = 0;
  CHECK(agrees(sy::PlainTrees(no_columns), no_columns, sy::Matrix(3, 0)));
}

TEST_CASE("A tree without nodes is refused") {
  sy::Ensemble ensemble;
  ensemble.trees.emplace_back();
  CHECK_THROWS_AS(sy::PlainTrees(ensemble), sy::InvalidArgument);
}
