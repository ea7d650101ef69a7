#include "switchyard/io/observation_json.hpp"

#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>

namespace sy = switchyard;

namespace {

sy::Observation read(const std::string& text) {
  return sy::observation_from_json(nlohmann::json::parse(text), sy::default_catalogue());
}

std::string reason(const std::string& text) {
  try {
    (void)read(text);
  } catch (const sy::UnusableRow& row) {
    return row.reason;
  }
  return "usable";
}

// A row of the requirements' section 4.1 with some fields replaced.
std::string row_with(const std::string& key, const nlohmann::json& value, bool in_metrics = false) {
  auto row = nlohmann::json::parse(R"({"request_id":"req_1731945823456_abc123","platform":"lambda",
    "workload_type":"thumbnail_processing","timestamp":"2025-11-18T14:23:45.123Z","http_status":200,
    "response_time_ms":245.67,"target_payload_size_kb":500,"actual_payload_size_kb":512.34,"time_window":"midday",
    "load_pattern":"medium_load","metrics":{"execution_time_ms":234.12,"memory_used_mb":256,"cold_start":false,
    "cpu_percent":45.2,"payload_size_kb":512.34}})");
  auto& place = in_metrics ? row["metrics"][key] : row[key];
  place = value;
  return row.dump();
}

}  // namespace

TEST_CASE("the requirements' row") {
  const auto observation = read(row_with("http_status", 200));
  CHECK(observation.platform == sy::Platform::lambda);
  CHECK(observation.request.workload == sy::Workload::thumbnail_processing);
  CHECK(observation.request.payload_kb == 500);
  CHECK(observation.request.time_window == sy::TimeWindow::midday);
  CHECK(observation.request.load_pattern == sy::LoadPattern::medium_load);
  CHECK(observation.sent_at_ms == 1731945823456.0);
  CHECK(observation.request.sent_at_ms == 1731945823456.0);
  CHECK(observation.response_time_ms == 245.67);
  CHECK(observation.execution_time_ms == 234.12);
  CHECK(observation.memory_mb == 256);
  CHECK(observation.ok());
}

TEST_CASE("numbers may be strings, and memory is the limit where it is logged") {
  const auto observation = read(
      R"({"request_id":"req_1763840139272_1t3pobnig","platform":"lambda","workload_type":"heavy_processing",
      "timestamp":"2025-11-22T19:35:46.558461","http_status":"200","response_time_ms":"7236",
      "target_payload_size_kb":"3072","metrics":{"execution_time_ms":4967.523097991943,"memory_used_mb":"512",
      "memory_limit_mb":"1024","cold_start":true}})");
  CHECK(observation.response_time_ms == 7236);
  CHECK(observation.request.payload_kb == 3072);
  CHECK(observation.memory_mb == 1024);
  CHECK(observation.cold_start);
}

TEST_CASE("ECS's used memory is no limit") {
  const auto observation = read(
      R"({"request_id":"req_1763840139171_cntgjm6o5","platform":"ecs","workload_type":"heavy_processing",
      "http_status":200,"response_time_ms":5790,"metrics":{"execution_time_ms":5333.8,"memory_used_mb":52.37}})");
  CHECK(std::isnan(observation.memory_mb));
}

TEST_CASE("the older schema: no target size, window or pattern") {
  const auto observation = read(
      R"({"request_id":"x","platform":"ecs","workload_type":"thumbnail_processing","timestamp":"2025-11-16T23:59:59.500",
      "http_status":200,"response_time_ms":1500,"metrics":{"cpu_percent":0,"execution_time_ms":594.2,"payload_size_kb":200.4}})");
  CHECK(observation.request.payload_kb == 200);  // snapped: within 0.5 %
  CHECK_FALSE(observation.request.time_window.has_value());
  CHECK_FALSE(observation.request.load_pattern.has_value());
  CHECK(observation.sent_at_ms == *sy::parse_utc_ms("2025-11-16T23:59:58.000Z"));  // completion less response time
}

TEST_CASE("a size is snapped only where it was measured, and only when near") {
  CHECK(read(row_with("target_payload_size_kb", 501)).request.payload_kb == 501);
  auto unsized = nlohmann::json::parse(row_with("target_payload_size_kb", nullptr));
  CHECK(sy::observation_from_json(unsized, sy::default_catalogue()).request.payload_kb == 512.34);
  unsized["actual_payload_size_kb"] = 501.2;
  CHECK(sy::observation_from_json(unsized, sy::default_catalogue()).request.payload_kb == 500);
}

