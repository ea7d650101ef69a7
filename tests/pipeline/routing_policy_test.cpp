#include "switchyard/pipeline/routing_policy.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

namespace sy = switchyard;

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

[[nodiscard]] sy::LiveReading expecting(double ecs_ms, double lambda_ms) {
  sy::LiveReading reading;
  reading.ecs.expected_log_ms = std::log(ecs_ms);
  reading.lambda.expected_log_ms = std::log(lambda_ms);
  return reading;
}

struct CountingPolicy {
  int* answers;
  double operator()(const sy::LiveReading&, const sy::Request&) const { return 1; }
  void learn(const sy::LiveReading&, const sy::AnswerEvent&) const { ++*answers; }
};

}  // namespace

TEST_CASE("the faster platform is chosen, ECS at a tie, either while one is unknown") {
  CHECK(sy::faster_now(expecting(500, 400), {}) == 1);
  CHECK(sy::faster_now(expecting(400, 500), {}) == 0);
  CHECK(sy::faster_now(expecting(400, 400), {}) == 0);
  CHECK(sy::faster_now(expecting(unknown, 400), {}) == 0.5);
  CHECK(sy::faster_now(expecting(400, unknown), {}) == 0.5);
}

TEST_CASE("exploration leaves the exploiting share and halves the rest") {
  CHECK(sy::explored(1, 0.1) == Approx(0.95));
  CHECK(sy::explored(0, 0.1) == Approx(0.05));
  CHECK(sy::explored(0.3, 0) == 0.3);
  CHECK(sy::explored(0.9, 1) == 0.5);
  CHECK(sy::Exploring(sy::faster_now, 0.1)(expecting(500, 400), {}) == Approx(0.95));
}

TEST_CASE("an exploring policy learns if the policy it wraps does") {
  int answers = 0;
  sy::Exploring policy(CountingPolicy{&answers}, 0.5);
  policy.learn({}, {});
  CHECK(answers == 1);
  static_assert(sy::LearningPolicy<sy::Exploring<CountingPolicy>>);
  static_assert(!sy::LearningPolicy<sy::Exploring<sy::FixedSplit>>);
}

TEST_CASE("a fixed split goes by workload") {
  const sy::FixedSplit split({0.1, 0.4});
  CHECK(split({}, {.workload = sy::Workload::lightweight_api}) == 0.1);
  CHECK(split({}, {.workload = sy::Workload::thumbnail_processing}) == 0.4);
  CHECK(split({}, {.workload = sy::Workload::heavy_processing}) == 0.4);
}

TEST_CASE("shares are shares") {
  CHECK_THROWS_AS(sy::FixedSplit({}), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::FixedSplit({0.5, 1.1}), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::FixedSplit({unknown}), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::Exploring(sy::faster_now, -0.1), sy::InvalidArgument);
}
