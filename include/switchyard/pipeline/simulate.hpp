#pragma once

#include "switchyard/cloud/plan.hpp"
#include "switchyard/cloud/platform_model.hpp"
#include "switchyard/cloud/request_body.hpp"
#include "switchyard/cloud/schedule.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/core/utc.hpp"
#include "switchyard/io/experiment_json.hpp"
#include "switchyard/io/log_row.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace switchyard {

/// How an experiment is simulated.
struct SimulateOptions {
  std::uint64_t seed = 42;
  double time_scale = 1;            // > 0; durations are multiplied by it, rates are kept
  std::uint64_t limit = 0;          // at most this many requests per run; 0 = all
  std::vector<std::string> runs{};  // names of the runs to simulate; empty = all
  bool overwrite = false;           // write into a folder that is not empty, replacing files of the same name
  PlatformOptions platforms{};
  /// Called now and then with the rows done so far; false stops after complete lines.
  std::function<bool(std::uint64_t)> progress{};
};

/// What a simulation wrote.
struct SimulationSummary {
  std::uint64_t scheduled = 0;
  std::uint64_t rows = 0;  // == scheduled unless stopped
  std::uint64_t files = 0;
  bool stopped = false;
  std::array<std::array<std::uint64_t, 8>, 2> outcomes{};  // [platform][outcome]

  [[nodiscard]] std::uint64_t count(Platform platform, Outcome outcome) const noexcept {
    return outcomes[static_cast<std::size_t>(platform)][static_cast<std::size_t>(outcome)];
  }
};

namespace detail {

/// Log files in a folder, written in blocks of complete lines with no more than one of them open.
class LogFolder {
 public:
  LogFolder(const std::string& folder, bool overwrite) : folder_(folder) {
    std::error_code error;
    if (std::filesystem::exists(folder_, error) && !std::filesystem::is_directory(folder_, error)) {
      throw FileError::cannot_write(folder, "it is not a folder");
    }
    std::filesystem::create_directories(folder_, error);
    if (error) throw FileError::cannot_write(folder, error.message());
    const bool empty = std::filesystem::is_empty(folder_, error);
    if (error) throw FileError::cannot_open(folder, error.message());
    if (!empty && !overwrite) throw InvalidArgument("folder " + folder + " is not empty; choose another or force it");
  }

  void append(const std::string& path, std::string_view line) {
    auto [entry, is_new] = buffers_.try_emplace(path);
    entry->second += line;
    if (entry->second.size() >= block_bytes) flush(*entry);
  }

  /// Writes all that is waiting. Throws FileError.
  void flush() {
    for (auto& entry : buffers_) flush(entry);
  }

  [[nodiscard]] std::uint64_t files() const noexcept { return buffers_.size(); }

 private:
  static constexpr std::size_t block_bytes = 128 * 1024;

  void flush(std::pair<const std::string, std::string>& entry) {
    if (entry.second.empty()) return;
    const auto file_name = folder_ / entry.first;
    const bool begun = std::find(begun_.begin(), begun_.end(), entry.first) != begun_.end();
    if (!begun) {
      std::error_code error;
      std::filesystem::create_directories(file_name.parent_path(), error);
      if (error) throw FileError::cannot_write(file_name.parent_path().string(), error.message());
      begun_.push_back(entry.first);
    }
    std::ofstream file(file_name, std::ios::binary | (begun ? std::ios::app : std::ios::trunc));
    if (!file) throw FileError::cannot_open(file_name.string(), std::strerror(errno));
    file << entry.second;
    if (!file.flush()) throw FileError::cannot_write(file_name.string(), std::strerror(errno));
    entry.second.clear();
  }

  std::filesystem::path folder_;
  std::map<std::string, std::string> buffers_;  // path -> lines not written yet
  std::vector<std::string> begun_;
};

[[nodiscard]] inline std::vector<std::size_t> selected_runs(const Experiment& experiment,
                                                            const std::vector<std::string>& names) {
  std::vector<std::size_t> selected;
  for (const auto& name : names) {
    const auto has_name = [&](const RunPlan& run) { return run.name == name; };
    if (std::none_of(experiment.runs.begin(), experiment.runs.end(), has_name)) {
      throw InvalidArgument("run '" + name + "' is not in the experiment" +
                            did_you_mean(name, names_of(experiment.runs)));
    }
  }
  for (std::size_t i = 0; i < experiment.runs.size(); ++i) {
    const auto& name = experiment.runs[i].name;
    if (names.empty() || std::find(names.begin(), names.end(), name) != names.end()) selected.push_back(i);
  }
  return selected;
}

}  // namespace detail

/// How many requests a simulation with these options has. Throws InvalidArgument.
[[nodiscard]] inline std::uint64_t scheduled_requests(const Experiment& experiment, const SimulateOptions& options) {
  std::uint64_t count = 0;
  for (const std::size_t run : detail::selected_runs(experiment, options.runs)) {
    count += Schedule(experiment, run, options.seed, {options.time_scale, options.limit}).count();
  }
  return count;
}

/// One run on fresh platforms in virtual time, request by request in the order sent.
class RunSimulation {
 public:
  /// `experiment` must outlive it. Throws InvalidArgument.
  RunSimulation(const Experiment& experiment, std::size_t run, const SimulateOptions& options)
      : experiment_(experiment),
        schedule_(experiment, run, options.seed, {options.time_scale, options.limit}),
        model_(options.platforms, experiment.catalogue, Rng::stream(options.seed, ~run).next()),
        window_(experiment.catalogue.window_named(schedule_.run().window)),
        pattern_(experiment.catalogue.pattern_named(schedule_.run().load_pattern)) {}

