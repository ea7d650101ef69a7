#pragma once

#include "switchyard/cloud/decision.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace switchyard {

/// What a request does: an index into the catalogue's workloads. The names are the default catalogue's.
enum class Workload : std::uint8_t {
  lightweight_api = 0,
  thumbnail_processing = 1,
  medium_processing = 2,
  heavy_processing = 3,
};

/// Part of the day: an index into the catalogue's windows; `other` in the default catalogue follows the named ones.
enum class TimeWindow : std::uint8_t {
  early_morning = 0,
  morning_peak = 1,
  midday = 2,
  evening = 3,
  late_night = 4,
  other = 5,
};

/// Shape of the arrivals: an index into the catalogue's load patterns.
enum class LoadPattern : std::uint8_t {
  low_load = 0,
  medium_load = 1,
  burst_load = 2,
  ramp_load = 3,
  unknown = 4,
};

/// What is known before a request runs. Nothing measured may enter here: features are computed from this alone.
struct Request {
  Workload workload = Workload::lightweight_api;
  double payload_kb = std::numeric_limits<double>::quiet_NaN();  // 1 KB = 1,024 bytes; NaN = unknown
  std::optional<double> sent_at_ms = {};       // UTC epoch milliseconds; absent = unknown (the library reads no clock)
  std::optional<TimeWindow> time_window = {};  // absent = computed from sent_at_ms in the catalogue's zone
  std::optional<LoadPattern> load_pattern = {};       // absent = unknown
  std::optional<double> lambda_memory_limit_mb = {};  // absent = the catalogue's for the workload
};

/// How a request ended, one closed list for collector, simulator, logs and labels.
enum class Outcome : std::uint8_t {
  ok,         // 2xx
  http_4xx,   // 4xx but 413
  too_large,  // 413
  http_5xx,
  timeout,   // no answer within the client's limit
  connect,   // refused, unreachable, name not found, TLS failed
  broken,    // the connection ended before the answer did, or the answer could not be read
  not_sent,  // scheduled, but the run was stopped before
};

[[nodiscard]] constexpr std::string_view to_string(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::ok: return "none";
    case Outcome::http_4xx: return "http_4xx";
    case Outcome::too_large: return "too_large";
    case Outcome::http_5xx: return "http_5xx";
    case Outcome::timeout: return "timeout";
    case Outcome::connect: return "connect";
    case Outcome::broken: return "broken";
    case Outcome::not_sent: return "not_sent";
  }
  return "broken";
}

/// What a row's `error_class` means; unknown classes count as `broken`.
[[nodiscard]] constexpr Outcome parse_outcome(std::string_view error_class) noexcept {
  for (const auto outcome : {Outcome::ok, Outcome::http_4xx, Outcome::too_large, Outcome::http_5xx, Outcome::timeout,
                             Outcome::connect, Outcome::broken, Outcome::not_sent}) {
    if (error_class == to_string(outcome)) return outcome;
  }
  return Outcome::broken;
}

/// The outcome an HTTP status stands for; 0 = no answer came.
[[nodiscard]] constexpr Outcome outcome_of_status(int http_status) noexcept {
  if (http_status >= 200 && http_status < 300) return Outcome::ok;
  if (http_status == 413) return Outcome::too_large;
  if (http_status >= 400 && http_status < 500) return Outcome::http_4xx;
  if (http_status >= 500) return Outcome::http_5xx;
  return Outcome::broken;
}

/// A request that ran (or failed to), and what was measured.
struct Observation {
  std::string request_id;
  Request request;
  Platform platform = Platform::ecs;
  Outcome outcome = Outcome::ok;
  int http_status = 0;                                                  // 0 = no answer
  double sent_at_ms = 0;                                                // UTC epoch milliseconds
  double response_time_ms = 0;                                          // end to end, as the client saw it
  double execution_time_ms = std::numeric_limits<double>::quiet_NaN();  // as the platform reported it
  double memory_mb = std::numeric_limits<double>::quiet_NaN();          // Lambda: configured limit as logged
  bool cold_start = false;
  std::string timestamp;  // as logged
  std::string run;        // run_id if logged, else empty
  std::string pair_id;    // explicit pair if logged, else empty
  std::int64_t seq = -1;  // number in the run's schedule if logged: such a log has a row for every request; else -1

  [[nodiscard]] bool ok() const noexcept { return outcome == Outcome::ok; }
  [[nodiscard]] double done_at_ms() const noexcept { return sent_at_ms + response_time_ms; }
};

}  // namespace switchyard
