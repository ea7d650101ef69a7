#pragma once

#include "switchyard/cloud/workload.hpp"
#include "switchyard/core/utc.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

/// One workload: its name in logs, its HTTP path, the sizes it is measured at and what it runs on.
struct WorkloadSpec {
  std::string name;
  std::string path;               // "lightweight": POST /lightweight on Lambda, /lightweight/process on ECS
  std::vector<double> sizes_kb;   // catalogue sizes, ascending
  double lambda_memory_mb = 128;  // configured limit
  double ecs_vcpu = 0.25;         // task size
  double ecs_memory_gb = 0.5;
};

/// One part of the day, by its hours in the catalogue's zone.
struct WindowSpec {
  std::string name;
  std::vector<int> hours;  // 0-23
};

/// Names and codes of everything a request can say. Other workloads, sizes or windows are configuration: a code is an
/// index here, and "other"/"unknown" is the code after the last named one.
struct Catalogue {
  std::vector<WorkloadSpec> workloads;
  std::vector<WindowSpec> windows;
  std::vector<std::string> load_patterns;
  int zone_offset_minutes = 0;                 // east of UTC; for hours, weekends and computed windows
  double lambda_body_limit_bytes = 6'291'456;  // synchronous invocation payload, AWS Lambda API_Invoke (6 MB)
  double timeout_ms = 10'000;                  // the client's limit; Artillery's default

  [[nodiscard]] const WorkloadSpec& workload(Workload code) const {
    return workloads.at(static_cast<std::size_t>(code));
  }
  [[nodiscard]] std::string_view name(Workload code) const { return workload(code).name; }
  [[nodiscard]] std::string_view name(TimeWindow code) const {
    const auto i = static_cast<std::size_t>(code);
    return i < windows.size() ? std::string_view(windows[i].name) : std::string_view("other");
  }
  [[nodiscard]] std::string_view name(LoadPattern code) const {
    const auto i = static_cast<std::size_t>(code);
    return i < load_patterns.size() ? std::string_view(load_patterns[i]) : std::string_view("unknown");
  }

  [[nodiscard]] std::optional<Workload> find_workload(std::string_view name) const noexcept {
    for (std::size_t i = 0; i < workloads.size(); ++i) {
      if (workloads[i].name == name) return static_cast<Workload>(i);
    }
    return std::nullopt;
  }
  /// A name the catalogue lacks is "other".
  [[nodiscard]] TimeWindow window_named(std::string_view name) const noexcept {
    std::size_t i = 0;
    while (i < windows.size() && windows[i].name != name) ++i;
    return static_cast<TimeWindow>(i);
  }
  /// A name the catalogue lacks is "unknown".
  [[nodiscard]] LoadPattern pattern_named(std::string_view name) const noexcept {
    std::size_t i = 0;
    while (i < load_patterns.size() && load_patterns[i] != name) ++i;
    return static_cast<LoadPattern>(i);
  }

  [[nodiscard]] CivilTime local_time(double epoch_ms) const noexcept {
    return civil_time(static_cast<std::int64_t>(std::floor(epoch_ms)), zone_offset_minutes);
  }
  /// The window an hour (0-23, in the zone) belongs to.
  [[nodiscard]] TimeWindow window_of_hour(int hour) const noexcept {
    std::size_t i = 0;
    while (i < windows.size() && std::count(windows[i].hours.begin(), windows[i].hours.end(), hour) == 0) ++i;
    return static_cast<TimeWindow>(i);
  }

  /// `payload_kb`, or the workload's catalogue size it lies within 0.5 % of: base64 and JSON envelopes add a little.
  [[nodiscard]] double snapped_size_kb(Workload code, double payload_kb) const {
    constexpr double tolerance = 0.005;
    for (const double size : workload(code).sizes_kb) {
      if (std::abs(payload_kb - size) <= tolerance * size) return size;
    }
    return payload_kb;
  }
};

/// The requirements' workloads, sizes (their section 3.2), windows and patterns; Lambda limits as deployed in the
/// original's logs, ECS task sizes from its task definitions; zone UTC.
[[nodiscard]] inline Catalogue default_catalogue() {
  return {
      .workloads = {{"lightweight_api", "lightweight", {0.5, 1, 5, 10}, 128, 0.25, 0.5},
                    {"thumbnail_processing", "thumbnail", {50, 100, 200, 500, 1024}, 256, 0.5, 1},
                    {"medium_processing", "medium", {1024, 2048, 3072, 5120}, 512, 1, 2},
                    {"heavy_processing", "heavy", {3072, 5120, 8192, 10240}, 512, 1, 2}},
      .windows = {{"early_morning", {2, 3}},
                  {"morning_peak", {8, 9}},
                  {"midday", {12, 13}},
                  {"evening", {18, 19}},
                  {"late_night", {22, 23, 0}}},
      .load_patterns = {"low_load", "medium_load", "burst_load", "ramp_load"},
  };
}

}  // namespace switchyard
