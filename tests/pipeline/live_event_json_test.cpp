#include "switchyard/pipeline/live_event_json.hpp"

#include "switchyard/cloud/live_state_record.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <string>

namespace sy = switchyard;
using nlohmann::json;

namespace {

const sy::Catalogue catalogue = sy::default_catalogue();
constexpr double now_ms = 1763814000000;  // 2025-11-22T12:20:00Z

sy::LiveEvent event_of(const std::string& text) {
  return sy::live_event_from_json(json::parse(text), catalogue, now_ms);
}

const std::string answer = R"({"request_id":"r1","platform":"lambda","workload_type":"thumbnail_processing",
    "target_payload_size_kb":500,"sent_at":"2025-11-22T12:19:58Z","response_time_ms":310,"http_status":200})";

/// What is wrong with an answer in which one field has another value: "missing|out_of_range" or "none".
std::string problems(const std::string& field, const json& value) {
  json object = json::parse(answer);
  object[field] = value;
  if (value.is_discarded()) object.erase(field);
  const auto joined = [](const std::vector<std::string>& names) {
    std::string all;
    for (const auto& name : names) all += (all.empty() ? "" : ",") + name;
    return all;
  };
  try {
    (void)sy::live_event_from_json(object, catalogue, now_ms);
  } catch (const sy::FieldError& error) {
    return joined(error.missing) + "|" + joined(error.out_of_range);
  }
  return "none";
}

}  // namespace

TEST_CASE("an answer in a log row's words") {
  const sy::LiveEvent event = event_of(answer);
  CHECK(event.answered);
  CHECK(event.request.sent.platform == sy::Platform::lambda);
  CHECK(event.request.sent.workload == sy::Workload::thumbnail_processing);
  CHECK(event.request.sent.payload_kb == 500);
  CHECK(event.request.sent.sent_ms == now_ms - 2000);
  CHECK(event.request.sent.id == sy::event_id("r1"));
  CHECK(event.request.done_ms == now_ms - 2000 + 310);
  CHECK(event.request.outcome == sy::Outcome::ok);

  // A row of the published logs: the time is in the id, and much else beside.
  const sy::LiveEvent logged = event_of(
      R"({"request_id":"req_1763813967268_ustx","platform":"ecs","workload_type":"heavy_processing",
          "timestamp":"2025-11-22T12:19:33.509264","http_status":200,"response_time_ms":6101,
          "target_payload_size_kb":5120,"actual_payload_size_kb":5132.8,"time_window":"evening","load_pattern":"burst",
          "metrics":{"cpu_percent":0,"execution_time_ms":5640.0}})");
  CHECK(logged.request.sent.sent_ms == 1763813967268);
  CHECK(logged.request.done_ms == 1763813967268 + 6101);
  CHECK(logged.request.sent.payload_kb == 5120);
}

TEST_CASE("how it ended: error class, else status, else whether it was executed") {
  const auto outcome = [](const json& change) {
    json object = json::parse(answer);
    object.merge_patch(change);
    return sy::live_event_from_json(object, catalogue, now_ms).request;
  };
  CHECK(outcome({{"error_class", "timeout"}}).outcome == sy::Outcome::timeout);
  CHECK(outcome({{"error_class", "none"}, {"http_status", 500}}).outcome == sy::Outcome::ok);
  CHECK(outcome({{"http_status", 503}}).outcome == sy::Outcome::http_5xx);
  CHECK(outcome({{"http_status", 413}}).outcome == sy::Outcome::too_large);
  CHECK(outcome({{"http_status", 0}}).outcome == sy::Outcome::broken);
  CHECK(outcome({{"http_status", nullptr}, {"metrics", {{"execution_time_ms", 3}}}}).outcome == sy::Outcome::ok);
  const json lost = {{"error_class", "timeout"}, {"response_time_ms", nullptr}};
  CHECK(outcome(lost).done_ms == now_ms);  // sent two seconds ago, it has ended by now
  json lost_early = lost;
  lost_early["sent_at"] = now_ms - 60'000;
  CHECK(outcome(lost_early).done_ms == now_ms - 60'000 + catalogue.timeout_ms);
  lost_early["sent_at"] = now_ms + 3000;
  CHECK(outcome(lost_early).done_ms == now_ms + 3000);
}

TEST_CASE("what is wrong with an event is named") {
  const json absent(json::value_t::discarded);
  CHECK(problems("request_id", absent) == "none");
  CHECK(problems("target_payload_size_kb", absent) == "none");
  CHECK(problems("platform", absent) == "platform|");
  CHECK(problems("platform", "azure") == "|platform");
  CHECK(problems("platform", 1) == "|platform");
  CHECK(problems("workload_type", absent) == "workload_type|");
  CHECK(problems("workload_type", "x") == "|workload_type");
  CHECK(problems("target_payload_size_kb", -1) == "|target_payload_size_kb");
  CHECK(problems("target_payload_size_kb", "500") == "|target_payload_size_kb");
  CHECK(problems("sent_at", absent) == "sent_at|");
  CHECK(problems("sent_at", "soon") == "|sent_at");
  CHECK(problems("response_time_ms", absent) == "response_time_ms|");
  CHECK(problems("response_time_ms", -3) == "|response_time_ms");
  CHECK(problems("response_time_ms", std::nan("")) == "|response_time_ms");
  CHECK(problems("http_status", absent) == "http_status|");
  CHECK(problems("http_status", 1000) == "|http_status");
  CHECK(problems("http_status", 18446744073709551615ULL) == "|http_status");
  CHECK(problems("http_status", "200") == "|http_status");
  CHECK(problems("error_class", 3) == "|error_class");
  CHECK(problems("event", "gone") == "|event");
  CHECK(problems("event", 1) == "|event");
  CHECK(problems("request_id", json::array()) == "|request_id");
  CHECK(problems("colour", "red") == "none");  // as a log row's other fields
  CHECK_THROWS_AS(event_of("3"), sy::FieldError);
  CHECK_THROWS_AS(event_of("null"), sy::FieldError);
  CHECK_THROWS_AS(event_of("[]"), sy::FieldError);
}

TEST_CASE("times are of the last hour, and not of the future") {
  CHECK(problems("sent_at", now_ms + 4600) == "none");
  CHECK(problems("sent_at", now_ms + 5001) == "|sent_at");
  CHECK(problems("sent_at", now_ms + 4800) == "|response_time_ms");  // sent in time, answered 110 ms too far ahead
  CHECK(problems("response_time_ms", 7000) == "none");
  CHECK(problems("response_time_ms", 7001) == "|response_time_ms");
  CHECK(problems("sent_at", now_ms - 3'600'000) == "none");
  CHECK(problems("sent_at", now_ms - 3'600'001) == "|sent_at");
  CHECK(problems("sent_at", 1e300) == "|sent_at");
  CHECK(problems("sent_at", -1e300) == "|sent_at");
  try {
    (void)event_of(R"({"request_id":"req_1763900000000_x","platform":"ecs","workload_type":"heavy_processing",
        "response_time_ms":1,"http_status":200})");
    FAIL("accepted");
  } catch (const sy::FieldError& error) {
    CHECK(error.out_of_range == std::vector<std::string>{"request_id"});
    CHECK_THAT(error.what(), Catch::Contains("request_id is \"86000.000 s ahead\"; expected at most 5 s ahead"));
  }
}

