#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/cost.hpp"
#include "switchyard/cloud/workload.hpp"

#include <cmath>
#include <cstdint>
#include <limits>

namespace switchyard {

/// Which duration `latency_optimal` compares.
enum class LatencySource : std::uint8_t {
  response,   // end to end, as the client saw it
  execution,  // as the platform's own clock saw it; not comparable across platforms, kept for the original's table
};

/// How a request did on one platform, as labels see it.
struct PlatformResult {
  double latency_ms = std::numeric_limits<double>::quiet_NaN();
  double cost_usd = std::numeric_limits<double>::quiet_NaN();
  bool ok = false;
};

/// 1 = Lambda is the better platform. `balanced_optimal`, both cheaper and faster, is the target.
struct PlatformLabels {
  bool cost_optimal = false;
  bool latency_optimal = false;
  bool balanced_optimal = false;

  friend bool operator==(const PlatformLabels&, const PlatformLabels&) = default;
};

/// What a label compares of one observation. A failed request took the client's time-out, whenever the failure came:
/// its caller still has no answer.
[[nodiscard]] inline PlatformResult result_of(const Observation& observation, const Catalogue& catalogue,
                                              const CostModel& costs, LatencySource latency) {
  const double measured =
      latency == LatencySource::response ? observation.response_time_ms : observation.execution_time_ms;
  return {observation.ok() ? measured : catalogue.timeout_ms, cost_usd(observation, catalogue, costs),
          observation.ok()};
}

/// The three labels of a request, given how it did on both platforms. Lambda must beat (1 - margin) x ECS, strictly;
/// margin in [0, 1). A failed request loses to a successful one on every count. Two failures have no label: do not ask.
[[nodiscard]] inline PlatformLabels compare_platforms(const PlatformResult& lambda, const PlatformResult& ecs,
                                                      double margin = 0) noexcept {
  if (lambda.ok != ecs.ok) return {lambda.ok, lambda.ok, lambda.ok};
  const bool cheaper = lambda.cost_usd < (1 - margin) * ecs.cost_usd;
  const bool faster = lambda.latency_ms < (1 - margin) * ecs.latency_ms;
  return {cheaper, faster, cheaper && faster};
}

/// Whether Lambda can take a body of this size at all; an unknown size is taken for feasible.
[[nodiscard]] inline bool lambda_feasible(double payload_kb, const Catalogue& catalogue) noexcept {
  return std::isnan(payload_kb) || payload_kb * 1024.0 <= catalogue.lambda_body_limit_bytes;
}

}  // namespace switchyard
