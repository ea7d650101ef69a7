#pragma once

#include "switchyard/cloud/label.hpp"
#include "switchyard/cloud/plan.hpp"
#include "switchyard/cloud/schedule.hpp"
#include "switchyard/pipeline/executed_plan.hpp"
#include "switchyard/pipeline/log_reader.hpp"
#include "switchyard/pipeline/runs.hpp"
#include "switchyard/pipeline/stratum.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace switchyard {

/// Rows logged against requests scheduled, for one workload and size on one platform in one run. Requests that timed
/// out and were never logged are what is missing: the rows there are, are survivors. A time-out that was logged is a
/// row like any other.
struct CellCoverage {
  std::size_t execution = 0;  // index into Coverage::executions
  Workload workload{};
  double size_kb = 0;
  Platform platform = Platform::ecs;
  std::int64_t seen = 0;
  double scheduled = 0;  // as logged, or expected over the plan's random choices
  double deviation = 0;  // standard deviation of the count over these choices; 0 if it is as logged
  bool refused = false;  // of a size nobody can take, so that what is missing did not time out

  [[nodiscard]] bool empty() const noexcept { return seen == 0 && scheduled <= 0; }
  [[nodiscard]] double share() const noexcept { return scheduled > 0 ? static_cast<double>(seen) / scheduled : 1; }

  /// Requests that were sent and left no row. A deficit within three standard deviations of the plan's draw is chance:
  /// expected counts alone would find some missing in half of the cells of a perfect log.
  [[nodiscard]] std::int64_t missing() const noexcept {
    const double deficit = scheduled - static_cast<double>(seen);
    return refused || deficit <= chance() ? 0 : std::llround(deficit);
  }
  /// Share of the scheduled requests that left no row, in [0, 1]; 0 where that may be chance.
  [[nodiscard]] double missing_share() const noexcept {
    return scheduled > 0 ? std::clamp(static_cast<double>(missing()) / scheduled, 0.0, 1.0) : 0;
  }
  /// More rows than the plan can have brought about.
  [[nodiscard]] bool overfull() const noexcept { return static_cast<double>(seen) - scheduled > chance(); }

 private:
  [[nodiscard]] double chance() const noexcept {
    constexpr double deviations = 3;
    return std::max(0.5, deviations * deviation);
  }
};

/// The plan against the logs.
struct Coverage {
  static constexpr std::size_t no_cell = static_cast<std::size_t>(-1);

  std::vector<PlanExecution> executions;
  std::vector<CellCoverage> cells;        // by execution, workload, size; the platforms of a size side by side
  std::vector<std::size_t> cell_of;       // [observations]; index into cells, or no_cell
  std::vector<std::string> not_executed;  // planned runs without a row

  [[nodiscard]] bool given() const noexcept { return !cell_of.empty(); }
  /// The same run, workload and size on either platform: [platform].
  [[nodiscard]] std::array<const CellCoverage*, 2> platforms_of(std::size_t cell) const {
    const std::size_t first = cell - cell % 2;
    return {&cells[first], &cells[first + 1]};
  }
};

