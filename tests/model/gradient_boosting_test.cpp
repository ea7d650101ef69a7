#include "switchyard/model/gradient_boosting.hpp"

#include "model/slow_boosting.hpp"
#include "tree/random_table.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace sy = switchyard;

namespace {

/// The constant that lifts the offsets' mean probability to the positive share, by bisection.
double slow_bias(const sy::Dataset& data, const sy::GradientBoostingOptions& options,
                 const std::vector<double>& weights) {
  double low = -100;
  double high = 100;
  while (high - low > 1e-14) {
    const double middle = (low + high) / 2;
    double excess = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const double margin = middle + slow_offset(data, i, options.offset_column);
      excess += weights[i] * (1 / (1 + std::exp(-margin)) - data.labels[i]);
    }
    (excess > 0 ? high : low) = middle;
    if (std::nextafter(low, high) >= high) break;
  }
  return low;
}

sy::Ensemble boost_classes_slowly(const sy::Dataset& data, const sy::GradientBoostingOptions& options) {
  std::vector<double> weights;
  for (std::size_t i = 0; i < data.labels.size(); ++i) {
    weights.push_back(data.weight(static_cast<sy::Index>(i)) * (data.labels[i] == 1 ? options.positive_weight : 1));
  }
  const sy::Ensemble start{.trees = {},
                           .bias = slow_bias(data, options, weights),
                           .offset_column = options.offset_column,
                           .offset_mean = slow_offset_mean(data, options.offset_column)};
  return boost_slowly(data, options, start, [&](std::size_t i, double log_odds) {
    const double p = 1 / (1 + std::exp(-log_odds));
    return SlowTree::Row{weights[i] * (p - data.labels[i]), weights[i] * p * (1 - p),
                         data.weight(static_cast<sy::Index>(i))};
  });
}

double mean_log_loss(const sy::Ensemble& ensemble, std::size_t trees, const sy::Dataset& data) {
  double loss = 0;
  for (sy::Index i = 0; i < data.rows(); ++i) {
    double margin = ensemble.bias;
    for (std::size_t t = 0; t < trees; ++t) margin += ensemble.trees[t].predict(data.row(i));
    const double p = 1 / (1 + std::exp(-margin));
    loss -= std::log(data.labels[static_cast<std::size_t>(i)] == 1 ? p : 1 - p);
  }
  return loss / static_cast<double>(data.rows());
}

}  // namespace

TEST_CASE("boosting equals boosting with an exhaustive learner") {
  const std::vector<sy::GradientBoostingOptions> cases{
      {.rounds = 12},
      {.rounds = 8, .learning_rate = 0.5, .max_depth = 3, .l2 = 0, .min_child_weight = 0},
      {.rounds = 8, .max_depth = 8, .max_leaves = 9, .growth = sy::Growth::leaf_wise, .l2 = 0, .min_samples_leaf = 7},
      {.rounds = 8, .min_split_gain = 0.5, .positive_weight = 2.5},
      {.rounds = 8, .max_depth = 4, .offset_column = 1},
      {.rounds = 8, .max_depth = 4, .positive_weight = 0.4, .offset_column = 0},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto data = random_table({.rows = 250,
                                    .columns = 5,
                                    .values = 15,
                                    .missing = i % 2 == 0 ? 0.2 : 0.0,
                                    .weights = 1 + i % 3,
                                    .seed = 11 + i});
    CAPTURE(i);
    check_same_ensemble(sy::GradientBoosting::fit(data, cases[i]).ensemble(), boost_classes_slowly(data, cases[i]));
  }
}

TEST_CASE("boosting: the same bits on any number of threads") {
  const auto data = random_table({.rows = 9000, .columns = 6, .values = 300, .missing = 0.1});
  auto options = sy::level_wise_boosting();
  options.rounds = 10;
  options.threads = 1;
  const auto one = sy::GradientBoosting::fit(data, options);
  for (const int threads : {2, 3}) {
    options.threads = threads;
    CHECK(sy::GradientBoosting::fit(data, options) == one);
  }
  options.seed = 43;
  CHECK_FALSE(sy::GradientBoosting::fit(data, options) == one);
}

