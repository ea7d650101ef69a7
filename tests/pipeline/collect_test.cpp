#include "switchyard/pipeline/collect.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <string>

namespace sy = switchyard;

namespace {

const std::string worker_answer =
    R"({"request_id":"r","platform":"lambda","workload_type":"heavy_processing","timestamp":"2026-01-12T02:00:01.5Z",)"
    R"("metrics":{"execution_time_ms":4418.5,"memory_used_mb":"512","memory_limit_mb":"512","cold_start":true,"payload_size_kb":3072.002}})";

struct Planned {
  sy::Experiment experiment = sy::default_experiment();
  sy::Schedule schedule{experiment, 2, 42};
  sy::Arrival arrival = schedule.at(7);
  sy::LogRow row =
      sy::planned_row(arrival, experiment.runs[2], 1'768'219'200'000, sy::TimeWindow::midday, experiment.catalogue);
};

}  // namespace

TEST_CASE("a planned row is one of a request that was not sent") {
  const Planned planned;
  CHECK(planned.row.observation.outcome == sy::Outcome::not_sent);
  CHECK(planned.row.seq == 7);
  CHECK(planned.row.scheduled_at_ms == Approx(1'768'219'200'000 + 7 * 1000.0 / 15).margin(1e-3));
  CHECK(planned.row.observation.run == "midday_medium_load");
  CHECK(planned.row.observation.request_id.substr(0, 18) == "req_1768219200466_");
  const auto json = nlohmann::json::parse(sy::log_row(planned.row, planned.experiment.catalogue));
  CHECK(json.at("error_class") == "not_sent");
  CHECK(json.at("response_time_ms").is_null());
  CHECK(json.at("time_window") == "midday");
  CHECK(json.at("load_pattern") == "medium_load");
}

TEST_CASE("the body is the requirements' and agrees with its row") {
  const Planned planned;
  const auto body =
      nlohmann::json::parse(sy::body_of(planned.row, planned.arrival.payload_seed, planned.experiment.catalogue));
  CHECK(body.at("request_id") == planned.row.observation.request_id);
  CHECK(body.at("workload_type") == planned.experiment.catalogue.name(planned.arrival.workload));
  CHECK(body.at("timestamp") == "2026-01-12T12:00:00.467Z");
  CHECK(body.at("metadata") == nlohmann::json{{"target_size_kb", planned.arrival.size_kb},
                                              {"time_window", "midday"},
                                              {"load_pattern", "medium_load"}});
  CHECK(body.at("payload").is_object() == (planned.arrival.workload == sy::Workload::lightweight_api));
}

TEST_CASE("an answer's numbers may be texts") {
  Planned planned;
  sy::record({.outcome = sy::Outcome::ok,
              .http_status = 200,
              .body = worker_answer,
              .sent_at_ms = 1'768'219'200'470,
              .response_time_ms = 5000},
             planned.row);
  const auto& seen = planned.row.observation;
  CHECK(seen.outcome == sy::Outcome::ok);
  CHECK(seen.execution_time_ms == 4418.5);
  CHECK(seen.memory_mb == 512);
  CHECK(planned.row.memory_limit_mb == 512);
  CHECK(seen.cold_start);
  CHECK(seen.timestamp == "2026-01-12T02:00:01.5Z");
  CHECK(planned.row.actual_payload_kb == 3072.002);
  CHECK(seen.done_at_ms() == 1'768'219'205'470);
}

TEST_CASE("success without a worker's answer is broken, and leaves no half-read row") {
  for (const std::string body :
       {"", "<html>login</html>", "[]", "{}", R"({"metrics":[]})", R"({"metrics":{}})",
        R"({"timestamp":"t","metrics":{"execution_time_ms":"fast"}})", R"({"metrics":{"execution_time_ms":-1}})",
        R"({"timestamp":{},"metrics":{"execution_time_ms":1}})"}) {
    INFO(body);
    Planned planned;
    sy::record({.outcome = sy::Outcome::ok, .http_status = 200, .body = body, .sent_at_ms = 1, .response_time_ms = 2},
               planned.row);
    CHECK(planned.row.observation.outcome == sy::Outcome::broken);
    CHECK(planned.row.observation.http_status == 200);
    CHECK(planned.row.observation.timestamp.empty());
    CHECK(std::isnan(planned.row.observation.execution_time_ms));
  }
}

TEST_CASE("a failure keeps its class, status and times, and reads back from its row") {
  Planned planned;
  sy::record({.outcome = sy::Outcome::too_large,
              .http_status = 413,
              .body = R"({"message":"Request Too Long"})",
              .sent_at_ms = 1'768'219'200'470,
              .response_time_ms = 812.25},
             planned.row);
  const auto line = nlohmann::json::parse(sy::log_row(planned.row, planned.experiment.catalogue));
  const auto seen = sy::observation_from_json(line, planned.experiment.catalogue);
  CHECK(seen.outcome == sy::Outcome::too_large);
  CHECK(seen.http_status == 413);
  CHECK(seen.platform == planned.arrival.platform);
  CHECK(seen.response_time_ms == 812.25);
  CHECK(seen.sent_at_ms == 1'768'219'200'470);
  CHECK(seen.request.payload_kb == planned.arrival.size_kb);
}
