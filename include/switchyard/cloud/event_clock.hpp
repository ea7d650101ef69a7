#pragma once

#include <cmath>
#include <limits>

namespace switchyard {

/// Judges event times by those that went before, so that a wrong clock among many cannot make every other event look
/// ages old: a time more than a day off the latest is doubted until a few in a row say the same. Nothing is lost by
/// that but the first few events after a day's rest.
class EventClock {
 public:
  enum class Verdict {
    believed,
    doubted,     // ignore the event
    moved_back,  // believed, and what was learned comes from the future: forget it
  };

  static constexpr double day_ms = 86'400'000;
  static constexpr int confirmations = 8;  // one request alone makes two events

  /// Before any time.
  static constexpr double never = -std::numeric_limits<double>::infinity();

  /// Whether `time_ms` is a time at all: finite, and within the 10^8 days around 1970 that ECMAScript's dates span.
  [[nodiscard]] static bool is_time(double time_ms) noexcept { return std::abs(time_ms) <= 1e8 * day_ms; }

  /// `latest_ms`: of the events believed so far; `never` before the first.
  [[nodiscard]] Verdict judge(double time_ms, double latest_ms) noexcept {
    if (latest_ms == never || std::abs(time_ms - latest_ms) <= day_ms) {
      if (doubts_ != 0) doubts_ = 0;
      return Verdict::believed;
    }
    if (doubts_ > 0 && std::abs(time_ms - doubted_ms_) > day_ms) doubts_ = 0;
    doubted_ms_ = time_ms;
    if (++doubts_ < confirmations) return Verdict::doubted;
    doubts_ = 0;
    return time_ms < latest_ms ? Verdict::moved_back : Verdict::believed;
  }

 private:
  double doubted_ms_ = 0;  // the last time doubted
  int doubts_ = 0;         // in a row, no two neighbours more than a day apart
};

}  // namespace switchyard
