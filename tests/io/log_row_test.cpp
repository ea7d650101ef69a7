#include "switchyard/io/log_row.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>

namespace sy = switchyard;

namespace {

sy::LogRow lambda_row() {
  sy::LogRow row;
  row.observation.request_id = "req_1763840139272_1t3pobnig";
  row.observation.request.workload = sy::Workload::heavy_processing;
  row.observation.request.payload_kb = 3072;
  row.observation.request.time_window = sy::TimeWindow::early_morning;
  row.observation.request.load_pattern = sy::LoadPattern::low_load;
  row.observation.platform = sy::Platform::lambda;
  row.observation.http_status = 200;
  row.observation.sent_at_ms = 1'763'840'139'272;
  row.observation.response_time_ms = 7236.25;
  row.observation.execution_time_ms = 4967.5230979;
  row.observation.memory_mb = 512;
  row.observation.cold_start = true;
  row.observation.timestamp = "2025-11-22T19:35:46.420Z";
  row.observation.run = "early";
  row.seq = 7;
  row.scheduled_at_ms = 1'763'840'139'270;
  row.actual_payload_kb = 3072;
  row.memory_limit_mb = 512;
  return row;
}

}  // namespace

TEST_CASE("A row has the requirements' fields in their order, and ours after them") {
  CHECK(sy::log_row(lambda_row(), sy::default_catalogue()) ==
        R"({"request_id":"req_1763840139272_1t3pobnig","platform":"lambda","workload_type":"heavy_processing",)"
        R"("timestamp":"2025-11-22T19:35:46.420Z","http_status":200,"response_time_ms":7236.25,)"
        R"("target_payload_size_kb":3072,"actual_payload_size_kb":3072,"time_window":"early_morning",)"
        R"("load_pattern":"low_load","metrics":{"execution_time_ms":4967.523,"memory_used_mb":512,)"
        R"("memory_limit_mb":512,"cold_start":true,"payload_size_kb":3072},"run_id":"early","seq":7,)"
        R"("scheduled_at":"2025-11-22T19:35:39.270Z","sent_at":"2025-11-22T19:35:39.272Z",)"
        R"("done_at":"2025-11-22T19:35:46.508Z","error_class":"none"})"
        "\n");
}

TEST_CASE("A request without answer says so") {
  auto row = lambda_row();
  row.observation.platform = sy::Platform::ecs;
  row.observation.outcome = sy::Outcome::timeout;
  row.observation.http_status = 0;
  row.observation.response_time_ms = 10'000;
  row.observation.execution_time_ms = std::numeric_limits<double>::quiet_NaN();
  row.observation.timestamp.clear();
  row.observation.pair_id = "p1";
  const auto json = nlohmann::json::parse(sy::log_row(row, sy::default_catalogue()));
  CHECK(json["platform"] == "ecs");
  CHECK(json["error_class"] == "timeout");
  CHECK(json["http_status"] == 0);
  CHECK(json["metrics"].empty());
  CHECK(json["timestamp"] == "2025-11-22T19:35:49.272Z");
  CHECK(json["done_at"] == json["timestamp"]);
  CHECK(json["pair_id"] == "p1");
}

TEST_CASE("A request that was never sent has no times of its own") {
  auto row = lambda_row();
  row.observation.outcome = sy::Outcome::not_sent;
  row.observation.timestamp.clear();
  const auto json = nlohmann::json::parse(sy::log_row(row, sy::default_catalogue()));
  CHECK(json["error_class"] == "not_sent");
  CHECK(json["response_time_ms"].is_null());
  CHECK_FALSE(json.contains("sent_at"));
  CHECK_FALSE(json.contains("done_at"));
  CHECK(json["scheduled_at"] == "2025-11-22T19:35:39.270Z");
}

TEST_CASE("Text of any kind stays one line of valid JSON") {
  auto row = lambda_row();
  const std::string nasty = "a\"b\\c\nd\te\x01 \u00e9";
  row.observation.run = nasty;
  const std::string line = sy::log_row(row, sy::default_catalogue());
  CHECK(line.find('\n') == line.size() - 1);
  CHECK(nlohmann::json::parse(line)["run_id"] == nasty);
}

TEST_CASE("A row's file follows from its window, pattern, platform, workload and UTC date") {
  auto row = lambda_row();
  CHECK(sy::log_path(row, sy::default_catalogue()) ==
        "early_morning_low_load/lambda_heavy_processing_2025-11-22.jsonl");
  row.observation.request.time_window.reset();
  row.observation.request.load_pattern.reset();
  CHECK(sy::log_path(row, sy::default_catalogue()) == "other_unknown/lambda_heavy_processing_2025-11-22.jsonl");
}
