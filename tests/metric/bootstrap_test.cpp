#include "switchyard/metric/bootstrap.hpp"
#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <numeric>

namespace sy = switchyard;

namespace {

struct Sample {
  sy::Labels labels;
  std::vector<double> probabilities;
  std::vector<std::int64_t> groups;
};

/// Groups of `size` samples; with chance `shared` all of a group are right or wrong together. True accuracy 0.7.
Sample clustered_sample(std::uint64_t seed, int groups, int size, double shared) {
  sy::Rng rng(seed);
  Sample sample;
  for (int group = 0; group < groups; ++group) {
    const bool common = rng.bernoulli(shared);
    const bool right_together = rng.bernoulli(0.7);
    for (int i = 0; i < size; ++i) {
      const bool label = rng.bernoulli(0.4);
      const bool right = common ? right_together : rng.bernoulli(0.7);
      sample.labels.push_back(label ? 1 : 0);
      sample.probabilities.push_back(label == right ? rng.uniform(0.51, 1) : rng.uniform(0, 0.49));
      sample.groups.push_back(group * 31);
    }
  }
  return sample;
}

double coverage(double shared, bool by_group) {
  constexpr int trials = 300;
  int covered = 0;
  for (std::uint64_t trial = 0; trial < trials; ++trial) {
    const auto sample = clustered_sample(trial, 80, 5, shared);
    const std::span<const std::int64_t> groups = by_group ? sample.groups : std::span<const std::int64_t>{};
    const auto intervals =
        sy::bootstrap_metrics(sample.labels, sample.probabilities, 0.5, groups, {.replicates = 200, .seed = trial});
    covered += intervals.accuracy.contains(0.7) ? 1 : 0;
  }
  return static_cast<double>(covered) / trials;
}

}  // namespace

TEST_CASE("95 % intervals cover the truth about 95 % of the time, only if groups are drawn whole") {
  // The standard error of a coverage near .95 over 300 trials is .013.
  CHECK(coverage(0, true) == Approx(0.95).margin(0.04));
  CHECK(coverage(0.9, true) == Approx(0.95).margin(0.04));
  CHECK(coverage(0.9, false) < 0.8);
}

TEST_CASE("a replicate is the metrics of the drawn groups, spelled out") {
  const auto sample = clustered_sample(5, 12, 3, 0.5);
  const auto times = sy::detail::drawn_times(12, sy::Rng::stream(42, 0));
  Sample drawn;
  for (std::size_t i = 0; i < sample.labels.size(); ++i) {
    for (int copy = 0; copy < static_cast<int>(times[i / 3]); ++copy) {
      drawn.labels.push_back(sample.labels[i]);
      drawn.probabilities.push_back(sample.probabilities[i]);
    }
  }
  const auto expected = sy::classification_metrics(drawn.labels, drawn.probabilities);
  const auto found =
      sy::bootstrap_metrics(sample.labels, sample.probabilities, 0.5, sample.groups, {.replicates = 1, .seed = 42});
  for (std::size_t i = 0; i < sy::metric_fields<double>.size(); ++i) {
    INFO(sy::metric_fields<double>[i].name);
    const auto& interval = found.*sy::metric_fields<sy::Interval>[i].member;
    CHECK(interval.low == Approx(expected.*sy::metric_fields<double>[i].member).epsilon(1e-12));
    CHECK(interval.low == interval.high);
  }
}

TEST_CASE("drawn groups are as many as there are") {
  for (std::uint64_t replicate = 0; replicate < 20; ++replicate) {
    const auto times = sy::detail::drawn_times(37, sy::Rng::stream(1, replicate));
    CHECK(std::accumulate(times.begin(), times.end(), 0.0) == 37);
  }
}

TEST_CASE("the seed decides the intervals; a higher level widens them") {
  const auto sample = clustered_sample(1, 60, 4, 0.3);
  const auto run = [&](const sy::BootstrapOptions& options) {
    return sy::bootstrap_metrics(sample.labels, sample.probabilities, 0.5, sample.groups, options).roc_auc;
  };
  CHECK(run({.replicates = 300, .seed = 3}).low == run({.replicates = 300, .seed = 3}).low);
  CHECK(run({.replicates = 300, .seed = 3}).low != run({.replicates = 300, .seed = 4}).low);
  CHECK(run({.replicates = 300, .level = 0.99}).low < run({.replicates = 300, .level = 0.8}).low);
  CHECK(run({.replicates = 300, .level = 0.99}).high > run({.replicates = 300, .level = 0.8}).high);
}

TEST_CASE("a paired difference knows what separate intervals hide") {
  sy::Rng rng(8);
  sy::Labels labels;
  sy::Labels a;
  sy::Labels b;
  for (int i = 0; i < 2000; ++i) {  // both right or wrong together, but for 3 % where only a is right
    labels.push_back(rng.bernoulli(0.5) ? 1 : 0);
    const bool right = rng.bernoulli(0.7);
    const std::uint8_t other = labels.back() == 1 ? 0 : 1;
    b.push_back(right ? labels.back() : other);
    a.push_back(right || rng.bernoulli(0.1) ? labels.back() : other);
  }
  const auto paired = sy::bootstrap_accuracy_difference(labels, a, b, {});
  CHECK(paired.difference == Approx(sy::accuracy(labels, a) - sy::accuracy(labels, b)));
  CHECK(paired.interval.contains(paired.difference));
  CHECK(paired.interval.low > 0.015);
  CHECK(paired.interval.high < 0.05);

  const auto none = sy::bootstrap_accuracy_difference(labels, a, a, {});
  CHECK(none.difference == 0);
  CHECK(none.interval.low == 0);
  CHECK(none.interval.high == 0);
}

TEST_CASE("paired differences cover the truth when groups are alike") {
  int covered = 0;
  constexpr int trials = 300;
  for (std::uint64_t trial = 0; trial < trials; ++trial) {
    sy::Rng rng(trial);
    sy::Labels labels(300, 1);
    sy::Labels a;
    sy::Labels b;
    std::vector<std::int64_t> groups;
    for (int i = 0; i < 300; i += 3) {  // three copies of one draw
      const bool right_a = rng.bernoulli(0.8);
      const bool right_b = rng.bernoulli(0.7);
      a.insert(a.end(), 3, right_a ? 1 : 0);
      b.insert(b.end(), 3, right_b ? 1 : 0);
      groups.insert(groups.end(), 3, i);
    }
    const auto paired = sy::bootstrap_accuracy_difference(labels, a, b, groups, {.replicates = 300, .seed = trial});
    covered += paired.interval.contains(0.1) ? 1 : 0;
  }
  CHECK(static_cast<double>(covered) / trials == Approx(0.95).margin(0.04));
}

TEST_CASE("bootstrap options and sizes are checked") {
  const sy::Labels y{1, 0};
  const std::vector<double> p{0.5, 0.2};
  const std::vector<std::int64_t> groups{1};
  CHECK_THROWS_WITH(sy::bootstrap_metrics(y, p, 0.5, {}, {.replicates = 0}), "replicates is 0; expected at least 1");
  CHECK_THROWS_WITH(sy::bootstrap_metrics(y, p, 0.5, {}, {.level = 1}), "level is 1; expected a number in (0, 1)");
  CHECK_THROWS_WITH(sy::bootstrap_metrics(y, p, 0.5, groups), "groups has 1 values; expected 2");
}
