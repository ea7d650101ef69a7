#include "switchyard/core/statistics.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

namespace sy = switchyard;

namespace {

using Values = std::vector<double>;

}  // namespace

TEST_CASE("a compensated sum keeps what a plain one loses") {
  CHECK(sy::compensated_sum(Values{1, 1e100, 1, -1e100}) == 2);  // Neumaier's own example; Kahan's method gives 0
  CHECK(sy::compensated_sum(Values(1'000'000, 0.1)) == Approx(1e5).epsilon(1e-16));
  CHECK(sy::compensated_sum(Values{}) == 0);
}

TEST_CASE("mean and standard deviation by hand") {
  const Values values{2, 4, 4, 4, 5, 5, 7, 9};
  CHECK(sy::mean(values) == 5);
  CHECK(sy::standard_deviation(values) == Approx(std::sqrt(32.0 / 7)));
  CHECK(sy::standard_deviation(Values{1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}) == Approx(std::sqrt(30.0)));
  CHECK(std::isnan(sy::mean(Values{})));
  CHECK(std::isnan(sy::standard_deviation(Values{1})));
}

TEST_CASE("quantiles are NumPy's linear ones") {
  const Values values{7, 1, 3, 10};  // numpy.quantile([7, 1, 3, 10], q)
  CHECK(sy::quantile(values, 0) == 1);
  CHECK(sy::quantile(values, 0.25) == Approx(2.5));
  CHECK(sy::quantile(values, 0.5) == Approx(5));
  CHECK(sy::quantile(values, 0.9) == Approx(9.1));
  CHECK(sy::quantile(values, 1) == 10);
  CHECK(sy::median(Values{3, 1, 2}) == 2);
  CHECK(sy::median(Values{4}) == 4);
  CHECK(std::isnan(sy::median(Values{})));
}
