#pragma once

#include "switchyard/cloud/workload.hpp"
#include "switchyard/core/random.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace switchyard {

/// A request as a platform's model sees it.
struct ServiceRequest {
  double sent_ms = 0;  // UTC epoch milliseconds at which the client sends
  Workload workload = Workload::lightweight_api;
  double body_bytes = 0;      // of the whole HTTP body
  std::uint64_t entropy = 0;  // what this request draws; Arrival::entropy, or a counter
};

/// What a platform does with it. Times are durations since ServiceRequest::sent_ms unless they say otherwise.
struct Answer {
  Outcome outcome = Outcome::ok;
  int http_status = 200;        // what the platform answers, even if the client is gone by then; 0 = nothing
  double response_time_ms = 0;  // as the client sees it: no more than its time-out
  /// When the answer would reach a client that waited for ever; infinity = never (nothing was sent back).
  double platform_response_ms = 0;
  double completed_ms = 0;    // when the platform was done, by its own clock: what `timestamp` says
  double start_delay_ms = 0;  // from the request's arrival at the platform until the work began
  double execution_time_ms = std::numeric_limits<double>::quiet_NaN();  // as the platform reports it
  bool cold_start = false;                                              // Lambda
  double memory_mb = std::numeric_limits<double>::quiet_NaN();          // Lambda: its limit, as the original logs it
  double memory_limit_mb = std::numeric_limits<double>::quiet_NaN();    // Lambda
  double cpu_percent = std::numeric_limits<double>::quiet_NaN();        // ECS
};

/// Bounds of a uniformly distributed duration.
struct TimeRange {
  double min_ms = 0;
  double max_ms = 0;
};

/// How long each workload works: the original's applications sleep that long, whatever the payload (its
/// lambda-functions/app.py and ecs-app/app.py). Workloads beyond the list work as its last.
[[nodiscard]] inline std::vector<TimeRange> default_work_times() {
  return {{50, 150}, {200, 400}, {800, 1500}, {3000, 5000}};
}

namespace detail {

[[nodiscard]] inline double work_ms(const std::vector<TimeRange>& times, Workload workload, Rng& draw) {
  const TimeRange range = times[std::min(static_cast<std::size_t>(workload), times.size() - 1)];
  return draw.uniform(range.min_ms, range.max_ms);
}

}  // namespace detail

}  // namespace switchyard
