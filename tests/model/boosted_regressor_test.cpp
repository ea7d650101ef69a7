#include "switchyard/model/boosted_regressor.hpp"

#include "missing.hpp"
#include "model/slow_boosting.hpp"
#include "tree/random_table.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace sy = switchyard;

namespace {

/// Numbers that depend on the table's columns, with noise.
std::vector<double> random_targets(const sy::Dataset& data, std::uint64_t seed = 1) {
  sy::Rng rng(seed);
  std::vector<double> targets;
  for (sy::Index i = 0; i < data.rows(); ++i) {
    double target = 3 + 0.5 * rng.normal();
    for (sy::Index j = 0; j < data.columns(); ++j) {
      const double value = data.features(i, j);
      target += std::isnan(value) ? 1.3 : std::cos(1.5 * value + static_cast<double>(j));
    }
    targets.push_back(target);
  }
  return targets;
}

sy::Ensemble boost_numbers_slowly(const sy::Dataset& data, const std::vector<double>& targets,
                                  const sy::GradientBoostingOptions& options) {
  double residuals = 0;
  double weights = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const double weight = data.weight(static_cast<sy::Index>(i));
    residuals += weight * (targets[i] - slow_offset(data, i, options.offset_column));
    weights += weight;
  }
  const sy::Ensemble start{.trees = {},
                           .bias = residuals / weights,
                           .offset_column = options.offset_column,
                           .offset_mean = slow_offset_mean(data, options.offset_column)};
  return boost_slowly(data, options, start, [&](std::size_t i, double answer) {
    const double weight = data.weight(static_cast<sy::Index>(i));
    return SlowTree::Row{weight * (answer - targets[i]), weight, weight};
  });
}

sy::Dataset one_column(const std::vector<double>& values) {
  sy::Dataset data;
  data.feature_names = {"x"};
  data.features = Eigen::Map<const sy::Vector>(values.data(), static_cast<sy::Index>(values.size()));
  data.labels.assign(values.size(), 0);
  return data;
}

double mean_squared_error(const sy::Ensemble& ensemble, std::size_t trees, const sy::RegressionData& data) {
  double sum = 0;
  for (sy::Index i = 0; i < data.rows.rows(); ++i) {
    double answer = ensemble.bias + ensemble.offset(data.rows.row(i));
    for (std::size_t t = 0; t < trees; ++t) answer += ensemble.trees[t].predict(data.rows.row(i));
    sum += std::pow(answer - data.targets[static_cast<std::size_t>(i)], 2);
  }
  return sum / static_cast<double>(data.targets.size());
}

}  // namespace

TEST_CASE("regressor: two stumps by hand") {
  const auto data = one_column({1, 2, 3, 4});
  const std::vector<double> targets{1, 2, 6, 9};
  const auto model =
      sy::GradientBoostingRegressor::fit({data, targets}, {.rounds = 2, .learning_rate = 0.5, .max_depth = 1, .l2 = 0});
  const sy::Ensemble& ensemble = model.ensemble();
  CHECK(ensemble.bias == 4.5);
  CHECK(ensemble.scale == 1);
  REQUIRE(ensemble.trees.size() == 2);
  // Residuals -3.5 -2.5 | 1.5 4.5: means -3 and 3, gain (6^2 / 2 + 6^2 / 2) / 2.
  CHECK(ensemble.trees[0].nodes[0].threshold == 2.5);
  CHECK(ensemble.trees[0].nodes[0].gain == 18);
  CHECK(ensemble.trees[0].nodes[1].value == -1.5);
  CHECK(ensemble.trees[0].nodes[2].value == 1.5);
  // Residuals -2 -1 0 | 3: means -1 and 3, gain (3^2 / 3 + 3^2) / 2.
  CHECK(ensemble.trees[1].nodes[0].threshold == 3.5);
  CHECK(ensemble.trees[1].nodes[0].gain == 6);
  CHECK(ensemble.trees[1].nodes[1].cover == 3);
  CHECK(model.predict(data.features) == Eigen::Vector4d(2.5, 2.5, 5.5, 7.5));
}

TEST_CASE("regressor: an offset by hand, which the tree splits on too") {
  const auto data = one_column({1, 2, missing, 4});
  const std::vector<double> targets{1, 2, 4, 8};  // beyond the offset 0 0 4 4, mean 2
  const auto model = sy::GradientBoostingRegressor::fit(
      {data, targets}, {.rounds = 1, .learning_rate = 1, .max_depth = 1, .l2 = 0, .offset_column = 0});
  CHECK(model.ensemble().bias == 2);
  CHECK(model.ensemble().offset_column == 0);
  CHECK(model.ensemble().offset_mean == 1.75);
  CHECK(model.predict(data.features) == Eigen::Vector4d(1, 2, 4, 8));
  CHECK(model.predict(std::vector{100.0}) == 104);
}

