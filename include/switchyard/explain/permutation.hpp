#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/parallel.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/core/statistics.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/data/group.hpp"
#include "switchyard/explain/importance.hpp"
#include "switchyard/model/classifier.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <vector>

namespace switchyard {

/// shuffle: average over random permutations. exact: the expectation over all of them, without sampling noise.
/// automatic: exact where it asks the model for no more rows than shuffling would.
enum class PermutationMethod { automatic, shuffle, exact };

struct PermutationOptions {
  PermutationMethod method = PermutationMethod::automatic;
  int repeats = 5;  // >= 1; shuffles per source, for the method `shuffle`
  std::uint64_t seed =
      42;           // every source sees the same shuffles, so its result does not depend on the others asked for
  int threads = 1;  // as effective_threads; the result does not depend on it
};

/// How much worse a metric gets, with what a new sample of groups of rows might have said instead.
struct ImportanceEstimate {
  double mean = 0;
  double standard_error = 0;  // cluster-robust over `groups`; infinite for fewer than two groups
  double low = 0;             // 95 % interval, normal approximation
  double high = 0;
  double repeat_deviation = 0;  // standard deviation over the shuffles; 0 where exact or one shuffle

  /// The feature contributes: the interval lies wholly above or below zero.
  [[nodiscard]] bool excludes_zero() const noexcept { return low > 0 || high < 0; }
};

/// What a source is worth to a model on some rows; positive = the model needs it.
struct PermutationImportance {
  std::string name = {};
  bool exact = false;
  ImportanceEstimate accuracy_drop = {};  // in [-1, 1]
  ImportanceEstimate log_loss_rise = {};  // nats
};

namespace detail {

/// Loss of one answer by each metric: 0 = error (1 - accuracy), 1 = log-loss.
using Losses = std::array<double, 2>;

[[nodiscard]] inline Losses losses_of(double probability, std::uint8_t label) noexcept {
  constexpr double smallest = 1e-15;  // keeps the log-loss of a certain, wrong answer finite
  const double of_label = label == 1 ? probability : 1 - probability;
  return {(probability > 0.5) == (label == 1) ? 0.0 : 1.0, -std::log(std::clamp(of_label, smallest, 1.0))};
}

/// Rows cut in two: what a source says (`value`) and everything else (`rest`). Row i is rest i with value i put in.
struct SourceRows {
  RowGroups rest;
  RowGroups value;

