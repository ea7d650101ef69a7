#pragma once

#include "switchyard/cloud/plan.hpp"
#include "switchyard/pipeline/features.hpp"
#include "switchyard/pipeline/runs.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace switchyard {

/// A run of the plan as it was carried out. A plan carried out twice gives two of them.
struct PlanExecution {
  std::string name;  // the observed run's; "{observed}/{planned}" if that holds several of the plan
  RunPlan plan;
  double first_ms = 0;        // send time of its first row, UTC epoch milliseconds; the plan's start is an intention
  double last_ms = 0;         // send time of its last row
  std::int64_t rows = 0;      // logged
  std::int64_t numbered = 0;  // of these, rows with a number of the schedule
  std::int64_t last_number = -1;  // the highest such number; they count from 0

  /// The log has a row for every request sent, whatever became of it: nothing is missing that was sent. Where a number
  /// lacks its row, the plan has to say what was scheduled.
  [[nodiscard]] bool accounted() const noexcept { return rows > last_number && rows > 0 && numbered == rows; }
};

/// Which run of a plan each observation belongs to.
struct ExecutedPlan {
  static constexpr std::size_t unplanned = static_cast<std::size_t>(-1);

  std::vector<PlanExecution> executions;  // in order of observed run, then of planned run
  std::vector<std::size_t> execution_of;  // [observations]; index into executions, or unplanned
  std::vector<std::string> not_executed;  // planned runs without a row
};

namespace detail {

/// Rows of one observed run in one window under one pattern.
struct RunPart {
  std::size_t run = 0;  // index into RunIndex::names
  std::string window;
  std::string pattern;
  std::string run_id;  // as logged, else empty
  double first_ms = 0;
  double last_ms = 0;
  std::size_t planned = ExecutedPlan::unplanned;  // index into Experiment::runs
};

struct RunParts {
  std::vector<RunPart> parts;        // in order of appearance
  std::vector<std::size_t> part_of;  // [observations]
};

[[nodiscard]] inline RunParts parts_of_runs(const std::vector<Observation>& observations, const RunIndex& runs,
                                            const Catalogue& catalogue) {
  RunParts result;
  std::map<std::tuple<std::size_t, int, int>, std::size_t> known;  // run, window, pattern
  for (std::size_t i = 0; i < observations.size(); ++i) {
    const Observation& seen = observations[i];
    const auto window = window_of(seen.request, catalogue).value_or(TimeWindow{255});
    const auto pattern = seen.request.load_pattern.value_or(LoadPattern{255});
    const auto [entry, is_new] =
        known.try_emplace({runs.run_of[i], static_cast<int>(window), static_cast<int>(pattern)}, result.parts.size());
    if (is_new) {
      result.parts.push_back({runs.run_of[i], std::string(catalogue.name(window)), std::string(catalogue.name(pattern)),
                              seen.run, seen.sent_at_ms, seen.sent_at_ms});
    }
    RunPart& part = result.parts[entry->second];
    part.first_ms = std::min(part.first_ms, seen.sent_at_ms);
    part.last_ms = std::max(part.last_ms, seen.sent_at_ms);
    result.part_of.push_back(entry->second);
  }
  return result;
}

/// Milliseconds that a part of a run and a planned run have in common, if the plan was kept to the minute.
[[nodiscard]] inline double overlap_ms(const RunPart& part, const RunPlan& plan) noexcept {
  double duration_s = plan.cycle_to_s;
  if (!(duration_s > 0)) {
    for (const Phase& phase : plan.phases) duration_s += phase.duration_s;
  }
  const double end_ms = plan.start_ms + duration_s * 1000;
  return std::min(part.last_ms, end_ms) - std::max(part.first_ms, plan.start_ms);
}

/// The planned run a part is: the one of its run_id; else of its window and pattern. Of several such, the one whose
/// planned time it fills most of; without any, the next in order of start, since a plan's dates are often not kept.
[[nodiscard]] inline std::size_t planned_run(const RunPart& part, const Experiment& experiment,
                                             std::size_t earlier_ones) {
  std::vector<std::size_t> candidates;
  for (std::size_t i = 0; i < experiment.runs.size(); ++i) {
    const RunPlan& plan = experiment.runs[i];
    if (!part.run_id.empty() && plan.name == part.run_id) return i;
    if (plan.window == part.window && plan.load_pattern == part.pattern) candidates.push_back(i);
  }
  if (candidates.empty()) return ExecutedPlan::unplanned;
  std::stable_sort(candidates.begin(), candidates.end(), [&](std::size_t a, std::size_t b) {
    return experiment.runs[a].start_ms < experiment.runs[b].start_ms;
  });
  double most_ms = -1;  // one row alone fills 0
  std::size_t best = candidates[std::min(earlier_ones, candidates.size() - 1)];
  for (const std::size_t i : candidates) {
    const double common_ms = overlap_ms(part, experiment.runs[i]);
    if (common_ms >= 0 && common_ms > most_ms) {
      most_ms = common_ms;
      best = i;
    }
  }
  return best;
}

inline void assign_parts(RunParts& runs, const Experiment& experiment) {
  std::vector<RunPart*> order;
  for (RunPart& part : runs.parts) order.push_back(&part);
  std::stable_sort(order.begin(), order.end(),
                   [](const RunPart* a, const RunPart* b) { return a->first_ms < b->first_ms; });
  std::map<std::pair<std::string, std::string>, std::size_t> earlier;  // per window and pattern
  for (RunPart* part : order) {
    part->planned = planned_run(*part, experiment, earlier[{part->window, part->pattern}]++);
  }
}

/// Number of each pair of observed and planned run, in order of these.
using ExecutionNumbers = std::map<std::pair<std::size_t, std::size_t>, std::size_t>;

[[nodiscard]] inline ExecutionNumbers number_executions(const RunParts& runs) {
  ExecutionNumbers numbers;
  for (const RunPart& part : runs.parts) {
    if (part.planned != ExecutedPlan::unplanned) numbers[{part.run, part.planned}] = 0;
  }
  std::size_t next = 0;
  for (auto& [runs_of_it, number] : numbers) number = next++;
  return numbers;
}

inline void count_row(PlanExecution& execution, const Observation& seen) {
  const bool is_first = execution.rows++ == 0;
  execution.first_ms = is_first ? seen.sent_at_ms : std::min(execution.first_ms, seen.sent_at_ms);
  execution.last_ms = is_first ? seen.sent_at_ms : std::max(execution.last_ms, seen.sent_at_ms);
  if (seen.seq >= 0) ++execution.numbered;
  execution.last_number = std::max(execution.last_number, static_cast<std::int64_t>(seen.seq));
}

}  // namespace detail

