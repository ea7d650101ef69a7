#include "switchyard/pipeline/drift.hpp"
#include "switchyard/core/random.hpp"

#include "missing.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace sy = switchyard;

namespace {

/// A dataset of one column, labels alternating.
sy::Dataset column(const std::string& name, const std::vector<double>& values) {
  sy::Dataset data;
  data.features.resize(static_cast<sy::Index>(values.size()), 1);
  data.feature_names = {name};
  for (std::size_t i = 0; i < values.size(); ++i) {
    data.features(static_cast<sy::Index>(i), 0) = values[i];
    data.labels.push_back(i % 2 == 0 ? 1 : 0);
  }
  return data;
}

std::vector<double> repeated(const std::vector<std::pair<double, int>>& values) {
  std::vector<double> result;
  for (const auto& [value, times] : values) result.insert(result.end(), static_cast<std::size_t>(times), value);
  return result;
}

std::vector<double> normal(std::uint64_t seed, int count, double mean) {
  sy::Rng rng(seed);
  std::vector<double> values;
  for (int i = 0; i < count; ++i) values.push_back(mean + rng.normal());
  return values;
}

sy::FeatureDrift drift_of(const std::string& name, const std::vector<double>& train, const std::vector<double>& test) {
  return sy::feature_drift(column(name, train), column(name, test), 0);
}

bool any_contains(const std::vector<std::string>& lines, const std::string& text) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

/// Labels are 1 at the given rate, rows 4i to 4i + 3 alike and one group.
sy::Dataset labelled(std::uint64_t seed, int groups, double rate) {
  sy::Rng rng(seed);
  sy::Dataset data = column("x", std::vector<double>(static_cast<std::size_t>(4 * groups), 1.0));
  data.labels.clear();
  for (int group = 0; group < groups; ++group) {
    data.labels.insert(data.labels.end(), 4, rng.bernoulli(rate) ? 1 : 0);
    data.groups.insert(data.groups.end(), 4, group);
  }
  return data;
}

}  // namespace

TEST_CASE("by hand: a code whose levels shift, with missing values as a level of their own") {
  const auto train = repeated({{0, 50}, {1, 30}, {missing, 20}});
  const auto test = repeated({{0, 40}, {1, 40}, {missing, 20}});
  CHECK(drift_of("x", train, test).stability_index == Approx(0.0510826).epsilon(1e-5));
  const auto other = drift_of("x", train, repeated({{0, 20}, {1, 30}, {missing, 50}}));
  CHECK(other.stability_index == Approx(2 * 0.3 * std::log(2.5)));
  CHECK(other.train_missing == Approx(0.2));
  CHECK(other.test_missing == Approx(0.5));
  CHECK(other.shift == sy::FeatureShift::large);
  CHECK(other.outside == 0);
}

TEST_CASE("by hand: quantile bins of a hundred values, all test rows in the last") {
  std::vector<double> train;
  for (int i = 0; i < 100; ++i) train.push_back(i);
  const auto drift = drift_of("x", train, repeated({{95.5, 80}, {120, 20}}));
  // Nine bins fall from .1 to half a row of 100, one rises from .1 to 1.
  CHECK(drift.stability_index == Approx(9 * (0.005 - 0.1) * std::log(0.05) + 0.9 * std::log(10.0)));
  CHECK(drift.outside == Approx(0.2));
  CHECK(drift.train_low == 0);
  CHECK(drift.train_high == 99);
  CHECK(drift.unseen_levels.empty());  // up to 99: numbers, not codes
}

TEST_CASE("a bin holds what training's quantiles say, each row in one bin") {
  const auto train = normal(1, 5000, 0);
  const auto data = column("x", train);
  auto sorted = train;
  std::sort(sorted.begin(), sorted.end());
  const sy::detail::DriftBins bins(sorted, 10);
  const auto counts = bins.counts(data, 0);
  REQUIRE(counts.size() == 11);
  CHECK(counts[0] == 0);
  for (std::size_t bin = 1; bin <= 10; ++bin) CHECK(counts[bin] == 500);
}