TEST_CASE("regressor: boosting equals boosting with an exhaustive learner") {
  const std::vector<sy::GradientBoostingOptions> cases{
      {.rounds = 12},
      {.rounds = 8, .learning_rate = 0.5, .max_depth = 3, .l2 = 0, .min_child_weight = 9, .offset_column = 0},
      {.rounds = 8, .max_depth = 8, .max_leaves = 9, .growth = sy::Growth::leaf_wise, .l2 = 0, .min_samples_leaf = 7},
      {.rounds = 8, .max_depth = 5, .min_split_gain = 2.5, .offset_column = 3},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto data = random_table({.rows = 250,
                                    .columns = 5,
                                    .values = 15,
                                    .missing = i % 2 == 0 ? 0.2 : 0.1,
                                    .weights = 1 + i % 3,
                                    .seed = 31 + i});
    // Times 20, so that the unit is not 1 and all that is stored must have been brought back from it.
    auto targets = random_targets(data);
    for (double& target : targets) target *= 20;
    CAPTURE(i);
    check_same_ensemble(sy::GradientBoostingRegressor::fit({data, targets}, cases[i]).ensemble(),
                        boost_numbers_slowly(data, targets, cases[i]));
  }
}

TEST_CASE("regressor: an offset is taken off the targets and added to the answers") {
  const auto data = random_table({.rows = 600, .columns = 4, .missing = 0.2, .weights = 3, .seed = 12});
  const auto targets = random_targets(data);
  std::vector<double> rest;
  for (std::size_t i = 0; i < targets.size(); ++i) rest.push_back(targets[i] - slow_offset(data, i, 1));
  sy::GradientBoostingOptions options = sy::level_wise_boosting();
  options.rounds = 20;
  const auto plain = sy::GradientBoostingRegressor::fit({data, rest}, options);
  options.offset_column = 1;
  const auto offset = sy::GradientBoostingRegressor::fit({data, targets}, options);
  for (sy::Index i = 0; i < data.rows(); ++i) {
    const double expected = plain.predict(data.row(i)) + slow_offset(data, static_cast<std::size_t>(i), 1);
    CHECK(offset.predict(data.row(i)) == Approx(expected).epsilon(1e-10));
  }
}

TEST_CASE("regressor: the targets' scale changes nothing, down to billionths") {
  const auto data = random_table({.rows = 500, .columns = 4, .missing = 0.1, .seed = 17});
  const auto targets = random_targets(data);
  const auto model = sy::GradientBoostingRegressor::fit({data, targets}, {.rounds = 30});
  for (const double factor : {0x1p-30, 0x1p-200, 0x1p40}) {
    CAPTURE(factor);
    auto scaled = targets;
    for (double& target : scaled) target *= factor;
    const auto of_scaled = sy::GradientBoostingRegressor::fit({data, scaled}, {.rounds = 30});
    CHECK(of_scaled.predict(data.features) == sy::Vector(model.predict(data.features) * factor));
  }
}

TEST_CASE("regressor: the same bits on any number of threads") {
  const auto data = random_table({.rows = 9000, .columns = 6, .values = 300, .missing = 0.1});
  const auto targets = random_targets(data);
  auto options = sy::level_wise_boosting();
  options.rounds = 10;
  options.offset_column = 2;
  options.threads = 1;
  const auto one = sy::GradientBoostingRegressor::fit({data, targets}, options);
  for (const int threads : {2, 3}) {
    options.threads = threads;
    CHECK(sy::GradientBoostingRegressor::fit({data, targets}, options) == one);
  }
  options.seed = 43;
  CHECK_FALSE(sy::GradientBoostingRegressor::fit({data, targets}, options) == one);
}

TEST_CASE("regressor: whole weights equal repeated rows") {
  auto data = random_table({.rows = 400, .columns = 4, .missing = 0.15, .weights = 4, .seed = 3});
  const auto targets = random_targets(data);
  std::vector<double> repeated;
  for (std::size_t i = 0; i < targets.size(); ++i)
    repeated.insert(repeated.end(), static_cast<std::size_t>(data.weights[i]), targets[i]);
  const sy::GradientBoostingOptions options{.rounds = 15, .min_samples_leaf = 6, .offset_column = 1};
  const auto copies = repeated_by_weight(data);
  check_same_ensemble(sy::GradientBoostingRegressor::fit({data, targets}, options).ensemble(),
                      sy::GradientBoostingRegressor::fit({copies, repeated}, options).ensemble());
}

