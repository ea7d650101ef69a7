#pragma once

#include "switchyard/core/types.hpp"
#include "switchyard/engine/threshold_codes.hpp"
#include "switchyard/explain/shap_block.hpp"
#include "switchyard/explain/shap_direct.hpp"
#include "switchyard/explain/shap_ensemble.hpp"
#include "switchyard/explain/shap_walk.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <variant>
#include <vector>

namespace switchyard::detail {

/// Rows that are asked at once: a fixed number, so that the compiler makes vectors of the loops over them.
inline constexpr std::size_t shap_tile = 128;

/// The codes of one tile's rows.
using ShapTile = std::array<std::int32_t, shap_tile>;

/// Credits of many rows, tree by tree: a tree's tables stay in the cache, and a block that meets a pattern again, in
/// any row, has its answer already. Every credit has the bits that ShapEnsemble::add gives, added in the same order.
template <ShapOrder order>
class ShapBatch {
 public:
  /// codes: of the same ensemble.
  ShapBatch(const ShapEnsemble<order>& ensemble, const ThresholdCodes& codes, const MatrixView& rows,
            std::span<const Index> chosen)
      : ensemble_(ensemble),
        codes_(codes),
        rows_(rows),
        chosen_(chosen),
        tiles_((chosen.size() + shap_tile - 1) / shap_tile),
        code_(ensemble.features() * tiles_),
        credit_(ensemble.columns() * stride(), 0.0) {}

  /// Computes all credits; then copy_row gives them.
  void run() {
    encode();
    for (const auto& tree : ensemble_.trees()) {
      if (const auto* blocks = std::get_if<ShapBlocks>(&tree)) {
        add(*blocks);
      } else {
        add(std::get<ShapDirect>(tree));
      }
    }
  }

  /// The credits of the i-th of the chosen rows. out: [columns]
  void copy_row(std::size_t i, std::span<double> out) const noexcept {
    for (std::size_t column = 0; column < out.size(); ++column) out[column] = credit_[column * stride() + i];
    ensemble_.add_offset(row_of(rows_, chosen_[i]), out);
  }

 private:
  static constexpr std::int32_t missing = std::numeric_limits<std::int32_t>::max();
  static constexpr std::size_t patterns = std::size_t{1} << shap_block_bits;
  using Bytes = std::array<std::uint8_t, shap_tile>;

  [[nodiscard]] std::size_t stride() const noexcept { return tiles_ * shap_tile; }

  void encode() {
    for (ShapTile& tile : code_) tile.fill(0);
    for (std::size_t feature = 0; feature < ensemble_.features(); ++feature) {
      const std::span<const double> thresholds = codes_.thresholds(feature);
      if (thresholds.empty()) continue;
      for (std::size_t i = 0; i < chosen_.size(); ++i) {
        const double value = rows_(chosen_[i], static_cast<Index>(feature));
        code_[feature * tiles_ + i / shap_tile][i % shap_tile] = std::isnan(value) ? missing : below(thresholds, value);
      }
    }
  }

  /// Number of thresholds below a value, by halving without a branch that depends on it.
  [[nodiscard]] static std::int32_t below(std::span<const double> sorted, double value) noexcept {
    const double* first = sorted.data();
    for (std::size_t left = sorted.size(); left > 1;) {
      const std::size_t half = left / 2;
      first += first[half - 1] < value ? half : 0;
      left -= half;
    }
    return static_cast<std::int32_t>(first - sorted.data()) + (*first < value ? 1 : 0);
  }

