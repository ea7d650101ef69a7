#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/decayed.hpp"
#include "switchyard/cloud/event_clock.hpp"
#include "switchyard/cloud/in_flight.hpp"
#include "switchyard/cloud/live_event.hpp"
#include "switchyard/cloud/live_reading.hpp"
#include "switchyard/cloud/nearest_size.hpp"
#include "switchyard/cloud/platform_state.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/core/seqlock.hpp"
#include "switchyard/core/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

namespace switchyard {

/// How fast a LiveState forgets, and how much it doubts few answers. All times are exponential time constants.
struct LiveStateOptions {
  double norm_horizon_s = 1800;  // > 0; what is normal for a platform, workload and size
  double slow_horizon_s = 120;   // > 0; how that workload and size does now, relative to normal
  double fast_horizon_s = 10;    // > 0; how that workload does just now, relative to the two above
  double share_horizon_s = 60;   // > 0; error shares and the spread of answers
  double slow_prior = 8;         // >= 0; so many answers without deviation are added to those seen
  double fast_prior = 12;        // >= 0

  friend bool operator==(const LiveStateOptions&, const LiveStateOptions&) = default;
};

/// What a router has just seen of both platforms: expected latencies from answers that came back, errors, load, and
/// what requests that are still out say. Time is explicit; memory is fixed by the catalogue; reading and updating take
/// constant time and are safe from any number of threads (copying is not). The same events in the same order give the
/// same bits, so replaying logs and serving agree. Features may use a LiveReading, never an answer.
///
/// The expected latency is a local-level filter on log latency: norm (slow, per workload and size) + slow deviation
/// (per workload and size) + fast deviation (per workload), the latter two shrunk to 0 where answers are few. A request
/// that has been out for longer than expected counts as an answer of its present age (a right-censored observation).
///
/// An event counts by its own time, late or not. One that claims to be of the future makes others look old until the
/// future has come, so a caller with a clock should turn such away; by more than a day, EventClock does.
class LiveState {
 public:
  /// Throws InvalidArgument for options out of range and for a catalogue without workloads or time-out.
  explicit LiveState(const Catalogue& catalogue, const LiveStateOptions& options = {})
      : options_(checked(options)), timeout_ms_(catalogue.timeout_ms), size_(catalogue) {
    if (catalogue.workloads.empty()) throw InvalidArgument("live state needs a catalogue with workloads");
    require("timeout_ms", timeout_ms_, timeout_ms_ > 0 && std::isfinite(timeout_ms_), "a positive number");
    for (detail::PlatformState& platform : platforms_) platform.resize(size_.workloads(), size_.sizes(), timeout_ms_);
  }

  [[nodiscard]] const LiveStateOptions& options() const noexcept { return options_; }
  [[nodiscard]] std::size_t workloads() const noexcept { return size_.workloads(); }

  /// Notes a request on its way; false if the event was of no use: a duplicate, an unknown workload, no credible time.
  bool on_sent(const SentEvent& event) noexcept {
    if (!knows(event.platform, event.workload) || !EventClock::is_time(event.sent_ms)) return false;
    const std::size_t size = size_.of(event.workload, event.payload_kb);
    detail::PlatformState& platform = platforms_[index(event.platform)];
    return platform.lock.write([&] {
      if (!platform.believes(event.sent_ms)) return false;
      if (event.id != 0 && !platform.sent_ids.insert(event.id)) return false;
      detail::WorkloadState& workload = platform.workloads[index(event.workload)];
      Decay fast(seconds(options_.fast_horizon_s));
      platform.arrivals.add(1, event.sent_ms, fast);
      workload.last_sent_ms = std::max(workload.last_sent_ms.load(), event.sent_ms);
      if (event.id != 0 && platform.answered_ids.contains(event.id)) return true;  // its answer was quicker
      Decay slow(seconds(options_.slow_horizon_s));
      const Level level = level_of(platform.level_sums(event.workload, size), event.sent_ms, slow);
      const double expected = std::isnan(level.norm) ? log_timeout_ : level.norm + level.slow;
      platform.in_flight.send(event.sent_ms, expected);
      workload.in_flight.send(event.sent_ms, expected);
      return true;
    });
  }

