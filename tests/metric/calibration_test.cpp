#include "switchyard/metric/calibration.hpp"
#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <cmath>

namespace sy = switchyard;

namespace {

const sy::Labels y{0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0};
const std::vector<double> p{.1, .8, .4, .4, .9, .6, .2, .4, .7, .05, .55, .5};

}  // namespace

TEST_CASE("bins of equal width, by hand") {
  // (scikit-learn's calibration_curve puts .5 into the lower of two bins; ours are closed below: [.5, .75) holds it.)
  // [0, .25): .05 .1 .2 -> 0 of 3; [.25, .5): .4 .4 .4 -> 2 of 3; [.5, .75): .5 .55 .6 .7 -> 2 of 4; rest: .8 .9 -> 2.
  const auto bins = sy::reliability_bins(y, p, {.bins = 4});
  REQUIRE(bins.size() == 4);
  const double rates[] = {0, 2.0 / 3, 0.5, 1};
  const double means[] = {0.35 / 3, 0.4, 2.35 / 4, 0.85};
  const double weights[] = {3, 3, 4, 2};
  double error = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(bins[i].positive_rate == Approx(rates[i]).margin(1e-15));
    CHECK(bins[i].mean_probability == Approx(means[i]));
    CHECK(bins[i].weight == weights[i]);
    error += weights[i] / 12 * std::abs(rates[i] - means[i]);
  }
  CHECK(bins[0].low == 0.05);
  CHECK(bins[0].high == 0.2);
  CHECK(sy::expected_calibration_error(y, p, {.bins = 4}) == Approx(error));
}

TEST_CASE("empty bins are left out, and 1 falls into the last") {
  const auto bins = sy::reliability_bins(sy::Labels{0, 1, 1}, std::vector<double>{0, 0.95, 1}, {.bins = 10});
  REQUIRE(bins.size() == 2);
  CHECK(bins[1].weight == 2);
}

TEST_CASE("bins of equal count share the samples out and never part equal probabilities") {
  sy::Labels labels(100);
  std::vector<double> spread(100);
  for (std::size_t i = 0; i < 100; ++i) spread[i] = static_cast<double>((i * 37) % 100) / 100;
  const auto even = sy::reliability_bins(labels, spread, {.bins = 5, .binning = sy::Binning::equal_count});
  REQUIRE(even.size() == 5);
  for (const auto& bin : even) CHECK(bin.weight == 20);

  const auto tied =
      sy::reliability_bins(labels, std::vector<double>(100, 0.3), {.bins = 5, .binning = sy::Binning::equal_count});
  REQUIRE(tied.size() == 1);
  CHECK(tied[0].weight == 100);
}

TEST_CASE("probabilities that keep their promise have a small error, biased ones theirs") {
  sy::Rng rng(3);
  sy::Labels labels;
  std::vector<double> honest;
  std::vector<double> boastful;
  for (int i = 0; i < 20'000; ++i) {
    const double probability = rng.uniform(0, 0.8);
    labels.push_back(rng.bernoulli(probability) ? 1 : 0);
    honest.push_back(probability);
    boastful.push_back(probability + 0.2);
  }
  CHECK(sy::expected_calibration_error(labels, honest) < 0.02);
  CHECK(sy::expected_calibration_error(labels, boastful) == Approx(0.2).margin(0.01));
}

TEST_CASE("calibration of nothing is NaN, and no bins are refused") {
  CHECK(std::isnan(sy::expected_calibration_error(sy::Labels{}, std::vector<double>{})));
  CHECK_THROWS_WITH(sy::reliability_bins(y, p, {.bins = 0}), "bins is 0; expected at least 1");
}
