#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace switchyard::detail {

/// A value that counts `weight` times whenever its cluster is drawn.
struct ClusteredValue {
  double value = 0;
  double weight = 1;          // >= 0
  std::uint32_t cluster = 0;  // samples drawn together
};

/// Values sorted once, to take quantiles of many bootstrap replicates in at most one pass each.
class WeightedSample {
 public:
  /// No value may be NaN, and every cluster must be below `clusters`.
  WeightedSample(std::vector<ClusteredValue> values, std::size_t clusters) : cluster_weights_(clusters, 0.0) {
    std::stable_sort(values.begin(), values.end(), [](const auto& a, const auto& b) { return a.value < b.value; });
    for (const auto& item : values) {
      if (item.weight == 0) continue;
      values_.push_back(item.value);
      weights_.push_back(item.weight);
      clusters_.push_back(item.cluster);
      cluster_weights_[item.cluster] += item.weight;
    }
  }

  /// Quantiles of the values, each taken times[its cluster] x its weight times: definition 7 of Hyndman & Fan (1996)
  /// with weights as counts, so that whole weights give quantile_of_sorted() of the repeated values to the bit. Weights
  /// should have mean 1. `levels`: ascending, in [0, 1]; times: [clusters]. NaN for no weight.
  template <std::size_t Count>
  [[nodiscard]] std::array<double, Count> quantiles(const std::array<double, Count>& levels,
                                                    std::span<const double> times) const {
    double total = 0;
    for (std::size_t i = 0; i < cluster_weights_.size(); ++i) total += times[i] * cluster_weights_[i];
    std::array<double, Count> result;
    result.fill(std::numeric_limits<double>::quiet_NaN());
    if (!(total > 0)) return result;
    Place place;
    for (std::size_t i = 0; i < Count; ++i) {
      const double position = levels[i] * std::max(0.0, total - 1);
      const double below = std::floor(position);
      place = after(below + 1, place, times);
      const double low = values_[place.last];
      const double high = position > below ? values_[after(below + 2, place, times).last] : low;
      result[i] = low + (position - below) * (high - low);
    }
    return result;
  }

 private:
  /// How far up the sorted values a search has come.
  struct Place {
    std::size_t next = 0;  // value to look at
    double passed = 0;     // weight of those before
    std::size_t last = 0;  // the last of those before that was drawn
  };

  /// Goes on from `place` until `count` of the drawn values have been passed, or all.
  [[nodiscard]] Place after(double count, Place place, std::span<const double> times) const noexcept {
    const double enough = count - 1e-9;  // sums of fractional weights fall short by rounding
    while (place.next < values_.size() && place.passed < enough) {
      const double drawn = times[clusters_[place.next]];
      place.passed += drawn * weights_[place.next];
      place.last = drawn > 0 ? place.next : place.last;
      ++place.next;
    }
    return place;
  }

  std::vector<double> values_;  // ascending, each with a weight above 0
  std::vector<double> weights_;
  std::vector<std::uint32_t> clusters_;
  std::vector<double> cluster_weights_;  // [clusters]
};

}  // namespace switchyard::detail
