#include "switchyard/explain/permutation.hpp"
#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sy = switchyard;

namespace {

/// Logistic in columns 0 and 1, with an interaction; ignores every other column.
struct Logistic {
  sy::Index columns = 3;

  [[nodiscard]] sy::Index features() const { return columns; }
  [[nodiscard]] double probability(sy::RowView row) const {
    return 1 / (1 + std::exp(-(2 * row[0] - row[1] + 0.7 * row[0] * row[1])));
  }
  [[nodiscard]] sy::Vector predict_proba(const sy::MatrixView& features) const {
    return sy::detail::probabilities_row_by_row(*this, features);
  }
  [[nodiscard]] sy::Labels predict(const sy::MatrixView& features) const {
    return sy::labels_from(predict_proba(features));
  }
  [[maybe_unused]] friend bool operator==(const Logistic&, const Logistic&) = default;
};
static_assert(sy::Classifier<Logistic>);

/// Rows whose labels the model knows more or less; levels > 0 rounds the features to so many values.
sy::Dataset sample(sy::Index rows, int levels, std::uint64_t seed) {
  sy::Rng rng(seed);
  sy::Dataset data;
  data.features.resize(rows, 3);
  data.feature_names = {"a", "b", "ignored"};
  for (sy::Index i = 0; i < data.features.size(); ++i) {
    const double value = rng.normal();
    data.features.data()[i] = levels > 0 ? std::floor(value * levels) / levels : value;
  }
  for (sy::Index i = 0; i < rows; ++i)
    data.labels.push_back(rng.bernoulli(Logistic{}.probability(data.row(i))) ? 1 : 0);
  return data;
}

struct Metrics {
  double accuracy = 0;
  double log_loss = 0;
};

Metrics metrics_of(const sy::Matrix& features, const sy::Dataset& data) {
  Metrics result;
  double total = 0;
  for (sy::Index i = 0; i < features.rows(); ++i) {
    const double p = Logistic{}.probability(sy::row_of(features, i));
    const bool positive = data.labels[static_cast<std::size_t>(i)] == 1;
    result.accuracy += data.weight(i) * ((p > 0.5) == positive ? 1 : 0);
    result.log_loss -= data.weight(i) * std::log(positive ? p : 1 - p);
    total += data.weight(i);
  }
  return {result.accuracy / total, result.log_loss / total};
}

/// Mean metrics over all n! orders of the given columns' values.
Metrics mean_over_all_permutations(const sy::Dataset& data, const std::vector<sy::Index>& columns) {
  std::vector<sy::Index> order(static_cast<std::size_t>(data.rows()));
  std::iota(order.begin(), order.end(), sy::Index{0});
  Metrics sum;
  double count = 0;
  do {
    sy::Matrix permuted = data.features;
    for (sy::Index i = 0; i < data.rows(); ++i) {
      for (const sy::Index column : columns)
        permuted(i, column) = data.features(order[static_cast<std::size_t>(i)], column);
    }
    const Metrics metrics = metrics_of(permuted, data);
    sum.accuracy += metrics.accuracy;
    sum.log_loss += metrics.log_loss;
    ++count;
  } while (std::next_permutation(order.begin(), order.end()));
  return {sum.accuracy / count, sum.log_loss / count};
}

const std::vector<sy::FeatureGroup> columns{{"a", {0}}, {"b", {1}}, {"ignored", {2}}};
const std::vector<sy::FeatureGroup> sources{{"a", {0}}, {"b", {1}}, {"ignored", {2}}, {"together", {0, 1}}};

bool same(const sy::ImportanceEstimate& a, const sy::ImportanceEstimate& b) {
  return a.mean == b.mean && a.standard_error == b.standard_error && a.low == b.low && a.high == b.high &&
         a.repeat_deviation == b.repeat_deviation;
}

}  // namespace

TEST_CASE("the exact expectation is the mean over all permutations") {
  for (const int levels : {0, 1}) {
    const sy::Dataset data = sample(6, levels, 3);
    const auto result = sy::permutation_importance(Logistic{}, data, sources, {.method = sy::PermutationMethod::exact});
    const Metrics before = metrics_of(data.features, data);
    for (std::size_t i = 0; i < sources.size(); ++i) {
      const Metrics after = mean_over_all_permutations(data, sources[i].features);
      CHECK(result[i].exact);
      CHECK(result[i].accuracy_drop.mean == Approx(before.accuracy - after.accuracy).margin(1e-12));
      CHECK(result[i].log_loss_rise.mean == Approx(after.log_loss - before.log_loss).margin(1e-12));
    }
  }
}