TEST_CASE("failures are observations too") {
  CHECK(read(row_with("http_status", 500)).outcome == sy::Outcome::http_5xx);
  CHECK(read(row_with("http_status", 413)).outcome == sy::Outcome::too_large);
  const auto timed_out = read(
      R"({"request_id":"req_1763840139171_cntgjm6o5","platform":"ecs","workload_type":"heavy_processing",
      "error_class":"timeout","response_time_ms":null,"metrics":{}})");
  CHECK(timed_out.outcome == sy::Outcome::timeout);
  CHECK(timed_out.response_time_ms == 10'000);
}

TEST_CASE("what cannot be used says why") {
  CHECK(reason("[]") == "not_an_object");
  CHECK(reason(row_with("platform", "unknown")) == "unknown_platform");
  CHECK(reason(row_with("platform", 7)) == "unknown_platform");
  CHECK(reason(row_with("workload_type", "gpu_processing")) == "unknown_workload");
  CHECK(reason(row_with("response_time_ms", "fast")) == "not_a_number:response_time_ms");
  CHECK(reason(row_with("response_time_ms", "nan")) == "not_a_number:response_time_ms");
  CHECK(reason(row_with("response_time_ms", true)) == "not_a_number:response_time_ms");
  CHECK(reason(row_with("response_time_ms", nullptr)) == "missing:response_time_ms");
  CHECK(reason(row_with("target_payload_size_kb", -5)) == "negative:target_payload_size_kb");
  CHECK(reason(row_with("target_payload_size_kb", 1e12)) == "usable");
  CHECK(reason(row_with("target_payload_size_kb", 1e300)) == "too_large:target_payload_size_kb");
  CHECK(reason(row_with("response_time_ms", "1e308")) == "too_large:response_time_ms");
  CHECK(reason(row_with("sent_at", 1e300)) == "time_out_of_range");
  CHECK(reason(row_with("sent_at", -1e300)) == "time_out_of_range");
  CHECK(reason(row_with("sent_at", "0000-12-31T23:59:59.999Z")) == "time_out_of_range");
  CHECK(reason(row_with("sent_at", "0001-01-01T00:00:00Z")) == "usable");
  CHECK(reason(row_with("sent_at", "9999-12-31T23:59:59.700Z")) == "usable");             // done 245.67 ms later
  CHECK(reason(row_with("sent_at", "9999-12-31T23:59:59.800Z")) == "time_out_of_range");  // done in the year 10000
  CHECK(reason(row_with("metrics", 3)) == "not_an_object:metrics");
  CHECK(reason(row_with("metrics", nlohmann::json::object())) == "missing:execution_time_ms");
  CHECK(reason(row_with("error_class", "not_sent")) == "not_sent");
  CHECK(reason(row_with("request_id", "no time here").replace(0, 0, "")) == "usable");  // timestamp says when
  CHECK(reason(row_with("sent_at", "yesterday")) == "not_a_time:sent_at");
  CHECK(reason(row_with("request_id", nlohmann::json::array())) == "not_text:request_id");
}

TEST_CASE("a send time needs 13 digits in the request id") {
  CHECK(sy::detail::send_time_in("req_1731945823456_abc") == 1731945823456.0);
  for (const char* id :
       {"req_173194582345_abc", "req_17319458234567_abc", "1731945823456", "req_173194582345x_abc", "", "req_"}) {
    CHECK_FALSE(sy::detail::send_time_in(id).has_value());
  }
}

