#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/tree/binomial.hpp"

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

/// Calls visit(row) for each of `draws` rows drawn from `rows` with replacement. Two 32-bit draws per random number;
/// multiplied, not divided, and without bias (Lemire, "Fast Random Integer Generation in an Interval", 2019).
template <class Visit>
void draw_rows(std::uint32_t rows, std::size_t draws, Rng random, const Visit& visit) {
  const std::uint32_t unfair = (0U - rows) % rows;
  std::uint64_t bits = 0;
  bool has_half = false;
  while (draws > 0) {
    bits = has_half ? bits >> 32U : random.next();
    has_half = !has_half;
    const std::uint64_t product = (bits & 0xFFFFFFFFU) * rows;
    if (static_cast<std::uint32_t>(product) < unfair) continue;
    visit(static_cast<std::uint32_t>(product >> 32U));
    --draws;
  }
}

/// Calls visit(row) for each draw of one bootstrap: as many draws as the weights sum to (rounded, at least one), each
/// row with a chance in proportion to its weight, so that a row of weight 3 is three rows.
template <class Visit>
void draw_bootstrap(const Dataset& data, Rng random, const Visit& visit) {
  const auto rows = static_cast<std::size_t>(data.rows());
  if (data.weights.empty()) return draw_rows(static_cast<std::uint32_t>(rows), rows, random, visit);
  std::vector<double> cumulative(rows);
  std::partial_sum(data.weights.begin(), data.weights.end(), cumulative.begin());
  const double total = cumulative.back();
  const auto draws = static_cast<std::size_t>(std::max(1.0, std::round(total)));
  for (std::size_t draw = 0; draw < draws; ++draw) {
    const auto found = std::upper_bound(cumulative.begin(), cumulative.end(), random.uniform() * total);
    visit(static_cast<std::uint32_t>(std::min(static_cast<std::size_t>(found - cumulative.begin()), rows - 1)));
  }
}

/// How often each row is drawn by one bootstrap. [rows]
[[nodiscard]] inline std::vector<double> bootstrap_counts(const Dataset& data, Rng random) {
  std::vector<double> counts(static_cast<std::size_t>(data.rows()), 0.0);
  draw_bootstrap(data, random, [&](std::uint32_t row) { counts[row] += 1; });
  return counts;
}

/// What is left of a weight when every row is kept with chance `share`: a weight of 3 is three rows, a remainder below
/// 1 stays or goes as a whole.
[[nodiscard]] inline double bernoulli_weight(double weight, double share, Rng& random) {
  if (weight == 1) return random.bernoulli(share) ? 1.0 : 0.0;
  const double whole = std::floor(weight);
  const double kept = static_cast<double>(binomial(static_cast<std::uint64_t>(whole), share, random));
  return weight > whole && random.bernoulli(share) ? kept + (weight - whole) : kept;
}

/// The same of each row's weight. [rows]
[[nodiscard]] inline std::vector<double> bernoulli_weights(const Dataset& data, double share, Rng& random) {
  std::vector<double> kept(static_cast<std::size_t>(data.rows()));
  for (std::size_t i = 0; i < kept.size(); ++i) {
    kept[i] = bernoulli_weight(data.weight(static_cast<Index>(i)), share, random);
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
