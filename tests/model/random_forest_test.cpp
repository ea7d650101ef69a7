#include "switchyard/model/random_forest.hpp"

#include "tree/random_table.hpp"
#include "tree/same_tree.hpp"
#include "tree/slow_tree.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace sy = switchyard;

namespace {

/// Small leaves, so that a small table grows a deep tree.
constexpr sy::RandomForestOptions small_leaves{.trees = 20, .min_samples_split = 4, .min_samples_leaf = 2};

/// One tree on all rows and columns.
sy::RandomForestOptions plain_tree(const sy::Dataset& data) {
  auto options = small_leaves;
  options.trees = 1;
  options.bootstrap = false;
  options.max_features = static_cast<int>(data.columns());
  return options;
}

}  // namespace

TEST_CASE("forest: a tree on all rows and columns equals an exhaustive Gini tree") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const auto data =
        random_table({.rows = 300, .columns = 5, .values = 15, .missing = 0.2, .weights = 1 + seed % 2, .seed = seed});
    auto options = plain_tree(data);
    options.positive_weight = seed > 2 ? 2.5 : 1;
    std::vector<SlowTree::Row> rows;
    for (sy::Index i = 0; i < data.rows(); ++i) {
      const bool positive = data.labels[static_cast<std::size_t>(i)] == 1;
      const double weight = data.weight(i) * (positive ? options.positive_weight : 1);
      rows.push_back({positive ? weight : 0, weight, data.weight(i)});
    }
    SlowTree::Rules rules{.gain_scale = 2, .leaf_scale = 1, .l2 = 0, .max_depth = 15, .min_split = 4, .min_leaf = 2};
    const auto forest = sy::RandomForest::fit(data, options);
    REQUIRE(forest.ensemble().trees[0].nodes.size() > 20);
    check_same(forest.ensemble().trees[0], SlowTree(data, rows, rules).grow());
  }
}

TEST_CASE("forest: whole weights equal repeated rows") {
  const auto data = random_table({.rows = 300, .columns = 4, .missing = 0.1, .weights = 4, .seed = 9});
  auto options = plain_tree(data);
  options.min_samples_leaf = 9;
  options.min_samples_split = 25;
  check_same(sy::RandomForest::fit(data, options).ensemble().trees[0],
             sy::RandomForest::fit(repeated_by_weight(data), options).ensemble().trees[0]);
}

TEST_CASE("forest: the same bits on any number of threads") {
  const auto data = random_table({.rows = 2000, .columns = 9, .values = 300, .missing = 0.1});
  auto options = small_leaves;
  options.threads = 1;
  const auto one = sy::RandomForest::fit(data, options);
  for (const int threads : {2, 3}) {
    options.threads = threads;
    CHECK(sy::RandomForest::fit(data, options) == one);
  }
  options.seed = 43;
  CHECK_FALSE(sy::RandomForest::fit(data, options) == one);
}

TEST_CASE("forest: limits hold in every node") {
  const auto data = random_table({.rows = 3000, .columns = 6, .values = 100});
  const auto forest = sy::RandomForest::fit(data, {.trees = 5, .max_depth = 4});
  for (const auto& tree : forest.ensemble().trees) {
    CHECK(tree.nodes[0].cover == 3000);
    CHECK(tree.nodes.size() <= 31);
    for (const auto& node : tree.nodes) {
      CHECK(node.cover >= (node.is_leaf() ? 50 : 100));
      CHECK(node.value >= 0);
      CHECK(node.value <= 1);
    }
  }
}

TEST_CASE("forest: probabilities are the mean of the trees' leaves") {
  const auto data = random_table({.rows = 500, .missing = 0.2});
  const auto forest = sy::RandomForest::fit(data, small_leaves);
  const auto probabilities = forest.predict_proba(data.features);
  const auto labels = forest.predict(data.features);
  for (sy::Index i = 0; i < data.rows(); ++i) {
    double sum = 0;
    for (const auto& tree : forest.ensemble().trees) sum += tree.predict(data.row(i));
    CHECK(probabilities[i] == Approx(sum / 20).epsilon(1e-14));
    CHECK(probabilities[i] == forest.probability(data.row(i)));
    CHECK(labels[static_cast<std::size_t>(i)] == (probabilities[i] > 0.5 ? 1 : 0));
  }
  CHECK(forest.ensemble().bias == 0);
  CHECK(sy::RandomForest(forest.ensemble()) == forest);
  CHECK_THROWS_AS(forest.probability(data.row(0).first(3)), sy::InvalidArgument);
}

TEST_CASE("forest: each split chooses among its own sample of columns") {
  // Column 0 alone decides the label, so it would be every root if every split saw it.
  auto data = random_table({.rows = 2000, .columns = 16, .values = 40});
  for (sy::Index i = 0; i < data.rows(); ++i) {
    data.labels[static_cast<std::size_t>(i)] = data.features(i, 0) > 3 ? 1 : 0;
  }
  auto options = small_leaves;
  options.trees = 200;
  const auto roots_on = [&](std::int32_t feature) {
    const auto forest = sy::RandomForest::fit(data, options);
    const auto& trees = forest.ensemble().trees;
    return std::count_if(trees.begin(), trees.end(),
                         [&](const auto& tree) { return tree.nodes[0].feature == feature; });
  };
  // 4 of 16 columns: binomial with mean 50; five standard deviations are 31.
  CHECK(roots_on(0) == Approx(50).margin(31));
  options.max_features = 16;
  CHECK(roots_on(0) == 200);
}

