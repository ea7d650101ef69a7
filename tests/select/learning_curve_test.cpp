#include "switchyard/select/learning_curve.hpp"
#include "select/lookup_model.hpp"
#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

namespace sy = switchyard;

namespace {

/// Rows whose second column is their number; the first decides the label for four rows of five.
sy::Dataset random_rows(std::uint64_t seed, int rows, int groups) {
  sy::Rng rng(seed);
  sy::Dataset data;
  data.features.resize(rows, 2);
  data.feature_names = {"context", "number"};
  for (int i = 0; i < rows; ++i) {
    data.features(i, 0) = static_cast<double>(rng.below(4));
    data.features(i, 1) = i;
    data.labels.push_back((data.features(i, 0) < 2) != rng.bernoulli(0.2) ? 1 : 0);
    if (groups > 0) data.groups.push_back(static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(groups))));
    data.times_ms.push_back(static_cast<std::int64_t>(rng.below(7'200'000)) - 3'600'000);
  }
  return data;
}

/// The curve, and the numbers of the rows that each point learned from.
struct Recorded {
  std::vector<sy::LearningPoint> points;
  std::vector<std::vector<double>> parts;
};

Recorded record(const sy::Dataset& train, const sy::LearningCurveOptions& options) {
  Recorded result;
  const auto fit = [&](const sy::Dataset& part) {
    std::vector<double> numbers;
    for (sy::Index i = 0; i < part.rows(); ++i) numbers.push_back(part.features(i, 1));
    result.parts.push_back(numbers);
    return fixture::fit_lookup(part);
  };
  result.points = sy::learning_curve(train, random_rows(99, 200, 0), fit, options);
  return result;
}

std::int64_t group_of(const sy::Dataset& data, double number) {
  return data.groups.empty() ? static_cast<std::int64_t>(number) : data.groups[static_cast<std::size_t>(number)];
}

}  // namespace

TEST_CASE("parts are nested, ascending, of whole groups, and no larger than they must be") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto train = random_rows(seed, 300, seed % 3 == 0 ? 0 : 40);
    for (const auto order : {sy::TrainingOrder::random_groups, sy::TrainingOrder::by_time}) {
      const sy::LearningCurveOptions options{.order = order, .seed = seed};
      const auto [points, parts] = record(train, options);
      REQUIRE(points.size() == 5);
      std::set<std::int64_t> before;
      for (std::size_t p = 0; p < 5; ++p) {
        CHECK(std::is_sorted(parts[p].begin(), parts[p].end()));
        std::set<std::int64_t> groups;
        for (const double number : parts[p]) groups.insert(group_of(train, number));
        sy::Index rows_of_groups = 0;
        std::size_t largest = 1;
        for (const auto group : groups) {
          std::size_t size = 0;
          for (int i = 0; i < 300; ++i) size += group_of(train, i) == group ? 1 : 0;
          rows_of_groups += static_cast<sy::Index>(size);
          largest = std::max(largest, size);
        }
        CHECK(rows_of_groups == points[p].rows);
        CHECK(points[p].rows == static_cast<sy::Index>(parts[p].size()));
        CHECK(points[p].groups == static_cast<sy::Index>(groups.size()));
        CHECK(static_cast<double>(points[p].rows) >= options.shares[p] * 300);
        CHECK(static_cast<double>(points[p].rows) < options.shares[p] * 300 + static_cast<double>(largest));
        CHECK(std::includes(groups.begin(), groups.end(), before.begin(), before.end()));
        before = groups;
      }
      CHECK(points.back().rows == 300);
    }
  }
}

TEST_CASE("by time the groups come that are complete, in order of their last row") {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const auto train = random_rows(seed, 200, 50);
    const auto complete = [&](double number) {
      auto last = std::numeric_limits<std::int64_t>::min();
      for (std::size_t i = 0; i < 200; ++i) {
        if (train.groups[i] == group_of(train, number)) last = std::max(last, train.times_ms[i]);
      }
      return last;
    };
    const auto parts = record(train, {.order = sy::TrainingOrder::by_time}).parts;
    for (const auto& part : parts) {
      auto until = std::numeric_limits<std::int64_t>::min();
      for (const double number : part) until = std::max(until, complete(number));
      std::vector<double> expected;
      for (int i = 0; i < 200; ++i) {
        if (complete(i) <= until) expected.push_back(i);
      }
      CHECK(part == expected);
    }
  }
}

