#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace switchyard {

/// Sum with a running correction (Neumaier, 1974): the error does not grow with the number of terms.
class CompensatedSum {
 public:
  constexpr void add(double value) noexcept {
    const double next = sum_ + value;
    const bool sum_is_larger = (sum_ < 0 ? -sum_ : sum_) >= (value < 0 ? -value : value);
    correction_ += sum_is_larger ? (sum_ - next) + value : (value - next) + sum_;
    sum_ = next;
  }
  [[nodiscard]] constexpr double value() const noexcept { return sum_ + correction_; }

 private:
  double sum_ = 0;
  double correction_ = 0;
};

[[nodiscard]] inline double compensated_sum(std::span<const double> values) noexcept {
  CompensatedSum sum;
  for (const double value : values) sum.add(value);
  return sum.value();
}

/// Arithmetic mean; NaN for no values.
[[nodiscard]] inline double mean(std::span<const double> values) noexcept {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  return compensated_sum(values) / static_cast<double>(values.size());
}

/// Sample standard deviation (n - 1 in the denominator); NaN for fewer than two values.
[[nodiscard]] inline double standard_deviation(std::span<const double> values) noexcept {
  if (values.size() < 2) return std::numeric_limits<double>::quiet_NaN();
  const double centre = mean(values);
  CompensatedSum squares;
  for (const double value : values) squares.add((value - centre) * (value - centre));
  return std::sqrt(squares.value() / static_cast<double>(values.size() - 1));
}

/// Quantile of sorted values by linear interpolation, definition 7 of Hyndman & Fan (1996): what NumPy and pandas
/// call "linear". `level` in [0, 1]; NaN for no values.
[[nodiscard]] inline double quantile_of_sorted(std::span<const double> sorted, double level) noexcept {
  if (sorted.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double position = level * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (position - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

/// As quantile_of_sorted, for values in any order.
[[nodiscard]] inline double quantile(std::span<const double> values, double level) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  return quantile_of_sorted(sorted, level);
}

[[nodiscard]] inline double median(std::span<const double> values) { return quantile(values, 0.5); }

}  // namespace switchyard
