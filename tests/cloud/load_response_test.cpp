#include "switchyard/cloud/load_response.hpp"

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace sy = switchyard;

namespace {

constexpr double norm_log_ms = 6;
constexpr auto medium = sy::Workload::medium_processing;

[[nodiscard]] sy::PlatformReading with_in_flight(double requests) {
  sy::PlatformReading reading;
  reading.norm_log_ms = norm_log_ms;
  reading.expected_log_ms = norm_log_ms;
  reading.workload_in_flight = requests;
  return reading;
}

[[nodiscard]] sy::AnswerEvent answer(double done_ms, double latency_ms) {
  return {sy::Platform::ecs, medium, 1024, done_ms - latency_ms, done_ms, sy::Outcome::ok, 0};
}

/// Answers whose latency is a (1 + n)^exponent with noise, n in flight between 0 and `most`, one per second.
void teach(sy::LoadResponse& response, double exponent, double most, int answers = 400) {
  sy::Rng draw(3);
  for (int i = 0; i < answers; ++i) {
    const double n = std::floor(draw.uniform(0, most + 1));
    const double log_ms = norm_log_ms + exponent * std::log(1 + n) + 0.05 * draw.normal();
    response.learn(with_in_flight(n), answer(1e6 + 1000.0 * i, std::exp(log_ms)));
  }
}

constexpr double after_ms = 1e6 + 400'000;

/// One answer as a regression sees it.
struct Point {
  double at_ms;
  double x;
  double y;
};

/// The weighted moments by definition, over the whole history.
[[nodiscard]] sy::LoadEffect brute_force(const std::vector<Point>& points, double x_now, double now_ms) {
  const sy::LiveStateOptions options;
  const double last_ms = points.back().at_ms;
  double w = 0, x = 0, y = 0;
  double recent_w = 0, recent_x = 0;
  for (const Point& point : points) {
    const double weight = std::exp((point.at_ms - last_ms) / (1000 * options.slow_horizon_s));
    w += weight;
    x += weight * point.x;
    y += weight * point.y;
    const double recent = std::exp((point.at_ms - now_ms) / (1000 * options.fast_horizon_s));
    recent_w += recent;
    recent_x += recent * point.x;
  }
  x /= w;
  y /= w;
  double xx = 0, xy = 0;
  for (const Point& point : points) {
    const double weight = std::exp((point.at_ms - last_ms) / (1000 * options.slow_horizon_s));
    xx += weight * (point.x - x) * (point.x - x);
    xy += weight * (point.x - x) * (point.y - y);
  }
  const double slope = std::clamp(xy / (xx + 1), 0.0, 0.9);
  const double learned = (recent_x + options.fast_prior * x) / (recent_w + options.fast_prior);
  return {slope, slope * (x_now - learned)};
}

}  // namespace

TEST_CASE("the toll is the marginal over the average latency") {
  // Total delay r w(r) where w = a n^b and n = r w: by finite difference against w / (1 - b).
  constexpr double a = 300, b = 0.6;
  const auto latency = [&](double rate) { return std::pow(a * std::pow(rate, b), 1 / (1 - b)); };
  const double rate = 0.01, step = 1e-8;
  REQUIRE(latency(rate) == Approx(a * std::pow(rate * latency(rate), b)));
  const double marginal = ((rate + step) * latency(rate + step) - (rate - step) * latency(rate - step)) / (2 * step);
  CHECK(sy::LoadEffect{.elasticity = b, .log_shift = 0}.toll() == Approx(marginal / latency(rate)).epsilon(1e-6));
  CHECK(sy::LoadEffect{}.toll() == 1);
}

TEST_CASE("a platform whose latency does not depend on load has no effect") {
  sy::LoadResponse response(sy::default_catalogue());
  teach(response, 0, 20);
  const auto effect = response.effect(sy::Platform::ecs, medium, with_in_flight(20), after_ms);
  CHECK(effect.elasticity < 0.02);
  CHECK(std::abs(effect.log_shift) < 0.03);
}

