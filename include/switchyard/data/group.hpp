#pragma once

#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
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

/// Hash of a sequence of words.
class HashMixer {
 public:
  explicit HashMixer(std::uint64_t start) noexcept : hash_(start) {}

  void add(std::uint64_t word) noexcept { hash_ = (std::rotl(hash_, 27) ^ word) * 0x9E3779B97F4A7C15ULL; }
  [[nodiscard]] std::uint64_t value() const noexcept { return hash_ ^ (hash_ >> 32U); }

 private:
  std::uint64_t hash_;
};

struct RowHash {
  [[nodiscard]] std::size_t operator()(RowView row) const noexcept {
    HashMixer hash(row.size());
    for (const double value : row) hash.add(feature_bits(value));
    return static_cast<std::size_t>(hash.value());
  }
};

struct RowEqual {
  [[nodiscard]] bool operator()(RowView a, RowView b) const noexcept {
    return std::equal(a.begin(), a.end(), b.begin(),
                      [](double x, double y) { return feature_bits(x) == feature_bits(y); });
  }
};

/// Numbers the kinds of `rows` things in order of appearance and calls take(thing, kind) for each in turn; returns
/// where each kind first occurs, or nothing, having stopped there, if there are more than `most`. One look into a table
/// of open addresses per thing, at most half full.
template <class HashOf, class AreAlike, class Take>
[[nodiscard]] std::optional<std::vector<Index>> group_rows(std::size_t rows, std::size_t most, const HashOf& hash_of,
                                                           const AreAlike& are_alike, const Take& take) {
  constexpr std::uint32_t nothing = ~std::uint32_t{0};
  constexpr std::size_t first_slots = 1024;
  std::vector<std::uint32_t> slots(first_slots, nothing);  // groups
  std::vector<std::uint64_t> hashes;                       // of groups
  std::vector<Index> first_row;
  const auto enlarge = [&] {
    slots.assign(2 * slots.size(), nothing);
    for (std::size_t group = 0; group < hashes.size(); ++group) {
      std::size_t slot = hashes[group] & (slots.size() - 1);
      while (slots[slot] != nothing) slot = (slot + 1) & (slots.size() - 1);
      slots[slot] = static_cast<std::uint32_t>(group);
    }
  };
  for (std::size_t row = 0; row < rows; ++row) {
    const std::uint64_t hash = hash_of(row);
    std::size_t slot = hash & (slots.size() - 1);
    const auto is_other = [&](std::uint32_t group) {
      return hashes[group] != hash || !are_alike(row, static_cast<std::size_t>(first_row[group]));
    };
    while (slots[slot] != nothing && is_other(slots[slot])) slot = (slot + 1) & (slots.size() - 1);
    std::uint32_t group = slots[slot];
    if (group == nothing) {
      if (hashes.size() == most) return std::nullopt;
      group = slots[slot] = static_cast<std::uint32_t>(hashes.size());
      hashes.push_back(hash);
      first_row.push_back(static_cast<Index>(row));
      if (2 * hashes.size() > slots.size()) enlarge();
    }
    take(row, static_cast<std::size_t>(group));
  }
  return first_row;
}

}  // namespace detail

/// Finds the distinct rows. Values are alike if their bits are, NaN is like NaN and -0 like +0.
[[nodiscard]] inline RowGroups distinct_rows(const MatrixView& features) {
  const auto row_at = [&](std::size_t row) { return row_of(features, static_cast<Index>(row)); };
  const auto hash_of = [&](std::size_t row) { return detail::RowHash{}(row_at(row)); };
  const auto are_alike = [&](std::size_t a, std::size_t b) { return detail::RowEqual{}(row_at(a), row_at(b)); };
  const auto rows = static_cast<std::size_t>(features.rows());
  RowGroups result;
  result.group.reserve(rows);
  const auto take = [&](std::size_t, std::size_t group) { result.group.push_back(static_cast<Index>(group)); };
  result.first_row = *detail::group_rows(rows, rows, hash_of, are_alike, take);
  return result;
}

/// One row per distinct (features, label), in order of first appearance, weighted by what it stands for. Any learner
/// that honours weights learns the same from it. Groups, times and runs differ between merged rows and are left out.
/// Nothing if there were more than `most` rows.
[[nodiscard]] inline std::optional<Dataset> weighted_rows(const Dataset& data, std::size_t most) {
  const auto row_at = [&](std::size_t row) { return row_of(data.features, static_cast<Index>(row)); };
  const auto hash_of = [&](std::size_t row) { return detail::RowHash{}(row_at(row)) + data.labels[row]; };
  const auto are_alike = [&](std::size_t a, std::size_t b) {
    return data.labels[a] == data.labels[b] && detail::RowEqual{}(row_at(a), row_at(b));
  };
  std::vector<double> weights;
  const auto take = [&](std::size_t row, std::size_t group) {
    if (group == weights.size()) weights.push_back(0);
    weights[group] += data.weight(static_cast<Index>(row));
  };
  const auto distinct = detail::group_rows(data.labels.size(), most, hash_of, are_alike, take);
  if (!distinct) return std::nullopt;
  Dataset result = data.subset(*distinct);
  result.weights = std::move(weights);
  result.groups.clear();
  result.mate_groups.clear();
  result.times_ms.clear();
  result.runs.clear();
  return result;
}

/// The same, however many rows there are.
[[nodiscard]] inline Dataset weighted_rows(const Dataset& data) { return *weighted_rows(data, data.labels.size()); }

}  // namespace switchyard
