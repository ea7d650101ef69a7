#pragma once

#include "switchyard/cloud/plan.hpp"
#include "switchyard/pipeline/log_reader.hpp"

#include <nlohmann/json.hpp>

#include <sstream>
#include <string>
#include <vector>

/// Plans of a few plain runs and logs that may have been made by them.
namespace planned_logs {

inline constexpr double noon_ms = 1'763'812'800'000;  // 2025-11-22T12:00:00Z

/// One log row. sent_s: seconds after noon. Empty run and negative seq: not logged.
struct LogLine {
  std::string platform = "lambda";
  double sent_s = 0;
  std::string workload = "thumbnail_processing";
  double size_kb = 100;
  double latency_ms = 500;
  std::string window = "midday";
  int status = 200;
  std::string run{};
  int seq = -1;
};

[[nodiscard]] inline std::string text_of(const LogLine& line) {
  nlohmann::json row = {
      {"platform", line.platform},  {"workload_type", line.workload},      {"sent_at", noon_ms + line.sent_s * 1000},
      {"http_status", line.status}, {"response_time_ms", line.latency_ms}, {"target_payload_size_kb", line.size_kb},
      {"time_window", line.window}, {"load_pattern", "low_load"},          {"metrics", {{"execution_time_ms", 200}}}};
  if (!line.run.empty()) row["run_id"] = line.run;
  if (line.seq >= 0) row["seq"] = line.seq;
  if (line.status == 0) row["error_class"] = "timeout";
  return row.dump() + "\n";
}

[[nodiscard]] inline switchyard::LogReader read_lines(const std::vector<LogLine>& lines) {
  std::string text;
  for (const LogLine& line : lines) text += text_of(line);
  switchyard::LogReader reader(switchyard::default_catalogue());
  std::istringstream input(text);
  reader.read(input, "log.jsonl");
  return reader;
}

struct PlannedRun {
  std::string name;
  double start_s = 0;  // after noon
  double duration_s = 0;
  double rate = 0;  // requests per second
};

/// Runs at midday under low load, all scenarios alike.
[[nodiscard]] inline switchyard::Experiment plan_of(const std::vector<PlannedRun>& runs) {
  switchyard::Experiment plan;
  plan.scenarios = switchyard::equal_scenarios(plan.catalogue);
  for (const PlannedRun& run : runs) {
    plan.runs.push_back(
        {run.name, "midday", "low_load", noon_ms + run.start_s * 1000, {{"only", run.duration_s, run.rate, {}}}, 0});
  }
  return plan;
}

}  // namespace planned_logs