TEST_CASE("the seed decides which groups come first") {
  const auto train = random_rows(1, 300, 60);
  CHECK(record(train, {.seed = 1}).parts == record(train, {.seed = 1}).parts);
  CHECK(record(train, {.seed = 1}).parts != record(train, {.seed = 2}).parts);
}

TEST_CASE("by hand: four rows learned one after the other") {
  sy::Dataset train;
  train.features.resize(4, 1);
  train.features << 0, 0, 1, 1;
  train.feature_names = {"context"};
  train.labels = {1, 1, 0, 1};
  train.times_ms = {-1, 0, 59'999, 60'000};  // the minutes -1, 0, 0, 1
  sy::Dataset test = train;
  test.labels = {1, 0, 0, 0};

  const auto fit = [](const sy::Dataset& part) { return fixture::fit_lookup(part); };
  const auto points =
      sy::learning_curve(train, test, fit, {.shares = {0.25, 0.75, 1}, .order = sy::TrainingOrder::by_time});
  REQUIRE(points.size() == 3);
  CHECK(points[0].rows == 1);
  CHECK(points[1].rows == 3);
  CHECK(points[0].minutes == 1);
  CHECK(points[1].minutes == 2);
  CHECK(points[2].minutes == 3);
  // Context 1 is unknown, then 0, then .5, which is predicted 0: right each time. Context 0 is 1: right and wrong.
  for (const auto& point : points) CHECK(point.test.accuracy == 0.75);
  CHECK(points[0].train.accuracy == 1);
  CHECK(points[1].train.accuracy == 1);
  CHECK(points[2].train.accuracy == 0.75);
  CHECK(points[2].train.log_loss == Approx(2 * std::log(2) / 4));
  const double wrong_and_sure = -std::log1p(-(1 - 1e-15));
  CHECK(points[0].test.log_loss == Approx((wrong_and_sure + 2 * std::log(2)) / 4));
  CHECK(points[2].test.log_loss == points[0].test.log_loss);
  CHECK(points[1].test.log_loss == Approx(wrong_and_sure / 4));
}

TEST_CASE("the last point is the model of all training rows") {
  const auto train = random_rows(5, 300, 60);
  const auto test = random_rows(6, 200, 0);
  const auto model = fixture::fit_lookup(train);
  const auto fit = [](const sy::Dataset& part) { return fixture::fit_lookup(part); };
  const auto expected = sy::classification_metrics(test.labels, model.predict_proba(test.features));
  CHECK(sy::learning_curve(train, test, fit).back().test == expected);
}

TEST_CASE("a curve that cannot be drawn says why") {
  using Catch::Matchers::Contains;
  auto train = random_rows(1, 50, 0);
  const auto fit = [](const sy::Dataset& part) { return fixture::fit_lookup(part); };
  const auto curve = [&](const sy::LearningCurveOptions& options) {
    return sy::learning_curve(train, train, fit, options);
  };
  CHECK_THROWS_WITH(curve({.shares = {}}), Contains("needs shares"));
  CHECK_THROWS_WITH(curve({.shares = {0.0, 1}}), "share is 0; expected ascending numbers in (0, 1]");
  CHECK_THROWS_WITH(curve({.shares = {0.5, 0.5}}), Contains("share is 0.5"));
  CHECK_THROWS_WITH(curve({.shares = {0.5, 1.5}}), Contains("share is 1.5"));
  CHECK_THROWS_WITH(sy::learning_curve(train, sy::Dataset{}, fit), Contains("needs training and test rows"));
  train.times_ms.clear();
  CHECK(curve({}).front().minutes == 0);
  CHECK_THROWS_WITH(curve({.order = sy::TrainingOrder::by_time}), Contains("needs times"));
}
