#pragma once

#include "switchyard/cloud/live_state.hpp"

#include "cloud/slow_in_flight.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

namespace slow {

namespace sy = switchyard;

/// Values and their times, all of them.
struct History {
  std::vector<std::pair<double, double>> events;  // time, value

  void add(double value, double time_ms) { events.emplace_back(time_ms, value); }

  [[nodiscard]] double latest_ms() const { return std::max_element(events.begin(), events.end())->first; }

  [[nodiscard]] sy::DecayedValue as_of(double now_ms, double horizon_s) const {
    if (events.empty()) return {};
    sy::DecayedValue value{0, 0, std::max(now_ms, latest_ms())};
    for (const auto& [time, number] : events) {
      const double counts = std::exp((time - value.at_ms) / (1000 * horizon_s));
      value.sum += counts * number;
      value.weight += counts;
    }
    return value;
  }
  /// Mean as of the latest value, which is finite however long ago that was.
  [[nodiscard]] double mean(double horizon_s) const { return as_of(latest_ms(), horizon_s).mean(); }
};

struct WorkloadHistory {
  History norm, fast, spread, failures, timeouts;
  std::map<std::size_t, std::pair<History, History>> sizes;  // norm, slow
  std::vector<double> sent_ms, answered_ms;
};

/// LiveState as its comments define it, but for its doubts about clocks: events must lie within a day.
class LiveState {
 public:
  explicit LiveState(sy::Catalogue catalogue, sy::LiveStateOptions options = {})
      : catalogue_(std::move(catalogue)), options_(options) {}

  bool on_sent(const sy::SentEvent& event) {
    if (!knows(event.workload) || !std::isfinite(event.sent_ms)) return false;
    Platform& platform = platforms_[event.platform];
    if (event.id != 0 && !platform.sent_ids.insert(event.id).second) return false;
    platform.arrivals.add(1, event.sent_ms);
    platform.workloads[event.workload].sent_ms.push_back(event.sent_ms);
    if (event.id != 0 && platform.answered_ids.count(event.id) != 0) return true;
    const auto [norm, slow] = level(platform, event.workload, event.payload_kb, event.sent_ms);
    const double expected = std::isnan(norm) ? std::log(catalogue_.timeout_ms) : norm + slow;
    in_flight(platform, event.workload).send(event.sent_ms, expected);
    return true;
  }

  bool on_answer(const sy::AnswerEvent& event) {
    if (!knows(event.workload) || !std::isfinite(event.sent_ms) || !std::isfinite(event.done_ms)) return false;
    if (event.done_ms < event.sent_ms || event.outcome == sy::Outcome::not_sent) return false;
    Platform& platform = platforms_[event.platform];
    if (event.id != 0 && !platform.answered_ids.insert(event.id).second) return false;
    if (event.id == 0 || platform.sent_ids.count(event.id) != 0) {
      in_flight(platform, event.workload).answer(event.sent_ms);
    }
    platform.workloads[event.workload].answered_ms.push_back(event.done_ms);
    if (event.outcome != sy::Outcome::http_4xx && event.outcome != sy::Outcome::too_large) learn(platform, event);
    return true;
  }

  [[nodiscard]] sy::PlatformReading read(sy::Platform which, sy::Workload code, double payload_kb, double now_ms) {
    Platform& platform = platforms_[which];
    WorkloadHistory& workload = platform.workloads[code];
    const auto share = [&](const History& history) {
      const sy::DecayedValue value = history.as_of(now_ms, options_.share_horizon_s);
      return value.sum / (value.weight + 1);
    };
    const auto age = [&](const std::vector<double>& times) {
      if (times.empty()) return std::numeric_limits<double>::quiet_NaN();
      return std::max(0.0, (now_ms - *std::max_element(times.begin(), times.end())) / 1000);
    };
    const sy::DecayedValue spread = workload.spread.as_of(-1e18, options_.share_horizon_s);
    const sy::CensoredEvidence censored = in_flight(platform, code).at(now_ms);
    sy::PlatformReading reading;
    std::tie(reading.norm_log_ms, reading.slow_deviation) = level(platform, code, payload_kb, now_ms);
    reading.fast_deviation = fast(workload.fast, now_ms, censored);
    reading.platform_deviation = fast(platform.fast, now_ms, {});
    reading.expected_log_ms = reading.norm_log_ms + reading.slow_deviation + reading.fast_deviation;
    reading.spread = std::sqrt((spread.sum + 0.04) / (spread.weight + 1));
    reading.answer_age_s = age(workload.answered_ms);
    reading.idle_s = age(workload.sent_ms);
    reading.error_share = share(workload.failures);
    reading.timeout_share = share(workload.timeouts);
    // A workload's ring and the platform's expire by their own latest sends.
    reading.in_flight = platform.all_in_flight.at(now_ms).requests;
    reading.workload_in_flight = censored.requests;
    reading.censored_excess = censored.excess;
    reading.arrivals_per_s = platform.arrivals.as_of(now_ms, options_.fast_horizon_s).weight / options_.fast_horizon_s;
    return reading;
  }

