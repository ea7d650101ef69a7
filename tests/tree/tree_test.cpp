#include "switchyard/tree/tree.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <vector>

namespace sy = switchyard;

TEST_CASE("an ensemble answers bias, offset and scaled sum of trees") {
  constexpr double missing = std::numeric_limits<double>::quiet_NaN();
  const sy::Tree stump{{{.feature = 1, .left = 1, .right = 2, .threshold = 0.5}, {.value = 2}, {.value = 10}}};
  sy::Ensemble ensemble{.trees = {stump, stump}, .bias = 1, .scale = 0.25, .features = 2};
  CHECK(ensemble.raw(std::vector{100.0, 0.5}) == 2);
  ensemble.offset_column = 0;
  ensemble.offset_mean = 7;  // no answer depends on it
  CHECK(ensemble.raw(std::vector{100.0, 0.5}) == 102);
  CHECK(ensemble.raw(std::vector{-3.0, 0.6}) == 3);
  CHECK(ensemble.offset(std::vector{missing, 0.5}) == 0);
  CHECK(ensemble.raw(std::vector{missing, 0.5}) == 2);
  ensemble.offset_column = 1;
  CHECK(ensemble.raw(std::vector{100.0, 0.75}) == 6.75);
}
