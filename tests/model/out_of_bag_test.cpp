#include "switchyard/model/out_of_bag.hpp"

#include "tree/random_table.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

namespace sy = switchyard;

TEST_CASE("out-of-bag answers come from the trees that did not see the row") {
  const auto data = random_table({.rows = 400, .columns = 5, .missing = 0.1});
  const sy::RandomForestOptions options{.trees = 25, .min_samples_split = 40, .min_samples_leaf = 20};
  const auto forest = sy::RandomForest::fit(data, options);
  const auto result = sy::out_of_bag(forest, data, options);

  std::vector<std::vector<double>> counts;
  for (std::size_t t = 0; t < 25; ++t) {
    counts.push_back(sy::bootstrap_counts(data, sy::Rng::stream(options.seed, 2 * t)));
    // The draw is the one the tree was grown on: its leaves hold just these rows.
    const auto& tree = forest.ensemble().trees[t];
    std::vector<double> covers(tree.nodes.size());
    for (sy::Index i = 0; i < data.rows(); ++i)
      covers[tree.leaf_index(data.row(i))] += counts[t][static_cast<std::size_t>(i)];
    for (std::size_t n = 0; n < covers.size(); ++n) {
      if (tree.nodes[n].is_leaf()) REQUIRE(covers[n] == tree.nodes[n].cover);
    }
  }
  double loss = 0;
  double right = 0;
  double rows = 0;
  for (sy::Index i = 0; i < data.rows(); ++i) {
    const auto row = static_cast<std::size_t>(i);
    double sum = 0;
    double asked = 0;
    for (std::size_t t = 0; t < 25; ++t) {
      if (counts[t][row] > 0) continue;
      sum += forest.ensemble().trees[t].predict(data.row(i));
      asked += 1;
    }
    if (asked == 0) {
      REQUIRE(std::isnan(result.probabilities[i]));
      continue;
    }
    REQUIRE(result.probabilities[i] == Approx(sum / asked).epsilon(1e-14));
    const bool positive = data.labels[row] == 1;
    loss -= std::log(std::max(positive ? sum / asked : 1 - sum / asked, 1e-15));
    right += (sum / asked > 0.5) == positive ? 1 : 0;
    rows += 1;
  }
  CHECK(result.log_loss == Approx(loss / rows).epsilon(1e-9));
  CHECK(result.accuracy == Approx(right / rows));
}

TEST_CASE("rows every tree saw have no out-of-bag answer") {
  const auto data = random_table({.rows = 60});
  const sy::RandomForestOptions options{.trees = 1};
  const auto result = sy::out_of_bag(sy::RandomForest::fit(data, options), data, options);
  const auto counts = sy::bootstrap_counts(data, sy::Rng::stream(42, 0));
  for (sy::Index i = 0; i < 60; ++i)
    CHECK(std::isnan(result.probabilities[i]) == (counts[static_cast<std::size_t>(i)] > 0));

  const auto one = data.subset(std::vector<sy::Index>{0});
  const auto nothing = sy::out_of_bag(sy::RandomForest::fit(one, options), one, options);
  CHECK(std::isnan(nothing.log_loss));
  CHECK(std::isnan(nothing.accuracy));
}

TEST_CASE("out-of-bag needs the forest's own options") {
  const auto data = random_table({.rows = 60});
  const sy::RandomForestOptions options{.trees = 3};
  const auto forest = sy::RandomForest::fit(data, options);
  CHECK_THROWS_AS(sy::out_of_bag(forest, data, {.trees = 4}), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::out_of_bag(forest, data, {.trees = 3, .bootstrap = false}), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::out_of_bag(forest, random_table({.rows = 60, .columns = 5}), options), sy::InvalidArgument);
}
