#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/pipeline/request_features.hpp"

#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
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

using RequirementFeatures = decltype(features_of(RequestNumbers{}));
static_assert(std::tuple_size_v<RequirementFeatures> == requirement_feature_names.size());

/// The window a request is in: the one it names, else the one its send time falls into; absent without either.
[[nodiscard]] inline std::optional<TimeWindow> window_of(const Request& request, const Catalogue& catalogue) noexcept {
  if (request.time_window) return request.time_window;
  if (!request.sent_at_ms) return std::nullopt;
  const auto local = local_hour(*request.sent_at_ms, catalogue.zone_offset_minutes);
  if (!local) return std::nullopt;
  return catalogue.window_of_hour(local->hour);
}

namespace detail {

/// A catalogue as request_numbers asks it.
struct CatalogueCodes {
  const Catalogue& catalogue;

  [[nodiscard]] std::size_t workloads() const noexcept { return catalogue.workloads.size(); }
  [[nodiscard]] double lambda_memory_mb(std::size_t workload) const noexcept {
    return catalogue.workloads[workload].lambda_memory_mb;
  }
  [[nodiscard]] std::size_t load_patterns() const noexcept { return catalogue.load_patterns.size(); }
  [[nodiscard]] TimeWindow window_of_hour(int hour) const noexcept { return catalogue.window_of_hour(hour); }
  [[nodiscard]] int zone_offset_minutes() const noexcept { return catalogue.zone_offset_minutes; }
};

}  // namespace detail

/// The features of a request: the ONE definition, for training and for serving. It takes a Request and nothing else, so
/// that a measured latency or cost cannot leak in. What is not known is NaN, and so is every product of it. Sizes are
/// kilobytes, hours are 0-23 in the catalogue's zone, codes are the catalogue's.
[[nodiscard]] inline RequirementFeatures requirement_features(const Request& request,
                                                              const Catalogue& catalogue) noexcept {
  return features_of(request_numbers(request, detail::CatalogueCodes{catalogue}));
}

/// The same names as owned strings, for datasets and model files.
[[nodiscard]] inline std::vector<std::string> requirement_feature_columns() {
  return {requirement_feature_names.begin(), requirement_feature_names.end()};
}

}  // namespace switchyard
