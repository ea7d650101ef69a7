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

sy::FixedPoint units_of(const std::vector<sy::GradientSums>& rows) {
  sy::SumRange range;
  for (const auto& row : rows) range.add(row);
  return range.fixed_point();
}

template <class Sums>
Sums encoded(const sy::FixedPoint& units, const sy::GradientSums& row) {
  Sums sums = Sums::pending(row);
  units.encode(sums);
  return sums;
}

}  // namespace

TEST_CASE("fixed point keeps every row to a trillionth, at any scale") {
  for (const double scale : {1.0, 1e-150, 1e90}) {
    CAPTURE(scale);
    const auto rows = random_rows(scale);
    const auto units = units_of(rows);
    sy::CountedFixedSums total;
    double gradient = 0;
    for (const auto& row : rows) {
      const auto fixed = encoded<sy::CountedFixedSums>(units, row);
      const auto plain = encoded<sy::FixedSums>(units, row);
      REQUIRE((plain.gradient == fixed.gradient && plain.hessian == fixed.hessian));
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
  const auto up = encoded<sy::FixedSums>(units, {0.3, 1e-16, 1});
  const auto down = encoded<sy::FixedSums>(units, {-0.3, 0, 1});
  CHECK((up + down).gradient == 0);
  CHECK(down.hessian == 1);
  CHECK_FALSE(down.empty());
  CHECK(encoded<sy::FixedSums>(units, {0, 0, 0}).empty());
  CHECK(sy::FixedSums::pending({0, 0, 0}).empty());
  CHECK(encoded<sy::CountedFixedSums>(units, {-0.3, 0, 1}).hessian == 1);
  CHECK((up + down - up) == down);
}
