#include "switchyard/select/permuted_labels.hpp"
#include "select/lookup_model.hpp"
#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

namespace sy = switchyard;

namespace {

/// Twenty contexts, half of them 1 for `high` of their rows, the others for `low`; column 1 is the row's number.
sy::Dataset contexts(std::uint64_t seed, int rows, double low, double high) {
  sy::Rng rng(seed);
  sy::Dataset data;
  data.features.resize(rows, 2);
  data.feature_names = {"context", "number"};
  for (int i = 0; i < rows; ++i) {
    const auto context = rng.below(20);
    data.features(i, 0) = static_cast<double>(context);
    data.features(i, 1) = i;
    data.labels.push_back(rng.bernoulli(context < 10 ? low : high) ? 1 : 0);
  }
  return data;
}

/// Three fifths train, a fifth validates, a fifth tests.
sy::SplitRows fifths(sy::Index rows) {
  sy::SplitRows result;
  for (sy::Index row = 0; row < rows; ++row) {
    (row % 5 < 3 ? result.train : row % 5 == 3 ? result.validation : result.test).push_back(row);
  }
  return result;
}

const auto lookup = [](const sy::Dataset& train) { return fixture::fit_lookup(train); };

sy::Vector honest(const sy::Dataset& data, const sy::SplitRows& rows) {
  return fixture::fit_lookup(data.subset(rows.train)).predict_proba(data.subset(rows.test).features);
}

/// Replaces column 1 by a number made of the row's own label, as a target encoding over all rows would.
sy::Vector target_encoded(const sy::Dataset& data, const sy::SplitRows& rows) {
  sy::Dataset leaking = data;
  for (sy::Index row = 0; row < data.rows(); ++row) {
    leaking.features(row, 1) = data.labels[static_cast<std::size_t>(row)] == 1 ? 0.7 : 0.3;
  }
  return fixture::fit_lookup(leaking.subset(rows.train), 1).predict_proba(leaking.subset(rows.test).features);
}

}  // namespace

TEST_CASE("an honest learner falls to the majority rate, however well it does on true labels") {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    INFO(seed);
    const auto train = contexts(seed, 3000, 0.05, 0.7);
    const auto test = contexts(seed + 100, 1000, 0.05, 0.7);
    const double skilled = sy::accuracy(test.labels, fixture::fit_lookup(train).predict(test.features));
    const auto control = sy::permuted_label_control(train, test, lookup, {.seed = seed});
    const auto ones = static_cast<double>(std::count(test.labels.begin(), test.labels.end(), 1)) / 1000;
    REQUIRE(control.accuracy.values.size() == 5);
    CHECK(skilled > 0.78);
    CHECK(control.accuracy.expected == Approx(1 - ones));
    CHECK(control.accuracy.mean == Approx(1 - ones).margin(0.02));
    CHECK(control.balanced_accuracy.mean == Approx(0.5).margin(0.02));
    CHECK(control.passes);
    CHECK(sy::to_string(control).find(": passes") != std::string::npos);
  }
}

TEST_CASE("figures by hand: mean, range, standard error") {
  // A learner that answers 1 always on its first call, 0 always from then on; test labels 1 1 1 0.
  auto test = contexts(1, 4, 0.5, 0.5);
  test.labels = {1, 1, 1, 0};
  int calls = 0;
  const auto fit = [&](const sy::Dataset& train) {
    return fixture::LookupModel{{}, calls++ == 0 ? 1.0 : 0.0, train.columns(), 0};
  };
  const auto control = sy::permuted_label_control(test, test, fit, {.permutations = 3});
  CHECK(calls == 3);
  CHECK(control.accuracy.values == std::vector<double>{0.75, 0.25, 0.25});
  CHECK(control.accuracy.expected == 0.75);
  CHECK(control.accuracy.mean == Approx(1.25 / 3));
  CHECK(control.accuracy.low == 0.25);
  CHECK(control.accuracy.high == 0.75);
  CHECK(control.accuracy.standard_error == Approx(std::sqrt(1.0 / 12) / std::sqrt(3.0)));
  CHECK(control.balanced_accuracy.mean == 0.5);
}