TEST_CASE("shuffling approaches the exact expectation") {
  const sy::Dataset data = sample(300, 2, 5);
  const auto exact = sy::permutation_importance(Logistic{}, data, sources, {.method = sy::PermutationMethod::exact});
  const auto shuffled =
      sy::permutation_importance(Logistic{}, data, sources, {.method = sy::PermutationMethod::shuffle, .repeats = 200});
  for (const std::size_t i : {0U, 1U, 3U}) {
    const sy::ImportanceEstimate& estimate = shuffled[i].log_loss_rise;
    CHECK_FALSE(shuffled[i].exact);
    CHECK(estimate.repeat_deviation > 0);
    CHECK(std::abs(estimate.mean - exact[i].log_loss_rise.mean) < 4 * estimate.repeat_deviation / std::sqrt(200.0));
    CHECK(estimate.standard_error == Approx(exact[i].log_loss_rise.standard_error).epsilon(0.05));
    CHECK(exact[i].log_loss_rise.repeat_deviation == 0);
  }
}

TEST_CASE("an ignored column has importance exactly zero, a used one does not") {
  for (const auto method : {sy::PermutationMethod::exact, sy::PermutationMethod::shuffle}) {
    const auto result = sy::permutation_importance(Logistic{}, sample(400, 2, 9), columns, {.method = method});
    REQUIRE(result.size() == 3);
    CHECK(result[2].name == "ignored");
    CHECK(same(result[2].accuracy_drop, sy::ImportanceEstimate{}));
    CHECK(same(result[2].log_loss_rise, sy::ImportanceEstimate{}));
    CHECK_FALSE(result[2].log_loss_rise.excludes_zero());
    CHECK(result[0].log_loss_rise.excludes_zero());
    CHECK(result[0].accuracy_drop.mean > result[1].accuracy_drop.mean);
  }
}

TEST_CASE("the interval covers the importance in the population") {
  // 200 samples of 250 rows; the population's importance is taken from one large sample. Its coverage's own standard
  // error is 1.5 %.
  const auto population = sy::permutation_importance(Logistic{}, sample(40000, 1, 1), columns, {.threads = 2});
  int covered = 0;
  for (std::uint64_t seed = 100; seed < 300; ++seed) {
    const auto result = sy::permutation_importance(Logistic{}, sample(250, 1, seed), {{"b", {1}}});
    REQUIRE(result[0].exact);
    const auto& estimate = result[0].log_loss_rise;
    if (estimate.low <= population[1].log_loss_rise.mean && population[1].log_loss_rise.mean <= estimate.high)
      ++covered;
  }
  CHECK(covered >= 180);
  CHECK(covered <= 199);
}

TEST_CASE("the standard error of independent rows is the textbook one, and of grouped rows that of their group sums") {
  const std::vector<double> influence{1, 4, 2, 7};
  sy::Dataset data;
  CHECK(sy::detail::cluster_standard_error(data, influence) ==
        Approx(sy::standard_deviation(influence) / 2).epsilon(1e-14));
  // Centred on 3.5, the groups {1, 2} and {4, 7} sum to -4 and 4: sqrt(2/1 x (16 + 16)) / 4 rows = 2.
  data.groups = {5, -1, 5, -1};
  CHECK(sy::detail::cluster_standard_error(data, influence) == Approx(2).epsilon(1e-14));
}

