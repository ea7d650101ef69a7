#pragma once

#include "switchyard/core/elementary.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

namespace switchyard {

/// What the clock on the wall says: all of an instant that a feature knows.
struct LocalHour {
  int hour = 0;  // 0-23
  bool weekend = false;
};

/// The hour `offset_minutes` east of UTC at `epoch_ms` milliseconds since 1970-01-01T00:00Z; nothing for what is no
/// time: NaN, or more than 10^8 days from 1970 (the range of ECMAScript's Date).
[[nodiscard]] constexpr std::optional<LocalHour> local_hour(double epoch_ms, int offset_minutes) noexcept {
  constexpr double most_ms = 8.64e15;
  constexpr std::int64_t minute_ms = 60'000;
  constexpr std::int64_t hour_ms = 60 * minute_ms;
  constexpr std::int64_t week_ms = 7 * 24 * hour_ms;
  if (!(epoch_ms >= -most_ms && epoch_ms <= most_ms)) return std::nullopt;
  const auto towards_zero = static_cast<std::int64_t>(epoch_ms);
  const std::int64_t whole = towards_zero - (epoch_ms < static_cast<double>(towards_zero) ? 1 : 0);
  // A week begins on Monday, three days before the first of January 1970.
  constexpr std::int64_t monday = 3 * 24 * hour_ms;
  const std::int64_t rest = (whole + offset_minutes * minute_ms + monday) % week_ms;
  const std::int64_t hour_of_week = (rest < 0 ? rest + week_ms : rest) / hour_ms;
  return LocalHour{static_cast<int>(hour_of_week % 24), hour_of_week >= 5 * 24};
}

/// What the features are made of; NaN = unknown.
struct RequestNumbers {
  double workload = std::numeric_limits<double>::quiet_NaN();
  double payload_kb = std::numeric_limits<double>::quiet_NaN();
  double hour = std::numeric_limits<double>::quiet_NaN();
  double window = std::numeric_limits<double>::quiet_NaN();
  double weekend = std::numeric_limits<double>::quiet_NaN();
  double pattern = std::numeric_limits<double>::quiet_NaN();
  double memory_mb = std::numeric_limits<double>::quiet_NaN();
};

/// What a request says of itself, with what the catalogue's codes say of the rest. Templates, since an embedded model
/// has types of its own: `codes` knows workloads(), lambda_memory_mb(workload), load_patterns(), window_of_hour(hour)
/// and zone_offset_minutes().
template <class AnyRequest, class Codes>
[[nodiscard]] constexpr RequestNumbers request_numbers(const AnyRequest& request, const Codes& codes) noexcept {
  RequestNumbers known;
  if (const auto workload = static_cast<std::size_t>(request.workload); workload < codes.workloads()) {
    known.workload = static_cast<double>(workload);
    known.memory_mb = codes.lambda_memory_mb(workload);
  }
  known.payload_kb = request.payload_kb;
  if (request.sent_at_ms) {
    if (const auto local = local_hour(*request.sent_at_ms, codes.zone_offset_minutes())) {
      known.hour = local->hour;
      known.weekend = local->weekend ? 1 : 0;
      if (!request.time_window) known.window = static_cast<double>(codes.window_of_hour(local->hour));
    }
  }
  if (request.time_window) known.window = static_cast<double>(*request.time_window);
  const std::size_t unknown_pattern = codes.load_patterns();
  known.pattern =
      static_cast<double>(request.load_pattern ? static_cast<std::size_t>(*request.load_pattern) : unknown_pattern);
  if (request.lambda_memory_limit_mb) known.memory_mb = *request.lambda_memory_limit_mb;
  return known;
}

/// The requirements' features (their section 4.2), in their order: products of raw kilobytes and integer codes.
[[nodiscard]] constexpr std::array<double, 14> features_of(const RequestNumbers& known) noexcept {
  return {known.workload,
          known.payload_kb,
          known.hour,
          known.window,
          known.weekend,
          known.pattern,
          known.memory_mb,
          known.payload_kb * known.payload_kb,
          portable_log1p(known.payload_kb),
          known.payload_kb * known.workload,
          known.payload_kb * known.hour,
          known.payload_kb * known.window,
          known.workload * known.window,
          known.payload_kb * known.pattern};
}

}  // namespace switchyard
