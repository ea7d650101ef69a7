#include "switchyard/tree/grow.hpp"

#include "tree/random_table.hpp"
#include "tree/same_tree.hpp"
#include "tree/slow_tree.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

namespace sy = switchyard;

namespace {

/// Derivatives as in the middle of boosting: every row its own.
std::vector<sy::GradientSums> random_sums(const sy::Dataset& data) {
  sy::Rng random(99);
  std::vector<sy::GradientSums> sums;
  for (sy::Index i = 0; i < data.rows(); ++i) {
    const double p = random.uniform(0.05, 0.95);
    const double weight = data.weight(i);
    sums.push_back({weight * (p - data.labels[static_cast<std::size_t>(i)]), weight * p * (1 - p), weight});
  }
  return sums;
}

/// As much is promised of the rows' weights as holds.
void set_sums(sy::TreeGrower& grower, const std::vector<sy::GradientSums>& sums) {
  const auto all = [&](auto holds) { return std::all_of(sums.begin(), sums.end(), holds); };
  const auto weight = all([](const auto& row) { return row.hessian == row.weight; })            ? sy::RowWeight::hessian
                      : all([](const auto& row) { return row.weight == 1 || row.weight == 0; }) ? sy::RowWeight::one
                                                                                                : sy::RowWeight::any;
  grower.set_sums(weight, [&](std::size_t begin, std::size_t end, const auto& put) {
    for (std::size_t i = begin; i < end; ++i) {
      if (sums[i].weight > 0) put(i, sums[i]);
    }
  });
}

sy::GrownTree grow(const sy::Dataset& data, const std::vector<sy::GradientSums>& sums, const sy::GrowOptions& options,
                   int threads = 1) {
  sy::ThreadPool pool(threads);
  const auto columns = static_cast<std::size_t>(data.columns());
  const sy::BinnedMatrix bins(data, 255, sy::layout_for(options, columns), pool);
  sy::RowList rows(static_cast<std::size_t>(data.rows()));
  std::vector<std::uint32_t> features(static_cast<std::size_t>(data.columns()));
  std::iota(rows.begin(), rows.end(), 0U);
  std::iota(features.begin(), features.end(), 0U);
  sy::TreeGrower grower(bins, options, pool);
  set_sums(grower, sums);
  return grower.grow(rows, features, sy::Rng(5));
}

sy::Tree grow_slowly(const sy::Dataset& data, const std::vector<sy::GradientSums>& sums,
                     const sy::GrowOptions& options) {
  std::vector<SlowTree::Row> rows;
  for (const auto& each : sums) rows.push_back({each.gradient, each.hessian, each.weight});
  SlowTree::Rules rules;
  rules.gain_scale = options.criterion.gain_scale;
  rules.leaf_scale = options.criterion.leaf_scale;
  rules.l2 = options.criterion.l2;
  rules.max_depth = options.limits.max_depth;
  rules.min_split = options.limits.min_samples_split;
  rules.min_leaf = options.limits.min_samples_leaf;
  rules.min_hessian = options.limits.min_child_hessian;
  rules.min_gain = options.limits.min_gain;
  rules.max_leaves = static_cast<std::size_t>(options.max_leaves);
  rules.best_first = options.growth == sy::Growth::leaf_wise;
  return SlowTree(data, rows, rules).grow();
}

}  // namespace

TEST_CASE("the best split is the best of all thresholds and directions") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const auto data = random_table({.rows = 5 + static_cast<sy::Index>(seed),
                                    .values = 2 + seed % 9,
                                    .missing = seed % 3 == 0 ? 0.0 : 0.3,
                                    .weights = 1 + seed % 4,
                                    .seed = seed});
    const auto sums = random_sums(data);
    sy::GrowOptions options;
    options.limits.max_depth = 1;
    options.criterion = seed % 2 == 0 ? sy::SplitCriterion::newton(0.3, 0.7) : sy::SplitCriterion::newton(1, 0);
    CAPTURE(seed);
    check_same(grow(data, sums, options).tree, grow_slowly(data, sums, options));
  }
}

TEST_CASE("whole trees equal those of an exhaustive learner") {
  struct Case {
    sy::SplitLimits limits;
    double l2 = 1;
    sy::Growth growth = sy::Growth::level_wise;
    int max_leaves = 0;
  };
  const std::vector<Case> cases{
      {.limits = {.max_depth = 5}},
      {.limits = {.max_depth = 12, .min_samples_leaf = 4}, .l2 = 0},
      {.limits = {.max_depth = 6, .min_samples_split = 40, .min_child_hessian = 2.5}},
      {.limits = {.max_depth = 6, .min_gain = 0.8}},
      {.limits = {.max_depth = 20}, .growth = sy::Growth::leaf_wise, .max_leaves = 7},
      {.limits = {.max_depth = 4, .min_samples_leaf = 3}, .growth = sy::Growth::leaf_wise, .max_leaves = 11},
      {.limits = {.max_depth = 20}, .max_leaves = 9},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    for (const double missing : {0.0, 0.25}) {
      const auto data = random_table(
          {.rows = 220, .columns = 5, .values = 14, .missing = missing, .weights = 1 + i % 2 * 2, .seed = 100 + i});
      const auto sums = random_sums(data);
      sy::GrowOptions options;
      options.criterion = sy::SplitCriterion::newton(0.1, cases[i].l2);
      options.limits = cases[i].limits;
      options.growth = cases[i].growth;
      options.max_leaves = cases[i].max_leaves;
      CAPTURE(i, missing);
      const auto expected = grow_slowly(data, sums, options);
      REQUIRE(expected.nodes.size() > 5);
      check_same(grow(data, sums, options).tree, expected);
    }
  }
}

