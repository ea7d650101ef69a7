#pragma once

// Deep trees in blocks. A walk down a deep tree is a chain of cache misses, so make the chain short and follow many at
// once. Four levels share a cache line, and a shuffle of the row's codes with one comparison decides all 15 splits (Kim
// et al., "FAST: Fast Architecture Sensitive Tree Search on Modern CPUs and GPUs", SIGMOD 2010, block search trees so
// for SIMD; here the row is in the register and the tree comes by). Up to 128 walks advance block by block: those that
// reached a leaf drop out without a branch, the next block of each is prefetched while the others advance. For one row
// the walks are trees, whose answers are then added in their order; in a batch they are rows in one tree, whose blocks
// stay in the first cache meanwhile. Without a byte shuffle (SSE2, other processors, or more than 32 features) the same
// blocks are walked split by split.

#include "switchyard/core/error.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/engine/instruction_set.hpp"
#include "switchyard/engine/intrinsics.hpp"
#include "switchyard/engine/row_codes.hpp"
#include "switchyard/engine/threshold_codes.hpp"
#include "switchyard/tree/tree.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace switchyard {

namespace detail {

/// Four levels of a tree on one cache line: 15 splits in heap order from 1 (split i has the children 2 i and 2 i + 1)
/// and where its 16 ways out lead.
struct alignas(64) TreeBlock {
  static constexpr std::uint8_t always_left = 255;  // no code is above
  static constexpr std::uint16_t leaf = 0x8000;     // set in an exit that is a leaf; the other bits are its number

