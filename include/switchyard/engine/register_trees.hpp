#pragma once

// Trees decided many splits at once. The idea is QuickScorer's (Lucchese et al., "QuickScorer: a Fast Algorithm to Rank
// Documents with Additive Ensembles of Regression Trees", SIGIR 2015): do not walk from split to split, which waits for
// memory at each, but decide splits whether the row meets them or not and find the leaf by the bits. Here a row's codes
// (RowCodes) lie in one vector register; a byte shuffle fetches the codes of 64 splits and a byte comparison decides
// them. Each tree is padded to a complete one, in two storeys of three levels: one register decides the upper storeys
// of 8 trees, a table of 7 bits says which of each tree's 8 lower blocks to take, and one more register decides these
// 8. So a tree costs 16 splits rather than 63, two lookups and two loads, and 16 + 16 bytes of it are touched and one
// leaf. A missing value is looked up in the copy of the codes that its split's default direction asks for: it costs
// nothing with AVX-512, a second shuffle with AVX2, and both only read bytes. Without byte shuffles, and without
// AVX-512 for more than 32 features, the same layout is walked.

#include "switchyard/core/error.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/engine/instruction_set.hpp"
#include "switchyard/engine/intrinsics.hpp"
#include "switchyard/engine/row_codes.hpp"
#include "switchyard/engine/threshold_codes.hpp"
#include "switchyard/tree/tree.hpp"
#include "switchyard/tree/tree_sum.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <vector>

namespace switchyard {

namespace detail {

inline constexpr std::int8_t always_left = 127;  // a threshold that no code is above

/// The upper three levels of 8 trees: byte 8 t + s is split s of tree t, in the order of a heap (the children of s are
/// 2 s + 1 and 2 s + 2), the eighth of each goes left. A split reads the code in a slot and its bit is set, and its row
/// goes right, iff code > threshold. Codes and thresholds are signed bytes, since SSE and AVX2 compare no others.
struct alignas(64) UpperSplits {
  std::uint8_t slot[64] = {};  // see slot_of
  std::int8_t threshold[64];
};

/// The lower three levels below one of the 8 ways out of a tree's upper three.
struct alignas(16) LowerSplits {
  std::uint8_t slot[8] = {};
  std::int8_t threshold[8];
};

/// Values of a tree's 64 leaves, from left to right.
struct alignas(64) RegisterLeaves {
  double value[64] = {};
};

/// What a kernel reads. Padding trees answer 0.
struct RegisterForest {
  const UpperSplits* upper = nullptr;      // [groups]
  const LowerSplits* lower = nullptr;      // [groups x 8 trees x 8]
  const RegisterLeaves* leaves = nullptr;  // [groups x 8 trees]
  std::size_t groups = 0;                  // of 8 trees
  std::size_t copy = 0;                    // features in one copy of the codes, see SlotCodes
};

/// A row's codes: the features' low copies, then the high ones. Rows of up to 32 features have 32 of each, which one
/// register holds; wider ones 64 and two registers.
struct alignas(64) SlotCodes {
  static constexpr std::size_t one_register = 32;
  static constexpr std::size_t two_registers = 64;

  std::uint8_t code[2 * two_registers];

