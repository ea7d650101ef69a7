#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/statistics.hpp"
#include "switchyard/metric/classification.hpp"
#include "switchyard/metric/interval.hpp"
#include "switchyard/metric/score_view.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace switchyard {

/// Population stability index of two distributions over the same bins: sum over bins of (actual - expected)
/// ln(actual / expected), shares of one. By custom .1 is a moderate shift and .25 a large one (Siddiqi, "Credit Risk
/// Scorecards", 2006). Counts may be weighted and are >= 0; a bin empty on one side counts half a sample there, a bin
/// empty on both nothing. NaN if either side has no samples. Throws InvalidArgument if sizes differ.
[[nodiscard]] inline double population_stability_index(ScoreView expected, ScoreView actual) {
  detail::require_same_size("actual", actual.size(), expected.size());
  const double expected_total = compensated_sum(expected);
  const double actual_total = compensated_sum(actual);
  if (!(expected_total > 0 && actual_total > 0)) return std::numeric_limits<double>::quiet_NaN();
  constexpr double empty = 0.5;
  CompensatedSum index;
  for (std::size_t bin = 0; bin < expected.size(); ++bin) {
    if (expected[bin] == 0 && actual[bin] == 0) continue;
    const double before = (expected[bin] > 0 ? expected[bin] : empty) / expected_total;
    const double after = (actual[bin] > 0 ? actual[bin] : empty) / actual_total;
    index.add((after - before) * std::log(after / before));
  }
  return index.value();
}

/// What the index stays below in a share `level` of the cases where nothing has shifted: it is then distributed as
/// (1/n + 1/m) chi-square with one degree of freedom less than bins (Yurdakul & Naranjo, "Statistical properties of the
/// population stability index", J. Risk Model Validation 14(4), 2020), the quantile after Wilson & Hilferty (1931).
/// n, m: independent samples on either side, > 0; `bins` that hold samples. 0 for fewer than two bins.
[[nodiscard]] inline double stability_by_chance(std::size_t bins, double n, double m, double level = 0.95) {
  detail::require_level(level);
  if (bins < 2) return 0;
  const auto freedom = static_cast<double>(bins - 1);
  const double spread = 2 / (9 * freedom);
  const double root = std::max(0.0, 1 - spread + normal_quantile(level) * std::sqrt(spread));
  return (1 / n + 1 / m) * freedom * root * root * root;
}

}  // namespace switchyard
