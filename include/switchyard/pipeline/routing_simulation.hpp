#pragma once

#include "switchyard/cloud/live_state.hpp"
#include "switchyard/cloud/plan.hpp"
#include "switchyard/cloud/platform_model.hpp"
#include "switchyard/cloud/request_body.hpp"
#include "switchyard/cloud/schedule.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/pipeline/routing_policy.hpp"

#include <cstddef>
#include <cstdint>
#include <queue>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

/// How routing is simulated.
struct RoutingSimulationOptions {
  std::uint64_t seed = 42;
  double time_scale = 1;    // > 0; durations are multiplied by it, rates are kept
  std::uint64_t limit = 0;  // at most this many requests; 0 = all
  PlatformOptions platforms{};
  LiveStateOptions state{};
};

/// One request that a policy sent where it is now.
struct RoutedRequest {
  Workload workload = Workload::lightweight_api;
  Platform platform = Platform::ecs;
  double size_kb = 0;
  double sent_ms = 0;      // after the start of the run
  double response_ms = 0;  // until the answer came or the client gave up
  double latency_ms = 0;   // the same, but a failure counts as the time-out, as in LiveState and labels
  Outcome outcome = Outcome::ok;
  bool is_forced = false;         // too large for Lambda: no policy was asked
  double lambda_probability = 0;  // the policy's: the propensity of the choice, for off-policy estimates
};

namespace detail {

/// An answer on its way; the priority queue gives the earliest first, and of one moment the one sent first.
struct PendingAnswer {
  AnswerEvent event;
  LiveReading when_sent;

  friend bool operator<(const PendingAnswer& a, const PendingAnswer& b) noexcept {
    return a.event.done_ms != b.event.done_ms ? a.event.done_ms > b.event.done_ms : a.event.id > b.event.id;
  }
};

[[nodiscard]] inline Experiment unpaired(Experiment experiment) {
  experiment.pairing = Pairing::independent;
  return experiment;
}

[[nodiscard]] inline double checked_probability(double probability) {
  if (probability >= 0 && probability <= 1) return probability;
  throw InvalidArgument::out_of_range("probability of Lambda", format_number(probability), "a number in [0, 1]");
}

/// One run, on fresh platforms. The platforms of the plan's scenarios are not used.
class RoutingRun {
 public:
  RoutingRun(const Experiment& experiment, std::size_t run, const RoutingSimulationOptions& options)
      : experiment_(unpaired(experiment)),
        schedule_(experiment_, run, options.seed, {options.time_scale, options.limit}),
        model_(options.platforms, experiment_.catalogue, Rng::stream(options.seed, ~run).next()),
        state_(experiment_.catalogue, options.state),
        window_(experiment_.catalogue.window_named(schedule_.run().window)),
        pattern_(experiment_.catalogue.pattern_named(schedule_.run().load_pattern)),
        draw_seed_(Rng::stream(~options.seed, run).next()) {}

  RoutingRun(const RoutingRun&) = delete;  // the schedule looks at the experiment beside it
  RoutingRun& operator=(const RoutingRun&) = delete;

  /// Sends every request where `policy` says; to be called once.
  template <class Policy>
  [[nodiscard]] std::vector<RoutedRequest> route(Policy& policy) {
    std::vector<RoutedRequest> routed;
    routed.reserve(schedule_.count());
    for (std::uint64_t seq = 0; seq < schedule_.count(); ++seq) {
      const Arrival arrival = schedule_.at(seq);
      const double now_ms = schedule_.run().start_ms + arrival.offset_ms;
      learn_before(now_ms, policy);
      const LiveReading reading = state_.read(arrival.workload, arrival.size_kb, now_ms);
      const double bytes = body_bytes_of(arrival, now_ms);
      RoutedRequest next{.workload = arrival.workload, .size_kb = arrival.size_kb, .sent_ms = arrival.offset_ms};
      next.is_forced = bytes > experiment_.catalogue.lambda_body_limit_bytes;
      if (!next.is_forced) {
        next.lambda_probability = checked_probability(policy(reading, request_of(arrival, now_ms)));
        // A draw per request of its own: policies are compared on the same luck.
        const bool lambda = Rng::stream(draw_seed_, seq).bernoulli(next.lambda_probability);
        next.platform = lambda ? Platform::lambda : Platform::ecs;
      }
      send(next, arrival, bytes, reading);
      routed.push_back(next);
    }
    return routed;
  }

