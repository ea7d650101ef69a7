#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/statistics.hpp"
#include "switchyard/core/text.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <span>
#include <vector>

namespace switchyard {

/// Two-sided confidence interval; NaN where it cannot be told.
struct Interval {
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();

  [[nodiscard]] constexpr bool contains(double value) const noexcept { return low <= value && value <= high; }
};

namespace detail {

inline void require_level(double level) {
  if (!(level > 0 && level < 1))
    throw InvalidArgument::out_of_range("level", format_number(level), "a number in (0, 1)");
}

}  // namespace detail

/// Standard normal distribution function.
[[nodiscard]] inline double normal_cdf(double z) noexcept { return std::erfc(-z / std::numbers::sqrt2) / 2; }

/// The z with normal_cdf(z) == probability, within a few units in the last place; -inf at 0 and +inf at 1. Throws
/// InvalidArgument outside [0, 1].
[[nodiscard]] inline double normal_quantile(double probability) {
  if (!(probability >= 0 && probability <= 1)) {
    throw InvalidArgument::out_of_range("probability", format_number(probability), "a number in [0, 1]");
  }
  if (probability == 0 || probability == 1) {
    return probability == 0 ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
  }
  if (probability > 0.5) return -normal_quantile(1 - probability);  // the lower tail keeps its precision
  double low = -39;                                                 // below the smallest double's quantile
  double high = 0;
  for (double middle = low / 2; middle > low && middle < high; middle = low + (high - low) / 2) {
    (normal_cdf(middle) < probability ? low : high) = middle;
  }
  return high;
}

/// Score interval for a share of successes (Wilson, JASA 22, 1927), good for small counts and shares near 0 or 1.
/// `successes` in [0, trials]; trials may be a sum of weights; no trials give [0, 1]. Throws InvalidArgument.
[[nodiscard]] inline Interval wilson_interval(double successes, double trials, double level = 0.95) {
  detail::require_level(level);
  if (!(successes >= 0 && successes <= trials)) {
    throw InvalidArgument::out_of_range("successes", format_number(successes), "a number in [0, trials]");
  }
  if (trials == 0) return {0, 1};
  const double z = normal_quantile(0.5 + level / 2);
  const double share = successes / trials;
  const double scale = 1 + z * z / trials;
  const double centre = (share + z * z / (2 * trials)) / scale;
  const double half = z / scale * std::sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials));
  return {successes == 0 ? 0 : centre - half, successes == trials ? 1 : centre + half};
}

/// The middle `level` of replicated values (percentile bootstrap; Efron, 1979). NaN among them are left out.
[[nodiscard]] inline Interval percentile_interval(std::span<const double> replicates, double level = 0.95) {
  detail::require_level(level);
  std::vector<double> sorted;
  for (const double value : replicates) {
    if (!std::isnan(value)) sorted.push_back(value);
  }
  std::sort(sorted.begin(), sorted.end());
  return {quantile_of_sorted(sorted, (1 - level) / 2), quantile_of_sorted(sorted, (1 + level) / 2)};
}

}  // namespace switchyard
