#include "switchyard/cloud/workload.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <string_view>

namespace sy = switchyard;

TEST_CASE("Outcomes survive being written and read") {
  std::set<std::string_view> names;
  for (const auto outcome : {sy::Outcome::ok, sy::Outcome::http_4xx, sy::Outcome::too_large, sy::Outcome::http_5xx,
                             sy::Outcome::timeout, sy::Outcome::connect, sy::Outcome::broken, sy::Outcome::not_sent}) {
    CHECK(sy::parse_outcome(sy::to_string(outcome)) == outcome);
    names.insert(sy::to_string(outcome));
  }
  CHECK(names.size() == 8);
  CHECK(sy::parse_outcome("ECONNRESET") == sy::Outcome::broken);
}

TEST_CASE("A status stands for one outcome") {
  CHECK(sy::outcome_of_status(200) == sy::Outcome::ok);
  CHECK(sy::outcome_of_status(299) == sy::Outcome::ok);
  CHECK(sy::outcome_of_status(301) == sy::Outcome::broken);
  CHECK(sy::outcome_of_status(400) == sy::Outcome::http_4xx);
  CHECK(sy::outcome_of_status(413) == sy::Outcome::too_large);
  CHECK(sy::outcome_of_status(429) == sy::Outcome::http_4xx);
  CHECK(sy::outcome_of_status(503) == sy::Outcome::http_5xx);
  CHECK(sy::outcome_of_status(0) == sy::Outcome::broken);
}

TEST_CASE("Platforms have names and a counterpart") {
  for (const auto platform : {sy::Platform::ecs, sy::Platform::lambda}) {
    CHECK(sy::parse_platform(sy::to_string(platform)) == platform);
    CHECK(sy::other(sy::other(platform)) == platform);
    CHECK(sy::other(platform) != platform);
  }
  CHECK_FALSE(sy::parse_platform("unknown").has_value());
  CHECK(static_cast<int>(sy::Platform::lambda) == 1);  // the class label
}

TEST_CASE("An observation completes when its answer has come") {
  sy::Observation observation;
  observation.sent_at_ms = 1000;
  observation.response_time_ms = 250;
  CHECK(observation.done_at_ms() == 1250);
  CHECK(observation.ok());
}
