#include "switchyard/data/split.hpp"
#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace sy = switchyard;

namespace {

/// Random rows whose only feature is their number; groups of random size lie close together in time.
sy::Dataset random_dataset(std::uint64_t seed, std::size_t rows, std::size_t groups, std::size_t runs = 4) {
  sy::Rng rng(seed);
  sy::Dataset data;
  data.features.resize(static_cast<sy::Index>(rows), 1);
  data.feature_names = {"number"};
  for (std::size_t i = 0; i < rows; ++i) {
    data.features(static_cast<sy::Index>(i), 0) = static_cast<double>(i);
    data.labels.push_back(rng.bernoulli(0.35) ? 1 : 0);
    const auto time = static_cast<std::int64_t>(rng.below(rows));
    data.times_ms.push_back(time);
    data.runs.push_back(time * static_cast<std::int64_t>(runs) / static_cast<std::int64_t>(rows));
    const auto group = static_cast<std::size_t>(time) * groups / rows + rng.below(2);
    if (groups > 0) data.groups.push_back(static_cast<std::int64_t>(group) * 1000 - 7);
  }
  return data;
}

/// Every row is in exactly one list, lists ascend, and no group is in two parts.
void check_partition(const sy::Dataset& data, const sy::SplitRows& rows) {
  std::multiset<sy::Index> seen;
  std::map<std::int64_t, std::set<int>> parts_of_group;
  const std::vector<sy::Index>* lists[] = {&rows.train, &rows.validation, &rows.test, &rows.purged};
  for (int part = 0; part < 4; ++part) {
    REQUIRE(std::is_sorted(lists[part]->begin(), lists[part]->end()));
    for (const auto row : *lists[part]) {
      seen.insert(row);
      if (!data.groups.empty() && part < 3) parts_of_group[data.groups[static_cast<std::size_t>(row)]].insert(part);
    }
  }
  REQUIRE(seen.size() == static_cast<std::size_t>(data.rows()));
  REQUIRE(std::set<sy::Index>(seen.begin(), seen.end()).size() == seen.size());
  for (const auto& [group, parts] : parts_of_group) REQUIRE(parts.size() == 1);
}

void check_parts_hold_their_rows(const sy::Split& split) {
  const auto same = [](const sy::Dataset& part, const std::vector<sy::Index>& rows) {
    REQUIRE(part.rows() == static_cast<sy::Index>(rows.size()));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      REQUIRE(part.features(static_cast<sy::Index>(i), 0) == static_cast<double>(rows[i]));
    }
  };
  same(split.train, split.rows.train);
  same(split.validation, split.rows.validation);
  same(split.test, split.rows.test);
}

double rate(const sy::Labels& labels) {
  return static_cast<double>(std::count(labels.begin(), labels.end(), 1)) / static_cast<double>(labels.size());
}

}  // namespace

TEST_CASE("no split loses a row, takes one twice or cuts a group, on random data") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    INFO(seed);
    sy::Rng rng(seed + 1000);
    const auto rows = 200 + rng.below(400);
    const auto data = random_dataset(seed, rows, seed % 4 == 0 ? 0 : 20 + rng.below(rows));
    const auto temporal = sy::temporal_split(data);
    check_partition(data, temporal.rows);
    check_parts_hold_their_rows(temporal);
    const auto stratified = sy::stratified_split(data, {.seed = seed});
    check_partition(data, stratified.rows);
    check_parts_hold_their_rows(stratified);
    CHECK(stratified.rows.purged.empty());
    for (const bool by_time : {false, true}) {
      for (const auto& split : sy::leave_one_run_out(data, {.by_time = by_time, .seed = seed})) {
        check_partition(data, split.rows);
        check_parts_hold_their_rows(split);
      }
    }
  }
}

TEST_CASE("a split by time trains on the past and purges exactly the groups that straddle a cut") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto data = random_dataset(seed, 500, 100);
    const auto split = sy::temporal_split(data);
    const auto last = [](const sy::Dataset& part) {
      return *std::max_element(part.times_ms.begin(), part.times_ms.end());
    };
    const auto first = [](const sy::Dataset& part) {
      return *std::min_element(part.times_ms.begin(), part.times_ms.end());
    };
    CHECK(last(split.train) < first(split.validation));
    CHECK(last(split.validation) < first(split.test));

    auto times = data.times_ms;
    std::sort(times.begin(), times.end());
    const std::int64_t cuts[] = {times[300], times[400]};
    std::map<std::int64_t, std::set<int>> sides;
    for (std::size_t i = 0; i < data.groups.size(); ++i) {
      sides[data.groups[i]].insert((data.times_ms[i] >= cuts[0]) + (data.times_ms[i] >= cuts[1]));
    }
    std::vector<sy::Index> expected;
    for (std::size_t i = 0; i < data.groups.size(); ++i) {
      if (sides[data.groups[i]].size() > 1) expected.push_back(static_cast<sy::Index>(i));
    }
    CHECK(!expected.empty());
    CHECK(split.rows.purged == expected);
  }
}

