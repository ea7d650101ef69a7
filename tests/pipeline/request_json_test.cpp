#include "switchyard/pipeline/request_json.hpp"

#include "switchyard/pipeline/decision_json.hpp"

#include "pipeline/asked_models.hpp"

#include <catch2/catch.hpp>

#include <cmath>

namespace sy = switchyard;

namespace {

sy::Request request(const std::string& text) {
  return sy::request_from_json(sy::parse_question(text), sy::default_catalogue());
}

// What is wrong with a question, as "missing|unknown|out_of_range".
std::string problems(const std::string& text, sy::QuestionForm form = sy::QuestionForm::strict) {
  static const sy::FeatureSchema schema(asked::boosted());
  const auto joined = [](const std::vector<std::string>& names) {
    std::string all;
    for (const auto& name : names) all += (all.empty() ? "" : ",") + name;
    return all;
  };
  try {
    (void)sy::row_from_json(sy::parse_question(text), schema, form);
  } catch (const sy::FieldError& error) {
    return joined(error.missing) + "|" + joined(error.unknown) + "|" + joined(error.out_of_range);
  }
  return "none";
}

// {"name":value,...} of a row, null for NaN
std::string features_json(const sy::FeatureSchema& schema, const std::vector<double>& row) {
  std::string text;
  for (std::size_t i = 0; i < row.size(); ++i) {
    text += (text.empty() ? "{\"" : ",\"") + schema.columns()[i] + "\":";
    text += std::isnan(row[i]) ? "null" : sy::format_number(row[i]);
  }
  return text + "}";
}

}  // namespace

TEST_CASE("a request context becomes a request") {
  const auto full = request(R"({"workload_type":"thumbnail_processing","payload_size_kb":501,"time_window":"midday",
      "load_pattern":"ramp_load","timestamp":"2025-11-22T14:05:46+02:00","lambda_memory_limit_mb":512,"request_id":7})");
  CHECK(full.workload == sy::Workload::thumbnail_processing);
  CHECK(full.payload_kb == 500);  // within 0.5 % of a catalogue size
  CHECK(full.time_window == sy::TimeWindow::midday);
  CHECK(full.load_pattern == sy::LoadPattern::ramp_load);
  CHECK(full.sent_at_ms == 1763813146000.0);
  CHECK(full.lambda_memory_limit_mb == 512.0);

  const auto least = request(R"({"workload_type":"heavy_processing","payload_size_kb":null,"timestamp":null})");
  CHECK(std::isnan(least.payload_kb));
  CHECK_FALSE(least.sent_at_ms);  // no clock is read
  CHECK_FALSE(least.time_window);
  CHECK_FALSE(least.load_pattern);

  const auto odd = request(
      R"({"workload_type":"heavy_processing","payload_size_kb":1,"time_window":"tea","load_pattern":"storm","timestamp":1.5})");
  CHECK(odd.time_window == sy::TimeWindow::other);
  CHECK(odd.load_pattern == sy::LoadPattern::unknown);
  CHECK(odd.sent_at_ms == 1.5);
}

TEST_CASE("what is wrong with a question is named, all of it at once") {
  CHECK(problems(R"({"workload_type":"x","payload_size_kb":-1,"timestamp":"soon","size":3})") ==
        "|size|workload_type,payload_size_kb,timestamp");
  CHECK(problems(R"({"workload_type":null})") == "workload_type,payload_size_kb||");
  CHECK(problems(R"({"workload_type":3,"payload_size_kb":"5","time_window":1,"load_pattern":{},"timestamp":1e300})") ==
        "||workload_type,payload_size_kb,time_window,load_pattern,timestamp");
  CHECK(problems("{}") == "workload_type,payload_size_kb||");
  CHECK(problems("[]") == "||");
  CHECK(problems(R"({"features":3})") == "||features");
  CHECK(problems(R"({"features":{}})").rfind("workload_type_encoded,payload_size_kb,hour_of_day,", 0) == 0);
}

TEST_CASE("features must be all there, numbers, and known") {
  const sy::FeatureSchema schema(asked::boosted());
  std::vector<double> row(14, 1.0);
  row[4] = std::nan("");
  const std::string good = features_json(schema, row);
  CHECK(problems("{\"features\":" + good + "}") == "none");
  const std::string with_more = "{\"extra\":1," + good.substr(1);
  CHECK(problems("{\"features\":" + with_more + "}") == "|extra|");
  CHECK(problems(with_more, sy::QuestionForm::row) == "none");  // as a table's other columns
  CHECK(problems(good) != "none");                              // strict: neither features nor a context
  auto text = good;
  text.replace(text.find("null"), 4, "true");
  CHECK(problems("{\"features\":" + text + "}") == "||is_weekend");
  const auto read = sy::row_from_json(sy::parse_question("{\"features\":" + good + "}"), schema);
  CHECK(std::isnan(read.values[4]));
  CHECK(read.payload_kb == 1);
}

TEST_CASE("a row of a table with a workload_type is a row of features") {
  const sy::FeatureSchema schema(asked::boosted());
  const std::string row = features_json(schema, std::vector<double>(14, 2.0));
  CHECK(problems("{\"workload_type\":\"heavy_processing\"," + row.substr(1), sy::QuestionForm::row) == "none");
  CHECK(problems(R"({"workload_type":"heavy_processing","payload_size_kb":2})", sy::QuestionForm::row) == "none");
  CHECK(problems(R"({"payload_size_kb":2})", sy::QuestionForm::row).rfind("workload_type_encoded,", 0) == 0);
}

