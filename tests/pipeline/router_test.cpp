#include "switchyard/pipeline/router.hpp"

#include "cloud/random_events.hpp"
#include "pipeline/asked_models.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <string>

namespace sy = switchyard;

TEST_CASE("a decision is the model's answer to the request's features") {
  for (const auto& file : asked::every_kind()) {
    INFO(file.model.name());
    const sy::Router router(file);
    sy::Rng draw(2);
    int lambda = 0;
    int ecs = 0;
    for (int i = 0; i < 300; ++i) {
      const sy::Request request = asked::random_request(draw);
      const auto decision = router.decide(request);
      if (request.payload_kb * 1024 > 6'291'456) {
        CHECK(decision.reason == sy::Reason::infeasible);
        CHECK(decision.platform == sy::Platform::ecs);
        continue;
      }
      const auto features = sy::requirement_features(request, sy::default_catalogue());
      const double probability = file.model.probability(features);
      REQUIRE(decision.lambda_probability == probability);
      REQUIRE(decision.ecs_probability == 1 - probability);
      REQUIRE(decision.platform == (probability > 0.5 ? sy::Platform::lambda : sy::Platform::ecs));
      REQUIRE(decision.confidence == std::max(probability, 1 - probability));
      REQUIRE(decision.reason == sy::Reason::model);
      ++(decision.platform == sy::Platform::lambda ? lambda : ecs);
    }
    CHECK(lambda > 0);
    CHECK(ecs > 0);
  }
}

TEST_CASE("columns are found by name, in the model's order") {
  auto train = asked::training_data();
  sy::Dataset two;
  two.feature_names = {"hour_of_day", "payload_size_kb"};
  two.features.resize(train.rows(), 2);
  two.features.col(0) = train.features.col(2);
  two.features.col(1) = train.features.col(1);
  two.labels = train.labels;
  const auto model = sy::GradientBoosting::fit(two, {.rounds = 10, .max_depth = 2});
  const sy::Router router(sy::ModelFile{model, two.feature_names});
  const sy::Request request{.payload_kb = 200, .sent_at_ms = *sy::parse_utc_ms("2025-11-22T13:00:00Z")};
  CHECK(router.decide(request).lambda_probability == model.probability(std::vector<double>{13, 200}));
}

TEST_CASE("live columns are what a state knows at the request's time") {
  const auto file = asked::live_boosted();
  const sy::Router router(file);
  CHECK(router.is_live());
  sy::LiveState state(router.catalogue());
  const double last = events::live_through(state, 400);
  sy::Rng draw(8);
  int differ = 0;
  for (int i = 0; i < 200; ++i) {
    sy::Request request = asked::random_request(draw);
    request.payload_kb = std::min(request.payload_kb, 6000.0);
    request.sent_at_ms = last - draw.uniform(0, 5000);
    const sy::LiveReading reading = state.read(request.workload, request.payload_kb, *request.sent_at_ms);
    std::vector<double> row;
    for (const double value : sy::live_features(reading)) row.push_back(value);
    for (const double value : sy::requirement_features(request, router.catalogue())) row.push_back(value);
    const double probability = file.model.probability(row);
    REQUIRE(router.decide(request, state).lambda_probability == probability);
    REQUIRE(router.decide(request, reading).lambda_probability == probability);
    // Without a state they are missing, which is not the same as a state that knows nothing.
    std::fill(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(sy::live_feature_names.size()), std::nan(""));
    const double unknown = file.model.probability(row);
    REQUIRE(router.decide(request).lambda_probability == unknown);
    if (unknown != probability) ++differ;
    sy::Request timeless = request;
    timeless.sent_at_ms.reset();
    REQUIRE(router.decide(timeless, state).lambda_probability == router.decide(timeless).lambda_probability);
  }
  CHECK(differ > 100);
}

TEST_CASE("a model without live columns does not care for a state") {
  const sy::Router router(asked::boosted());
  CHECK_FALSE(router.is_live());
  sy::LiveState state(router.catalogue());
  events::live_through(state, 100);
  sy::Rng draw(9);
  for (int i = 0; i < 50; ++i) {
    const auto request = asked::random_request(draw);
    const double probability = router.decide(request).lambda_probability;
    CHECK(router.decide(request, state).lambda_probability == probability);
    CHECK(router.decide(request, asked::random_reading(draw)).lambda_probability == probability);
  }
}

