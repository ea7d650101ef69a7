#pragma once

#include "tables.hpp"

#include "switchyard/core/text.hpp"
#include "switchyard/pipeline/dataset_summary.hpp"

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace switchyard::tools {

inline void print_dropped(std::ostream& output, const PreparedData& data) {
  if (data.dropped.empty()) return;
  output << "\nRows left out:\n";
  TextTable table({"reason", "rows", "first"});
  for (const auto& [reason, entry] : data.dropped) {
    table.add({reason, format_count(entry.rows), to_string(entry.first)});
  }
  table.print(output);
}

inline void print_variance(std::ostream& output, const VarianceCheck& variance) {
  output << "\nLabels (share of rows where Lambda is the better platform):\n";
  TextTable table({"workload", "rows", "cheaper", "faster", "balanced", "std", "variance", "expected"});
  const auto add = [&](const std::string& name, const LabelTally& counts, const std::string& deviation,
                       const std::string& verdict, const std::string& expected) {
    table.add({name, format_count(counts.rows), format_fixed(counts.rate(counts.cost_optimal), 3),
               format_fixed(counts.rate(counts.latency_optimal), 3),
               format_fixed(counts.rate(counts.balanced_optimal), 3), deviation, verdict, expected});
  };
  const auto range = [](const ExpectedRange& expected, double mean) {
    return format_fixed(expected.low, 1) + "-" + format_fixed(expected.high, 1) +
           (expected.contains(mean) ? " ok" : " no");
  };
  for (const auto& workload : variance.workloads) {
    add(workload.workload, workload.counts, format_fixed(workload.standard_deviation, 3),
        workload.passes ? "pass" : "FAIL", workload.expected ? range(*workload.expected, workload.mean) : "");
  }
  const double overall = variance.overall.rate(variance.overall.balanced_optimal);
  add("all", variance.overall, "", variance.passes() ? "pass" : "FAIL", range(variance.expected_overall, overall));
  table.print(output);
}

[[nodiscard]] inline std::string share_text(double seen, double scheduled) {
  return scheduled > 0 ? format_fixed(100 * seen / scheduled, 2) + " %" : "-";
}

/// All sizes of a workload together, the two platforms of a run side by side.
inline void print_coverage_by_run(std::ostream& output, const PreparedData& data, const Coverage& coverage) {
  auto totals = coverage_by_run(coverage);
  std::stable_sort(totals.begin(), totals.end(),
                   [](const RunCoverage& a, const RunCoverage& b) { return a.worst_share() < b.worst_share(); });
  TextTable table({"run", "workload", "ecs seen", "scheduled", "share", "lambda seen", "scheduled", "share"});
  for (const RunCoverage& run : totals) {
    std::vector<std::string> row = {coverage.executions[run.execution].name,
                                    std::string(data.catalogue.name(run.workload))};
    for (const std::size_t p : {0U, 1U}) {
      row.push_back(format_count(run.seen[p]));
      row.push_back(format_fixed(run.scheduled[p], 0));
      row.push_back(share_text(static_cast<double>(run.seen[p]), run.scheduled[p]));
    }
    table.add(std::move(row));
  }
  table.print(output);
}

/// Cells that miss more than chance explains.
inline void print_worst_cells(std::ostream& output, const PreparedData& data, const Coverage& coverage) {
  constexpr std::size_t most = 12;
  std::vector<const CellCoverage*> cells;
  for (const CellCoverage& cell : coverage.cells) {
    if (cell.missing() > 0 || (cell.refused && cell.missing_share() > 0)) cells.push_back(&cell);
  }
  std::stable_sort(cells.begin(), cells.end(),
                   [](const CellCoverage* a, const CellCoverage* b) { return a->share() < b->share(); });
  if (cells.empty()) return;
  const std::size_t shown = std::min(most, cells.size());
  output << "\nThe worst " << shown << " of " << cells.size()
         << " cells that miss more than chance explains (the summary has all):\n";
  TextTable table({"run", "workload", "size KB", "platform", "seen", "scheduled", "share", "missing"});
  for (std::size_t i = 0; i < shown; ++i) {
    const CellCoverage& cell = *cells[i];
    table.add({coverage.executions[cell.execution].name, std::string(data.catalogue.name(cell.workload)),
               format_number(cell.size_kb), std::string(to_string(cell.platform)), format_count(cell.seen),
               format_fixed(cell.scheduled, 1), share_text(static_cast<double>(cell.seen), cell.scheduled),
               cell.refused ? "refused" : format_count(cell.missing())});
  }
  table.print(output);
}

inline void print_label_changes(std::ostream& output, const PreparedData& data, const DatasetSummary& summary) {
  if (summary.label_changes.empty()) return;
  output << "\nLabels with " << format_count(data.missing_answers)
         << " missing answers counted as time-outs, against ignoring them (share of rows where Lambda is better):\n";
  TextTable table({"workload", "rows", "ignored", "changed", "gained", "lost", "balanced", "ignored"});
  for (const LabelChange& change : summary.label_changes) {
    table.add({change.workload, format_count(change.timeout.rows), format_count(change.ignore.rows),
               format_count(change.changed), format_count(change.gained), format_count(change.lost),
               format_fixed(change.timeout.rate(change.timeout.balanced_optimal), 3),
               format_fixed(change.ignore.rate(change.ignore.balanced_optimal), 3)});
  }
  table.print(output);
}

inline void print_survivorship(std::ostream& output, const PreparedData& data, const DatasetSummary& summary) {
  if (!summary.coverage.given()) return;
  output << "\nCoverage (rows logged against rows scheduled), worst first:\n";
  print_coverage_by_run(output, data, summary.coverage);
  print_worst_cells(output, data, summary.coverage);
  print_label_changes(output, data, summary);
  if (summary.survivorship.empty()) return;
  output << "\nSurvivorship:\n";
  for (const auto& finding : summary.survivorship) output << "  " << finding << '\n';
}

/// What preprocessing found, for a person.
inline void print_summary(std::ostream& output, const PreparedData& data, const DatasetSummary& summary) {
  output << format_count(data.requests) << " log rows, " << format_count(summary.labelled) << " labelled, "
         << format_count(summary.infeasible) << " decided by rule, in " << data.runs.size() << " runs\n";
  print_dropped(output, data);
  if (summary.labelled == 0) return;
  print_variance(output, summary.variance);
  print_survivorship(output, data, summary);
  output << "\nContext ceiling: " << format_fixed(summary.ceiling.plain, 5)
         << " is the best accuracy any model can reach that knows the request but no live state (" << summary.contexts
         << " distinct contexts; corrected for small ones: " << format_fixed(summary.ceiling.corrected, 5) << ")\n";
  if (summary.warnings.empty()) return;
  output << "\nWarnings:\n";
  for (const auto& warning : summary.warnings) output << "  " << warning << '\n';
}

/// "dataset.csv" -> "dataset.summary.json"
[[nodiscard]] inline std::string summary_path_of(const std::string& dataset_path) {
  const auto dot = dataset_path.rfind('.');
  const auto slash = dataset_path.rfind('/');
  const bool has_extension = dot != std::string::npos && dot > (slash == std::string::npos ? 0 : slash + 1);
  return (has_extension ? dataset_path.substr(0, dot) : dataset_path) + ".summary.json";
}

}  // namespace switchyard::tools
