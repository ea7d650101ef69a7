#include "switchyard/cloud/decayed.hpp"

#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace sy = switchyard;

namespace {

struct Event {
  double value = 0;
  double time_ms = 0;
};

constexpr double horizon_ms = 10'000;

[[nodiscard]] std::vector<Event> random_events(sy::Rng& draw, int count) {
  std::vector<Event> events;
  double time_ms = draw.uniform(-1e6, 2e12);
  for (int i = 0; i < count; ++i) {
    time_ms += draw.bernoulli(0.2) ? 0 : draw.exponential(500);
    events.push_back({draw.normal(), time_ms});
  }
  return events;
}

[[nodiscard]] sy::DecayedSum added(const std::vector<Event>& events) {
  sy::DecayedSum sum;
  for (const Event& event : events) {
    sy::Decay decay(horizon_ms);
    sum.add(event.value, event.time_ms, decay);
  }
  return sum;
}

/// The definition: every event by its own age.
[[nodiscard]] sy::DecayedValue summed(const std::vector<Event>& events, double now_ms) {
  for (const Event& event : events) now_ms = std::max(now_ms, event.time_ms);
  sy::DecayedValue value{0, 0, now_ms};
  for (const Event& event : events) {
    const double counts = std::exp((event.time_ms - now_ms) / horizon_ms);
    value.sum += counts * event.value;
    value.weight += counts;
  }
  return value;
}

}  // namespace

TEST_CASE("a decayed sum is the sum over all events by their age, in any order of arrival") {
  sy::Rng draw(1);
  for (int trial = 0; trial < 200; ++trial) {
    auto events = random_events(draw, 1 + static_cast<int>(draw.below(60)));
    if (trial % 2 == 1) draw.shuffle(std::span(events));
    const sy::DecayedSum sum = added(events);
    for (const double later_ms : {-5e4, 0.0, 1.0, 3e3, 1e5}) {
      const double now_ms = sum.at_ms + later_ms;
      sy::Decay decay(horizon_ms);
      const sy::DecayedValue value = sum.as_of(now_ms, decay);
      const sy::DecayedValue expected = summed(events, now_ms);
      CHECK(value.sum == Approx(expected.sum).epsilon(1e-10).margin(1e-12));
      CHECK(value.weight == Approx(expected.weight).epsilon(1e-10));
    }
    const sy::DecayedValue all = summed(events, -1e300);
    CHECK(sum.mean() == Approx(all.sum / all.weight).epsilon(1e-10).margin(1e-12));
  }
}

TEST_CASE("in order, bit for bit the recursion") {
  sy::Rng draw(2);
  const auto events = random_events(draw, 500);
  double sum = events[0].value;
  double weight = 1;
  for (std::size_t i = 1; i < events.size(); ++i) {
    const double kept = std::exp((events[i - 1].time_ms - events[i].time_ms) / horizon_ms);
    sum = sum * kept + events[i].value;
    weight = weight * kept + 1;
  }
  const sy::DecayedSum added_up = added(events);
  CHECK(added_up.sum.load() == sum);
  CHECK(added_up.weight.load() == weight);
  CHECK(added_up.at_ms.load() == events.back().time_ms);
}

TEST_CASE("a sum by hand") {
  sy::Decay decay(1000);
  sy::DecayedSum sum;
  CHECK(sum.empty());
  sum.add(4, 1000, decay);
  sum.add(1, 2000, decay);  // 4 counts 1/e
  const double e = std::exp(1.0);
  CHECK(sum.sum.load() == Approx(4 / e + 1));
  CHECK(sum.mean() == Approx((4 / e + 1) / (1 / e + 1)));
  sum.add(2, 0, decay);  // late: counts 1/e^2
  CHECK(sum.sum.load() == Approx(4 / e + 1 + 2 / (e * e)));
  CHECK(sum.at_ms.load() == 2000);
  CHECK(sum.as_of(3000, decay).weight == Approx(1 / (e * e) + 1 / e + 1 / (e * e * e)));
  CHECK(sum.as_of(1500, decay).weight == sum.weight.load());
  CHECK(sy::DecayedValue{6, 2}.shrunk_mean(1) == 2);
}

TEST_CASE("ages beyond all horizons leave the latest, never nothing") {
  sy::Decay decay(1000);
  sy::DecayedSum sum;
  sum.add(3, -8e15, decay);
  sum.add(5, 8e15, decay);
  CHECK(sum.mean() == 5);
  sum.add(7, 0, decay);
  CHECK(sum.mean() == 5);
  CHECK(sum.as_of(8.6e15, decay).weight == 0);
  CHECK(sum.as_of(8.6e15, decay).shrunk_mean(1) == 0);
  CHECK_FALSE(sum.empty());
}

TEST_CASE("remembering an exponential does not change it") {
  sy::Rng draw(3);
  sy::Decay kept(horizon_ms);
  CHECK(kept(0) == 1);
  for (int i = 0; i < 1000; ++i) {
    const double age = static_cast<double>(draw.below(5)) * 1234.5;
    CHECK(kept(age) == std::exp(-age / horizon_ms));
  }
}
