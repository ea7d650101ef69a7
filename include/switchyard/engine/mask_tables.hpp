#pragma once

// Trees as tables of leaf masks. The idea is QuickScorer's (Lucchese et al., "QuickScorer: a Fast Algorithm to Rank
// Documents with Additive Ensembles of Regression Trees", SIGIR 2015): each split that a row takes forbids the leaves
// on its other side, and the one leaf that no split forbids is the row's. QuickScorer visits a feature's splits one by
// one; here a row's value of a feature is one of few codes (RowCodes), so the masks of all splits on the feature are
// intersected beforehand, for each code and each tree: asking a row is one AND of a table row for each feature, as wide
// as the registers, and a count of trailing zeros for each tree. Nothing is walked and nothing is guessed by a branch
// predictor. A missing value has a table row of its own. The tables are large, so an ensemble fits only below a bound;
// masks are 32 bits wide where that is enough.

#include "switchyard/core/error.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/engine/instruction_set.hpp"
#include "switchyard/engine/intrinsics.hpp"
#include "switchyard/engine/row_codes.hpp"
#include "switchyard/engine/threshold_codes.hpp"
#include "switchyard/tree/tree.hpp"
#include "switchyard/tree/tree_sum.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace switchyard {

namespace detail {

/// 64 bytes of leaf masks: of 8 trees of up to 64 leaves or of 16 of up to 32.
struct alignas(64) MaskLine {
  std::uint64_t words[8];
};

/// What is to be intersected: for each feature the row of masks that its value has.
struct MaskRows {
  const MaskLine* const* row = nullptr;
  std::size_t rows = 0;
};

inline void intersect_plainly(const MaskRows& masks, std::size_t lines, MaskLine* out) noexcept {
  for (std::size_t line = 0; line < lines; ++line) {
    std::uint64_t words[8];
    for (std::uint64_t& word : words) word = ~std::uint64_t{0};
    for (std::size_t r = 0; r < masks.rows; ++r) {
      for (std::size_t w = 0; w < 8; ++w) words[w] &= masks.row[r][line].words[w];
    }
    for (std::size_t w = 0; w < 8; ++w) out[line].words[w] = words[w];
  }
}

#if defined(__x86_64__)

inline void intersect_sse2(const MaskRows& masks, std::size_t lines, MaskLine* out) noexcept {
  for (std::size_t line = 0; line < lines; ++line) {
    __m128i words[4] = {_mm_set1_epi32(-1), _mm_set1_epi32(-1), _mm_set1_epi32(-1), _mm_set1_epi32(-1)};
    for (std::size_t r = 0; r < masks.rows; ++r) {
      const auto* row = reinterpret_cast<const __m128i*>(masks.row[r] + line);
#pragma GCC unroll 4
      for (std::size_t w = 0; w < 4; ++w) words[w] = _mm_and_si128(words[w], _mm_load_si128(row + w));
    }
#pragma GCC unroll 4
    for (std::size_t w = 0; w < 4; ++w) _mm_store_si128(reinterpret_cast<__m128i*>(out + line) + w, words[w]);
  }
}

/// `width` lines from `line` on.
template <std::size_t width>
__attribute__((always_inline, target("avx2,fma,bmi2,popcnt"))) inline void intersect_lines_avx2(
    const MaskRows& masks, std::size_t line, MaskLine* out) noexcept {
  __m256i words[2 * width];
#pragma GCC unroll 8
  for (std::size_t w = 0; w < 2 * width; ++w) words[w] = _mm256_set1_epi32(-1);
  for (std::size_t r = 0; r < masks.rows; ++r) {
    const auto* row = reinterpret_cast<const __m256i*>(masks.row[r] + line);
#pragma GCC unroll 8
    for (std::size_t w = 0; w < 2 * width; ++w) words[w] = _mm256_and_si256(words[w], _mm256_load_si256(row + w));
  }
#pragma GCC unroll 8
  for (std::size_t w = 0; w < 2 * width; ++w) _mm256_store_si256(reinterpret_cast<__m256i*>(out + line) + w, words[w]);
}

__attribute__((target("avx2,fma,bmi2,popcnt"))) inline void intersect_avx2(const MaskRows& masks, std::size_t lines,
                                                                           MaskLine* out) noexcept {
  std::size_t line = 0;
  for (; line + 4 <= lines; line += 4) intersect_lines_avx2<4>(masks, line, out);
  for (; line < lines; ++line) intersect_lines_avx2<1>(masks, line, out);
}

/// `width` lines from `line` on.
template <std::size_t width>
__attribute__((always_inline, target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi2,popcnt"))) inline void
intersect_lines_avx512(const MaskRows& masks, std::size_t line, MaskLine* out) noexcept {
  __m512i words[width];
#pragma GCC unroll 8
  for (std::size_t w = 0; w < width; ++w) words[w] = _mm512_set1_epi32(-1);
  for (std::size_t r = 0; r < masks.rows; ++r) {
    const MaskLine* row = masks.row[r] + line;
#pragma GCC unroll 8
    for (std::size_t w = 0; w < width; ++w) words[w] = _mm512_and_si512(words[w], _mm512_load_si512(row + w));
  }
#pragma GCC unroll 8
  for (std::size_t w = 0; w < width; ++w) _mm512_store_si512(out + line + w, words[w]);
}

__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi2,popcnt"))) inline void intersect_avx512(
    const MaskRows& masks, std::size_t lines, MaskLine* out) noexcept {
  std::size_t line = 0;
  for (; line + 8 <= lines; line += 8) intersect_lines_avx512<8>(masks, line, out);
  for (; line < lines; ++line) intersect_lines_avx512<1>(masks, line, out);
}

#endif

/// The masks of some lines, intersected by what the processor has. out: [lines]
inline void intersect(InstructionSet set, const MaskRows& masks, std::size_t lines, MaskLine* out) noexcept {
#if defined(__x86_64__)
  if (set == InstructionSet::avx512) return intersect_avx512(masks, lines, out);
  if (set == InstructionSet::avx2) return intersect_avx2(masks, lines, out);
  if (set == InstructionSet::sse2) return intersect_sse2(masks, lines, out);
#endif
  static_cast<void>(set);
  intersect_plainly(masks, lines, out);
}

}  // namespace detail

/// The engine for trees of up to 64 leaves and any depth, if their tables stay small.
class MaskTables {
 public:
  static constexpr std::size_t most_leaves = 64;
  static constexpr std::size_t most_features = 256;
  static constexpr std::size_t most_bytes = std::size_t{16} << 20;  // of tables: half of a usual last-level cache