TEST_CASE("labels are permuted over all rows of each part, the others stay as they are") {
  const auto data = contexts(3, 2000, 0.1, 0.9);
  auto rows = fifths(2000);
  rows.purged.assign(rows.train.end() - 200, rows.train.end());
  rows.train.resize(rows.train.size() - 200);
  std::vector<sy::Labels> seen;
  const auto pipeline = [&](const sy::Dataset& permuted, const sy::SplitRows& given) -> sy::Vector {
    CHECK(given == rows);
    CHECK(permuted.features == data.features);
    seen.push_back(permuted.labels);
    return sy::Vector::Constant(static_cast<sy::Index>(rows.test.size()), 0.5);
  };
  const auto control = sy::permuted_label_control(data, rows, pipeline);
  CHECK(control.passes);
  REQUIRE(seen.size() == 5);
  CHECK(seen[0] != seen[1]);
  for (const auto& labels : seen) {
    const auto same = [&](const std::vector<sy::Index>& part) {
      const auto is_same = [&](sy::Index i) {
        return labels[static_cast<std::size_t>(i)] == data.labels[static_cast<std::size_t>(i)];
      };
      return static_cast<std::size_t>(std::count_if(part.begin(), part.end(), is_same));
    };
    CHECK(same(rows.test) == rows.test.size());
    CHECK(same(rows.purged) == rows.purged.size());
    for (const auto* part : {&rows.train, &rows.validation}) {
      const auto mixed = data.subset(*part).labels;
      sy::Labels drawn;
      for (const auto row : *part) drawn.push_back(labels[static_cast<std::size_t>(row)]);
      CHECK(std::count(drawn.begin(), drawn.end(), 1) == std::count(mixed.begin(), mixed.end(), 1));
      CHECK(static_cast<double>(same(*part)) / static_cast<double>(part->size()) == Approx(0.5).margin(0.07));
    }
  }
}

TEST_CASE("permuted within contexts, labels would leave a lookup table all its skill") {
  // What the control must not do, as its comment says: the reason that it permutes over rows.
  const auto train = contexts(4, 2000, 0.1, 0.9);
  const auto test = contexts(5, 1000, 0.1, 0.9);
  const auto within = [&](const sy::Dataset&) {
    sy::Dataset permuted = train;
    std::map<double, std::vector<sy::Index>> rows;
    for (sy::Index i = 0; i < train.rows(); ++i) rows[train.features(i, 0)].push_back(i);
    sy::Rng rng(1);
    for (const auto& [context, of] : rows) sy::detail::permute_labels(of, permuted.labels, rng);
    CHECK(permuted.labels != train.labels);
    return fixture::fit_lookup(permuted);
  };
  CHECK_FALSE(sy::permuted_label_control(train, test, within).passes);
  CHECK(sy::permuted_label_control(train, test, lookup).passes);
}

TEST_CASE("a feature computed from the labels is exposed") {
  const auto data = contexts(6, 2000, 0.2, 0.6);
  const auto rows = fifths(2000);
  CHECK(sy::permuted_label_control(data, rows, honest).passes);
  const auto control = sy::permuted_label_control(data, rows, target_encoded);
  CHECK(control.accuracy.mean == 1);
  CHECK_FALSE(control.passes);
  CHECK(sy::to_string(control).find("FAILS") != std::string::npos);
}

TEST_CASE("an evaluation that learns from test rows is exposed") {
  const auto data = contexts(7, 4000, 0.1, 0.9);
  const auto rows = fifths(4000);
  const auto peeking = [](const sy::Dataset& all, const sy::SplitRows& parts) -> sy::Vector {
    auto learned = parts.train;
    learned.insert(learned.end(), parts.test.begin(), parts.test.end());
    return fixture::fit_lookup(all.subset(learned)).predict_proba(all.subset(parts.test).features);
  };
  CHECK(sy::permuted_label_control(data, rows, honest).passes);
  const auto control = sy::permuted_label_control(data, rows, peeking);
  CHECK(control.accuracy.low > 0.8);
  CHECK_FALSE(control.passes);
}

