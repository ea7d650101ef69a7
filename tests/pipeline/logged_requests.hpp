#pragma once

#include "switchyard/core/random.hpp"
#include "switchyard/pipeline/replay.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

/// Made-up logs, as replay takes them.
namespace logged {

namespace sy = switchyard;

inline constexpr double start_ms = 1'763'942'400'000;  // 2025-11-24T00:00:00Z

/// Requests in order of sending; some in the same millisecond, some answered in another's.
[[nodiscard]] inline std::vector<sy::LoggedRequest> random_requests(sy::Rng& draw, int count) {
  constexpr double sizes_kb[] = {1, 10, 100, 1024, 5120};
  std::vector<sy::LoggedRequest> requests;
  double now_ms = start_ms;
  for (int i = 1; i <= count; ++i) {
    now_ms += std::floor(draw.exponential(120));
    const sy::SentEvent sent{static_cast<sy::Platform>(draw.below(2)), static_cast<sy::Workload>(draw.below(4)),
                             sizes_kb[draw.below(5)], now_ms, static_cast<std::uint64_t>(i)};
    const auto outcome = draw.bernoulli(0.9) ? sy::Outcome::ok : sy::Outcome::timeout;
    requests.push_back({sent, now_ms + std::floor(std::exp(draw.uniform(3, 9.5))), outcome});
  }
  return requests;
}

[[nodiscard]] inline std::vector<sy::LiveFeatures> features_of(const std::vector<sy::LoggedRequest>& requests) {
  sy::LiveState state(sy::default_catalogue());
  return sy::replay_features(requests, state);
}

[[nodiscard]] inline bool same_bits(const sy::LiveFeatures& a, const sy::LiveFeatures& b) {
  return std::equal(a.begin(), a.end(), b.begin(),
                    [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

}  // namespace logged
