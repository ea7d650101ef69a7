#pragma once

#include "switchyard/cloud/plan.hpp"
#include "switchyard/cloud/schedule.hpp"
#include "switchyard/pipeline/log_reader.hpp"
#include "switchyard/pipeline/runs.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace switchyard {

/// Rows logged against rows the plan scheduled for one cell. Rows that timed out and were never logged are what is
/// missing: the rest are survivors.
struct CellCoverage {
  std::string run;  // "{window}_{pattern}"
  std::string workload;
  Platform platform = Platform::ecs;
  std::int64_t seen = 0;
  double scheduled = 0;  // expected over the plan's random choices
};

/// Coverage of every cell of the plan, in plan order. Rows outside the plan count nowhere.
[[nodiscard]] inline std::vector<CellCoverage> coverage_of(const LogReader& logs, const Experiment& experiment) {
  std::map<std::string, std::int64_t> seen;
  const auto key = [](const std::string& run, std::string_view workload, Platform platform) {
    return run + '/' + std::string(workload) + '/' + std::string(to_string(platform));
  };
  for (const Observation& observation : logs.observations()) {
    ++seen[key(detail::phase_name(observation.request, logs.catalogue()),
               logs.catalogue().name(observation.request.workload), observation.platform)];
  }
  double weights = 0;
  for (const Scenario& scenario : experiment.scenarios) weights += scenario.weight;
  std::vector<CellCoverage> cells;
  for (std::size_t run = 0; run < experiment.runs.size(); ++run) {
    const auto arrivals = static_cast<double>(Schedule(experiment, run, 0).count());
    const std::string name = experiment.runs[run].window + "_" + experiment.runs[run].load_pattern;
    for (const Scenario& scenario : experiment.scenarios) {
      const std::string workload(experiment.catalogue.name(scenario.workload));
      cells.push_back({name, workload, scenario.platform, seen[key(name, workload, scenario.platform)],
                       arrivals * scenario.weight / weights});
    }
  }
  return cells;
}

}  // namespace switchyard