TEST_CASE("elasticity is the exponent, and the shift the load's excess over what answers were sent at") {
  sy::LoadResponse response(sy::default_catalogue());
  teach(response, 0.5, 20);
  const auto busy = response.effect(sy::Platform::ecs, medium, with_in_flight(20), after_ms);
  const auto idle = response.effect(sy::Platform::ecs, medium, with_in_flight(0), after_ms);
  CHECK(busy.elasticity == Approx(0.5).margin(0.03));
  CHECK(busy.log_shift > 0);
  CHECK(idle.log_shift < 0);
  CHECK(busy.log_shift - idle.log_shift == Approx(busy.elasticity * std::log(21)));
}

TEST_CASE("a queue that grows without bound is charged ten times its latency, no more") {
  sy::LoadResponse response(sy::default_catalogue());
  teach(response, 1.4, 20);
  CHECK(response.effect(sy::Platform::ecs, medium, with_in_flight(5), after_ms).elasticity == 0.9);
}

TEST_CASE("latency that falls with load is taken for none of its doing") {
  sy::LoadResponse response(sy::default_catalogue());
  teach(response, -0.5, 20);
  const auto effect = response.effect(sy::Platform::ecs, medium, with_in_flight(5), after_ms);
  CHECK(effect.elasticity == 0);
  CHECK(effect.log_shift == 0);
}

TEST_CASE("load response agrees with the weighted regression by definition") {
  sy::LoadResponse response(sy::default_catalogue());
  sy::Rng draw(11);
  std::vector<Point> points;
  double at_ms = 5e8;
  for (int i = 0; i < 300; ++i) {
    at_ms += draw.exponential(4000);
    const double n = std::floor(draw.uniform(0, 30));
    const double latency_ms = 400 * (1 + n / 10) * std::exp(0.3 * draw.normal());
    const bool fails = draw.bernoulli(0.05);
    auto event = answer(at_ms, latency_ms);
    event.outcome = fails ? sy::Outcome::http_5xx : sy::Outcome::ok;
    response.learn(with_in_flight(n), event);
    points.push_back({at_ms, std::log(1 + n), std::log(fails ? 10'000 : latency_ms) - norm_log_ms});
    const double now_ms = at_ms + draw.uniform(0, 20'000);
    const auto expected = brute_force(points, std::log(8), now_ms);
    const auto found = response.effect(sy::Platform::ecs, medium, with_in_flight(7), now_ms);
    REQUIRE(found.elasticity == Approx(expected.elasticity).margin(1e-9));
    REQUIRE(found.log_shift == Approx(expected.log_shift).margin(1e-9));
  }
}

TEST_CASE("load response knows nothing of what it was not told") {
  sy::LoadResponse response(sy::default_catalogue());
  const auto has_effect = [&](sy::Platform platform, sy::Workload workload) {
    return response.effect(platform, workload, with_in_flight(20), after_ms).elasticity > 0;
  };
  CHECK_FALSE(has_effect(sy::Platform::ecs, medium));
  teach(response, 0.5, 20);
  CHECK(has_effect(sy::Platform::ecs, medium));
  CHECK_FALSE(has_effect(sy::Platform::lambda, medium));
  CHECK_FALSE(has_effect(sy::Platform::ecs, sy::Workload::heavy_processing));
  CHECK_FALSE(has_effect(sy::Platform::ecs, static_cast<sy::Workload>(200)));
}

TEST_CASE("answers that say nothing of load are ignored") {
  sy::LoadResponse response(sy::default_catalogue());
  teach(response, 0.5, 20);
  const auto before = response.effect(sy::Platform::ecs, medium, with_in_flight(9), after_ms);
  for (const auto outcome : {sy::Outcome::http_4xx, sy::Outcome::too_large, sy::Outcome::not_sent}) {
    auto event = answer(after_ms, 9000);
    event.outcome = outcome;
    response.learn(with_in_flight(0), event);
  }
  auto without_norm = with_in_flight(0);
  without_norm.norm_log_ms = std::numeric_limits<double>::quiet_NaN();
  response.learn(without_norm, answer(after_ms, 9000));
  auto unknown = answer(after_ms, 9000);
  unknown.workload = static_cast<sy::Workload>(200);
  response.learn(with_in_flight(0), unknown);
  const auto after = response.effect(sy::Platform::ecs, medium, with_in_flight(9), after_ms);
  CHECK(after.elasticity == before.elasticity);
  CHECK(after.log_shift == before.log_shift);
}
