#include "switchyard/data/group.hpp"
#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace sy = switchyard;

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

bool alike(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

bool rows_alike(const sy::Matrix& m, sy::Index a, sy::Index b) {
  for (sy::Index j = 0; j < m.cols(); ++j) {
    if (!alike(m(a, j), m(b, j))) return false;
  }
  return true;
}

sy::Matrix repeated_rows(sy::Rng& rng, sy::Index rows) {
  const double values[] = {0.0, -0.0, 1.0, nan, -nan};
  sy::Matrix m(rows, 3);
  for (sy::Index i = 0; i < m.size(); ++i) m.data()[i] = values[rng.below(5)];
  return m;
}

}  // namespace

TEST_CASE("distinct rows are those a comparison of all pairs finds") {
  sy::Rng rng(7);
  const auto m = repeated_rows(rng, 120);
  const auto groups = sy::distinct_rows(m);
  REQUIRE(groups.group.size() == 120);
  for (sy::Index a = 0; a < m.rows(); ++a) {
    const auto group_a = groups.group[static_cast<std::size_t>(a)];
    CHECK(groups.first_row[static_cast<std::size_t>(group_a)] <= a);
    for (sy::Index b = 0; b < m.rows(); ++b) {
      REQUIRE((group_a == groups.group[static_cast<std::size_t>(b)]) == rows_alike(m, a, b));
    }
  }
  CHECK(std::is_sorted(groups.first_row.begin(), groups.first_row.end()));
  for (sy::Index group = 0; group < groups.count(); ++group) {
    const auto first = static_cast<std::size_t>(groups.first_row[static_cast<std::size_t>(group)]);
    CHECK(groups.group[first] == group);
  }
}

TEST_CASE("distinct rows of a block of a wider matrix ignore what lies beside it") {
  sy::Matrix m(2, 3);
  m << 1, 2, 10,  //
      1, 2, 20;
  CHECK(sy::distinct_rows(m.leftCols(2)).count() == 1);
  CHECK(sy::distinct_rows(m).count() == 2);
}

TEST_CASE("no rows make no groups") { CHECK(sy::distinct_rows(sy::Matrix(0, 3)).count() == 0); }

TEST_CASE("weighted rows keep each label's weight of every distinct row") {
  sy::Dataset data;
  data.features.resize(5, 1);
  data.features << 3, 4, 3, 3, 4;
  data.labels = {1, 0, 0, 1, 0};
  data.feature_names = {"x"};
  data.weights = {1, 2, 4, 8, 16};
  data.groups = {1, 2, 3, 4, 5};
  data.mate_groups = {1, 2, 3, 4, 5};
  data.times_ms = {1, 2, 3, 4, 5};
  data.runs = {1, 1, 1, 1, 1};
  const auto merged = sy::weighted_rows(data);
  merged.validate();
  REQUIRE(merged.rows() == 3);
  CHECK(merged.features(0, 0) == 3);
  CHECK(merged.features(1, 0) == 4);
  CHECK(merged.features(2, 0) == 3);
  CHECK(merged.labels == sy::Labels{1, 0, 0});
  CHECK(merged.weights == std::vector<double>{9, 18, 4});
  CHECK(merged.groups.empty());
  CHECK(merged.mate_groups.empty());
  CHECK(merged.times_ms.empty());
  CHECK(merged.runs.empty());
  CHECK_FALSE(sy::weighted_rows(data, 2));
  REQUIRE(sy::weighted_rows(data, 3));
  CHECK(sy::weighted_rows(data, 3)->weights == merged.weights);
}
