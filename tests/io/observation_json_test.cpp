#include "switchyard/io/observation_json.hpp"

#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

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
      for (const char* value : {"null",
                                "true",
                                "0",
                                "-3",
                                "2.5",
                                "18446744073709551615",
                                "1e999",
                                "\"\"",
                                "\"7\"",
                                "\"ecs\"",
                                "[]",
                                "{}",
                                R"([{"platform":"ecs"}])",
                                "tru",
                                R"("\u0041")",
                                R"("a\"b")",
                                "\"\xC3\xA9\"",
                                "\"\xC3\"",
                                "\"\x7F\"",
                                "\"\x1F\"",
                                R"({"a":{"b":{"c":{}}}})",
                                R"({"execution_time_ms":1,})",
                                R"({"execution_time_ms":1,"platform":"ecs","metrics":{"cold_start":1}})"}) {
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
  SECTION("numbers of any form") {
    for (const std::string_view name : {"response_time_ms", "sent_at", "seq", "request_id", "cold_start", "metrics"}) {
      for (const char* number : {"-0",
                                 "-0.0",
                                 "00",
                                 "01",
                                 "-01",
                                 "-",
                                 "+1",
                                 "1.",
                                 ".5",
                                 "1.e3",
                                 "1e",
                                 "1e+",
                                 "1E+2",
                                 "1e-2",
                                 "1E2.5",
                                 "0e0",
                                 "0.1",
                                 "1e400",
                                 "-1e400",
                                 "1e-400",
                                 "5e-324",
                                 "2.2250738585072011e-308",
                                 "0x10",
                                 "1_0",
                                 "NaN",
                                 "Infinity",
                                 "123456789012345678",
                                 "999999999999999999",
                                 "1000000000000000000",
                                 "9223372036854775807",
                                 "9223372036854775808",
                                 "-9223372036854775808",
                                 "-9223372036854775809",
                                 "18446744073709551616",
                                 "100000000000000000000000",
                                 "0.1000000000000000055511151231257827021181583404541015625",
                                 "1763882028525.4999999999999999999",
                                 "9007199254740993.0",
                                 "1.7976931348623159e308"}) {
        const std::string field = "\"" + std::string(name) + "\":" + number;
        check(full_row.substr(0, full_row.size() - 1) + "," + field + "}");
        check(full_row.substr(0, full_row.size() - 1) + "," + field + " ,\"a\":" + number + "\r\n}\t");
      }
    }
  }
  SECTION("damaged bytes") {
    using namespace std::string_view_literals;
    constexpr std::string_view bytes = "\",:{}[]0e-. \\\x80\xFF\x00n"sv;
    sy::Rng rng(7);
    for (int i = 0; i < 4000; ++i) {
      std::string text = full_row;
      for (int change = 0; change < 2; ++change) {
        text[rng.below(text.size())] = bytes[rng.below(bytes.size())];
      }
      check(text);
    }
  }
  SECTION("pieces put in, cut out and moved") {
    const std::vector<std::string> pieces = {"\"",
                                             "\\",
                                             "{",
                                             "}",
                                             "[",
                                             "]",
                                             ",",
                                             ":",
                                             " ",
                                             "\t",
                                             "\r\n",
                                             std::string(1, '\0'),
                                             "\x1F",
                                             "\x7F",
                                             "\xC3\xA9",
                                             "\xC3",
                                             "\x80",
                                             "\xED\xA0\x80",
                                             "\xF0\x9F\x98\x80",
                                             "\xEF\xBB\xBF",
                                             "\\n",
                                             "\\u00e9",
                                             "\\ud800",
                                             "/*c*/",
                                             "null",
                                             "true",
                                             "-",
                                             "0",
                                             "1e400",
                                             ".5",
                                             "1.",
                                             "18446744073709551616",
                                             "\"metrics\":{\"cold_start\":false},",
                                             "\"metrics\":null,",
                                             "\"platform\":\"ecs\",",
                                             "\"seq\":-1,",
                                             "{}",
                                             "[1]"};
    sy::Rng rng(11);
    for (int i = 0; i < 6000; ++i) {
      std::string text = full_row;
      for (std::size_t changes = 1 + rng.below(3); changes > 0; --changes) {
        const std::size_t place = rng.below(text.size() + 1);
        const std::size_t cut = rng.below(3) == 0 ? rng.below(12) : 0;
        text.replace(place, cut, pieces[rng.below(pieces.size())]);
      }
      check(text);
    }
  }
}

TEST_CASE("plain rows take the short way, and only they") {
  sy::detail::LogFieldSet row;
  sy::detail::LogFieldSet metrics;
  sy::detail::PlainLogRow plain(row, metrics);
  CHECK(plain.scan(full_row));
  CHECK(row.at("seq").integer == 7);
  CHECK(metrics.at("execution_time_ms").number() == 3428.27);
  CHECK(plain.scan("\t{ \"platform\" : \"ecs\" , \"seq\" : -2 }\r\n"));
  CHECK(row.at("platform").text == "ecs");
  CHECK(row.at("seq").integer == -2);
  CHECK(row.at("request_id").is_missing());  // nothing is left of the row before
  CHECK(metrics.at("execution_time_ms").is_missing());
  for (const char* text : {R"({"platform":"\u0065cs"})", "{\"run_id\":\"\xC3\xA9\"}", R"({"seq":1234567890123456789})",
                           R"({"a":[]})", R"({"a":{}})", R"({"metrics":{"a":{}}})", R"({"a":1e-400})", "[]", "", "{"}) {
    INFO(text);
    CHECK_FALSE(plain.scan(text));
  }
}

TEST_CASE("every measured row is plain, and read as its document is") {
  const std::filesystem::path logs = std::filesystem::path(SWITCHYARD_SHARED_DATA) / "aws-variance-logs";
  if (std::string(SWITCHYARD_SHARED_DATA).empty() || !std::filesystem::exists(logs)) {
    WARN("skipped: no aws-variance-logs (set SWITCHYARD_SHARED_DATA)");
    return;
  }
  const sy::Catalogue catalogue = sy::default_catalogue();
  sy::ObservationReader reader(catalogue);
  sy::detail::LogFieldSet row;
  sy::detail::LogFieldSet metrics;
  sy::detail::PlainLogRow plain(row, metrics);
  std::size_t rows = 0;
  std::size_t plain_rows = 0;
  std::vector<std::string> different;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(logs)) {
    if (entry.path().extension() != ".jsonl") continue;
    std::ifstream input(entry.path(), std::ios::binary);
    for (std::string line; std::getline(input, line); ++rows) {
      plain_rows += plain.scan(line) ? 1 : 0;
      if (told_by_reader(reader, line) != told_by_document(line)) different.push_back(line);
    }
  }
  CHECK(rows > 0);
  CHECK(plain_rows == rows);
  CHECK(different == std::vector<std::string>());
}