  [[nodiscard]] static bool fits(const Ensemble& ensemble, const ThresholdCodes& codes) noexcept {
    if (codes.features() > most_features || !codes.fit_in_bytes()) return false;
    for (const Tree& tree : ensemble.trees) {
      if (tree.nodes.empty()) return false;
    }
    const std::size_t leaves = most_leaves_of(ensemble);
    const std::size_t row_bytes = lines_for(ensemble.trees.size(), leaves <= 32) * sizeof(detail::MaskLine);
    std::size_t rows = 0;
    for (std::size_t feature = 0; feature < codes.features(); ++feature) rows += codes.thresholds(feature).size() + 2;
    return leaves <= most_leaves && rows * row_bytes <= most_bytes;
  }

  /// Throws InvalidArgument if the ensemble does not fit.
  MaskTables(const Ensemble& ensemble, const ThresholdCodes& codes, InstructionSet set)
      : set_(set), row_codes_(codes, set), leaves_per_tree_(most_leaves_of(ensemble)), trees_(ensemble.trees.size()) {
    if (!fits(ensemble, codes)) throw InvalidArgument("these trees do not fit into tables of leaf masks");
    lines_ = lines_for(trees_, narrow());
    std::size_t rows = 0;
    for (std::size_t feature = 0; feature < codes.features(); ++feature) {
      const std::size_t thresholds = codes.thresholds(feature).size();
      if (thresholds == 0) continue;
      asked_.push_back({static_cast<std::uint32_t>(feature), static_cast<std::uint32_t>(thresholds + 1),
                        static_cast<std::uint32_t>(rows)});
      rows += thresholds + 2;
    }
    masks_.assign(rows * lines_, all_leaves());
    leaves_.assign(padded_trees() * leaves_per_tree_, 0.0);
    for (std::size_t t = 0; t < trees_; ++t) {
      std::size_t leaf = 0;
      place(ensemble.trees[t], codes, t, 0, leaf);
    }
  }

  /// TreeSum's total of all trees for a row. row: [features], NaN = missing
  [[nodiscard]] double sum(RowView row) const noexcept {
    std::uint8_t codes[most_features];
    row_codes_.encode_low(row, codes);
    const detail::MaskLine* rows[most_features];
    for (std::size_t f = 0; f < asked_.size(); ++f) {
      rows[f] = masks_.data() + (asked_[f].first_row + codes[asked_[f].feature]) * lines_;
    }
    if (RowCodes::any_missing(row)) {
      for (std::size_t f = 0; f < asked_.size(); ++f) {
        const auto& [feature, missing_row, first_row] = asked_[f];
        if (std::isnan(row[feature])) rows[f] = masks_.data() + (first_row + missing_row) * lines_;
      }
    }
    return narrow() ? sum_of<std::uint32_t>(rows) : sum_of<std::uint64_t>(rows);
  }

  /// The same for each row. rows: [rows x features], out: [rows]
  void sums(const MatrixView& rows, std::span<double> out) const noexcept {
    for (Index row = 0; row < rows.rows(); ++row) out[static_cast<std::size_t>(row)] = sum(row_of(rows, row));
  }

 private:
  /// A feature that a tree asks, and its rows in the tables: one for each code, then that of a missing value.
  struct AskedFeature {
    std::uint32_t feature = 0;
    std::uint32_t missing_row = 0;
    std::uint32_t first_row = 0;
  };

