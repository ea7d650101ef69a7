#pragma once

#include "switchyard/cloud/catalogue.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

namespace switchyard {

/// Numbers the sizes of all of a catalogue's workloads, one workload after the other, and finds a payload's.
class NearestSize {
 public:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  NearestSize() = default;

  explicit NearestSize(const Catalogue& catalogue) {
    for (const WorkloadSpec& workload : catalogue.workloads) {
      const std::vector<double>& sizes = workload.sizes_kb;
      for (std::size_t i = 1; i < sizes.size(); ++i) border_kb_.push_back(std::sqrt(sizes[i - 1] * sizes[i]));
      if (!sizes.empty()) border_kb_.push_back(0);
      begin_.push_back(border_kb_.size());
    }
  }

  [[nodiscard]] std::size_t workloads() const noexcept { return begin_.size() - 1; }
  [[nodiscard]] std::size_t sizes() const noexcept { return border_kb_.size(); }

  /// Number of the workload's size nearest in ratio; none for an unknown payload and a workload without sizes.
  [[nodiscard]] std::size_t of(Workload workload, double payload_kb) const noexcept {
    const std::size_t begin = begin_[static_cast<std::size_t>(workload)];
    const std::size_t end = begin_[static_cast<std::size_t>(workload) + 1];
    if (begin == end || !(payload_kb > 0)) return none;
    std::size_t nearest = begin;
    for (std::size_t i = begin; i + 1 < end; ++i) nearest += payload_kb > border_kb_[i] ? 1 : 0;
    return nearest;
  }

 private:
  std::vector<double> border_kb_;         // [sizes], geometric mean of this size and the workload's next
  std::vector<std::size_t> begin_ = {0};  // [workloads + 1]
};

}  // namespace switchyard
