#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/metric/classification.hpp"
#include "switchyard/metric/ranking.hpp"
#include "switchyard/metric/score_view.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace switchyard {

enum class Binning {
  equal_width,  // [0, 1] cut evenly
  equal_count,  // as many samples in each bin as equal probabilities allow
};

struct ReliabilityOptions {
  int bins = 10;  // >= 1
  Binning binning = Binning::equal_width;
};

/// Samples of similar probability: what was promised and what came.
struct ReliabilityBin {
  double low = 0;               // smallest probability in the bin
  double high = 0;              // largest probability in the bin
  double mean_probability = 0;  // promised
  double positive_rate = 0;     // came
  double weight = 0;            // of the samples
};

/// The points of a reliability diagram in ascending order of probability, empty bins left out. Throws InvalidArgument
/// for bins < 1, sizes that differ and probabilities outside [0, 1].
[[nodiscard]] inline std::vector<ReliabilityBin> reliability_bins(LabelView labels, ScoreView probabilities,
                                                                  const ReliabilityOptions& options = {},
                                                                  ScoreView weights = {}) {
  if (options.bins < 1) throw InvalidArgument::out_of_range("bins", std::to_string(options.bins), "at least 1");
  detail::require_probabilities(probabilities, labels.size());
  detail::require_weights(weights, labels.size());
  const auto order = detail::ascending_order(probabilities);
  const double bins = options.bins;
  std::vector<ReliabilityBin> result;
  double current = -1;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::size_t sample = order[i];
    const double probability = probabilities[sample];
    const bool is_tie = i > 0 && probabilities[order[i - 1]] == probability;
    const double bin = options.binning == Binning::equal_width
                           ? std::min(std::floor(probability * bins), bins - 1)
                           : std::floor(static_cast<double>(i) * bins / static_cast<double>(order.size()));
    if (result.empty() || (bin != current && !is_tie)) {
      result.push_back({.low = probability});
      current = bin;
    }
    const double weight = detail::weight_at(weights, sample);
    ReliabilityBin& target = result.back();
    target.high = probability;
    target.weight += weight;
    target.mean_probability += weight * probability;
    if (labels[sample] == 1) target.positive_rate += weight;
  }
  for (auto& bin : result) {
    bin.mean_probability /= bin.weight;
    bin.positive_rate /= bin.weight;
  }
  return result;
}

/// Mean distance of promised and observed rate over the bins, by weight (Naeini, Cooper & Hauskrecht, "Obtaining Well
/// Calibrated Probabilities Using Bayesian Binning", AAAI 2015). NaN for no samples. Throws as reliability_bins.
[[nodiscard]] inline double expected_calibration_error(LabelView labels, ScoreView probabilities,
                                                       const ReliabilityOptions& options = {}, ScoreView weights = {}) {
  double total = 0;
  double distance = 0;
  for (const auto& bin : reliability_bins(labels, probabilities, options, weights)) {
    total += bin.weight;
    distance += bin.weight * std::abs(bin.positive_rate - bin.mean_probability);
  }
  return detail::ratio(distance, total);
}

}  // namespace switchyard
