#pragma once

#include "switchyard/core/statistics.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace switchyard::detail {

/// The present values of a column, ascending, and how many rows there are with the missing ones.
struct ColumnValues {
  std::vector<double> sorted;
  double rows = 0;
};

[[nodiscard]] inline ColumnValues column_values(const Dataset& data, Index column) {
  ColumnValues values{{}, static_cast<double>(data.rows())};
  for (Index row = 0; row < data.rows(); ++row) {
    if (const double value = data.features(row, column); !std::isnan(value)) values.sorted.push_back(value);
  }
  std::sort(values.sorted.begin(), values.sorted.end());
  return values;
}

/// Bins that training's values of a column fall into evenly, as far as ties let them. With few distinct values each is
/// a bin, and what is none of them another: quantiles of a constant column would see no drift anywhere. Missing values
/// are the first bin.
class DriftBins {
 public:
  /// `sorted`: present training values, ascending; about `bins` quantile bins.
  DriftBins(std::span<const double> sorted, std::size_t bins) {
    std::vector<double> distinct(sorted.begin(), sorted.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    by_value_ = distinct.size() <= 2 * bins;
    if (by_value_) {
      edges_ = std::move(distinct);
      return;
    }
    for (std::size_t i = 1; i < bins; ++i) {
      edges_.push_back(quantile_of_sorted(sorted, static_cast<double>(i) / static_cast<double>(bins)));
    }
    edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());
  }

  [[nodiscard]] std::size_t count() const noexcept { return edges_.size() + 2; }

  /// In [0, count()).
  [[nodiscard]] std::size_t of(double value) const noexcept {
    if (std::isnan(value)) return 0;
    const auto edge = std::lower_bound(edges_.begin(), edges_.end(), value);
    const bool is_new = by_value_ && (edge == edges_.end() || *edge != value);
    return is_new ? count() - 1 : 1 + static_cast<std::size_t>(edge - edges_.begin());
  }

  /// Weight of a column's rows in each bin.
  [[nodiscard]] std::vector<double> counts(const Dataset& data, Index column) const {
    std::vector<double> result(count(), 0.0);
    for (Index row = 0; row < data.rows(); ++row) result[of(data.features(row, column))] += data.weight(row);
    return result;
  }

 private:
  bool by_value_ = false;
  std::vector<double> edges_;  // by value: the values; else each bin's greatest value but the last bin's
};

}  // namespace switchyard::detail
