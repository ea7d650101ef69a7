#include "switchyard/data/split.hpp"
#include "data/split_fixture.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/data/run_split.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace sy = switchyard;

TEST_CASE("no split loses a row, takes one twice or cuts a group, on random data") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    INFO(seed);
    sy::Rng rng(seed + 1000);
    const auto rows = 200 + rng.below(400);
    const auto data = fixture::random_dataset(seed, rows, seed % 4 == 0 ? 0 : 20 + rng.below(rows));
    const auto temporal = sy::temporal_split(data);
    fixture::check_partition(data, temporal.rows);
    fixture::check_parts_hold_their_rows(temporal);
    const auto stratified = sy::stratified_split(data, {.seed = seed});
    fixture::check_partition(data, stratified.rows);
    fixture::check_parts_hold_their_rows(stratified);
    CHECK(stratified.rows.purged.empty());
  }
}

TEST_CASE("a split by time trains on the past and purges exactly the groups that straddle a cut") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto data = fixture::random_dataset(seed, 500, 100);
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

namespace {

/// Groups of a few rows close in time; most rows have a mate in a group near by, some in one that has no row.
sy::Dataset with_mates(std::uint64_t seed) {
  auto data = fixture::random_dataset(seed, 400, 120);
  sy::Rng rng(seed + 77);
  for (const auto group : data.groups) {
    const auto step = static_cast<std::int64_t>(rng.below(3)) - 1;
    const auto rowless = 1'000'000 + group / 3000;
    data.mate_groups.push_back(rng.below(9) == 0 ? -1 : rng.below(6) == 0 ? rowless : group + 1000 * step);
  }
  return data;
}

/// Checks the purge of mates against all pairs of rows; returns how many rows it took.
std::size_t check_mate_purge(const sy::Dataset& data, const sy::SplitRows& before, const sy::SplitRows& after) {
  const auto parts_of = [&](const sy::SplitRows& rows) {
    std::vector<int> part(static_cast<std::size_t>(data.rows()), -1);
    const std::vector<sy::Index>* lists[] = {&rows.train, &rows.validation, &rows.test};
    for (int i = 0; i < 3; ++i) {
      for (const auto row : *lists[i]) part[static_cast<std::size_t>(row)] = i;
    }
    return part;
  };
  const auto whole = parts_of(before);
  const auto kept = parts_of(after);
  std::size_t purged = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    REQUIRE((kept[i] == whole[i] || kept[i] == -1));
    const auto mate = data.mate_groups[i];
    bool torn = false;    // the mate's group lies in another part
    bool shared = false;  // rows of another part were compared with the same group
    bool leaks = false;
    for (std::size_t j = 0; j < whole.size(); ++j) {
      if (whole[j] < 0 || mate == -1) continue;
      torn = torn || (whole[j] != whole[i] && data.groups[j] == mate);
      shared = shared || (whole[j] != whole[i] && data.mate_groups[j] == mate);
      const bool both_kept_apart = kept[i] >= 0 && kept[j] >= 0 && kept[i] != kept[j];
      leaks = leaks || (both_kept_apart && (data.groups[j] == mate || data.mate_groups[j] == mate));
    }
    REQUIRE_FALSE(leaks);
    const bool is_purged = whole[i] >= 0 && kept[i] < 0;
    if (torn && whole[i] >= 0) REQUIRE(is_purged);
    if (is_purged) REQUIRE((torn || shared));
    purged += is_purged ? 1 : 0;
  }
  return purged;
}

}  // namespace

TEST_CASE("no label rests on a measurement that a label of another part rests on") {
  std::size_t temporal = 0;
  std::size_t stratified = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    INFO(seed);
    const auto data = with_mates(seed);
    auto without = data;
    without.mate_groups.clear();
    const auto by_time = sy::temporal_split(data);
    fixture::check_partition(data, by_time.rows);
    fixture::check_parts_hold_their_rows(by_time);
    temporal += check_mate_purge(data, sy::temporal_split(without).rows, by_time.rows);
    const auto at_random = sy::stratified_split(data, {.seed = seed});
    fixture::check_partition(data, at_random.rows);
    stratified += check_mate_purge(data, sy::stratified_split(without, {.seed = seed}).rows, at_random.rows);
    const auto chained = sy::forward_chaining(data);
    const auto unpurged = sy::forward_chaining(without);
    REQUIRE(chained.size() == unpurged.size());
    for (std::size_t i = 0; i < chained.size(); ++i) {
      fixture::check_partition(data, chained[i].rows);
      static_cast<void>(check_mate_purge(data, unpurged[i].rows, chained[i].rows));
      CHECK(chained[i].rows.later == unpurged[i].rows.later);
    }
  }
  CHECK(temporal > 0);
  CHECK(stratified > temporal);  // time cuts twice, chance everywhere
}