TEST_CASE("a split by time has the shares asked for when nothing ties") {
  auto data = random_dataset(3, 1000, 0);
  for (std::size_t i = 0; i < 1000; ++i) data.times_ms[i] = static_cast<std::int64_t>((i * 7919) % 1000);
  const auto split = sy::temporal_split(data, {.train = 0.5, .validation = 0.3});
  CHECK(split.train.rows() == 500);
  CHECK(split.validation.rows() == 300);
  CHECK(split.test.rows() == 200);
}

TEST_CASE("stratified parts of single rows have their shares of each label to within one row") {
  const auto data = random_dataset(5, 997, 0);
  const auto ones = static_cast<double>(std::count(data.labels.begin(), data.labels.end(), 1));
  const auto split = sy::stratified_split(data, {.train = 0.6, .validation = 0.2, .seed = 9});
  const auto check = [&](const sy::Dataset& part, double share) {
    const auto part_ones = static_cast<double>(std::count(part.labels.begin(), part.labels.end(), 1));
    CHECK(std::abs(part_ones - share * ones) <= 1);
    CHECK(std::abs(static_cast<double>(part.rows()) - part_ones - share * (997 - ones)) <= 1);
  };
  check(split.train, 0.6);
  check(split.validation, 0.2);
  check(split.test, 0.2);
}

TEST_CASE("grouped parts agree in label rate and size") {
  const auto data = random_dataset(11, 3000, 600);
  const auto split = sy::stratified_split(data, {.seed = 1});
  for (const auto* part : {&split.train, &split.validation, &split.test}) {
    CHECK(std::abs(rate(part->labels) - rate(data.labels)) < 0.025);
  }
  CHECK(std::abs(static_cast<double>(split.train.rows()) - 1800) < 30);
  CHECK(std::abs(static_cast<double>(split.test.rows()) - 600) < 30);
}

TEST_CASE("large groups are shared out too, not all given to the training part") {
  auto data = random_dataset(2, 4000, 0);
  for (std::int64_t i = 0; i < 4000; ++i) data.groups.push_back(i < 2000 ? i / 50 : 1000 + i);  // 40 groups of 50
  const auto split = sy::stratified_split(data, {.seed = 3});
  const auto large = std::count_if(split.test.groups.begin(), split.test.groups.end(), [](auto g) { return g < 1000; });
  CHECK(large >= 6 * 50);
  CHECK(large <= 10 * 50);
}

TEST_CASE("parts hold the same kinds of groups, not only the same label rates") {
  // Small groups are all of label 1 with feature 1, large ones mostly of label 0 with feature 0: dealing groups one by
  // one to where they fit best gives the parts the same label rate from different kinds of groups.
  sy::Dataset data;
  sy::Rng rng(8);
  std::vector<double> kinds;
  for (std::int64_t group = 0; group < 700; ++group) {
    const bool large = group % 7 == 0;
    for (int row = 0; row < (large ? 20 : 1); ++row) {
      data.labels.push_back(large ? (rng.bernoulli(0.1) ? 1 : 0) : 1);
      data.groups.push_back(group);
      kinds.push_back(large ? 0 : 1);
    }
  }
  data.features = Eigen::Map<const sy::Vector>(kinds.data(), static_cast<sy::Index>(kinds.size()));
  data.feature_names = {"kind"};
  double small_share_in_test = 0;
  constexpr int seeds = 40;
  for (int seed = 0; seed < seeds; ++seed) {
    const auto split = sy::stratified_split(data, {.seed = static_cast<std::uint64_t>(seed)});
    small_share_in_test += split.test.features.sum() / 600.0 / seeds;
    CHECK(split.test.features.sum() == Approx(120).margin(3));  // a fifth of the 600 small groups
  }
  CHECK(small_share_in_test == Approx(0.2).margin(0.002));
}

TEST_CASE("every group has its chance of every part") {
  auto data = random_dataset(3, 400, 0);
  for (std::int64_t i = 0; i < 400; ++i) data.groups.push_back(i < 20 ? 0 : i);  // one group of 20, alone in its size
  int tested = 0;
  constexpr int seeds = 300;
  for (int seed = 0; seed < seeds; ++seed) {
    const auto split = sy::stratified_split(data, {.seed = static_cast<std::uint64_t>(seed)});
    tested += static_cast<int>(std::count(split.test.groups.begin(), split.test.groups.end(), 0)) / 20;
  }
  // A fifth of the seeds, give or take 4 standard deviations; placed where it fits best it would never be tested.
  CHECK(std::abs(tested - seeds / 5) <= 4 * std::sqrt(seeds * 0.2 * 0.8));
}

