#pragma once

#include "switchyard/cloud/workload.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

/// Which request of the other platform a request is compared with.
enum class Mate : std::uint8_t {
  nearest,  // nearest in send time; of two equally near, the earlier
  next,     // the first sent at or after: its answer cannot already be part of what a router has seen
};

struct MatchOptions {
  Mate mate = Mate::nearest;
  double max_gap_ms = 300'000;  // >= 0; a counterpart further away in send time does not count
  /// > 0; with `next` mates every request points at a later one and the match graph of a stratum is one chain: its
  /// links from one such stretch of time into the next do not join components. `nearest` mates join wherever they are.
  double chain_ms = 60'000;
};

/// What matching needs to know of a request.
struct MatchKey {
  std::int64_t stratum = 0;  // only requests of one stratum are compared: workload, size, window and pattern
  Platform platform = Platform::ecs;
  double sent_at_ms = 0;
  std::int64_t pair = -1;  // an explicit pair from the log wins over the search; -1 = none
  bool asks = true;        // false: may be a mate, but gets none itself
};

/// Who was compared with whom. Matching is many-to-one: one request may be the mate of many.
struct Matching {
  static constexpr std::size_t no_counterpart = static_cast<std::size_t>(-1);  // none of the other platform in reach
  static constexpr std::size_t too_far = static_cast<std::size_t>(-2);         // some, but none near enough

  std::vector<std::size_t> mate;  // [requests]; index of the mate or one of the two above
  std::vector<std::int64_t>
      component;  // [requests]; connected component of the match graph, see chain_ms; by first member

  [[nodiscard]] bool matched(std::size_t i) const noexcept { return mate[i] < too_far; }
};

namespace detail {

/// Disjoint sets with path halving and union by smallest member (Tarjan & van Leeuwen, 1984).
class DisjointSets {
 public:
  explicit DisjointSets(std::size_t count) : parent_(count) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  }

  [[nodiscard]] std::size_t find(std::size_t i) noexcept {
    while (parent_[i] != i) {
      parent_[i] = parent_[parent_[i]];
      i = parent_[i];
    }
    return i;
  }
  void join(std::size_t a, std::size_t b) noexcept {
    a = find(a);
    b = find(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::size_t> parent_;
};

/// Indices of one stratum's requests on one platform, by send time (ties: input order).
using SentOrder = std::vector<std::size_t>;

[[nodiscard]] inline std::size_t find_mate(const SentOrder& others, std::span<const MatchKey> keys, double sent_at_ms,
                                           const MatchOptions& options) {
  if (others.empty()) return Matching::no_counterpart;
  const auto after = std::lower_bound(others.begin(), others.end(), sent_at_ms,
                                      [&](std::size_t i, double time) { return keys[i].sent_at_ms < time; });
  auto best = after;
  if (options.mate == Mate::nearest && after != others.begin()) {
    // Of several sent in the same millisecond, the first is meant, so that the order of equal rows decides once.
    const double earlier_ms = keys[*std::prev(after)].sent_at_ms;
    const bool earlier_wins = after == others.end() || sent_at_ms - earlier_ms <= keys[*after].sent_at_ms - sent_at_ms;
    if (earlier_wins) {
      best = std::lower_bound(others.begin(), after, earlier_ms,
                              [&](std::size_t i, double time) { return keys[i].sent_at_ms < time; });
    }
  }
  if (best == others.end()) return Matching::no_counterpart;
  return std::abs(keys[*best].sent_at_ms - sent_at_ms) <= options.max_gap_ms ? *best : Matching::too_far;
}

/// Requests of either platform (first: ECS) under a number they share.
using Strata = std::map<std::int64_t, std::pair<SentOrder, SentOrder>>;

template <class NumberOf>
[[nodiscard]] Strata grouped_by(std::span<const MatchKey> keys, NumberOf number_of) {
  Strata strata;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::optional<std::int64_t> number = number_of(keys[i]);
    if (!number) continue;
    auto& [ecs, lambda] = strata[*number];
    (keys[i].platform == Platform::lambda ? lambda : ecs).push_back(i);
  }
  const auto earlier = [&](std::size_t a, std::size_t b) { return keys[a].sent_at_ms < keys[b].sent_at_ms; };
  for (auto& [number, platforms] : strata) {
    std::stable_sort(platforms.first.begin(), platforms.first.end(), earlier);
    std::stable_sort(platforms.second.begin(), platforms.second.end(), earlier);
  }
  return strata;
}

[[nodiscard]] inline Strata by_stratum(std::span<const MatchKey> keys) {
  return grouped_by(keys, [](const MatchKey& key) { return std::optional(key.stratum); });
}

/// The requests of each explicit pair, which is a stratum of its own.
[[nodiscard]] inline Strata explicit_pairs(std::span<const MatchKey> keys) {
  return grouped_by(keys, [](const MatchKey& key) { return key.pair >= 0 ? std::optional(key.pair) : std::nullopt; });
}

}  // namespace detail

/// Finds every request's counterpart on the other platform. O(n log n). keys: [requests], in any order.
[[nodiscard]] inline Matching match(std::span<const MatchKey> keys, const MatchOptions& options = {}) {
  const auto strata = detail::by_stratum(keys);
  const auto pairs = detail::explicit_pairs(keys);
  Matching result;
  result.mate.resize(keys.size());
  detail::DisjointSets sets(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!keys[i].asks) {
      result.mate[i] = Matching::no_counterpart;
      continue;
    }
    const bool paired = keys[i].pair >= 0;
    const auto& [ecs, lambda] = paired ? pairs.at(keys[i].pair) : strata.at(keys[i].stratum);
    const auto& others = keys[i].platform == Platform::lambda ? ecs : lambda;
    // Within a pair the two may be sent in either order, whatever counts as a mate elsewhere.
    const MatchOptions how = paired ? MatchOptions{Mate::nearest, options.max_gap_ms} : options;
    result.mate[i] = detail::find_mate(others, keys, keys[i].sent_at_ms, how);
    if (!result.matched(i)) continue;
    const auto stretch = [&](std::size_t request) { return std::floor(keys[request].sent_at_ms / options.chain_ms); };
    const bool chained = !paired && options.mate == Mate::next && stretch(i) != stretch(result.mate[i]);
    if (!chained) sets.join(i, result.mate[i]);
  }
  result.component.resize(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) result.component[i] = static_cast<std::int64_t>(sets.find(i));
  return result;
}

}  // namespace switchyard
