#include "switchyard/cloud/recent_ids.hpp"

#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <set>
#include <vector>

namespace sy = switchyard;

TEST_CASE("a number is new once") {
  sy::RecentIds ids;
  CHECK_FALSE(ids.contains(7));
  CHECK(ids.insert(7));
  CHECK(ids.contains(7));
  CHECK_FALSE(ids.insert(7));
  for (const std::uint64_t neighbour : {6U, 8U, 1U}) CHECK_FALSE(ids.contains(neighbour));
}

TEST_CASE("of thousands of running or random numbers the latest are known, and no other ever") {
  const bool running = GENERATE(true, false);
  sy::RecentIds ids;
  sy::Rng draw(9);
  std::vector<std::uint64_t> inserted;
  std::set<std::uint64_t> known;
  for (std::uint64_t i = 1; i <= 50'000; ++i) {
    const std::uint64_t id = running ? i : draw.next() | 1U;
    if (known.count(id) == 0) {
      REQUIRE_FALSE(ids.contains(id));
      REQUIRE(ids.insert(id));
    }
    known.insert(id);
    inserted.push_back(id);
    // Seven of 300 others fall into one of 1,024 sets less than once in 10^7 times.
    const std::uint64_t back = inserted[inserted.size() - 1 - draw.below(std::min<std::size_t>(inserted.size(), 300))];
    REQUIRE(ids.contains(back));
    REQUIRE_FALSE(ids.insert(back));
  }
  CHECK_FALSE(ids.contains(inserted.front()));  // fixed memory forgets
}

TEST_CASE("one set of seven forgets the oldest") {
  sy::RecentIds ids(1);
  for (std::uint64_t id = 1; id <= 8; ++id) CHECK(ids.insert(id));
  CHECK_FALSE(ids.contains(1));
  for (std::uint64_t id = 2; id <= 8; ++id) CHECK(ids.contains(id));
  CHECK(ids.insert(~std::uint64_t{0}));
  CHECK_FALSE(ids.contains(2));
  sy::RecentIds none(0);  // makes do with one set
  CHECK(none.insert(3));
  CHECK(none.contains(3));
}
