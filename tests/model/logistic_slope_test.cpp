#include "switchyard/model/logistic_slope.hpp"

#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace sy = switchyard;

namespace {

struct Sample {
  std::vector<double> values;
  std::vector<std::uint8_t> labels;
};

double loss_at(const Sample& sample, double slope) {
  double loss = 0;
  for (std::size_t i = 0; i < sample.values.size(); ++i) {
    const double margin = (sample.labels[i] == 1 ? 1 : -1) * slope * sample.values[i];
    loss += margin > 0 ? std::log1p(std::exp(-margin)) : std::log1p(std::exp(margin)) - margin;
  }
  return loss;
}

/// The lowest loss on a fine grid over the slopes that are allowed, finer around the best.
double slope_by_search(const Sample& sample) {
  double best = 1e-3;
  for (double slope = 1e-3; slope <= 1e3; slope *= 1.02) {
    if (loss_at(sample, slope) < loss_at(sample, best)) best = slope;
  }
  double fine = best;
  for (double slope = std::max(1e-3, best / 1.03); slope <= std::min(1e3, best * 1.03); slope *= 1.0002) {
    if (loss_at(sample, slope) < loss_at(sample, fine)) fine = slope;
  }
  return fine;
}

}  // namespace

TEST_CASE("the slope of a sample is the one that search finds, over six orders of magnitude") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    INFO(seed);
    sy::Rng rng(seed);
    Sample sample;
    const double scale = std::pow(10, rng.uniform(-1.5, 1.5));
    const double tail = rng.uniform(0, 3);  // values of very different size: where Newton's steps could overshoot
    for (int i = 0; i < 200; ++i) {
      const double value = scale * rng.normal() * std::exp(tail * rng.normal());
      sample.values.push_back(value);
      sample.labels.push_back(rng.bernoulli(sy::logistic(value > 0 ? 1 : -1)) ? 1 : 0);
    }
    const double slope = sy::detail::logistic_slope(sample.values, sample.labels);
    CHECK(slope == Approx(slope_by_search(sample)).epsilon(1e-3));
  }
}

TEST_CASE("a row of weight three is three rows, and nothing to learn from leaves a slope of one") {
  const std::vector<double> values{1, -2, 0.5, -1};
  const std::vector<std::uint8_t> labels{1, 0, 0, 1};
  const std::vector<double> weights{3, 1, 1, 1};
  const std::vector<double> repeated{1, 1, 1, -2, 0.5, -1};
  const std::vector<std::uint8_t> their_labels{1, 1, 1, 0, 0, 1};
  CHECK(sy::detail::logistic_slope(values, labels, weights) ==
        Approx(sy::detail::logistic_slope(repeated, their_labels)));
  CHECK(sy::detail::logistic_slope({}, {}) == 1);
  CHECK(sy::detail::logistic_slope(std::vector<double>{0, 0}, std::vector<std::uint8_t>{1, 0}) == 1);
}

TEST_CASE("what is always right has a steep slope, what is always wrong hardly any") {
  const std::vector<double> values{1, -1, 2, -2};
  CHECK(sy::detail::logistic_slope(values, std::vector<std::uint8_t>{1, 0, 1, 0}) > 10);
  CHECK(sy::detail::logistic_slope(values, std::vector<std::uint8_t>{0, 1, 0, 1}) == 1e-3);
}