/// Finds the plan in the logs. runs: index_runs(observations, catalogue).
[[nodiscard]] inline ExecutedPlan executed_plan(const std::vector<Observation>& observations, const RunIndex& runs,
                                                const Catalogue& catalogue, const Experiment& experiment) {
  auto parts = detail::parts_of_runs(observations, runs, catalogue);
  detail::assign_parts(parts, experiment);
  const auto numbers = detail::number_executions(parts);
  std::map<std::size_t, std::size_t> planned_in;  // per observed run, how many of the plan it holds
  std::vector<bool> executed(experiment.runs.size());
  for (const auto& [runs_of_it, number] : numbers) {
    ++planned_in[runs_of_it.first];
    executed[runs_of_it.second] = true;
  }
  ExecutedPlan result;
  for (const auto& [runs_of_it, number] : numbers) {
    const RunPlan& plan = experiment.runs[runs_of_it.second];
    const std::string& name = runs.names[runs_of_it.first];
    result.executions.push_back({planned_in[runs_of_it.first] > 1 ? name + "/" + plan.name : name, plan});
  }
  for (std::size_t i = 0; i < observations.size(); ++i) {
    const detail::RunPart& part = parts.parts[parts.part_of[i]];
    const bool planned = part.planned != ExecutedPlan::unplanned;
    result.execution_of.push_back(planned ? numbers.at({part.run, part.planned}) : ExecutedPlan::unplanned);
    if (planned) detail::count_row(result.executions[result.execution_of.back()], observations[i]);
  }
  for (std::size_t i = 0; i < executed.size(); ++i) {
    if (!executed[i]) result.not_executed.push_back(experiment.runs[i].name);
  }
  return result;
}

}  // namespace switchyard
