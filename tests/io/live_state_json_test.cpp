#include "switchyard/io/live_state_json.hpp"

#include "cloud/random_events.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace sy = switchyard;
using nlohmann::json;

namespace {

const sy::Catalogue catalogue = sy::default_catalogue();

sy::LiveState known_state(int requests = 400) {
  sy::LiveState state(catalogue, {.norm_horizon_s = 1234.5, .fast_prior = 0.1});
  events::live_through(state, requests);
  return state;
}

/// What is wrong with a document, or "nothing".
std::string error_of(const json& document) {
  try {
    // Whatever passes must be of use.
    const sy::LiveState state = sy::resumed_state(catalogue, sy::live_state_from_json(document, catalogue, "s"));
    const sy::LiveReading reading = state.read(sy::Workload::heavy_processing, 3072, events::begin_ms);
    REQUIRE_FALSE(std::isinf(reading.ecs.expected_log_ms));
    REQUIRE_FALSE(std::isinf(reading.lambda.spread));
  } catch (const sy::ModelFormatError& error) {
    return error.what();
  }
  return "nothing";
}

/// Every place in a document that holds a value or a list.
std::vector<json::json_pointer> places_of(const json& document) {
  std::vector<json::json_pointer> places;
  const std::function<void(const json&, const json::json_pointer&)> visit = [&](const json& value,
                                                                                const json::json_pointer& place) {
    places.push_back(place);
    if (value.is_object()) {
      for (const auto& [key, item] : value.items()) visit(item, place / key);
    } else if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i) visit(value[i], place / i);
    }
  };
  visit(document, json::json_pointer());
  return places;
}

}  // namespace

TEST_CASE("a state comes back from its text with every bit") {
  for (const int requests : {0, 1, 30, 400}) {
    const sy::LiveStateRecord record = sy::live_state_record(known_state(requests));
    const std::string text = sy::live_state_to_json(record, catalogue).dump();
    CHECK(sy::live_state_from_json(json::parse(text), catalogue) == record);
  }
}

TEST_CASE("a state is of one catalogue") {
  const json document = sy::live_state_to_json(known_state(), catalogue);
  auto other = catalogue;
  other.workloads[1].sizes_kb[2] = 256;
  CHECK_THROWS_WITH(sy::live_state_from_json(document, other, "s"), Catch::Contains("$.workloads are not"));
  other = catalogue;
  other.workloads[0].name = "ping";
  CHECK_THROWS_AS(sy::live_state_from_json(document, other), sy::ModelFormatError);
}

TEST_CASE("what cannot be is refused, with its place") {
  using Catch::Contains;
  const json good = sy::live_state_to_json(known_state(), catalogue);
  REQUIRE(error_of(good) == "nothing");
  const auto with = [&](const char* place, const json& value) {
    json bad = good;
    bad[json::json_pointer(place)] = value;
    return error_of(bad);
  };
  CHECK_THAT(with("/format", "switchyard-model"), Contains("model s: $.format is not \"switchyard-live-state\""));
  CHECK_THAT(with("/version", 2), Contains("$.version is 2"));
  CHECK_THAT(with("/options/fast_horizon_s", 0), Contains("$.options fast_horizon_s is 0"));
  CHECK_THAT(with("/options/slow_prior", -1), Contains("slow_prior is -1"));
  CHECK_THAT(with("/platforms/ecs/norm/1", -3), Contains("$.platforms.ecs.norm[1] is no weight"));
  CHECK_THAT(with("/platforms/ecs/norm/1", 0), Contains("is no weight"));
  CHECK_THAT(with("/platforms/ecs/norm/1", 1e300), Contains("is no weight"));
  CHECK_THAT(with("/platforms/ecs/norm/1", 5e-324), Contains("$.platforms.ecs.norm[0] is no sum"));
  CHECK_THAT(with("/platforms/ecs/norm/0", 1e300), Contains("is no sum"));
  CHECK_THAT(with("/platforms/ecs/norm/0", nullptr), Contains("$.platforms.ecs.norm[0] is null; expected a number"));
  CHECK_THAT(with("/platforms/ecs/norm/2", 1e300), Contains("is no time"));
  CHECK_THAT(with("/platforms/ecs/norm/3", 1), Contains("has 4 values; expected 3"));
  CHECK_THAT(with("/platforms/lambda/workloads/2/failures", {2.5, 2, 0}), Contains("is no sum"));
  CHECK_THAT(with("/platforms/lambda/workloads/2/spread", {-1, 2, 0}), Contains("is no sum"));
  CHECK_THAT(with("/platforms/lambda/workloads/2/last_sent_ms", 1e17), Contains("is no time"));
  CHECK_THAT(with("/platforms/lambda/workloads", json::array()), Contains("has 0 values; expected 4"));
  CHECK_THAT(with("/platforms/lambda/sizes", json(std::vector<int>(100'000))), Contains("expected 17"));
  // NaN and infinities are null in a text, and a number to whoever builds a document by hand.
  for (const double none : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    for (const char* place : {"/platforms/ecs/norm/0", "/platforms/ecs/norm/1", "/platforms/ecs/norm/2",
                              "/platforms/ecs/workloads/0/last_answer_ms", "/options/slow_horizon_s"}) {
      INFO(place);
      CHECK(with(place, none) != "nothing");
    }
  }
}

TEST_CASE("a damaged document is refused or of use, never worse") {
  const json good = sy::live_state_to_json(known_state(40), catalogue);
  const std::vector<json> wrong = {nullptr, -1, 1e308, "text", json::array(), json::object(), true, {1, 2, 3}};
  int refused = 0;
  for (const auto& place : places_of(good)) {
    for (const json& value : wrong) {
      json bad = good;
      bad[place] = value;
      if (error_of(bad) != "nothing") ++refused;
    }
    if (place.empty()) continue;
    json bad = good;
    json& parent = bad[place.parent_pointer()];
    parent.is_array() ? parent.erase(std::stoul(place.back())) : static_cast<void>(parent.erase(place.back()));
    CHECK(error_of(bad) != "nothing");
  }
  CHECK(refused > 1000);
}

TEST_CASE("a file that holds a state") {
  const auto path = std::filesystem::temp_directory_path() / "switchyard_live_state_json_test.json";
  const sy::LiveState state = known_state();
  const std::string text = sy::live_state_to_json(state, catalogue).dump();
  const auto write = [&](const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; };
  write(text);
  CHECK(sy::load_live_state(path, catalogue) == sy::live_state_record(state));
  for (const std::string& torn : {text.substr(0, text.size() / 2), std::string(), std::string(5000, '[')}) {
    write(torn);
    CHECK_THROWS_AS(sy::load_live_state(path, catalogue), sy::ModelFormatError);
  }
  std::filesystem::remove(path);
  CHECK_THROWS_AS(sy::load_live_state(path, catalogue), sy::FileError);
}
