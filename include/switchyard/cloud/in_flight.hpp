#pragma once

#include "switchyard/core/seqlock.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace switchyard {

/// What requests that are still unanswered say of the latency.
struct CensoredEvidence {
  double requests = 0;  // in flight
  double late = 0;      // of these, already out for longer than was expected of them
  double excess = 0;    // sum over the late ones of log(age) - log(expected), >= 0
};

/// Requests that were sent and not yet answered, counted by send time in buckets of a twentieth of the time-out. Fixed
/// memory; a request whose answer never comes leaves after 1.6 time-outs. Times are finite, and latest decides: what is
/// sent more than 1.6 time-outs before the latest send is not counted.
class InFlight {
 public:
  static constexpr std::int64_t buckets = 32;

  /// `timeout_ms` > 0.
  explicit InFlight(double timeout_ms = 10'000) : width_ms_(timeout_ms / buckets_per_timeout) {
    for (std::size_t k = 0; k < log_age_.size(); ++k) log_age_[k] = std::log(static_cast<double>(k) * width_ms_);
  }

  /// `expected_log_ms`: what was expected of the request when it was sent.
  void send(double sent_ms, double expected_log_ms) noexcept {
    const std::int64_t bucket = bucket_of(sent_ms);
    advance(bucket);
    if (is_expired(bucket)) return;
    const std::size_t slot = slot_of(bucket);
    Bucket& in = ring_[slot];
    in.count = in.count + 1;
    in.expected_log_ms = in.expected_log_ms + expected_log_ms;
    occupied_ = occupied_ | bit(slot);
    requests_ = requests_ + 1;
  }

  /// Takes one request out of the bucket of its send time; the expectation it takes along is that bucket's mean.
  void answer(double sent_ms) noexcept {
    const std::int64_t bucket = bucket_of(sent_ms);
    if (bucket > newest_ || is_expired(bucket)) return;
    const std::size_t slot = slot_of(bucket);
    Bucket& in = ring_[slot];
    const double count = in.count;
    if (count <= 0) return;
    in.expected_log_ms = in.expected_log_ms * ((count - 1) / count);
    in.count = count - 1;
    if (count <= 1) occupied_ = occupied_ & ~bit(slot);
    requests_ = requests_ - 1;
  }

  [[nodiscard]] CensoredEvidence at(double now_ms) const noexcept {
    CensoredEvidence evidence;
    const std::int64_t now = bucket_of(now_ms);
    for_each_bucket(now, [&](const Bucket& in, std::int64_t bucket) {
      const double count = in.count;
      evidence.requests += count;
      const auto age = static_cast<std::size_t>(std::max(now - bucket, std::int64_t{0}));
      const double excess = count * log_age_[age] - in.expected_log_ms;
      evidence.late += excess > 0 ? count : 0;
      evidence.excess += excess > 0 ? excess : 0;
    });
    return evidence;
  }

  /// The same number of requests as in `at`.
  [[nodiscard]] double requests_at(double now_ms) const noexcept {
    const std::int64_t now = bucket_of(now_ms);
    const std::int64_t newest = newest_;
    if (now <= newest) return requests_;
    double requests = 0;
    for_each_bucket(now, [&](const Bucket& in, std::int64_t) { requests += in.count; });
    return requests;
  }

  /// Forgets all requests and all times.
  void clear() noexcept {
    ring_.fill({});
    occupied_ = 0U;
    requests_ = 0.0;
    newest_ = oldest;
  }

 private:
  static constexpr double buckets_per_timeout = 20;
  static constexpr std::int64_t oldest = -(std::int64_t{1} << 60);  // before any bucket

  struct Bucket {
    Shared<double> count = 0.0;
    Shared<double> expected_log_ms = 0.0;  // sum
  };

  /// Rounds down; times beyond all reason share the outermost buckets.
  [[nodiscard]] std::int64_t bucket_of(double time_ms) const noexcept {
    constexpr double outermost = 1e18;
    const double place = std::clamp(time_ms / width_ms_, -outermost, outermost);
    const auto towards_zero = static_cast<std::int64_t>(place);
    return towards_zero - (static_cast<double>(towards_zero) > place ? 1 : 0);
  }
  [[nodiscard]] static std::size_t slot_of(std::int64_t bucket) noexcept {
    return static_cast<std::size_t>(bucket) % static_cast<std::size_t>(buckets);  // a power of two: wraps below 0 too
  }
  [[nodiscard]] static std::uint32_t bit(std::size_t slot) noexcept { return std::uint32_t{1} << slot; }
  [[nodiscard]] bool is_expired(std::int64_t bucket) const noexcept { return bucket <= newest_ - buckets; }

  /// Visits the buckets that hold requests at bucket `now`, oldest first. Further ahead than the latest send there is
  /// nothing, further back than the ring nothing any more.
  template <class Visit>
  void for_each_bucket(std::int64_t now, const Visit& visit) const noexcept {
    const std::int64_t newest = newest_;
    const std::int64_t first = std::max(now, newest) - buckets + 1;
    // Bit k: bucket first + k. Those after the newest are places of buckets before the first.
    std::uint32_t occupied = std::rotr(occupied_.load(), static_cast<int>(slot_of(first)));
    for (; occupied != 0; occupied &= occupied - 1) {
      const std::int64_t bucket = first + std::countr_zero(occupied);
      if (bucket > newest) return;
      visit(ring_[slot_of(bucket)], bucket);
    }
  }

  /// Empties the buckets between the newest and a newer one.
  void advance(std::int64_t bucket) noexcept {
    const std::int64_t newest = newest_;
    if (bucket <= newest) return;
    for (std::int64_t next = std::max(newest, bucket - buckets) + 1; next <= bucket; ++next) {
      Bucket& expired = ring_[slot_of(next)];
      requests_ = requests_ - expired.count;
      expired = Bucket{};
      occupied_ = occupied_ & ~bit(slot_of(next));
    }
    newest_ = bucket;
  }

  // What every call touches stands first, together.
  Shared<std::int64_t> newest_ = oldest;               // bucket of the latest send
  Shared<double> requests_ = 0.0;                      // in all buckets
  Shared<std::uint32_t> occupied_ = std::uint32_t{0};  // bit per place in the ring: holds requests
  double width_ms_;
  std::array<Bucket, buckets> ring_{};
  std::array<double, buckets> log_age_{};  // log of the age of a bucket so many buckets back; -inf first
};

}  // namespace switchyard
