#include "switchyard/pipeline/closed_loop.hpp"

#include "switchyard/model/gradient_boosting.hpp"
#include "switchyard/model/hand_rule.hpp"

#include "pipeline/live_logs.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

namespace sy = switchyard;

namespace {

/// Logs whose faster platform changes every half minute. Column "logged" of the dataset is 1 where a row's own request
/// ran on Lambda, and else -1.
sy::TrainingData changing(double seconds, std::uint64_t seed = 1) {
  auto data = live_logs::dataset_of(live_logs::random_lines(
      {.seconds = seconds, .per_s = 5, .seed = seed}, [](sy::Platform platform, sy::Workload, double sent_s) {
        const bool ecs_is_slow = static_cast<int>(sent_s / 30) % 2 == 0;
        return platform == sy::Platform::lambda ? 400.0 : ecs_is_slow ? 900.0 : 200.0;
      }));
  sy::Dataset& rows = data.data;
  const sy::Index columns = rows.columns();
  rows.features.conservativeResize(rows.rows(), columns + 1);
  rows.feature_names.emplace_back("logged");
  for (sy::Index i = 0; i < rows.rows(); ++i) {
    const bool lambda = data.platforms[static_cast<std::size_t>(i)] == sy::Platform::lambda;
    rows.features(i, columns) = lambda ? 1 : -1;
  }
  return data;
}

/// Lambda where a column is positive.
sy::HandRule positive(const sy::TrainingData& data, const char* column) {
  return {{*sy::find_feature(data.data.feature_names, column),
           *sy::find_feature(data.data.feature_names, "workload_type_encoded")},
          {},
          1,
          data.data.columns()};
}

std::vector<sy::Index> all_rows(const sy::TrainingData& data) {
  std::vector<sy::Index> rows(static_cast<std::size_t>(data.data.rows()));
  std::iota(rows.begin(), rows.end(), sy::Index{0});
  return rows;
}

/// Recommended platforms of a closed loop without exploration, the slow way: before each row the log of what could be
/// seen by then is replayed from its beginning.
sy::Labels recommended_by_search(const sy::TrainingData& data, const sy::HandRule& rule,
                                 const std::vector<bool>& is_routed) {
  const auto requests = sy::logged_requests(data);
  sy::Labels recommended;
  std::vector<sy::LoggedRequest> seen;
  for (std::size_t i = 0; i < requests.size(); ++i) {  // rows are in order of sending
    auto known = seen;
    known.push_back(requests[i]);
    sy::LiveState state(sy::default_catalogue());
    const auto live = sy::replay_features(known, state).back();
    const double advantage = live[1];
    const bool lambda = std::isnan(advantage) ? rule.probability(data.data.row(0)) > 2 : advantage > 0;
    const bool logged_lambda = data.platforms[i] == sy::Platform::lambda;
    if (is_routed[i]) recommended.push_back(lambda ? 1 : 0);
    if (!is_routed[i] || lambda == logged_lambda) seen.push_back(requests[i]);
  }
  return recommended;
}

}  // namespace

TEST_CASE("a dataset's rows are a log: where each ran, when, and how it fared") {
  auto data = changing(20);
  const auto requests = sy::logged_requests(data);
  REQUIRE(requests.size() == data.platforms.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const bool lambda = data.platforms[i] == sy::Platform::lambda;
    const auto& own = lambda ? data.lambda[i] : data.ecs[i];
    const auto row = static_cast<sy::Index>(i);
    CHECK(requests[i].sent.platform == data.platforms[i]);
    CHECK(static_cast<double>(requests[i].sent.workload) == data.data.features(row, 0));
    CHECK(requests[i].sent.payload_kb == data.data.features(row, 1));
    CHECK(requests[i].sent.sent_ms == static_cast<double>(data.data.times_ms[i]));
    CHECK(requests[i].done_ms - requests[i].sent.sent_ms == Approx(own.latency_ms));
    CHECK(requests[i].outcome == sy::Outcome::ok);
  }
  data.lambda[0].ok = data.ecs[0].ok = false;
  CHECK(sy::logged_requests(data)[0].outcome != sy::Outcome::ok);
}

TEST_CASE("a table that does not say when, where, what or how cannot be replayed") {
  const auto good = changing(20);
  REQUIRE(sy::can_replay(good));
  const auto refuses = [](const sy::TrainingData& data) {
    CHECK_FALSE(sy::can_replay(data));
    CHECK_THROWS_AS(sy::logged_requests(data), sy::InvalidArgument);
  };
  auto data = good;
  data.platforms.clear();
  refuses(data);
  data = good;
  data.lambda.clear();
  refuses(data);
  data = good;
  data.data.times_ms.clear();
  refuses(data);
  for (const sy::Index column : {0, 1}) {
    data = good;
    data.data.feature_names[static_cast<std::size_t>(column)] = "other";
    refuses(data);
  }
}

