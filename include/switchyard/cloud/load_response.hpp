#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/decayed.hpp"
#include "switchyard/cloud/live_event.hpp"
#include "switchyard/cloud/live_reading.hpp"
#include "switchyard/cloud/live_state.hpp"
#include "switchyard/cloud/workload.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

namespace switchyard {

/// What a router's own load does to the latency of one request.
struct LoadEffect {
  double elasticity = 0;  // d log latency / d log requests in flight, in [0, 0.9]: 0 idle, towards 1 saturated
  double log_shift = 0;  // to be added to expected_log_ms: more in flight now than when the answers behind it were sent

  /// Marginal over average latency, >= 1. With latency w = a n^b and Little's n = r w, the delay that one more request
  /// per second brings upon all is d(r w)/dr = w / (1 - b): the toll under which choices that are best for each request
  /// are best for all of them (Pigou, 1920; Beckmann, McGuire & Winsten, "Studies in the Economics of Transportation",
  /// 1956). Without it they are a Wardrop equilibrium, which may be far from that optimum (Roughgarden & Tardos, "How
  /// Bad Is Selfish Routing?", J. ACM 49(2), 2002).
  [[nodiscard]] double toll() const noexcept { return 1 / (1 - elasticity); }
};

/// How the latency of each platform and workload answers to the requests that are in flight there when one is sent:
/// an exponentially weighted regression of log latency on log(1 + in flight), shrunk to no effect. Where a router's own
/// traffic is the load, answers tell of the queue there was; this tells of the queue there is. Time is explicit, memory
/// fixed by the catalogue, asking and learning take constant time. Not thread-safe.
class LoadResponse {
 public:
  /// The horizons are those of the live state whose readings it is asked with. Throws as LiveState does.
  explicit LoadResponse(const Catalogue& catalogue, const LiveStateOptions& options = {})
      : options_(LiveState(catalogue, options).options()), log_timeout_(std::log(catalogue.timeout_ms)) {
    for (auto& platform : cells_) platform.resize(catalogue.workloads.size());
  }

  /// Learns from the answer to a request; `when_sent` is what was read of its platform just before it was sent. Ignores
  /// answers of unknown workloads, of callers' faults, and those to requests without a norm.
  void learn(const PlatformReading& when_sent, const AnswerEvent& answer) {
    const bool is_callers_fault = answer.outcome == Outcome::http_4xx || answer.outcome == Outcome::too_large;
    if (is_callers_fault || answer.outcome == Outcome::not_sent || !knows(answer.workload)) return;
    const double latency_ms = answer.done_ms - answer.sent_ms;
    const double log_ms = answer.outcome == Outcome::ok ? std::log(std::max(latency_ms, 1.0)) : log_timeout_;
    const double y = log_ms - when_sent.norm_log_ms;
    if (!std::isfinite(y)) return;
    const double x = log_load(when_sent);
    Cell& cell = cells_[static_cast<std::size_t>(answer.platform)][static_cast<std::size_t>(answer.workload)];
    Decay slow(options_.slow_horizon_s * 1000);
    Decay fast(options_.fast_horizon_s * 1000);
    cell.x.add(x, answer.done_ms, slow);
    cell.y.add(y, answer.done_ms, slow);
    cell.xx.add(x * x, answer.done_ms, slow);
    cell.xy.add(x * y, answer.done_ms, slow);
    cell.recent_x.add(x, answer.done_ms, fast);
  }

  /// The effect on a request that would be sent to `platform` at `now_ms`, when `reading` is what is known of it.
  [[nodiscard]] LoadEffect effect(Platform platform, Workload workload, const PlatformReading& reading,
                                  double now_ms) const {
    if (!knows(workload)) return {};
    const Cell& cell = cells_[static_cast<std::size_t>(platform)][static_cast<std::size_t>(workload)];
    if (cell.x.empty()) return {};
    const double answers = cell.x.value().weight;
    const double mean_x = cell.x.mean();
    const double variation = cell.xx.value().sum - answers * mean_x * mean_x;
    const double covariation = cell.xy.value().sum - answers * mean_x * cell.y.mean();
    const double elasticity = std::clamp(covariation / (variation + prior), 0.0, largest_elasticity);
    Decay fast(options_.fast_horizon_s * 1000);
    const DecayedValue recent = cell.recent_x.as_of(now_ms, fast);
    // The expectation is of recent answers as far as the live state trusts them, else of those before.
    const double learned_x =
        (recent.sum + options_.fast_prior * mean_x) / (recent.weight + options_.fast_prior + tiny_weight);
    return {elasticity, elasticity * (log_load(reading) - learned_x)};
  }

 private:
  struct Cell {
    DecayedSum x;  // log(1 + in flight when sent)
    DecayedSum y;  // log latency - norm
    DecayedSum xx;
    DecayedSum xy;
    DecayedSum recent_x;
  };

  [[nodiscard]] bool knows(Workload workload) const noexcept {
    return static_cast<std::size_t>(workload) < cells_[0].size();
  }
  [[nodiscard]] static double log_load(const PlatformReading& reading) noexcept {
    return std::log1p(std::max(0.0, reading.workload_in_flight));
  }

  static constexpr double prior = 1;                 // variation of log load that is added to the one seen
  static constexpr double largest_elasticity = 0.9;  // a toll of 10; at 1 there would be no end to it
  static constexpr double tiny_weight = 1e-12;       // for a prior of 0

  LiveStateOptions options_;
  double log_timeout_;
  std::array<std::vector<Cell>, 2> cells_;  // [platform][workload]
};

}  // namespace switchyard
