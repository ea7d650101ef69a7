#include "switchyard/tree/binomial.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

namespace sy = switchyard;

namespace {

/// Chi-square of `draws` draws against the probabilities, cells of less than ten expected draws taken together; with
/// its degrees of freedom.
std::pair<double, double> chi_square(std::uint64_t trials, double chance, int draws) {
  std::vector<double> found(trials + 1);
  sy::Rng random(trials);
  for (int i = 0; i < draws; ++i) found.at(sy::binomial(trials, chance, random)) += 1;
  const auto n = static_cast<double>(trials);
  double statistic = 0;
  double freedom = -1;
  double rest_found = 0;
  double rest_expected = 0;
  const auto count = [&](double seen, double expected) {
    statistic += (seen - expected) * (seen - expected) / expected;
    freedom += 1;
  };
  for (std::size_t i = 0; i <= trials; ++i) {
    const auto k = static_cast<double>(i);
    const double log_probability = std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) +
                                   k * std::log(chance) + (n - k) * std::log1p(-chance);
    rest_found += found[i];
    rest_expected += draws * std::exp(log_probability);
    if (rest_expected < 10) continue;
    count(rest_found, rest_expected);
    rest_found = rest_expected = 0;
  }
  if (rest_expected > 1) count(rest_found, rest_expected);
  return {statistic, freedom};
}

}  // namespace

TEST_CASE("binomial draws have the binomial distribution") {
  struct Case {
    std::uint64_t trials;
    double chance;
  };
  for (const auto& each :
       std::vector<Case>{{1, 0.3}, {5, 0.8}, {40, 0.1}, {30, 0.5}, {60, 0.2}, {200, 0.8}, {3000, 0.4}}) {
    CAPTURE(each.trials, each.chance);
    const auto [statistic, freedom] = chi_square(each.trials, each.chance, 100000);
    REQUIRE(freedom >= 1);
    // Five standard deviations of a chi-square variable above its mean.
    CHECK(statistic < freedom + 5 * std::sqrt(2 * freedom));
  }
}

TEST_CASE("binomial draws of many tries have the right mean and spread") {
  sy::Rng random(7);
  constexpr double trials = 1e12;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < 20000; ++i) {
    const double z =
        (static_cast<double>(sy::binomial(1'000'000'000'000, 0.8, random)) - 0.8 * trials) / std::sqrt(trials * 0.16);
    sum += z;
    squares += z * z;
  }
  CHECK(sum / 20000 == Approx(0).margin(5 / std::sqrt(20000.0)));
  CHECK(squares / 20000 == Approx(1).margin(5 * std::sqrt(2 / 20000.0)));
}

TEST_CASE("binomial draws that are certain") {
  sy::Rng random(1);
  CHECK(sy::binomial(0, 0.5, random) == 0);
  CHECK(sy::binomial(100, 0, random) == 0);
  CHECK(sy::binomial(100, 1, random) == 100);
}
