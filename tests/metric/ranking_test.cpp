#include "switchyard/metric/ranking.hpp"
#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <limits>

namespace sy = switchyard;

namespace {

struct Sample {
  sy::Labels labels;
  std::vector<double> scores;
  std::vector<double> weights;
};

/// Scores of few values, so that most tie.
Sample random_sample(std::uint64_t seed, std::size_t size, std::uint64_t values) {
  sy::Rng rng(seed);
  Sample sample;
  for (std::size_t i = 0; i < size; ++i) {
    sample.labels.push_back(rng.bernoulli(0.4) ? 1 : 0);
    sample.scores.push_back(static_cast<double>(rng.below(values)) / 8 - 1);
    sample.weights.push_back(rng.uniform(0.1, 3));
  }
  return sample;
}

/// The definition: over all pairs.
double auc_of_pairs(const Sample& sample) {
  double ordered = 0;
  double pairs = 0;
  for (std::size_t i = 0; i < sample.labels.size(); ++i) {
    for (std::size_t j = 0; j < sample.labels.size(); ++j) {
      if (sample.labels[i] != 1 || sample.labels[j] != 0) continue;
      const double weight = sample.weights[i] * sample.weights[j];
      pairs += weight;
      if (sample.scores[i] > sample.scores[j]) ordered += weight;
      if (sample.scores[i] == sample.scores[j]) ordered += weight / 2;
    }
  }
  return ordered / pairs;
}

}  // namespace

TEST_CASE("AUC is the share of ordered pairs, with ties and weights") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    INFO(seed);
    auto sample = random_sample(seed, 60 + seed, 1 + seed % 20);
    CHECK(sy::roc_auc(sample.labels, sample.scores, sample.weights) == Approx(auc_of_pairs(sample)).epsilon(1e-12));
    sample.weights.assign(sample.labels.size(), 1.0);
    CHECK(sy::roc_auc(sample.labels, sample.scores) == Approx(auc_of_pairs(sample)).epsilon(1e-12));
  }
}

TEST_CASE("AUC of extremes") {
  CHECK(sy::roc_auc(sy::Labels{0, 0, 1, 1}, std::vector<double>{1, 2, 3, 4}) == 1);
  CHECK(sy::roc_auc(sy::Labels{1, 1, 0, 0}, std::vector<double>{1, 2, 3, 4}) == 0);
  CHECK(sy::roc_auc(sy::Labels{1, 0, 1, 0}, std::vector<double>{7, 7, 7, 7}) == 0.5);
  CHECK(std::isnan(sy::roc_auc(sy::Labels{1, 1}, std::vector<double>{1, 2})));
  CHECK(std::isnan(sy::roc_auc(sy::Labels{}, std::vector<double>{})));
  CHECK_THROWS_WITH(sy::roc_auc(sy::Labels{1, 0}, std::vector<double>{1, std::nan("")}),
                    "score is NaN; expected a number");
}

TEST_CASE("the ROC curve is scikit-learn's, straight stretches left out") {
  // roc_curve(y, p): fpr * 6 = 0 0 0 1 1 2 3 6; tpr * 6 = 0 1 3 3 4 4 6 6; thresholds 1.9 .9 .7 .6 .55 .5 .4 .05.
  const sy::Labels y{0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0};
  const std::vector<double> p{.1, .8, .4, .4, .9, .6, .2, .4, .7, .05, .55, .5};
  const auto points = sy::roc_curve(y, p);
  const std::vector<std::array<double, 3>> expected{{0, 0, std::numeric_limits<double>::infinity()},
                                                    {0, 3, .7},
                                                    {1, 3, .6},
                                                    {1, 4, .55},
                                                    {2, 4, .5},
                                                    {3, 6, .4},
                                                    {6, 6, .05}};
  REQUIRE(points.size() == expected.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    CHECK(points[i].false_positive_rate * 6 == Approx(expected[i][0]));
    CHECK(points[i].true_positive_rate * 6 == Approx(expected[i][1]));
    CHECK(points[i].threshold == expected[i][2]);
  }
}

TEST_CASE("the area under the curve's points is the AUC") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto sample = random_sample(seed, 200, 12);
    const auto points = sy::roc_curve(sample.labels, sample.scores, sample.weights);
    REQUIRE(points.size() >= 2);
    double area = 0;
    for (std::size_t i = 1; i < points.size(); ++i) {
      area += (points[i].false_positive_rate - points[i - 1].false_positive_rate) *
              (points[i].true_positive_rate + points[i - 1].true_positive_rate) / 2;
    }
    CHECK(area == Approx(sy::roc_auc(sample.labels, sample.scores, sample.weights)).epsilon(1e-12));
    CHECK(points.back().false_positive_rate == 1);
    CHECK(points.back().true_positive_rate == 1);
  }
  CHECK(sy::roc_curve(sy::Labels{1, 1}, std::vector<double>{1, 2}).empty());
}