  [[nodiscard]] std::size_t pairs() const noexcept {
    return static_cast<std::size_t>(rest.count()) * static_cast<std::size_t>(value.count());
  }
  /// Number of the pair (rest of row i, value of row j).
  [[nodiscard]] std::size_t pair(std::size_t i, std::size_t j) const noexcept {
    return static_cast<std::size_t>(rest.group[i] * value.count() + value.group[j]);
  }
};

[[nodiscard]] inline Matrix columns_of(const Matrix& features, std::span<const Index> columns) {
  Matrix result(features.rows(), static_cast<Index>(columns.size()));
  for (std::size_t i = 0; i < columns.size(); ++i) result.col(static_cast<Index>(i)) = features.col(columns[i]);
  return result;
}

[[nodiscard]] inline SourceRows cut_rows(const Matrix& features, const FeatureGroup& source) {
  std::vector<Index> others;
  for (Index column = 0; column < features.cols(); ++column) {
    if (std::find(source.features.begin(), source.features.end(), column) == source.features.end()) {
      others.push_back(column);
    }
  }
  return {distinct_rows(columns_of(features, others)), distinct_rows(columns_of(features, source.features))};
}

/// The model's probability for each pair asked for. [pairs]
template <Classifier Model>
[[nodiscard]] std::vector<double> pair_probabilities(const Model& model, const Matrix& features,
                                                     const FeatureGroup& source, const SourceRows& rows,
                                                     std::span<const std::size_t> pairs, ThreadPool& pool) {
  constexpr std::size_t block = 1024;  // rows per question: enough for a batch, few enough to stay in the cache
  std::vector<double> result(pairs.size());
  pool.for_each_index((pairs.size() + block - 1) / block, [&](std::size_t number) {
    const std::size_t begin = number * block;
    const std::size_t count = std::min(block, pairs.size() - begin);
    Matrix asked(static_cast<Index>(count), features.cols());
    for (std::size_t i = 0; i < count; ++i) {
      const auto values = static_cast<std::size_t>(rows.value.count());
      const Index rest = rows.rest.first_row[pairs[begin + i] / values];
      const Index value = rows.value.first_row[pairs[begin + i] % values];
      asked.row(static_cast<Index>(i)) = features.row(rest);
      for (const Index column : source.features) asked(static_cast<Index>(i), column) = features(value, column);
    }
    const Vector answers = model.predict_proba(asked);
    std::copy(answers.begin(), answers.end(), result.begin() + static_cast<std::ptrdiff_t>(begin));
  });
  return result;
}

/// What replacing a source's values did, by one metric.
struct Rises {
  std::vector<double> of_row;      // [samples]; expected loss with a foreign value, less the loss with the row's own
  std::vector<double> of_donor;    // [samples]; rise this row's value brings to the others, up to one constant
  std::vector<double> per_repeat;  // [repeats]; mean rise of each shuffle; empty if exact
};

/// Rises over all pairs. probabilities: [pairs]. Differences are taken from one value's loss, so that a source the
/// model ignores comes out as exactly 0.
[[nodiscard]] inline Rises exact_rises(const Dataset& data, const SourceRows& rows,
                                       std::span<const double> probabilities, std::size_t metric) {
  const auto rests = static_cast<std::size_t>(rows.rest.count());
  const auto values = static_cast<std::size_t>(rows.value.count());
  std::vector<double> value_share(values, 0.0);
  std::vector<std::array<double, 2>> rest_share(rests, {0.0, 0.0});  // by label
  double total = 0;
  for (std::size_t i = 0; i < data.labels.size(); ++i) total += data.weight(static_cast<Index>(i));
  for (std::size_t i = 0; i < data.labels.size(); ++i) {
    const double share = data.weight(static_cast<Index>(i)) / total;
    value_share[static_cast<std::size_t>(rows.value.group[i])] += share;
    rest_share[static_cast<std::size_t>(rows.rest.group[i])][data.labels[i]] += share;
  }
  std::vector<std::array<double, 2>> expected(rests);
  std::vector<double> donor(values, 0.0);
  for (std::size_t rest = 0; rest < rests; ++rest) {
    for (const std::uint8_t label : {std::uint8_t{0}, std::uint8_t{1}}) {
      if (rest_share[rest][label] == 0) continue;
      const double reference = losses_of(probabilities[rest * values], label)[metric];
      expected[rest][label] = reference;
      for (std::size_t value = 0; value < values; ++value) {
        const double change = losses_of(probabilities[rest * values + value], label)[metric] - reference;
        expected[rest][label] += value_share[value] * change;
        donor[value] += rest_share[rest][label] * change;
      }
    }
  }
  Rises rises;
  for (std::size_t i = 0; i < data.labels.size(); ++i) {
    const double own = losses_of(probabilities[rows.pair(i, i)], data.labels[i])[metric];
    rises.of_row.push_back(expected[static_cast<std::size_t>(rows.rest.group[i])][data.labels[i]] - own);
    rises.of_donor.push_back(donor[static_cast<std::size_t>(rows.value.group[i])]);
  }
  return rises;
}

/// Whose value each row gets in one shuffle: a permutation, or draws by weight where rows have weights. [samples]
[[nodiscard]] inline std::vector<std::size_t> donors(const Dataset& data, Rng rng) {
  std::vector<std::size_t> result(data.labels.size());
  std::iota(result.begin(), result.end(), std::size_t{0});
  if (data.weights.empty()) {
    rng.shuffle(std::span<std::size_t>(result));
    return result;
  }
  std::vector<double> cumulative(data.weights.size());
  std::partial_sum(data.weights.begin(), data.weights.end(), cumulative.begin());
  for (std::size_t& donor : result) {
    const auto drawn = std::upper_bound(cumulative.begin(), cumulative.end(), rng.uniform() * cumulative.back());
    donor = std::min(static_cast<std::size_t>(drawn - cumulative.begin()), result.size() - 1);
  }
  return result;
}

/// Shuffles of a source's values and the model's answers to all rows they make, each distinct row asked once.
struct Shuffles {
  std::vector<std::vector<std::size_t>> donor;  // [repeats][samples]
  std::vector<std::size_t> pairs;               // ascending
  std::vector<double> probabilities;            // [pairs]