  void add(const ShapBlocks& tree) {
    patterns_.resize(tree.blocks.size() * tiles_);
    left_.resize(tree.splits.size());
    std::vector<std::int32_t> position;
    for (const ShapSplit& split : tree.splits) {
      position.push_back(below(codes_.thresholds(static_cast<std::size_t>(split.feature)), split.threshold));
    }
    for (std::size_t tile = 0; tile < tiles_; ++tile) {
      for (std::size_t i = 0; i < left_.size(); ++i) {
        const auto feature = static_cast<std::size_t>(tree.splits[i].feature);
        decide(code_[feature * tiles_ + tile], position[i], tree.splits[i].default_left, left_[i]);
      }
      for (std::size_t b = 0; b < tree.blocks.size(); ++b)
        find_patterns(tree, tree.blocks[b], patterns_[b * tiles_ + tile]);
    }
    for (std::size_t b = 0; b < tree.blocks.size(); ++b) {
      add_block(tree, tree.blocks[b], std::span<const Bytes>(patterns_).subspan(b * tiles_, tiles_));
    }
  }

  /// left: all bits set where the row goes left.
  static void decide(const ShapTile& code, std::int32_t position, bool default_left, Bytes& left) noexcept {
    for (std::size_t i = 0; i < shap_tile; ++i) {
      left[i] = code[i] <= position || (default_left && code[i] == missing) ? 0xFF : 0;
    }
  }

  void find_patterns(const ShapBlocks& tree, const ShapBlock& block, Bytes& pattern) const noexcept {
    Bytes found;
    found.fill(static_cast<std::uint8_t>((1U << static_cast<unsigned>(block.bits)) - 1));
    for (const ShapCondition& each : block.conditions.of(tree.conditions)) {
      const Bytes& left = left_[each.split];
      const auto keep = static_cast<std::uint8_t>(~(1U << each.bit));
      const auto flip = static_cast<std::uint8_t>(each.left != 0 ? 0 : 0xFF);
      for (std::size_t i = 0; i < shap_tile; ++i) {
        found[i] = static_cast<std::uint8_t>(found[i] & ((left[i] ^ flip) | keep));
      }
    }
    pattern = found;
  }

  void add_block(const ShapBlocks& tree, const ShapBlock& block, std::span<const Bytes> of_rows) {
    fill_table(tree, block, of_rows);
    const auto columns = ensemble_.columns_of(tree, block);
    for (std::size_t c = 0; c < ShapBlocks::credits(block); ++c) {
      const double* const table = &table_[c * patterns];
      double* const column = &credit_[columns[c] * stride()];
      for (std::size_t tile = 0; tile < tiles_; ++tile) {
        const Bytes& pattern = of_rows[tile];
        double* const credit = column + tile * shap_tile;
        for (std::size_t i = 0; i < shap_tile; ++i) credit[i] += table[pattern[i]];
      }
    }
  }

  /// The block's credits for the patterns that occur. table_: [credit][pattern]
  void fill_table(const ShapBlocks& tree, const ShapBlock& block, std::span<const Bytes> of_rows) {
    std::array<bool, patterns> occurs{};
    for (const Bytes& pattern : of_rows) {
      for (const std::uint8_t each : pattern) occurs[each] = true;
    }
    const ShapWalk walk(tree);
    std::array<double, most_block_credits> credits{};
    for (unsigned pattern = 0; pattern < (1U << static_cast<unsigned>(block.bits)); ++pattern) {
      if (!occurs[pattern]) continue;
      walk.credits(block, pattern, credits.data());
      for (std::size_t c = 0; c < ShapBlocks::credits(block); ++c) table_[c * patterns + pattern] = credits[c];
    }
  }

  void add(const ShapDirect& tree) {
    ShapDirectWalk<order> walk(tree);
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
      ensemble_.for_each_credit(tree, walk.credits(row_of(rows_, chosen_[i])),
                                [&](std::size_t column, double credit) { credit_[column * stride() + i] += credit; });
    }
  }

  const ShapEnsemble<order>& ensemble_;
  const ThresholdCodes& codes_;
  const MatrixView& rows_;
  std::span<const Index> chosen_;
  std::size_t tiles_;
  std::vector<ShapTile> code_;   // [features x tiles]
  std::vector<double> credit_;   // [columns x rows]
  std::vector<Bytes> left_;      // [splits], of one tile
  std::vector<Bytes> patterns_;  // [blocks x tiles]
  std::array<double, most_block_credits * patterns> table_{};
};

}  // namespace switchyard::detail
