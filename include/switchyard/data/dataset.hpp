#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/types.hpp"

#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace switchyard {

/// A labelled table: checked once by `validate`, trusted afterwards. The optional columns are empty when unknown.
struct Dataset {
  Matrix features;                         // [samples x features]; NaN = missing
  Labels labels;                           // [samples]; 0 or 1
  std::vector<std::string> feature_names;  // [features]
  std::vector<double> weights;             // [samples], > 0; empty = every row counts 1
  std::vector<std::int64_t> groups;        // [samples]; rows of one group never cross a split; empty = each its own
  std::vector<std::int64_t>
      mate_groups;                     // [samples]; group of the row it was compared with, -1 = none; empty = its own
  std::vector<std::int64_t> times_ms;  // [samples]; UTC epoch milliseconds of sending, for splits by time
  std::vector<std::int64_t> runs;      // [samples]; which measurement run, for leave-one-run-out

  [[nodiscard]] Index rows() const noexcept { return features.rows(); }
  [[nodiscard]] Index columns() const noexcept { return features.cols(); }
  [[nodiscard]] RowView row(Index i) const {
    return {features.data() + i * features.cols(), static_cast<std::size_t>(features.cols())};
  }
  [[nodiscard]] double weight(Index i) const { return weights.empty() ? 1.0 : weights[static_cast<std::size_t>(i)]; }

  /// The given rows, in the given order, with every column that is present.
  [[nodiscard]] Dataset subset(std::span<const Index> selected) const;

  /// Throws InvalidArgument if shapes disagree, a label is not 0 or 1, a weight is not positive or a feature infinite.
  void validate() const;
};

namespace detail {

template <class T>
[[nodiscard]] std::vector<T> select_rows(const std::vector<T>& values, std::span<const Index> selected) {
  std::vector<T> result;
  if (values.empty()) return result;
  result.reserve(selected.size());
  for (const Index row : selected) result.push_back(values[static_cast<std::size_t>(row)]);
  return result;
}

inline void require_rows(const char* name, std::size_t found, Index expected, bool optional) {
  if (optional && found == 0) return;
  if (found != static_cast<std::size_t>(expected)) {
    throw InvalidArgument::wrong_size(name, found, static_cast<std::size_t>(expected));
  }
}

}  // namespace detail

inline Dataset Dataset::subset(std::span<const Index> selected) const {
  Dataset result;
  result.features.resize(static_cast<Index>(selected.size()), columns());
  for (std::size_t i = 0; i < selected.size(); ++i)
    result.features.row(static_cast<Index>(i)) = features.row(selected[i]);
  result.labels = detail::select_rows(labels, selected);
  result.feature_names = feature_names;
  result.weights = detail::select_rows(weights, selected);
  result.groups = detail::select_rows(groups, selected);
  result.mate_groups = detail::select_rows(mate_groups, selected);
  result.times_ms = detail::select_rows(times_ms, selected);
  result.runs = detail::select_rows(runs, selected);
  return result;
}

inline void Dataset::validate() const {
  detail::require_rows("labels", labels.size(), rows(), false);
  detail::require_rows("weights", weights.size(), rows(), true);
  detail::require_rows("groups", groups.size(), rows(), true);
  detail::require_rows("mate_groups", mate_groups.size(), rows(), true);
  detail::require_rows("times_ms", times_ms.size(), rows(), true);
  detail::require_rows("runs", runs.size(), rows(), true);
  detail::require_rows("feature_names", feature_names.size(), columns(), false);
  for (const auto label : labels) {
    if (label > 1) throw InvalidArgument::out_of_range("label", std::to_string(label), "0 or 1");
  }
  for (const double weight : weights) {
    if (!(weight > 0) || !std::isfinite(weight)) {
      throw InvalidArgument::out_of_range("weight", std::to_string(weight), "a positive number");
    }
  }
  for (Index i = 0; i < features.size(); ++i) {
    if (std::isinf(features.data()[i])) {
      throw InvalidArgument::out_of_range(feature_names[static_cast<std::size_t>(i % columns())], "infinite",
                                          "a finite number or missing");
    }
  }
}

}  // namespace switchyard