TEST_CASE("a shift of the normal distribution has its index by integration") {
  // Shift by half a standard deviation: the integral of (q - p) ln(q / p) is .25; ten bins lose a little of it.
  const auto drift = drift_of("x", normal(2, 40'000, 0), normal(3, 40'000, 0.5));
  CHECK(drift.stability_index == Approx(0.24).margin(0.02));
  CHECK(drift_of("x", normal(2, 40'000, 0), normal(3, 40'000, 0)).stability_index < 0.002);
}

TEST_CASE("few rows alone are no shift") {
  int moderate = 0;
  int found = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto drift = drift_of("x", normal(2 * seed, 60, 0), normal(2 * seed + 1, 60, 0));
    moderate += drift.stability_index > 0.1 ? 1 : 0;
    found += drift.shift == sy::FeatureShift::none ? 0 : 1;
  }
  CHECK(moderate > 20);  // the custom alone would call most of these a shift
  CHECK(found <= 6);
}

TEST_CASE("rows of one group are one sample when chance is judged") {
  auto train = column("x", normal(1, 400, 0));
  auto test = column("x", normal(2, 400, 0));
  const double single = sy::feature_drift(train, test, 0).by_chance;
  for (auto* data : {&train, &test}) {
    for (std::int64_t i = 0; i < 400; ++i) data->groups.push_back(i / 4);
  }
  CHECK(sy::feature_drift(train, test, 0).by_chance == Approx(4 * single));
}

TEST_CASE("levels that training never saw are named, for codes and not for numbers") {
  const auto train = repeated({{0, 40}, {2, 60}});
  const auto test = repeated({{0, 30}, {2, 30}, {5, 25}, {1, 10}, {missing, 5}});
  const auto drift = drift_of("hour_of_day", train, test);
  CHECK(drift.unseen_levels == std::vector<double>{1, 5});
  CHECK(drift.unseen == Approx(0.35));
  CHECK(drift.outside == Approx(0.25));
  CHECK(drift_of("live_lambda_in_flight", train, test).unseen_levels.empty());
  CHECK(drift_of("x", repeated({{0.5, 40}, {2, 60}}), test).unseen_levels.empty());
  CHECK(drift_of("x", repeated({{-1, 40}, {2, 60}}), test).unseen_levels.empty());
  CHECK(drift_of("x", repeated({{512, 40}, {2, 60}}), test).unseen_levels.empty());
}

TEST_CASE("a column that is constant or missing in training drifts when it is not in test") {
  const auto constant = drift_of("x", repeated({{5, 100}}), repeated({{3, 50}, {5, 50}}));
  CHECK(constant.shift == sy::FeatureShift::large);
  CHECK(constant.outside == Approx(0.5));
  const auto absent = drift_of("x", repeated({{missing, 100}}), repeated({{3, 50}, {missing, 50}}));
  CHECK(absent.shift == sy::FeatureShift::large);
  CHECK(absent.outside == Approx(0.5));
  CHECK(std::isnan(absent.train_low));
  const auto same = drift_of("x", repeated({{missing, 100}}), repeated({{missing, 70}}));
  CHECK(same.stability_index == 0);
  CHECK(same.shift == sy::FeatureShift::none);
}

TEST_CASE("weights count in the index") {
  auto train = column("x", repeated({{0, 50}, {1, 50}}));
  const auto test = column("x", repeated({{0, 75}, {1, 25}}));
  CHECK(sy::feature_drift(train, test, 0).shift != sy::FeatureShift::none);
  for (int i = 0; i < 100; ++i) train.weights.push_back(i < 50 ? 3 : 1);
  CHECK(sy::feature_drift(train, test, 0).stability_index == Approx(0).margin(1e-15));
}

