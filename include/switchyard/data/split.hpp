#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/data/stratify.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace switchyard {

/// Which rows of a dataset went where, each list ascending; together they are all rows.
struct SplitRows {
  std::vector<Index> train = {};
  std::vector<Index> validation = {};
  std::vector<Index> test = {};
  std::vector<Index> purged = {};  // in no part, because they or their group reach across a cut
  std::vector<Index> later = {};   // in no part, because their run follows the tested one (forward chaining)

  friend bool operator==(const SplitRows&, const SplitRows&) = default;
};

/// A dataset in three parts. No group has rows in two of them.
struct Split {
  Dataset train = {};
  Dataset validation = {};
  Dataset test = {};
  SplitRows rows = {};
};

struct TemporalSplitOptions {
  double train = 0.6;       // in (0, 1); share of the rows
  double validation = 0.2;  // in (0, 1); train + validation < 1, the rest is the test part
};

struct StratifiedSplitOptions {
  double train = 0.6;       // in (0, 1); share of the rows
  double validation = 0.2;  // in (0, 1); train + validation < 1, the rest is the test part
  std::uint64_t seed = 42;
};

/// Rows to learn from and rows to score, for cross-validation.
struct Fold {
  std::vector<Index> train = {};
  std::vector<Index> test = {};

  friend bool operator==(const Fold&, const Fold&) = default;
};

namespace detail {

inline constexpr std::size_t purged_part = std::numeric_limits<std::size_t>::max();

inline void require_share(const char* name, double share) {
  if (!(share > 0 && share < 1)) throw InvalidArgument::out_of_range(name, format_number(share), "a number in (0, 1)");
}

/// Shares of train, validation and test.
[[nodiscard]] inline std::array<double, 3> require_shares(double train, double validation) {
  require_share("train", train);
  require_share("validation", validation);
  if (!(train + validation < 1)) {
    throw InvalidArgument::out_of_range("train + validation", format_number(train + validation), "less than 1");
  }
  return {train, validation, 1 - train - validation};
}

[[nodiscard]] inline std::vector<Index> all_rows(const Dataset& data) {
  std::vector<Index> rows(static_cast<std::size_t>(data.rows()));
  std::iota(rows.begin(), rows.end(), Index{0});
  return rows;
}

/// Cuts `rows` at the times where the running shares are reached; rows of one instant stay together. Returns the part
/// of each of `rows`, or purged_part for every row of a group that lies on both sides of a cut.
[[nodiscard]] inline std::vector<std::size_t> temporal_parts(const Dataset& data, std::span<const Index> rows,
                                                             std::span<const double> shares) {
  if (data.times_ms.empty()) throw InvalidArgument("a split by time needs times; the dataset has none");
  std::vector<std::int64_t> times;
  times.reserve(rows.size());
  for (const Index row : rows) times.push_back(data.times_ms[static_cast<std::size_t>(row)]);
  auto sorted = times;
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::int64_t> cuts;  // the first time of each part but the first
  double reached = 0;
  for (std::size_t part = 0; part + 1 < shares.size() && !sorted.empty(); ++part) {
    reached += shares[part];
    const auto index = static_cast<std::size_t>(reached * static_cast<double>(sorted.size()) + 0.5);
    cuts.push_back(sorted[std::min(index, sorted.size() - 1)]);
  }

  std::vector<std::size_t> parts(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    parts[i] = static_cast<std::size_t>(std::upper_bound(cuts.begin(), cuts.end(), times[i]) - cuts.begin());
  }
  const auto groups = dense_groups(data, rows);
  std::vector<std::size_t> part_of_group(rows.size(), purged_part);
  std::vector<bool> straddles(rows.size(), false);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::size_t& known = part_of_group[groups[i]];
    if (known == purged_part) known = parts[i];
    if (known != parts[i]) straddles[groups[i]] = true;
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (straddles[groups[i]]) parts[i] = purged_part;
  }
  return parts;
}

inline void require_part(const char* name, const std::vector<Index>& rows) {
  if (rows.empty()) {
    throw InvalidArgument(std::string("the ") + name +
                          " part is empty; expected at least one row (too few rows or groups, or rows of one instant)");
  }
}

/// Purges every row whose label rests on a measurement that a row of another part rests on, too: on one of another
/// part's group or, where the mate's own group has no row, on one that an earlier part's rows were compared with.
inline void purge_parted_mates(const Dataset& data, SplitRows& rows) {
  if (data.groups.empty() || data.mate_groups.empty()) return;
  const std::array<std::vector<Index>*, 3> parts{&rows.train, &rows.validation, &rows.test};
  constexpr std::int64_t no_mate = -1;
  std::unordered_map<std::int64_t, std::size_t> part_of;  // by group
  for (const auto* group_of : {&data.groups, &data.mate_groups}) {
    for (std::size_t part = 0; part < parts.size(); ++part) {
      for (const Index row : *parts[part]) part_of.emplace((*group_of)[static_cast<std::size_t>(row)], part);
    }
  }
  for (std::size_t part = 0; part < parts.size(); ++part) {
    const auto parted = [&](Index row) {
      const std::int64_t mate = data.mate_groups[static_cast<std::size_t>(row)];
      return mate != no_mate && part_of.at(mate) != part;
    };
    std::vector<Index>& list = *parts[part];
    const auto gone = std::stable_partition(list.begin(), list.end(), [&](Index row) { return !parted(row); });
    rows.purged.insert(rows.purged.end(), gone, list.end());
    list.erase(gone, list.end());
  }
}