TEST_CASE("boosting: whole weights equal repeated rows") {
  const auto data = random_table({.rows = 400, .columns = 4, .missing = 0.15, .weights = 4, .seed = 3});
  sy::GradientBoostingOptions options{.rounds = 15, .min_samples_leaf = 6, .positive_weight = 1.7};
  check_same_ensemble(sy::GradientBoosting::fit(data, options).ensemble(),
                      sy::GradientBoosting::fit(repeated_by_weight(data), options).ensemble());
}

TEST_CASE("boosting: leaf-wise is level-wise while the leaf budget does not bind") {
  const auto data = random_table({.rows = 1000, .columns = 5, .missing = 0.1, .seed = 8});
  sy::GradientBoostingOptions options{.rounds = 10, .max_depth = 5, .subsample = 0.7, .column_sample = 0.6};
  const auto by_level = sy::GradientBoosting::fit(data, options);
  options.growth = sy::Growth::leaf_wise;
  options.max_leaves = 32;
  CHECK(sy::GradientBoosting::fit(data, options) == by_level);
  options.max_leaves = 0;
  CHECK(sy::GradientBoosting::fit(data, options) == by_level);
  options.max_leaves = 12;
  const auto bound = sy::GradientBoosting::fit(data, options);
  for (const auto& tree : bound.ensemble().trees) CHECK(tree.nodes.size() == 23);
}

TEST_CASE("boosting: early stopping keeps the round of the lowest validation loss") {
  const auto train = random_table({.rows = 400, .columns = 4, .seed = 1});
  const auto validation = random_table({.rows = 300, .columns = 4, .seed = 2});
  const sy::GradientBoostingOptions options{.rounds = 300, .learning_rate = 0.3, .early_stopping_rounds = 7};
  std::vector<double> losses;
  const auto model = sy::GradientBoosting::fit(train, options, &validation, [&](int round, double loss) {
    losses.push_back(loss);
    CHECK(round == static_cast<int>(losses.size()));
  });
  const auto best = static_cast<std::size_t>(std::min_element(losses.begin(), losses.end()) - losses.begin()) + 1;
  REQUIRE(losses.size() < 300);
  CHECK(model.ensemble().trees.size() == best);
  CHECK(losses.size() == best + 7);
  for (std::size_t round = 1; round <= best; ++round) {
    CHECK(mean_log_loss(model.ensemble(), round, validation) == Approx(losses[round - 1]).epsilon(1e-12));
  }

  auto all = options;
  all.early_stopping_rounds = 0;
  all.rounds = static_cast<int>(losses.size());
  const auto whole = sy::GradientBoosting::fit(train, all);
  CHECK(whole.ensemble().trees.size() == losses.size());
  CHECK(std::equal(model.ensemble().trees.begin(), model.ensemble().trees.end(), whole.ensemble().trees.begin()));
}

TEST_CASE("boosting: without validation data nothing stops early") {
  const auto train = random_table({.rows = 100});
  int calls = 0;
  const auto model = sy::GradientBoosting::fit(train, {.rounds = 30, .early_stopping_rounds = 1}, nullptr,
                                               [&](int, double loss) { calls += std::isnan(loss) ? 1 : 0; });
  CHECK(model.ensemble().trees.size() == 30);
  CHECK(calls == 30);
}

TEST_CASE("boosting: row and column samples have their size, and only they are used") {
  const auto data = random_table({.rows = 4000, .columns = 10, .seed = 4});
  const auto model = sy::GradientBoosting::fit(data, {.rounds = 40, .subsample = 0.25, .column_sample = 0.31});
  double covered = 0;
  std::vector<int> used(10);
  for (const auto& tree : model.ensemble().trees) {
    covered += tree.nodes[0].cover;
    std::vector<bool> here(10);
    for (const auto& node : tree.nodes) {
      if (!node.is_leaf()) here[static_cast<std::size_t>(node.feature)] = true;
    }
    CHECK(std::count(here.begin(), here.end(), true) <= 3);
    for (std::size_t j = 0; j < 10; ++j) used[j] += here[j] ? 1 : 0;
  }
  // 40 x 4000 coins: five standard deviations are 866 rows.
  CHECK(covered == Approx(40 * 1000).margin(866));
  for (const int times : used) CHECK(times > 0);
}