  /// Splits compare signed bytes: the same order, from -128 on.
  static constexpr std::int8_t least = -128;
};

/// The slot of a feature's copy. As it stands it is an index into SlotCodes for AVX-512, which reads its lower 6 bits
/// for one register and 7 for two. For one register, pshufb reads the lower 4 and answers 0 if bit 7 is set, which says
/// which of two 16-byte tables has the feature; bit 6 repeats bit 5, the high copy, where doubling the byte makes it
/// the sign.
[[nodiscard]] constexpr std::uint8_t slot_of(std::size_t feature, bool high, std::size_t copy) noexcept {
  if (copy == SlotCodes::two_registers) return static_cast<std::uint8_t>(feature | (high ? 0x40U : 0U));
  return static_cast<std::uint8_t>(feature | (high ? 0x60U : 0U) | (feature >= 16 ? 0x80U : 0U));
}

/// Where the three levels of 7 splits lead: from 0 for left-left-left to 7, by the 7 bits of the splits.
struct ThreeLevels {
  alignas(64) std::uint8_t way[128];
  alignas(64) std::uint8_t lower[128];  // the same as an offset of LowerSplits
};

[[nodiscard]] constexpr ThreeLevels three_levels() noexcept {
  ThreeLevels table{};
  for (unsigned bits = 0; bits < 128; ++bits) {
    unsigned split = 0;
    for (int level = 0; level < 3; ++level) split = 2 * split + 1 + (bits >> split & 1);
    table.way[bits] = static_cast<std::uint8_t>(split - 7);
    table.lower[bits] = static_cast<std::uint8_t>((split - 7) * sizeof(LowerSplits));
  }
  return table;
}

inline constexpr ThreeLevels three_level_table = three_levels();

/// One level down three levels of splits.
[[nodiscard]] inline std::size_t next_split(const std::uint8_t* slot, const std::int8_t* threshold, std::size_t split,
                                            const SlotCodes& codes, std::size_t copy) noexcept {
  const int code = int{codes.code[slot[split] & (2 * copy - 1)]} + SlotCodes::least;
  return 2 * split + 1 + static_cast<std::size_t>(code > threshold[split]);
}

/// Walks down 8 trees at a time, so that one's loads need not wait for another's, and without branches.
[[nodiscard]] inline double sum_by_walking(const RegisterForest& forest, const SlotCodes& codes) noexcept {
  constexpr std::size_t lanes = TreeSum::lanes;
  double lane[lanes] = {};
  for (std::size_t group = 0; group < forest.groups; ++group) {
    const UpperSplits& upper = forest.upper[group];
    const LowerSplits* lower = forest.lower + 8 * lanes * group;
    std::size_t split[lanes] = {};
    for (int level = 0; level < 3; ++level) {
      for (std::size_t t = 0; t < lanes; ++t) {
        split[t] = next_split(upper.slot + 8 * t, upper.threshold + 8 * t, split[t], codes, forest.copy);
      }
    }
    const LowerSplits* below[lanes];
    for (std::size_t t = 0; t < lanes; ++t) below[t] = lower + 8 * t + (split[t] - 7);
    for (std::size_t t = 0; t < lanes; ++t) split[t] = 0;
    for (int level = 0; level < 3; ++level) {
      for (std::size_t t = 0; t < lanes; ++t) {
        split[t] = next_split(below[t]->slot, below[t]->threshold, split[t], codes, forest.copy);
      }
    }
    const double* values = forest.leaves[lanes * group].value;
    for (std::size_t t = 0; t < lanes; ++t) {
      lane[t] += values[8 * static_cast<std::size_t>(below[t] - lower) + split[t] - 7];
    }
  }
  return TreeSum::total_of(lane);
}

#if defined(__x86_64__)

/// The codes in 16-byte tables, each twice.
struct CodeTables {
  __m256i low[2];   // features below 16, and above
  __m256i high[2];  // the same of the high copies
};

/// 16 slots' codes, shifted to signed bytes, twice.
__attribute__((always_inline, target("avx2,fma,bmi2,popcnt"))) inline __m256i code_table(const SlotCodes& codes,
                                                                                         std::size_t table) noexcept {
  const __m128i slots = _mm_load_si128(reinterpret_cast<const __m128i*>(codes.code) + table);
  return _mm256_broadcastsi128_si256(_mm_xor_si128(slots, _mm_set1_epi8(SlotCodes::least)));
}

/// Bit s: whether split s of 32 goes right. `wide`: there are features above 15; `missing`: the copies differ.
template <bool wide, bool missing>
__attribute__((always_inline, target("avx2,fma,bmi2,popcnt"))) inline std::uint32_t decide_avx2(
    const CodeTables& tables, __m256i slot, __m256i threshold) noexcept {
  const __m256i upper_slot = _mm256_xor_si256(slot, _mm256_set1_epi8(-128));
  __m256i code = _mm256_shuffle_epi8(tables.low[0], slot);
  if constexpr (wide) code = _mm256_or_si256(code, _mm256_shuffle_epi8(tables.low[1], upper_slot));
  if constexpr (missing) {
    __m256i high = _mm256_shuffle_epi8(tables.high[0], slot);
    if constexpr (wide) high = _mm256_or_si256(high, _mm256_shuffle_epi8(tables.high[1], upper_slot));
    code = _mm256_blendv_epi8(code, high, _mm256_add_epi8(slot, slot));
  }
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpgt_epi8(code, threshold)));
}

