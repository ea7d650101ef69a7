#pragma once

#include "switchyard/cloud/plan.hpp"
#include "switchyard/core/random.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace switchyard {

/// How much of a run is scheduled.
struct ScheduleOptions {
  double time_scale = 1;    // > 0; durations are multiplied by it, rates are kept
  std::uint64_t limit = 0;  // at most this many requests; 0 = all
};

/// One request to be sent.
struct Arrival {
  std::uint64_t seq = 0;  // number within the run, from 0
  double offset_ms = 0;   // after the start of the run
  Workload workload = Workload::lightweight_api;
  Platform platform = Platform::lambda;
  double size_kb = 0;              // target payload size
  std::uint64_t entropy = 0;       // for the request id and the platform model; differs for every request
  std::uint64_t payload_seed = 0;  // for filler; equal for the two requests of a pair
  std::string pair_id{};           // "<run>-<number>" in paired mode, else empty
};

/// Arrival instants of consecutive phases, in closed form: arrival k comes when the integral of the rate reaches k.
/// With rate r0 + s t that is t = (-r0 + sqrt(r0^2 + 2 s k)) / s.
class ArrivalTimes {
 public:
  /// Validated phases; durations times `time_scale`; repeated until `cycle_to_s * time_scale` if that is positive.
  ArrivalTimes(const RunPlan& run, double time_scale) {
    const double end_s = run.cycle_to_s * time_scale;
    double at_s = 0;
    bool more = true;
    while (more) {
      const double before_s = at_s;
      for (const Phase& phase : run.phases) {
        const double whole_s = phase.duration_s * time_scale;
        const double length_s = end_s > 0 ? std::min(whole_s, end_s - at_s) : whole_s;
        if (length_s <= 0) break;
        add(at_s, length_s, phase.arrival_rate,
            (phase.ramp_to.value_or(phase.arrival_rate) - phase.arrival_rate) / whole_s);
        at_s += length_s;
      }
      more = end_s > 0 && at_s < end_s * (1 - 1e-12) && at_s > before_s && segments_.size() < max_segments;
    }
    duration_s_ = at_s;
  }

  /// The integral of the rate, rounded up: arrivals 0, 1, ... come at integrals 0, 1, ... below its end.
  [[nodiscard]] std::uint64_t count() const noexcept {
    constexpr double rounding = 1e-6;  // of sums of doubles; far less than one arrival
    return static_cast<std::uint64_t>(std::max(0.0, std::ceil(total_ - rounding)));
  }

  [[nodiscard]] double duration_s() const noexcept { return duration_s_; }

  /// Seconds after the start at which arrival k comes. k < count().
  [[nodiscard]] double at(std::uint64_t k) const noexcept {
    const auto target = static_cast<double>(k);
    auto segment = std::upper_bound(segments_.begin(), segments_.end(), target,
                                    [](double value, const Segment& s) { return value < s.count_before; });
    if (segment != segments_.begin()) --segment;
    const double rest = target - segment->count_before;
    const double rate = segment->rate;
    const double slope = segment->slope;
    // The same root as in the class comment, written so that it neither cancels nor divides by a slope near 0.
    const double root = std::sqrt(std::max(0.0, rate * rate + 2 * slope * rest));
    const double after_s = rest > 0 && rate + root > 0 ? 2 * rest / (rate + root) : 0;
    return segment->start_s + std::min(after_s, segment->length_s);
  }

 private:
  struct Segment {
    double start_s;
    double length_s;
    double rate;          // at its start
    double slope;         // requests per second, per second
    double count_before;  // integral of the rate up to its start
  };
  static constexpr std::size_t max_segments = 100'000;

  void add(double start_s, double length_s, double rate, double slope) {
    const double arrivals = length_s * (rate + slope * length_s / 2);
    if (arrivals <= 0) return;
    segments_.push_back({start_s, length_s, rate, slope, total_});
    total_ += arrivals;
  }

  std::vector<Segment> segments_;
  double total_ = 0;
  double duration_s_ = 0;
};

/// The requests of one run: a pure function of (experiment, run, seed). Any of them can be asked for at any time, in
/// constant memory, so that a run can be resumed, split over machines and replayed.
class Schedule {
 public:
  /// `run` is an index into experiment.runs, which must outlive the schedule. Throws InvalidArgument.
  Schedule(const Experiment& experiment, std::size_t run, std::uint64_t seed, ScheduleOptions options = {})
      : experiment_(&experiment),
        run_(run),
        times_(checked_run(experiment, run, options), options.time_scale),
        count_(options.limit > 0 ? std::min(times_.count(), options.limit) : times_.count()),
        stream_seed_(Rng::stream(seed, run).next()) {
    double sum = 0;
    for (const auto& scenario : experiment.scenarios) cumulative_weights_.push_back(sum += scenario.weight);
  }

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] const RunPlan& run() const noexcept { return experiment_->runs[run_]; }

  /// Request number `seq`, < count().
  [[nodiscard]] Arrival at(std::uint64_t seq) const {
    const bool paired = experiment_->pairing == Pairing::paired;
    const std::uint64_t pair = seq / 2;
    Rng draw = Rng::stream(stream_seed_, paired ? pair : seq);
    const Scenario& scenario = pick(draw.uniform());
    const auto& sizes = experiment_->catalogue.workload(scenario.workload).sizes_kb;
    Arrival arrival{.seq = seq,
                    .offset_ms = times_.at(seq) * 1000,
                    .workload = scenario.workload,
                    .platform = scenario.platform,
                    .size_kb = sizes[draw.below(sizes.size())],
                    .entropy = 0,
                    .payload_seed = draw.next(),
                    .pair_id = {}};
    arrival.entropy = draw.next();
    if (paired) {
      // The scenario's platform is asked first: the order within pairs is as random as the scenarios are.
      const bool second = seq % 2 == 1;
      if (second) arrival.platform = other(arrival.platform);
      if (second) arrival.entropy = draw.next();
      arrival.pair_id = run().name + "-" + std::to_string(pair);
    }
    return arrival;
  }

 private:
  static const RunPlan& checked_run(const Experiment& experiment, std::size_t run, const ScheduleOptions& options) {
    if (run >= experiment.runs.size()) {
      throw InvalidArgument::out_of_range("run", std::to_string(run), "an index of experiment.runs");
    }
    detail::require(options.time_scale > 0 && std::isfinite(options.time_scale), "time_scale", options.time_scale,
                    "a number > 0");
    validate(experiment);
    return experiment.runs[run];
  }

  [[nodiscard]] const Scenario& pick(double uniform) const noexcept {
    const double point = uniform * cumulative_weights_.back();
    const auto found = std::upper_bound(cumulative_weights_.begin(), cumulative_weights_.end(), point);
    const auto last = static_cast<std::ptrdiff_t>(cumulative_weights_.size()) - 1;
    return experiment_->scenarios[static_cast<std::size_t>(std::min(found - cumulative_weights_.begin(), last))];
  }

  const Experiment* experiment_;
  std::size_t run_;
  ArrivalTimes times_;
  std::uint64_t count_;
  std::uint64_t stream_seed_;
  std::vector<double> cumulative_weights_;
};

/// "req_1763840139272_1t3pobnig": the client's send time in epoch milliseconds and nine characters of `entropy`.
[[nodiscard]] inline std::string request_id(double sent_at_ms, std::uint64_t entropy) {
  constexpr char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string id = "req_" + std::to_string(static_cast<std::int64_t>(std::floor(sent_at_ms))) + "_";
  for (int i = 0; i < 9; ++i, entropy /= 36) id += digits[entropy % 36];
  return id;
}

}  // namespace switchyard