TEST_CASE("boosting: a positive weight moves the mean answer as repeated positives would") {
  const auto data = random_table({.rows = 500, .columns = 3, .seed = 6});
  auto tripled = data;
  for (const auto label : data.labels) tripled.weights.push_back(label == 1 ? 3 : 1);
  const auto by_option = sy::GradientBoosting::fit(data, {.rounds = 5, .positive_weight = 3});
  const auto by_rows = sy::GradientBoosting::fit(tripled, {.rounds = 5});
  for (sy::Index i = 0; i < data.rows(); ++i) {
    CHECK(by_option.probability(data.row(i)) == Approx(by_rows.probability(data.row(i))).epsilon(1e-9));
  }
  CHECK(by_option.ensemble().trees[0].nodes[0].cover == 500);  // covers are rows, whatever their class weighs
}

TEST_CASE("boosting: log-odds that are right already leave nothing to learn") {
  // Of rows with offset o, logistic(o + 1) are positive: the bias is 1, and no split gains anything.
  sy::Dataset data;
  data.feature_names = {"offset"};
  const double odds = std::exp(1.0);
  data.features = (sy::Matrix(4, 1) << 0, 0, -1, -1).finished();
  data.labels = {1, 0, 1, 0};
  data.weights = {odds, 1, 2, 2};
  const auto model = sy::GradientBoosting::fit(data, {.rounds = 5, .min_split_gain = 1e-9, .offset_column = 0});
  CHECK(model.ensemble().bias == Approx(1).epsilon(1e-12));
  CHECK(model.ensemble().offset_mean == Approx(-4 / (odds + 5)).epsilon(1e-14));
  for (const auto& tree : model.ensemble().trees) CHECK(tree.nodes.size() == 1);
  CHECK(model.margin(std::vector{0.25}) == Approx(1.25).epsilon(1e-12));
  CHECK(model.margin(std::vector{std::nan("")}) == Approx(1).epsilon(1e-12));
}

TEST_CASE("boosting: an offset of zeros or of nothing but missing values is none") {
  auto data = random_table({.rows = 300, .columns = 4, .missing = 0.1, .seed = 21});
  const double value = GENERATE(0.0, std::numeric_limits<double>::quiet_NaN());
  data.features.col(2).setConstant(value);
  auto expected = sy::GradientBoosting::fit(data, {.rounds = 10}).ensemble();
  expected.offset_column = 2;
  CHECK(sy::GradientBoosting::fit(data, {.rounds = 10, .offset_column = 2}).ensemble() == expected);
}

TEST_CASE("boosting: the validation loss counts the offset") {
  const auto train = random_table({.rows = 400, .columns = 4, .seed = 1});
  const auto validation = random_table({.rows = 300, .columns = 4, .missing = 0.3, .seed = 2});
  std::vector<double> losses;
  const auto model = sy::GradientBoosting::fit(train, {.rounds = 3, .offset_column = 1}, &validation,
                                               [&](int, double loss) { losses.push_back(loss); });
  double expected = 0;
  for (sy::Index i = 0; i < validation.rows(); ++i) {
    const double p = model.probability(validation.row(i));
    expected -= std::log(validation.labels[static_cast<std::size_t>(i)] == 1 ? p : 1 - p) / 300;
  }
  CHECK(losses.back() == Approx(expected).epsilon(1e-12));
}

TEST_CASE("boosting: margins, probabilities and labels agree") {
  const auto data = random_table({.rows = 200, .missing = 0.2});
  const auto model = sy::GradientBoosting::fit(data, {.rounds = 5});
  const auto probabilities = model.predict_proba(data.features);
  const auto labels = model.predict(data.features);
  for (sy::Index i = 0; i < data.rows(); ++i) {
    const auto row = data.row(i);
    CHECK(probabilities[i] == model.probability(row));
    CHECK(model.probability(row) == Approx(1 / (1 + std::exp(-model.margin(row)))).epsilon(1e-14));
    CHECK(labels[static_cast<std::size_t>(i)] == (probabilities[i] > 0.5 ? 1 : 0));
  }
  CHECK(sy::GradientBoosting(model.ensemble()) == model);
  CHECK_THROWS_AS(model.probability(data.row(0).first(3)), sy::InvalidArgument);
  CHECK_THROWS_AS(model.predict_proba(data.features.leftCols(3)), sy::InvalidArgument);
}

