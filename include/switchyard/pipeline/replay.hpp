#pragma once

#include "switchyard/cloud/live_state.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/pipeline/live_features.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace switchyard {

/// A request from a log, as a router would have lived it: sent, later answered.
struct LoggedRequest {
  SentEvent sent;
  double done_ms = 0;  // not finite: no answer is known of
  Outcome outcome = Outcome::ok;
};

/// A request that its log does not name has the id 0: live state would take a second one of the same id for a
/// duplicate.
[[nodiscard]] inline LoggedRequest logged_request(const Observation& observation) {
  const std::string& name = observation.request_id;
  const std::uint64_t id = name.empty() || name == "unknown" ? 0 : event_id(name);
  return {
      {observation.platform, observation.request.workload, observation.request.payload_kb, observation.sent_at_ms, id},
      observation.done_at_ms(),
      observation.outcome};
}

[[nodiscard]] inline std::vector<LoggedRequest> logged_requests(const std::vector<Observation>& observations) {
  std::vector<LoggedRequest> requests;
  requests.reserve(observations.size());
  for (const Observation& observation : observations) requests.push_back(logged_request(observation));
  return requests;
}

namespace detail {

/// What happens at one moment, in this order: requests are decided on before any of them is sent, and an answer that
/// comes in the very millisecond of a send was not there yet.
enum class ReplayStep : std::uint8_t { decide, send, answer };

struct ReplayEvent {
  double time_ms = 0;
  ReplayStep step = ReplayStep::decide;
  std::uint64_t id = 0;  // so that events of one moment have one order, whatever the order of the logs
  std::size_t request = 0;

  friend bool operator<(const ReplayEvent& a, const ReplayEvent& b) noexcept {
    return std::tie(a.time_ms, a.step, a.id, a.request) < std::tie(b.time_ms, b.step, b.id, b.request);
  }
};

[[nodiscard]] inline std::vector<ReplayEvent> replay_events(const std::vector<LoggedRequest>& requests) {
  std::vector<ReplayEvent> events;
  events.reserve(3 * requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const LoggedRequest& request = requests[i];
    if (!std::isfinite(request.sent.sent_ms)) throw InvalidArgument("replay needs requests with finite send times");
    events.push_back({request.sent.sent_ms, ReplayStep::decide, request.sent.id, i});
    if (request.outcome == Outcome::not_sent) continue;
    events.push_back({request.sent.sent_ms, ReplayStep::send, request.sent.id, i});
    if (std::isfinite(request.done_ms)) events.push_back({request.done_ms, ReplayStep::answer, request.sent.id, i});
  }
  std::sort(events.begin(), events.end());
  return events;
}

}  // namespace detail

/// Lives through logged requests in order of time. `decide(i, reading)` is called for request i just before it is sent,
/// with what `state` knows then, and says whether the state gets to see how it fared: always in an open-loop replay,
/// only if the logged platform is the chosen one in a closed-loop one. The state is left as of the last answer.
/// Throws InvalidArgument for a send time that is not finite.
template <class Decide>
void replay(const std::vector<LoggedRequest>& requests, LiveState& state, Decide&& decide) {
  std::vector<char> seen(requests.size(), 0);
  for (const detail::ReplayEvent& event : detail::replay_events(requests)) {
    const LoggedRequest& request = requests[event.request];
    const SentEvent& sent = request.sent;
    if (event.step == detail::ReplayStep::decide) {
      const LiveReading reading = state.read(sent.workload, sent.payload_kb, sent.sent_ms);
      seen[event.request] = decide(event.request, reading) ? 1 : 0;
    } else if (seen[event.request] != 0 && event.step == detail::ReplayStep::send) {
      state.on_sent(sent);
    } else if (seen[event.request] != 0) {
      state.on_answer(
          {sent.platform, sent.workload, sent.payload_kb, sent.sent_ms, request.done_ms, request.outcome, sent.id});
    }
  }
}

/// What a router would have known before each request, had it seen every earlier answer. [requests]
[[nodiscard]] inline std::vector<LiveFeatures> replay_features(const std::vector<LoggedRequest>& requests,
                                                               LiveState& state) {
  std::vector<LiveFeatures> features(requests.size());
  replay(requests, state, [&](std::size_t i, const LiveReading& reading) {
    features[i] = live_features(reading);
    return true;
  });
  return features;
}

}  // namespace switchyard