  [[nodiscard]] std::uint64_t count() const noexcept { return schedule_.count(); }

  /// What becomes of request `seq`. To be called for 0, 1, ..., count() - 1 in this order.
  [[nodiscard]] LogRow row(std::uint64_t seq) {
    const Arrival arrival = schedule_.at(seq);
    const RunPlan& run = schedule_.run();
    const Catalogue& catalogue = experiment_.catalogue;
    const double sent_ms = std::floor(run.start_ms + arrival.offset_ms + 0.5);  // logs have whole milliseconds
    const std::string id = request_id(sent_ms, arrival.entropy);
    const double bytes = body_bytes({.request_id = id,
                                     .workload_type = std::string(catalogue.name(arrival.workload)),
                                     .sent_at_ms = sent_ms,
                                     .target_size_kb = arrival.size_kb,
                                     .time_window = run.window,
                                     .load_pattern = run.load_pattern},
                                    arrival.workload);
    const Answer answer = model_.serve(
        arrival.platform,
        {.sent_ms = sent_ms, .workload = arrival.workload, .body_bytes = bytes, .entropy = arrival.entropy});
    LogRow row = answered(answer, sent_ms);
    row.seq = seq;
    row.scheduled_at_ms = sent_ms;
    row.actual_payload_kb = actual_payload_kb(arrival.workload, arrival.size_kb);
    row.observation.request_id = id;
    row.observation.request = {.workload = arrival.workload,
                               .payload_kb = arrival.size_kb,
                               .sent_at_ms = sent_ms,
                               .time_window = window_,
                               .load_pattern = pattern_,
                               .lambda_memory_limit_mb = {}};
    row.observation.platform = arrival.platform;
    row.observation.run = run.name;
    row.observation.pair_id = arrival.pair_id;
    return row;
  }

 private:
  /// What the client saw; of a request it gave up on, nothing but that.
  [[nodiscard]] static LogRow answered(const Answer& answer, double sent_ms) {
    LogRow row;
    row.observation.outcome = answer.outcome;
    row.observation.sent_at_ms = sent_ms;
    row.observation.response_time_ms = answer.response_time_ms;
    if (answer.outcome == Outcome::timeout) return row;
    row.observation.http_status = answer.http_status;
    row.observation.timestamp = format_utc(sent_ms + answer.completed_ms);
    row.observation.execution_time_ms = answer.execution_time_ms;
    row.observation.memory_mb = answer.memory_mb;
    row.observation.cold_start = answer.cold_start;
    row.memory_limit_mb = answer.memory_limit_mb;
    row.cpu_percent = answer.cpu_percent;
    return row;
  }

  const Experiment& experiment_;
  Schedule schedule_;
  PlatformModel model_;
  TimeWindow window_;
  LoadPattern pattern_;
};

namespace detail {

/// The plan that was carried out: the selected runs, in the time they were given.
[[nodiscard]] inline Experiment as_simulated(Experiment experiment, const std::vector<std::size_t>& runs,
                                             double time_scale) {
  std::vector<RunPlan> selected;
  for (const std::size_t run : runs) {
    selected.push_back(experiment.runs[run]);
    for (Phase& phase : selected.back().phases) phase.duration_s *= time_scale;
    selected.back().cycle_to_s *= time_scale;
  }
  experiment.runs = std::move(selected);
  return experiment;
}

}  // namespace detail

/// Writes the logs that measuring `experiment` would give, one row per scheduled request, failures and time-outs
/// included, to `folder`/{window}_{pattern}/{platform}_{workload}_{date}.jsonl, and the plan to
/// `folder`/experiment.json. The same experiment, options and seed give the same bytes. Memory does not grow with the
/// number of requests. Throws InvalidArgument, FileError.
inline SimulationSummary simulate(const Experiment& experiment, const std::string& folder,
                                  const SimulateOptions& options = {}) {
  constexpr std::uint64_t rows_between_reports = 1000;
  validate(experiment);
  const auto runs = detail::selected_runs(experiment, options.runs);
  SimulationSummary summary;
  summary.scheduled = scheduled_requests(experiment, options);
  detail::LogFolder logs(folder, options.overwrite);
  write_experiment((std::filesystem::path(folder) / "experiment.json").string(),
                   detail::as_simulated(experiment, runs, options.time_scale));
  for (std::size_t i = 0; i < runs.size() && !summary.stopped; ++i) {
    RunSimulation simulation(experiment, runs[i], options);
    for (std::uint64_t seq = 0; seq < simulation.count(); ++seq) {
      if (options.progress && summary.rows % rows_between_reports == 0 && !options.progress(summary.rows)) {
        summary.stopped = true;
        break;
      }
      const LogRow row = simulation.row(seq);
      logs.append(log_path(row, experiment.catalogue), log_row(row, experiment.catalogue));
      ++summary.rows;
      const auto platform = static_cast<std::size_t>(row.observation.platform);
      ++summary.outcomes[platform][static_cast<std::size_t>(row.observation.outcome)];
    }
  }
  logs.flush();
  summary.files = logs.files();
  return summary;
}

}  // namespace switchyard
