#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/plan.hpp"
#include "switchyard/cloud/request_body.hpp"
#include "switchyard/cloud/schedule.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/io/log_row.hpp"
#include "switchyard/io/observation_json.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace switchyard {

/// The row of a scheduled request before anything happened to it: not sent. `window` is what the row is to say.
[[nodiscard]] inline LogRow planned_row(const Arrival& arrival, const RunPlan& run, double start_ms, TimeWindow window,
                                        const Catalogue& catalogue) {
  LogRow row;
  row.seq = arrival.seq;
  row.scheduled_at_ms = start_ms + arrival.offset_ms;
  row.actual_payload_kb = actual_payload_kb(arrival.workload, arrival.size_kb);
  Observation& seen = row.observation;
  seen.request_id = request_id(row.scheduled_at_ms, arrival.entropy);
  seen.request.workload = arrival.workload;
  seen.request.payload_kb = arrival.size_kb;
  seen.request.time_window = window;
  seen.request.load_pattern = catalogue.pattern_named(run.load_pattern);
  seen.platform = arrival.platform;
  seen.outcome = Outcome::not_sent;
  seen.run = run.name;
  seen.pair_id = arrival.pair_id;
  return row;
}

/// The body that goes with that row. `payload_seed` is the arrival's.
[[nodiscard]] inline std::string body_of(const LogRow& row, std::uint64_t payload_seed, const Catalogue& catalogue) {
  const Request& request = row.observation.request;
  return request_body(
      {.request_id = row.observation.request_id,
       .workload_type = std::string(catalogue.name(request.workload)),
       .sent_at_ms = row.scheduled_at_ms,
       .target_size_kb = request.payload_kb,
       .time_window = std::string(catalogue.name(request.time_window.value_or(TimeWindow::other))),
       .load_pattern = std::string(catalogue.name(request.load_pattern.value_or(LoadPattern::unknown)))},
      request.workload, payload_seed);
}

/// Takes over what a worker's answer says of itself: timestamp and metrics, whose numbers may be texts. False if it is
/// not an answer as the requirements' workers give it (a JSON object with metrics.execution_time_ms).
[[nodiscard]] inline bool read_worker_answer(std::string_view body, LogRow& row) {
  const auto answer = nlohmann::json::parse(body, nullptr, false);
  if (!answer.is_object() || !answer.contains("metrics") || !answer["metrics"].is_object()) return false;
  const detail::LogFields fields(answer);
  const detail::LogFields metrics(answer["metrics"]);
  LogRow filled = row;
  Observation& seen = filled.observation;
  try {
    seen.timestamp = fields.text("timestamp");
    seen.execution_time_ms = metrics.number("execution_time_ms");
    seen.memory_mb = metrics.number("memory_used_mb");
    seen.cold_start = metrics.flag("cold_start");
    filled.memory_limit_mb = metrics.number("memory_limit_mb");
    filled.cpu_percent = metrics.number("cpu_percent");
    const double measured_kb = metrics.number("payload_size_kb");
    if (!std::isnan(measured_kb)) filled.actual_payload_kb = measured_kb;
  } catch (const UnusableRow&) {
    return false;
  }
  if (std::isnan(seen.execution_time_ms)) return false;
  row = filled;
  return true;
}

/// What the client measured of one request.
struct Exchange {
  Outcome outcome = Outcome::broken;
  int http_status = 0;  // 0 = no answer
  std::string body;     // of the answer
  double sent_at_ms = 0;
  double response_time_ms = 0;
};

/// Completes a planned row. A 2xx answer that no worker gives (a login page, say) is `broken`.
inline void record(const Exchange& exchange, LogRow& row) {
  Observation& seen = row.observation;
  seen.outcome = exchange.outcome;
  seen.http_status = exchange.http_status;
  seen.sent_at_ms = exchange.sent_at_ms;
  seen.request.sent_at_ms = exchange.sent_at_ms;
  seen.response_time_ms = exchange.response_time_ms;
  if (seen.outcome == Outcome::ok && !read_worker_answer(exchange.body, row)) seen.outcome = Outcome::broken;
}

}  // namespace switchyard
