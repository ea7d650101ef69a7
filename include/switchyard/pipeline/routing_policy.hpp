#pragma once

#include "switchyard/cloud/live_event.hpp"
#include "switchyard/cloud/live_reading.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/core/text.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <utility>
#include <vector>

namespace switchyard {

/// Decides where a request goes, when it is sent: the probability of Lambda, in [0, 1]. A rule that draws nothing says
/// 0 or 1. It may have a `learn(reading, answer)` too, then it is told of every answer that came, with the reading its
/// request was decided on.
template <class T>
concept RoutingPolicy = requires(T& policy, const LiveReading& reading, const Request& request) {
  { policy(reading, request) } -> std::convertible_to<double>;
};

template <class T>
concept LearningPolicy = RoutingPolicy<T> &&
    requires(T& policy, const LiveReading& reading, const AnswerEvent& answer) {
  policy.learn(reading, answer);
};

namespace detail {

inline void require_closed_share(const char* name, double value) {
  if (!(value >= 0 && value <= 1)) {
    throw InvalidArgument::out_of_range(name, format_number(value), "a number in [0, 1]");
  }
}

}  // namespace detail

/// The probability of Lambda if a share of the requests goes to a platform drawn at random, each with one half.
[[nodiscard]] constexpr double explored(double lambda_probability, double share) noexcept {
  return (1 - share) * lambda_probability + share / 2;
}

/// The choice of the lower of two: `excess` is how much more ECS costs than Lambda. 1/2 while that is unknown (NaN), so
/// that both get known; ECS wins a tie, as in a label.
[[nodiscard]] constexpr double lower_of(double excess) noexcept { return excess > 0 ? 1 : excess <= 0 ? 0 : 0.5; }

/// The hand rule for latency: the platform with the lower latency expected now.
[[nodiscard]] inline double faster_now(const LiveReading& reading, const Request& /*request*/) noexcept {
  return lower_of(reading.ecs.expected_log_ms - reading.lambda.expected_log_ms);
}

/// Sends a share of each workload's requests to Lambda, whatever happens. All share 1: always Lambda.
class FixedSplit {
 public:
  /// `lambda_shares`: by workload code, each in [0, 1]; the last one is for all further workloads. Throws
  /// InvalidArgument, for no share too.
  explicit FixedSplit(std::vector<double> lambda_shares) : lambda_shares_(std::move(lambda_shares)) {
    if (lambda_shares_.empty()) throw InvalidArgument("a fixed split needs at least one share");
    for (const double share : lambda_shares_) detail::require_closed_share("share of Lambda", share);
  }

  [[nodiscard]] double operator()(const LiveReading& /*reading*/, const Request& request) const noexcept {
    return lambda_shares_[std::min(static_cast<std::size_t>(request.workload), lambda_shares_.size() - 1)];
  }

 private:
  std::vector<double> lambda_shares_;
};

/// A policy that explores.
template <RoutingPolicy Policy>
class Exploring {
 public:
  /// `share` in [0, 1], or throws InvalidArgument.
  Exploring(Policy policy, double share) : policy_(std::move(policy)), share_(share) {
    detail::require_closed_share("exploration", share);
  }

  [[nodiscard]] double operator()(const LiveReading& reading, const Request& request) {
    return explored(policy_(reading, request), share_);
  }

  void learn(const LiveReading& reading, const AnswerEvent& answer) requires LearningPolicy<Policy> {
    policy_.learn(reading, answer);
  }

 private:
  Policy policy_;
  double share_;
};

}  // namespace switchyard
