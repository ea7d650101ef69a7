#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/core/statistics.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/metric/bootstrap.hpp"
#include "switchyard/metric/classification.hpp"
#include "switchyard/metric/interval.hpp"
#include "switchyard/metric/population_stability.hpp"
#include "switchyard/pipeline/drift_bins.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

struct DriftOptions {
  int bins = 10;                    // >= 2; quantile bins of training; columns of up to twice as many values: one each
  double moderate = 0.1;            // > 0; population stability index
  double large = 0.25;              // >= moderate
  double least_share = 0.01;        // in [0, 1]; of test rows out of range or at unseen levels that is worth naming
  std::size_t most_findings = 10;   // >= 1; the worst are kept, of columns and of warnings about them
  BootstrapOptions bootstrap = {};  // of the change of the label rate; its level also decides what chance can do
};

enum class FeatureShift : std::uint8_t { none, moderate, large };

/// How one column's test values differ from its training values. Shares are of all test (or training) rows.
struct FeatureDrift {
  std::string feature = {};
  double stability_index = 0;               // population stability index; missing values are a bin of their own
  double by_chance = 0;                     // what the index stays below, at the level, where nothing shifted
  FeatureShift shift = FeatureShift::none;  // by the index, if above `by_chance`
  double train_low = 0;                     // least and greatest training value; NaN if all are missing
  double train_high = 0;
  double outside = 0;                      // share beyond them, or of any value if training has none
  double train_missing = 0;                // share
  double test_missing = 0;                 // share
  std::vector<double> unseen_levels = {};  // of an integer-coded column: values that training never has, ascending
  double unseen = 0;                       // share at these levels
};

struct LabelDrift {
  double train_rate = 0;  // share of label 1
  double test_rate = 0;
  double change = 0;       // test - train
  Interval interval = {};  // of the change; groups drawn as a whole
};

/// Whether a column holds codes: whole numbers from 0 to 63, with or without gaps. Live columns hold measurements, even
/// where these are counts.
[[nodiscard]] inline bool is_integer_coded(std::string_view name, const MatrixView& features, Index column) {
  constexpr double greatest = 63;
  if (name.substr(0, 5) == "live_") return false;
  bool any = false;
  for (Index row = 0; row < features.rows(); ++row) {
    const double value = features(row, column);
    if (std::isnan(value)) continue;
    if (value < 0 || value > greatest || value != std::floor(value)) return false;
    any = true;
  }
  return any;
}

namespace detail {

inline void require_drift(const Dataset& train, const Dataset& test, const DriftOptions& options) {
  const auto out_of_range = [](const char* name, double found, const char* expected) {
    return InvalidArgument::out_of_range(name, format_number(found), expected);
  };
  if (options.bins < 2) throw out_of_range("bins", options.bins, "at least 2");
  if (!(options.moderate > 0)) throw out_of_range("moderate", options.moderate, "a positive number");
  if (!(options.large >= options.moderate)) throw out_of_range("large", options.large, "at least moderate");
  if (!(options.least_share >= 0 && options.least_share <= 1)) {
    throw out_of_range("least_share", options.least_share, "a number in [0, 1]");
  }
  if (options.most_findings < 1) throw InvalidArgument::out_of_range("most_findings", "0", "at least 1");
  require_bootstrap(options.bootstrap);
  if (train.rows() == 0 || test.rows() == 0) throw InvalidArgument("drift needs training and test rows");
  if (train.feature_names != test.feature_names) {
    throw InvalidArgument("drift needs the same columns in training and test; their names differ");
  }
}

/// Rows of one group are one sample, as far as chance is concerned.
[[nodiscard]] inline double independent_samples(const Dataset& data) {
  return static_cast<double>(clusters_of(data.groups, static_cast<std::size_t>(data.rows())).count);
}

inline void judge_shift(const std::vector<double>& expected, const std::vector<double>& actual, double train_samples,
                        double test_samples, const DriftOptions& options, FeatureDrift& drift) {
  std::size_t occupied = 0;
  for (std::size_t bin = 0; bin < expected.size(); ++bin) occupied += expected[bin] + actual[bin] > 0 ? 1 : 0;
  drift.stability_index = population_stability_index(expected, actual);
  drift.by_chance = stability_by_chance(occupied, train_samples, test_samples, options.bootstrap.level);
  if (drift.stability_index <= drift.by_chance || drift.stability_index <= options.moderate) return;
  drift.shift = drift.stability_index > options.large ? FeatureShift::large : FeatureShift::moderate;
}

/// The present test values that training does not cover.
inline void find_strangers(const ColumnValues& train, const ColumnValues& test, bool coded, FeatureDrift& drift) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  drift.train_low = train.sorted.empty() ? none : train.sorted.front();
  drift.train_high = train.sorted.empty() ? none : train.sorted.back();
  double outside = 0;
  double unseen = 0;
  for (const double value : test.sorted) {
    if (!(value >= drift.train_low && value <= drift.train_high)) outside += 1;
    if (!coded || std::binary_search(train.sorted.begin(), train.sorted.end(), value)) continue;
    unseen += 1;
    if (drift.unseen_levels.empty() || drift.unseen_levels.back() != value) drift.unseen_levels.push_back(value);
  }
  drift.outside = outside / test.rows;
  drift.unseen = unseen / test.rows;
}