namespace {

// What becomes of a text: its observation, field by field, or why there is none.
std::string told(const sy::Observation& seen) {
  nlohmann::json all = {seen.request_id, seen.timestamp, seen.run, seen.pair_id, seen.seq, seen.cold_start};
  all.push_back(static_cast<int>(seen.platform));
  all.push_back(static_cast<int>(seen.outcome));
  all.push_back(static_cast<int>(seen.request.workload));
  all.push_back(seen.request.time_window ? static_cast<int>(*seen.request.time_window) : -1);
  all.push_back(seen.request.load_pattern ? static_cast<int>(*seen.request.load_pattern) : -1);
  std::string text = all.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  for (const double value : {seen.sent_at_ms, *seen.request.sent_at_ms, seen.response_time_ms, seen.execution_time_ms,
                             seen.memory_mb, seen.request.payload_kb, static_cast<double>(seen.http_status)}) {
    text += " " + sy::format_number(value);
  }
  return text;
}

std::string told_by_document(const std::string& text) {
  const auto object = nlohmann::json::parse(text, nullptr, false);
  if (object.is_discarded()) return "no JSON";
  try {
    return told(sy::observation_from_json(object, sy::default_catalogue()));
  } catch (const sy::UnusableRow& row) {
    return row.reason;
  }
}

std::string told_by_reader(sy::ObservationReader& reader, const std::string& text) {
  try {
    const auto seen = reader.read(text);
    return seen ? told(*seen) : "no JSON";
  } catch (const sy::UnusableRow& row) {
    return row.reason;
  }
}

const std::string full_row =
    R"({"request_id":"req_1763882028525_g2k","platform":"lambda","workload_type":"heavy_processing",)"
    R"("timestamp":"2025-11-23T07:13:54.371210","http_status":200,"response_time_ms":5829.5,)"
    R"("target_payload_size_kb":2048,"actual_payload_size_kb":2053.13,"time_window":"midday",)"
    R"("load_pattern":"medium_load","metrics":{"execution_time_ms":3428.27,"memory_used_mb":"512",)"
    R"("memory_limit_mb":"512","cold_start":true,"payload_size_kb":2053.13},"run_id":"r1","seq":7,)"
    R"("sent_at":"2025-11-23T07:13:48Z","error_class":"none","pair_id":"p"})";

}  // namespace

TEST_CASE("a row read from its text is the row of its document") {
  const sy::Catalogue catalogue = sy::default_catalogue();
  sy::ObservationReader reader(catalogue);  // one for all: no row may leave anything to the next
  REQUIRE(told_by_reader(reader, full_row).find("req_1763882028525_g2k") != std::string::npos);
  const auto check = [&](const std::string& text) {
    INFO(text);
    CHECK(told_by_reader(reader, text) == told_by_document(text));
  };
  SECTION("any field, with any kind of value, in the row and in its metrics, first or last of two") {
    const auto document = nlohmann::json::parse(full_row);
    const std::string rest = full_row.substr(1);
    const std::string metrics = R"("metrics":{)";
    const std::size_t in_metrics = full_row.find(metrics) + metrics.size();
    for (const std::string_view name : sy::detail::log_field_names) {
      for (const char* value :
           {"null", "true", "0", "-3", "2.5", "18446744073709551615", "1e999", "\"\"", "\"7\"", "\"ecs\"", "[]", "{}",
            R"([{"platform":"ecs"}])", R"({"execution_time_ms":1,"platform":"ecs","metrics":{"cold_start":1}})"}) {
        const std::string field = "\"" + std::string(name) + "\":" + value;
        check("{" + field + "," + rest);
        check(full_row.substr(0, full_row.size() - 1) + "," + field + "}");
        check(full_row.substr(0, in_metrics) + field + "," + full_row.substr(in_metrics));
        auto without = document;
        without.erase(std::string(name));
        if (without.contains("metrics")) without["metrics"].erase(std::string(name));
        check(without.dump());
      }
    }
  }
  SECTION("what is no row") {
    for (const char* text :
         {"", " ", "[]", "{}", "3", "null", "\"platform\"", R"([{"platform":"ecs"}])", "{\"platform\"}",
          R"({"a":{"platform":"ecs","metrics":{"cold_start":true}}})", "\xEF\xBB\xBF{}", "{} {}"}) {
      check(text);
    }
    check(full_row + full_row);
    check("\xEF\xBB\xBF" + full_row);
    for (std::size_t end = 0; end < full_row.size(); ++end) check(full_row.substr(0, end));
  }
  SECTION("damaged bytes") {
    sy::Rng rng(7);
    constexpr std::string_view bytes = "\",:{}[]0e-. \\\x80\xFF\x00n";
    for (int i = 0; i < 4000; ++i) {
      std::string text = full_row;
      for (int change = 0; change < 2; ++change) {
        text[rng.below(text.size())] = bytes[rng.below(bytes.size())];
      }
      check(text);
    }
  }
}