/// The rows of `train` whose labels rest on no measurement that those of `test` rest on.
[[nodiscard]] inline std::vector<Index> without_tied_mates(const Dataset& data, std::span<const Index> train,
                                                           std::span<const Index> test) {
  std::vector<Index> untied(train.begin(), train.end());
  if (data.groups.empty() || data.mate_groups.empty()) return untied;
  constexpr std::int64_t no_mate = -1;
  std::unordered_set<std::int64_t> groups;
  std::unordered_set<std::int64_t> mates;
  for (const Index row : test) {
    groups.insert(data.groups[static_cast<std::size_t>(row)]);
    mates.insert(data.mate_groups[static_cast<std::size_t>(row)]);
  }
  mates.erase(no_mate);
  std::erase_if(untied, [&](Index row) {
    const std::int64_t mate = data.mate_groups[static_cast<std::size_t>(row)];
    return mates.contains(data.groups[static_cast<std::size_t>(row)]) ||
           (mate != no_mate && (groups.contains(mate) || mates.contains(mate)));
  });
  return untied;
}

/// The split with these rows. Throws InvalidArgument for an empty part; the validation part may be if not `validated`.
[[nodiscard]] inline Split take_parts(const Dataset& data, SplitRows rows, bool validated = true) {
  purge_parted_mates(data, rows);
  for (auto* list : {&rows.train, &rows.validation, &rows.test, &rows.purged, &rows.later}) {
    std::sort(list->begin(), list->end());
  }
  require_part("training", rows.train);
  if (validated) require_part("validation", rows.validation);
  require_part("test", rows.test);
  return {data.subset(rows.train), data.subset(rows.validation), data.subset(rows.test), std::move(rows)};
}

/// `result` with each of `rows` put where `parts` says: 0 train, 1 validation, 2 test.
[[nodiscard]] inline SplitRows dealt(std::span<const Index> rows, std::span<const std::size_t> parts,
                                     SplitRows result = {}) {
  const std::array<std::vector<Index>*, 3> lists{&result.train, &result.validation, &result.test};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    (parts[i] == purged_part ? result.purged : *lists[parts[i]]).push_back(rows[i]);
  }
  return result;
}

}  // namespace detail

/// Trains on the past, tests on the future: cuts by times_ms at the given shares of rows. Groups that straddle a cut
/// are purged whole. Throws InvalidArgument without times, for shares out of range and for an empty part.
[[nodiscard]] inline Split temporal_split(const Dataset& data, const TemporalSplitOptions& options = {}) {
  const auto shares = detail::require_shares(options.train, options.validation);
  const auto rows = detail::all_rows(data);
  return detail::take_parts(data, detail::dealt(rows, detail::temporal_parts(data, rows, shares)));
}

/// Random parts with nearly the same label rates; groups stay whole. Throws InvalidArgument for shares out of range
/// and for an empty part.
[[nodiscard]] inline Split stratified_split(const Dataset& data, const StratifiedSplitOptions& options = {}) {
  const auto shares = detail::require_shares(options.train, options.validation);
  const auto rows = detail::all_rows(data);
  return detail::take_parts(data, detail::dealt(rows, detail::stratified_parts(data, rows, shares, options.seed)));
}

/// k folds for cross-validation: every row is tested once, groups stay whole, label rates are nearly the same. Rows
/// that share a mate with a fold's test rows do not train there. `folds` in [2, number of groups]; throws
/// InvalidArgument otherwise.
[[nodiscard]] inline std::vector<Fold> grouped_stratified_folds(const Dataset& data, int folds, std::uint64_t seed) {
  if (folds < 2) throw InvalidArgument::out_of_range("folds", std::to_string(folds), "at least 2");
  const auto count = static_cast<std::size_t>(folds);
  const auto rows = detail::all_rows(data);
  const std::vector<double> shares(count, 1.0 / static_cast<double>(count));
  const auto parts = detail::stratified_parts(data, rows, shares, seed);
  std::vector<Fold> result(count);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t fold = 0; fold < count; ++fold) {
      (parts[i] == fold ? result[fold].test : result[fold].train).push_back(rows[i]);
    }
  }
  for (Fold& fold : result) {
    detail::require_part("test", fold.test);
    fold.train = detail::without_tied_mates(data, fold.train, fold.test);
  }
  return result;
}

}  // namespace switchyard
