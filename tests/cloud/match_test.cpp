#include "switchyard/cloud/match.hpp"

#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstddef>
#include <vector>

namespace sy = switchyard;
using sy::Matching;
using sy::Mate;
using sy::Platform;

namespace {

// The definition, read aloud: try every other request.
std::size_t mate_by_search(const std::vector<sy::MatchKey>& keys, std::size_t i, const sy::MatchOptions& options) {
  std::size_t best = Matching::no_counterpart;
  double best_gap = 0;
  for (std::size_t j = 0; j < keys.size(); ++j) {
    if (keys[j].stratum != keys[i].stratum || keys[j].platform == keys[i].platform) continue;
    const double gap = keys[j].sent_at_ms - keys[i].sent_at_ms;
    if (options.mate == Mate::next && gap < 0) continue;
    const bool nearer = best == Matching::no_counterpart || std::abs(gap) < best_gap;
    const bool tie_but_earlier =
        best != Matching::no_counterpart && std::abs(gap) == best_gap && keys[j].sent_at_ms < keys[best].sent_at_ms;
    if (nearer || tie_but_earlier) {
      best = j;
      best_gap = std::abs(gap);
    }
  }
  return best != Matching::no_counterpart && best_gap > options.max_gap_ms ? Matching::too_far : best;
}

std::vector<sy::MatchKey> random_keys(std::uint64_t seed) {
  sy::Rng rng(seed);
  std::vector<sy::MatchKey> keys(1 + rng.below(60));
  for (auto& key : keys) {
    key.stratum = static_cast<std::int64_t>(rng.below(3));
    key.platform = rng.bernoulli(0.5) ? Platform::lambda : Platform::ecs;
    key.sent_at_ms = static_cast<double>(rng.below(40));  // many ties
  }
  return keys;
}

// Components by repeated relabelling until nothing changes. Next mates join within a stretch of chain_ms only.
std::vector<std::int64_t> components_by_search(const std::vector<sy::MatchKey>& keys, const Matching& matching,
                                               const sy::MatchOptions& options) {
  std::vector<std::int64_t> component(matching.mate.size());
  for (std::size_t i = 0; i < component.size(); ++i) component[i] = static_cast<std::int64_t>(i);
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i < component.size(); ++i) {
      if (!matching.matched(i)) continue;
      const double from = std::floor(keys[i].sent_at_ms / options.chain_ms);
      const double to = std::floor(keys[matching.mate[i]].sent_at_ms / options.chain_ms);
      if (options.mate == Mate::next && keys[i].pair < 0 && from != to) continue;
      const auto smaller = std::min(component[i], component[matching.mate[i]]);
      changed = changed || component[i] != smaller || component[matching.mate[i]] != smaller;
      component[i] = component[matching.mate[i]] = smaller;
    }
  }
  return component;
}

}  // namespace

TEST_CASE("matching agrees with trying every pair") {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const auto keys = random_keys(seed);
    for (const auto mate : {Mate::nearest, Mate::next}) {
      const sy::MatchOptions options{mate, 5, seed % 2 == 0 ? 7.0 : 60'000.0};
      const Matching matching = sy::match(keys, options);
      for (std::size_t i = 0; i < keys.size(); ++i) {
        INFO("seed " << seed << ", request " << i);
        CHECK(matching.mate[i] == mate_by_search(keys, i, options));
      }
      CHECK(matching.component == components_by_search(keys, matching, options));
    }
  }
}

