#include "switchyard/pipeline/replay.hpp"

#include "switchyard/core/error.hpp"
#include "switchyard/pipeline/log_reader.hpp"

#include "pipeline/logged_requests.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <numeric>
#include <queue>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace sy = switchyard;

using logged::features_of;
using logged::random_requests;
using logged::same_bits;

namespace {

constexpr double never = std::numeric_limits<double>::infinity();

/// What the logs hold at a moment: requests sent by then, and the answers that have come.
[[nodiscard]] std::vector<sy::LoggedRequest> known_at(const std::vector<sy::LoggedRequest>& requests, double now_ms) {
  std::vector<sy::LoggedRequest> known;
  for (sy::LoggedRequest request : requests) {
    if (request.sent.sent_ms > now_ms) continue;
    if (request.done_ms > now_ms) request.done_ms = never;
    known.push_back(request);
  }
  return known;
}

/// Rows whose features change when the logs end at `end_ms`.
[[nodiscard]] int changed_by_truncation(const std::vector<sy::LoggedRequest>& requests,
                                        const std::vector<sy::LiveFeatures>& features, double end_ms) {
  const auto truncated = features_of(known_at(requests, end_ms));
  int changed = 0;
  std::size_t next = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (requests[i].sent.sent_ms > end_ms) continue;
    changed += same_bits(truncated.at(next++), features[i]) ? 0 : 1;
  }
  CHECK(next == truncated.size());
  return changed;
}

/// The same log until request `i` is sent; after that everything goes another way, its own answer first.
[[nodiscard]] std::vector<sy::LoggedRequest> another_future(std::vector<sy::LoggedRequest> requests, std::size_t i,
                                                            sy::Rng& draw) {
  const double now_ms = requests[i].sent.sent_ms;
  for (std::size_t k = 0; k < requests.size(); ++k) {
    sy::LoggedRequest& request = requests[k];
    if (k != i && request.sent.sent_ms >= now_ms) {
      request.sent.sent_ms += draw.exponential(1000);
      request.sent.platform = sy::other(request.sent.platform);
    }
    if (k != i && request.done_ms < now_ms) continue;
    request.done_ms = std::max(request.sent.sent_ms, now_ms) + draw.exponential(2000);
    request.outcome = request.outcome == sy::Outcome::ok ? sy::Outcome::timeout : sy::Outcome::ok;
  }
  return requests;
}

/// The rows, of 40 tried, whose features tell of what came after they were sent.
template <class Features>
[[nodiscard]] int leaking_rows(const Features& features_of_log) {
  sy::Rng draw(31);
  const auto requests = random_requests(draw, 150);
  const auto features = features_of_log(requests);
  int leaking = 0;
  for (int trial = 0; trial < 40; ++trial) {
    const std::size_t i = 50 + draw.below(100);
    const auto otherwise = features_of_log(another_future(requests, i, draw));
    leaking += same_bits(otherwise[i], features[i]) ? 0 : 1;
  }
  return leaking;
}

/// A router at work, without a log: answers are pending until their time has come.
[[nodiscard]] std::vector<sy::LiveFeatures> lived_through(const std::vector<sy::LoggedRequest>& requests) {
  std::vector<std::size_t> order(requests.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(requests[a].sent.sent_ms, requests[a].sent.id) <
           std::pair(requests[b].sent.sent_ms, requests[b].sent.id);
  });
  const auto later = [&](std::size_t a, std::size_t b) {
    return std::pair(requests[a].done_ms, requests[a].sent.id) > std::pair(requests[b].done_ms, requests[b].sent.id);
  };
  std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> pending(later);
  sy::LiveState state(sy::default_catalogue());
  std::vector<sy::LiveFeatures> features(requests.size());
  for (auto next = order.begin(); next != order.end();) {
    const double now_ms = requests[*next].sent.sent_ms;
    for (; !pending.empty() && requests[pending.top()].done_ms < now_ms; pending.pop()) {
      const auto& [sent, done_ms, outcome] = requests[pending.top()];
      state.on_answer({sent.platform, sent.workload, sent.payload_kb, sent.sent_ms, done_ms, outcome, sent.id});
    }
    const auto same_moment_end =
        std::find_if(next, order.end(), [&](std::size_t i) { return requests[i].sent.sent_ms > now_ms; });
    for (auto i = next; i != same_moment_end; ++i) {
      const sy::SentEvent& sent = requests[*i].sent;
      features[*i] = sy::live_features(state.read(sent.workload, sent.payload_kb, now_ms));
    }
    for (; next != same_moment_end; ++next) {
      state.on_sent(requests[*next].sent);
      pending.push(*next);
    }
  }
  return features;
}

}  // namespace

