#include "switchyard/metric/interval.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

namespace sy = switchyard;

TEST_CASE("normal quantiles agree with scipy.stats.norm.ppf") {
  CHECK(sy::normal_quantile(0.975) == Approx(1.959963984540054).epsilon(1e-14));
  CHECK(sy::normal_quantile(0.9) == Approx(1.2815515655446004).epsilon(1e-14));
  CHECK(sy::normal_quantile(0.01) == Approx(-2.3263478740408408).epsilon(1e-14));
  CHECK(sy::normal_quantile(1e-10) == Approx(-6.361340902404056).epsilon(1e-13));
  CHECK(sy::normal_quantile(1e-300) == Approx(-37.0470962993612).epsilon(1e-13));
  CHECK(std::abs(sy::normal_quantile(0.5)) < 1e-15);
  CHECK(sy::normal_quantile(0) == -std::numeric_limits<double>::infinity());
  CHECK(sy::normal_quantile(1) == std::numeric_limits<double>::infinity());
  CHECK_THROWS_WITH(sy::normal_quantile(1.5), "probability is 1.5; expected a number in [0, 1]");
  CHECK_THROWS_AS(sy::normal_quantile(std::nan("")), sy::InvalidArgument);
}

TEST_CASE("quantile and distribution function undo each other") {
  for (double z = -8; z <= 3; z += 0.37) CHECK(sy::normal_quantile(sy::normal_cdf(z)) == Approx(z).epsilon(1e-11));
}

TEST_CASE("Wilson intervals of Newcombe's examples") {
  // Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I,
  // method 3: 81/263, 15/148, 0/20, 1/29.
  const auto check = [](double successes, double trials, double low, double high) {
    const auto interval = sy::wilson_interval(successes, trials);
    CHECK(interval.low == Approx(low).margin(0.00005));
    CHECK(interval.high == Approx(high).margin(0.00005));
  };
  check(81, 263, 0.2553, 0.3662);
  check(15, 148, 0.0624, 0.1605);
  check(0, 20, 0.0000, 0.1611);
  check(1, 29, 0.0061, 0.1718);
}

TEST_CASE("Wilson intervals agree with scipy's binomtest(k, n).proportion_ci(level, 'wilson')") {
  CHECK(sy::wilson_interval(1, 10).low == Approx(0.017876213095072896).epsilon(1e-12));
  CHECK(sy::wilson_interval(1, 10).high == Approx(0.4041500267952385).epsilon(1e-12));
  CHECK(sy::wilson_interval(10, 10).low == Approx(0.7224672001371109).epsilon(1e-12));
  CHECK(sy::wilson_interval(10, 10).high == 1);
  CHECK(sy::wilson_interval(0, 10).low == 0);
  CHECK(sy::wilson_interval(7, 20, 0.9).low == Approx(0.20226004005676104).epsilon(1e-12));
  CHECK(sy::wilson_interval(7, 20, 0.9).high == Approx(0.5334873111515284).epsilon(1e-12));
  CHECK(sy::wilson_interval(0, 0).low == 0);
  CHECK(sy::wilson_interval(0, 0).high == 1);
  CHECK_THROWS_AS(sy::wilson_interval(3, 2), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::wilson_interval(-1, 2), sy::InvalidArgument);
  CHECK_THROWS_WITH(sy::wilson_interval(1, 2, 1), "level is 1; expected a number in (0, 1)");
}

TEST_CASE("percentile intervals take the middle and leave NaN out") {
  std::vector<double> values;
  for (int i = 200; i >= 0; --i) values.push_back(i);
  values.push_back(std::nan(""));
  const auto interval = sy::percentile_interval(values, 0.9);
  CHECK(interval.low == Approx(10));
  CHECK(interval.high == Approx(190));
  CHECK(interval.contains(10.5));
  CHECK_FALSE(interval.contains(9.5));
  CHECK(std::isnan(sy::percentile_interval({}).low));
}
