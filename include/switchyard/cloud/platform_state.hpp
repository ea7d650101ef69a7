#pragma once

#include "switchyard/cloud/decayed.hpp"
#include "switchyard/cloud/event_clock.hpp"
#include "switchyard/cloud/in_flight.hpp"
#include "switchyard/cloud/nearest_size.hpp"
#include "switchyard/cloud/recent_ids.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/core/seqlock.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace switchyard::detail {

/// One workload-and-size on one platform. Both are empty or neither.
struct alignas(64) SizeState {
  DecayedSum norm;  // log latency
  DecayedSum slow;  // log latency - norm
};

/// One workload on one platform.
struct alignas(64) WorkloadState {
  explicit WorkloadState(double timeout_ms) : in_flight(timeout_ms) {}

  DecayedSum norm;      // log latency, any size: what a size without answers falls back to
  DecayedSum fast;      // log latency - (norm + slow deviation)
  DecayedSum spread;    // squares of the same less the expected fast deviation
  DecayedSum failures;  // 1 per failed answer, 0 per good one
  DecayedSum timeouts;
  Shared<double> last_sent_ms = EventClock::never;
  Shared<double> last_answer_ms = EventClock::never;
  InFlight in_flight;
};

/// What the level of a request's latency comes from.
struct LevelSums {
  DecayedValue norm;  // empty: nothing is known
  DecayedValue slow;
};

/// One platform.
struct alignas(64) PlatformState {
  SequenceLock lock;
  DecayedSum norm;  // log latency, any workload: what a workload without answers falls back to
  DecayedSum fast;
  DecayedSum arrivals;
  InFlight in_flight;
  std::vector<WorkloadState> workloads;
  std::vector<SizeState> sizes;  // as NearestSize numbers them

  // Touched by writers only.
  EventClock clock;
  RecentIds sent_ids;
  RecentIds answered_ids;

  void resize(std::size_t workload_count, std::size_t size_count, double timeout_ms) {
    in_flight = InFlight(timeout_ms);
    workloads.assign(workload_count, WorkloadState(timeout_ms));
    sizes.resize(size_count);
  }

  /// Whether an event of that time is to be believed; forgets all answers and requests if they lie in its future.
  [[nodiscard]] bool believes(double time_ms) noexcept {
    const EventClock::Verdict verdict = clock.judge(time_ms, latest_ms());
    if (verdict == EventClock::Verdict::moved_back) forget();
    return verdict != EventClock::Verdict::doubted;
  }

  /// What its size has not shown yet comes from its workload, else from the platform.
  [[nodiscard]] LevelSums level_sums(Workload workload, std::size_t size) const noexcept {
    if (size != NearestSize::none && !sizes[size].norm.empty()) {
      return {sizes[size].norm.value(), sizes[size].slow.value()};
    }
    const DecayedValue of_workload = workloads[static_cast<std::size_t>(workload)].norm.value();
    return {of_workload.empty() ? norm.value() : of_workload, {}};
  }

 private:
  [[nodiscard]] double latest_ms() const noexcept {
    return std::max(norm.empty() ? EventClock::never : norm.at_ms.load(),
                    arrivals.empty() ? EventClock::never : arrivals.at_ms.load());
  }

  void forget() noexcept {
    norm = fast = arrivals = {};
    in_flight.clear();
    for (WorkloadState& workload : workloads) {
      workload.norm = workload.fast = workload.spread = workload.failures = workload.timeouts = {};
      workload.last_sent_ms = workload.last_answer_ms = EventClock::never;
      workload.in_flight.clear();
    }
    std::fill(sizes.begin(), sizes.end(), SizeState{});
  }
};

}  // namespace switchyard::detail