/// The lower splits that a tree's upper ones lead to, `offset` bytes into its 8.
[[nodiscard]] __attribute__((always_inline)) inline __m128i load_lower(const LowerSplits* lower,
                                                                       std::size_t offset) noexcept {
  return _mm_load_si128(reinterpret_cast<const __m128i*>(reinterpret_cast<const char*>(lower) + offset));
}

template <bool wide, bool missing>
__attribute__((target("avx2,fma,bmi2,popcnt"))) inline double sum_avx2(const RegisterForest& forest,
                                                                       const SlotCodes& codes) noexcept {
  const CodeTables tables{{code_table(codes, 0), code_table(codes, 1)}, {code_table(codes, 2), code_table(codes, 3)}};
  double lane[8] = {};
  std::uint32_t bits[2];  // of four trees each
  const auto* bits_of_tree = reinterpret_cast<const std::uint8_t*>(bits);
  for (std::size_t group = 0; group < forest.groups; ++group) {
    const auto* upper = reinterpret_cast<const __m256i*>(forest.upper + group);
    bits[0] = decide_avx2<wide, missing>(tables, _mm256_load_si256(upper), _mm256_load_si256(upper + 2));
    bits[1] = decide_avx2<wide, missing>(tables, _mm256_load_si256(upper + 1), _mm256_load_si256(upper + 3));
    std::size_t offset[8];
#pragma GCC unroll 8
    for (std::size_t t = 0; t < 8; ++t) offset[t] = three_level_table.lower[bits_of_tree[t]];
    const LowerSplits* lower = forest.lower + 64 * group;
#pragma GCC unroll 2
    for (std::size_t half = 0; half < 2; ++half, lower += 32) {
      const std::size_t* at = offset + 4 * half;
      const __m256i even = _mm256_set_m128i(load_lower(lower + 16, at[2]), load_lower(lower, at[0]));
      const __m256i odd = _mm256_set_m128i(load_lower(lower + 24, at[3]), load_lower(lower + 8, at[1]));
      bits[half] =
          decide_avx2<wide, missing>(tables, _mm256_unpacklo_epi64(even, odd), _mm256_unpackhi_epi64(even, odd));
    }
    const RegisterLeaves* leaves = forest.leaves + 8 * group;
#pragma GCC unroll 8
    for (std::size_t t = 0; t < 8; ++t)
      lane[t] += leaves[t].value[offset[t] / 2 + three_level_table.way[bits_of_tree[t]]];
  }
  return TreeSum::total_of(lane);
}

/// A row's codes in one register, or in two: the low copies and the high ones.
template <bool wide>
struct CodeRegisters {
  __m512i low;  // and, if they fit, the high copies
  __m512i high;
};

