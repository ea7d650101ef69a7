#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/core/utc.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace switchyard {

/// One line of a log: an observation and what is known of it beyond.
struct LogRow {
  Observation observation{};   // request.payload_kb is the target size; `run` becomes run_id
  std::uint64_t seq = 0;       // number in the run's schedule
  double scheduled_at_ms = 0;  // UTC epoch milliseconds
  double actual_payload_kb = std::numeric_limits<double>::quiet_NaN();  // of the payload as sent; NaN = unknown
  double memory_limit_mb = std::numeric_limits<double>::quiet_NaN();    // Lambda
  double cpu_percent = std::numeric_limits<double>::quiet_NaN();        // ECS
};

namespace detail {

/// `text` as a JSON string. Bytes above 127 pass as they are: names are UTF-8.
inline void append_json_string(std::string& line, std::string_view text) {
  constexpr char hex[] = "0123456789abcdef";
  line += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (byte < 0x20) {
      line += "\\u00";
      line += hex[byte >> 4U];
      line += hex[byte & 15U];
    } else {
      line += c;
    }
  }
  line += '"';
}

/// Appends `"key":value` pairs and the commas between them.
class JsonObjectLine {
 public:
  explicit JsonObjectLine(std::string& line) : line_(line) { line_ += '{'; }
  void text(std::string_view key, std::string_view value) {
    name(key);
    append_json_string(line_, value);
  }
  /// A thousandth is exact enough for every figure of a log; NaN and infinities are null.
  void number(std::string_view key, double value) {
    name(key);
    line_ += std::isfinite(value) ? format_number(std::round(value * 1000) / 1000) : "null";
  }
  void integer(std::string_view key, std::int64_t value) {
    name(key);
    line_ += std::to_string(value);
  }
  void boolean(std::string_view key, bool value) {
    name(key);
    line_ += value ? "true" : "false";
  }
  void name(std::string_view key) {
    if (!first_) line_ += ',';
    first_ = false;
    append_json_string(line_, key);
    line_ += ':';
  }
  void close() { line_ += '}'; }

 private:
  std::string& line_;
  bool first_ = true;
};

/// What the platform reported of itself; empty if it reported nothing.
inline void append_metrics(std::string& line, const LogRow& row) {
  const Observation& seen = row.observation;
  JsonObjectLine metrics(line);
  if (!std::isnan(seen.execution_time_ms)) {
    metrics.number("execution_time_ms", seen.execution_time_ms);
    if (!std::isnan(seen.memory_mb)) metrics.number("memory_used_mb", seen.memory_mb);
    if (!std::isnan(row.memory_limit_mb)) metrics.number("memory_limit_mb", row.memory_limit_mb);
    if (seen.platform == Platform::lambda) metrics.boolean("cold_start", seen.cold_start);
    if (!std::isnan(row.actual_payload_kb)) metrics.number("payload_size_kb", row.actual_payload_kb);
    if (!std::isnan(row.cpu_percent)) metrics.number("cpu_percent", row.cpu_percent);
  }
  metrics.close();
}

}  // namespace detail

/// One log line with its newline: the requirements' fields (their section 4.1) in their order, then run_id, seq,
/// scheduled_at, sent_at, done_at, error_class and, if there is one, pair_id. The platform is the one it was sent to.
/// http_status 0: no answer; a request that was never sent has no sent_at, done_at or response time (null).
[[nodiscard]] inline std::string log_row(const LogRow& row, const Catalogue& catalogue) {
  const Observation& seen = row.observation;
  const bool sent = seen.outcome != Outcome::not_sent;
  const std::string done_at = sent ? format_utc(seen.done_at_ms()) : std::string();
  std::string line;
  line.reserve(800);
  detail::JsonObjectLine fields(line);
  fields.text("request_id", seen.request_id);
  fields.text("platform", to_string(seen.platform));
  fields.text("workload_type", catalogue.name(seen.request.workload));
  fields.text("timestamp", !seen.timestamp.empty() ? seen.timestamp : sent ? done_at : format_utc(row.scheduled_at_ms));
  fields.integer("http_status", seen.http_status);
  fields.number("response_time_ms", sent ? seen.response_time_ms : std::numeric_limits<double>::quiet_NaN());
  fields.number("target_payload_size_kb", seen.request.payload_kb);
  fields.number("actual_payload_size_kb", row.actual_payload_kb);
  fields.text("time_window", seen.request.time_window ? catalogue.name(*seen.request.time_window) : "other");
  fields.text("load_pattern", seen.request.load_pattern ? catalogue.name(*seen.request.load_pattern) : "unknown");
  fields.name("metrics");
  detail::append_metrics(line, row);
  fields.text("run_id", seen.run);
  fields.integer("seq", static_cast<std::int64_t>(row.seq));
  fields.text("scheduled_at", format_utc(row.scheduled_at_ms));
  if (sent) fields.text("sent_at", format_utc(seen.sent_at_ms));
  if (sent) fields.text("done_at", done_at);
  fields.text("error_class", to_string(seen.outcome));
  if (!seen.pair_id.empty()) fields.text("pair_id", seen.pair_id);
  fields.close();
  line += '\n';
  return line;
}

/// Where a row belongs, relative to the log folder: "{window}_{pattern}/{platform}_{workload}_{date}.jsonl" with the
/// UTC date of its scheduled time, so that one run's rows do not move with their delays.
[[nodiscard]] inline std::string log_path(const LogRow& row, const Catalogue& catalogue) {
  const Request& request = row.observation.request;
  std::string path(request.time_window ? catalogue.name(*request.time_window) : "other");
  path += '_';
  path += request.load_pattern ? catalogue.name(*request.load_pattern) : "unknown";
  path += '/';
  path += to_string(row.observation.platform);
  path += '_';
  path += catalogue.name(request.workload);
  return path + '_' + format_utc(row.scheduled_at_ms).substr(0, 10) + ".jsonl";
}

}  // namespace switchyard
