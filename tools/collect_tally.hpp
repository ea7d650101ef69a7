#pragma once

#include "switchyard/io/log_row.hpp"

#include <array>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace switchyard::tools {

/// Counts of one run or more, for the summary.
class CollectTally {
 public:
  void add(const LogRow& row);

  [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }
  [[nodiscard]] std::uint64_t count(Outcome outcome) const noexcept {
    const auto i = static_cast<std::size_t>(outcome);
    return sides_[0].by_outcome[i] + sides_[1].by_outcome[i];
  }

  /// Rows per outcome and platform, response times of what succeeded, and how late the generator was.
  void print(std::ostream& out) const;

 private:
  static constexpr std::size_t outcomes = 8;

  struct Side {
    std::array<std::uint64_t, outcomes> by_outcome{};
    std::vector<double> response_times_ms;  // of successes
  };

  [[nodiscard]] std::string lag_warning(double high_lag_ms) const;

  std::array<Side, 2> sides_;  // by Platform
  std::vector<double> send_lags_ms_;
  std::uint64_t rows_ = 0;
};

}  // namespace switchyard::tools