TEST_CASE("forest: constant columns do not use up the sample") {
  auto data = random_table({.rows = 500, .columns = 8});
  data.features.leftCols(7).setConstant(1);
  auto options = small_leaves;
  options.max_features = 1;
  const auto forest = sy::RandomForest::fit(data, options);
  for (const auto& tree : forest.ensemble().trees) REQUIRE(tree.nodes[0].feature == 7);
}

TEST_CASE("bootstrap: counts add up, differ by tree and follow the weights") {
  const auto data = random_table({.rows = 4000});
  const auto counts = sy::bootstrap_counts(data, sy::Rng(1));
  CHECK(std::accumulate(counts.begin(), counts.end(), 0.0) == 4000);
  // A row is left out with chance (1 - 1/n)^n, nearly 1/e; five standard deviations of the share are 0.025.
  CHECK(static_cast<double>(std::count(counts.begin(), counts.end(), 0.0)) / 4000 == Approx(0.3679).margin(0.025));
  CHECK(sy::bootstrap_counts(data, sy::Rng(2)) != counts);

  auto weighted = data.subset(std::vector<sy::Index>{0, 1, 2});
  weighted.weights = {9000, 900, 100};
  const auto drawn = sy::bootstrap_counts(weighted, sy::Rng(3));
  CHECK(drawn[0] + drawn[1] + drawn[2] == 10000);
  CHECK(drawn[0] == Approx(9000).margin(150));
  CHECK(drawn[1] == Approx(900).margin(143));
  CHECK(drawn[2] == Approx(100).margin(50));
}

TEST_CASE("row sampling keeps a weighted row's rows one by one") {
  auto data = random_table({.rows = 2});
  data.weights = {4000, 0.5};
  sy::Rng random(5);
  int kept_remainders = 0;
  for (int i = 0; i < 400; ++i) {
    const auto kept = sy::bernoulli_weights(data, 0.25, random);
    REQUIRE(kept[0] == Approx(1000).margin(165));  // six standard deviations
    REQUIRE((kept[1] == 0 || kept[1] == 0.5));
    kept_remainders += kept[1] > 0;
  }
  CHECK(kept_remainders == Approx(100).margin(44));
}

TEST_CASE("forest: tables with little in them") {
  auto data = random_table({.rows = 30});
  SECTION("one class") {
    data.labels.assign(30, 1);
    CHECK(sy::RandomForest::fit(data, small_leaves).probability(data.row(0)) == 1);
  }
  SECTION("one row") {
    const auto one = data.subset(std::vector<sy::Index>{4});
    CHECK(sy::RandomForest::fit(one, small_leaves).probability(one.row(0)) == data.labels[4]);
  }
  SECTION("nothing but missing values") {
    data.features.setConstant(std::numeric_limits<double>::quiet_NaN());
    auto options = small_leaves;
    options.bootstrap = false;
    const double mean = static_cast<double>(std::count(data.labels.begin(), data.labels.end(), 1)) / 30;
    CHECK(sy::RandomForest::fit(data, options).probability(data.row(0)) == Approx(mean));
  }
  SECTION("no rows") { CHECK_THROWS_AS(sy::RandomForest::fit(data.subset({})), sy::InvalidArgument); }
}

TEST_CASE("forest: options are checked") {
  const auto data = random_table({.rows = 30});
  const std::vector<sy::RandomForestOptions> wrong{
      {.trees = 0},         {.max_depth = 0},    {.max_depth = 65}, {.min_samples_split = 1}, {.min_samples_leaf = 0},
      {.max_features = -1}, {.max_features = 5}, {.max_bins = 1},   {.max_bins = 256},        {.positive_weight = -1},
      {.threads = -1},
  };
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    CAPTURE(i);
    CHECK_THROWS_AS(sy::RandomForest::fit(data, wrong[i]), sy::InvalidArgument);
  }
  auto heavy = data;
  heavy.weights.assign(30, 1e9);
  CHECK_THROWS_WITH(sy::RandomForest::fit(heavy), Catch::StartsWith("sum of weights is"));
}

TEST_CASE("forest: merged rows give the same bits, bootstrap and all") {
  auto data = random_table({.rows = 3000, .columns = 6, .values = 2, .missing = 0.1});
  for (const bool weighted : {false, true}) {
    if (weighted) {
      for (sy::Index i = 0; i < data.rows(); ++i) data.weights.push_back(1 + 0.5 * static_cast<double>(i % 3));
    }
    for (const bool bootstrap : {true, false}) {
      auto options = small_leaves;
      options.bootstrap = bootstrap;
      options.group_repeated_rows = sy::Grouping::never;
      const auto rows = sy::RandomForest::fit(data, options);
      options.group_repeated_rows = sy::Grouping::automatic;
      CHECK(sy::RandomForest::fit(data, options) == rows);
      const auto summary = sy::summarise_grouping(data, options);
      CHECK(summary.rows == 3000);
      CHECK(summary.groups <= 2 * 8 * 27);
    }
  }
}

TEST_CASE("rows are drawn evenly") {
  for (const std::uint32_t rows : {1U, 3U, 1000U}) {
    std::vector<double> counts(rows);
    sy::draw_rows(rows, 100 * rows, sy::Rng(rows), [&](std::uint32_t row) { counts.at(row) += 1; });
    double statistic = 0;
    for (const double count : counts) statistic += (count - 100) * (count - 100) / 100;
    CHECK(statistic <= rows - 1 + 5 * std::sqrt(2.0 * (rows - 1)));
    CHECK(std::accumulate(counts.begin(), counts.end(), 0.0) == 100 * rows);
  }
}