  [[nodiscard]] double probability(std::size_t pair) const {
    return probabilities[static_cast<std::size_t>(std::lower_bound(pairs.begin(), pairs.end(), pair) - pairs.begin())];
  }
};

[[nodiscard]] inline Shuffles shuffles_of(const Dataset& data, const SourceRows& rows,
                                          const PermutationOptions& options) {
  Shuffles shuffles;
  for (std::size_t i = 0; i < data.labels.size(); ++i) shuffles.pairs.push_back(rows.pair(i, i));
  for (int repeat = 0; repeat < options.repeats; ++repeat) {
    shuffles.donor.push_back(donors(data, Rng::stream(options.seed, static_cast<std::uint64_t>(repeat))));
    for (std::size_t i = 0; i < data.labels.size(); ++i) {
      shuffles.pairs.push_back(rows.pair(i, shuffles.donor.back()[i]));
    }
  }
  std::sort(shuffles.pairs.begin(), shuffles.pairs.end());
  shuffles.pairs.erase(std::unique(shuffles.pairs.begin(), shuffles.pairs.end()), shuffles.pairs.end());
  return shuffles;
}

[[nodiscard]] inline Rises shuffled_rises(const Dataset& data, const SourceRows& rows, const Shuffles& shuffles,
                                          std::size_t metric) {
  const std::size_t samples = data.labels.size();
  const auto repeats = static_cast<double>(shuffles.donor.size());
  Rises rises{std::vector<double>(samples, 0.0), std::vector<double>(samples, 0.0), {}};
  for (const std::vector<std::size_t>& donor : shuffles.donor) {
    CompensatedSum sum;
    double total = 0;
    for (std::size_t i = 0; i < samples; ++i) {
      const double own = losses_of(shuffles.probability(rows.pair(i, i)), data.labels[i])[metric];
      const double after = losses_of(shuffles.probability(rows.pair(i, donor[i])), data.labels[i])[metric];
      const double weight = data.weight(static_cast<Index>(i));
      rises.of_row[i] += (after - own) / repeats;
      rises.of_donor[donor[i]] += weight * (after - own) / (repeats * data.weight(static_cast<Index>(donor[i])));
      sum.add(weight * (after - own));
      total += weight;
    }
    rises.per_repeat.push_back(sum.value() / total);
  }
  return rises;
}

/// Weighted mean of values. [samples]
[[nodiscard]] inline double weighted_mean(const Dataset& data, std::span<const double> values) {
  CompensatedSum sum;
  CompensatedSum total;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum.add(data.weight(static_cast<Index>(i)) * values[i]);
    total.add(data.weight(static_cast<Index>(i)));
  }
  return sum.value() / total.value();
}

/// Standard error of the weighted mean of `influence` where only rows of different groups are independent (Liang &
/// Zeger, "Longitudinal data analysis using generalized linear models", 1986), with the G / (G - 1) correction.
[[nodiscard]] inline double cluster_standard_error(const Dataset& data, std::span<const double> influence) {
  const double centre = weighted_mean(data, influence);
  std::vector<std::size_t> order(influence.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto group = [&](std::size_t i) { return data.groups.empty() ? static_cast<std::int64_t>(i) : data.groups[i]; };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return group(a) < group(b); });
  CompensatedSum squares;
  double groups = 0;
  double total = 0;
  for (std::size_t i = 0; i < order.size();) {
    double sum = 0;
    const std::int64_t current = group(order[i]);
    for (; i < order.size() && group(order[i]) == current; ++i) {
      const double weight = data.weight(static_cast<Index>(order[i]));
      sum += weight * (influence[order[i]] - centre);
      total += weight;
    }
    squares.add(sum * sum);
    ++groups;
  }
  if (groups < 2) return std::numeric_limits<double>::infinity();
  return std::sqrt(groups / (groups - 1) * squares.value()) / total;
}