TEST_CASE("a pipeline that uses purged rows is exposed") {
  const auto data = contexts(8, 4000, 0.1, 0.9);
  auto rows = fifths(4000);
  rows.purged = std::move(rows.validation);
  rows.validation.clear();
  const auto careless = [](const sy::Dataset& all, const sy::SplitRows& parts) -> sy::Vector {
    return fixture::fit_lookup(all.subset(parts.purged)).predict_proba(all.subset(parts.test).features);
  };
  CHECK_FALSE(sy::permuted_label_control(data, rows, careless).passes);
}

TEST_CASE("a leak that the majority rate hides from accuracy shows in balanced accuracy") {
  // One row of ten is 1; the leak finds a third of them and calls as many others 1: no gain in accuracy.
  auto test = contexts(9, 3000, 0.1, 0.1);
  const auto peeking = [&](const sy::Dataset& train) {
    fixture::LookupModel model{{}, 0.1, train.columns(), 1};
    for (sy::Index i = 0; i < test.rows(); ++i) {
      const bool one = test.labels[static_cast<std::size_t>(i)] == 1;
      model.rates[test.features(i, 1)] = i % 3 == 0 && (one || i % 27 == 0) ? 0.9 : 0.1;
    }
    return model;
  };
  const auto control = sy::permuted_label_control(contexts(10, 1000, 0.1, 0.1), test, peeking);
  CHECK(control.accuracy.mean <= control.accuracy.expected + control.tolerance);
  CHECK(control.balanced_accuracy.mean > 0.6);
  CHECK_FALSE(control.passes);
}

TEST_CASE("with few large contexts, chance alone does not fail the control") {
  // Labels at one half: a lookup table of permuted labels answers whole contexts by the toss of a coin.
  int failed = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto train = contexts(seed, 400, 0.05, 0.95);
    const auto test = contexts(seed + 1000, 400, 0.05, 0.95);
    const auto control = sy::permuted_label_control(train, test, lookup, {.seed = seed});
    failed += control.passes ? 0 : 1;
  }
  CHECK(failed <= 6);
}

TEST_CASE("the seed decides the control, weights count") {
  auto test = contexts(12, 300, 0.2, 0.8);
  const auto train = contexts(11, 300, 0.2, 0.8);
  const auto values = [&](std::uint64_t seed) {
    return sy::permuted_label_control(train, test, lookup, {.seed = seed}).accuracy.values;
  };
  CHECK(values(1) == values(1));
  CHECK(values(1) != values(2));
  test.weights.assign(300, 1);
  for (std::size_t i = 0; i < 300; ++i) test.weights[i] = test.labels[i] == 1 ? 3 : 1;
  const double ones = static_cast<double>(std::count(test.labels.begin(), test.labels.end(), 1));
  CHECK(sy::permuted_label_control(train, test, lookup).accuracy.expected == Approx(3 * ones / (300 + 2 * ones)));
}

TEST_CASE("a control that cannot be made says why") {
  using Catch::Matchers::Contains;
  const auto data = contexts(1, 50, 0.2, 0.8);
  CHECK_THROWS_WITH(sy::permuted_label_control(data, data, lookup, {.permutations = 1}),
                    "permutations is 1; expected at least 2");
  CHECK_THROWS_WITH(sy::permuted_label_control(data, data, lookup, {.tolerance = -0.1}), Contains("tolerance is -0.1"));
  CHECK_THROWS_WITH(sy::permuted_label_control(data, sy::Dataset{}, lookup), Contains("needs test rows"));
  const auto too_few = [](const sy::Dataset&, const sy::SplitRows&) -> sy::Vector { return sy::Vector::Zero(1); };
  CHECK_THROWS_WITH(sy::permuted_label_control(data, fifths(50), too_few), "probabilities has 1 values; expected 10");
  auto one_label = data;
  std::fill(one_label.labels.begin(), one_label.labels.end(), std::uint8_t{1});
  CHECK(sy::permuted_label_control(data, one_label, lookup).passes);
}
