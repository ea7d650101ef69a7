#pragma once

#include "switchyard/core/text.hpp"
#include "switchyard/pipeline/coverage.hpp"
#include "switchyard/pipeline/prepared_data.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

namespace detail {

using Code = std::int64_t;

[[nodiscard]] inline Code window_code(const PreparedRow& row, const Catalogue& catalogue) {
  return static_cast<Code>(window_of(row.observation.request, catalogue).value_or(TimeWindow{255}));
}

[[nodiscard]] inline Code pattern_code(const PreparedRow& row, const Catalogue& catalogue) {
  const auto unknown = static_cast<LoadPattern>(catalogue.load_patterns.size());
  return static_cast<Code>(row.observation.request.load_pattern.value_or(unknown));
}

/// Each window came with one load pattern only: no model can tell the two apart.
inline void lint_confounding(const PreparedData& data, std::vector<std::string>& warnings) {
  std::map<Code, std::set<Code>> patterns;
  std::set<Code> all;
  for (const PreparedRow& row : data.rows) {
    const Code pattern = pattern_code(row, data.catalogue);
    patterns[window_code(row, data.catalogue)].insert(pattern);
    all.insert(pattern);
  }
  for (const auto& [window, seen] : patterns) {
    if (seen.size() > 1) return;
  }
  if (patterns.size() > 1 && all.size() > 1) {
    warnings.push_back(
        "confounded: each time_window came with a single load_pattern, so their effects cannot be told apart");
  }
}

inline void lint_columns(const PreparedData& data, std::vector<std::string>& warnings) {
  const auto same = [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); };
  const auto in_every_row = [&](const auto& holds) { return std::all_of(data.rows.begin(), data.rows.end(), holds); };
  const RequirementFeatures& first = data.rows.front().features;
  for (std::size_t column = 0; column < requirement_feature_names.size(); ++column) {
    const std::string name(requirement_feature_names[column]);
    const double value = first[column];
    if (in_every_row([&](const PreparedRow& row) { return same(row.features[column], value); })) {
      warnings.push_back("constant: " + name + " is always " + (std::isnan(value) ? "missing" : format_number(value)));
      continue;
    }
    for (std::size_t earlier = 0; earlier < column; ++earlier) {
      if (in_every_row([&](const PreparedRow& row) { return same(row.features[column], row.features[earlier]); }))
        warnings.push_back("duplicate: " + name + " equals " + std::string(requirement_feature_names[earlier]));
    }
  }
}

inline void lint_feasibility(const PreparedData& data, std::vector<std::string>& warnings) {
  std::map<std::pair<std::string, double>, std::int64_t> cells;
  for (const PreparedRow& row : data.rows) {
    const Request& request = row.observation.request;
    if (!row.feasible) ++cells[{std::string(data.catalogue.name(request.workload)), request.payload_kb}];
  }
  for (const auto& [cell, rows] : cells) {
    warnings.push_back("infeasible: " + cell.first + " of " + format_number(cell.second) + " KB exceeds Lambda's " +
                       format_number(data.catalogue.lambda_body_limit_bytes) + " bytes; " + format_count(rows) +
                       " rows carry no label");
  }
}

/// Logged windows that the clock, in the declared zone, contradicts. Linted, never silently rewritten.
inline void lint_windows(const PreparedData& data, std::vector<std::string>& warnings) {
  std::map<Code, std::pair<std::int64_t, std::int64_t>> windows;  // rows, contradicted rows
  for (const PreparedRow& row : data.rows) {
    const Request& request = row.observation.request;
    if (!request.time_window || !request.sent_at_ms) continue;
    auto& [seen, contradicted] = windows[static_cast<Code>(*request.time_window)];
    ++seen;
    const auto computed = data.catalogue.window_of_hour(data.catalogue.local_time(*request.sent_at_ms).hour);
    if (computed != *request.time_window) ++contradicted;
  }
  for (const auto& [window, counts] : windows) {
    if (counts.second == 0) continue;
    const std::string name(data.catalogue.name(static_cast<TimeWindow>(window)));
    warnings.push_back("window: " + format_count(counts.second) + " of " + format_count(counts.first) +
                       " rows logged as " + name + " were not sent in its hours (zone UTC" +
                       (data.catalogue.zone_offset_minutes < 0 ? "" : "+") +
                       format_number(data.catalogue.zone_offset_minutes / 60.0) + " h)");
  }
}

[[nodiscard]] inline std::string cell_name(const CellCoverage& cell, const Coverage& coverage,
                                           const Catalogue& catalogue) {
  return coverage.executions[cell.execution].name + ", " + std::string(catalogue.name(cell.workload)) + " of " +
         format_number(cell.size_kb) + " KB on " + std::string(to_string(cell.platform));
}

}  // namespace detail

/// Faults of the measurement plan that no model can repair: confounded factors, constant and duplicate columns, cells
/// that cannot succeed, windows that contradict the clock. One line each.
[[nodiscard]] inline std::vector<std::string> lint_design(const PreparedData& data) {
  std::vector<std::string> warnings;
  if (data.rows.empty()) return warnings;
  detail::lint_confounding(data, warnings);
  detail::lint_columns(data, warnings);
  detail::lint_feasibility(data, warnings);
  detail::lint_windows(data, warnings);
  return warnings;
}

/// Where the plan and the logs do not fit together. One line each, appended.
inline void lint_coverage(const Coverage& coverage, const Catalogue& catalogue, std::vector<std::string>& warnings) {
  if (!coverage.given()) return;
  for (const auto& run : coverage.not_executed) {
    warnings.push_back("plan: run " + run + " of the experiment has no row in the logs");
  }
  const auto outside = std::count(coverage.cell_of.begin(), coverage.cell_of.end(), Coverage::no_cell);
  if (outside > 0) {
    warnings.push_back("plan: " + format_count(outside) + " of " +
                       format_count(static_cast<std::int64_t>(coverage.cell_of.size())) +
                       " log rows are of no run, workload and size of the experiment");
  }
  std::int64_t overfull = 0;
  const CellCoverage* worst = nullptr;
  std::set<std::pair<Workload, double>> refused;
  for (const CellCoverage& cell : coverage.cells) {
    if (cell.refused && cell.share() < 1) refused.insert({cell.workload, cell.size_kb});
    if (!cell.overfull()) continue;
    ++overfull;
    const auto excess = [](const CellCoverage& c) { return static_cast<double>(c.seen) - c.scheduled; };
    if (worst == nullptr || excess(cell) > excess(*worst)) worst = &cell;
  }
  if (worst != nullptr) {
    warnings.push_back("plan: " + std::to_string(overfull) + " cells have more rows than the experiment schedules (" +
                       detail::cell_name(*worst, coverage, catalogue) + ": " + format_count(worst->seen) + " of " +
                       format_fixed(worst->scheduled, 0) + "); it is not the plan of these logs");
  }
  for (const auto& [workload, size_kb] : refused) {
    warnings.push_back("refused: " + std::string(catalogue.name(workload)) + " of " + format_number(size_kb) +
                       " KB was answered by no platform in any run, or exceeds Lambda's limit; its missing answers " +
                       "count as refused (413), not as time-outs");
  }
}

}  // namespace switchyard