TEST_CASE("a chain of next mates is cut where a minute ends, and the mates stay") {
  std::vector<sy::MatchKey> keys;
  for (int i = 0; i < 40; ++i) keys.push_back({0, i % 2 == 0 ? Platform::lambda : Platform::ecs, 5000.0 * i});
  const Matching next = sy::match(keys, {.mate = Mate::next});
  for (std::size_t i = 0; i < 39; ++i) CHECK(next.mate[i] == i + 1);
  for (std::size_t i = 0; i < 40; ++i) CHECK(next.component[i] == static_cast<std::int64_t>(i / 12 * 12));
  const Matching whole = sy::match(keys, {.mate = Mate::next, .chain_ms = 1e9});
  for (const auto component : whole.component) CHECK(component == 0);
  // Nearest mates, and explicit pairs, join wherever they are.
  const Matching nearest = sy::match(keys, {.mate = Mate::nearest, .chain_ms = 1});
  CHECK(nearest.component[12] == nearest.component[11]);
  keys = {{0, Platform::lambda, 59'000, 3}, {0, Platform::ecs, 61'000, 3}};
  const Matching paired = sy::match(keys, {.mate = Mate::next});
  CHECK(paired.component[0] == paired.component[1]);
}

TEST_CASE("of two equally near counterparts the earlier is the mate") {
  const std::vector<sy::MatchKey> keys = {
      {0, Platform::lambda, 10, -1}, {0, Platform::ecs, 14, -1}, {0, Platform::ecs, 6, -1}};
  CHECK(sy::match(keys).mate[0] == 2);
  CHECK(sy::match(keys, {Mate::next, 300'000}).mate[0] == 1);
}

TEST_CASE("one that does not ask is a mate and joins nothing by itself") {
  const std::vector<sy::MatchKey> keys = {{0, Platform::lambda, 0},
                                          {0, Platform::ecs, 1, -1, false},
                                          {0, Platform::lambda, 100},
                                          {0, Platform::ecs, 99, -1, false},
                                          {0, Platform::ecs, 300}};
  const Matching matching = sy::match(keys);
  CHECK(matching.mate[0] == 1);
  CHECK(matching.mate[1] == Matching::no_counterpart);
  CHECK(matching.mate[2] == 3);
  CHECK(matching.mate[4] == 2);
  CHECK(matching.component[0] == matching.component[1]);
  CHECK(matching.component[0] != matching.component[2]);
  CHECK(matching.component[4] == matching.component[3]);
}

TEST_CASE("an explicit pair wins over the nearest") {
  const std::vector<sy::MatchKey> keys = {{0, Platform::lambda, 0, 7},
                                          {0, Platform::ecs, 1, -1},
                                          {0, Platform::ecs, 200'000, 7},
                                          {0, Platform::lambda, 2, 8}};
  const Matching matching = sy::match(keys);
  CHECK(matching.mate[0] == 2);
  CHECK(matching.mate[2] == 0);
  CHECK(matching.mate[3] == Matching::no_counterpart);  // its other half is not in the log
}

TEST_CASE("a pair's number that comes twice pairs the nearest, and none too far away") {
  const std::vector<sy::MatchKey> keys = {{0, Platform::lambda, 0, 7},       {0, Platform::ecs, 10, 7},
                                          {0, Platform::ecs, 86'400'000, 7}, {0, Platform::lambda, 86'400'020, 7},
                                          {0, Platform::lambda, 1000, 8},    {0, Platform::ecs, 400'000, 8}};
  const Matching matching = sy::match(keys);
  CHECK(matching.mate[0] == 1);
  CHECK(matching.mate[2] == 3);
  CHECK(matching.component[0] != matching.component[3]);
  CHECK(matching.mate[4] == Matching::too_far);
  CHECK(sy::match(keys, {Mate::next, 300'000}).mate[1] == 0);  // in a pair the order of sending does not count
}

TEST_CASE("one platform alone has no counterparts") {
  const std::vector<sy::MatchKey> keys = {{0, Platform::ecs, 0, -1}, {0, Platform::ecs, 1, -1}};
  const Matching matching = sy::match(keys);
  CHECK(matching.mate[0] == Matching::no_counterpart);
  CHECK_FALSE(matching.matched(1));
  CHECK(sy::match(std::vector<sy::MatchKey>{}).mate.empty());
}