TEST_CASE("a router starts with the state of its file") {
  auto file = asked::live_boosted();
  const sy::Catalogue catalogue = sy::default_catalogue();
  CHECK(sy::live_state_record(sy::Router(file).starting_state()) == sy::live_state_record(sy::LiveState(catalogue)));
  sy::LiveState state(catalogue, {.slow_prior = 2});
  const double last = events::live_through(state, 100);
  file.live_state = sy::live_state_to_json(state, catalogue);
  const sy::Router router(sy::parse_model(sy::model_to_json(file).dump()));
  CHECK(sy::live_state_record(router.starting_state()) == sy::live_state_record(state));
  const double later = last + 1e10;
  CHECK(sy::live_state_record(router.starting_state(later)) == sy::begun_at(sy::live_state_record(state), later));
  file.live_state["platforms"]["ecs"]["norm"] = 3;
  CHECK_THROWS_AS(sy::Router(file), sy::ModelFormatError);
}

TEST_CASE("the threshold decides, and confidence is the recommended platform's probability") {
  auto file = asked::boosted();
  const auto at = [&](double threshold, double probability) {
    file.threshold = threshold;
    return sy::Router(file).decide_probability(probability);
  };
  CHECK(at(0.5, 0.5).platform == sy::Platform::ecs);  // a tie is class 0
  CHECK(at(0.5, std::nextafter(0.5, 1)).platform == sy::Platform::lambda);
  CHECK(at(0.3, 0.4).platform == sy::Platform::lambda);
  CHECK(at(0.3, 0.4).confidence == 0.4);
  CHECK(at(0.8, 0.7).platform == sy::Platform::ecs);
  CHECK(at(0.8, 0.7).confidence == 1 - 0.7);
}

TEST_CASE("a decision below the least confidence is the fallback's") {
  const sy::Router router(asked::boosted(), {.min_confidence = 0.8, .fallback = sy::Platform::ecs});
  CHECK(router.decide_probability(0.9).reason == sy::Reason::model);
  CHECK(router.decide_probability(0.9).platform == sy::Platform::lambda);
  const auto unsure = router.decide_probability(0.7);
  CHECK(unsure.reason == sy::Reason::low_confidence);
  CHECK(unsure.platform == sy::Platform::ecs);
  CHECK(unsure.confidence == 1 - 0.7);
}

TEST_CASE("an answer that is not a number is no decision of the model's") {
  const auto kinds = asked::every_kind();
  const sy::Router router(kinds.front(), {.fallback = sy::Platform::ecs});
  const auto decision = router.decide_probability(std::nan(""));
  CHECK(decision.reason == sy::Reason::no_answer);
  CHECK(decision.platform == sy::Platform::ecs);
  CHECK(decision.lambda_probability + decision.ecs_probability == 1);
}

TEST_CASE("a model saved alone is asked by the requirements' columns, in their order") {
  auto file = asked::every_kind().front();
  const sy::Router named(file);
  for (std::size_t i = 0; i < file.feature_columns.size(); ++i) {
    file.feature_columns[i] = "x";
    file.feature_columns[i] += std::to_string(i);
  }
  const sy::Router unnamed(file);
  CHECK(unnamed.feature_columns() == sy::requirement_feature_columns());
  sy::Rng draw(3);
  for (int i = 0; i < 50; ++i) {
    const auto request = asked::random_request(draw);
    CHECK(unnamed.decide(request).lambda_probability == named.decide(request).lambda_probability);
  }
}

TEST_CASE("the size limit is a matter of bytes, and a missing size has none") {
  const sy::Router router(asked::boosted());
  CHECK(router.decide({.payload_kb = 6144}).reason == sy::Reason::model);
  CHECK(router.decide({.payload_kb = std::nextafter(6144.0, 7000)}).reason == sy::Reason::infeasible);
  CHECK(router.decide(sy::Request{}).reason == sy::Reason::model);
}

TEST_CASE("a router refuses what it cannot decide with") {
  const auto file = asked::boosted();
  CHECK_THROWS_AS(sy::Router(file, {.min_confidence = 1.5}), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::Router(file, {.min_confidence = std::nan("")}), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::Router(file).decide_features(std::vector<double>(13)), sy::InvalidArgument);
  auto foreign = file;
  foreign.feature_columns[3] = "response_time_ms";
  CHECK_THROWS_WITH(sy::Router(foreign), Catch::Contains("'response_time_ms' is not a feature of a request"));
}

TEST_CASE("a time beyond all calendars is no time") {
  const sy::Router router(asked::boosted());
  for (const double ms : {std::nan(""), 1e300, -1e300}) {
    const auto decision = router.decide({.payload_kb = 100, .sent_at_ms = ms});
    CHECK(decision.lambda_probability == router.decide(sy::Request{.payload_kb = 100}).lambda_probability);
  }
}