/// The values a row gets are a sample too, so each row's influence on the mean is its own rise plus the one its value
/// brings to others (the two first-order terms of a V-statistic; Hoeffding, 1948). Shuffling noise enters both terms,
/// so the interval is a little too wide rather than too narrow there.
[[nodiscard]] inline ImportanceEstimate estimate_of(const Dataset& data, const Rises& rises) {
  constexpr double normal_quantile_975 = 1.959963984540054;
  std::vector<double> influence(rises.of_row.size());
  for (std::size_t i = 0; i < influence.size(); ++i) influence[i] = rises.of_row[i] + rises.of_donor[i];
  ImportanceEstimate estimate;
  estimate.mean = weighted_mean(data, rises.of_row);
  estimate.standard_error = cluster_standard_error(data, influence);
  estimate.low = estimate.mean - normal_quantile_975 * estimate.standard_error;
  estimate.high = estimate.mean + normal_quantile_975 * estimate.standard_error;
  if (rises.per_repeat.size() > 1) estimate.repeat_deviation = standard_deviation(rises.per_repeat);
  return estimate;
}

template <Classifier Model>
[[nodiscard]] PermutationImportance importance_of_source(const Model& model, const Dataset& data,
                                                         const FeatureGroup& source, const PermutationOptions& options,
                                                         ThreadPool& pool) {
  const SourceRows rows = cut_rows(data.features, source);
  const std::size_t shuffled_rows = data.labels.size() * static_cast<std::size_t>(options.repeats);
  PermutationImportance result{.name = source.name};
  result.exact = options.method == PermutationMethod::exact ||
                 (options.method == PermutationMethod::automatic && rows.pairs() <= shuffled_rows);
  if (result.exact) {
    std::vector<std::size_t> pairs(rows.pairs());
    std::iota(pairs.begin(), pairs.end(), std::size_t{0});
    const auto probabilities = pair_probabilities(model, data.features, source, rows, pairs, pool);
    result.accuracy_drop = estimate_of(data, exact_rises(data, rows, probabilities, 0));
    result.log_loss_rise = estimate_of(data, exact_rises(data, rows, probabilities, 1));
    return result;
  }
  Shuffles shuffles = shuffles_of(data, rows, options);
  shuffles.probabilities = pair_probabilities(model, data.features, source, rows, shuffles.pairs, pool);
  result.accuracy_drop = estimate_of(data, shuffled_rises(data, rows, shuffles, 0));
  result.log_loss_rise = estimate_of(data, shuffled_rises(data, rows, shuffles, 1));
  return result;
}

}  // namespace detail

/// What the model loses when a source's columns are filled with another row's values, all of them from the same row
/// (Breiman, "Random forests", 2001; Fisher, Rudin & Dominici, JMLR 20(177), 2019). One result per source, in their
/// order (one_group_per_feature: each column by itself);
/// data: rows the model has not been trained on.
///
/// Exact means: the row is kept and the source's values are drawn from their empirical marginal, i.e. from every row of
/// `data`, its own included, with equal probability. That is the mean over all n! permutations: under a uniformly
/// random permutation each row's donor is uniform over the n rows, and both metrics are means over rows, so by
/// linearity the dependence between donors does not matter. Only distinct (rest of row, value) pairs are asked, each
/// once. Row weights count as multiplicities, in the metric and in the marginal.
///
/// Throws InvalidArgument for a bad dataset, no rows, other columns than the model's, a bad group or repeats < 1.
template <Classifier Model>
[[nodiscard]] std::vector<PermutationImportance> permutation_importance(const Model& model, const Dataset& data,
                                                                        const std::vector<FeatureGroup>& sources,
                                                                        const PermutationOptions& options = {}) {
  data.validate();
  detail::require_columns(data.columns(), model.features());
  detail::require_groups(sources, data.columns());
  if (data.rows() == 0) throw InvalidArgument::out_of_range("rows", "0", "at least 1");
  if (options.repeats < 1) {
    throw InvalidArgument::out_of_range("repeats", std::to_string(options.repeats), "an integer >= 1");
  }
  ThreadPool pool(options.threads);
  std::vector<PermutationImportance> result;
  result.reserve(sources.size());
  for (const FeatureGroup& source : sources) {
    result.push_back(detail::importance_of_source(model, data, source, options, pool));
  }
  return result;
}

}  // namespace switchyard