TEST_CASE("rows repeated within a group do not narrow the interval") {
  const sy::Dataset once = sample(100, 1, 13);
  std::vector<sy::Index> twice;
  for (sy::Index i = 0; i < 200; ++i) twice.push_back(i / 2);
  sy::Dataset doubled = once.subset(twice);
  for (const sy::Index row : twice) doubled.groups.push_back(row + 1000);
  const auto narrow = sy::permutation_importance(Logistic{}, once, columns, {.method = sy::PermutationMethod::exact});
  const auto grouped =
      sy::permutation_importance(Logistic{}, doubled, columns, {.method = sy::PermutationMethod::exact});
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(grouped[i].log_loss_rise.mean == Approx(narrow[i].log_loss_rise.mean).epsilon(1e-12));
    CHECK(grouped[i].log_loss_rise.standard_error == Approx(narrow[i].log_loss_rise.standard_error).epsilon(1e-12));
  }
  doubled.groups.clear();
  const auto as_if_independent =
      sy::permutation_importance(Logistic{}, doubled, columns, {.method = sy::PermutationMethod::exact});
  CHECK(as_if_independent[0].log_loss_rise.standard_error < 0.72 * narrow[0].log_loss_rise.standard_error);
  doubled.groups.assign(200, 1);
  const auto one_group = sy::permutation_importance(Logistic{}, doubled, columns);
  CHECK(std::isinf(one_group[0].log_loss_rise.standard_error));
  CHECK_FALSE(one_group[0].log_loss_rise.excludes_zero());
}

TEST_CASE("a weight counts like repeated rows") {
  sy::Dataset weighted = sample(50, 1, 17);
  std::vector<sy::Index> repeated;
  for (sy::Index i = 0; i < 50; ++i) {
    weighted.weights.push_back(static_cast<double>(1 + i % 3));
    for (sy::Index copy = 0; copy < 1 + i % 3; ++copy) repeated.push_back(i);
  }
  sy::Dataset plain = weighted.subset(repeated);
  plain.weights.clear();
  plain.groups.assign(repeated.begin(), repeated.end());
  const auto by_weight =
      sy::permutation_importance(Logistic{}, weighted, columns, {.method = sy::PermutationMethod::exact});
  const auto by_copies =
      sy::permutation_importance(Logistic{}, plain, columns, {.method = sy::PermutationMethod::exact});
  const auto drawn = sy::permutation_importance(Logistic{}, weighted, columns,
                                                {.method = sy::PermutationMethod::shuffle, .repeats = 400});
  for (std::size_t i = 0; i < 2; ++i) {
    const double mean = by_copies[i].log_loss_rise.mean;
    const auto& shuffled = drawn[i].log_loss_rise;
    CHECK(by_weight[i].log_loss_rise.mean == Approx(mean).epsilon(1e-12));
    CHECK(by_weight[i].log_loss_rise.standard_error ==
          Approx(by_copies[i].log_loss_rise.standard_error).epsilon(1e-12));
    CHECK(std::abs(shuffled.mean - mean) < 4 * shuffled.repeat_deviation / std::sqrt(400.0));
    CHECK(shuffled.standard_error == Approx(by_copies[i].log_loss_rise.standard_error).epsilon(0.1));
  }
}

TEST_CASE("results are the same at any thread count and independent of the other sources") {
  const sy::Dataset data = sample(3000, 0, 21);
  const sy::PermutationOptions options{.method = sy::PermutationMethod::shuffle, .repeats = 2};
  auto threaded = options;
  threaded.threads = 3;
  const auto alone = sy::permutation_importance(Logistic{}, data, {sources[1]}, options);
  const auto all = sy::permutation_importance(Logistic{}, data, sources, threaded);
  CHECK(same(alone[0].log_loss_rise, all[1].log_loss_rise));
  auto reseeded = options;
  reseeded.seed = 43;
  CHECK_FALSE(same(sy::permutation_importance(Logistic{}, data, {sources[1]}, reseeded)[0].log_loss_rise,
                   alone[0].log_loss_rise));
}

TEST_CASE("the exact expectation is taken where rows repeat enough") {
  CHECK(sy::permutation_importance(Logistic{}, sample(500, 1, 1), {{"a", {0}}})[0].exact);
  CHECK_FALSE(sy::permutation_importance(Logistic{}, sample(500, 0, 1), {{"a", {0}}})[0].exact);
}

TEST_CASE("bad requests are refused") {
  const sy::Dataset data = sample(10, 0, 1);
  CHECK_THROWS_AS(sy::permutation_importance(Logistic{}, data, {{"x", {3}}}), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::permutation_importance(Logistic{}, data, columns, {.repeats = 0}), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::permutation_importance(Logistic{4}, data, columns), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::permutation_importance(Logistic{}, data.subset({}), columns), sy::InvalidArgument);
}