TEST_CASE("an open loop decides as the model does on replayed features, whatever it explores") {
  const auto data = changing(120);
  sy::GradientBoostingOptions options{.rounds = 10, .max_depth = 3};
  const auto model = sy::GradientBoosting::fit(data.data, options);
  sy::LiveState state(sy::default_catalogue());
  const auto live = sy::replay_features(sy::logged_requests(data), state);
  sy::Matrix features = data.data.features;
  for (std::size_t j = 0; j < sy::live_feature_names.size(); ++j) {
    const auto column = *sy::find_feature(data.data.feature_names, sy::live_feature_names[j]);
    for (sy::Index i = 0; i < features.rows(); ++i) features(i, column) = live[static_cast<std::size_t>(i)][j];
  }
  const auto expected = model.predict(features);
  REQUIRE(std::count(expected.begin(), expected.end(), 1) > 20);
  REQUIRE(std::count(expected.begin(), expected.end(), 0) > 20);
  for (const double exploration : {0.0, 0.5}) {
    const auto decisions = sy::route_replayed(data, sy::default_catalogue(), {model, all_rows(data)},
                                              {.exploration = exploration, .open = true});
    CHECK(decisions.recommended == expected);
    CHECK(decisions.seen == 1);
    CHECK((decisions.taken == decisions.recommended) == (exploration == 0));
  }
}

TEST_CASE("a closed loop decides on what it has seen of its own choices") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    INFO(seed);
    const auto data = changing(120, seed);
    const auto rule = positive(data, "live_latency_advantage");
    std::vector<bool> is_routed(data.platforms.size());
    std::vector<sy::Index> routed;
    for (std::size_t i = 0; i < is_routed.size(); ++i) {
      is_routed[i] = i > 30 && i % 4 != 0;
      if (is_routed[i]) routed.push_back(static_cast<sy::Index>(i));
    }
    const auto expected = recommended_by_search(data, rule, is_routed);
    const auto closed = sy::route_replayed(data, sy::default_catalogue(), {rule, routed}, {.exploration = 0});
    CHECK(closed.recommended == expected);
    CHECK(closed.taken == expected);
    const auto open =
        sy::route_replayed(data, sy::default_catalogue(), {rule, routed}, {.exploration = 0, .open = true});
    CHECK(open.recommended != expected);
    double agree = 0;
    for (std::size_t i = 0; i < routed.size(); ++i) {
      const bool lambda = data.platforms[static_cast<std::size_t>(routed[i])] == sy::Platform::lambda;
      agree += lambda == (closed.taken[i] == 1) ? 1 : 0;
    }
    CHECK(closed.seen == Approx(agree / static_cast<double>(routed.size())));
  }
}

TEST_CASE("decisions come in the order of the rows asked for") {
  const auto data = changing(60);
  const auto rule = positive(data, "live_latency_advantage");
  auto rows = all_rows(data);
  const auto forwards = sy::route_replayed(data, sy::default_catalogue(), {rule, rows}, {});
  std::reverse(rows.begin(), rows.end());
  auto backwards = sy::route_replayed(data, sy::default_catalogue(), {rule, rows}, {});
  std::reverse(backwards.recommended.begin(), backwards.recommended.end());
  std::reverse(backwards.taken.begin(), backwards.taken.end());
  CHECK(forwards.recommended == backwards.recommended);
  CHECK(forwards.taken == backwards.taken);
  CHECK(forwards.seen == backwards.seen);
}

TEST_CASE("who always does as the log did sees everything, who never does sees nothing") {
  auto data = changing(60);
  const auto same = positive(data, "logged");
  const auto follows = sy::route_replayed(data, sy::default_catalogue(), {same, all_rows(data)}, {.exploration = 0});
  CHECK(follows.seen == 1);
  data.data.features.rightCols(1) *= -1;
  const auto differs = sy::route_replayed(data, sy::default_catalogue(), {same, all_rows(data)}, {.exploration = 0});
  CHECK(differs.seen == 0);
  for (std::size_t i = 0; i < follows.taken.size(); ++i) CHECK(follows.taken[i] != differs.taken[i]);
  CHECK(sy::route_replayed(data, sy::default_catalogue(), {same, {}}, {}).seen == 0);  // no row, nothing seen
}

TEST_CASE("exploration takes a platform at random, by the seed, for its share of the requests") {
  const auto data = changing(300);
  const auto rows = static_cast<double>(data.data.rows());
  const auto same = positive(data, "logged");
  const auto route = [&](double exploration, std::uint64_t seed) {
    return sy::route_replayed(data, sy::default_catalogue(), {same, all_rows(data)},
                              {.exploration = exploration, .seed = seed});
  };
  for (const double exploration : {0.2, 1.0}) {
    const auto once = route(exploration, 7);
    const double expected = 1 - exploration / 2;  // half of what is drawn is what was logged
    CHECK(std::abs(once.seen - expected) < 4 * std::sqrt(expected * (1 - expected) / rows));
    CHECK(once.taken == route(exploration, 7).taken);
    CHECK(once.seen == route(exploration, 7).seen);
    CHECK(once.taken != route(exploration, 8).taken);
    CHECK(once.recommended == route(exploration, 8).recommended);  // "logged" is no live column
  }
}

TEST_CASE("a share out of range is refused") {
  const auto data = changing(20);
  const auto rule = positive(data, "logged");
  for (const double exploration : {-0.1, 1.1, std::nan("")}) {
    CHECK_THROWS_WITH(
        sy::route_replayed(data, sy::default_catalogue(), {rule, all_rows(data)}, {.exploration = exploration}),
        Catch::StartsWith("exploration is "));
  }
}
