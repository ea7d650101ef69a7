#include "switchyard/data/scale.hpp"

#include "missing.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

namespace sy = switchyard;

TEST_CASE("StandardScaler: hand-worked means and deviations") {
  sy::Matrix rows(4, 2);
  rows << 2, 10, 4, 30, 4, 10, 6, 30;
  const auto scaler = sy::StandardScaler::fit(rows);
  CHECK(scaler.mean == std::vector<double>{4, 20});
  CHECK(scaler.scale == std::vector<double>{std::sqrt(2.0), 10});  // (4 + 0 + 0 + 4) / 4 and (4 * 100) / 4
  const sy::Matrix scaled = scaler.transform(rows);
  CHECK(scaled(0, 0) == Approx(-std::sqrt(2.0)));
  CHECK(scaled(3, 1) == 1);
}

TEST_CASE("StandardScaler ignores missing values and keeps them missing") {
  sy::Matrix rows(4, 2);
  rows << 1, missing, missing, missing, 3, missing, missing, missing;
  const auto scaler = sy::StandardScaler::fit(rows);
  CHECK(scaler.mean == std::vector<double>{2, 0});
  CHECK(scaler.scale == std::vector<double>{1, 1});
  const sy::Matrix scaled = scaler.transform(rows);
  CHECK(scaled(2, 0) == 1);
  CHECK(std::isnan(scaled(1, 0)));
}

TEST_CASE("StandardScaler leaves a constant column's scale at 1, whatever rounding makes of its variance") {
  for (const double constant : {0.0, 0.1, -3.7e9, 1e-200}) {
    const sy::Matrix rows = sy::Matrix::Constant(1001, 1, constant);
    const auto scaler = sy::StandardScaler::fit(rows);
    CHECK(scaler.scale[0] == 1);
    CHECK(scaler.mean[0] == Approx(constant));
  }
}

TEST_CASE("StandardScaler keeps a small spread around a moderate mean") {
  sy::Matrix rows(2, 1);
  rows << 1000, 1000.001;
  CHECK(sy::StandardScaler::fit(rows).scale[0] == Approx(0.0005).epsilon(1e-6));
}

TEST_CASE("A row of weight 3 scales as three rows") {
  sy::Matrix few(3, 2);
  few << 1, missing, 5, 2, 7, 3;
  const std::vector<double> weights{3, 1, 2};
  sy::Matrix many(6, 2);
  many << 1, missing, 1, missing, 1, missing, 5, 2, 7, 3, 7, 3;
  const auto weighted = sy::StandardScaler::fit(few, weights);
  const auto repeated = sy::StandardScaler::fit(many);
  for (std::size_t c = 0; c < 2; ++c) {
    CHECK(weighted.mean[c] == Approx(repeated.mean[c]).epsilon(1e-14));
    CHECK(weighted.scale[c] == Approx(repeated.scale[c]).epsilon(1e-14));
  }
}

TEST_CASE("StandardScaler refuses shapes that do not fit") {
  const auto scaler = sy::StandardScaler::fit(sy::Matrix::Ones(3, 2));
  CHECK_THROWS_AS(scaler.transform(sy::Matrix::Ones(3, 3)), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::StandardScaler::fit(sy::Matrix::Ones(3, 2), std::vector<double>{1, 2}), sy::InvalidArgument);
}