TEST_CASE("a request on its way needs an id") {
  const std::string rest = R"("platform":"ecs","workload_type":"heavy_processing","sent_at":1763814000000})";
  const sy::LiveEvent sent = event_of(R"({"event":"sent","request_id":17,)" + rest);
  CHECK_FALSE(sent.answered);
  CHECK(sent.request.sent.id == sy::event_id("17"));
  CHECK(std::isnan(sent.request.sent.payload_kb));
  CHECK_THROWS_WITH(event_of(R"({"event":"sent",)" + rest), Catch::Contains("missing request_id"));
}

TEST_CASE("events come one by one, in a list or by line") {
  const auto read = [](const std::string& text) { return sy::live_events_from_text(text, catalogue, now_ms); };
  const std::string line = json::parse(answer).dump();
  CHECK(read(answer).size() == 1);  // over several lines
  CHECK(read(line + "\n").size() == 1);
  CHECK(read("[" + line + "," + answer + "]").size() == 2);
  CHECK(read(" [] ").empty());
  CHECK(read(line + "\r\n\r\n" + line + "\n" + line).size() == 3);
  CHECK_THROWS_WITH(read("[" + line + ",3]"), Catch::Contains("[1]: the event is 3"));
  CHECK_THROWS_WITH(read(line + "\n\n{\"platform\":\"ecs\"}"), Catch::Contains("line 3: missing workload_type"));
  CHECK_THROWS_WITH(read(line + "\n{\"platform\""), Catch::Contains("line 2: "));
  CHECK_THROWS_AS(read(line + "\n{\"platform\""), sy::JsonSyntaxError);
  CHECK_THROWS_AS(read(line.substr(0, 40)), sy::JsonSyntaxError);
  CHECK_THROWS_AS(read("[" + line), sy::JsonSyntaxError);
  CHECK_THROWS_AS(read(std::string(200'000, '[')), sy::JsonSyntaxError);
  CHECK_THROWS_AS(read(line + "\n" + std::string(200'000, '[')), sy::JsonSyntaxError);
  CHECK_THROWS_AS(read(""), sy::JsonSyntaxError);
  CHECK_THROWS_AS(read("3"), sy::FieldError);
}

TEST_CASE("rows of a log alone tell a state what sends and answers tell it") {
  sy::LiveState told(catalogue);
  sy::LiveState logged(catalogue);
  sy::LiveEvent event = event_of(answer);
  event.answered = false;
  CHECK(sy::observe(told, event));
  CHECK(told.read(sy::Workload::thumbnail_processing, 500, now_ms).lambda.in_flight == 1);
  event.answered = true;
  CHECK(sy::observe(told, event));
  CHECK_FALSE(sy::observe(told, event));  // a duplicate
  CHECK(sy::observe(logged, event));
  CHECK(sy::live_state_record(told) == sy::live_state_record(logged));
  const auto reading = logged.read(sy::Workload::thumbnail_processing, 500, now_ms).lambda;
  CHECK(reading.in_flight == 0);
  CHECK(reading.expected_log_ms == Approx(std::log(310.0)));
  CHECK(reading.idle_s == Approx(2));
  CHECK(reading.arrivals_per_s > 0);
  event.request.sent.id = 0;
  event.request.outcome = sy::Outcome::not_sent;
  CHECK_FALSE(sy::observe(logged, event));
  CHECK(sy::live_state_record(told) == sy::live_state_record(logged));
}