TEST_CASE("boosting: tables with little in them") {
  auto data = random_table({.rows = 30});
  SECTION("one class") {
    data.labels.assign(30, 1);
    const auto model = sy::GradientBoosting::fit(data, {.rounds = 3});
    CHECK(model.probability(data.row(0)) == Approx(1).margin(1e-8));
    for (const auto& tree : model.ensemble().trees) CHECK(tree.nodes.size() == 1);
  }
  SECTION("one row") {
    const auto one = data.subset(std::vector<sy::Index>{4});
    const double expected = data.labels[4];
    CHECK(sy::GradientBoosting::fit(one, {.rounds = 3}).probability(one.row(0)) == Approx(expected).margin(1e-8));
  }
  SECTION("no row drawn") {
    const auto one = data.subset(std::vector<sy::Index>{4});
    const auto model = sy::GradientBoosting::fit(one, {.rounds = 20, .subsample = 1e-6});
    CHECK(model.ensemble().trees.size() == 20);
    CHECK(model.margin(one.row(0)) == model.ensemble().bias);
  }
  SECTION("nothing but missing values") {
    data.features.setConstant(std::numeric_limits<double>::quiet_NaN());
    const double mean = static_cast<double>(std::count(data.labels.begin(), data.labels.end(), 1)) / 30;
    CHECK(sy::GradientBoosting::fit(data, {.rounds = 3}).probability(data.row(0)) == Approx(mean));
  }
  SECTION("no rows") {
    const auto none = data.subset({});
    CHECK_THROWS_AS(sy::GradientBoosting::fit(none), sy::InvalidArgument);
    CHECK_THROWS_AS(sy::GradientBoosting::fit(data, {}, &none), sy::InvalidArgument);
  }
  SECTION("validation of another width") {
    const auto wide = random_table({.rows = 10, .columns = 5});
    CHECK_THROWS_AS(sy::GradientBoosting::fit(data, {}, &wide), sy::InvalidArgument);
  }
}

TEST_CASE("boosting: options are checked") {
  const auto data = random_table({.rows = 30});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<sy::GradientBoostingOptions> wrong{
      {.rounds = 0},    {.learning_rate = 0},     {.learning_rate = 1.1},  {.learning_rate = nan},
      {.max_depth = 0}, {.max_depth = 65},        {.max_leaves = 1},       {.max_leaves = -1},
      {.subsample = 0}, {.subsample = 1.5},       {.column_sample = 0},    {.l2 = -1},
      {.l2 = nan},      {.min_child_weight = -1}, {.min_samples_leaf = 0}, {.min_split_gain = -1},
      {.max_bins = 1},  {.max_bins = 256},        {.positive_weight = 0},  {.early_stopping_rounds = -1},
      {.threads = -1},  {.offset_column = -2},    {.offset_column = 4},
  };
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    CAPTURE(i);
    CHECK_THROWS_AS(sy::GradientBoosting::fit(data, wrong[i]), sy::InvalidArgument);
  }
  auto far = data;
  far.features(3, 2) = -2e100;
  CHECK_NOTHROW(sy::GradientBoosting::fit(far, {.rounds = 1}));
  CHECK_THROWS_WITH(sy::GradientBoosting::fit(far, {.offset_column = 2}), Catch::StartsWith("x2 is -2e+100"));
  CHECK_THROWS_AS(sy::GradientBoosting::fit(data, {.offset_column = 2}, &far), sy::InvalidArgument);
  CHECK_THROWS_WITH(sy::GradientBoosting::fit(data, {.rounds = 0}), Catch::StartsWith("rounds is 0; expected"));
}

