#include "switchyard/model/voting.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/engine/compiled_classifier.hpp"
#include "switchyard/model/mlp.hpp"
#include "switchyard/model/random_forest.hpp"

#include <catch2/catch.hpp>

#include <bit>
#include <cstdint>
#include <vector>

namespace sy = switchyard;

namespace {

/// Answers `below` for x <= 1 and `above` otherwise.
sy::RandomForest step(double below, double above, sy::Index features = 1) {
  sy::Ensemble ensemble;
  ensemble.features = features;
  ensemble.trees = {
      sy::Tree{{{.feature = 0, .left = 1, .right = 2, .threshold = 1}, {.value = below}, {.value = above}}}};
  return sy::RandomForest(ensemble);
}

}  // namespace

TEST_CASE("Soft voting is the mean of the members' probabilities") {
  const sy::Voting equal({step(0.2, 0.9), step(0.4, 0.6), step(0.9, 0.0)});
  CHECK(equal.probability(std::vector{1.0}) == Approx(0.5).epsilon(1e-15));
  CHECK(equal.probability(std::vector{2.0}) == Approx(0.5).epsilon(1e-15));
  const sy::Voting weighted({step(0.2, 0.9), step(0.4, 0.6), step(0.9, 0.0)}, {3, 1, 0});
  CHECK(weighted.probability(std::vector{1.0}) == Approx(0.25).epsilon(1e-15));   // (0.6 + 0.4) / 4
  CHECK(weighted.probability(std::vector{2.0}) == Approx(0.825).epsilon(1e-15));  // (2.7 + 0.6) / 4
  CHECK(weighted.predict((sy::Matrix(2, 1) << 1, 2).finished()) == sy::Labels{0, 1});
}

TEST_CASE("Unanimous members are not outvoted by rounding") {
  const sy::Voting voting({step(0, 1), step(0, 1), step(0, 1)}, {0.1, 0.2, 0.7});
  CHECK(voting.probability(std::vector{0.0}) == 0);
  CHECK(voting.probability(std::vector{2.0}) == 1);
}

TEST_CASE("Voting: one row and many give the same bits") {
  sy::Rng rng(1);
  sy::Dataset data;
  data.features.resize(60, 1);
  data.feature_names = {"x"};
  for (sy::Index i = 0; i < 60; ++i) {
    data.features(i, 0) = rng.uniform(0, 2);
    data.labels.push_back(rng.bernoulli(data.features(i, 0) / 2) ? 1 : 0);
  }
  const sy::Mlp network = sy::Mlp::fit(data, {.hidden = {5}, .max_epochs = 3});
  const sy::Voting inner({step(0.21, 0.83), network});
  const sy::Voting voting({network, inner, step(1.0 / 3, 2.0 / 3)}, {0.3, 0.9, 0.17});
  const sy::Vector batch = voting.predict_proba(data.features);
  for (sy::Index i = 0; i < 60; ++i) {
    CHECK(std::bit_cast<std::uint64_t>(batch[i]) == std::bit_cast<std::uint64_t>(voting.probability(data.row(i))));
  }
}

TEST_CASE("Voting rounds each product before it is added, however it is compiled") {
  sy::Rng rng(5);
  for (int round = 0; round < 200; ++round) {
    std::vector<sy::AnyClassifier> members;
    std::vector<double> weights;
    volatile double sum = 0;
    double total = 0;
    for (int m = 0; m < 4; ++m) {
      const double answer = rng.uniform();
      weights.push_back(rng.uniform());
      members.emplace_back(step(answer, 0));
      const volatile double product = weights.back() * answer;
      sum = sum + product;
      total += weights.back();
    }
    const sy::Voting voting(members, weights);
    const double expected = sum / total;
    REQUIRE(voting.probability(std::vector{1.0}) == expected);
    REQUIRE(voting.predict_proba(sy::Matrix::Ones(1, 1))[0] == expected);
    REQUIRE(sy::CompiledClassifier(voting).probability(std::vector{1.0}) == expected);
    REQUIRE(sy::CompiledClassifier(voting).predict_proba(sy::Matrix::Ones(1, 1))[0] == expected);
  }
}

TEST_CASE("Voting refuses members and weights that do not fit") {
  using Members = std::vector<sy::AnyClassifier>;
  CHECK_THROWS_AS(sy::Voting(Members{}), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::Voting(Members{step(0, 1), step(0, 1, 2)}), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::Voting(Members{step(0, 1)}, {1, 1}), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::Voting(Members{step(0, 1), step(0, 1)}, {1, -1}), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::Voting(Members{step(0, 1), step(0, 1)}, {0, 0}), sy::InvalidArgument);
}

TEST_CASE("Voting compares members and weights") {
  const sy::Voting voting({step(0, 1), step(0.5, 1)});
  CHECK(voting == sy::Voting({step(0, 1), step(0.5, 1)}, {1, 1}));
  CHECK_FALSE(voting == sy::Voting({step(0, 1), step(0.5, 1)}, {1, 2}));
  CHECK_FALSE(voting == sy::Voting({step(0.5, 1), step(0, 1)}));
}
