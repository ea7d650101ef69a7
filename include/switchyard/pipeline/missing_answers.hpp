#pragma once

#include "switchyard/cloud/schedule.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/pipeline/coverage.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace switchyard {

namespace detail {

constexpr std::int64_t most_missing = 10'000'000;  // a plan that misses more is not the plan of these logs

/// Offsets in ms at which `count` requests of a run are due if they are spread over its arrivals evenly.
[[nodiscard]] inline std::vector<double> even_offsets_ms(const ArrivalTimes& times, std::size_t count) {
  std::vector<double> offsets;
  offsets.reserve(count);
  const auto arrivals = static_cast<double>(times.count());
  for (std::size_t i = 0; i < count; ++i) {
    const double arrival = std::floor((static_cast<double>(i) + 0.5) / static_cast<double>(count) * arrivals);
    offsets.push_back(times.at(static_cast<std::uint64_t>(arrival)) * 1000);
  }
  return offsets;
}

/// The slots that no row fills. Rows take the nearest free slot in order of time, so that what is left lies where rows
/// are sparse: requests time out in the thick of a burst, not evenly over the hour. slots_ms, rows_ms: ascending, at
/// most as many rows as slots.
[[nodiscard]] inline std::vector<double> free_slots(const std::vector<double>& slots_ms,
                                                    const std::vector<double>& rows_ms) {
  std::vector<double> free;
  std::size_t next = 0;  // the first slot not decided yet
  for (std::size_t row = 0; row < rows_ms.size(); ++row) {
    const std::size_t last = slots_ms.size() - (rows_ms.size() - row);  // leaves one for each row to come
    auto nearest =
        static_cast<std::size_t>(std::lower_bound(slots_ms.begin(), slots_ms.end(), rows_ms[row]) - slots_ms.begin());
    if (nearest > 0 &&
        (nearest == slots_ms.size() || rows_ms[row] - slots_ms[nearest - 1] <= slots_ms[nearest] - rows_ms[row])) {
      --nearest;
    }
    const std::size_t taken = std::clamp(nearest, next, last);
    for (; next < taken; ++next) free.push_back(slots_ms[next]);
    next = taken + 1;
  }
  for (; next < slots_ms.size(); ++next) free.push_back(slots_ms[next]);
  return free;
}

[[nodiscard]] inline Observation timed_out(const CellCoverage& cell, const RunPlan& plan, const Catalogue& catalogue,
                                           double sent_at_ms) {
  Observation missing;
  missing.platform = cell.platform;
  missing.outcome = Outcome::timeout;
  missing.sent_at_ms = sent_at_ms;
  missing.response_time_ms = catalogue.timeout_ms;
  missing.request.workload = cell.workload;
  missing.request.payload_kb = cell.size_kb;
  missing.request.sent_at_ms = sent_at_ms;
  missing.request.time_window = catalogue.window_named(plan.window);
  missing.request.load_pattern = catalogue.pattern_named(plan.load_pattern);
  return missing;
}

}  // namespace detail

/// The requests that were sent and left no row, as time-outs at the client's limit (`catalogue.timeout_ms`), in order
/// of cell. How many there are is known from the plan, what they were (workload, size, platform, run) too; when they
/// were sent is known roughly, from the gaps between the rows. That is enough to stand as somebody's counterpart and
/// too little to be a row: an invented send time would be trained on as if it had been measured, and whatever is
/// computed from a row's own surroundings (hour, live state) would describe the invention. So they get no rows.
/// Throws InvalidArgument if there would be more than ten million.
[[nodiscard]] inline std::vector<Observation> missing_answers(const LogReader& logs, const Coverage& coverage) {
  std::int64_t total = 0;
  for (const CellCoverage& cell : coverage.cells) {
    total += std::min(cell.missing(), detail::most_missing + 1);
    if (total > detail::most_missing) {
      throw InvalidArgument("the plan misses more than " + format_count(detail::most_missing) +
                            " requests in the logs; it is not the plan these logs were made by");
    }
  }
  std::vector<std::vector<double>> rows_ms(coverage.cells.size());  // per cell
  for (std::size_t i = 0; i < coverage.cell_of.size(); ++i) {
    const std::size_t cell = coverage.cell_of[i];
    if (cell != Coverage::no_cell) rows_ms[cell].push_back(logs.observations()[i].sent_at_ms);
  }
  std::vector<Observation> missing;
  for (std::size_t i = 0; i < coverage.cells.size(); ++i) {
    const CellCoverage& cell = coverage.cells[i];
    if (cell.missing() == 0) continue;
    const PlanExecution& execution = coverage.executions[cell.execution];
    auto slots =
        detail::even_offsets_ms(ArrivalTimes(execution.plan, 1), static_cast<std::size_t>(cell.seen + cell.missing()));
    for (double& slot : slots) slot += execution.first_ms;
    std::sort(rows_ms[i].begin(), rows_ms[i].end());
    for (const double sent_at_ms : detail::free_slots(slots, rows_ms[i])) {
      missing.push_back(detail::timed_out(cell, execution.plan, logs.catalogue(), sent_at_ms));
    }
  }
  return missing;
}

}  // namespace switchyard
