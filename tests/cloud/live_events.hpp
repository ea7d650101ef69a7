#pragma once

#include "switchyard/cloud/live_state.hpp"
#include "switchyard/core/random.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <variant>
#include <vector>

/// Events of made-up requests, and what two states may differ in.
namespace live_events {

namespace sy = switchyard;

inline constexpr double start_ms = 1'763'942'400'000;  // 2025-11-24T00:00:00Z

using Event = std::variant<sy::SentEvent, sy::AnswerEvent>;

[[nodiscard]] inline double time_of(const Event& event) {
  const auto* sent = std::get_if<sy::SentEvent>(&event);
  return sent != nullptr ? sent->sent_ms : std::get<sy::AnswerEvent>(event).done_ms;
}

template <class State>
bool feed(State& state, const Event& event) {
  if (const auto* sent = std::get_if<sy::SentEvent>(&event)) return state.on_sent(*sent);
  return state.on_answer(std::get<sy::AnswerEvent>(event));
}

/// Sizes of the catalogue, others and unknown ones.
[[nodiscard]] inline double random_payload(sy::Rng& draw) {
  switch (draw.below(8)) {
    case 0: return std::numeric_limits<double>::quiet_NaN();
    case 1: return -1;
    case 2: return std::exp(draw.uniform(-2, 10));
    default: return std::vector<double>{1, 100, 1024, 5120}[draw.below(4)];
  }
}

/// Sends and answers of `count` requests in order of time, one in ten without an answer.
[[nodiscard]] inline std::vector<Event> random_events(sy::Rng& draw, int count, double between_ms = 400) {
  constexpr sy::Outcome failures[] = {sy::Outcome::timeout, sy::Outcome::http_5xx, sy::Outcome::http_4xx,
                                      sy::Outcome::too_large, sy::Outcome::broken};
  std::vector<Event> events;
  double now_ms = start_ms;
  for (int i = 1; i <= count; ++i) {
    now_ms += draw.exponential(between_ms);
    const sy::SentEvent sent{static_cast<sy::Platform>(draw.below(2)), static_cast<sy::Workload>(draw.below(4)),
                             random_payload(draw), now_ms, draw.bernoulli(0.1) ? 0 : static_cast<std::uint64_t>(i)};
    events.emplace_back(sent);
    if (draw.bernoulli(0.1)) continue;
    const auto outcome = draw.bernoulli(0.8) ? sy::Outcome::ok : failures[draw.below(5)];
    events.emplace_back(sy::AnswerEvent{sent.platform, sent.workload, sent.payload_kb, now_ms,
                                        now_ms + std::exp(draw.uniform(-1, 10)), outcome, sent.id});
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const Event& a, const Event& b) { return time_of(a) < time_of(b); });
  return events;
}

/// One numbered request, sent and answered.
inline void round_trip(sy::LiveState& state, const sy::SentEvent& sent, double latency_ms,
                       sy::Outcome outcome = sy::Outcome::ok) {
  state.on_sent(sent);
  state.on_answer(
      {sent.platform, sent.workload, sent.payload_kb, sent.sent_ms, sent.sent_ms + latency_ms, outcome, sent.id});
}

[[nodiscard]] inline std::vector<double> numbers(const sy::PlatformReading& reading) {
  return {reading.expected_log_ms,    reading.norm_log_ms,   reading.slow_deviation, reading.fast_deviation,
          reading.platform_deviation, reading.spread,        reading.answer_age_s,   reading.idle_s,
          reading.error_share,        reading.timeout_share, reading.in_flight,      reading.workload_in_flight,
          reading.censored_excess,    reading.arrivals_per_s};
}

[[nodiscard]] inline bool same_bits(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

/// Whether two states answer alike, bit for bit, for every workload now and later.
[[nodiscard]] inline bool same_readings(const sy::LiveState& a, const sy::LiveState& b, double now_ms) {
  for (int workload = 0; workload < 4; ++workload) {
    for (const double payload_kb : {1.0, 100.0, 1024.0, 5120.0, -1.0}) {
      for (const double later_ms : {0.0, 700.0, 30'000.0}) {
        const auto code = static_cast<sy::Workload>(workload);
        const sy::LiveReading first = a.read(code, payload_kb, now_ms + later_ms);
        const sy::LiveReading second = b.read(code, payload_kb, now_ms + later_ms);
        for (const auto platform : {sy::Platform::ecs, sy::Platform::lambda}) {
          const auto x = numbers(first.of(platform));
          if (!std::equal(x.begin(), x.end(), numbers(second.of(platform)).begin(), same_bits)) return false;
        }
      }
    }
  }
  return true;
}

}  // namespace live_events