  std::array<std::uint8_t, 16> slot{};       // which code the split reads
  std::array<std::uint8_t, 16> threshold{};  // goes right iff the code is above
  std::array<std::uint16_t, 16> exit{};      // a block or a leaf, counted from the tree's first
};

/// Blocks to be asked: `count` items, each at a block of its own.
struct BlockQueue {
  const TreeBlock* blocks = nullptr;
  const std::uint32_t* at = nullptr;    // [count]
  const std::uint8_t* item = nullptr;   // [count], whose codes to take
  const std::uint8_t* codes = nullptr;  // [items x stride]
  std::size_t stride = 0;               // bytes from one item's codes to the next's; 0: all share one row
  std::size_t count = 0;
};

/// Where 7 splits of three levels lead: heap position 8 to 15, by the splits' bits 1 to 7.
[[nodiscard]] constexpr std::array<std::uint8_t, 128> fourth_level() noexcept {
  std::array<std::uint8_t, 128> result{};
  for (unsigned bits = 0; bits < 128; ++bits) {
    unsigned split = 1;
    for (int level = 0; level < 3; ++level) split = 2 * split + (2 * bits >> split & 1U);
    result[bits] = static_cast<std::uint8_t>(split);
  }
  return result;
}

inline constexpr std::array<std::uint8_t, 128> fourth_level_of = fourth_level();

/// Eight walks in step, without branches: their loads overlap.
inline void take_exits_plainly(const BlockQueue& queue, std::uint16_t* exits) noexcept {
  constexpr std::size_t width = 8;
  for (std::size_t first = 0; first < queue.count; first += width) {
    const std::size_t count = std::min(width, queue.count - first);
    std::array<const TreeBlock*, width> block;
    std::array<const std::uint8_t*, width> codes;
    std::array<std::size_t, width> split;
    for (std::size_t i = 0; i < width; ++i) {
      const std::size_t source = first + std::min(i, count - 1);  // a short rest repeats its last item
      block[i] = queue.blocks + queue.at[source];
      codes[i] = queue.codes + queue.item[source] * queue.stride;
      split[i] = 1;
    }
    for (int level = 0; level < 4; ++level) {
      for (std::size_t i = 0; i < width; ++i) {
        const bool right = codes[i][block[i]->slot[split[i]]] > block[i]->threshold[split[i]];
        split[i] = 2 * split[i] + static_cast<std::size_t>(right);
      }
    }
    for (std::size_t i = 0; i < count; ++i) exits[first + i] = block[i]->exit[split[i] - 16];
  }
}

#if defined(__x86_64__)

/// The exit to which a block's 15 decisions lead. bits: split i at bit i, set = right
[[nodiscard]] inline std::uint16_t exit_of(const TreeBlock& block, std::uint32_t bits) noexcept {
  const std::uint32_t split = fourth_level_of.data()[bits >> 1U & 127U];
  return block.exit.data()[2 * split + (bits >> split & 1U) - 16];
}

/// 15 codes are looked up by shuffles of 16 bytes: the slot's low 4 bits choose within a table, bit 4 the table, bit 5
/// the copy for missing values.
template <bool missing>
__attribute__((target("avx2,fma,bmi2,popcnt"))) void take_exits_avx2(const BlockQueue& queue,
                                                                     std::uint16_t* exits) noexcept {
  for (std::size_t i = 0; i < queue.count; ++i) {
    const TreeBlock& block = queue.blocks[queue.at[i]];
    const auto* table = reinterpret_cast<const __m128i*>(queue.codes + queue.item[i] * queue.stride);
    const __m128i slot = _mm_load_si128(reinterpret_cast<const __m128i*>(block.slot.data()));
    const __m128i limit = _mm_load_si128(reinterpret_cast<const __m128i*>(block.threshold.data()));
    const __m128i second = _mm_slli_epi16(slot, 3);  // bit 4 where a blend looks, at bit 7
    __m128i code = _mm_blendv_epi8(_mm_shuffle_epi8(_mm_load_si128(table), slot),
                                   _mm_shuffle_epi8(_mm_load_si128(table + 1), slot), second);
    if (missing) {
      const __m128i high = _mm_blendv_epi8(_mm_shuffle_epi8(_mm_load_si128(table + 2), slot),
                                           _mm_shuffle_epi8(_mm_load_si128(table + 3), slot), second);
      code = _mm_blendv_epi8(code, high, _mm_slli_epi16(slot, 2));
    }
    const __m128i left = _mm_cmpeq_epi8(_mm_max_epu8(code, limit), limit);
    exits[i] = exit_of(block, ~static_cast<std::uint32_t>(_mm_movemask_epi8(left)));
  }
}

/// One permutation looks all 15 codes up in a register of 64.
__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi2,popcnt"))) inline void take_exits_avx512(
    const BlockQueue& queue, std::uint16_t* exits) noexcept {
  for (std::size_t i = 0; i < queue.count; ++i) {
    const TreeBlock& block = queue.blocks[queue.at[i]];
    const __m512i table = _mm512_load_si512(queue.codes + queue.item[i] * queue.stride);
    const __m128i slot = _mm_load_si128(reinterpret_cast<const __m128i*>(block.slot.data()));
    const __m128i limit = _mm_load_si128(reinterpret_cast<const __m128i*>(block.threshold.data()));
    const __m512i code = _mm512_permutexvar_epi8(_mm512_zextsi128_si512(slot), table);
    exits[i] = exit_of(block, _mm_cmpgt_epu8_mask(_mm512_castsi512_si128(code), limit));
  }
}

#endif

}  // namespace detail

/// The engine for deep trees on byte codes, up to 128 features.
class BlockedTrees {
 public:
  static constexpr std::size_t most_features = 128;

  [[nodiscard]] static bool fits(const Ensemble& ensemble, const ThresholdCodes& codes) noexcept {
    std::size_t nodes = 0;
    for (const Tree& tree : ensemble.trees) {
      if (tree.nodes.empty() || tree.nodes.size() >= 2 * detail::TreeBlock::leaf) return false;
      nodes += tree.nodes.size();
    }
    return codes.features() <= most_features && codes.fit_in_bytes() &&
           nodes <= std::numeric_limits<std::uint32_t>::max();
  }

