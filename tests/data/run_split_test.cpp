#include "switchyard/data/run_split.hpp"
#include "data/split_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

namespace sy = switchyard;

namespace {

constexpr sy::RunValidation validations[] = {sy::RunValidation::stratified, sy::RunValidation::latest,
                                             sy::RunValidation::inner_runs};

/// Runs numbered in another order than they began; the last part of each overlaps the beginning of the next.
sy::Dataset overlapping_runs(std::uint64_t seed, std::size_t rows, std::size_t groups) {
  auto data = fixture::random_dataset(seed, rows, groups);
  sy::Rng rng(seed + 500);
  for (std::size_t i = 0; i < rows; ++i) {
    if (rng.below(8) == 0) data.times_ms[i] += static_cast<std::int64_t>(rows / 8);
    data.runs[i] = (data.runs[i] * 3 + 1) % 4;  // 0 1 2 3 -> 1 0 3 2
  }
  return data;
}

std::int64_t first_time(const sy::Dataset& data, std::int64_t run) {
  auto first = std::numeric_limits<std::int64_t>::max();
  for (std::size_t i = 0; i < data.runs.size(); ++i) {
    if (data.runs[i] == run) first = std::min(first, data.times_ms[i]);
  }
  return first;
}

bool same_group(const sy::Dataset& data, sy::Index a, sy::Index b) {
  if (data.groups.empty()) return a == b;
  return data.groups[static_cast<std::size_t>(a)] == data.groups[static_cast<std::size_t>(b)];
}

/// Rows of training and validation together, ascending.
std::vector<sy::Index> learned_from(const sy::Split& split) {
  auto rows = split.rows.train;
  rows.insert(rows.end(), split.rows.validation.begin(), split.rows.validation.end());
  std::sort(rows.begin(), rows.end());
  return rows;
}

}  // namespace

TEST_CASE("no split by runs loses a row, takes one twice or cuts a group, on random data") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    INFO(seed);
    const auto rows = static_cast<std::size_t>(200 + 10 * seed);
    const auto data = overlapping_runs(seed, rows, seed % 4 == 0 ? 0 : rows / 4);
    for (const auto kind : validations) {
      for (const auto& split : sy::leave_one_run_out(data, {.validation_by = kind, .seed = seed})) {
        fixture::check_partition(data, split.rows);
        fixture::check_parts_hold_their_rows(split);
        CHECK(split.rows.later.empty());
        CHECK(split.rows.validation.empty() == (kind == sy::RunValidation::inner_runs));
      }
      for (const auto& split : sy::forward_chaining(data, {.validation_by = kind, .seed = seed})) {
        fixture::check_partition(data, split.rows);
        fixture::check_parts_hold_their_rows(split);
        CHECK(split.rows.validation.empty() == (kind == sy::RunValidation::inner_runs));
      }
    }
  }
}

TEST_CASE("leaving one run out tests that whole run and purges exactly what is tied to it") {
  std::size_t all_purged = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const auto data = fixture::random_dataset(seed, 400, 100, 3);
    const auto splits = sy::leave_one_run_out(data, {.seed = seed});
    REQUIRE(splits.size() == 3);
    for (std::size_t run = 0; run < 3; ++run) {
      std::vector<sy::Index> tested;
      std::vector<sy::Index> purged;
      std::vector<sy::Index> rest;
      for (sy::Index row = 0; row < 400; ++row) {
        const auto is_tested = [&](sy::Index r) {
          return data.runs[static_cast<std::size_t>(r)] == static_cast<std::int64_t>(run);
        };
        bool tied = false;
        for (sy::Index other = 0; other < 400; ++other) {
          tied = tied || (is_tested(other) && same_group(data, row, other));
        }
        (is_tested(row) ? tested : tied ? purged : rest).push_back(row);
      }
      CHECK(splits[run].rows.test == tested);
      CHECK(splits[run].rows.purged == purged);
      CHECK(learned_from(splits[run]) == rest);
      all_purged += purged.size();
    }
  }
  CHECK(all_purged > 0);
}

TEST_CASE("validation within training runs has its share: of both labels, or the latest") {
  const auto data = fixture::random_dataset(6, 1200, 0, 3);
  for (const auto& split : sy::leave_one_run_out(data)) {
    CHECK(std::abs(fixture::rate(split.train.labels) - fixture::rate(split.validation.labels)) < 0.01);
    CHECK(split.validation.rows() == Approx(800.0 / 4).margin(20));
  }
  for (const auto& split : sy::leave_one_run_out(data, {.validation_by = sy::RunValidation::latest})) {
    CHECK(*std::max_element(split.train.times_ms.begin(), split.train.times_ms.end()) <
          *std::min_element(split.validation.times_ms.begin(), split.validation.times_ms.end()));
  }
}