TEST_CASE("logs that end at any moment leave every earlier row's features as they were") {
  sy::Rng draw(1);
  for (int trial = 0; trial < 20; ++trial) {
    const auto requests = random_requests(draw, 400);
    const auto features = features_of(requests);
    const double until_ms = requests.back().sent.sent_ms;
    CHECK(changed_by_truncation(requests, features, std::floor(draw.uniform(logged::start_ms, until_ms))) == 0);
    CHECK(changed_by_truncation(requests, features, requests[draw.below(400)].sent.sent_ms) == 0);
  }
}

TEST_CASE("the real logs may end at any moment, too, and read the same lived through") {
  const std::filesystem::path logs = std::filesystem::path(SWITCHYARD_SHARED_DATA) / "aws-variance-logs";
  if (std::string(SWITCHYARD_SHARED_DATA).empty() || !std::filesystem::exists(logs)) {
    WARN("skipped: no aws-variance-logs (set SWITCHYARD_SHARED_DATA)");
    return;
  }
  sy::LogReader reader(sy::default_catalogue());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(logs)) {
    if (entry.path().extension() != ".jsonl") continue;
    std::ifstream input(entry.path());
    reader.read(input, entry.path().string());
  }
  std::vector<sy::LoggedRequest> requests;
  for (const auto& observation : reader.observations()) requests.push_back(sy::logged_request(observation));
  const auto features = features_of(requests);
  sy::Rng draw(2);
  for (int trial = 0; trial < 4; ++trial) {
    const double end_ms = requests[draw.below(requests.size())].sent.sent_ms + 0.5;
    CHECK(changed_by_truncation(requests, features, end_ms) == 0);
  }
  const auto online = lived_through(requests);
  CHECK(std::equal(features.begin(), features.end(), online.begin(), online.end(), same_bits));
}

TEST_CASE("replaying logs and living through them give the same bits, in whatever order the rows stand") {
  sy::Rng draw(3);
  for (int trial = 0; trial < 10; ++trial) {
    auto requests = random_requests(draw, 300);
    const auto features = features_of(requests);
    const auto online = lived_through(requests);
    REQUIRE(std::equal(features.begin(), features.end(), online.begin(), online.end(), same_bits));
    draw.shuffle(std::span(requests));
    const auto shuffled = features_of(requests);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      REQUIRE(same_bits(shuffled[i], features[requests[i].sent.id - 1]));
    }
  }
}

TEST_CASE("no feature tells of the request's own end or of later answers") {
  CHECK(leaking_rows(features_of) == 0);
  CHECK(leaking_rows(lived_through) == 0);
}

