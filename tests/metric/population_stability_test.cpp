#include "switchyard/metric/population_stability.hpp"
#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

namespace sy = switchyard;

TEST_CASE("population stability index by hand") {
  const std::vector<double> before{50, 30, 20};
  // (.4 - .5) ln .8 + (.4 - .3) ln (4/3) + 0 = .022314 + .028768
  CHECK(sy::population_stability_index(before, std::vector<double>{40, 40, 20}) == Approx(0.0510826).epsilon(1e-5));
  CHECK(sy::population_stability_index(before, std::vector<double>{400, 400, 200}) == Approx(0.0510826).epsilon(1e-5));
  CHECK(sy::population_stability_index(before, std::vector<double>{5, 3, 2}) == Approx(0).margin(1e-15));
  // From 50/50 to 90/10: .4 ln 1.8 + (-.4) ln .2 = .235115 + .643775
  CHECK(sy::population_stability_index(std::vector<double>{1, 1}, std::vector<double>{9, 1}) ==
        Approx(0.878890).epsilon(1e-5));
}

TEST_CASE("the index is symmetric, and a bin empty on one side counts half a sample there") {
  const std::vector<double> a{7, 0, 3, 0};
  const std::vector<double> b{10, 10, 0, 0};
  const double expected =
      (0.5 - 0.7) * std::log(0.5 / 0.7) + (0.5 - 0.05) * std::log(0.5 / 0.05) + (0.025 - 0.3) * std::log(0.025 / 0.3);
  CHECK(sy::population_stability_index(a, b) == Approx(expected));
  CHECK(sy::population_stability_index(b, a) == Approx(expected));
  CHECK(std::isnan(sy::population_stability_index(a, std::vector<double>(4, 0.0))));
  CHECK_THROWS_AS(sy::population_stability_index(a, std::vector<double>{1}), sy::InvalidArgument);
}

TEST_CASE("without a shift the index exceeds what chance can do in one case of twenty") {
  constexpr double shares[] = {0.1, 0.2, 0.3, 0.4};
  sy::Rng rng(7);
  const auto draw = [&](int samples) {
    std::vector<double> counts(4, 0.0);
    for (int i = 0; i < samples; ++i) {
      double position = rng.uniform();
      std::size_t bin = 0;
      while (bin < 3 && position >= shares[bin]) position -= shares[bin++];
      counts[bin] += 1;
    }
    return counts;
  };
  int exceeded = 0;
  constexpr int trials = 2000;
  const double by_chance = sy::stability_by_chance(4, 800, 300);
  for (int trial = 0; trial < trials; ++trial) {
    exceeded += sy::population_stability_index(draw(800), draw(300)) > by_chance ? 1 : 0;
  }
  CHECK(std::abs(exceeded - 0.05 * trials) < 4 * std::sqrt(trials * 0.05 * 0.95));
}

TEST_CASE("quantiles of chi-square as in the tables") {
  // n = m = 2 make the factor 1.
  CHECK(sy::stability_by_chance(10, 2, 2) == Approx(16.919).epsilon(0.003));
  CHECK(sy::stability_by_chance(5, 2, 2, 0.99) == Approx(13.277).epsilon(0.005));
  CHECK(sy::stability_by_chance(2, 2, 2) == Approx(3.841).epsilon(0.03));
  CHECK(sy::stability_by_chance(1, 2, 2) == 0);
  CHECK_THROWS_AS(sy::stability_by_chance(3, 2, 2, 1), sy::InvalidArgument);
}
