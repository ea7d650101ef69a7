#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/live_state.hpp"
#include "switchyard/core/error.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

namespace switchyard {

/// A DecayedSum in plain numbers.
struct DecayedRecord {
  double sum = 0;
  double weight = 0;  // 0 = no value yet
  double at_ms = 0;

  friend bool operator==(const DecayedRecord&, const DecayedRecord&) = default;
};

/// One workload-and-size on one platform.
struct SizeRecord {
  DecayedRecord norm;
  DecayedRecord slow;

  friend bool operator==(const SizeRecord&, const SizeRecord&) = default;
};

/// One workload on one platform. Times are UTC epoch milliseconds, -infinity = never.
struct WorkloadRecord {
  DecayedRecord norm;
  DecayedRecord fast;
  DecayedRecord spread;
  DecayedRecord failures;
  DecayedRecord timeouts;
  double last_sent_ms = -std::numeric_limits<double>::infinity();
  double last_answer_ms = -std::numeric_limits<double>::infinity();

  friend bool operator==(const WorkloadRecord&, const WorkloadRecord&) = default;
};

struct PlatformRecord {
  DecayedRecord norm;
  DecayedRecord fast;
  DecayedRecord arrivals;
  std::vector<WorkloadRecord> workloads;  // [catalogue's workloads]
  std::vector<SizeRecord> sizes;          // [catalogue's sizes], all workloads' one after the other

  friend bool operator==(const PlatformRecord&, const PlatformRecord&) = default;
};

/// What a LiveState has learned, in plain numbers: to be stored, and to go on from. Requests in flight and the numbers
/// of events seen are not part of it: whoever goes on later can no longer hear how those fared.
struct LiveStateRecord {
  LiveStateOptions options;
  PlatformRecord ecs;
  PlatformRecord lambda;

  friend bool operator==(const LiveStateRecord&, const LiveStateRecord&) = default;
};

/// Turns a LiveState into a record and back; see live_state_record and resumed_state.
class LiveStateRecordAccess {
 public:
  [[nodiscard]] static LiveStateRecord record(const LiveState& state) {
    LiveStateRecord result{state.options_, {}, {}};
    result.ecs = platform_record(state.platforms_[LiveState::index(Platform::ecs)]);
    result.lambda = platform_record(state.platforms_[LiveState::index(Platform::lambda)]);
    return result;
  }

  [[nodiscard]] static LiveState resumed(const Catalogue& catalogue, const LiveStateRecord& record) {
    LiveState state(catalogue, record.options);
    resume(state.platforms_[LiveState::index(Platform::ecs)], record.ecs);
    resume(state.platforms_[LiveState::index(Platform::lambda)], record.lambda);
    return state;
  }

 private:
  [[nodiscard]] static DecayedRecord plain(const DecayedSum& sum) { return {sum.sum, sum.weight, sum.at_ms}; }

  [[nodiscard]] static DecayedSum shared(const DecayedRecord& record) {
    return {record.sum, record.weight, record.at_ms};
  }

  /// All of it as it stood together; memory is taken before, so that a reading is short.
  [[nodiscard]] static PlatformRecord platform_record(const detail::PlatformState& state) {
    PlatformRecord result;
    result.workloads.resize(state.workloads.size());
    result.sizes.resize(state.sizes.size());
    static_cast<void>(state.lock.read([&] {
      result.norm = plain(state.norm);
      result.fast = plain(state.fast);
      result.arrivals = plain(state.arrivals);
      std::transform(state.workloads.begin(), state.workloads.end(), result.workloads.begin(),
                     [](const detail::WorkloadState& workload) {
                       return WorkloadRecord{plain(workload.norm),     plain(workload.fast),     plain(workload.spread),
                                             plain(workload.failures), plain(workload.timeouts), workload.last_sent_ms,
                                             workload.last_answer_ms};
                     });
      std::transform(state.sizes.begin(), state.sizes.end(), result.sizes.begin(), [](const detail::SizeState& size) {
        return SizeRecord{plain(size.norm), plain(size.slow)};
      });
      return true;
    }));
    return result;
  }

