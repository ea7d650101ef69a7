#include "switchyard/tree/fixed_point.hpp"

#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

namespace sy = switchyard;

namespace {

std::vector<sy::GradientSums> random_rows(double scale) {
  sy::Rng random(3);
  std::vector<sy::GradientSums> rows;
  for (int i = 0; i < 30000; ++i) rows.push_back({scale * random.normal(), scale * random.uniform(), 1});
  return rows;
}

}  // namespace

TEST_CASE("fixed point keeps every row to a trillionth, at any scale") {
  sy::ThreadPool pool(2);
  for (const double scale : {1.0, 1e-150, 1e90}) {
    CAPTURE(scale);
    const auto rows = random_rows(scale);
    const auto units = sy::range_of(rows, pool).fixed_point();
    sy::CountedFixedSums total;
    double gradient = 0;
    for (const auto& row : rows) {
      sy::CountedFixedSums fixed;
      units.encode(row, fixed);
      const auto back = units.decode(fixed);
      REQUIRE(std::abs(back.gradient - row.gradient) <= 1e-12 * scale);
      REQUIRE(std::abs(back.hessian - row.hessian) <= 1e-12 * scale);
      REQUIRE(back.weight == 1);
      total += fixed;
      gradient += row.gradient;
    }
    CHECK(units.decode(total).gradient == Approx(gradient).epsilon(1e-9));
    CHECK(units.decode(total).weight == 30000);
  }
}

TEST_CASE("fixed point: opposites cancel, a row is never nothing, no row is") {
  const sy::SumRange range{{5, 1e6, 3}};
  const auto units = range.fixed_point();
  sy::FixedSums up;
  sy::FixedSums down;
  units.encode({0.3, 1e-16, 1}, up);
  units.encode({-0.3, 0, 1}, down);
  CHECK((up + down).gradient == 0);
  CHECK(down.hessian == 1);
  CHECK_FALSE(down.empty());
  sy::FixedSums none;
  units.encode({0, 0, 0}, none);
  CHECK(none.empty());
  CHECK((up + down - up) == down);
}

TEST_CASE("the range of rows does not depend on the thread count") {
  auto rows = random_rows(1);
  rows[20000].weight = 2;
  sy::ThreadPool one(1);
  const auto expected = sy::range_of(rows, one);
  CHECK_FALSE(expected.weights_are_equal);
  CHECK_FALSE(expected.hessian_is_weight);
  for (const int threads : {2, 7}) {
    sy::ThreadPool pool(threads);
    CHECK(sy::range_of(rows, pool).magnitude == expected.magnitude);
  }
}