 private:
  struct Both {
    InFlight& workload;
    InFlight& platform;

    void send(double sent_ms, double expected) {
      workload.send(sent_ms, expected);
      platform.send(sent_ms, expected);
    }
    void answer(double sent_ms) {
      workload.answer(sent_ms);
      platform.answer(sent_ms);
    }
    [[nodiscard]] sy::CensoredEvidence at(double now_ms) const { return workload.at(now_ms); }
  };

  struct Platform {
    History norm, fast, arrivals;
    InFlight all_in_flight{10'000};
    std::map<sy::Workload, InFlight> in_flight;
    std::map<sy::Workload, WorkloadHistory> workloads;
    std::set<std::uint64_t> sent_ids, answered_ids;
  };

  [[nodiscard]] bool knows(sy::Workload workload) const {
    return static_cast<std::size_t>(workload) < catalogue_.workloads.size();
  }
  [[nodiscard]] Both in_flight(Platform& platform, sy::Workload workload) const {
    return {platform.in_flight.try_emplace(workload, catalogue_.timeout_ms).first->second, platform.all_in_flight};
  }

  [[nodiscard]] std::pair<double, double> level(Platform& platform, sy::Workload code, double payload_kb,
                                                double now_ms) const {
    WorkloadHistory& workload = platform.workloads[code];
    const double horizon_s = options_.norm_horizon_s;
    if (payload_kb > 0) {
      const auto& [norm, slow] = workload.sizes[size(code, payload_kb)];
      if (!norm.events.empty()) {
        const sy::DecayedValue value = slow.as_of(now_ms, options_.slow_horizon_s);
        return {norm.mean(horizon_s), value.sum / (value.weight + options_.slow_prior)};
      }
    }
    if (!workload.norm.events.empty()) return {workload.norm.mean(horizon_s), 0};
    if (!platform.norm.events.empty()) return {platform.norm.mean(horizon_s), 0};
    return {std::numeric_limits<double>::quiet_NaN(), 0};
  }

  [[nodiscard]] std::size_t size(sy::Workload code, double payload_kb) const {
    const std::vector<double>& sizes = catalogue_.workload(code).sizes_kb;
    const auto ratio = [&](double size_kb) { return std::max(size_kb / payload_kb, payload_kb / size_kb); };
    const auto nearest =
        std::min_element(sizes.begin(), sizes.end(), [&](double a, double b) { return ratio(a) < ratio(b); });
    return static_cast<std::size_t>(nearest - sizes.begin());
  }

  [[nodiscard]] double fast(const History& residuals, double now_ms, const sy::CensoredEvidence& censored) const {
    const sy::DecayedValue value = residuals.as_of(now_ms, options_.fast_horizon_s);
    return (value.sum + censored.excess) / (value.weight + censored.late + options_.fast_prior);
  }

  void learn(Platform& platform, const sy::AnswerEvent& event) const {
    WorkloadHistory& workload = platform.workloads[event.workload];
    const bool ok = event.outcome == sy::Outcome::ok;
    const double latency_ms =
        ok ? std::clamp(event.done_ms - event.sent_ms, 1.0, 2 * catalogue_.timeout_ms) : catalogue_.timeout_ms;
    const double log_ms = std::log(latency_ms);
    if (event.payload_kb > 0) {
      workload.sizes[size(event.workload, event.payload_kb)].first.add(log_ms, event.done_ms);
    }
    workload.norm.add(log_ms, event.done_ms);
    platform.norm.add(log_ms, event.done_ms);
    const auto [norm, slow] = level(platform, event.workload, event.payload_kb, event.done_ms);
    if (event.payload_kb > 0) {
      workload.sizes[size(event.workload, event.payload_kb)].second.add(log_ms - norm, event.done_ms);
    }
    const double residual = log_ms - norm - slow;
    const double surprise = residual - fast(workload.fast, event.done_ms, {});
    workload.fast.add(residual, event.done_ms);
    platform.fast.add(residual, event.done_ms);
    workload.spread.add(surprise * surprise, event.done_ms);
    workload.failures.add(ok ? 0 : 1, event.done_ms);
    workload.timeouts.add(event.outcome == sy::Outcome::timeout ? 1 : 0, event.done_ms);
  }

  sy::Catalogue catalogue_;
  sy::LiveStateOptions options_;
  std::map<sy::Platform, Platform> platforms_;
};

}  // namespace slow
