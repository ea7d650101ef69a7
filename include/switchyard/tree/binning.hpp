#pragma once

#include "switchyard/core/parallel.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace switchyard {

/// How one feature's values fall into bins: bin b holds the values in (boundaries[b - 1], boundaries[b]], the last bin
/// everything above. Missing values have the bin after the last.
struct FeatureBins {
  std::vector<double> boundaries;  // ascending, at most 254

  [[nodiscard]] std::size_t bins() const noexcept { return boundaries.size() + 1; }
  [[nodiscard]] std::size_t missing_bin() const noexcept { return bins(); }

  [[nodiscard]] std::uint8_t bin_of(double value) const noexcept {
    if (std::isnan(value)) return static_cast<std::uint8_t>(missing_bin());
    return static_cast<std::uint8_t>(std::lower_bound(boundaries.begin(), boundaries.end(), value) -
                                     boundaries.begin());
  }

  /// A row is in bins 0 to `bin` iff its value <= this. The last bin's is the largest finite number, for the split that
  /// tells missing values from all others.
  [[nodiscard]] double threshold(std::size_t bin) const noexcept {
    return bin < boundaries.size() ? boundaries[bin] : std::numeric_limits<double>::max();
  }

  friend bool operator==(const FeatureBins&, const FeatureBins&) = default;
};

namespace detail {

struct WeightedValue {
  double value = 0;
  double weight = 0;
};

/// A number m with low <= m < high, halfway where doubles allow it.
[[nodiscard]] inline double boundary_between(double low, double high) noexcept {
  const double middle = std::midpoint(low, high);
  return middle < high ? middle : low;
}

/// Sorted distinct values with the weight of their rows; missing values left out.
[[nodiscard]] inline std::vector<WeightedValue> distinct_values(const Dataset& data, Index column) {
  std::vector<WeightedValue> values;
  values.reserve(static_cast<std::size_t>(data.rows()));
  for (Index i = 0; i < data.rows(); ++i) {
    const double value = data.features(i, column);
    if (!std::isnan(value)) values.push_back({value, data.weight(i)});
  }
  std::stable_sort(values.begin(), values.end(), [](const auto& a, const auto& b) { return a.value < b.value; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (kept > 0 && values[kept - 1].value == values[i].value) {
      values[kept - 1].weight += values[i].weight;
    } else {
      values[kept++] = values[i];
    }
  }
  values.resize(kept);
  return values;
}

/// Decides where one bin ends and the next begins when there are more values than bins. As in LightGBM, a value heavier
/// than an equal share has a bin of its own, and the others share the bins that are left.
class BinFiller {
 public:
  BinFiller(std::span<const WeightedValue> distinct, std::size_t max_bins) : bins_left_(max_bins) {
    double total = 0;
    for (const auto& each : distinct) total += each.weight;
    heavy_ = total / static_cast<double>(max_bins);
    for (const auto& each : distinct) {
      if (is_heavy(each.weight))
        ++heavy_left_;
      else
        light_left_ += each.weight;
    }
  }

  /// Adds the next value; true if it begins a new bin.
  [[nodiscard]] bool add(double weight) {
    const bool heavy = is_heavy(weight);
    const bool begins = filled_ > 0 && bins_left_ > 1 && (heavy || last_was_heavy_ || filled_ + weight / 2 > target());
    if (begins) close();
    filled_ += weight;
    last_was_heavy_ = heavy;
    return begins;
  }

 private:
  [[nodiscard]] bool is_heavy(double weight) const noexcept { return weight >= heavy_; }

  [[nodiscard]] double target() const noexcept {
    const std::size_t shared = bins_left_ > heavy_left_ ? bins_left_ - heavy_left_ : 1;
    return light_left_ / static_cast<double>(shared);
  }

  void close() noexcept {
    if (last_was_heavy_)
      --heavy_left_;
    else
      light_left_ -= filled_;
    filled_ = 0;
    --bins_left_;
  }

  std::size_t bins_left_;  // the one being filled included
  double heavy_ = 0;
  std::size_t heavy_left_ = 0;
  double light_left_ = 0;  // weight of the values that share bins, from the bin being filled on
  double filled_ = 0;
  bool last_was_heavy_ = false;
};

/// Boundaries of at most `max_bins` bins: one per value if there are no more, else of about equal weight.
[[nodiscard]] inline FeatureBins bins_of(std::span<const WeightedValue> distinct, std::size_t max_bins) {
  FeatureBins result;
  BinFiller filler(distinct, max_bins);
  const bool one_bin_per_value = distinct.size() <= max_bins;
  for (std::size_t i = 0; i < distinct.size(); ++i) {
    const bool begins = one_bin_per_value ? i > 0 : filler.add(distinct[i].weight);
    if (begins) result.boundaries.push_back(boundary_between(distinct[i - 1].value, distinct[i].value));
  }
  return result;
}

}  // namespace detail

/// A training table as 8-bit bins, column by column: what split search reads instead of the numbers.
class BinnedMatrix {
 public:
  /// max_bins: 2 to 255 bins per feature besides the one for missing values. Boundaries lie midway between neighbouring
  /// values, those of one row's weight (its count, never its class's weight) deciding where many values share a bin.
  BinnedMatrix(const Dataset& data, int max_bins, ThreadPool& pool)
      : rows_(static_cast<std::size_t>(data.rows())), bins_(static_cast<std::size_t>(data.columns())) {
    codes_.resize(rows_ * bins_.size());
    pool.for_each_index(bins_.size(), [&](std::size_t feature) {
      const auto column = static_cast<Index>(feature);
      bins_[feature] = detail::bins_of(detail::distinct_values(data, column), static_cast<std::size_t>(max_bins));
      std::uint8_t* codes = codes_.data() + feature * rows_;
      for (std::size_t i = 0; i < rows_; ++i) {
        codes[i] = bins_[feature].bin_of(data.features(static_cast<Index>(i), column));
      }
    });
    offsets_.reserve(bins_.size() + 1);
    offsets_.push_back(0);
    for (const auto& each : bins_) offsets_.push_back(offsets_.back() + each.bins() + 1);
  }

  [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
  [[nodiscard]] std::size_t features() const noexcept { return bins_.size(); }
  [[nodiscard]] const FeatureBins& bins(std::size_t feature) const noexcept { return bins_[feature]; }

  /// One feature's bins. [rows]
  [[nodiscard]] std::span<const std::uint8_t> column(std::size_t feature) const noexcept {
    return {codes_.data() + feature * rows_, rows_};
  }

  /// Where a feature's bins begin when all features' bins, missing ones included, lie one after the other.
  [[nodiscard]] std::size_t offset(std::size_t feature) const noexcept { return offsets_[feature]; }
  [[nodiscard]] std::size_t total_bins() const noexcept { return offsets_.back(); }

 private:
  std::size_t rows_;
  std::vector<FeatureBins> bins_;
  std::vector<std::uint8_t> codes_;   // [features x rows]
  std::vector<std::size_t> offsets_;  // [features + 1]
};

}  // namespace switchyard
