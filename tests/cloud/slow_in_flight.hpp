#pragma once

#include "switchyard/cloud/in_flight.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <vector>

/// The live state once more, as its definitions say: whole histories, no fixed memory, no shortcuts.
namespace slow {

class InFlight {
 public:
  explicit InFlight(double timeout_ms) : width_ms_(timeout_ms / 20) {}

  void send(double sent_ms, double expected_log_ms) {
    sent_.push_back(bucket_of(sent_ms));
    if (!is_expired(bucket_of(sent_ms))) out_[bucket_of(sent_ms)].push_back(expected_log_ms);
  }

  void answer(double sent_ms) {
    const auto found = out_.find(bucket_of(sent_ms));
    if (found == out_.end() || found->second.empty() || is_expired(found->first)) return;
    // One leaves with the mean of all: the others keep their sum less that.
    std::vector<double>& requests = found->second;
    const auto count = static_cast<double>(requests.size());
    for (double& expected : requests) expected *= (count - 1) / count;
    double sum = 0;
    for (const double expected : requests) sum += expected;
    requests.pop_back();
    std::fill(requests.begin(), requests.end(), sum / (count - 1));
  }

  [[nodiscard]] switchyard::CensoredEvidence at(double now_ms) const {
    switchyard::CensoredEvidence evidence;
    for (const auto& [bucket, requests] : out_) {
      if (bucket <= std::max(newest(), bucket_of(now_ms)) - 32) continue;
      const std::int64_t age = bucket_of(now_ms) - bucket;
      double excess = 0;
      for (const double expected : requests) excess += std::log(static_cast<double>(age) * width_ms_) - expected;
      evidence.requests += static_cast<double>(requests.size());
      if (age < 1 || excess <= 0) continue;
      evidence.late += static_cast<double>(requests.size());
      evidence.excess += excess;
    }
    return evidence;
  }

 private:
  [[nodiscard]] std::int64_t bucket_of(double time_ms) const {
    return static_cast<std::int64_t>(std::floor(time_ms / width_ms_));
  }
  [[nodiscard]] std::int64_t newest() const { return *std::max_element(sent_.begin(), sent_.end()); }
  [[nodiscard]] bool is_expired(std::int64_t bucket) const { return bucket <= newest() - 32; }

  double width_ms_;
  std::vector<std::int64_t> sent_;
  std::map<std::int64_t, std::vector<double>> out_;
};

}  // namespace slow
