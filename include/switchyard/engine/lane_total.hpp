#pragma once

namespace switchyard::detail {

/// Total of 8 lanes as TreeSum adds them.
[[nodiscard]] inline double total_of_lanes(const double* lane) noexcept {
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

}  // namespace switchyard::detail