TEST_CASE("regressor: early stopping keeps the round of the lowest squared error") {
  const auto train = random_table({.rows = 300, .columns = 4, .seed = 1});
  const auto other = random_table({.rows = 300, .columns = 4, .missing = 0.1, .seed = 2});
  const auto train_targets = random_targets(train, 1);
  const auto other_targets = random_targets(other, 2);
  const sy::RegressionData validation{other, other_targets};
  const sy::GradientBoostingOptions options{
      .rounds = 400, .learning_rate = 0.3, .offset_column = 1, .early_stopping_rounds = 7};
  std::vector<double> losses;
  const auto model =
      sy::GradientBoostingRegressor::fit({train, train_targets}, options, &validation, [&](int round, double loss) {
        losses.push_back(loss);
        CHECK(round == static_cast<int>(losses.size()));
      });
  const auto best = static_cast<std::size_t>(std::min_element(losses.begin(), losses.end()) - losses.begin()) + 1;
  REQUIRE(losses.size() < 400);
  CHECK(model.ensemble().trees.size() == best);
  CHECK(losses.size() == best + 7);
  for (std::size_t round = 1; round <= best; ++round) {
    CHECK(mean_squared_error(model.ensemble(), round, validation) == Approx(losses[round - 1]).epsilon(1e-12));
  }
}

TEST_CASE("regressor: one row and many give the same bits") {
  const auto data = random_table({.rows = 200, .missing = 0.2});
  const auto model = sy::GradientBoostingRegressor::fit({data, random_targets(data)}, {.rounds = 5});
  const auto answers = model.predict(data.features);
  for (sy::Index i = 0; i < data.rows(); ++i) CHECK(answers[i] == model.predict(data.row(i)));
  CHECK(model.predict(data.features.middleRows(7, 5)) == answers.segment(7, 5));
  CHECK(sy::GradientBoostingRegressor(model.ensemble()) == model);
  CHECK(model.features() == 4);
  CHECK_THROWS_AS(model.predict(data.row(0).first(3)), sy::InvalidArgument);
  CHECK_THROWS_AS(model.predict(data.features.leftCols(3)), sy::InvalidArgument);
}

TEST_CASE("regressor: tables with little in them") {
  const auto data = random_table({.rows = 30, .weights = 3});
  SECTION("constant targets") {
    const auto model = sy::GradientBoostingRegressor::fit({data, std::vector<double>(30, 0.1)}, {.rounds = 5, .l2 = 0});
    CHECK(model.predict(data.row(3)) == Approx(0.1).epsilon(1e-15));
    for (const auto& tree : model.ensemble().trees) CHECK(tree.nodes.size() == 1);
  }
  SECTION("one row") {
    const auto one = data.subset(std::vector<sy::Index>{4});
    CHECK(sy::GradientBoostingRegressor::fit({one, std::vector{-7.5}}, {.rounds = 3}).predict(one.row(0)) == -7.5);
  }
  SECTION("nothing but missing values, the offset too") {
    auto empty = data;
    empty.features.setConstant(missing);
    const auto targets = random_targets(data);
    const auto model = sy::GradientBoostingRegressor::fit({empty, targets}, {.rounds = 3, .offset_column = 0});
    CHECK(model.predict(empty.row(0)) == Approx(model.ensemble().bias).epsilon(1e-12));
    CHECK(model.ensemble().offset_mean == 0);
  }
  SECTION("numbers of any size") {
    std::vector<double> targets(30, 1e100);
    targets[3] = -1e100;
    const auto model = sy::GradientBoostingRegressor::fit({data, targets}, {.rounds = 20});
    CHECK(std::isfinite(model.predict(data.features).sum()));
    targets.assign(30, 0);
    targets[3] = 5e-324;
    CHECK(std::isfinite(sy::GradientBoostingRegressor::fit({data, targets}, {.rounds = 20}).predict(data.row(3))));
  }
}

TEST_CASE("regressor: what cannot be learned from is refused") {
  using Regressor = sy::GradientBoostingRegressor;
  const auto data = random_table({.rows = 30});
  const auto targets = random_targets(data);
  for (const double bad :
       {missing, std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(), 2e100}) {
    auto wrong = targets;
    wrong[7] = bad;
    const sy::RegressionData validation{data, wrong};
    CHECK_THROWS_WITH(Regressor::fit({data, wrong}), Catch::StartsWith("target is "));
    CHECK_THROWS_AS(Regressor::fit({data, targets}, {}, &validation), sy::InvalidArgument);
  }
  CHECK_THROWS_WITH(Regressor::fit({data, std::vector<double>(29)}), "targets has 29 values; expected 30");
  CHECK_THROWS_AS(Regressor::fit({data, {}}), sy::InvalidArgument);
  CHECK_THROWS_AS(Regressor::fit({data.subset({}), {}}), sy::InvalidArgument);
  CHECK_THROWS_AS(Regressor::fit({data, targets}, {.rounds = 0}), sy::InvalidArgument);
  CHECK_THROWS_AS(Regressor::fit({data, targets}, {.offset_column = 4}), sy::InvalidArgument);
  CHECK_THROWS_AS(Regressor::fit({data, targets}, {.offset_column = -2}), sy::InvalidArgument);
  CHECK_THROWS_AS(Regressor::fit({data, targets}, {.positive_weight = 2}), sy::InvalidArgument);
  const auto wide = random_table({.rows = 30, .columns = 5});
  const sy::RegressionData validation{wide, targets};
  CHECK_THROWS_AS(Regressor::fit({data, targets}, {}, &validation), sy::InvalidArgument);
}
