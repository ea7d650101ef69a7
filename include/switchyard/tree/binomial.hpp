#pragma once

#include "switchyard/core/random.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace switchyard {

namespace detail {

/// Number of successes counted from none up: as many steps as there are successes.
[[nodiscard]] inline double binomial_by_inversion(double trials, double chance, Rng& random) noexcept {
  const double odds = chance / (1 - chance);
  const double none = std::exp(trials * std::log1p(-chance));
  while (true) {
    double probability = none;
    double left = random.uniform();
    for (double successes = 0; successes <= trials; successes += 1) {
      if (left < probability) return successes;
      left -= probability;
      probability *= odds * (trials - successes) / (successes + 1);
    }
    // What the probabilities' rounding errors leave: draw again.
  }
}

/// ln k! less Stirling's formula for it.
[[nodiscard]] inline double stirling_error(double k) noexcept {
  constexpr std::array<double, 10> exact{
      0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.0207906721037650,  0.0166446911898211,
      0.0138761288230707, 0.0118967099458917, 0.0104112652619720, 0.00925546218271273, 0.00833056343336287};
  if (k < static_cast<double>(exact.size())) return exact[static_cast<std::size_t>(k)];
  const double inverse = 1 / (k + 1);
  const double square = inverse * inverse;
  return (1.0 / 12 - (1.0 / 360 - square / 1260) * square) * inverse;
}

/// Transformed rejection with squeeze, algorithm BTRS of Hoermann, "The Generation of Binomial Random Variates",
/// Journal of Statistical Computation and Simulation 46, 1993: some 1.2 tries whatever the size. trials * chance >= 10,
/// chance <= 1/2.
[[nodiscard]] inline double binomial_by_rejection(double trials, double chance, Rng& random) noexcept {
  const double deviation = std::sqrt(trials * chance * (1 - chance));
  const double b = 1.15 + 2.53 * deviation;
  const double a = -0.0873 + 0.0248 * b + 0.01 * chance;
  const double centre = trials * chance + 0.5;
  const double v_accepted = 0.92 - 4.2 / b;
  const double alpha = (2.83 + 5.1 / b) * deviation;
  const double odds = chance / (1 - chance);
  const double mode = std::floor((trials + 1) * chance);
  while (true) {
    const double u = random.uniform() - 0.5;
    const double v = random.uniform();
    const double us = 0.5 - std::abs(u);
    const double k = std::floor((2 * a / us + b) * u + centre);
    if (us >= 0.07 && v <= v_accepted) return k;
    if (!(k >= 0 && k <= trials)) continue;
    const double log_density = (mode + 0.5) * std::log((mode + 1) / (odds * (trials - mode + 1))) +
                               (trials + 1) * std::log((trials - mode + 1) / (trials - k + 1)) +
                               (k + 0.5) * std::log(odds * (trials - k + 1) / (k + 1)) + stirling_error(mode) +
                               stirling_error(trials - mode) - stirling_error(k) - stirling_error(trials - k);
    if (std::log(v * alpha / (a / (us * us) + b)) <= log_density) return k;
  }
}

}  // namespace detail

/// Number of successes in `trials` independent tries of chance `chance`. trials: at most 2^53; chance: 0 to 1.
[[nodiscard]] inline std::uint64_t binomial(std::uint64_t trials, double chance, Rng& random) noexcept {
  if (chance > 0.5) return trials - binomial(trials, 1 - chance, random);
  if (trials == 0 || !(chance > 0)) return 0;
  constexpr double few_successes = 10;
  const auto n = static_cast<double>(trials);
  return static_cast<std::uint64_t>(n * chance < few_successes ? detail::binomial_by_inversion(n, chance, random)
                                                               : detail::binomial_by_rejection(n, chance, random));
}

}  // namespace switchyard
