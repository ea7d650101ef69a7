#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/data/dataset.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <vector>

namespace switchyard {

namespace detail {

/// Row sampling counts a row of weight w as w rows, one draw each: a bound keeps that from running for ever.
inline constexpr double max_sampled_weight = 1e9;

inline void require_sampled_weight(const Dataset& data) {
  double total = 0;
  for (Index i = 0; i < data.rows(); ++i) total += data.weight(i);
  if (!(total <= max_sampled_weight)) {
    throw InvalidArgument::out_of_range("sum of weights", std::to_string(total), "at most 1e9 where rows are sampled");
  }
}

}  // namespace detail

/// How often each row is drawn by one bootstrap: as many draws as the weights sum to (rounded, at least one), each row
/// with a chance in proportion to its weight, so that a row of weight 3 is three rows. [rows]
[[nodiscard]] inline std::vector<double> bootstrap_counts(const Dataset& data, Rng random) {
  const auto rows = static_cast<std::size_t>(data.rows());
  std::vector<double> counts(rows, 0.0);
  if (data.weights.empty()) {
    for (std::size_t draw = 0; draw < rows; ++draw) counts[random.below(rows)] += 1;
    return counts;
  }
  std::vector<double> cumulative(rows);
  std::partial_sum(data.weights.begin(), data.weights.end(), cumulative.begin());
  const double total = cumulative.back();
  const auto draws = static_cast<std::size_t>(std::max(1.0, std::round(total)));
  for (std::size_t draw = 0; draw < draws; ++draw) {
    const auto found = std::upper_bound(cumulative.begin(), cumulative.end(), random.uniform() * total);
    counts[std::min(static_cast<std::size_t>(found - cumulative.begin()), rows - 1)] += 1;
  }
  return counts;
}

/// What is left of each row's weight when every row is kept with chance `share`: a row of weight 3 is three rows, a
/// remainder below 1 stays or goes as a whole. [rows]
[[nodiscard]] inline std::vector<double> bernoulli_weights(const Dataset& data, double share, Rng& random) {
  std::vector<double> kept(static_cast<std::size_t>(data.rows()));
  for (std::size_t i = 0; i < kept.size(); ++i) {
    double rest = data.weight(static_cast<Index>(i));
    for (; rest >= 1; rest -= 1) kept[i] += random.bernoulli(share) ? 1.0 : 0.0;
    if (rest > 0 && random.bernoulli(share)) kept[i] += rest;
  }
  return kept;
}

/// `count` of the numbers 0 to `size` - 1, each as likely, ascending.
[[nodiscard]] inline std::vector<std::uint32_t> sample_features(std::size_t size, std::size_t count, Rng& random) {
  std::vector<std::uint32_t> all(size);
  std::iota(all.begin(), all.end(), 0U);
  if (count >= size) return all;
  random.shuffle(std::span(all));
  all.resize(count);
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace switchyard