  /// Throws InvalidArgument if the ensemble does not fit.
  BlockedTrees(const Ensemble& ensemble, const ThresholdCodes& codes, InstructionSet set)
      : row_codes_(codes, set),
        shuffled_(codes.features() <= shuffled_features),
        set_(shuffled_ ? set : InstructionSet::portable) {
    if (!fits(ensemble, codes)) throw InvalidArgument("the trees do not fit into blocks");
    for (const Tree& tree : ensemble.trees) append(tree, codes);
  }

  /// Sum of the trees' answers, as TreeSum's. row: [features], NaN = missing
  [[nodiscard]] double sum(RowView row) const noexcept {
    alignas(64) std::array<std::uint8_t, 2 * most_features> codes{};
    const bool missing = row_codes_.encode(row, codes.data(), codes.data() + high_copy());
    TreeSum sum;
    std::array<std::uint16_t, most_walks> leaves;
    for (std::size_t first = 0; first < roots_.size(); first += most_walks) {
      const std::size_t count = std::min(most_walks, roots_.size() - first);
      walk({codes.data(), 0, missing}, {&roots_[first], 1}, count, leaves);
      for (std::size_t i = 0; i < count; ++i) sum.add(first + i, values_[first_leaf_[first + i] + leaves[i]]);
    }
    return sum.total();
  }

  /// The same for many rows. rows: [n x features]; out: [n]
  void sums(const MatrixView& rows, std::span<double> out) const noexcept {
    alignas(64) std::array<std::uint8_t, batch * 2 * most_features> codes{};
    std::array<TreeSum, batch> sums;
    std::array<std::uint16_t, most_walks> leaves;
    const std::size_t stride = 2 * high_copy();
    for (std::size_t first = 0; first < out.size(); first += batch) {
      const std::size_t count = std::min(batch, out.size() - first);
      bool missing = false;
      for (std::size_t i = 0; i < count; ++i) {
        std::uint8_t* low = codes.data() + i * stride;
        missing |= row_codes_.encode(row_of(rows, static_cast<Index>(first + i)), low, low + high_copy());
        sums[i] = {};
      }
      for (std::size_t tree = 0; tree < roots_.size(); ++tree) {
        walk({codes.data(), stride, missing}, {&roots_[tree], 0}, count, leaves);
        const double* values = &values_[first_leaf_[tree]];
        for (std::size_t i = 0; i < count; ++i) sums[i].add(tree, values[leaves[i]]);
      }
      for (std::size_t i = 0; i < count; ++i) out[first + i] = sums[i].total();
    }
  }

 private:
  static constexpr std::size_t shuffled_features = 32;
  static constexpr std::size_t most_walks = 128;
  static constexpr std::size_t batch = 64;  // rows: their codes and sums share the first cache with a tree

  struct Rows {
    const std::uint8_t* codes = nullptr;
    std::size_t stride = 0;  // 0: one row for all walks
    bool missing = false;
  };

  struct Roots {
    const std::uint32_t* first = nullptr;
    std::size_t stride = 0;  // 0: one tree for all walks

    [[nodiscard]] std::uint32_t of(std::size_t walk) const noexcept { return first[walk * stride]; }
  };

  /// Where the codes for "missing goes right" begin.
  [[nodiscard]] std::size_t high_copy() const noexcept { return shuffled_ ? shuffled_features : most_features; }

  void take_exits(const detail::BlockQueue& queue, bool missing, std::uint16_t* exits) const noexcept {
#if defined(__x86_64__)
    if (set_ == InstructionSet::avx512) return detail::take_exits_avx512(queue, exits);
    if (set_ == InstructionSet::avx2) {
      return missing ? detail::take_exits_avx2<true>(queue, exits) : detail::take_exits_avx2<false>(queue, exits);
    }
#endif
    static_cast<void>(missing);
    detail::take_exits_plainly(queue, exits);
  }

