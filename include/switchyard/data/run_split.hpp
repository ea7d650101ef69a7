#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/data/split.hpp"
#include "switchyard/data/stratify.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <unordered_set>
#include <utility>
#include <vector>

namespace switchyard {

/// Where the validation part comes from when whole runs are tested.
enum class RunValidation : std::uint8_t {
  stratified,  // a share of the rows outside the tested run, label rates alike: says nothing of an unseen run
  latest,      // the latest share of these rows
  inner_runs,  // no validation part, all these rows train: choose by inner_leave_one_run_out over SplitRows::train
};

struct LeaveOneRunOutOptions {
  double validation = 0.25;  // in (0, 1); share of the rows outside the tested run; not used with inner_runs
  RunValidation validation_by = RunValidation::stratified;
  std::uint64_t seed = 42;  // of the stratified choice
};

struct ForwardChainingOptions {
  int least_runs = 1;        // in [1, runs); earlier runs a tested run must have; 2 for inner_runs, which needs two
  double validation = 0.25;  // in (0, 1); share of the rows of earlier runs; not used with inner_runs
  RunValidation validation_by = RunValidation::stratified;
  std::uint64_t seed = 42;  // of the stratified choice
};

namespace detail {

[[nodiscard]] inline std::int64_t run_of(const Dataset& data, Index row) {
  return data.runs[static_cast<std::size_t>(row)];
}

/// The runs of these rows, ascending. Throws InvalidArgument for fewer than two; `what` needs them.
[[nodiscard]] inline std::vector<std::int64_t> require_runs(const Dataset& data, std::span<const Index> rows,
                                                            const std::string& what) {
  if (data.runs.empty()) throw InvalidArgument(what + " needs runs; the dataset has none");
  std::vector<std::int64_t> runs;
  for (const Index row : rows) runs.push_back(run_of(data, row));
  std::sort(runs.begin(), runs.end());
  runs.erase(std::unique(runs.begin(), runs.end()), runs.end());
  if (runs.size() < 2) throw InvalidArgument(what + " needs two runs; the dataset has one");
  return runs;
}

/// Moves the rows whose group also has one of `others` from `rows.train` to `rows.purged`.
inline void purge_shared_groups(const Dataset& data, std::span<const Index> others, SplitRows& rows) {
  if (data.groups.empty()) return;
  std::unordered_set<std::int64_t> taken;
  for (const Index row : others) taken.insert(data.groups[static_cast<std::size_t>(row)]);
  std::vector<Index> kept;
  for (const Index row : rows.train) {
    (taken.contains(data.groups[static_cast<std::size_t>(row)]) ? rows.purged : kept).push_back(row);
  }
  rows.train = std::move(kept);
}

/// `run` tests, the other runs of `rows` train, less what shares a group with the test.
[[nodiscard]] inline SplitRows without_run(const Dataset& data, std::span<const Index> rows, std::int64_t run) {
  SplitRows result;
  for (const Index row : rows) (run_of(data, row) == run ? result.test : result.train).push_back(row);
  purge_shared_groups(data, result.test, result);
  return result;
}

/// Takes the validation part out of the training rows.
template <class Options>
[[nodiscard]] Split validated_split(const Dataset& data, SplitRows rows, const Options& options) {
  if (options.validation_by == RunValidation::inner_runs) return take_parts(data, std::move(rows), false);
  const std::array<double, 2> shares{1 - options.validation, options.validation};
  const auto rest = std::exchange(rows.train, {});
  const auto parts = options.validation_by == RunValidation::latest
                         ? temporal_parts(data, rest, shares)
                         : stratified_parts(data, rest, shares, options.seed);
  return take_parts(data, dealt(rest, parts, std::move(rows)));
}

/// A run and when its first row was sent.
struct RunStart {
  std::int64_t first_ms = 0;
  std::int64_t run = 0;
};

/// The runs in order of their first send time; runs that begin together by number.
[[nodiscard]] inline std::vector<RunStart> runs_by_start(const Dataset& data) {
  std::map<std::int64_t, std::int64_t> first;  // run -> time
  for (std::size_t i = 0; i < data.runs.size(); ++i) {
    const auto [entry, is_new] = first.try_emplace(data.runs[i], data.times_ms[i]);
    if (!is_new) entry->second = std::min(entry->second, data.times_ms[i]);
  }
  std::vector<RunStart> order;
  for (const auto& [run, time] : first) order.push_back({time, run});
  std::sort(order.begin(), order.end(), [](const RunStart& a, const RunStart& b) {
    return std::tie(a.first_ms, a.run) < std::tie(b.first_ms, b.run);
  });
  return order;
}

/// The run at `tested` of the order tests, what was sent before it began trains. What was not known by then, rows of
/// earlier runs that were still going on and groups that reach beyond the beginning, is purged.
[[nodiscard]] inline SplitRows before_run(const Dataset& data, std::span<const RunStart> order, std::size_t tested) {
  std::unordered_set<std::int64_t> later_runs;
  for (std::size_t i = tested + 1; i < order.size(); ++i) later_runs.insert(order[i].run);
  SplitRows rows;
  for (const Index row : all_rows(data)) {
    const auto run = run_of(data, row);
    const bool known = data.times_ms[static_cast<std::size_t>(row)] < order[tested].first_ms;
    auto& list = run == order[tested].run   ? rows.test
                 : later_runs.contains(run) ? rows.later
                 : known                    ? rows.train
                                            : rows.purged;
    list.push_back(row);
  }
  std::vector<Index> unknown = rows.test;
  for (const auto* list : {&rows.later, &rows.purged}) unknown.insert(unknown.end(), list->begin(), list->end());
  purge_shared_groups(data, unknown, rows);
  return rows;
}

}  // namespace detail

/// One split per run, in ascending order of run number: the run is the test part, the others train and validate. Rows
/// of other runs whose group reaches into the tested run are purged. Throws InvalidArgument with fewer than two runs,
/// for a share out of range and for an empty part.
[[nodiscard]] inline std::vector<Split> leave_one_run_out(const Dataset& data,
                                                          const LeaveOneRunOutOptions& options = {}) {
  detail::require_share("validation", options.validation);
  const auto rows = detail::all_rows(data);
  std::vector<Split> splits;
  for (const auto run : detail::require_runs(data, rows, "leaving one run out")) {
    splits.push_back(detail::validated_split(data, detail::without_run(data, rows, run), options));
  }
  return splits;
}

/// Forward chaining, the evaluation a router's life resembles: runs in order of their first send time, one split per
/// run but the first `least_runs`, that run being the test part and the runs before it training and validation. Runs
/// after it are in SplitRows::later. Purged are rows of earlier runs that are sent after the tested run begins or whose
/// group has a row that is. (Rolling-origin evaluation: Tashman, "Out-of-sample tests of forecasting accuracy", Int. J.
/// Forecasting 16, 2000.) Throws InvalidArgument with fewer than two runs, without times, for options out of range and
/// for an empty part.
[[nodiscard]] inline std::vector<Split> forward_chaining(const Dataset& data,
                                                         const ForwardChainingOptions& options = {}) {
  detail::require_share("validation", options.validation);
  const auto runs = detail::require_runs(data, detail::all_rows(data), "forward chaining");
  if (data.times_ms.empty()) throw InvalidArgument("forward chaining needs times; the dataset has none");
  if (options.least_runs < 1 || static_cast<std::size_t>(options.least_runs) >= runs.size()) {
    throw InvalidArgument::out_of_range("least_runs", std::to_string(options.least_runs),
                                        "at least 1 and less than the " + std::to_string(runs.size()) + " runs");
  }
  const auto order = detail::runs_by_start(data);
  std::vector<Split> splits;
  for (auto tested = static_cast<std::size_t>(options.least_runs); tested < order.size(); ++tested) {
    splits.push_back(detail::validated_split(data, detail::before_run(data, order, tested), options));
  }
  return splits;
}

/// Folds over the training rows alone, for choosing a configuration as it will be judged: each run among `rows` is
/// left out once, rows that share a group with it are in neither part. Folds hold row numbers of `data`, in the order
/// of `rows`, as cross_validate takes them. Chosen by these folds and tested on the outer split, a configuration has
/// never seen what judges it (nested cross-validation: Varma & Simon, BMC Bioinformatics 7:91, 2006). Throws
/// InvalidArgument with fewer than two runs among `rows`, for a row that does not exist and for an empty part.
[[nodiscard]] inline std::vector<Fold> inner_leave_one_run_out(const Dataset& data, std::span<const Index> rows) {
  for (const Index row : rows) {
    if (row < 0 || row >= data.rows()) {
      throw InvalidArgument::out_of_range("row", std::to_string(row), "a row of the dataset");
    }
  }
  std::vector<Fold> folds;
  for (const auto run : detail::require_runs(data, rows, "leaving one training run out")) {
    auto parts = detail::without_run(data, rows, run);
    detail::require_part("training", parts.train);
    folds.push_back({std::move(parts.train), std::move(parts.test)});
  }
  return folds;
}

}  // namespace switchyard
