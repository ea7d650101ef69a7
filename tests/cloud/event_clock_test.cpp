#include "switchyard/cloud/event_clock.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

namespace sy = switchyard;

using Verdict = sy::EventClock::Verdict;

namespace {

constexpr double now_ms = 1'763'942'400'000;
constexpr double day_ms = 86'400'000;

}  // namespace

TEST_CASE("times within a day of the latest are believed, and any time before the first event") {
  sy::EventClock clock;
  CHECK(clock.judge(-1e15, sy::EventClock::never) == Verdict::believed);
  for (const double off_ms : {0.0, 1.0, -1.0, day_ms, -day_ms}) {
    CHECK(clock.judge(now_ms + off_ms, now_ms) == Verdict::believed);
  }
  CHECK(clock.judge(now_ms + day_ms + 1, now_ms) == Verdict::doubted);
  CHECK(clock.judge(now_ms - day_ms - 1, now_ms) == Verdict::doubted);
}

TEST_CASE("eight in a row are believed") {
  const double jump_ms = GENERATE(1e12, -1e12);
  sy::EventClock clock;
  for (int i = 1; i < 8; ++i) CHECK(clock.judge(now_ms + jump_ms + i * 1000, now_ms) == Verdict::doubted);
  CHECK(clock.judge(now_ms + jump_ms, now_ms) == (jump_ms < 0 ? Verdict::moved_back : Verdict::believed));
  CHECK(clock.judge(now_ms, now_ms + jump_ms) == Verdict::doubted);  // and then anew
}

TEST_CASE("wrong clocks among right ones, and clocks that disagree, are never believed") {
  sy::EventClock clock;
  for (int i = 0; i < 1000; ++i) {
    CHECK(clock.judge(now_ms + 1e12 + i, now_ms) == Verdict::doubted);
    if (i % 7 == 6) CHECK(clock.judge(now_ms + i, now_ms) == Verdict::believed);
  }
  CHECK(clock.judge(now_ms, now_ms) == Verdict::believed);
  for (int i = 0; i < 1000; ++i) CHECK(clock.judge(now_ms + 1e12 * (1 + i % 3), now_ms) == Verdict::doubted);
}

TEST_CASE("what is a time") {
  for (const double time : {0.0, -1.0, now_ms, 8.64e15, -8.64e15}) CHECK(sy::EventClock::is_time(time));
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const double time : {8.65e15, -1e300, infinity, -infinity, std::nan("")}) {
    CHECK_FALSE(sy::EventClock::is_time(time));
  }
}
