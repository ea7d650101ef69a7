#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/live_state.hpp"
#include "switchyard/core/random.hpp"

#include <cmath>
#include <cstdint>
#include <limits>

namespace events {

namespace sy = switchyard;

constexpr double begin_ms = 1.7638e12;

/// Tells a state of requests a tenth of a second apart, of every workload, odd sizes and every outcome among them.
/// Returns the time of the last event; all are answered.
inline double live_through(sy::LiveState& state, int requests, std::uint64_t seed = 1, double from_ms = begin_ms) {
  sy::Rng draw(seed);
  double time = from_ms;
  double last = from_ms;
  for (int i = 0; i < requests; ++i) {
    time += draw.uniform(0, 200);
    sy::SentEvent sent;
    sent.platform = draw.bernoulli(0.5) ? sy::Platform::lambda : sy::Platform::ecs;
    sent.workload = static_cast<sy::Workload>(draw.below(4));
    sent.payload_kb = draw.below(9) == 0 ? std::numeric_limits<double>::quiet_NaN() : std::exp(draw.uniform(-1, 9.5));
    sent.sent_ms = time;
    sent.id = draw.next() | 2U;
    const double done = time + std::exp(draw.uniform(2, 9));
    const auto outcome = draw.below(5) == 0 ? static_cast<sy::Outcome>(draw.below(7)) : sy::Outcome::ok;
    state.on_sent(sent);
    state.on_answer({sent.platform, sent.workload, sent.payload_kb, time, done, outcome, sent.id});
    last = std::max(last, done);
  }
  return last;
}

}  // namespace events