  /// Fetches a block. What is asked for may as well be a leaf's number, beyond all blocks: so the address is a number,
  /// for a pointer must not point there.
  void prefetch(std::uint32_t block) const noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(blocks_.data()) + block * sizeof(detail::TreeBlock);
    __builtin_prefetch(reinterpret_cast<const void*>(address));
  }

  /// Leaf of each of `count` walks, counted from its tree's first.
  void walk(const Rows& rows, const Roots& roots, std::size_t count,
            std::array<std::uint16_t, most_walks>& leaves) const noexcept {
    std::array<std::uint32_t, most_walks> at;
    std::array<std::uint8_t, most_walks> item;
    std::array<std::uint16_t, most_walks> exits;
    for (std::size_t i = 0; i < count; ++i) {
      at[i] = roots.of(i);
      item[i] = static_cast<std::uint8_t>(i);
    }
    detail::BlockQueue queue{blocks_.data(), at.data(), item.data(), rows.codes, rows.stride, count};
    while (queue.count > 0) {
      take_exits(queue, rows.missing, exits.data());
      std::size_t open = 0;
      for (std::size_t i = 0; i < queue.count; ++i) {
        const std::uint8_t walk = item[i];
        const std::uint16_t target = exits[i] & static_cast<std::uint16_t>(~detail::TreeBlock::leaf);
        leaves[walk] = target;  // overwritten until it is one
        const std::uint32_t next = roots.of(walk) + target;
        prefetch(next);
        item[open] = walk;
        at[open] = next;
        open += exits[i] == target ? 1 : 0;
      }
      queue.count = open;
    }
  }

  void append(const Tree& tree, const ThresholdCodes& codes) {
    const std::size_t root = blocks_.size();
    const std::size_t first_leaf = values_.size();
    roots_.push_back(static_cast<std::uint32_t>(root));
    first_leaf_.push_back(first_leaf);
    std::vector<std::int32_t> tops{0};  // node at the top of each of the tree's blocks
    for (std::size_t b = 0; b < tops.size(); ++b) {
      detail::TreeBlock block;
      block.threshold.fill(detail::TreeBlock::always_left);
      fill(block, tree, codes, tops, {{tops[b], 1}}, first_leaf);
      blocks_.push_back(block);
    }
  }

  /// Puts four levels of a tree into a block, its leaves to the others and the nodes below to `tops`.
  /// open: nodes to be placed, with their heap position
  void fill(detail::TreeBlock& block, const Tree& tree, const ThresholdCodes& codes, std::vector<std::int32_t>& tops,
            std::vector<std::pair<std::int32_t, std::size_t>> open, std::size_t first_leaf) {
    while (!open.empty()) {
      const auto [index, place] = open.back();
      open.pop_back();
      const TreeNode& node = tree.nodes[static_cast<std::size_t>(index)];
      if (node.is_leaf()) {
        std::size_t way = place;
        while (way < 16) way *= 2;  // the splits below a leaf all go left
        block.exit[way - 16] = static_cast<std::uint16_t>(detail::TreeBlock::leaf | (values_.size() - first_leaf));
        values_.push_back(node.value);
      } else if (place >= 16) {
        block.exit[place - 16] = static_cast<std::uint16_t>(tops.size());
        tops.push_back(index);
      } else {
        block.slot[place] =
            static_cast<std::uint8_t>(static_cast<std::size_t>(node.feature) + (node.default_left ? 0 : high_copy()));
        block.threshold[place] = static_cast<std::uint8_t>(codes.position(node));
        open.emplace_back(node.right, 2 * place + 1);
        open.emplace_back(node.left, 2 * place);
      }
    }
  }

  RowCodes row_codes_;
  bool shuffled_;
  InstructionSet set_;
  std::vector<detail::TreeBlock> blocks_;
  std::vector<std::uint32_t> roots_;     // [trees], the tree's first block
  std::vector<std::size_t> first_leaf_;  // [trees], the tree's first value
  std::vector<double> values_;           // [leaves]
};

}  // namespace switchyard