TEST_CASE("a split's gain is the decrease of Gini impurity") {
  // Eight rows, three positive: the split sets apart two positives and one negative.
  sy::Dataset data;
  data.features.resize(8, 1);
  data.features << 1, 1, 1, 2, 2, 2, 2, 2;
  data.labels = {1, 1, 0, 1, 0, 0, 0, 0};
  data.feature_names = {"x"};
  std::vector<sy::GradientSums> sums;
  for (const auto label : data.labels) sums.push_back({static_cast<double>(label), 1, 1});
  sy::GrowOptions options;
  options.criterion = sy::SplitCriterion::gini();
  const auto tree = grow(data, sums, options).tree;
  REQUIRE(tree.nodes.size() == 3);
  const auto gini = [](double n, double positives) { return 2 * positives / n * (1 - positives / n); };
  CHECK(tree.nodes[0].gain == Approx(8 * gini(8, 3) - 3 * gini(3, 2) - 5 * gini(5, 1)));
  CHECK(tree.nodes[0].threshold == 1.5);
  CHECK_FALSE(tree.nodes[0].default_left);  // five rows against three
  CHECK(tree.nodes[0].value == Approx(3.0 / 8));
  CHECK(tree.nodes[1].value == Approx(2.0 / 3));
  CHECK(tree.nodes[2].value == Approx(1.0 / 5));
  CHECK(tree.nodes[1].cover == 3);
}

TEST_CASE("missing values alone can be told from all others") {
  sy::Dataset data;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  data.features.resize(6, 1);
  data.features << 4, nan, 7, nan, 4, nan;
  data.labels = {0, 1, 0, 1, 0, 1};
  data.feature_names = {"x"};
  std::vector<sy::GradientSums> sums;
  for (const auto label : data.labels) sums.push_back({static_cast<double>(label), 1, 1});
  sy::GrowOptions options;
  options.criterion = sy::SplitCriterion::gini();
  const auto tree = grow(data, sums, options).tree;
  REQUIRE(tree.nodes.size() == 3);
  for (const double value : {-1e300, 4.0, 1e300}) CHECK(tree.predict(std::vector{value}) == 0);
  CHECK(tree.predict(std::vector{nan}) == 1);
}

TEST_CASE("equal gains: the lower feature, then the lower threshold") {
  // Setting apart the first or the last row gains the same; column 2 is column 1 mirrored.
  sy::Dataset data;
  data.features.resize(4, 3);
  data.features << 0, 1, -1,  //
      0, 2, -2,               //
      0, 3, -3,               //
      0, 4, -4;
  data.labels = {1, 0, 0, 1};
  data.feature_names = {"constant", "x", "mirrored"};
  std::vector<sy::GradientSums> sums;
  for (const auto label : data.labels) sums.push_back({label - 0.5, 0.25, 1});
  sy::GrowOptions options;
  options.limits.max_depth = 1;
  const auto tree = grow(data, sums, options).tree;
  REQUIRE(tree.nodes.size() == 3);
  CHECK(tree.nodes[0].feature == 1);
  CHECK(tree.nodes[0].threshold == 1.5);
  CHECK_FALSE(tree.nodes[0].default_left);  // three of four rows are on the right
}

TEST_CASE("a node without anything to gain stays a leaf") {
  sy::Dataset data = random_table({.rows = 50});
  SECTION("no differences in the answer") {
    const std::vector<sy::GradientSums> sums(50, {0.1, 0.3, 1});
    CHECK(grow(data, sums, {}).tree.nodes.size() == 1);
  }
  SECTION("constant and all-missing columns") {
    data.features.col(0).setConstant(3);
    data.features.rightCols(3).setConstant(std::numeric_limits<double>::quiet_NaN());
    CHECK(grow(data, random_sums(data), {}).tree.nodes.size() == 1);
  }
  SECTION("no columns") {
    data.features.resize(50, 0);
    data.feature_names.clear();
    CHECK(grow(data, random_sums(data), {}).tree.nodes.size() == 1);
  }
}

