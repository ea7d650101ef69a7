#include "switchyard/cloud/in_flight.hpp"

#include "cloud/slow_in_flight.hpp"
#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

namespace sy = switchyard;

namespace {

void check_equal(const sy::InFlight& fast, const slow::InFlight& slow, double now_ms) {
  const sy::CensoredEvidence seen = fast.at(now_ms);
  const sy::CensoredEvidence expected = slow.at(now_ms);
  INFO("at " << now_ms);
  REQUIRE(seen.requests == expected.requests);
  REQUIRE(fast.requests_at(now_ms) == expected.requests);
  REQUIRE(seen.late == expected.late);
  REQUIRE(seen.excess == Approx(expected.excess).epsilon(1e-9).margin(1e-9));
}

}  // namespace

TEST_CASE("requests in flight, by hand") {
  sy::InFlight in_flight(10'000);  // buckets of 500 ms
  in_flight.send(1000, std::log(600));
  in_flight.send(1499, std::log(900));
  in_flight.send(2000, std::log(100));
  CHECK(in_flight.at(1000).requests == 3);
  CHECK(in_flight.at(1000).late == 0);
  CHECK(in_flight.at(1000).excess == 0);
  // At 2,500 ms the first two count as three buckets old, the third as one.
  const auto evidence = in_flight.at(2500);
  CHECK(evidence.requests == 3);
  CHECK(evidence.late == 3);
  CHECK(evidence.excess == Approx(std::log(1500.0 * 1500 / (600 * 900)) + std::log(500.0 / 100)));
  in_flight.answer(1200);  // one of the first two, at their mean expectation
  CHECK(in_flight.at(2500).excess == Approx(std::log(1500.0) - std::log(600.0 * 900) / 2 + std::log(5.0)));
  CHECK(in_flight.at(2500).requests == 2);
  in_flight.answer(1200);
  in_flight.answer(1200);  // none left there
  CHECK(in_flight.at(2500).requests == 1);
}

TEST_CASE("an answer that never comes leaves after 1.6 time-outs") {
  sy::InFlight in_flight(10'000);
  in_flight.send(0, 5);
  CHECK(in_flight.at(15'999).requests == 1);
  CHECK(in_flight.at(16'000).requests == 0);
  CHECK(in_flight.requests_at(16'000) == 0);
  CHECK(in_flight.at(0).requests == 1);  // reading is no event
  in_flight.send(16'000, 5);
  CHECK(in_flight.at(16'000).requests == 1);
  CHECK(in_flight.at(0).requests == 1);
  in_flight.answer(0);  // long gone: takes nobody else out
  CHECK(in_flight.at(16'000).requests == 1);
  in_flight.send(0, 5);  // too late to be counted
  CHECK(in_flight.at(16'000).requests == 1);
  in_flight.answer(16'600);  // of the future
  CHECK(in_flight.at(16'000).requests == 1);
}

TEST_CASE("counts equal those of a list of requests, whatever order and times they come in") {
  sy::Rng draw(5);
  for (int trial = 0; trial < 60; ++trial) {
    const double timeout_ms = std::exp(draw.uniform(3, 11));
    sy::InFlight fast(timeout_ms);
    slow::InFlight slow(timeout_ms);
    double now_ms = draw.uniform(-1e5, 1e5);
    std::vector<double> sent;
    for (int step = 0; step < 300; ++step) {
      now_ms += draw.exponential(0.05 * timeout_ms);
      if (draw.bernoulli(0.01)) now_ms += draw.uniform(-1, 1) * 3e10;  // a year forth or back
      const double about_now = now_ms + timeout_ms * draw.uniform(-0.3, 0.05);
      if (sent.empty() || draw.bernoulli(0.5)) {
        const double expected = draw.uniform(0, 11);
        fast.send(about_now, expected);
        slow.send(about_now, expected);
        sent.push_back(about_now);
      } else {
        const std::size_t which = draw.below(sent.size());
        fast.answer(sent[which]);
        slow.answer(sent[which]);
        sent[which] = sent.back();
        if (draw.bernoulli(0.9)) sent.pop_back();  // else it will be answered again
      }
      check_equal(fast, slow, now_ms + timeout_ms * draw.uniform(-2, 2));
    }
  }
}

TEST_CASE("times beyond all reason neither crash nor spoil what follows a clearing") {
  constexpr double most = std::numeric_limits<double>::max();
  sy::InFlight in_flight(10'000);
  for (const double time : {-most, -1e15, -1e6, 0.0, 1e15, most}) {
    in_flight.send(time, 5);
    CHECK(in_flight.at(time).requests == 1);
    CHECK(in_flight.requests_at(time) == 1);
    CHECK(std::isfinite(in_flight.at(time).excess));
  }
  CHECK(in_flight.at(-most).requests == 1);
  in_flight.send(0, 5);
  CHECK(in_flight.at(0).requests == 1);  // the one at the end of time; 0 is long ago by then
  in_flight.clear();
  CHECK(in_flight.at(0).requests == 0);
  in_flight.send(-5000, 5);
  CHECK(in_flight.at(0).requests == 1);
  in_flight.answer(-5000);
  CHECK(in_flight.at(0).requests == 0);
}
