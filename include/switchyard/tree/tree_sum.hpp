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

  [[nodiscard]] constexpr double total() const noexcept {
    return ((lane_[0] + lane_[4]) + (lane_[2] + lane_[6])) + ((lane_[1] + lane_[5]) + (lane_[3] + lane_[7]));
  }

 private:
  std::array<double, lanes> lane_{};
};

}  // namespace switchyard
