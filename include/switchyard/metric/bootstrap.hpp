#pragma once

#include "switchyard/metric/cluster_draws.hpp"
#include "switchyard/metric/interval.hpp"
#include "switchyard/metric/score_view.hpp"
#include "switchyard/metric/summary.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace switchyard {

using MetricIntervals = PerMetric<Interval>;

/// How much more often a than b is right, on the same samples.
struct AccuracyDifference {
  double difference = 0;  // accuracy of a - accuracy of b
  Interval interval;
};

/// Confidence intervals of all metrics by the cluster bootstrap: whole groups are drawn with replacement, since rows
/// of one group are not independent (Field & Welsh, "Bootstrapping clustered data", JRSS B 69, 2007), and percentiles
/// taken. `groups`: one per sample (time_blocks() makes them of what rows share), or none (each its own). Few groups
/// (< 20) make the intervals too narrow.
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

  PerMetric<std::vector<double>> values;
  detail::for_each_draw(clusters.count, options, [&](std::span<const double> times) {
    const auto metrics = detail::metrics_of(samples, [&](std::size_t i) { return times[cluster_of[i]]; });
    for (std::size_t i = 0; i < metric_fields<double>.size(); ++i) {
      (values.*metric_fields<std::vector<double>>[i].member).push_back(metrics.*metric_fields<double>[i].member);
    }
  });
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
  detail::ClusterSums sums(clusters.count, 2);  // weight only a gets right less weight only b gets right; all weight
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double weight = detail::weight_at(weights, i);
    const int gain = static_cast<int>(predicted_a[i] == labels[i]) - static_cast<int>(predicted_b[i] == labels[i]);
    sums.add(clusters.of_sample[i], 0, weight * gain);
    sums.add(clusters.of_sample[i], 1, weight);
  }
  std::vector<double> values;
  detail::for_each_draw(clusters.count, options, [&](std::span<const double> times) {
    const auto totals = sums.totals(times);
    values.push_back(detail::ratio(totals[0], totals[1]));
  });
  return {difference, percentile_interval(values, options.level)};
}

}  // namespace switchyard
