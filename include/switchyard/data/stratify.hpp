#pragma once

#include "switchyard/core/random.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <unordered_map>
#include <vector>

namespace switchyard::detail {

/// Group of each of `rows` as 0, 1, 2, ... in order of first appearance; without groups each row is its own.
[[nodiscard]] inline std::vector<std::size_t> dense_groups(const Dataset& data, std::span<const Index> rows) {
  std::vector<std::size_t> result(rows.size());
  if (data.groups.empty()) {
    std::iota(result.begin(), result.end(), std::size_t{0});
    return result;
  }
  std::unordered_map<std::int64_t, std::size_t> known;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto group = data.groups[static_cast<std::size_t>(rows[i])];
    result[i] = known.try_emplace(group, known.size()).first->second;
  }
  return result;
}

using ClassCounts = std::array<double, 2>;

/// Rows of each label in each group.
[[nodiscard]] inline std::vector<ClassCounts> count_classes(const Dataset& data, std::span<const Index> rows,
                                                            std::span<const std::size_t> groups) {
  std::vector<ClassCounts> counts;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (groups[i] >= counts.size()) counts.resize(groups[i] + 1, ClassCounts{});
    counts[groups[i]][data.labels[static_cast<std::size_t>(rows[i])]] += 1;
  }
  return counts;
}

/// How many of a block of `size` places each part gets: its share, with what rounding left over carried on to the next
/// block in `owed`, so that the shares hold over all blocks.
[[nodiscard]] inline std::vector<std::size_t> block_places(std::size_t size, std::span<const double> shares,
                                                           std::vector<double>& owed) {
  for (std::size_t part = 0; part < shares.size(); ++part) owed[part] += shares[part] * static_cast<double>(size);
  std::vector<std::size_t> places;
  while (places.size() < size) {
    const auto part = static_cast<std::size_t>(std::max_element(owed.begin(), owed.end()) - owed.begin());
    owed[part] -= 1;
    places.push_back(part);
  }
  return places;
}

/// The smallest block in which every share is a whole number of places, at most 20.
[[nodiscard]] inline std::size_t block_size(std::span<const double> shares) noexcept {
  constexpr std::size_t largest = 20;
  for (std::size_t size = 1; size < largest; ++size) {
    const auto n = static_cast<double>(size);
    const bool whole = std::all_of(shares.begin(), shares.end(),
                                   [&](double share) { return std::abs(share * n - std::round(share * n)) < 1e-9; });
    if (whole) return size;
  }
  return largest;
}

/// Deals whole groups into parts of the given shares (which sum to 1) by permuted blocks: groups in order of size and
/// label rate, each block of neighbours dealt out at random by the shares. Every part gets the same mix of large and
/// small, one-sided and mixed groups, and every group its chance of every part. Placing groups where they fit best, or
/// keeping the best of several draws, would bring label rates closer still, at the price of that chance: large groups
/// would rarely be tested. Returns the part of each row.
[[nodiscard]] inline std::vector<std::size_t> stratified_parts(const Dataset& data, std::span<const Index> rows,
                                                               std::span<const double> shares, std::uint64_t seed) {
  const auto groups = dense_groups(data, rows);
  const auto counts = count_classes(data, rows, groups);
  std::vector<std::size_t> order(counts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Rng rng(seed);
  rng.shuffle(std::span(order));
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const double size_a = counts[a][0] + counts[a][1];
    const double size_b = counts[b][0] + counts[b][1];
    return size_a != size_b ? size_a > size_b : counts[a][1] > counts[b][1];
  });
  const std::size_t block = block_size(shares);
  std::vector<double> owed(shares.size(), 0.0);
  std::vector<std::size_t> part_of_group(counts.size());
  for (std::size_t begin = 0; begin < order.size(); begin += block) {
    const std::size_t size = std::min(block, order.size() - begin);
    auto places = block_places(size, shares, owed);
    rng.shuffle(std::span(places));
    for (std::size_t i = 0; i < size; ++i) part_of_group[order[begin + i]] = places[i];
  }
  std::vector<std::size_t> result(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) result[i] = part_of_group[groups[i]];
  return result;
}

}  // namespace switchyard::detail
