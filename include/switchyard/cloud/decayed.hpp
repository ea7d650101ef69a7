#pragma once

#include "switchyard/core/seqlock.hpp"

#include <cmath>

namespace switchyard {

/// exp(-age / horizon). Keeps the last one: sums that are fed together are of one age, and exponentials cost the most.
class Decay {
 public:
  /// `horizon_ms` > 0: the time constant.
  explicit Decay(double horizon_ms) noexcept : horizon_ms_(horizon_ms) {}

  [[nodiscard]] double operator()(double age_ms) noexcept {
    if (age_ms != age_ms_) {
      age_ms_ = age_ms;
      kept_ = std::exp(-age_ms / horizon_ms_);
    }
    return kept_;
  }

 private:
  double horizon_ms_;
  double age_ms_ = 0;
  double kept_ = 1;
};

/// A sum of values and of their weights, both as of one moment.
struct DecayedValue {
  double sum = 0;
  double weight = 0;  // 0 = no value
  double at_ms = 0;

  [[nodiscard]] bool empty() const noexcept { return weight == 0; }

  /// Mean of the values, however long ago; NaN without any.
  [[nodiscard]] double mean() const noexcept { return sum / weight; }

  /// Mean of the values and of `prior` further ones that are 0: few values count for little. NaN without any.
  [[nodiscard]] double shrunk_mean(double prior) const noexcept { return sum / (weight + prior); }

  /// The same as of `now_ms`, unless that is earlier.
  [[nodiscard]] DecayedValue as_of(double now_ms, Decay& decay) const noexcept {
    const double age = now_ms - at_ms;
    if (!(age > 0)) return *this;
    const double kept = decay(age);
    return {sum * kept, weight * kept, now_ms};
  }
};

/// An exponentially weighted sum over irregular times: a value of age a counts exp(-a / horizon). Order does not
/// matter: a value that comes late is weighed by its own age (Eckner, "Algorithms for Unevenly Spaced Time Series",
/// 2014). Values and times are finite.
struct DecayedSum {
  Shared<double> sum = 0.0;
  Shared<double> weight = 0.0;  // 0 = no value yet
  Shared<double> at_ms = 0.0;   // the moment the two are as of: the latest value's

  [[nodiscard]] DecayedValue value() const noexcept { return {sum, weight, at_ms}; }
  [[nodiscard]] bool empty() const noexcept { return weight.load() == 0; }
  [[nodiscard]] double mean() const noexcept { return value().mean(); }
  [[nodiscard]] DecayedValue as_of(double now_ms, Decay& decay) const noexcept { return value().as_of(now_ms, decay); }

  void add(double value, double time_ms, Decay& decay) noexcept {
    const double at = at_ms;
    if (empty()) {
      sum = value;
      weight = 1.0;
      at_ms = time_ms;
    } else if (time_ms >= at) {
      const double kept = decay(time_ms - at);
      sum = sum * kept + value;
      weight = weight * kept + 1;
      at_ms = time_ms;
    } else {
      const double counts = decay(at - time_ms);
      sum = sum + counts * value;
      weight = weight + counts;
    }
  }
};

}  // namespace switchyard
