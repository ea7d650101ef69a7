#pragma once

// Rows as bytes. A feature's thresholds lie in blocks of 16, a pair of cache lines that vector registers compare with a
// value at once; a feature of more than 16 has a block of pivots above, so two blocks are touched at most: the 16-ary
// search of Kim et al. ("FAST: Fast Architecture Sensitive Tree Search on Modern CPUs and GPUs", SIGMOD 2010).

#include "switchyard/core/error.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/engine/instruction_set.hpp"
#include "switchyard/engine/intrinsics.hpp"
#include "switchyard/engine/threshold_codes.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace switchyard {

namespace detail {

/// 16 ascending thresholds, padded with infinity, which lies below no value.
struct alignas(64) ThresholdBlock {
  double thresholds[16];
};

/// Where one feature's thresholds lie.
struct ThresholdBlocks {
  std::uint32_t feature = 0;
  std::uint32_t first = 0;  // its first block; of a wide feature, the pivots are the block before
};

/// What a search kernel reads.
struct ThresholdSearch {
  const ThresholdBlock* blocks = nullptr;
  std::span<const ThresholdBlocks> narrow;  // features of one block
  std::span<const ThresholdBlocks> wide;    // of more, below a block of pivots: the last threshold of each
};

/// Number of a block's thresholds below the value: a binary search, 4 comparisons tell 0 to 15, a fifth the 16.
/// Shifted, not chosen by `?:`, of which GCC makes branches that no processor can guess.
inline std::uint32_t count_below(const ThresholdBlock& block, double value) noexcept {
  std::uint32_t count = 0;
  for (std::uint32_t bit = 4; bit-- > 0;) {
    count += std::uint32_t{block.thresholds[count + (1U << bit) - 1] < value} << bit;
  }
  return count + std::uint32_t{block.thresholds[count] < value};
}

inline void search_plainly(const ThresholdSearch& search, const double* row, std::uint8_t* codes) noexcept {
  for (const auto& [feature, first] : search.narrow) {
    codes[feature] = static_cast<std::uint8_t>(count_below(search.blocks[first], row[feature]));
  }
  for (const auto& [feature, first] : search.wide) {
    const double value = row[feature];
    const std::uint32_t block = count_below(search.blocks[first - 1], value);
    codes[feature] = static_cast<std::uint8_t>(16 * block + count_below(search.blocks[first + block], value));
  }
}

#if defined(__x86_64__)

inline std::uint32_t count_below_sse2(const ThresholdBlock& block, __m128d value) noexcept {
  __m128i below = _mm_setzero_si128();  // in two halves, negative
  for (std::size_t i = 0; i < 16; i += 2) {
    below = _mm_add_epi64(below, _mm_castpd_si128(_mm_cmplt_pd(_mm_load_pd(block.thresholds + i), value)));
  }
  return static_cast<std::uint32_t>(-_mm_cvtsi128_si32(_mm_add_epi64(below, _mm_unpackhi_epi64(below, below))));
}

inline void search_sse2(const ThresholdSearch& search, const double* row, std::uint8_t* codes) noexcept {
  for (const auto& [feature, first] : search.narrow) {
    codes[feature] = static_cast<std::uint8_t>(count_below_sse2(search.blocks[first], _mm_set1_pd(row[feature])));
  }
  for (const auto& [feature, first] : search.wide) {
    const __m128d value = _mm_set1_pd(row[feature]);
    const std::uint32_t block = count_below_sse2(search.blocks[first - 1], value);
    codes[feature] = static_cast<std::uint8_t>(16 * block + count_below_sse2(search.blocks[first + block], value));
  }
}

__attribute__((always_inline, target("avx2,fma,bmi2,popcnt"))) inline std::uint32_t count_below_avx2(
    const ThresholdBlock& block, __m256d value) noexcept {
  const __m256i a = _mm256_castpd_si256(_mm256_cmp_pd(_mm256_load_pd(block.thresholds), value, _CMP_LT_OQ));
  const __m256i b = _mm256_castpd_si256(_mm256_cmp_pd(_mm256_load_pd(block.thresholds + 4), value, _CMP_LT_OQ));
  const __m256i c = _mm256_castpd_si256(_mm256_cmp_pd(_mm256_load_pd(block.thresholds + 8), value, _CMP_LT_OQ));
  const __m256i d = _mm256_castpd_si256(_mm256_cmp_pd(_mm256_load_pd(block.thresholds + 12), value, _CMP_LT_OQ));
  // Only how many are below counts, so the order in which packing leaves them does not matter.
  const __m256i bytes = _mm256_packs_epi16(_mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d));
  return static_cast<std::uint32_t>(__builtin_popcount(static_cast<unsigned>(_mm256_movemask_epi8(bytes)))) / 2;
}

__attribute__((target("avx2,fma,bmi2,popcnt"))) inline void search_avx2(const ThresholdSearch& search,
                                                                        const double* row,
                                                                        std::uint8_t* codes) noexcept {
  for (const auto& [feature, first] : search.narrow) {
    codes[feature] = static_cast<std::uint8_t>(count_below_avx2(search.blocks[first], _mm256_set1_pd(row[feature])));
  }
  for (const auto& [feature, first] : search.wide) {
    const __m256d value = _mm256_set1_pd(row[feature]);
    const std::uint32_t block = count_below_avx2(search.blocks[first - 1], value);
    codes[feature] = static_cast<std::uint8_t>(16 * block + count_below_avx2(search.blocks[first + block], value));
  }
}

