#include "switchyard/pipeline/request_features.hpp"

#include "switchyard/core/random.hpp"
#include "switchyard/core/utc.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <limits>

namespace sy = switchyard;

TEST_CASE("the local hour is that of the civil time, before and after 1970, in any zone") {
  sy::Rng draw(1);
  for (int i = 0; i < 100'000; ++i) {
    const double ms = draw.uniform(-2e12, 5e12);
    const int zone = static_cast<int>(draw.below(2 * 14 * 60 + 1)) - 14 * 60;
    const auto civil = sy::civil_time(static_cast<std::int64_t>(std::floor(ms)), zone);
    const auto local = sy::local_hour(ms, zone);
    REQUIRE(local);
    REQUIRE(local->hour == civil.hour);
    REQUIRE(local->weekend == (civil.weekday == 0 || civil.weekday == 6));
  }
}

TEST_CASE("hours begin on the millisecond, fractions belong to the hour they are in") {
  CHECK(sy::local_hour(0, 0)->hour == 0);
  CHECK_FALSE(sy::local_hour(0, 0)->weekend);  // a Thursday
  CHECK(sy::local_hour(-0.25, 0)->hour == 23);
  CHECK(sy::local_hour(-1, 0)->hour == 23);
  CHECK(sy::local_hour(3'599'999.75, 0)->hour == 0);
  CHECK(sy::local_hour(3'600'000, 0)->hour == 1);
  CHECK(sy::local_hour(0, -1)->hour == 23);
  CHECK_FALSE(sy::local_hour(2 * 86'400'000.0 - 1, 0)->weekend);
  CHECK(sy::local_hour(2 * 86'400'000.0, 0)->weekend);      // Saturday
  CHECK(sy::local_hour(4 * 86'400'000.0 - 1, 0)->weekend);  // the end of Sunday
  CHECK_FALSE(sy::local_hour(4 * 86'400'000.0, 0)->weekend);
}

TEST_CASE("what is no time has no hour") {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const double ms : {std::nan(""), infinity, -infinity, 8.64e15 + 2, -8.64e15 - 2, 1e300}) {
    CHECK_FALSE(sy::local_hour(ms, 0));
  }
  CHECK(sy::local_hour(8.64e15, 14 * 60));
  CHECK(sy::local_hour(-8.64e15, -14 * 60));
}

static_assert(sy::local_hour(1763841235035.0, 0)->hour == 19);  // Saturday, 22 November 2025, 19:53:55 UTC
static_assert(sy::local_hour(1763841235035.0, 0)->weekend);
static_assert(sy::features_of({.workload = 2, .payload_kb = 3, .hour = 5, .window = 7, .pattern = 11})[12] == 14);
