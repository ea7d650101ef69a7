#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/live_event.hpp"
#include "switchyard/cloud/live_reading.hpp"
#include "switchyard/cloud/live_state.hpp"
#include "switchyard/cloud/load_response.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/pipeline/routing_policy.hpp"

#include <cmath>

namespace switchyard {

/// How a LoadAwareRule weighs what it knows.
struct LoadAwareOptions {
  double exploration = 0.02;  // [0, 1]; share of requests that go to a platform drawn at random
  double toll = 1;            // [0, 1]; exponent of LoadEffect::toll(): 0 = each request for itself, 1 = for all
  LiveStateOptions state{};   // of the live state it reads
};

/// Expected latency in ms where a request fails with probability `error_share`, and a failure costs the time-out. The
/// expectation of *log* latency has failures in it, but a rare failure that costs twenty answers hardly moves it.
[[nodiscard]] inline double mean_latency_ms(double expected_log_ms, double error_share, double timeout_ms) noexcept {
  const double log_ms_if_ok = (expected_log_ms - error_share * std::log(timeout_ms)) / (1 - error_share);
  return (1 - error_share) * std::exp(log_ms_if_ok) + error_share * timeout_ms;
}

/// The hand rule for a router whose own choices are the load: the platform with the lower *marginal* latency.
/// Differences to faster_now(): it counts what is in flight now, not what was when the answers it learned from were
/// sent (whoever goes to the apparently least loaded server by old information meets everybody there: Mitzenmacher,
/// "How Useful Is Old Information?", IEEE TPDS 11(1), 2000); it charges a request the delay it brings upon others; it
/// takes the mean over failures; it explores, for a platform that was once bad and is never tried stays bad. On logs,
/// whose load no decision changes any more, the toll is paid for nothing: judge by faster_now() there. Not thread-safe.
class LoadAwareRule {
 public:
  /// Throws InvalidArgument for options out of range.
  explicit LoadAwareRule(const Catalogue& catalogue, const LoadAwareOptions& options = {})
      : options_(options), response_(catalogue, options.state), timeout_ms_(catalogue.timeout_ms) {
    detail::require_closed_share("exploration", options.exploration);
    detail::require_closed_share("toll", options.toll);
  }

  /// Probability that a request is to go to Lambda. `request.sent_at_ms` is needed for what is recent; absent = all is.
  [[nodiscard]] double operator()(const LiveReading& reading, const Request& request) const {
    const double excess =
        marginal_latency_ms(Platform::ecs, reading, request) - marginal_latency_ms(Platform::lambda, reading, request);
    return explored(lower_of(excess), options_.exploration);
  }

  /// To be called with every answer; `when_sent` is the reading its request was decided on.
  void learn(const LiveReading& when_sent, const AnswerEvent& answer) {
    response_.learn(when_sent.of(answer.platform), answer);
  }

  /// What sending the request to `platform` costs this request and others, in ms. NaN while nothing is known.
  [[nodiscard]] double marginal_latency_ms(Platform platform, const LiveReading& reading,
                                           const Request& request) const {
    const PlatformReading& known = reading.of(platform);
    const LoadEffect effect = response_.effect(platform, request.workload, known, request.sent_at_ms.value_or(0));
    const double mean_ms = mean_latency_ms(known.expected_log_ms + effect.log_shift, known.error_share, timeout_ms_);
    return mean_ms * std::pow(effect.toll(), options_.toll);
  }

 private:
  LoadAwareOptions options_;
  LoadResponse response_;
  double timeout_ms_;
};

}  // namespace switchyard
