#include "switchyard/model/paired_regression.hpp"

#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace sy = switchyard;

namespace {

/// Answers one of two numbers, as its column is below or above 0; of rows with two columns.
sy::GradientBoostingRegressor step(std::int32_t column, double below, double above) {
  sy::Ensemble ensemble;
  ensemble.features = 2;
  ensemble.trees.emplace_back();
  ensemble.trees[0].nodes = {
      {.feature = column, .left = 1, .right = 2, .threshold = 0}, {.value = below}, {.value = above}};
  return sy::GradientBoostingRegressor(ensemble);
}

/// Random steps on both columns.
sy::RegressionPair random_pair(sy::Rng& rng) {
  const auto column = static_cast<std::int32_t>(rng.below(2));
  return {step(column, rng.normal(), rng.normal()), step(1 - column, rng.normal(), rng.normal()), rng.uniform(0.1, 5)};
}

const std::vector<std::vector<double>> corners{{-1, -1}, {-1, 1}, {1, -1}, {1, 1}};

}  // namespace

TEST_CASE("paired regression says one half exactly where its predictions cross") {
  const sy::PairedRegression model({{step(0, 3, 1), step(1, 3, 2), 2}});  // zero: 3 or 1, one: 3 or 2
  CHECK(model.probability(corners[0]) == 0.5);                            // 3 and 3
  CHECK(model.probability(corners[1]) == Approx(1 / (1 + std::exp(-2.0))));
  CHECK(model.probability(corners[2]) == Approx(1 / (1 + std::exp(4.0))));
  CHECK(model.probability(corners[3]) == Approx(1 / (1 + std::exp(2.0))));
  sy::Matrix rows(4, 2);
  for (sy::Index i = 0; i < 4; ++i)
    rows.row(i) << corners[static_cast<std::size_t>(i)][0], corners[static_cast<std::size_t>(i)][1];
  CHECK(model.predict(rows) == sy::Labels{0, 1, 0, 0});
}

TEST_CASE("paired regression is as sure as the least sure of its pairs") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    sy::Rng rng(seed);
    const std::vector<sy::RegressionPair> pairs{random_pair(rng), random_pair(rng), random_pair(rng)};
    const sy::PairedRegression model(pairs);
    for (const auto& row : corners) {
      double least = 1;
      bool every = true;
      for (const auto& pair : pairs) {
        const double difference = pair.zero.predict(row) - pair.one.predict(row);
        least = std::min(least, 1 / (1 + std::exp(-pair.slope * difference)));
        every = every && difference > 0;
      }
      CHECK(model.probability(row) == Approx(least));
      CHECK((model.probability(row) > 0.5) == every);
    }
  }
}

TEST_CASE("paired regression is checked when it is made and when it is asked") {
  using Catch::Matchers::StartsWith;
  const auto good = step(0, 1, 2);
  auto wider_trees = good.ensemble();
  wider_trees.features = 3;
  const sy::GradientBoostingRegressor wider(wider_trees);
  CHECK_THROWS_WITH(sy::PairedRegression(std::vector<sy::RegressionPair>{}),
                    StartsWith("paired regression has no pairs"));
  CHECK_THROWS_AS(sy::PairedRegression({{good, wider, 1}}), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::PairedRegression({{good, good, 1}, {wider, wider, 1}}), sy::InvalidArgument);
  for (const double slope : {0.0, -2.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    CHECK_THROWS_WITH(sy::PairedRegression({{good, good, 1}, {good, good, slope}}),
                      StartsWith("slope of a regression pair is"));
  }
  const sy::PairedRegression model({{good, good, 1}});
  CHECK(model.features() == 2);
  CHECK_THROWS_AS(model.probability(std::vector{1.0}), sy::InvalidArgument);
}
