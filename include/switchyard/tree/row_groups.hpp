#pragma once

#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/data/group.hpp"
#include "switchyard/tree/binning.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace switchyard {

/// Whether training merges rows that are alike in every bin and in the label into one weighted row. It learns the same
/// from them; where rows are sampled, how many of the merged ones are drawn has the same distribution.
enum class Grouping : std::uint8_t {
  automatic,  // where at most half of the rows are left
  always,     // where nothing forbids it: fractional weights do where rows are sampled
  never,
};

/// How many rows training worked on.
struct GroupingSummary {
  Index rows = 0;    // of the table
  Index groups = 0;  // left after merging; the same number where nothing was merged

  friend bool operator==(const GroupingSummary&, const GroupingSummary&) = default;
};

namespace detail {

/// Rows alike in every bin and label, merged.
struct MergedRows {
  Dataset rows;                      // one per group, the first of it, with the group's weight; no groups, times, runs
  BinnedMatrix bins;                 // theirs
  std::vector<std::uint32_t> group;  // of each original row, where that was asked for
};

/// How to merge.
struct MergeOptions {
  Grouping grouping = Grouping::automatic;
  bool samples_rows = false;  // whether training draws among the merged rows
  bool numbers_rows = false;  // whether somebody asks for MergedRows::group
  Index exact_column = -1;    // one whose values must be the same, not only their bins; -1 = none
};

/// The most rows that may be left of so many for merging to pay.
[[nodiscard]] constexpr std::size_t most_groups(Grouping grouping, std::size_t rows) noexcept {
  return grouping == Grouping::always ? rows : grouping == Grouping::automatic ? rows / 2 : 0;
}

[[nodiscard]] inline bool are_whole(const std::vector<double>& weights) noexcept {
  return std::all_of(weights.begin(), weights.end(), [](double weight) { return weight == std::floor(weight); });
}

/// Numbers rows alike in bins, label and, unless it is -1, the exact value of `exact_column`: see group_rows.
template <class Take>
[[nodiscard]] std::optional<std::vector<Index>> group_binned_rows(const Dataset& data, const BinnedMatrix& bins,
                                                                  Index exact_column, std::size_t most,
                                                                  const Take& take) {
  const auto bits_of = [&](std::size_t row) {
    return exact_column < 0 ? std::uint64_t{0} : feature_bits(data.features(static_cast<Index>(row), exact_column));
  };
  const auto hash_of = [&](std::size_t row) {
    HashMixer hash(data.labels[row]);
    for (std::size_t word = 0; word < bins.words(); ++word) hash.add(bins.word_of(row, word));
    hash.add(bits_of(row));
    return hash.value();
  };
  const auto are_alike = [&](std::size_t a, std::size_t b) {
    if (data.labels[a] != data.labels[b] || bits_of(a) != bits_of(b)) return false;
    for (std::size_t word = 0; word < bins.words(); ++word) {
      if (bins.word_of(a, word) != bins.word_of(b, word)) return false;
    }
    return true;
  };
  return group_rows(bins.rows(), most, hash_of, are_alike, take);
}

/// Merges alike rows if the options and the data allow it and it pays.
[[nodiscard]] inline std::optional<MergedRows> merge_rows(const Dataset& data, const BinnedMatrix& bins,
                                                          const MergeOptions& options) {
  if (options.grouping == Grouping::never || (options.samples_rows && !are_whole(data.weights))) return std::nullopt;
  std::vector<std::uint32_t> group;
  if (options.numbers_rows) group.reserve(bins.rows());
  std::vector<double> weights;
  const auto take = [&](std::size_t row, std::size_t number) {
    if (options.numbers_rows) group.push_back(static_cast<std::uint32_t>(number));
    if (number == weights.size()) weights.push_back(0);
    weights[number] += data.weight(static_cast<Index>(row));
  };
  const auto first_row =
      group_binned_rows(data, bins, options.exact_column, most_groups(options.grouping, bins.rows()), take);
  if (!first_row) return std::nullopt;
  MergedRows result{{}, BinnedMatrix(bins, *first_row), std::move(group)};
  result.rows.features.resize(static_cast<Index>(first_row->size()), data.columns());
  result.rows.feature_names = data.feature_names;
  for (std::size_t i = 0; i < first_row->size(); ++i) {
    const Index row = (*first_row)[i];
    result.rows.features.row(static_cast<Index>(i)) = data.features.row(row);
    result.rows.labels.push_back(data.labels[static_cast<std::size_t>(row)]);
  }
  result.rows.weights = std::move(weights);
  return result;
}

}  // namespace detail
}  // namespace switchyard
