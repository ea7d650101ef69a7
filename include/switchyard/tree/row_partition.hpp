#pragma once

#include "switchyard/core/large_vector.hpp"
#include "switchyard/core/parallel.hpp"
#include "switchyard/tree/binning.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace switchyard {

/// Rows of a table, by their places in it.
using RowList = LargeVector<std::uint32_t>;

/// Places [begin, end) of a list of rows.
struct RowRange {
  std::size_t begin = 0;
  std::size_t end = 0;

  [[nodiscard]] std::size_t size() const noexcept { return end - begin; }
};

/// Rows to be parted: those in bins 0 to `bin` of `feature`, and those without a value if `missing_left`, come first.
struct RowParting {
  RowRange range;
  std::uint32_t feature = 0;
  std::uint32_t bin = 0;
  bool missing_left = false;
  std::size_t left_count = 0;  // result
};

/// Rows of a tree, those of each node side by side and in their old order.
class RowPartition {
 public:
  RowPartition() = default;
  explicit RowPartition(RowList rows) : rows_(std::move(rows)), scratch_(rows_.size()) {}

  [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }
  [[nodiscard]] std::span<const std::uint32_t> of(const RowRange& range) const noexcept {
    return std::span(rows_).subspan(range.begin, range.size());
  }
  [[nodiscard]] RowList take() && noexcept { return std::move(rows_); }

  /// Parts ranges that do not overlap. Each block of rows is parted on its own, then the parts are put together.
  void part(const BinnedMatrix& data, std::span<RowParting> partings, ThreadPool& pool) {
    blocks_.clear();
    std::size_t rows = 0;
    for (const RowParting& each : partings) {
      rows += each.range.size();
      for (std::size_t begin = each.range.begin; begin < each.range.end; begin += block_rows) {
        blocks_.push_back({&each, {begin, std::min(begin + block_rows, each.range.end)}, 0});
      }
    }
    const auto part_one = [&](std::size_t i) {
      data.with_bins_of(blocks_[i].parting->feature, [&](const auto& bin_of) { part_block(data, bin_of, blocks_[i]); });
    };
    const bool worth_waking_threads = rows >= block_rows;
    if (worth_waking_threads) {
      pool.for_each_index(blocks_.size(), part_one);
    } else {
      for (std::size_t i = 0; i < blocks_.size(); ++i) part_one(i);
    }
    std::size_t block = 0;
    for (RowParting& each : partings) {
      const std::size_t first = block;
      while (block < blocks_.size() && blocks_[block].parting == &each) ++block;
      each.left_count = join(std::span(blocks_).subspan(first, block - first), each.range);
    }
  }

 private:
  static constexpr std::size_t block_rows = 8192;

  struct Block {
    const RowParting* parting = nullptr;
    RowRange range;
    std::size_t left_count = 0;
  };

  /// Moves the block's left rows to its front, copies the others to the same place of scratch_. Without branches: which
  /// way a row goes is what no processor can guess.
  template <class BinOf>
  void part_block(const BinnedMatrix& data, const BinOf& bin_of, Block& block) noexcept {
    const RowParting& parting = *block.parting;
    const auto missing = static_cast<std::uint8_t>(data.bins(parting.feature).missing_bin());
    const auto last = static_cast<std::uint8_t>(parting.bin);
    const bool missing_left = parting.missing_left;
    std::uint32_t* const rows = rows_.data() + block.range.begin;
    std::uint32_t* const right_rows = scratch_.data() + block.range.begin;
    std::size_t left_count = 0;
    for (std::size_t i = 0; i < block.range.size(); ++i) {
      const std::uint32_t row = rows[i];
      const std::uint8_t code = bin_of(row);
      const bool goes_left = (code <= last) | ((code == missing) & missing_left);
      rows[left_count] = row;
      right_rows[i - left_count] = row;
      left_count += static_cast<std::size_t>(goes_left);
    }
    block.left_count = left_count;
  }

  [[nodiscard]] std::size_t join(std::span<const Block> blocks, const RowRange& range) noexcept {
    std::uint32_t* out = rows_.data() + range.begin;
    for (const Block& block : blocks) {
      const std::uint32_t* left = rows_.data() + block.range.begin;
      out = left == out ? out + block.left_count : std::copy_n(left, block.left_count, out);
    }
    const auto left_count = static_cast<std::size_t>(out - (rows_.data() + range.begin));
    for (const Block& block : blocks) {
      out = std::copy_n(scratch_.data() + block.range.begin, block.range.size() - block.left_count, out);
    }
    return left_count;
  }

  RowList rows_;
  RowList scratch_;  // [rows]
  std::vector<Block> blocks_;
};

}  // namespace switchyard