  static void resume(detail::PlatformState& state, const PlatformRecord& record) {
    require_size("workloads of a live state", record.workloads.size(), state.workloads.size());
    require_size("sizes of a live state", record.sizes.size(), state.sizes.size());
    state.norm = shared(record.norm);
    state.fast = shared(record.fast);
    state.arrivals = shared(record.arrivals);
    for (std::size_t i = 0; i < record.workloads.size(); ++i) {
      const WorkloadRecord& from = record.workloads[i];
      detail::WorkloadState& to = state.workloads[i];
      to.norm = shared(from.norm);
      to.fast = shared(from.fast);
      to.spread = shared(from.spread);
      to.failures = shared(from.failures);
      to.timeouts = shared(from.timeouts);
      to.last_sent_ms = from.last_sent_ms;
      to.last_answer_ms = from.last_answer_ms;
    }
    for (std::size_t i = 0; i < record.sizes.size(); ++i) {
      state.sizes[i].norm = shared(record.sizes[i].norm);
      state.sizes[i].slow = shared(record.sizes[i].slow);
    }
  }

  static void require_size(const char* name, std::size_t found, std::size_t expected) {
    if (found != expected) throw InvalidArgument::wrong_size(name, found, expected);
  }
};

/// What a state has learned. Others may read and update it meanwhile: each platform is recorded as of one moment.
[[nodiscard]] inline LiveStateRecord live_state_record(const LiveState& state) {
  return LiveStateRecordAccess::record(state);
}

/// A state that goes on from a record: its readings are, bit for bit, those of the recorded state once nothing is in
/// flight there. Throws InvalidArgument if the record is of another catalogue or its options are out of range.
[[nodiscard]] inline LiveState resumed_state(const Catalogue& catalogue, const LiveStateRecord& record) {
  return LiveStateRecordAccess::resumed(catalogue, record);
}

/// UTC epoch milliseconds of the latest event in a record; -infinity without any.
[[nodiscard]] inline double latest_event_ms(const LiveStateRecord& record) noexcept {
  double latest = -std::numeric_limits<double>::infinity();
  const auto see = [&](const DecayedRecord& sum) {
    if (sum.weight > 0) latest = std::max(latest, sum.at_ms);
  };
  for (const PlatformRecord* platform : {&record.ecs, &record.lambda}) {
    for (const DecayedRecord* sum : {&platform->norm, &platform->fast, &platform->arrivals}) see(*sum);
    for (const WorkloadRecord& workload : platform->workloads) {
      for (const DecayedRecord* sum :
           {&workload.norm, &workload.fast, &workload.spread, &workload.failures, &workload.timeouts}) {
        see(*sum);
      }
      latest = std::max({latest, workload.last_sent_ms, workload.last_answer_ms});
    }
    for (const SizeRecord& size : platform->sizes) {
      see(size.norm);
      see(size.slow);
    }
  }
  return latest;
}

/// A record as a start at `now_ms` (UTC epoch milliseconds), however long ago it was made: what is normal is taken to
/// have held until now, or else the first answer would outweigh all that was learned; everything else ages, and is
/// dropped if it claims to be of a later time.
[[nodiscard]] inline LiveStateRecord begun_at(LiveStateRecord record, double now_ms) {
  const auto hold = [&](DecayedRecord& sum) {
    if (sum.weight > 0) sum.at_ms = now_ms;
  };
  const auto age = [&](DecayedRecord& sum) {
    if (sum.at_ms > now_ms) sum = {};
  };
  const auto age_time = [&](double& time_ms) {
    if (time_ms > now_ms) time_ms = -std::numeric_limits<double>::infinity();
  };
  for (PlatformRecord* platform : {&record.ecs, &record.lambda}) {
    hold(platform->norm);
    age(platform->fast);
    age(platform->arrivals);
    for (WorkloadRecord& workload : platform->workloads) {
      hold(workload.norm);
      for (DecayedRecord* sum : {&workload.fast, &workload.spread, &workload.failures, &workload.timeouts}) age(*sum);
      age_time(workload.last_sent_ms);
      age_time(workload.last_answer_ms);
    }
    for (SizeRecord& size : platform->sizes) {
      hold(size.norm);
      age(size.slow);
    }
  }
  return record;
}

}  // namespace switchyard
