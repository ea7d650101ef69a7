#pragma once

#include "switchyard/cloud/workload.hpp"

#include <cstdint>
#include <limits>
#include <string_view>

namespace switchyard {

/// A request that was just sent to a platform. `id` numbers it; 0 = unnumbered, then duplicates are not noticed.
struct SentEvent {
  Platform platform = Platform::ecs;
  Workload workload = Workload::lightweight_api;
  double payload_kb = std::numeric_limits<double>::quiet_NaN();  // NaN = unknown
  double sent_ms = 0;                                            // UTC epoch milliseconds
  std::uint64_t id = 0;
};

/// How a request ended, at `done_ms`. A time-out is an event of its own, at the moment the client gave up.
struct AnswerEvent {
  Platform platform = Platform::ecs;
  Workload workload = Workload::lightweight_api;
  double payload_kb = std::numeric_limits<double>::quiet_NaN();
  double sent_ms = 0;
  double done_ms = 0;  // >= sent_ms
  Outcome outcome = Outcome::ok;
  std::uint64_t id = 0;
};

/// A number for a request's name (FNV-1a 64), never 0.
[[nodiscard]] constexpr std::uint64_t event_id(std::string_view name) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash == 0 ? 1 : hash;
}

}  // namespace switchyard