TEST_CASE("folds train on no row that shares a measurement with a test row, and on all others") {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const auto data = with_mates(seed);
    auto without = data;
    without.mate_groups.clear();
    const auto folds = sy::grouped_stratified_folds(data, 4, seed);
    const auto whole = sy::grouped_stratified_folds(without, 4, seed);
    for (std::size_t fold = 0; fold < 4; ++fold) {
      CHECK(folds[fold].test == whole[fold].test);
      std::vector<sy::Index> untied;
      for (const auto row : whole[fold].train) {
        const auto i = static_cast<std::size_t>(row);
        const bool tied = std::any_of(folds[fold].test.begin(), folds[fold].test.end(), [&](sy::Index other) {
          const auto j = static_cast<std::size_t>(other);
          const auto mate = data.mate_groups[i];
          return data.mate_groups[j] == data.groups[i] || mate == data.groups[j] ||
                 (mate != -1 && mate == data.mate_groups[j]);
        });
        if (!tied) untied.push_back(row);
      }
      CHECK(folds[fold].train == untied);
      CHECK(untied.size() < whole[fold].train.size());
    }
  }
}

TEST_CASE("mates within their own part, or none, purge nothing") {
  auto data = fixture::random_dataset(2, 300, 80);
  const auto before = sy::stratified_split(data, {.seed = 5}).rows;
  data.mate_groups = data.groups;
  CHECK(sy::stratified_split(data, {.seed = 5}).rows == before);
  std::fill(data.mate_groups.begin(), data.mate_groups.end(), -1);
  CHECK(sy::stratified_split(data, {.seed = 5}).rows == before);
  for (const auto& fold : sy::grouped_stratified_folds(data, 3, 1)) CHECK(fold.train.size() + fold.test.size() == 300);
}

TEST_CASE("a split by time has the shares asked for when nothing ties") {
  auto data = fixture::random_dataset(3, 1000, 0);
  for (std::size_t i = 0; i < 1000; ++i) data.times_ms[i] = static_cast<std::int64_t>((i * 7919) % 1000);
  const auto split = sy::temporal_split(data, {.train = 0.5, .validation = 0.3});
  CHECK(split.train.rows() == 500);
  CHECK(split.validation.rows() == 300);
  CHECK(split.test.rows() == 200);
}

TEST_CASE("stratified parts of single rows have their shares of each label to within one row") {
  const auto data = fixture::random_dataset(5, 997, 0);
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
  const auto data = fixture::random_dataset(11, 3000, 600);
  const auto split = sy::stratified_split(data, {.seed = 1});
  for (const auto* part : {&split.train, &split.validation, &split.test}) {
    CHECK(std::abs(fixture::rate(part->labels) - fixture::rate(data.labels)) < 0.025);
  }
  CHECK(std::abs(static_cast<double>(split.train.rows()) - 1800) < 30);
  CHECK(std::abs(static_cast<double>(split.test.rows()) - 600) < 30);
}

TEST_CASE("large groups are shared out too, not all given to the training part") {
  auto data = fixture::random_dataset(2, 4000, 0);
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
  auto data = fixture::random_dataset(3, 400, 0);
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
  const auto data = fixture::random_dataset(4, 300, 60);
  CHECK(sy::stratified_split(data, {.seed = 1}).rows == sy::stratified_split(data, {.seed = 1}).rows);
  CHECK_FALSE(sy::stratified_split(data, {.seed = 1}).rows == sy::stratified_split(data, {.seed = 2}).rows);
}

TEST_CASE("folds test each row once, keep groups whole and label rates alike") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto data = fixture::random_dataset(seed, 600, seed % 2 == 0 ? 0 : 150);
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
      CHECK(std::abs(fixture::rate(data.subset(folds[fold].test).labels) - fixture::rate(data.labels)) <
            0.1);  // 30 groups a fold: 5 standard deviations
    }
    CHECK(std::all_of(tested.begin(), tested.end(), [](int times) { return times == 1; }));
    for (const auto& [group, of] : folds_of_group) REQUIRE(of.size() == 1);
    CHECK(folds == sy::grouped_stratified_folds(data, 5, seed));
  }
}

TEST_CASE("what cannot be split says why") {
  using Catch::Matchers::Contains;
  auto data = fixture::random_dataset(1, 100, 20);
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
}
