#include "switchyard/select/ceiling.hpp"
#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace sy = switchyard;

namespace {

struct Sample {
  std::vector<sy::Index> contexts;
  sy::Labels labels;
};

/// Contexts of which each has its own rate of label 1; returns the best expected accuracy with it.
std::pair<Sample, double> noisy_sample(std::uint64_t seed, int contexts, int size) {
  sy::Rng rng(seed);
  Sample sample;
  double knowable = 0;
  for (int context = 0; context < contexts; ++context) {
    const double rate = rng.uniform();
    knowable += std::max(rate, 1 - rate) / contexts;
    for (int i = 0; i < size; ++i) {
      sample.contexts.push_back(context);
      sample.labels.push_back(rng.bernoulli(rate) ? 1 : 0);
    }
  }
  return {sample, knowable};
}

/// The best of all 2^contexts lookup tables.
double best_table(const Sample& sample, int contexts) {
  std::size_t best = 0;
  for (unsigned table = 0; table < (1U << static_cast<unsigned>(contexts)); ++table) {
    std::size_t right = 0;
    for (std::size_t i = 0; i < sample.labels.size(); ++i) {
      right += ((table >> static_cast<unsigned>(sample.contexts[i])) & 1U) == sample.labels[i] ? 1 : 0;
    }
    best = std::max(best, right);
  }
  return static_cast<double>(best) / static_cast<double>(sample.labels.size());
}

}  // namespace

TEST_CASE("the plain ceiling is what the best of all lookup tables reaches") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto sample = noisy_sample(seed, 8, 1 + static_cast<int>(seed)).first;
    CHECK(sy::context_ceiling(sample.contexts, sample.labels).plain == best_table(sample, 8));
  }
}

TEST_CASE("by hand: contexts of 3, 2 and 1 rows") {
  const std::vector<sy::Index> contexts{-5, 900, -5, 900, -5, 7};
  const auto ceiling = sy::context_ceiling(contexts, sy::Labels{1, 0, 0, 1, 1, 1});
  CHECK(ceiling.plain == 4.0 / 6);
  CHECK(ceiling.contexts == 3);
  CHECK(ceiling.singletons == 1);
}

TEST_CASE("what the context decides is fully knowable, by either estimate") {
  Sample sample;
  for (int i = 0; i < 400; ++i) {
    sample.contexts.push_back(i % 10);
    sample.labels.push_back(i % 10 < 4 ? 1 : 0);
  }
  const auto ceiling = sy::context_ceiling(sample.contexts, sample.labels);
  CHECK(ceiling.plain == 1);
  CHECK(ceiling.corrected == 1);
}

TEST_CASE("one row per context says nothing: plain is 1, corrected the rate of the majority") {
  Sample sample;
  for (int i = 0; i < 2000; ++i) {
    sample.contexts.push_back(i);
    sample.labels.push_back(i % 10 < 3 ? 1 : 0);
  }
  const auto ceiling = sy::context_ceiling(sample.contexts, sample.labels);
  CHECK(ceiling.plain == 1);
  CHECK(ceiling.corrected == Approx(0.7));
}

TEST_CASE("what is knowable lies between the two, and they meet as contexts grow") {
  double plain = 0;
  double corrected = 0;
  double knowable = 0;
  constexpr int trials = 40;
  for (std::uint64_t seed = 0; seed < trials; ++seed) {
    const auto [sample, truth] = noisy_sample(seed, 60, 6);
    const auto ceiling = sy::context_ceiling(sample.contexts, sample.labels, {.repeats = 5});
    plain += ceiling.plain / trials;
    corrected += ceiling.corrected / trials;
    knowable += truth / trials;
  }
  CHECK(corrected < knowable - 0.01);
  CHECK(plain > knowable + 0.01);

  const auto [large, truth] = noisy_sample(1, 20, 4000);
  const auto ceiling = sy::context_ceiling(large.contexts, large.labels);
  CHECK(ceiling.plain == Approx(truth).margin(0.005));
  CHECK(ceiling.corrected == Approx(ceiling.plain).margin(0.002));
}

TEST_CASE("a dataset's contexts are its distinct rows") {
  sy::Dataset data;
  data.features.resize(4, 2);
  data.features << 1, 2, 1, 2, 1, 3, 1, 3;
  data.labels = {1, 0, 1, 1};
  const auto ceiling = sy::context_ceiling(data);
  CHECK(ceiling.contexts == 2);
  CHECK(ceiling.plain == 0.75);
}

TEST_CASE("the seed decides the corrected ceiling") {
  const auto sample = noisy_sample(2, 30, 5).first;
  const auto run = [&](std::uint64_t seed) {
    return sy::context_ceiling(sample.contexts, sample.labels, {.repeats = 3, .seed = seed}).corrected;
  };
  CHECK(run(1) == run(1));
  CHECK(run(1) != run(2));
}

TEST_CASE("a ceiling of nothing is refused") {
  const std::vector<sy::Index> contexts{1};
  CHECK_THROWS_AS(sy::context_ceiling(std::vector<sy::Index>{}, sy::Labels{}), sy::InvalidArgument);
  CHECK_THROWS_WITH(sy::context_ceiling(contexts, sy::Labels{1, 0}), "contexts has 1 values; expected 2");
  CHECK_THROWS_WITH(sy::context_ceiling(contexts, sy::Labels{1}, {.repeats = 0}), "repeats is 0; expected at least 1");
}