 private:
  [[nodiscard]] Request request_of(const Arrival& arrival, double now_ms) const {
    return {.workload = arrival.workload,
            .payload_kb = arrival.size_kb,
            .sent_at_ms = now_ms,
            .time_window = window_,
            .load_pattern = pattern_,
            .lambda_memory_limit_mb = {}};
  }

  /// Fills in how `request` fares.
  void send(RoutedRequest& request, const Arrival& arrival, double bytes, const LiveReading& reading) {
    const double now_ms = schedule_.run().start_ms + arrival.offset_ms;
    const Answer answer = model_.serve(
        request.platform,
        {.sent_ms = now_ms, .workload = arrival.workload, .body_bytes = bytes, .entropy = arrival.entropy});
    request.outcome = answer.outcome;
    request.response_ms = answer.response_time_ms;
    request.latency_ms = answer.outcome == Outcome::ok ? answer.response_time_ms : experiment_.timeout_ms();
    const std::uint64_t id = arrival.seq + 1;
    state_.on_sent({request.platform, arrival.workload, arrival.size_kb, now_ms, id});
    pending_.push({{request.platform, arrival.workload, arrival.size_kb, now_ms, now_ms + answer.response_time_ms,
                    answer.outcome, id},
                   reading});
  }

  /// An answer of this very moment is not there yet, as in replay().
  template <class Policy>
  void learn_before(double now_ms, Policy& policy) {
    for (; !pending_.empty() && pending_.top().event.done_ms < now_ms; pending_.pop()) {
      const PendingAnswer& answer = pending_.top();
      state_.on_answer(answer.event);
      if constexpr (LearningPolicy<Policy>) policy.learn(answer.when_sent, answer.event);
    }
  }

  [[nodiscard]] double body_bytes_of(const Arrival& arrival, double now_ms) const {
    return body_bytes({.request_id = request_id(now_ms, arrival.entropy),
                       .workload_type = std::string(experiment_.catalogue.name(arrival.workload)),
                       .sent_at_ms = now_ms,
                       .target_size_kb = arrival.size_kb,
                       .time_window = schedule_.run().window,
                       .load_pattern = schedule_.run().load_pattern},
                      arrival.workload);
  }

  Experiment experiment_;
  Schedule schedule_;
  PlatformModel model_;
  LiveState state_;
  TimeWindow window_;
  LoadPattern pattern_;
  std::uint64_t draw_seed_;
  std::priority_queue<PendingAnswer> pending_;
};

}  // namespace detail

/// Lives through the arrivals of one run in virtual time, on platforms that carry nothing but this traffic: what
/// `policy` chooses is the load it then sees. The live state it reads knows of a request when it is sent, of its answer
/// when that has come. A request too large for Lambda goes to ECS. `run` is an index into experiment.runs, whose
/// arrivals are sent one by one: the platforms of the plan's scenarios and its pairing are not used. The same arguments
/// give the same bits; two policies meet the same arrivals and the same luck. [requests], in order of time. Throws
/// InvalidArgument, also for a probability outside [0, 1].
template <RoutingPolicy Policy>
[[nodiscard]] std::vector<RoutedRequest> simulate_routing(const Experiment& experiment, std::size_t run, Policy policy,
                                                          const RoutingSimulationOptions& options = {}) {
  return detail::RoutingRun(experiment, run, options).route(policy);
}

}  // namespace switchyard
