#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/core/text.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <queue>
#include <vector>

namespace switchyard {

/// The client's network. Defaults are those of the machine that measured in November 2025 (India to eu-west-1), read
/// off its logs; without a network: {.round_trip_ms = 0, .uplink_mbit_s = 0, .jitter_mean_ms = 0}.
struct ClientLinkOptions {
  double round_trip_ms = 177;         // >= 0; 0.5 KB to ECS took 454 ms = 2 round trips + the 100 ms of cpu_percent()
  double uplink_mbit_s = 100;         // 0 = unlimited; of 60-220 nearest to the median response times of the four runs
  double bottleneck_buffer_ms = 350;  // >= 0; by how much a round trip grows when the uplink is full: ECS at midday
  double burst_kb = 32;               // >= 0; what one upload puts into that buffer at once
  double initial_window_kb = 14.5;    // > 0; first flight: 10 segments (RFC 6928); 100 KB took as many as 50 KB
  double jitter_mean_ms = 15;         // >= 0; exponential; quiet ECS answers: p5 454, p50 468, p75 482 ms
};

/// When the parts of one request are where. All UTC epoch milliseconds.
struct Transfer {
  double sent_ms = 0;
  double headers_at_ms = 0;   // the platform knows of the request
  double body_at_ms = 0;      // its whole body is there
  double return_ms = 0;       // duration: from the platform's answer to the client
  double gives_up_at_ms = 0;  // the client closes the connection
};

/// The uplink that requests to both platforms share. An upload gets the capacity that others leave, and never less than
/// its fair share, at the moment it begins, and keeps it (processor sharing in the mean: exact while the number of
/// uploads is steady, and an answer can be given at once). A body of many flights pays TCP's slow start, one round trip
/// per doubling; a full uplink delays every round trip by its buffer. Uploads end when the client gives up. State: the
/// uploads within one time-out.
class ClientLink {
 public:
  /// Throws InvalidArgument.
  explicit ClientLink(const ClientLinkOptions& options) : options_(options) {
    const auto check = [](double value, bool holds, const char* name) {
      if (!holds || !std::isfinite(value)) {
        throw InvalidArgument::out_of_range(name, format_number(value), "a finite number >= 0");
      }
    };
    check(options.round_trip_ms, options.round_trip_ms >= 0, "round_trip_ms");
    check(options.uplink_mbit_s, options.uplink_mbit_s >= 0, "uplink_mbit_s");
    check(options.bottleneck_buffer_ms, options.bottleneck_buffer_ms >= 0, "bottleneck_buffer_ms");
    check(options.burst_kb, options.burst_kb >= 0, "burst_kb");
    check(options.initial_window_kb, options.initial_window_kb > 0, "initial_window_kb");
    check(options.jitter_mean_ms, options.jitter_mean_ms >= 0, "jitter_mean_ms");
  }

  /// Sends `bytes` at `now_ms` (never before an earlier call's) over a new connection that takes `handshakes` round
  /// trips: 1 for TCP, 2 with TLS 1.3.
  [[nodiscard]] Transfer send(double now_ms, double bytes, int handshakes, double timeout_ms, Rng& draw) {
    forget_finished(now_ms);
    const double capacity = options_.uplink_mbit_s * 125;  // bytes per millisecond
    const bool limited = capacity > 0;
    const double round_trip_ms = options_.round_trip_ms + (limited ? queueing_ms(capacity) : 0);
    const double fair_share = capacity / (static_cast<double>(uploads_.size()) + 1);
    const double share = std::max(capacity - used_, fair_share);
    Transfer transfer{.sent_ms = now_ms};
    transfer.gives_up_at_ms = now_ms + timeout_ms;
    transfer.headers_at_ms = now_ms + round_trip_ms * handshakes + round_trip_ms / 2 + jitter(draw);
    const double upload_ms = round_trip_ms * slow_start_rounds(bytes) + (limited ? bytes / share : 0);
    transfer.body_at_ms = transfer.headers_at_ms + upload_ms;
    transfer.return_ms = round_trip_ms / 2;
    if (limited) {
      const double rate = bytes / std::max(transfer.body_at_ms - now_ms, bytes / capacity);
      used_ += rate;
      uploads_.push({std::min(transfer.body_at_ms, transfer.gives_up_at_ms), rate});
    }
    return transfer;
  }

  /// Uploads in flight after the last call.
  [[nodiscard]] std::size_t uploads() const noexcept { return uploads_.size(); }

 private:
  struct Upload {
    double until_ms;
    double rate;  // mean over its duration, bytes per millisecond
    friend bool operator>(const Upload& a, const Upload& b) noexcept { return a.until_ms > b.until_ms; }
  };

  void forget_finished(double now_ms) {
    while (!uploads_.empty() && uploads_.top().until_ms <= now_ms) {
      used_ -= uploads_.top().rate;
      uploads_.pop();
    }
    if (uploads_.empty()) used_ = 0;  // no drift of rounding
  }

  /// Waiting in the bottleneck's buffer as in an M/M/1 queue of bursts, at most the buffer.
  [[nodiscard]] double queueing_ms(double capacity) const noexcept {
    const double load = used_ / capacity;
    if (load >= 1) return options_.bottleneck_buffer_ms;
    return std::min(options_.bottleneck_buffer_ms, load / (1 - load) * options_.burst_kb * 1024 / capacity);
  }

  [[nodiscard]] double jitter(Rng& draw) const noexcept { return draw.exponential(options_.jitter_mean_ms); }

  /// Round trips beyond the first flight until the doubling window has carried `bytes`.
  [[nodiscard]] double slow_start_rounds(double bytes) const noexcept {
    double rounds = 0;
    double carried = options_.initial_window_kb * 1024;
    for (double window = carried; carried < bytes && rounds < 64; ++rounds) carried += window *= 2;
    return rounds;
  }

  ClientLinkOptions options_;
  std::priority_queue<Upload, std::vector<Upload>, std::greater<>> uploads_;
  double used_ = 0;  // sum of the rates, bytes per millisecond
};

}  // namespace switchyard