TEST_CASE("forward chaining learns exactly from what was known when the tested run began") {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    INFO(seed);
    const auto data = overlapping_runs(seed, 400, seed % 3 == 0 ? 0 : 100);
    std::vector<std::int64_t> order{0, 1, 2, 3};
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return first_time(data, a) < first_time(data, b); });
    REQUIRE(order.front() == 1);
    const auto splits = sy::forward_chaining(data, {.validation_by = sy::RunValidation::inner_runs});
    REQUIRE(splits.size() == 3);
    for (std::size_t k = 1; k < 4; ++k) {
      const auto begins = first_time(data, order[k]);
      const auto position = [&](sy::Index row) {
        return std::find(order.begin(), order.end(), data.runs[static_cast<std::size_t>(row)]) - order.begin();
      };
      const auto known = [&](sy::Index row) {
        return position(row) < static_cast<std::ptrdiff_t>(k) && data.times_ms[static_cast<std::size_t>(row)] < begins;
      };
      sy::SplitRows expected;
      for (sy::Index row = 0; row < 400; ++row) {
        bool whole_group_known = true;
        for (sy::Index other = 0; other < 400; ++other) {
          whole_group_known = whole_group_known && (!same_group(data, row, other) || known(other));
        }
        auto& list = position(row) > static_cast<std::ptrdiff_t>(k)    ? expected.later
                     : position(row) == static_cast<std::ptrdiff_t>(k) ? expected.test
                     : whole_group_known                               ? expected.train
                                                                       : expected.purged;
        list.push_back(row);
      }
      CHECK(splits[k - 1].rows == expected);
      CHECK_FALSE(expected.purged.empty());
    }
  }
}

TEST_CASE("forward chaining can begin with more than one run behind it") {
  const auto data = overlapping_runs(3, 400, 100);
  const auto all = sy::forward_chaining(data);
  const auto from_second = sy::forward_chaining(data, {.least_runs = 2});
  REQUIRE(all.size() == 3);
  REQUIRE(from_second.size() == 2);
  CHECK(from_second[0].rows == all[1].rows);
  CHECK(from_second[1].rows == all[2].rows);
}

TEST_CASE("validation rows are a choice among the rows that inner_runs trains on") {
  const auto data = overlapping_runs(8, 600, 200);
  const auto whole = sy::forward_chaining(data, {.validation_by = sy::RunValidation::inner_runs});
  const auto stratified = sy::forward_chaining(data);
  for (std::size_t k = 0; k < whole.size(); ++k) {
    CHECK(learned_from(stratified[k]) == whole[k].rows.train);
    CHECK(stratified[k].rows.test == whole[k].rows.test);
  }
}

TEST_CASE("inner folds leave each training run out once and never touch a row outside") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto data = fixture::random_dataset(seed, 400, seed % 4 == 0 ? 0 : 100);
    for (const auto& outer : sy::leave_one_run_out(data, {.validation_by = sy::RunValidation::inner_runs})) {
      const auto& rows = outer.rows.train;
      const auto folds = sy::inner_leave_one_run_out(data, rows);
      REQUIRE(folds.size() == 3);
      std::vector<sy::Index> tested;
      for (const auto& fold : folds) {
        std::set<std::int64_t> runs;
        for (const auto row : fold.test) runs.insert(data.runs[static_cast<std::size_t>(row)]);
        REQUIRE(runs.size() == 1);
        std::vector<sy::Index> expected;
        for (const auto row : rows) {
          const bool tied = std::any_of(fold.test.begin(), fold.test.end(),
                                        [&](sy::Index other) { return same_group(data, row, other); });
          const bool same_run = data.runs[static_cast<std::size_t>(row)] == *runs.begin();
          if (!tied && !same_run) expected.push_back(row);
        }
        CHECK(fold.train == expected);
        tested.insert(tested.end(), fold.test.begin(), fold.test.end());
      }
      std::sort(tested.begin(), tested.end());
      CHECK(tested == rows);
    }
  }
}

TEST_CASE("what cannot be split by runs says why") {
  using Catch::Matchers::Contains;
  auto data = fixture::random_dataset(1, 100, 20);
  CHECK_THROWS_WITH(sy::leave_one_run_out(data, {.validation = 1}), "validation is 1; expected a number in (0, 1)");
  CHECK_THROWS_WITH(sy::forward_chaining(data, {.validation = 0}), "validation is 0; expected a number in (0, 1)");
  CHECK_THROWS_WITH(sy::forward_chaining(data, {.least_runs = 0}),
                    "least_runs is 0; expected at least 1 and less than the 4 runs");
  CHECK_THROWS_WITH(sy::forward_chaining(data, {.least_runs = 4}), Contains("least_runs is 4"));
  CHECK_THROWS_WITH(sy::inner_leave_one_run_out(data, std::vector<sy::Index>{0, 100}), Contains("row is 100"));
  auto one_group = data;
  std::fill(one_group.groups.begin(), one_group.groups.end(), 5);
  CHECK_THROWS_WITH(sy::leave_one_run_out(one_group), Contains("training part is empty"));
  CHECK_THROWS_WITH(sy::inner_leave_one_run_out(one_group, std::vector<sy::Index>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}),
                    Contains("training part is empty"));
  auto timeless = data;
  timeless.times_ms.clear();
  CHECK_THROWS_WITH(sy::forward_chaining(timeless), Contains("needs times"));
  std::fill(data.runs.begin(), data.runs.end(), 0);
  CHECK_THROWS_WITH(sy::leave_one_run_out(data), Contains("needs two runs"));
  CHECK_THROWS_WITH(sy::forward_chaining(data), Contains("needs two runs"));
  CHECK_THROWS_WITH(sy::inner_leave_one_run_out(data, std::vector<sy::Index>{0, 1}), Contains("needs two runs"));
  data.runs.clear();
  CHECK_THROWS_WITH(sy::leave_one_run_out(data), Contains("needs runs"));
  CHECK_THROWS_WITH(sy::forward_chaining(data), Contains("needs runs"));
}