/// Both copies of a row's codes, given the low one and the row.
template <bool wide>
__attribute__((always_inline,
               target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi2,popcnt"))) inline CodeRegisters<wide>
code_registers_avx512(const SlotCodes& codes, const double* row, std::size_t features) noexcept {
  std::uint64_t missing = 0;
  for (std::size_t f = 0; f < features; f += 8) {
    const auto present = static_cast<__mmask8>(features - f < 8 ? (1U << (features - f)) - 1 : 0xFFU);
    const __m512d values = _mm512_maskz_loadu_pd(present, row + f);
    missing |= std::uint64_t{_mm512_cmp_pd_mask(values, values, _CMP_UNORD_Q)} << f;
  }
  const __m512i least = _mm512_set1_epi8(SlotCodes::least);
  if constexpr (wide) {
    const __m512i low = _mm512_load_si512(codes.code);
    return {_mm512_xor_si512(low, least), _mm512_xor_si512(_mm512_or_si512(low, _mm512_movm_epi8(missing)), least)};
  }
  const __m256i low = _mm256_load_si256(reinterpret_cast<const __m256i*>(codes.code));
  const __m256i high = _mm256_or_si256(low, _mm256_movm_epi8(static_cast<__mmask32>(missing)));
  const __m512i both = _mm512_maskz_inserti64x4(__mmask8{0xFF}, _mm512_castsi256_si512(low), high, 1);
  return {_mm512_xor_si512(both, least), both};
}

/// Bit s: whether split s of 64 goes right. (Masks of ones where GCC 12 warns about its own unmasked intrinsics.)
template <bool wide>
__attribute__((always_inline, target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi2,popcnt"))) inline std::uint64_t
decide_avx512(const CodeRegisters<wide>& codes, __m512i slot, __m512i threshold) noexcept {
  if constexpr (wide) {
    return _mm512_cmpgt_epi8_mask(_mm512_permutex2var_epi8(codes.low, slot, codes.high), threshold);
  }
  return _mm512_cmpgt_epi8_mask(_mm512_maskz_permutexvar_epi8(~__mmask64{0}, slot, codes.low), threshold);
}

/// The lower splits of 8 trees, each at its offset, decided.
template <bool wide>
__attribute__((always_inline, target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi2,popcnt"))) inline std::uint64_t
decide_lower_avx512(const CodeRegisters<wide>& codes, const LowerSplits* lower, const std::uint8_t* offset) noexcept {
  __m256i quarter[4];  // two trees each: 0 2, 4 6, 1 3, 5 7, so that unpacking brings them into order
#pragma GCC unroll 4
  for (std::size_t q = 0; q < 4; ++q) {
    const std::size_t t = q / 2 + 4 * (q % 2);
    quarter[q] = _mm256_set_m128i(load_lower(lower + 8 * (t + 2), offset[t + 2]), load_lower(lower + 8 * t, offset[t]));
  }
  const __m512i even = _mm512_maskz_inserti64x4(__mmask8{0xFF}, _mm512_castsi256_si512(quarter[0]), quarter[1], 1);
  const __m512i odd = _mm512_maskz_inserti64x4(__mmask8{0xFF}, _mm512_castsi256_si512(quarter[2]), quarter[3], 1);
  return decide_avx512(codes, _mm512_maskz_unpacklo_epi64(__mmask8{0xFF}, even, odd),
                       _mm512_maskz_unpackhi_epi64(__mmask8{0xFF}, even, odd));
}

/// 64 lookups in a table of 128 bytes.
__attribute__((always_inline, target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi2,popcnt"))) inline __m512i
look_up_avx512(const std::uint8_t* table, const std::uint64_t* indices) noexcept {
  return _mm512_permutex2var_epi8(_mm512_load_si512(table), _mm512_load_si512(indices), _mm512_load_si512(table + 64));
}

template <bool wide>
__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi2,popcnt"))) inline double sum_avx512(
    const RegisterForest& forest, const SlotCodes& codes, const double* values, std::size_t features) noexcept {
  // In three sweeps over 256 trees, so that no load has to wait for the smaller stores that it takes together.
  constexpr std::size_t sweep = 32;
  alignas(64) std::uint64_t bits[sweep] = {};  // a byte a tree
  alignas(64) std::uint8_t chosen[8 * sweep];  // first the offset of a tree's lower splits, then its leaf
  const CodeRegisters<wide> row = code_registers_avx512<wide>(codes, values, features);
  double lane[8] = {};
  for (std::size_t begin = 0; begin < forest.groups; begin += sweep) {
    const std::size_t groups = forest.groups - begin < sweep ? forest.groups - begin : sweep;
    const UpperSplits* upper = forest.upper + begin;
    for (std::size_t g = 0; g < groups; ++g) {
      bits[g] = decide_avx512(row, _mm512_load_si512(upper[g].slot), _mm512_load_si512(upper[g].threshold));
    }
    for (std::size_t g = 0; g < groups; g += 8) {
      _mm512_store_si512(chosen + 8 * g, look_up_avx512(three_level_table.lower, bits + g));
    }
    const LowerSplits* lower = forest.lower + 64 * begin;
    for (std::size_t g = 0; g < groups; ++g) bits[g] = decide_lower_avx512(row, lower + 64 * g, chosen + 8 * g);
    for (std::size_t g = 0; g < groups; g += 8) {
      const __m512i first =
          _mm512_maskz_srli_epi16(~__mmask32{0}, _mm512_load_si512(chosen + 8 * g), 1);  // 8 leaves to 16 bytes
      _mm512_store_si512(chosen + 8 * g, _mm512_or_si512(first, look_up_avx512(three_level_table.way, bits + g)));
    }
    const RegisterLeaves* leaves = forest.leaves + 8 * begin;
    for (std::size_t g = 0; g < groups; ++g) {
#pragma GCC unroll 8
      for (std::size_t t = 0; t < 8; ++t) lane[t] += leaves[8 * g + t].value[chosen[8 * g + t]];
    }
  }
  return TreeSum::total_of(lane);
}

#endif

}  // namespace detail

/// The engine for trees of up to 6 levels over up to 64 features of up to 254 thresholds each.
class RegisterTrees {
 public:
  static constexpr std::size_t most_features = detail::SlotCodes::two_registers;
  static constexpr int most_levels = 6;

  /// Whether a row of so many features is decided in registers, rather than walked.
  [[nodiscard]] static constexpr bool shuffles(std::size_t features, InstructionSet set) noexcept {
    return set == InstructionSet::avx512 ||
           (set == InstructionSet::avx2 && features <= detail::SlotCodes::one_register);
  }

  [[nodiscard]] static bool fits(const Ensemble& ensemble, const ThresholdCodes& codes) noexcept {
    if (codes.features() > most_features || !codes.fit_in_bytes()) return false;
    return std::all_of(ensemble.trees.begin(), ensemble.trees.end(),
                       [](const Tree& tree) { return !tree.nodes.empty() && is_shallow(tree, 0, 0); });
  }

  /// Throws InvalidArgument if the ensemble does not fit.
  RegisterTrees(const Ensemble& ensemble, const ThresholdCodes& codes, InstructionSet set)
      : set_(set),
        row_codes_(codes, set),
        copy_(codes.features() <= detail::SlotCodes::one_register ? detail::SlotCodes::one_register
                                                                  : detail::SlotCodes::two_registers) {
    if (!fits(ensemble, codes)) throw InvalidArgument("these trees do not fit into registers");
    const std::size_t groups = (ensemble.trees.size() + TreeSum::lanes - 1) / TreeSum::lanes;
    upper_.resize(groups);
    lower_.resize(groups * TreeSum::lanes * 8);
    leaves_.resize(groups * TreeSum::lanes);
    for (auto& splits : upper_) fill_unused(splits.threshold);
    for (auto& splits : lower_) fill_unused(splits.threshold);
    for (std::size_t t = 0; t < ensemble.trees.size(); ++t) place(ensemble.trees[t], codes, t, 0, 0, 0);
  }

  /// TreeSum's total of all trees for a row. row: [features], NaN = missing
  [[nodiscard]] double sum(RowView row) const noexcept {
    detail::SlotCodes codes{};
    row_codes_.encode_low(row, codes.code);
    const detail::RegisterForest forest{upper_.data(), lower_.data(), leaves_.data(), upper_.size(), copy_};
#if defined(__x86_64__)
    if (set_ == InstructionSet::avx512) {
      return copy_ == detail::SlotCodes::one_register ? detail::sum_avx512<false>(forest, codes, row.data(), row.size())
                                                      : detail::sum_avx512<true>(forest, codes, row.data(), row.size());
    }
#endif
    const bool missing = RowCodes::any_missing(row);
    for (std::size_t f = 0; f < row.size(); ++f) {
      codes.code[copy_ + f] = missing && std::isnan(row[f]) ? RowCodes::missing : codes.code[f];
    }
#if defined(__x86_64__)
    if (shuffles(row.size(), set_)) {
      if (row.size() <= 16) {
        return missing ? detail::sum_avx2<false, true>(forest, codes) : detail::sum_avx2<false, false>(forest, codes);
      }
      return missing ? detail::sum_avx2<true, true>(forest, codes) : detail::sum_avx2<true, false>(forest, codes);
    }
#endif
    return detail::sum_by_walking(forest, codes);
  }

  /// The same for each row. rows: [rows x features], out: [rows]
  void sums(const MatrixView& rows, std::span<double> out) const noexcept {
    for (Index row = 0; row < rows.rows(); ++row) out[static_cast<std::size_t>(row)] = sum(row_of(rows, row));
  }

 private:
  static bool is_shallow(const Tree& tree, std::size_t index, int level) noexcept {
    const TreeNode& node = tree.nodes[index];
    if (node.is_leaf()) return true;
    return level < most_levels && is_shallow(tree, static_cast<std::size_t>(node.left), level + 1) &&
           is_shallow(tree, static_cast<std::size_t>(node.right), level + 1);
  }

  template <std::size_t size>
  static void fill_unused(std::int8_t (&threshold)[size]) noexcept {
    std::fill(std::begin(threshold), std::end(threshold), detail::always_left);
  }

  /// Puts a node and those below into tree t. way: the turns that lead to it, as binary digits, `level` of them.
  void place(const Tree& tree, const ThresholdCodes& codes, std::size_t t, std::size_t index, int level,
             std::size_t way) {
    const TreeNode& node = tree.nodes[index];
    if (node.is_leaf()) {
      leaves_[t].value[way << (most_levels - level)] = node.value;  // every split below it goes left
      return;
    }
    const std::size_t on_level = std::size_t{1} << level % 3;
    const std::size_t split = on_level - 1 + way % on_level;
    const std::uint8_t slot = detail::slot_of(static_cast<std::size_t>(node.feature), !node.default_left, copy_);
    const auto threshold = static_cast<std::int8_t>(static_cast<int>(codes.position(node)) + detail::SlotCodes::least);
    if (level < 3) {
      detail::UpperSplits& upper = upper_[t / TreeSum::lanes];
      upper.slot[8 * (t % TreeSum::lanes) + split] = slot;
      upper.threshold[8 * (t % TreeSum::lanes) + split] = threshold;
    } else {
      detail::LowerSplits& lower = lower_[8 * t + (way >> (level - 3))];
      lower.slot[split] = slot;
      lower.threshold[split] = threshold;
    }
    place(tree, codes, t, static_cast<std::size_t>(node.left), level + 1, 2 * way);
    place(tree, codes, t, static_cast<std::size_t>(node.right), level + 1, 2 * way + 1);
  }

  InstructionSet set_;
  RowCodes row_codes_;
  std::size_t copy_;  // features in one copy of the codes
  std::vector<detail::UpperSplits> upper_;
  std::vector<detail::LowerSplits> lower_;
  std::vector<detail::RegisterLeaves> leaves_;
};

}  // namespace switchyard