TEST_CASE("the seed decides a stratified split, and nothing else") {
  const auto data = random_dataset(4, 300, 60);
  CHECK(sy::stratified_split(data, {.seed = 1}).rows == sy::stratified_split(data, {.seed = 1}).rows);
  CHECK_FALSE(sy::stratified_split(data, {.seed = 1}).rows == sy::stratified_split(data, {.seed = 2}).rows);
}

TEST_CASE("leaving one run out tests that whole run and purges what is tied to it") {
  const auto data = random_dataset(6, 800, 200, 3);
  const auto splits = sy::leave_one_run_out(data);
  REQUIRE(splits.size() == 3);
  for (std::size_t run = 0; run < 3; ++run) {
    const auto& split = splits[run];
    const auto is_run = [&](auto r) { return r == static_cast<std::int64_t>(run); };
    CHECK(std::all_of(split.test.runs.begin(), split.test.runs.end(), is_run));
    CHECK(split.test.rows() == std::count_if(data.runs.begin(), data.runs.end(), is_run));
    const std::set<std::int64_t> tested(split.test.groups.begin(), split.test.groups.end());
    for (const auto row : split.rows.purged) CHECK(tested.contains(data.groups[static_cast<std::size_t>(row)]));
    CHECK(std::abs(rate(split.train.labels) - rate(split.validation.labels)) < 0.03);
  }
}

TEST_CASE("folds test each row once, keep groups whole and label rates alike") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto data = random_dataset(seed, 600, seed % 2 == 0 ? 0 : 150);
    const auto folds = sy::grouped_stratified_folds(data, 5, seed);
    REQUIRE(folds.size() == 5);
    std::vector<int> tested(600, 0);
    std::map<std::int64_t, std::set<std::size_t>> folds_of_group;
    for (std::size_t fold = 0; fold < 5; ++fold) {
      REQUIRE(folds[fold].train.size() + folds[fold].test.size() == 600);
      for (const auto row : folds[fold].test) {
        ++tested[static_cast<std::size_t>(row)];
        CHECK_FALSE(std::binary_search(folds[fold].train.begin(), folds[fold].train.end(), row));
        if (!data.groups.empty()) folds_of_group[data.groups[static_cast<std::size_t>(row)]].insert(fold);
      }
      CHECK(std::abs(rate(data.subset(folds[fold].test).labels) - rate(data.labels)) <
            0.1);  // 30 groups a fold: 5 standard deviations
    }
    CHECK(std::all_of(tested.begin(), tested.end(), [](int times) { return times == 1; }));
    for (const auto& [group, of] : folds_of_group) REQUIRE(of.size() == 1);
    CHECK(folds == sy::grouped_stratified_folds(data, 5, seed));
  }
}

TEST_CASE("what cannot be split says why") {
  using Catch::Matchers::Contains;
  auto data = random_dataset(1, 100, 20);
  CHECK_THROWS_WITH(sy::temporal_split(data, {.train = 0}), "train is 0; expected a number in (0, 1)");
  CHECK_THROWS_WITH(sy::stratified_split(data, {.validation = 1}), "validation is 1; expected a number in (0, 1)");
  CHECK_THROWS_WITH(sy::stratified_split(data, {.train = 0.75, .validation = 0.25}),
                    "train + validation is 1; expected less than 1");
  CHECK_THROWS_AS(sy::temporal_split(data, {.train = std::nan("")}), sy::InvalidArgument);
  CHECK_THROWS_WITH(sy::grouped_stratified_folds(data, 1, 0), "folds is 1; expected at least 2");
  CHECK_THROWS_WITH(sy::grouped_stratified_folds(data, 50, 0), Contains("test part is empty"));

  auto one_instant = data;
  std::fill(one_instant.times_ms.begin(), one_instant.times_ms.end(), 5);
  CHECK_THROWS_WITH(sy::temporal_split(one_instant), Contains("part is empty"));
  auto one_group = data;
  std::fill(one_group.groups.begin(), one_group.groups.end(), 5);
  CHECK_THROWS_WITH(sy::stratified_split(one_group), Contains("part is empty"));
  CHECK_THROWS_WITH(sy::stratified_split(sy::Dataset{}), Contains("training part is empty"));
  data.times_ms.clear();
  CHECK_THROWS_WITH(sy::temporal_split(data), Contains("needs times"));
  std::fill(data.runs.begin(), data.runs.end(), 0);
  CHECK_THROWS_WITH(sy::leave_one_run_out(data), Contains("needs two runs"));
  data.runs.clear();
  CHECK_THROWS_WITH(sy::leave_one_run_out(data), Contains("needs runs"));
}
