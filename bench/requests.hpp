#pragma once

#include "switchyard/cloud/workload.hpp"
#include "switchyard/core/random.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

/// How many questions a measurement rotates over: a few fixed ones would train the branch predictor.
inline constexpr std::size_t distinct_questions = 65'536;  // a power of two

/// Random requests below Lambda's size limit, so that every one of them is put to the model.
[[nodiscard]] inline std::vector<switchyard::Request> random_requests(std::uint64_t seed = 7) {
  constexpr double most_kb = 6000;
  constexpr double week_ms = 7 * 86'400'000.0;
  constexpr double monday_ms = 1'763'942'400'000;  // 2025-11-24T00:00:00Z
  switchyard::Rng draw(seed);
  std::vector<switchyard::Request> requests(distinct_questions);
  for (auto& request : requests) {
    request.workload = static_cast<switchyard::Workload>(draw.below(4));
    request.payload_kb = std::exp(draw.uniform(std::log(0.5), std::log(most_kb)));
    request.sent_at_ms = monday_ms + draw.uniform(0, week_ms);
    request.load_pattern = static_cast<switchyard::LoadPattern>(draw.below(4));
  }
  return requests;
}

}  // namespace bench