TEST_CASE("the interval of the label rate's change holds the truth, and knows that groups are no four rows") {
  int held = 0;
  double width = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto drift = sy::label_drift(labelled(2 * seed, 200, 0.3), labelled(2 * seed + 1, 100, 0.4),
                                       {.replicates = 200, .seed = seed});
    held += drift.interval.contains(0.1) ? 1 : 0;
    width += (drift.interval.high - drift.interval.low) / 100;
    CHECK(drift.change == Approx(drift.test_rate - drift.train_rate));
  }
  CHECK(held >= 88);  // 95 expected, three standard deviations
  CHECK(width == Approx(2 * 1.96 * std::sqrt(0.3 * 0.7 / 200 + 0.4 * 0.6 / 100)).epsilon(0.08));
}

TEST_CASE("label rates by hand, with weights") {
  auto train = column("x", {1, 1, 1, 1});
  train.weights = {3, 1, 1, 1};  // labels 1 0 1 0
  const auto drift = sy::label_drift(train, column("x", {1, 1}), {.replicates = 10});
  CHECK(drift.train_rate == Approx(4.0 / 6));
  CHECK(drift.test_rate == 0.5);
}

TEST_CASE("the report names the worst first, one line per source, and nothing where nothing drifted") {
  sy::Rng rng(5);
  const auto make = [&](int rows, double payload, double late, double rate) {
    sy::Dataset data;
    data.feature_names = {"payload_size_kb", "payload_log", "hour_of_day", "same"};
    data.features.resize(rows, 4);
    for (int i = 0; i < rows; ++i) {
      const double size = payload * (1 + rng.uniform());
      data.features.row(i) << size, std::log1p(size), late + static_cast<double>(rng.below(3)), rng.normal();
      data.labels.push_back(rng.bernoulli(rate) ? 1 : 0);
    }
    return data;
  };
  const auto train = make(2000, 100, 6, 0.3);
  const sy::DriftOptions options{.bootstrap = {.replicates = 200}};
  const auto calm = sy::find_drift(train, make(2000, 100, 6, 0.3), options);
  CHECK(calm.findings.empty());
  CHECK(calm.warnings.empty());

  const auto report = sy::find_drift(train, make(2000, 115, 9, 0.45), options);
  REQUIRE(report.findings.size() == 3);
  CHECK(report.found == 3);
  CHECK(report.findings[0].feature == "hour_of_day");
  CHECK(report.findings[0].stability_index > report.findings[1].stability_index);
  REQUIRE(report.warnings.size() == 3);
  CHECK(report.warnings[0].substr(0, 6) == "label:");
  CHECK(any_contains(report.warnings, "95 % interval 0.1"));
  CHECK(report.warnings[1].substr(0, 12) == "hour_of_day:");
  CHECK(any_contains(report.warnings, "100.0 % of test rows at levels that training never saw (9, 10, 11)"));
  CHECK(any_contains(report.warnings, "(and 1 more of the payload columns)"));
  CHECK(any_contains(report.warnings, "outside training's range"));

  const auto shortened =
      sy::find_drift(train, make(2000, 115, 9, 0.45), {.most_findings = 1, .bootstrap = {.replicates = 50}});
  CHECK(shortened.findings.size() == 1);
  CHECK(shortened.found == 3);
  CHECK(shortened.warnings.size() == 2);
}

TEST_CASE("drift that cannot be told says why") {
  using Catch::Matchers::Contains;
  const auto data = column("x", {1, 2, 3});
  CHECK_THROWS_WITH(sy::find_drift(data, column("y", {1})), Contains("their names differ"));
  CHECK_THROWS_WITH(sy::find_drift(data, column("x", {})), Contains("needs training and test rows"));
  CHECK_THROWS_WITH(sy::find_drift(data, data, {.bins = 1}), "bins is 1; expected at least 2");
  CHECK_THROWS_WITH(sy::find_drift(data, data, {.moderate = 0}), Contains("moderate is 0"));
  CHECK_THROWS_WITH(sy::find_drift(data, data, {.large = 0.05}), Contains("large is 0.05"));
  CHECK_THROWS_WITH(sy::find_drift(data, data, {.least_share = 2}), Contains("least_share is 2"));
  CHECK_THROWS_WITH(sy::find_drift(data, data, {.most_findings = 0}), Contains("most_findings is 0"));
}