TEST_CASE("boosting: merged rows give the same trees") {
  const std::vector<sy::GradientBoostingOptions> cases{
      {.rounds = 15},
      {.rounds = 10, .max_leaves = 9, .growth = sy::Growth::leaf_wise, .min_samples_leaf = 40, .positive_weight = 1.5},
      {.rounds = 10, .offset_column = 1},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    CAPTURE(i);
    auto data = random_table({.rows = 3000, .columns = 3, .values = 5, .missing = 0.1, .seed = 40 + i});
    if (i == 1) {
      for (sy::Index row = 0; row < data.rows(); ++row) data.weights.push_back(0.25 + static_cast<double>(row % 3));
    }
    const auto validation = random_table({.rows = 500, .columns = 3, .values = 5, .missing = 0.1, .seed = 90});
    auto options = cases[i];
    std::vector<double> losses[2];
    sy::Ensemble ensembles[2];
    for (const int merged : {0, 1}) {
      options.group_repeated_rows = merged == 1 ? sy::Grouping::always : sy::Grouping::never;
      ensembles[merged] = sy::GradientBoosting::fit(data, options, &validation, [&](int, double loss) {
                            losses[merged].push_back(loss);
                          }).ensemble();
    }
    check_same_ensemble(ensembles[1], ensembles[0]);
    for (std::size_t round = 0; round < losses[0].size(); ++round) {
      CHECK(losses[1][round] == Approx(losses[0][round]).epsilon(1e-12));
    }
    const auto summary = sy::summarise_grouping(data, options);
    CHECK(summary.rows == 3000);
    CHECK(summary.groups <= 2 * 5 * 6 * 5);
    options.group_repeated_rows = sy::Grouping::never;
    CHECK(sy::summarise_grouping(data, options) == sy::GroupingSummary{3000, 3000});
  }
}

TEST_CASE("boosting: validation rows are merged by the rule of training rows") {
  using enum sy::Grouping;
  sy::Dataset rows;
  rows.features = sy::Vector::LinSpaced(6, 0, 5);
  rows.labels = {0, 1, 0, 1, 0, 1};
  rows.feature_names = {"x"};
  CHECK_FALSE(sy::detail::merged_validation(rows, automatic));
  REQUIRE(sy::detail::merged_validation(rows, always));
  CHECK(sy::detail::merged_validation(rows, always)->rows() == 6);
  rows.features << 0, 1, 0, 1, 0, 2;  // three kinds of six rows
  REQUIRE(sy::detail::merged_validation(rows, automatic));
  CHECK(sy::detail::merged_validation(rows, automatic)->weights == std::vector<double>{3, 2, 1});
  CHECK_FALSE(sy::detail::merged_validation(rows, never));
  rows.labels[2] = 1;
  CHECK_FALSE(sy::detail::merged_validation(rows, automatic));
}

TEST_CASE("boosting: sampling from merged rows keeps as many as sampling row by row") {
  const auto data = random_table({.rows = 4000, .columns = 2, .values = 3, .seed = 4});
  sy::GradientBoostingOptions options{.rounds = 200, .max_depth = 1, .subsample = 0.3};
  for (const auto grouping : {sy::Grouping::always, sy::Grouping::never}) {
    options.group_repeated_rows = grouping;
    const auto model = sy::GradientBoosting::fit(data, options);
    double sum = 0;
    double squares = 0;
    for (const auto& tree : model.ensemble().trees) {
      const double z = (tree.nodes[0].cover - 1200) / std::sqrt(4000 * 0.3 * 0.7);
      sum += z;
      squares += z * z;
    }
    CHECK(sum / 200 == Approx(0).margin(5 / std::sqrt(200.0)));
    CHECK(squares / 200 == Approx(1).margin(5 * std::sqrt(2 / 200.0)));
  }
}

TEST_CASE("boosting: merged rows give the same bits on any number of threads") {
  const auto data = random_table({.rows = 60000, .columns = 3, .values = 30, .missing = 0.1});
  auto options = sy::leaf_wise_boosting();
  options.rounds = 6;
  options.subsample = 0.8;
  options.group_repeated_rows = sy::Grouping::always;
  options.threads = 1;
  const auto one = sy::GradientBoosting::fit(data, options);
  for (const int threads : {2, 7}) {
    options.threads = threads;
    CHECK(sy::GradientBoosting::fit(data, options) == one);
  }
}

TEST_CASE("boosting: rows all alike and rows of enormous weight") {
  auto data = random_table({.rows = 200});
  SECTION("all alike") {
    data.features.setConstant(2);
    const auto model = sy::GradientBoosting::fit(data, {.rounds = 3, .subsample = 0.5});
    for (const auto& tree : model.ensemble().trees) CHECK(tree.nodes.size() == 1);
  }
  SECTION("enormous weights") {
    for (std::size_t i = 0; i < 200; ++i) data.weights.push_back(i == 7 ? 1e15 : 1);
    const auto model = sy::GradientBoosting::fit(data, {.rounds = 3});
    CHECK(std::isfinite(model.margin(data.row(7))));
    CHECK(model.ensemble().trees[0].nodes[0].cover == 1e15 + 199);
  }
}
