#pragma once

#include "tables.hpp"

#include "switchyard/core/text.hpp"
#include "switchyard/pipeline/dataset_summary.hpp"

#include <ostream>
#include <string>

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

inline void print_coverage(std::ostream& output, const DatasetSummary& summary) {
  if (summary.coverage.empty()) return;
  output << "\nCoverage (rows logged against rows scheduled):\n";
  TextTable table({"run", "workload", "platform", "seen", "scheduled", "share"});
  for (const auto& cell : summary.coverage) {
    const double share = cell.scheduled > 0 ? static_cast<double>(cell.seen) / cell.scheduled : 0;
    table.add({cell.run, cell.workload, std::string(to_string(cell.platform)), format_count(cell.seen),
               format_fixed(cell.scheduled, 0), format_fixed(share, 3)});
  }
  table.print(output);
}

/// What preprocessing found, for a person.
inline void print_summary(std::ostream& output, const PreparedData& data, const DatasetSummary& summary) {
  output << format_count(data.requests) << " log rows, " << format_count(summary.labelled) << " labelled, "
         << format_count(summary.infeasible) << " decided by rule, in " << data.runs.size() << " runs\n";
  print_dropped(output, data);
  if (summary.labelled == 0) return;
  print_variance(output, summary.variance);
  print_coverage(output, summary);
  output << "\nContext ceiling: " << format_fixed(summary.ceiling.plain, 5)
         << " is the best accuracy any model can reach on these features (" << summary.contexts
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
