#include "switchyard/model/hand_rule.hpp"

#include "switchyard/core/random.hpp"

#include "missing.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace sy = switchyard;

namespace {

/// Column 0: the advantage; 1: the level, 0 to 2; 2: noise. Label 1 is likely where the advantage is positive, and
/// never right at level 2.
sy::Dataset random_rows(std::uint64_t seed, sy::Index rows = 400) {
  sy::Rng rng(seed);
  sy::Dataset data;
  data.feature_names = {"advantage", "level", "noise"};
  data.features.resize(rows, 3);
  const double sharpness = rng.uniform(0.2, 5);
  for (sy::Index i = 0; i < rows; ++i) {
    const double advantage = rng.uniform(-4, 4);
    const auto level = static_cast<double>(rng.below(3));
    const bool likely = level < 2 && rng.bernoulli(sy::logistic(sharpness * advantage));
    data.features.row(i) << (i % 11 == 0 ? missing : advantage), level, rng.normal();
    data.labels.push_back(likely ? 1 : 0);
    data.weights.push_back(rng.uniform(0.5, 2));
  }
  return data;
}

const std::vector<bool> all_but_last{true, true, false};

/// Log-loss of logistic(slope x advantage) over the rows that the advantage decides.
double loss_at(const sy::Dataset& data, double slope) {
  double loss = 0;
  for (sy::Index i = 0; i < data.rows(); ++i) {
    const double advantage = data.features(i, 0);
    if (std::isnan(advantage) || data.features(i, 1) > 1) continue;
    const double sign = data.labels[static_cast<std::size_t>(i)] == 1 ? 1 : -1;
    loss += data.weight(i) * std::log1p(std::exp(-sign * slope * advantage));
  }
  return loss;
}

}  // namespace

TEST_CASE("the hand rule changes its mind exactly where the advantage changes its sign") {
  const auto rule = sy::HandRule::fit(random_rows(1), {0, 1}, all_but_last);
  for (const double level : {0.0, 1.0}) {
    CHECK(rule.probability(std::vector{0.0, level, 9.0}) == 0.5);
    for (const double advantage : {1e-12, 1e-3, 0.5, 4.0, 1e6}) {
      INFO(level << ' ' << advantage);
      CHECK(rule.probability(std::vector{advantage, level, 9.0}) > 0.5);
      CHECK(rule.probability(std::vector{-advantage, level, 9.0}) < 0.5);
      CHECK(rule.probability(std::vector{advantage, level, 9.0}) ==
            Approx(1 / (1 + std::exp(-rule.slope() * advantage))));
    }
  }
  sy::Matrix rows(3, 3);
  rows << 1, 0, 5, 0, 0, 5, -1, 0, 5;
  CHECK(rule.predict(rows) == sy::Labels{1, 0, 0});
}

TEST_CASE("where the advantage is missing or does not decide, the hand rule says the level's base rate") {
  sy::Dataset data;
  data.feature_names = {"advantage", "level"};
  data.features.resize(9, 2);
  data.features << 1, 0, 1, 0, -1, 0, 1, 1, 1, 1, 1, 1, 1, 2, 1, 9, 1, missing;
  data.labels = {1, 1, 0, 1, 1, 0, 0, 1, 1};
  const auto rule = sy::HandRule::fit(data, {0, 1}, {true, false, false, true});
  const std::vector<double> rates{3.0 / 5, 0.5, 1.0 / 3, 0.5};  // (ones + 1) / (rows + 2); level 1 may not say 1
  REQUIRE(rule.levels().size() == 4);
  for (std::size_t level = 0; level < 4; ++level) {
    INFO(level);
    CHECK(rule.levels()[level].base_rate == Approx(rates[level]));
    CHECK(rule.probability(std::vector{missing, static_cast<double>(level)}) == Approx(rates[level]));
  }
  for (const double advantage : {-4.0, 0.0, 4.0, missing}) {
    CHECK(rule.probability(std::vector{advantage, 1.0}) == Approx(0.5));
    CHECK(rule.probability(std::vector{advantage, 2.0}) == Approx(1.0 / 3));
  }
  sy::Matrix undecided(2, 2);
  undecided << 4, 1, 4, 2;
  CHECK(rule.predict(undecided) == sy::Labels{0, 0});
}

