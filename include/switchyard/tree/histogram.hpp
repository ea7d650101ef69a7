#pragma once

#include "switchyard/tree/binning.hpp"
#include "switchyard/tree/fixed_point.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace switchyard {

/// Some features of one word of a BinnedMatrix: what one pass over a node's rows counts.
template <class Sums>
struct HistogramTile {
  std::size_t word = 0;
  std::size_t count = 0;                                      // features, 1 to 8
  std::array<unsigned, BinnedMatrix::word_features> shift{};  // of each feature's byte. [count]
  std::array<Sums*, BinnedMatrix::word_features> bins{};      // each feature's histogram, empty at first. [count]
};

namespace detail {

/// Asks for memory that will be read soon. In deep nodes every row lies in a cache line of its own.
inline void prefetch([[maybe_unused]] const void* address) noexcept {
#if defined(__GNUC__)
  __builtin_prefetch(address);
#endif
}

template <std::size_t count, class Sums>
void add_rows(const HistogramTile<Sums>& tile, const std::uint64_t* words, std::span<const std::uint32_t> rows,
              const Sums* sums) noexcept {
  constexpr std::size_t rows_ahead = 16;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint32_t later = rows[std::min(i + rows_ahead, rows.size() - 1)];
    prefetch(words + later);
    prefetch(sums + later);
    const std::uint64_t codes = words[rows[i]];
    const Sums added = sums[rows[i]];
    for (std::size_t k = 0; k < count; ++k) tile.bins[k][(codes >> tile.shift[k]) & 0xFFU] += added;
  }
}

template <class Sums, std::size_t... counts>
void add_rows(const HistogramTile<Sums>& tile, const std::uint64_t* words, std::span<const std::uint32_t> rows,
              const Sums* sums, std::index_sequence<counts...> /*below eight*/) noexcept {
  ((tile.count == counts + 1 ? add_rows<counts + 1>(tile, words, rows, sums) : void()), ...);
}

}  // namespace detail

/// Adds rows to the histograms of a tile's features. data: in words; sums: [all rows]. Row after row, all features of
/// the tile at once: neighbouring additions then never wait for one another, which column after column they do where
/// values are few.
template <class Sums>
void add_rows(const HistogramTile<Sums>& tile, const BinnedMatrix& data, std::span<const std::uint32_t> rows,
              std::span<const Sums> sums) noexcept {
  detail::add_rows(tile, data.word(tile.word).data(), rows, sums.data(),
                   std::make_index_sequence<BinnedMatrix::word_features>());
}

/// Adds rows to one feature's histogram. sums: those of the rows, [rows.size()].
template <class Sums>
void add_rows(std::span<Sums> histogram, const BinnedMatrix& data, std::size_t feature,
              std::span<const std::uint32_t> rows, std::span<const Sums> sums) noexcept {
  data.with_bins_of(feature, [&](const auto& bin_of) {
    for (std::size_t i = 0; i < rows.size(); ++i) histogram[bin_of(rows[i])] += sums[i];
  });
}

/// parent -= child, bin by bin: the sibling's histogram without reading its rows.
template <class Sums>
void subtract_histogram(std::span<Sums> parent, std::span<const Sums> child) noexcept {
  for (std::size_t i = 0; i < parent.size(); ++i) parent[i] -= child[i];
}

}  // namespace switchyard
