#pragma once

// Random datasets to split, and what holds of every split.

#include "switchyard/core/random.hpp"
#include "switchyard/data/split.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace fixture {

namespace sy = switchyard;

/// Random rows whose only feature is their number; groups of random size lie close together in time.
inline sy::Dataset random_dataset(std::uint64_t seed, std::size_t rows, std::size_t groups, std::size_t runs = 4) {
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
inline void check_partition(const sy::Dataset& data, const sy::SplitRows& rows) {
  std::multiset<sy::Index> seen;
  std::map<std::int64_t, std::set<int>> parts_of_group;
  const std::vector<sy::Index>* lists[] = {&rows.train, &rows.validation, &rows.test, &rows.purged, &rows.later};
  for (int part = 0; part < 5; ++part) {
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

inline void check_parts_hold_their_rows(const sy::Split& split) {
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

inline double rate(const sy::Labels& labels) {
  return static_cast<double>(std::count(labels.begin(), labels.end(), 1)) / static_cast<double>(labels.size());
}

}  // namespace fixture
