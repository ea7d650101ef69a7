#pragma once

#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

namespace switchyard {

/// Which rows of a matrix are alike.
struct RowGroups {
  std::vector<Index> group;      // [samples]; the distinct row each row equals, in [0, count())
  std::vector<Index> first_row;  // [count()]; where each distinct row first occurs, ascending

  [[nodiscard]] Index count() const noexcept { return static_cast<Index>(first_row.size()); }
};

namespace detail {

/// The bits of a feature, one pattern for every NaN and one for both zeros.
[[nodiscard]] inline std::uint64_t feature_bits(double value) noexcept {
  if (std::isnan(value)) return ~std::uint64_t{0};
  return std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value);
}

struct RowHash {
  [[nodiscard]] std::size_t operator()(RowView row) const noexcept {
    std::uint64_t hash = row.size();
    for (const double value : row) {
      hash = (std::rotl(hash, 27) ^ feature_bits(value)) * 0x9E3779B97F4A7C15ULL;
      hash ^= hash >> 32U;
    }
    return static_cast<std::size_t>(hash);
  }
};

struct RowEqual {
  [[nodiscard]] bool operator()(RowView a, RowView b) const noexcept {
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (feature_bits(a[i]) != feature_bits(b[i])) return false;
    }
    return true;
  }
};

}  // namespace detail

/// Finds the distinct rows. Values are alike if their bits are, NaN is like NaN and -0 like +0.
[[nodiscard]] inline RowGroups distinct_rows(const MatrixView& features) {
  RowGroups result;
  result.group.reserve(static_cast<std::size_t>(features.rows()));
  std::unordered_map<RowView, Index, detail::RowHash, detail::RowEqual> known;
  for (Index i = 0; i < features.rows(); ++i) {
    const auto [entry, is_new] = known.try_emplace(row_of(features, i), result.count());
    if (is_new) result.first_row.push_back(i);
    result.group.push_back(entry->second);
  }
  return result;
}

/// One row per distinct (features, label), in order of first appearance, weighted by what it stands for. Any learner
/// that honours weights learns the same from it. Groups, times and runs differ between merged rows and are left out.
[[nodiscard]] inline Dataset weighted_rows(const Dataset& data) {
  const RowGroups distinct = distinct_rows(data.features);
  std::vector<Index> slot(2 * static_cast<std::size_t>(distinct.count()), -1);  // by (distinct row, label)
  std::vector<Index> kept;
  std::vector<double> weights;
  for (std::size_t i = 0; i < distinct.group.size(); ++i) {
    Index& mine = slot[2 * static_cast<std::size_t>(distinct.group[i]) + (data.labels[i] == 1 ? 1 : 0)];
    if (mine < 0) {
      mine = static_cast<Index>(kept.size());
      kept.push_back(static_cast<Index>(i));
      weights.push_back(0);
    }
    weights[static_cast<std::size_t>(mine)] += data.weight(static_cast<Index>(i));
  }
  Dataset result = data.subset(kept);
  result.weights = std::move(weights);
  result.groups.clear();
  result.times_ms.clear();
  result.runs.clear();
  return result;
}

}  // namespace switchyard