TEST_CASE("a leak would be noticed") {
  SECTION("features read after the request's own answer") {
    const auto leaking = leaking_rows([](const std::vector<sy::LoggedRequest>& requests) {
      auto features = features_of(requests);
      for (std::size_t i = 0; i < requests.size(); ++i) {
        const auto& [sent, done_ms, outcome] = requests[i];
        sy::LiveState state(sy::default_catalogue());
        state.on_answer({sent.platform, sent.workload, sent.payload_kb, sent.sent_ms, done_ms, outcome, sent.id});
        features[i] = sy::live_features(state.read(sent.workload, sent.payload_kb, sent.sent_ms));
      }
      return features;
    });
    CHECK(leaking == 40);
  }
  SECTION("answers that count from the moment of sending") {
    const auto leaking = leaking_rows([](const std::vector<sy::LoggedRequest>& requests) {
      sy::LiveState state(sy::default_catalogue());
      std::vector<sy::LiveFeatures> features;
      for (const auto& [sent, done_ms, outcome] : requests) {
        features.push_back(sy::live_features(state.read(sent.workload, sent.payload_kb, sent.sent_ms)));
        state.on_sent(sent);
        state.on_answer({sent.platform, sent.workload, sent.payload_kb, sent.sent_ms, done_ms, outcome, sent.id});
      }
      return features;
    });
    CHECK(leaking == 40);
  }
  SECTION("norms over all of the log") {
    const auto leaking = leaking_rows([](const std::vector<sy::LoggedRequest>& requests) {
      sy::LiveState state(sy::default_catalogue());
      sy::replay(requests, state, [](std::size_t, const sy::LiveReading&) { return true; });
      std::vector<sy::LiveFeatures> features;
      for (const auto& [sent, done_ms, outcome] : requests) {
        features.push_back(sy::live_features(state.read(sent.workload, sent.payload_kb, sent.sent_ms)));
      }
      return features;
    });
    CHECK(leaking == 40);
  }
}

TEST_CASE("what the decision hides from the state is as if it had not been sent") {
  sy::Rng draw(4);
  const auto requests = random_requests(draw, 200);
  std::vector<sy::LoggedRequest> chosen;
  for (const auto& request : requests) {
    if (request.sent.platform == sy::Platform::lambda) chosen.push_back(request);
  }
  sy::LiveState closed(sy::default_catalogue());
  std::vector<sy::LiveFeatures> features;
  sy::replay(requests, closed, [&](std::size_t i, const sy::LiveReading& reading) {
    const bool seen = requests[i].sent.platform == sy::Platform::lambda;
    if (seen) features.push_back(sy::live_features(reading));
    return seen;
  });
  const auto alone = features_of(chosen);
  CHECK(std::equal(features.begin(), features.end(), alone.begin(), alone.end(), same_bits));
}

TEST_CASE("an answer of the same millisecond, a request never sent, one never answered") {
  const auto request = [](double sent_ms, double done_ms, std::uint64_t id, sy::Outcome outcome = sy::Outcome::ok) {
    return sy::LoggedRequest{{sy::Platform::ecs, sy::Workload::lightweight_api, 1, logged::start_ms + sent_ms, id},
                             logged::start_ms + done_ms,
                             outcome};
  };
  const std::size_t in_flight = 25;
  REQUIRE(sy::live_feature_names[in_flight] == "live_ecs_in_flight");
  const auto features =
      features_of({request(0, 100, 1), request(50, never, 2), request(60, 70, 3, sy::Outcome::not_sent),
                   request(100, 200, 4), request(100, 300, 5), request(101, 400, 6)});
  const double expected[] = {0, 1, 2, 2, 2, 3};
  for (std::size_t i = 0; i < features.size(); ++i) CHECK(features[i][in_flight] == expected[i]);
  CHECK(std::isnan(features[4][0]));
  sy::LiveState state(sy::default_catalogue());
  CHECK_THROWS_AS(sy::replay_features({request(std::nan(""), 5, 1)}, state), sy::InvalidArgument);
}

TEST_CASE("requests that their log does not name count one by one, as named ones do") {
  sy::Rng draw(12);
  std::vector<sy::Observation> named;
  for (const auto& request : random_requests(draw, 300)) {
    sy::Observation observation;
    observation.platform = request.sent.platform;
    observation.request.workload = request.sent.workload;
    observation.request.payload_kb = request.sent.payload_kb;
    observation.sent_at_ms = request.sent.sent_ms + 0.001 * static_cast<double>(named.size());  // no two at once
    observation.response_time_ms = request.done_ms - request.sent.sent_ms;
    observation.request_id = "r" + std::to_string(named.size());
    named.push_back(observation);
  }
  const auto expected = features_of(sy::logged_requests(named));
  for (const char* name : {"", "unknown"}) {
    auto unnamed = named;
    for (auto& observation : unnamed) observation.request_id = name;
    const auto features = features_of(sy::logged_requests(unnamed));
    for (std::size_t i = 0; i < features.size(); ++i) REQUIRE(same_bits(features[i], expected[i]));
  }
}
