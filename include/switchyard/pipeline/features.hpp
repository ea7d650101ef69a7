#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/workload.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

/// The requirements' features (their section 4.2), in their order.
inline constexpr std::array<std::string_view, 14> requirement_feature_names = {
    "workload_type_encoded",
    "payload_size_kb",
    "hour_of_day",
    "time_window_encoded",
    "is_weekend",
    "load_pattern_encoded",
    "lambda_memory_limit_mb",
    "payload_squared",
    "payload_log",
    "payload_workload_interaction",
    "payload_hour_interaction",
    "payload_time_window_interaction",
    "workload_time_window_interaction",
    "payload_load_pattern_interaction",
};

using RequirementFeatures = std::array<double, requirement_feature_names.size()>;

/// The window a request is in: the one it names, else the one its send time falls into; absent without either.
[[nodiscard]] inline std::optional<TimeWindow> window_of(const Request& request, const Catalogue& catalogue) noexcept {
  if (request.time_window) return request.time_window;
  if (!request.sent_at_ms) return std::nullopt;
  return catalogue.window_of_hour(catalogue.local_time(*request.sent_at_ms).hour);
}

/// The features of a request: the ONE definition, for training and for serving. It takes a Request and nothing else, so
/// that a measured latency or cost cannot leak in. What is not known is NaN, and so is every product of it. Sizes are
/// kilobytes, hours are 0-23 in the catalogue's zone, codes are the catalogue's.
[[nodiscard]] inline RequirementFeatures requirement_features(const Request& request,
                                                              const Catalogue& catalogue) noexcept {
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  const auto workload_code = static_cast<std::size_t>(request.workload);
  const bool known_workload = workload_code < catalogue.workloads.size();
  const auto workload = known_workload ? static_cast<double>(workload_code) : unknown;
  const double payload = request.payload_kb;
  double hour = unknown;
  double weekend = unknown;
  if (request.sent_at_ms) {
    const CivilTime local = catalogue.local_time(*request.sent_at_ms);
    hour = local.hour;
    weekend = local.weekday == 0 || local.weekday == 6 ? 1.0 : 0.0;
  }
  const auto window_code = window_of(request, catalogue);
  const double window = window_code ? static_cast<double>(*window_code) : unknown;
  const auto pattern_code = request.load_pattern.value_or(static_cast<LoadPattern>(catalogue.load_patterns.size()));
  const auto pattern = static_cast<double>(pattern_code);
  const double memory = request.lambda_memory_limit_mb.value_or(
      known_workload ? catalogue.workloads[workload_code].lambda_memory_mb : unknown);
  return {workload,
          payload,
          hour,
          window,
          weekend,
          pattern,
          memory,
          payload * payload,
          std::log1p(payload),
          payload * workload,
          payload * hour,
          payload * window,
          workload * window,
          payload * pattern};
}

/// The same names as owned strings, for datasets and model files.
[[nodiscard]] inline std::vector<std::string> requirement_feature_columns() {
  return {requirement_feature_names.begin(), requirement_feature_names.end()};
}

}  // namespace switchyard
