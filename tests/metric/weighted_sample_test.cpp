#include "switchyard/metric/weighted_sample.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/core/statistics.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

namespace sy = switchyard;

using sy::detail::ClusteredValue;
using sy::detail::WeightedSample;

TEST_CASE("counts as weights give the quantiles of the repeated values") {
  sy::Rng rng(3);
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<double> times;
    for (int cluster = 0; cluster < 4; ++cluster) times.push_back(static_cast<double>(rng.below(3)));
    std::vector<ClusteredValue> values;
    std::vector<double> repeated;
    for (int i = 0; i < 9; ++i) {
      const ClusteredValue item{static_cast<double>(rng.below(6)), static_cast<double>(rng.below(4)),
                                static_cast<std::uint32_t>(rng.below(4))};
      values.push_back(item);
      repeated.insert(repeated.end(), static_cast<std::size_t>(item.weight * times[item.cluster]), item.value);
    }
    std::sort(repeated.begin(), repeated.end());
    const auto found = WeightedSample(values, 4).quantiles<4>({0, 0.3, 0.5, 1}, times);
    if (repeated.empty()) {
      CHECK(std::isnan(found[1]));
      continue;
    }
    CHECK(found[0] == repeated.front());
    CHECK(found[1] == sy::quantile_of_sorted(repeated, 0.3));
    CHECK(found[2] == sy::quantile_of_sorted(repeated, 0.5));
    CHECK(found[3] == repeated.back());
  }
}

TEST_CASE("fractions of weight add up") {
  // 1, 1, 2, 2, 2, 3, each counted by tenths.
  std::vector<ClusteredValue> values;
  for (int tenth = 0; tenth < 10; ++tenth) {
    for (const double value : {1.0, 1.0, 2.0, 2.0, 2.0, 3.0}) values.push_back({value, 0.1, 0});
  }
  const std::vector<double> once{1.0};
  const auto found = WeightedSample(values, 1).quantiles<3>({0.2, 0.5, 0.9}, once);
  CHECK(found[0] == Approx(1));    // position 1 of 0 to 5
  CHECK(found[1] == Approx(2));    // position 2.5
  CHECK(found[2] == Approx(2.5));  // position 4.5, between 2 and 3
}

TEST_CASE("no weight has no quantile, and little weight the first value") {
  const std::vector<double> once{1.0};
  CHECK(std::isnan(WeightedSample({}, 1).quantiles<1>({0.5}, once)[0]));
  CHECK(WeightedSample({{7, 0.25, 0}}, 1).quantiles<1>({0.5}, once)[0] == 7);
}
