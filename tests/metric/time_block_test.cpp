#include "switchyard/metric/time_block.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/metric/bootstrap.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <vector>

namespace sy = switchyard;

using Numbers = std::vector<std::int64_t>;

const sy::TimeBlockOptions minute{.block_ms = 60'000};

TEST_CASE("rows of one minute of one run are a block") {
  const Numbers times{0, 59'999, 60'000, 61'000, -1, 10};
  const Numbers runs{0, 0, 0, 0, 0, 1};
  CHECK(sy::time_blocks({.times_ms = times, .runs = runs}, 6, minute) == Numbers{0, 0, 1, 1, 2, 3});
  CHECK(sy::time_blocks({.times_ms = times}, 6, minute) == Numbers{0, 0, 1, 1, 2, 0});
  CHECK(sy::time_blocks({.times_ms = times}, 6, {.block_ms = 120'000}) == Numbers{0, 0, 0, 0, 1, 0});
}

TEST_CASE("a component goes whole to the block of its earliest row") {
  // Component 7 is sent in minutes 1, 0 and 3 of run 4, and once, later, in run 5.
  const Numbers times{70'000, 50'000, 190'000, 195'000, 52'000, 71'000};
  const Numbers runs{4, 4, 4, 5, 4, 4};
  const Numbers groups{7, 7, 7, 7, 8, 9};
  CHECK(sy::time_blocks({times, runs, groups}, 6, minute) == Numbers{0, 0, 0, 0, 0, 1});
}

TEST_CASE("the run of a component is that of its earliest row, in whatever order") {
  const Numbers times{70'000, 50'000, 50'000};
  const Numbers groups{1, 1, 2};
  CHECK(sy::time_blocks({times, Numbers{3, 2, 2}, groups}, 3, minute) == Numbers{0, 0, 0});
  CHECK(sy::time_blocks({times, Numbers{2, 3, 2}, groups}, 3, minute) == Numbers{0, 0, 1});
}

TEST_CASE("a chain through a run is cut by time") {
  Numbers times;
  for (std::int64_t i = 0; i < 40; ++i) times.push_back(30'000 * i);
  const Numbers one_component(40, 1);
  CHECK(sy::block_count(sy::time_blocks({.times_ms = times, .groups = one_component}, 40, minute)) == 20);
  const sy::TimeBlockOptions whole{.block_ms = 60'000, .longest_component_ms = 39 * 30'000};
  CHECK(sy::block_count(sy::time_blocks({.times_ms = times, .groups = one_component}, 40, whole)) == 1);
  const sy::TimeBlockOptions cut{.block_ms = 60'000, .longest_component_ms = 39 * 30'000 - 1};
  CHECK(sy::block_count(sy::time_blocks({.times_ms = times, .groups = one_component}, 40, cut)) == 20);
}

TEST_CASE("without times components are drawn alone, without either each row") {
  const Numbers groups{5, 3, 5};
  CHECK(sy::time_blocks({.groups = groups}, 3) == Numbers{0, 1, 0});
  CHECK(sy::time_blocks({}, 3) == Numbers{0, 1, 2});
  CHECK(sy::time_blocks({}, 0).empty());
  CHECK(sy::block_count({}) == 0);
  CHECK(sy::block_count(Numbers{4, 4, 2}) == 2);
}

TEST_CASE("block options and sizes are checked") {
  const Numbers one{1};
  CHECK_THROWS_WITH(sy::time_blocks({.times_ms = one}, 2), "times_ms has 1 values; expected 2");
  CHECK_THROWS_WITH(sy::time_blocks({.runs = one}, 2), "runs has 1 values; expected 2");
  CHECK_THROWS_WITH(sy::time_blocks({.groups = one}, 2), "groups has 1 values; expected 2");
  CHECK_THROWS_WITH(sy::time_blocks({}, 0, {.block_ms = 0}), "block_ms is 0; expected at least 1");
  CHECK_THROWS_WITH(sy::time_blocks({}, 0, {.longest_component_ms = -1}),
                    "longest_component_ms is -1; expected at least 0");
}

TEST_CASE("blocks of time cover the truth where rows by themselves do not") {
  // A row each second; every 15 s the platforms' state changes, and with it how often a beats b: .8 or .2.
  constexpr int trials = 300;
  constexpr int rows = 3600;
  int covered = 0;
  int covered_by_row = 0;
  double width = 0;
  double width_by_row = 0;
  for (std::uint64_t trial = 0; trial < trials; ++trial) {
    sy::Rng rng(trial);
    sy::Labels right;
    Numbers times;
    double chance = 0;
    for (int i = 0; i < rows; ++i) {
      if (i % 15 == 0) chance = rng.bernoulli(0.5) ? 0.8 : 0.2;
      right.push_back(rng.bernoulli(chance) ? 1 : 0);
      times.push_back(1000 * i);
    }
    const sy::Labels ones(rows, 1);
    const sy::Labels zeros(rows, 0);
    const sy::BootstrapOptions options{.replicates = 200, .seed = trial};
    const auto blocks = sy::time_blocks({.times_ms = times}, rows);
    const auto by_block = sy::bootstrap_accuracy_difference(ones, right, zeros, blocks, options).interval;
    covered += by_block.contains(0.5) ? 1 : 0;
    width += by_block.high - by_block.low;
    if (trial % 6 != 0) continue;  // a replicate of rows costs as many draws as there are rows
    const auto by_row = sy::bootstrap_accuracy_difference(ones, right, zeros, {}, options).interval;
    covered_by_row += by_row.contains(0.5) ? 1 : 0;
    width_by_row += 6 * (by_row.high - by_row.low);
  }
  // The standard error of a coverage near .95 over 300 trials is .013; sixty blocks cost about .01.
  CHECK(covered / static_cast<double>(trials) == Approx(0.94).margin(0.04));
  CHECK(covered_by_row / (trials / 6.0) < 0.75);
  // Variance of a state's mean: .09 between states and .16 / 15 within, where rows by themselves suppose .25 / 15.
  CHECK(width / width_by_row == Approx(std::sqrt((0.09 + 0.16 / 15) / (0.25 / 15))).epsilon(0.05));
}