namespace detail {

/// Probability of a scenario drawing each workload on each platform: [workloads][platform].
[[nodiscard]] inline std::vector<std::array<double, 2>> scenario_shares(const Experiment& experiment) {
  std::vector<std::array<double, 2>> shares(experiment.catalogue.workloads.size());
  double total = 0;
  for (const Scenario& scenario : experiment.scenarios) total += scenario.weight;
  for (const Scenario& scenario : experiment.scenarios) {
    const double share = scenario.weight / total;
    auto& of_workload = shares[static_cast<std::size_t>(scenario.workload)];
    if (experiment.pairing == Pairing::paired) {
      for (double& platform : of_workload) platform += share;  // of pairs, each of which goes to both
    } else {
      of_workload[static_cast<std::size_t>(scenario.platform)] += share;
    }
  }
  return shares;
}

/// Cells of one execution in a fixed order, with what the plan lets expect of each.
inline void add_cells(Coverage& coverage, std::size_t execution, const Experiment& experiment) {
  const auto shares = scenario_shares(experiment);
  const auto arrivals = static_cast<double>(ArrivalTimes(coverage.executions[execution].plan, 1).count());
  const double draws = experiment.pairing == Pairing::paired ? arrivals / 2 : arrivals;
  for (std::size_t workload = 0; workload < shares.size(); ++workload) {
    std::vector<double> sizes = experiment.catalogue.workloads[workload].sizes_kb;
    const auto listed = static_cast<double>(sizes.size());
    std::sort(sizes.begin(), sizes.end());
    for (std::size_t i = 0; i < sizes.size();) {
      std::size_t next = i;  // a size that is listed twice is drawn twice as often
      while (next < sizes.size() && size_key(sizes[next]) == size_key(sizes[i])) ++next;
      for (const auto platform : {Platform::ecs, Platform::lambda}) {
        const double probability =
            shares[workload][static_cast<std::size_t>(platform)] * static_cast<double>(next - i) / listed;
        coverage.cells.push_back({execution, static_cast<Workload>(workload), sizes[i], platform, 0,
                                  draws * probability, std::sqrt(draws * probability * std::max(0.0, 1 - probability)),
                                  false});
      }
      i = next;
    }
  }
}

inline void count_rows(Coverage& coverage, const ExecutedPlan& executed, const LogReader& logs) {
  std::map<std::tuple<std::size_t, Workload, std::int64_t>, std::size_t> first_of;  // execution, workload, size
  for (std::size_t cell = 0; cell < coverage.cells.size(); cell += 2) {
    const CellCoverage& ecs = coverage.cells[cell];
    first_of[{ecs.execution, ecs.workload, size_key(ecs.size_kb)}] = cell;
  }
  const auto& observations = logs.observations();
  coverage.cell_of.assign(observations.size(), Coverage::no_cell);
  for (std::size_t i = 0; i < observations.size(); ++i) {
    if (executed.execution_of[i] == ExecutedPlan::unplanned) continue;
    const Request& request = observations[i].request;
    const double size_kb = logs.catalogue().snapped_size_kb(request.workload, request.payload_kb);
    const auto found = first_of.find({executed.execution_of[i], request.workload, size_key(size_kb)});
    if (found == first_of.end()) continue;
    coverage.cell_of[i] = found->second + static_cast<std::size_t>(observations[i].platform);
    ++coverage.cells[coverage.cell_of[i]].seen;
  }
}

/// A size that no platform answered in any run was refused by both (413), not timed out everywhere; so was what exceeds
/// Lambda's body limit there. Silence in some runs only is what time-outs look like.
inline void mark_refused(Coverage& coverage, const Catalogue& catalogue) {
  std::map<std::pair<Workload, std::int64_t>, std::int64_t> rows;
  for (const CellCoverage& cell : coverage.cells) rows[{cell.workload, size_key(cell.size_kb)}] += cell.seen;
  for (CellCoverage& cell : coverage.cells) {
    const bool impossible = cell.platform == Platform::lambda && !lambda_feasible(cell.size_kb, catalogue);
    cell.refused = impossible || rows[{cell.workload, size_key(cell.size_kb)}] == 0;
  }
}

}  // namespace detail

/// Coverage of every cell of the plan's runs that the logs hold. Where the log has a row for every request, the rows
/// say what was scheduled; else the plan does: its arrivals times the shares of scenario and size.
[[nodiscard]] inline Coverage coverage_of(const LogReader& logs, const Experiment& experiment) {
  const RunIndex runs = index_runs(logs.observations(), logs.catalogue());
  ExecutedPlan executed = executed_plan(logs.observations(), runs, logs.catalogue(), experiment);
  Coverage coverage;
  coverage.executions = executed.executions;
  coverage.not_executed = std::move(executed.not_executed);
  for (std::size_t i = 0; i < coverage.executions.size(); ++i) detail::add_cells(coverage, i, experiment);
  detail::count_rows(coverage, executed, logs);
  for (CellCoverage& cell : coverage.cells) {
    if (!coverage.executions[cell.execution].accounted()) continue;
    cell.scheduled = static_cast<double>(cell.seen);
    cell.deviation = 0;
  }
  detail::mark_refused(coverage, logs.catalogue());
  return coverage;
}

}  // namespace switchyard
