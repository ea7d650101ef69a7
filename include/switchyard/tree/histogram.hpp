#pragma once

#include "switchyard/tree/criterion.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace switchyard {

/// Sums of one feature's rows by bin, missing values in the last. histogram: [bins + 1]; codes: the feature's bins,
/// [all rows]; rows: those to count; sums: theirs, [rows.size()]. Rows are added in order, so the bits do not depend on
/// who calls.
inline void build_histogram(std::span<GradientSums> histogram, std::span<const std::uint8_t> codes,
                            std::span<const std::uint32_t> rows, std::span<const GradientSums> sums) noexcept {
  std::fill(histogram.begin(), histogram.end(), GradientSums{});
  for (std::size_t i = 0; i < rows.size(); ++i) histogram[codes[rows[i]]] += sums[i];
}

/// parent -= child, bin by bin: the sibling's histogram without reading its rows.
inline void subtract_histogram(std::span<GradientSums> parent, std::span<const GradientSums> child) noexcept {
  for (std::size_t i = 0; i < parent.size(); ++i) parent[i] -= child[i];
}

}  // namespace switchyard