  /// Learns from an answer; false if the event was of no use: a duplicate, an unknown workload, times that are not
  /// credible or run backwards, or a request that was never sent.
  bool on_answer(const AnswerEvent& event) noexcept {
    if (!knows(event.platform, event.workload) || event.outcome == Outcome::not_sent) return false;
    if (!EventClock::is_time(event.sent_ms) || !EventClock::is_time(event.done_ms)) return false;
    if (event.done_ms < event.sent_ms) return false;
    const std::size_t size = size_.of(event.workload, event.payload_kb);
    const double log_ms = log_latency(event);
    detail::PlatformState& platform = platforms_[index(event.platform)];
    return platform.lock.write([&] {
      if (!platform.believes(event.done_ms)) return false;
      if (event.id != 0 && !platform.answered_ids.insert(event.id)) return false;
      detail::WorkloadState& workload = platform.workloads[index(event.workload)];
      if (event.id == 0 || platform.sent_ids.contains(event.id)) {
        platform.in_flight.answer(event.sent_ms);
        workload.in_flight.answer(event.sent_ms);
      }
      workload.last_answer_ms = std::max(workload.last_answer_ms.load(), event.done_ms);
      if (!is_callers_fault(event.outcome)) learn(platform, event, size, log_ms);
      return true;
    });
  }

  /// What is known at `now_ms` (UTC epoch milliseconds) for a request. All NaN or 0 for an unknown workload.
  [[nodiscard]] LiveReading read(Workload workload, double payload_kb, double now_ms) const noexcept {
    LiveReading reading;
    if (!knows(Platform::ecs, workload) || !EventClock::is_time(now_ms)) return reading;
    const std::size_t size = size_.of(workload, payload_kb);
    reading.ecs = read_platform(platforms_[index(Platform::ecs)], workload, size, now_ms);
    reading.lambda = read_platform(platforms_[index(Platform::lambda)], workload, size, now_ms);
    return reading;
  }

 private:
  friend class LiveStateRecordAccess;

  struct Level {
    double norm = std::numeric_limits<double>::quiet_NaN();
    double slow = 0;
  };

  /// What a reading is made of, as it stood at one moment.
  struct Seen {
    detail::LevelSums level;
    DecayedValue fast;
    DecayedValue spread;
    DecayedValue failures;
    DecayedValue timeouts;
    DecayedValue platform_fast;
    DecayedValue arrivals;
    CensoredEvidence in_flight;
    double platform_in_flight = 0;
    double last_sent_ms = 0;
    double last_answer_ms = 0;
  };

  static void require(const char* name, double value, bool well, const char* expected) {
    if (!well) throw InvalidArgument::out_of_range(name, format_number(value), expected);
  }

  static LiveStateOptions checked(const LiveStateOptions& options) {
    for (const auto& [name, value] :
         {std::pair{"norm_horizon_s", options.norm_horizon_s}, std::pair{"slow_horizon_s", options.slow_horizon_s},
          std::pair{"fast_horizon_s", options.fast_horizon_s}, std::pair{"share_horizon_s", options.share_horizon_s}}) {
      require(name, value, value > 0 && std::isfinite(value), "a positive number of seconds");
    }
    for (const auto& [name, value] :
         {std::pair{"slow_prior", options.slow_prior}, std::pair{"fast_prior", options.fast_prior}}) {
      require(name, value, value >= 0 && std::isfinite(value), "a number of answers >= 0");
    }
    return options;
  }

  template <class Code>
  [[nodiscard]] static std::size_t index(Code code) noexcept {
    return static_cast<std::size_t>(code);
  }
  [[nodiscard]] static constexpr double seconds(double value) noexcept { return value * 1000; }
  [[nodiscard]] bool knows(Platform platform, Workload workload) const noexcept {
    return index(platform) < platforms_.size() && index(workload) < workloads();
  }

  /// A request that the platform was right to refuse says nothing about the platform.
  [[nodiscard]] static bool is_callers_fault(Outcome outcome) noexcept {
    return outcome == Outcome::http_4xx || outcome == Outcome::too_large;
  }

  /// A failure cost its caller the time-out, however soon it came: as labels see it. An answer that claims to be much
  /// later than any client waits counts as two time-outs: one absurd number must not outweigh a thousand sound ones.
  [[nodiscard]] double log_latency(const AnswerEvent& event) const noexcept {
    constexpr double shortest_ms = 1;
    if (event.outcome != Outcome::ok) return log_timeout_;
    return std::log(std::max(std::min(event.done_ms - event.sent_ms, 2 * timeout_ms_), shortest_ms));
  }

  [[nodiscard]] Level level_of(const detail::LevelSums& sums, double now_ms, Decay& slow_decay) const noexcept {
    if (sums.norm.empty()) return {};
    if (sums.slow.empty()) return {sums.norm.mean(), 0};
    const DecayedValue slow = sums.slow.as_of(now_ms, slow_decay);
    return {sums.norm.mean(), slow.weight > 0 ? slow.shrunk_mean(options_.slow_prior) : 0};
  }

