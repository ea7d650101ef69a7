#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/metric/cluster_draws.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace switchyard {

struct TimeBlockOptions {
  /// >= 1. On the logs this library was built for, the difference of two platforms' latencies, less its mean per cell,
  /// has autocorrelation .5 to .75 after 5 s, at most .3 after 60 s and none after 120 s. The standard error of its
  /// mean is six times that of independent rows with blocks of 60 s, a quarter more with 120 s, and level from there. A
  /// run of a quarter of an hour has only seven such blocks: read its own intervals with care.
  std::int64_t block_ms = 120'000;

  /// >= 0. What a component may span to be kept whole; a longer one is cut by time. Twice the default largest gap
  /// between mates: all rows that share one mate fit. A longer component is a chain of neighbours (with mates sent
  /// after, it reaches through a whole run), whose ends share nothing that blocks do not hold together.
  std::int64_t longest_component_ms = 600'000;
};

/// Where rows come from. Each column is empty or has one value per row.
struct RowOrigins {
  std::span<const std::int64_t> times_ms = {};  // send times
  std::span<const std::int64_t> runs = {};      // blocks end with a run
  std::span<const std::int64_t> groups = {};    // rows that share outcomes: pair components
};

namespace detail {

/// When a component's first and last rows were sent, and the run of the first.
struct ComponentSpan {
  std::int64_t first_ms = std::numeric_limits<std::int64_t>::max();
  std::int64_t last_ms = std::numeric_limits<std::int64_t>::min();
  std::int64_t run = 0;

  void add(std::int64_t time_ms, std::int64_t time_run) noexcept {
    if (std::pair(time_ms, time_run) < std::pair(first_ms, run) || last_ms < first_ms) run = time_run;
    first_ms = std::min(first_ms, time_ms);
    last_ms = std::max(last_ms, time_ms);
  }
};

[[nodiscard]] constexpr std::int64_t floor_quotient(std::int64_t a, std::int64_t b) noexcept {
  return a / b - (a % b < 0 ? 1 : 0);
}

inline void require_origins(const RowOrigins& origins, std::size_t rows, const TimeBlockOptions& options) {
  if (options.block_ms < 1) {
    throw InvalidArgument::out_of_range("block_ms", std::to_string(options.block_ms), "at least 1");
  }
  if (options.longest_component_ms < 0) {
    throw InvalidArgument::out_of_range("longest_component_ms", std::to_string(options.longest_component_ms),
                                        "at least 0");
  }
  if (!origins.times_ms.empty()) require_same_size("times_ms", origins.times_ms.size(), rows);
  if (!origins.runs.empty()) require_same_size("runs", origins.runs.size(), rows);
}

}  // namespace detail

/// The block each row is drawn with, to be given as `groups` to anything that bootstraps. Rows sent within seconds of
/// each other meet the same state of the platforms, and rows of a component share a mate's outcome: neither are
/// independent. A block is (run, floor(time / block_ms)); a component goes whole to the block of its earliest row. That
/// is the bootstrap of Kuensch, "The jackknife and the bootstrap for general stationary observations", Ann. Statist. 17
/// (1989), with the disjoint blocks of Carlstein, Ann. Statist. 14 (1986), since overlapping ones (and the circular and
/// stationary kinds of Politis & Romano, 1992 and 1994) would tear components apart. Without times, components
/// alone; without either, each row by itself. Numbered from 0 by first appearance. [rows] Throws InvalidArgument.
[[nodiscard]] inline std::vector<std::int64_t> time_blocks(const RowOrigins& origins, std::size_t rows,
                                                           const TimeBlockOptions& options = {}) {
  detail::require_origins(origins, rows, options);
  const auto components = detail::clusters_of(origins.groups, rows);
  if (origins.times_ms.empty()) return {components.of_sample.begin(), components.of_sample.end()};
  const auto run_of = [&](std::size_t row) { return origins.runs.empty() ? 0 : origins.runs[row]; };
  std::vector<detail::ComponentSpan> spans(components.count);
  for (std::size_t row = 0; row < rows; ++row) {
    spans[components.of_sample[row]].add(origins.times_ms[row], run_of(row));
  }
  std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> known;
  std::vector<std::int64_t> blocks;
  blocks.reserve(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    const auto& span = spans[components.of_sample[row]];
    const bool is_whole = span.last_ms - span.first_ms <= options.longest_component_ms;
    const std::int64_t run = is_whole ? span.run : run_of(row);
    const std::int64_t time_ms = is_whole ? span.first_ms : origins.times_ms[row];
    const std::pair block(run, detail::floor_quotient(time_ms, options.block_ms));
    blocks.push_back(known.try_emplace(block, static_cast<std::int64_t>(known.size())).first->second);
  }
  return blocks;
}

/// How many different blocks there are. Below some 20, bootstrap intervals are too narrow.
[[nodiscard]] inline std::size_t block_count(std::span<const std::int64_t> blocks) {
  return detail::clusters_of(blocks, blocks.size()).count;
}

}  // namespace switchyard
