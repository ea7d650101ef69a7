#pragma once

#include "switchyard/cloud/workload.hpp"
#include "switchyard/core/statistics.hpp"
#include "switchyard/pipeline/routing_simulation.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace switchyard {

/// How requests fared that a policy routed. Forced requests count in latency, not in what was chosen.
struct RoutingSummary {
  std::uint64_t requests = 0;
  std::uint64_t failures = 0;
  double mean_ms = 0;  // of RoutedRequest::latency_ms; NaN without requests, as p50 and p95
  double p50_ms = 0;
  double p95_ms = 0;
  std::uint64_t chosen = 0;  // requests that a policy chose a platform for
  double lambda_share = 0;   // of these; NaN without any
  /// How often a workload's next request was sent elsewhere than its last.
  std::uint64_t switches = 0;
  /// The same to be expected if every choice were an independent draw with its workload's share: 2 s (1 - s) per
  /// choice. Fewer switches mean long stretches of one platform: a router that herds has a share near 1/2 and hardly
  /// any (Wald & Wolfowitz, "On a Test Whether Two Samples are from the Same Population", 1940).
  double switches_by_chance = 0;
  std::vector<double> lambda_share_by_minute;  // since the start of the run; NaN = nothing was chosen
};

/// Of requests sent at or after `from_ms` (to leave out a router's first minutes), of one workload or all. `routed` in
/// order of time.
[[nodiscard]] inline RoutingSummary routing_summary(std::span<const RoutedRequest> routed, double from_ms = 0,
                                                    std::optional<Workload> workload = {}) {
  struct Chosen {
    double all = 0;
    double lambda = 0;
    Platform last = Platform::ecs;
    [[nodiscard]] double share() const { return lambda / all; }
  };
  RoutingSummary summary;
  Chosen total;
  std::map<Workload, Chosen> by_workload;
  std::vector<Chosen> by_minute;
  std::vector<double> latencies_ms;
  const auto count = [](Chosen& chosen, Platform platform) {
    chosen.all += 1;
    chosen.lambda += platform == Platform::lambda ? 1 : 0;
    chosen.last = platform;
  };
  for (const RoutedRequest& request : routed) {
    if (request.sent_ms < from_ms || (workload && request.workload != *workload)) continue;
    ++summary.requests;
    summary.failures += request.outcome == Outcome::ok ? 0 : 1;
    latencies_ms.push_back(request.latency_ms);
    if (request.is_forced) continue;
    const auto minute = static_cast<std::size_t>(request.sent_ms / 60'000);
    if (by_minute.size() <= minute) by_minute.resize(minute + 1);
    Chosen& same = by_workload[request.workload];
    if (same.all > 0 && same.last != request.platform) ++summary.switches;
    for (Chosen* chosen : {&total, &same, &by_minute[minute]}) count(*chosen, request.platform);
  }
  for (const auto& [code, same] : by_workload) {
    summary.switches_by_chance += 2 * same.share() * (1 - same.share()) * (same.all - 1);
  }
  for (const Chosen& minute : by_minute) summary.lambda_share_by_minute.push_back(minute.share());
  summary.mean_ms = mean(latencies_ms);
  std::sort(latencies_ms.begin(), latencies_ms.end());
  summary.p50_ms = quantile_of_sorted(latencies_ms, 0.5);
  summary.p95_ms = quantile_of_sorted(latencies_ms, 0.95);
  summary.chosen = static_cast<std::uint64_t>(total.all);
  summary.lambda_share = total.share();
  return summary;
}

}  // namespace switchyard