TEST_CASE("a level that the hand rule does not know leaves the decision to the advantage") {
  const auto rule = sy::HandRule::fit(random_rows(2), {0, 1}, all_but_last);
  for (const double level : {3.0, 1e300, -1.0, missing}) {
    INFO(level);
    CHECK(rule.probability(std::vector{2.0, level, 0.0}) == sy::logistic(2 * rule.slope()));
    CHECK(rule.probability(std::vector{missing, level, 0.0}) == 0.5);
  }
}

TEST_CASE("the hand rule's slope is the most likely one") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    INFO(seed);
    const auto data = random_rows(seed);
    const double slope = sy::HandRule::fit(data, {0, 1}, all_but_last).slope();
    const double step = 1e-4 * slope;
    const double gradient = (loss_at(data, slope + step) - loss_at(data, slope - step)) / (2 * step);
    CHECK(std::abs(gradient) < 1e-3 * static_cast<double>(data.rows()) / slope);
    for (double other = slope / 8; other <= 8 * slope; other *= 1.1)
      CHECK(loss_at(data, slope) <= loss_at(data, other));
  }
}

TEST_CASE("a hand rule does not turn round, whatever the labels say") {
  auto data = random_rows(3);
  for (auto& label : data.labels) label = label == 1 ? 0 : 1;
  const auto rule = sy::HandRule::fit(data, {0, 1}, {true, true, true});
  CHECK(rule.slope() > 0);
  CHECK(rule.slope() < 0.01);
  CHECK(rule.probability(std::vector{1.0, 0.0, 0.0}) > 0.5);
}

TEST_CASE("rows of one label or without advantage still give a finite hand rule") {
  auto data = random_rows(4);
  for (std::size_t i = 0; i < data.labels.size(); ++i)
    data.labels[i] = data.features(static_cast<int>(i), 0) > 0 ? 1 : 0;
  const auto separable = sy::HandRule::fit(data, {0, 1}, all_but_last);
  CHECK(std::isfinite(separable.slope()));
  CHECK(separable.probability(std::vector{1.0, 0.0, 0.0}) > 0.99);
  data.features.col(0).setConstant(missing);
  const auto blind = sy::HandRule::fit(data, {0, 1}, all_but_last);
  CHECK(blind.slope() == 1);
  const auto none = sy::HandRule::fit(data.subset({}), {0, 1}, all_but_last);
  CHECK(none.levels() == std::vector<sy::HandRuleLevel>{{0.5, true}, {0.5, true}, {0.5, false}});
}

TEST_CASE("a hand rule from elsewhere is checked") {
  using Catch::Matchers::StartsWith;
  const std::vector<sy::HandRuleLevel> good{{0.3, true}};
  CHECK_NOTHROW(sy::HandRule({0, 1}, good, 1, 2));
  CHECK_NOTHROW(sy::HandRule({0, 1}, {}, 1, 2));
  CHECK_THROWS_WITH(sy::HandRule({2, 1}, good, 1, 2), StartsWith("column of the hand rule is 2"));
  CHECK_THROWS_WITH(sy::HandRule({0, -1}, good, 1, 2), StartsWith("column of the hand rule is -1"));
  CHECK_THROWS_WITH(sy::HandRule({0, 0}, good, 1, 0), StartsWith("column of the hand rule is 0"));
  for (const double slope : {0.0, -1.0, missing, std::numeric_limits<double>::infinity()}) {
    CHECK_THROWS_WITH(sy::HandRule({0, 1}, good, slope, 2), StartsWith("slope of the hand rule is"));
  }
  for (const double rate : {0.0, 1.0, -0.1, missing}) {
    CHECK_THROWS_WITH(sy::HandRule({0, 1}, {{0.5, true}, {rate, true}}, 1, 2), StartsWith("base rate of the hand"));
  }
  CHECK_THROWS_AS(sy::HandRule::fit(random_rows(5), {3, 1}, all_but_last), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::HandRule::fit(random_rows(5), {0, -1}, all_but_last), sy::InvalidArgument);
  const sy::HandRule rule({0, 1}, good, 1, 2);
  CHECK_THROWS_AS(rule.probability(std::vector{1.0}), sy::InvalidArgument);
}
