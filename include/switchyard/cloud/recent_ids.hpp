#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace switchyard {

/// Remembers the last few thousand event numbers, to know a duplicate. Fixed memory: a set-associative table in which
/// the oldest of seven gives way, so a duplicate that comes very late can pass for new, never the other way round.
class RecentIds {
 public:
  explicit RecentIds(std::size_t sets = 1024) : sets_(std::max<std::size_t>(sets, 1)) {}

  /// Whether `id` (not 0) was remembered already.
  [[nodiscard]] bool contains(std::uint64_t id) const noexcept { return sets_[set_of(id)].contains(id); }

  /// Remembers `id` (not 0, which stands for an empty place); false if it was known.
  bool insert(std::uint64_t id) noexcept {
    Set& set = sets_[set_of(id)];
    if (set.contains(id)) return false;
    set.ids[set.oldest] = id;
    set.oldest = (set.oldest + 1) % ways;
    return true;
  }

 private:
  static constexpr std::size_t ways = 7;  // with their counter a cache line

  struct alignas(64) Set {
    std::array<std::uint64_t, ways> ids{};
    std::uint64_t oldest = 0;

    [[nodiscard]] bool contains(std::uint64_t id) const noexcept {
      bool found = false;
      for (const std::uint64_t known : ids) found |= known == id;
      return found;
    }
  };

  /// Fibonacci hashing (Knuth, TAOCP 6.4), then a multiplication in place of the remainder.
  [[nodiscard]] std::size_t set_of(std::uint64_t id) const noexcept {
    const std::uint64_t hash = (id * 0x9E3779B97F4A7C15ULL) >> 32U;
    return static_cast<std::size_t>((hash * sets_.size()) >> 32U);
  }

  std::vector<Set> sets_;  // fewer than 2^32
};

}  // namespace switchyard
