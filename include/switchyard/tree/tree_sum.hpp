#pragma once

#include <array>
#include <cstddef>

namespace switchyard {

/// The one order in which trees' answers are added, so that every engine and instruction set gives the same bits: tree
/// t adds to lane t % 8, as the lanes of one vector register, and the lanes are halved until one is left.
class TreeSum {
 public:
  static constexpr std::size_t lanes = 8;

  constexpr void add(std::size_t tree, double answer) noexcept { lane_[tree % lanes] += answer; }

  [[nodiscard]] constexpr double total() const noexcept { return total_of(lane_.data()); }

  /// For those who keep the lanes in a vector register. lane: [lanes]
  [[nodiscard]] static constexpr double total_of(const double* lane) noexcept {
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
  }

 private:
  std::array<double, lanes> lane_{};
};

}  // namespace switchyard