/// Share of label 1 in each bootstrap replicate; whole groups are drawn.
[[nodiscard]] inline std::vector<double> replicated_rates(const Dataset& data, const BootstrapOptions& options,
                                                          std::uint64_t stream) {
  const auto clusters = clusters_of(data.groups, data.labels.size());
  std::vector<double> ones(clusters.count, 0.0);
  std::vector<double> total(clusters.count, 0.0);
  for (std::size_t i = 0; i < data.labels.size(); ++i) {
    const double weight = data.weight(static_cast<Index>(i));
    total[clusters.of_sample[i]] += weight;
    if (data.labels[i] == 1) ones[clusters.of_sample[i]] += weight;
  }
  std::vector<double> rates;
  for (int replicate = 0; replicate < options.replicates; ++replicate) {
    const auto number = 2 * static_cast<std::uint64_t>(replicate) + stream;  // training even, test odd
    const auto times = drawn_times(clusters.count, Rng::stream(options.seed, number));
    rates.push_back(ratio(std::inner_product(times.begin(), times.end(), ones.begin(), 0.0),
                          std::inner_product(times.begin(), times.end(), total.begin(), 0.0)));
  }
  return rates;
}

[[nodiscard]] inline double label_rate(const Dataset& data) {
  CompensatedSum ones;
  CompensatedSum total;
  for (Index i = 0; i < data.rows(); ++i) {
    total.add(data.weight(i));
    if (data.labels[static_cast<std::size_t>(i)] == 1) ones.add(data.weight(i));
  }
  return ratio(ones.value(), total.value());
}

}  // namespace detail

/// How the rate of label 1 changes from training to test, with its interval by the cluster bootstrap: groups are drawn,
/// not rows, since one measurement labels many rows. Where groups near in time depend on each other too, pass data
/// whose groups are blocks of time. Throws InvalidArgument for bootstrap options out of range.
[[nodiscard]] inline LabelDrift label_drift(const Dataset& train, const Dataset& test,
                                            const BootstrapOptions& options = {}) {
  detail::require_bootstrap(options);
  LabelDrift drift{detail::label_rate(train), detail::label_rate(test), 0, {}};
  drift.change = drift.test_rate - drift.train_rate;
  auto changes = detail::replicated_rates(test, options, 1);
  const auto before = detail::replicated_rates(train, options, 0);
  for (std::size_t i = 0; i < changes.size(); ++i) changes[i] -= before[i];
  drift.interval = percentile_interval(changes, options.level);
  return drift;
}

/// How one column differs between training and test.
[[nodiscard]] inline FeatureDrift feature_drift(const Dataset& train, const Dataset& test, Index column,
                                                const DriftOptions& options = {}) {
  detail::require_drift(train, test, options);
  const auto train_values = detail::column_values(train, column);
  const auto test_values = detail::column_values(test, column);
  FeatureDrift drift;
  drift.feature = train.feature_names[static_cast<std::size_t>(column)];
  drift.train_missing = 1 - static_cast<double>(train_values.sorted.size()) / train_values.rows;
  drift.test_missing = 1 - static_cast<double>(test_values.sorted.size()) / test_values.rows;
  const detail::DriftBins bins(train_values.sorted, static_cast<std::size_t>(options.bins));
  detail::judge_shift(bins.counts(train, column), bins.counts(test, column), detail::independent_samples(train),
                      detail::independent_samples(test), options, drift);
  const bool coded = is_integer_coded(drift.feature, train.features, column);
  detail::find_strangers(train_values, test_values, coded, drift);
  return drift;
}

}  // namespace switchyard
