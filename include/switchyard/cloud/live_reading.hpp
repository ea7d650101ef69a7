#pragma once

#include "switchyard/cloud/workload.hpp"

#include <limits>

namespace switchyard {

/// What is known of one platform at one moment, for one request. NaN = nothing known yet.
struct PlatformReading {
  double expected_log_ms = std::numeric_limits<double>::quiet_NaN();  // natural log of the latency expected now
  double norm_log_ms = std::numeric_limits<double>::quiet_NaN();      // what is normal for this workload and size
  double slow_deviation = 0;                                          // log ratio to the norm over the slow horizon
  double fast_deviation = 0;      // log ratio to norm and slow deviation over the fast horizon: the trend
  double platform_deviation = 0;  // the same over all workloads of the platform
  double spread = 0;              // standard deviation of log latency around what was expected
  double answer_age_s = std::numeric_limits<double>::quiet_NaN();  // since the last answer of this workload
  double idle_s = std::numeric_limits<double>::quiet_NaN();        // since this workload was last sent here
  double error_share = 0;                                          // of the recent answers, time-outs among them
  double timeout_share = 0;
  double in_flight = 0;           // requests of any workload sent and not answered
  double workload_in_flight = 0;  // of this workload
  double censored_excess = 0;     // late requests in flight: sum of log(age) - log(expected)
  double arrivals_per_s = 0;      // requests sent here, any workload
};

/// Both platforms at one moment, for one request: all that features may know of the state.
struct LiveReading {
  PlatformReading ecs;
  PlatformReading lambda;

  [[nodiscard]] const PlatformReading& of(Platform platform) const noexcept {
    return platform == Platform::lambda ? lambda : ecs;
  }
};

}  // namespace switchyard