TEST_CASE("rows of each leaf are the rows that walk to it") {
  const auto data = random_table({.rows = 300, .missing = 0.2});
  const auto grown = grow(data, random_sums(data), {});
  std::vector<bool> seen(300, false);
  REQUIRE(grown.leaves.size() > 10);
  for (const auto& leaf : grown.leaves) {
    REQUIRE(leaf.begin < leaf.end);
    for (std::size_t i = leaf.begin; i < leaf.end; ++i) {
      REQUIRE(grown.tree.predict(data.row(grown.rows[i])) == leaf.value);
      REQUIRE_FALSE(seen[grown.rows[i]]);
      seen[grown.rows[i]] = true;
    }
  }
  CHECK(std::count(seen.begin(), seen.end(), true) == 300);
}

TEST_CASE("children come after their parents, level by level, and their rows add up") {
  const auto data = random_table({.rows = 500, .missing = 0.1, .weights = 3});
  sy::GrowOptions options;
  options.growth = sy::Growth::leaf_wise;
  options.max_leaves = 20;
  const auto tree = grow(data, random_sums(data), options).tree;
  REQUIRE(tree.nodes.size() == 39);
  std::int32_t next = 1;
  for (const auto& node : tree.nodes) {
    if (node.is_leaf()) continue;
    CHECK(node.left == next);
    CHECK(node.right == next + 1);
    next += 2;
    const auto child = [&](std::int32_t index) { return tree.nodes[static_cast<std::size_t>(index)]; };
    CHECK(child(node.left).cover + child(node.right).cover == node.cover);
  }
}

TEST_CASE("a large table gives the same bits on any number of threads") {
  const auto data = random_table({.rows = 20000, .columns = 6, .values = 200, .missing = 0.1});
  const auto sums = random_sums(data);
  const auto one = grow(data, sums, {}, 1);
  for (const int threads : {2, 3, 7}) CHECK(grow(data, sums, {}, threads).tree == one.tree);
}

TEST_CASE("a deep tree is the same grown many nodes at a time or one by one") {
  const auto data = random_table({.rows = 4000, .columns = 5, .values = 300, .missing = 0.1});
  const auto sums = random_sums(data);
  sy::GrowOptions options;
  options.limits.max_depth = 40;
  const auto many = grow(data, sums, options).tree;
  REQUIRE(many.nodes.size() > 1000);
  options.max_leaves = 100'000;
  CHECK(grow(data, sums, options).tree == many);
  options.growth = sy::Growth::leaf_wise;
  CHECK(grow(data, sums, options).tree == many);
}

TEST_CASE("rows that are only led along come to the leaves they walk to and teach nothing") {
  // The first half has no missing values: what the others' do, the heavier child decides.
  auto data = random_table({.rows = 400, .missing = 0.4});
  data.features.topRows(200) = random_table({.rows = 200, .seed = 5}).features;
  auto sums = random_sums(data);
  std::fill(sums.begin() + 200, sums.end(), sy::GradientSums{});
  sy::GrowRows rows;
  for (std::uint32_t i = 0; i < 400; ++i) (i < 200 ? rows.rows : rows.others).push_back(i);
  sy::ThreadPool pool(2);
  const sy::BinnedMatrix bins(data, 255, sy::BinLayout::words, pool);
  sy::TreeGrower grower(bins, {}, pool);
  set_sums(grower, sums);
  const auto alone = grower.grow(rows.rows, {0, 1, 2, 3}, sy::Rng(5));
  const auto grown = grower.grow(rows, {0, 1, 2, 3}, sy::Rng(5));
  CHECK(grown.tree == alone.tree);
  std::vector<int> seen(400);
  REQUIRE(grown.leaves.size() > 10);
  for (const auto& leaf : grown.leaves) {
    for (std::size_t i = leaf.others.begin; i < leaf.others.end; ++i) {
      REQUIRE(grown.tree.predict(data.row(grown.others[i])) == leaf.value);
      ++seen[grown.others[i]];
    }
  }
  CHECK(std::count(seen.begin() + 200, seen.end(), 1) == 200);
}

TEST_CASE("a row of a billion's weight hides no other") {
  // Column 1 tells the light rows apart, column 0 the heavy one from them.
  sy::Dataset data;
  data.features.resize(5, 2);
  data.features << 9, 0,  //
      0, 1,               //
      0, 1,               //
      0, 2,               //
      0, 2;
  data.labels = {1, 0, 0, 1, 1};
  data.feature_names = {"x", "y"};
  data.weights = {1e9, 1, 1, 1, 1};
  std::vector<sy::GradientSums> sums;
  for (std::size_t i = 0; i < 5; ++i) {
    sums.push_back({data.weights[i] * (0.5 - data.labels[i]), data.weights[i] / 4, data.weights[i]});
  }
  sy::GrowOptions options;
  options.limits.max_depth = 3;
  options.criterion = sy::SplitCriterion::newton(1, 0);
  const auto tree = grow(data, sums, options).tree;
  REQUIRE(tree.nodes.size() == 5);
  CHECK(tree.nodes[0].cover == 1e9 + 4);
  CHECK(tree.predict(data.row(1)) == Approx(-2).epsilon(1e-9));
  CHECK(tree.predict(data.row(3)) == Approx(2).epsilon(1e-9));
}