TEST_CASE("hostile texts are refused") {
  CHECK_THROWS_AS(sy::parse_question(std::string(100'000, '[')), sy::JsonSyntaxError);
  CHECK_THROWS_AS(sy::parse_question(R"({"a":1e999})"), sy::JsonSyntaxError);
  CHECK_THROWS_AS(sy::parse_question(R"({"a":NaN})"), sy::JsonSyntaxError);
  CHECK_THROWS_AS(sy::parse_question("{\"\xFF\":1}"), sy::JsonSyntaxError);
  CHECK_THROWS_AS(sy::parse_question(""), sy::JsonSyntaxError);
  CHECK_THROWS_AS(sy::parse_question("{} {}"), sy::JsonSyntaxError);
  std::string many = "{";
  for (int i = 0; i < 5000; ++i) many += "\"key" + std::to_string(i) + "\":0,";
  many.back() = '}';
  CHECK(problems(many).size() < 2000);
}

TEST_CASE("questions in every form get the router's decision, bit for bit") {
  for (const auto& file : asked::every_kind()) {
    const sy::Router router(file);
    const sy::FeatureSchema schema(file);
    sy::Rng draw(4);
    for (int i = 0; i < 100; ++i) {
      const sy::Request asked_for = asked::random_request(draw);
      const auto expected = sy::decision_json(router.decide(asked_for));
      const auto row = schema.row_of(asked_for);
      REQUIRE(sy::decision_json(sy::decide(router, row)) == expected);
      const auto text = "{\"features\":" + features_json(schema, row.values) + "}";
      REQUIRE(sy::decision_json(sy::decide(router, sy::row_from_json(sy::parse_question(text), schema))) == expected);
    }
  }
}

TEST_CASE("live columns may be told with the features, or left out") {
  const auto file = asked::live_boosted();
  const sy::Router router(file);
  const sy::FeatureSchema schema(file);
  CHECK(schema.is_live());
  CHECK_FALSE(schema.foreign_column());
  sy::Rng draw(10);
  const std::size_t live = sy::live_feature_names.size();
  for (int i = 0; i < 50; ++i) {
    const auto request_asked = asked::random_request(draw);
    const auto reading = asked::random_reading(draw);
    const auto row = schema.row_of(request_asked, reading);
    const auto expected = sy::decision_json(router.decide(request_asked, reading));
    const auto text = "{\"features\":" + features_json(schema, row.values) + "}";
    REQUIRE(sy::decision_json(sy::decide(router, sy::row_from_json(sy::parse_question(text), schema))) == expected);

    auto question = sy::parse_question(text);
    for (std::size_t c = 0; c < live; ++c) question["features"].erase(schema.columns()[c]);
    const auto without = sy::decision_json(router.decide(request_asked));
    REQUIRE(sy::decision_json(sy::decide(router, sy::row_from_json(question, schema))) == without);
    question = question["features"];
    REQUIRE(sy::decision_json(sy::decide(router, sy::row_from_json(question, schema, sy::QuestionForm::row))) ==
            without);
  }
  // A model without them takes them, as it takes a request's features that it does not ask for.
  const sy::FeatureSchema plain(asked::boosted());
  auto features = sy::parse_question(features_json(plain, std::vector<double>(14, 1.0)));
  features["live_ecs_in_flight"] = 3;
  CHECK(sy::row_from_json({{"features", features}}, plain).values == std::vector<double>(14, 1.0));
}

TEST_CASE("values outside of the training ranges are named") {
  auto file = asked::boosted();
  file.ranges.assign(14, {0, 10});
  file.ranges[2] = {};  // was missing in every row
  const sy::FeatureSchema schema(file);
  sy::FeatureRow row{std::vector<double>(14, 10.0)};
  CHECK(schema.out_of_range(row) == std::vector<std::string>{"hour_of_day"});
  row.values[2] = std::nan("");
  row.values[0] = -0.1;
  row.values[1] = std::nextafter(10, 11);
  CHECK(schema.out_of_range(row) == std::vector<std::string>{"workload_type_encoded", "payload_size_kb"});
  file.ranges.clear();
  CHECK(sy::FeatureSchema(file).out_of_range(row).empty());
}

TEST_CASE("expected latencies as JSON") {
  sy::LiveReading reading;
  reading.lambda.expected_log_ms = std::log(250.0);
  std::string line;
  sy::detail::JsonObjectLine object(line);
  sy::append_expected_ms(object, line, reading);
  object.text("model", "m");
  object.close();
  CHECK(line == R"({"expected_ms":{"lambda":250,"ecs":null},"model":"m"})");
}

TEST_CASE("a decision as JSON") {
  CHECK(
      sy::decision_json({sy::Platform::ecs, 0.75, 0.25, 0.75, sy::Reason::low_confidence}) ==
      R"({"recommended_platform":"ecs","confidence":0.75,"lambda_probability":0.25,"ecs_probability":0.75,"reason":"low_confidence"})");
}