  static std::size_t most_leaves_of(const Ensemble& ensemble) noexcept {
    std::size_t most = 1;
    for (const Tree& tree : ensemble.trees) {
      const auto leaves =
          std::count_if(tree.nodes.begin(), tree.nodes.end(), [](const TreeNode& node) { return node.is_leaf(); });
      most = std::max(most, static_cast<std::size_t>(leaves));
    }
    return most;
  }

  static constexpr std::size_t lines_for(std::size_t trees, bool narrow) noexcept {
    const std::size_t in_line = narrow ? 16 : 8;
    return (trees + in_line - 1) / in_line;
  }

  static constexpr detail::MaskLine all_leaves() noexcept {
    detail::MaskLine line{};
    for (auto& word : line.words) word = ~std::uint64_t{0};
    return line;
  }

  [[nodiscard]] bool narrow() const noexcept { return leaves_per_tree_ <= 32; }
  [[nodiscard]] std::size_t padded_trees() const noexcept { return lines_ * (narrow() ? 16 : 8); }

  /// Lines at a time, which the stack holds.
  static constexpr std::size_t strip = 32;

  template <class Mask>
  [[nodiscard]] double sum_of(const detail::MaskLine** rows) const noexcept {
    constexpr std::size_t in_line = sizeof(detail::MaskLine) / sizeof(Mask);
    detail::MaskLine left[strip];
    double lane[TreeSum::lanes] = {};
    const double* values = leaves_.data();
    for (std::size_t begin = 0; begin < lines_; begin += strip) {
      const std::size_t lines = std::min(strip, lines_ - begin);
      detail::intersect(set_, {rows, asked_.size()}, lines, left);
      for (std::size_t r = 0; r < asked_.size(); ++r) rows[r] += lines;
      for (std::size_t line = 0; line < lines; ++line) {
        for (std::size_t t = 0; t < in_line; ++t, values += leaves_per_tree_) {
          Mask mask = 0;
          std::memcpy(&mask, reinterpret_cast<const char*>(left + line) + t * sizeof(Mask), sizeof mask);
          lane[t % TreeSum::lanes] += values[static_cast<std::size_t>(std::countr_zero(mask))];
        }
      }
    }
    return TreeSum::total_of(lane);
  }

  /// Takes the leaves of a node from the masks of all codes that lead elsewhere; `leaf` counts them from left to right.
  void place(const Tree& tree, const ThresholdCodes& codes, std::size_t t, std::size_t index, std::size_t& leaf) {
    const TreeNode& node = tree.nodes[index];
    if (node.is_leaf()) {
      leaves_[t * leaves_per_tree_ + leaf++] = node.value;
      return;
    }
    const std::size_t begin = leaf;
    place(tree, codes, t, static_cast<std::size_t>(node.left), leaf);
    const std::size_t middle = leaf;
    place(tree, codes, t, static_cast<std::size_t>(node.right), leaf);
    const auto asked = std::find_if(asked_.begin(), asked_.end(), [&](const AskedFeature& each) {
      return each.feature == static_cast<std::uint32_t>(node.feature);
    });
    const std::size_t position = codes.position(node);
    for (std::size_t code = 0; code <= asked->missing_row; ++code) {
      const bool goes_left = code == asked->missing_row ? node.default_left : code <= position;
      forbid((asked->first_row + code) * lines_, t, goes_left ? middle : begin, goes_left ? leaf : middle);
    }
  }

  /// Removes leaves begin to end from tree t's mask in the table row that starts at a line.
  void forbid(std::size_t row, std::size_t t, std::size_t begin, std::size_t end) noexcept {
    const std::uint64_t leaves = (~std::uint64_t{0} >> (most_leaves - (end - begin))) << begin;
    const std::size_t in_line = narrow() ? 16 : 8;
    detail::MaskLine& line = masks_[row + t / in_line];
    // Two 32-bit masks in a word: as memory has them, which is the other way round on a big-endian machine.
    auto* bytes = reinterpret_cast<char*>(line.words) + t % in_line * (narrow() ? 4 : 8);
    if (narrow()) {
      keep(bytes, static_cast<std::uint32_t>(~leaves));
    } else {
      keep(bytes, ~leaves);
    }
  }

  template <class Mask>
  static void keep(char* bytes, Mask kept) noexcept {
    Mask mask = 0;
    std::memcpy(&mask, bytes, sizeof mask);
    mask &= kept;
    std::memcpy(bytes, &mask, sizeof mask);
  }

  InstructionSet set_;
  RowCodes row_codes_;
  std::size_t leaves_per_tree_;
  std::size_t trees_;
  std::size_t lines_ = 0;  // of a table row
  std::vector<AskedFeature> asked_;
  std::vector<detail::MaskLine> masks_;  // [rows of all asked features x lines]
  std::vector<double> leaves_;           // [padded trees x leaves per tree]
};

}  // namespace switchyard