  void learn(detail::PlatformState& platform, const AnswerEvent& event, std::size_t size, double log_ms) noexcept {
    detail::WorkloadState& workload = platform.workloads[index(event.workload)];
    const double time = event.done_ms;
    Decay norm(seconds(options_.norm_horizon_s));
    Decay slow(seconds(options_.slow_horizon_s));
    Decay fast(seconds(options_.fast_horizon_s));
    Decay share(seconds(options_.share_horizon_s));
    // The norm first: what it takes up of an answer, all of the first one and of one after a long silence, is no
    // deviation from it.
    if (size != NearestSize::none) platform.sizes[size].norm.add(log_ms, time, norm);
    workload.norm.add(log_ms, time, norm);
    platform.norm.add(log_ms, time, norm);
    const Level level = level_of(platform.level_sums(event.workload, size), time, slow);
    if (size != NearestSize::none) platform.sizes[size].slow.add(log_ms - level.norm, time, slow);
    const double residual = log_ms - (level.norm + level.slow);
    const double surprise = residual - fast_deviation(workload.fast.as_of(time, fast), {});
    workload.fast.add(residual, time, fast);
    platform.fast.add(residual, time, fast);
    workload.spread.add(surprise * surprise, time, share);
    workload.failures.add(event.outcome == Outcome::ok ? 0 : 1, time, share);
    workload.timeouts.add(event.outcome == Outcome::timeout ? 1 : 0, time, share);
  }

  /// Recent residuals and late requests in flight, shrunk to 0.
  [[nodiscard]] double fast_deviation(const DecayedValue& fast, const CensoredEvidence& censored) const noexcept {
    const double weight = fast.weight + censored.late + options_.fast_prior;
    return weight > 0 ? (fast.sum + censored.excess) / weight : 0;
  }

  [[nodiscard]] static Seen see(const detail::PlatformState& platform, Workload code, std::size_t size,
                                double now_ms) noexcept {
    return platform.lock.read([&]() -> Seen {
      const detail::WorkloadState& workload = platform.workloads[index(code)];
      return {platform.level_sums(code, size), workload.fast.value(),         workload.spread.value(),
              workload.failures.value(),       workload.timeouts.value(),     platform.fast.value(),
              platform.arrivals.value(),       workload.in_flight.at(now_ms), platform.in_flight.requests_at(now_ms),
              workload.last_sent_ms,           workload.last_answer_ms};
    });
  }

  [[nodiscard]] PlatformReading read_platform(const detail::PlatformState& platform, Workload code, std::size_t size,
                                              double now_ms) const noexcept {
    const Seen seen = see(platform, code, size, now_ms);
    Decay slow(seconds(options_.slow_horizon_s));
    Decay fast(seconds(options_.fast_horizon_s));
    Decay share(seconds(options_.share_horizon_s));
    const Level level = level_of(seen.level, now_ms, slow);
    PlatformReading reading;
    reading.norm_log_ms = level.norm;
    reading.slow_deviation = level.slow;
    reading.fast_deviation = fast_deviation(seen.fast.as_of(now_ms, fast), seen.in_flight);
    reading.platform_deviation = fast_deviation(seen.platform_fast.as_of(now_ms, fast), {});
    reading.expected_log_ms = level.norm + level.slow + reading.fast_deviation;
    reading.spread = std::sqrt((seen.spread.sum + usual_variance) / (seen.spread.weight + 1));
    reading.answer_age_s = age_s(seen.last_answer_ms, now_ms);
    reading.idle_s = age_s(seen.last_sent_ms, now_ms);
    // One good answer is added to those seen, so that a single failure of long ago is not a certainty.
    reading.error_share = seen.failures.as_of(now_ms, share).shrunk_mean(1);
    reading.timeout_share = seen.timeouts.as_of(now_ms, share).shrunk_mean(1);
    reading.in_flight = seen.platform_in_flight;
    reading.workload_in_flight = seen.in_flight.requests;
    reading.censored_excess = seen.in_flight.excess;
    reading.arrivals_per_s = seen.arrivals.as_of(now_ms, fast).weight / options_.fast_horizon_s;
    return reading;
  }

  [[nodiscard]] static double age_s(double then_ms, double now_ms) noexcept {
    if (then_ms == EventClock::never) return std::numeric_limits<double>::quiet_NaN();
    return std::max(0.0, (now_ms - then_ms) / 1000);
  }

  static constexpr double usual_variance = 0.04;  // of log latency, counted as one answer; a fifth up or down

  LiveStateOptions options_;
  double timeout_ms_ = 0;
  double log_timeout_ = std::log(std::max(timeout_ms_, 1.0));
  NearestSize size_;
  std::array<detail::PlatformState, 2> platforms_;
};

}  // namespace switchyard
