#pragma once

#include "switchyard/core/types.hpp"
#include "switchyard/pipeline/closed_loop.hpp"
#include "switchyard/pipeline/replay.hpp"
#include "switchyard/pipeline/training_data.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

namespace switchyard {

/// The rule of an afternoon without LiveState, as a mark to be measured by: per platform, workload and size the mean
/// log latency of all answers so far, plus an exponentially weighted deviation (.05 per answer) of the workload's last
/// answers from it; Lambda where that is lower. What has shown no answer yet is not expected at all, and ECS is taken.
/// Returns 1 where Lambda is expected to be the faster, per row of the dataset, from answers that were complete before
/// the row was sent. Throws InvalidArgument unless can_replay(data).
[[nodiscard]] inline Labels simple_faster_now(const TrainingData& data) {
  struct Norm {
    double sum = 0;
    double count = 0;
  };
  struct Deviation {
    double mean = 0;
    double count = 0;
  };
  constexpr double weight = 0.05;  // of the latest answer
  constexpr double shortest_ms = 1;
  using SizeKey = std::tuple<Platform, Workload, double>;
  const auto key_of = [](Platform platform, const SentEvent& sent) {  // an unknown size is a size of its own
    return SizeKey(platform, sent.workload, std::isnan(sent.payload_kb) ? -1.0 : sent.payload_kb);
  };
  std::map<SizeKey, Norm> norms;
  std::map<std::pair<Platform, Workload>, Deviation> deviations;
  const auto requests = logged_requests(data);
  Labels faster(requests.size());
  for (const detail::ReplayEvent& event : detail::replay_events(requests)) {
    const SentEvent& sent = requests[event.request].sent;
    if (event.step == detail::ReplayStep::send) continue;
    if (event.step == detail::ReplayStep::decide) {
      const auto expected = [&](Platform platform) {
        const auto norm = norms.find(key_of(platform, sent));
        if (norm == norms.end()) return std::numeric_limits<double>::quiet_NaN();
        return norm->second.sum / norm->second.count + deviations[{platform, sent.workload}].mean;
      };
      faster[event.request] = expected(Platform::lambda) < expected(Platform::ecs) ? 1 : 0;
      continue;
    }
    const double latency_ms = requests[event.request].done_ms - sent.sent_ms;
    const double log_ms = std::log(std::max(latency_ms, shortest_ms));
    Norm& norm = norms[key_of(sent.platform, sent)];
    if (norm.count > 0) {
      Deviation& deviation = deviations[{sent.platform, sent.workload}];
      deviation.count += 1;
      deviation.mean += std::max(weight, 1 / deviation.count) * (log_ms - norm.sum / norm.count - deviation.mean);
    }
    norm.sum += log_ms;
    norm.count += 1;
  }
  return faster;
}

}  // namespace switchyard
