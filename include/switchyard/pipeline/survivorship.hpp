#pragma once

#include "switchyard/core/text.hpp"
#include "switchyard/pipeline/coverage.hpp"
#include "switchyard/pipeline/prepared_data.hpp"
#include "switchyard/pipeline/variance_check.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

/// One workload's labels if missing answers are ignored, and if they count as time-outs.
struct LabelChange {
  std::string workload;
  LabelTally ignore;
  LabelTally timeout;
  std::int64_t changed = 0;  // rows labelled either way, whose balanced_optimal differs
  std::int64_t gained = 0;   // rows labelled only with time-outs: their counterpart is missing
  std::int64_t lost = 0;     // rows labelled only without: they failed, and so did the counterpart
};

/// What MissingRule::timeout does to the labels. Both tables are prepared from the same logs; workloads without rows
/// are left out.
[[nodiscard]] inline std::vector<LabelChange> compare_missing_rules(const PreparedData& ignore,
                                                                    const PreparedData& timeout) {
  std::vector<LabelChange> changes(ignore.catalogue.workloads.size());
  std::map<std::size_t, bool> label_of;  // by source, where missing answers are ignored
  for (const PreparedRow& row : ignore.rows) {
    if (!row.feasible) continue;
    label_of[row.source] = row.labels.balanced_optimal;
    LabelChange& change = changes[static_cast<std::size_t>(row.observation.request.workload)];
    change.ignore.add(row.labels);
    ++change.lost;  // until it is found again below
  }
  for (const PreparedRow& row : timeout.rows) {
    if (!row.feasible) continue;
    LabelChange& change = changes[static_cast<std::size_t>(row.observation.request.workload)];
    change.timeout.add(row.labels);
    const auto before = label_of.find(row.source);
    if (before == label_of.end()) {
      ++change.gained;
    } else {
      --change.lost;
      change.changed += before->second != row.labels.balanced_optimal ? 1 : 0;
    }
  }
  std::vector<LabelChange> result;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    changes[i].workload = ignore.catalogue.workloads[i].name;
    if (changes[i].ignore.rows + changes[i].timeout.rows > 0) result.push_back(std::move(changes[i]));
  }
  return result;
}

/// Coverage of all sizes of a workload in one run, sizes that nobody can take left out.
struct RunCoverage {
  std::size_t execution = 0;  // index into Coverage::executions
  Workload workload{};
  std::array<std::int64_t, 2> seen{};  // [platform]
  std::array<double, 2> scheduled{};   // [platform]

  [[nodiscard]] double share(Platform platform) const noexcept {
    const auto p = static_cast<std::size_t>(platform);
    return scheduled[p] > 0 ? static_cast<double>(seen[p]) / scheduled[p] : 1;
  }
  [[nodiscard]] double worst_share() const noexcept { return std::min(share(Platform::ecs), share(Platform::lambda)); }
};

/// In order of execution, then workload.
[[nodiscard]] inline std::vector<RunCoverage> coverage_by_run(const Coverage& coverage) {
  std::vector<RunCoverage> totals;
  for (const CellCoverage& cell : coverage.cells) {
    if (cell.refused || cell.empty()) continue;
    if (totals.empty() || totals.back().execution != cell.execution || totals.back().workload != cell.workload) {
      totals.push_back({cell.execution, cell.workload});
    }
    totals.back().seen[static_cast<std::size_t>(cell.platform)] += cell.seen;
    totals.back().scheduled[static_cast<std::size_t>(cell.platform)] += cell.scheduled;
  }
  return totals;
}

namespace detail {

[[nodiscard]] inline std::string as_percent(double share) {
  return format_fixed(100 * share, share < 0.001 ? 2 : 1) + " %";
}

/// What is known of one workload on one platform, if most of its requests left no row; else nothing.
[[nodiscard]] inline std::string survivor_finding(const Coverage& coverage, const std::vector<RunCoverage>& runs,
                                                  Platform platform, const std::string& workload) {
  constexpr double few = 0.5;
  const auto p = static_cast<std::size_t>(platform);
  std::int64_t seen = 0;
  double scheduled = 0;
  const RunCoverage* clearest = nullptr;  // where the other platform did best against this one
  std::string silent;                     // runs in which neither platform answered half
  const auto lead = [&](const RunCoverage& run) { return run.share(other(platform)) - run.share(platform); };
  for (const RunCoverage& run : runs) {
    seen += run.seen[p];
    scheduled += run.scheduled[p];
    if (clearest == nullptr || lead(run) > lead(*clearest)) clearest = &run;
    if (std::max(run.share(platform), run.share(other(platform))) < few) {
      silent += (silent.empty() ? "" : ", ") + coverage.executions[run.execution].name;
    }
  }
  if (scheduled <= 0 || static_cast<double>(seen) >= few * scheduled) return {};
  const std::string name(to_string(platform));
  const std::string other_name(to_string(other(platform)));
  std::string text = workload + " on " + name + ": " + format_count(seen) + " of " +
                     format_count(std::llround(scheduled)) + " scheduled requests left a row (" +
                     as_percent(static_cast<double>(seen) / scheduled) + "), so its rows are survivors";
  if (lead(*clearest) > few) {
    text += "; in " + coverage.executions[clearest->execution].name + " it left " +
            as_percent(clearest->share(platform)) + " where " + other_name + " left " +
            as_percent(clearest->share(other(platform))) + " of the same bodies over the same line, so " + name +
            " itself does not sustain this load";
  }
  if (!silent.empty()) {
    text += "; in " + silent + " neither platform answered half, which points to what they share (the client's " +
            "uplink), and no verdict on either follows from it";
  }
  return text;
}

}  // namespace detail

/// What missing answers let conclude, one line for each workload and platform of which most is missing, and one for
/// each workload whose labels turn on it. changes: compare_missing_rules(), or empty.
[[nodiscard]] inline std::vector<std::string> survivorship_findings(const Coverage& coverage,
                                                                    const Catalogue& catalogue,
                                                                    const std::vector<LabelChange>& changes = {}) {
  std::vector<std::string> findings;
  const auto totals = coverage_by_run(coverage);
  for (std::size_t i = 0; i < catalogue.workloads.size(); ++i) {
    std::vector<RunCoverage> runs;
    for (const RunCoverage& run : totals) {
      if (static_cast<std::size_t>(run.workload) == i) runs.push_back(run);
    }
    for (const auto platform : {Platform::ecs, Platform::lambda}) {
      auto finding = detail::survivor_finding(coverage, runs, platform, catalogue.workloads[i].name);
      if (!finding.empty()) findings.push_back(std::move(finding));
    }
  }
  for (const LabelChange& change : changes) {
    constexpr double notable = 0.02;
    const double before = change.ignore.rate(change.ignore.balanced_optimal);
    const double after = change.timeout.rate(change.timeout.balanced_optimal);
    if (std::abs(after - before) < notable) continue;
    findings.push_back(change.workload + ": Lambda is the better platform for " + detail::as_percent(after) +
                       " of the labelled rows if missing answers are time-outs, for " + detail::as_percent(before) +
                       " if they are ignored");
  }
  return findings;
}

}  // namespace switchyard
