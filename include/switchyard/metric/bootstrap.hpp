#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/metric/interval.hpp"
#include "switchyard/metric/score_view.hpp"
#include "switchyard/metric/summary.hpp"

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace switchyard {

struct BootstrapOptions {
  int replicates = 1000;  // >= 1
  double level = 0.95;    // in (0, 1)
  std::uint64_t seed = 42;
};

using MetricIntervals = PerMetric<Interval>;

/// How much more often a than b is right, on the same samples.
struct AccuracyDifference {
  double difference = 0;  // accuracy of a - accuracy of b
  Interval interval;
};

namespace detail {

/// Samples drawn together.
struct Clusters {
  std::vector<std::size_t> of_sample;  // [samples]; in [0, count)
  std::size_t count = 0;
};

[[nodiscard]] inline Clusters clusters_of(std::span<const std::int64_t> groups, std::size_t samples) {
  Clusters result{std::vector<std::size_t>(samples), samples};
  if (groups.empty()) {
    std::iota(result.of_sample.begin(), result.of_sample.end(), std::size_t{0});
    return result;
  }
  require_same_size("groups", groups.size(), samples);
  std::unordered_map<std::int64_t, std::size_t> known;
  for (std::size_t i = 0; i < samples; ++i) {
    result.of_sample[i] = known.try_emplace(groups[i], known.size()).first->second;
  }
  result.count = known.size();
  return result;
}

/// How often each cluster comes up when as many as there are get drawn with replacement.
[[nodiscard]] inline std::vector<double> drawn_times(std::size_t clusters, Rng rng) {
  std::vector<double> times(clusters, 0.0);
  for (std::size_t i = 0; i < clusters; ++i) times[rng.below(clusters)] += 1;
  return times;
}

inline void require_bootstrap(const BootstrapOptions& options) {
  if (options.replicates < 1) {
    throw InvalidArgument::out_of_range("replicates", std::to_string(options.replicates), "at least 1");
  }
  require_level(options.level);
}

}  // namespace detail

/// Confidence intervals of all metrics by the cluster bootstrap: whole groups are drawn with replacement, since rows
/// of one group are not independent (Field & Welsh, "Bootstrapping clustered data", JRSS B 69, 2007), and percentiles
/// taken. `groups`: one per sample, or none (each its own). Few groups (< 20) make the intervals too narrow.
/// A replicate costs one pass over the samples. Throws as classification_metrics, and for options out of range.
[[nodiscard]] inline MetricIntervals bootstrap_metrics(LabelView labels, ScoreView probabilities, double threshold,
                                                       std::span<const std::int64_t> groups,
                                                       const BootstrapOptions& options = {}, ScoreView weights = {}) {
  detail::require_bootstrap(options);
  const auto samples = detail::scored_samples(labels, probabilities, threshold, weights);
  const auto clusters = detail::clusters_of(groups, samples.size());
  std::vector<std::size_t> cluster_of;  // by position in `samples`, for a sequential pass
  cluster_of.reserve(samples.size());
  for (const auto& sample : samples) cluster_of.push_back(clusters.of_sample[sample.number]);

  const auto replicates = static_cast<std::size_t>(options.replicates);
  PerMetric<std::vector<double>> values;
  for (std::size_t replicate = 0; replicate < replicates; ++replicate) {
    const auto times = detail::drawn_times(clusters.count, Rng::stream(options.seed, replicate));
    const auto metrics = detail::metrics_of(samples, [&](std::size_t i) { return times[cluster_of[i]]; });
    for (std::size_t i = 0; i < metric_fields<double>.size(); ++i) {
      (values.*metric_fields<std::vector<double>>[i].member).push_back(metrics.*metric_fields<double>[i].member);
    }
  }
  MetricIntervals result;
  for (std::size_t i = 0; i < metric_fields<Interval>.size(); ++i) {
    result.*metric_fields<Interval>[i].member =
        percentile_interval(values.*metric_fields<std::vector<double>>[i].member, options.level);
  }
  return result;
}

/// Difference of two predictors' accuracies on the same samples with its cluster-bootstrap interval. What both get
/// right or both wrong cancels, so this interval is far narrower than two separate ones suggest. Throws
/// InvalidArgument for sizes that differ and options out of range.
[[nodiscard]] inline AccuracyDifference bootstrap_accuracy_difference(LabelView labels, LabelView predicted_a,
                                                                      LabelView predicted_b,
                                                                      std::span<const std::int64_t> groups,
                                                                      const BootstrapOptions& options = {},
                                                                      ScoreView weights = {}) {
  detail::require_bootstrap(options);
  const double difference = accuracy(labels, predicted_a, weights) - accuracy(labels, predicted_b, weights);
  const auto clusters = detail::clusters_of(groups, labels.size());
  std::vector<double> gained(clusters.count, 0.0);  // weight only a gets right less weight only b gets right
  std::vector<double> total(clusters.count, 0.0);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double weight = detail::weight_at(weights, i);
    const int gain = static_cast<int>(predicted_a[i] == labels[i]) - static_cast<int>(predicted_b[i] == labels[i]);
    gained[clusters.of_sample[i]] += weight * gain;
    total[clusters.of_sample[i]] += weight;
  }
  std::vector<double> values;
  for (int replicate = 0; replicate < options.replicates; ++replicate) {
    const auto times =
        detail::drawn_times(clusters.count, Rng::stream(options.seed, static_cast<std::uint64_t>(replicate)));
    const double gain = std::inner_product(times.begin(), times.end(), gained.begin(), 0.0);
    values.push_back(detail::ratio(gain, std::inner_product(times.begin(), times.end(), total.begin(), 0.0)));
  }
  return {difference, percentile_interval(values, options.level)};
}

}  // namespace switchyard