__attribute__((always_inline, target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi2,popcnt"))) inline std::uint32_t
count_below_avx512(const ThresholdBlock& block, __m512d value) noexcept {
  const __mmask8 low = _mm512_cmp_pd_mask(_mm512_load_pd(block.thresholds), value, _CMP_LT_OQ);
  const __mmask8 high = _mm512_cmp_pd_mask(_mm512_load_pd(block.thresholds + 8), value, _CMP_LT_OQ);
  return static_cast<std::uint32_t>(__builtin_popcount(_mm512_kunpackb(high, low)));
}

__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi2,popcnt"))) inline void search_avx512(
    const ThresholdSearch& search, const double* row, std::uint8_t* codes) noexcept {
  for (const auto& [feature, first] : search.narrow) {
    codes[feature] = static_cast<std::uint8_t>(count_below_avx512(search.blocks[first], _mm512_set1_pd(row[feature])));
  }
  for (const auto& [feature, first] : search.wide) {
    const __m512d value = _mm512_set1_pd(row[feature]);
    const std::uint32_t block = count_below_avx512(search.blocks[first - 1], value);
    codes[feature] = static_cast<std::uint8_t>(16 * block + count_below_avx512(search.blocks[first + block], value));
  }
}

#endif

}  // namespace detail

/// Turns a row of doubles into one byte per feature that decides every comparison of the model: ThresholdCodes' code.
class RowCodes {
 public:
  /// Code of a missing value in the high copy; above every position of a threshold.
  static constexpr std::uint8_t missing = 255;

  /// Throws InvalidArgument unless codes.fit_in_bytes().
  RowCodes(const ThresholdCodes& codes, InstructionSet set) : features_(codes.features()), set_(set) {
    if (!codes.fit_in_bytes()) {
      throw InvalidArgument::out_of_range("thresholds of one feature", std::to_string(codes.most_thresholds()),
                                          "at most 254");
    }
    for (std::size_t feature = 0; feature < codes.features(); ++feature) append(feature, codes.thresholds(feature));
  }

  [[nodiscard]] std::size_t features() const noexcept { return features_; }

  /// Codes of a row in two copies, which differ where a value is missing: 0 in `low`, which is at most every position
  /// and goes left, `missing` in `high`, which goes right. A node reads the copy that matches its default direction.
  /// row, low, high: [features]; the answer: whether anything is missing.
  bool encode(RowView row, std::uint8_t* low, std::uint8_t* high) const noexcept {
    encode_low(row, low);
    if (!any_missing(row)) {
      std::copy_n(low, features_, high);
      return false;
    }
    for (std::size_t feature = 0; feature < features_; ++feature) {
      high[feature] = std::isnan(row[feature]) ? missing : low[feature];
    }
    return true;
  }

  /// The low copy alone.
  void encode_low(RowView row, std::uint8_t* low) const noexcept {
    const detail::ThresholdSearch search{blocks_.data(), narrow_, wide_};
    for (const std::uint32_t feature : constant_) low[feature] = 0;
#if defined(__x86_64__)
    if (set_ == InstructionSet::avx512) return detail::search_avx512(search, row.data(), low);
    if (set_ == InstructionSet::avx2) return detail::search_avx2(search, row.data(), low);
    if (set_ == InstructionSet::sse2) return detail::search_sse2(search, row.data(), low);
#endif
    detail::search_plainly(search, row.data(), low);
  }

  /// Whether any value is missing. Compares values with each other, since that tells of two at once.
  [[nodiscard]] static bool any_missing(RowView row) noexcept {
    bool any = row.size() % 2 == 1 && std::isnan(row.back());
    for (std::size_t f = 0; f + 1 < row.size(); f += 2) any |= std::isunordered(row[f], row[f + 1]);
    return any;
  }

 private:
  static constexpr std::size_t width = std::size(detail::ThresholdBlock{}.thresholds);

  void append(std::size_t feature, std::span<const double> thresholds) {
    if (thresholds.empty()) return constant_.push_back(static_cast<std::uint32_t>(feature));
    const bool wide = thresholds.size() > width;
    // The last threshold is no pivot: a value above it belongs into the last block, not behind it.
    if (wide) append_block(thresholds.first(thresholds.size() - 1), width - 1, width);
    (wide ? wide_ : narrow_)
        .push_back({static_cast<std::uint32_t>(feature), static_cast<std::uint32_t>(blocks_.size())});
    for (std::size_t begin = 0; begin < thresholds.size(); begin += width) append_block(thresholds, begin, 1);
  }

  /// Every `stride`-th threshold from `begin` on.
  void append_block(std::span<const double> thresholds, std::size_t begin, std::size_t stride) {
    auto& block = blocks_.emplace_back().thresholds;
    for (std::size_t i = 0; i < width; ++i) {
      const std::size_t at = begin + i * stride;
      block[i] = at < thresholds.size() ? thresholds[at] : std::numeric_limits<double>::infinity();
    }
  }

  std::size_t features_;
  InstructionSet set_;
  std::vector<detail::ThresholdBlock> blocks_;
  std::vector<std::uint32_t> constant_;  // features that no tree asks
  std::vector<detail::ThresholdBlocks> narrow_;
  std::vector<detail::ThresholdBlocks> wide_;
};

}  // namespace switchyard
