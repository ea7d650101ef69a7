#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/core/utc.hpp"
#include "switchyard/io/log_field_set.hpp"
#include "switchyard/io/log_row_sax.hpp"
#include "switchyard/io/plain_log_row.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace switchyard {

/// A log row that cannot be used, and why: a short machine-readable reason such as "unknown_platform".
struct UnusableRow {
  std::string reason;
};

namespace detail {

constexpr double missing_value = std::numeric_limits<double>::quiet_NaN();
constexpr double largest_figure = 1e12;                // of any number but a time: 31 years in ms, 900 TB in KB
constexpr double first_time_ms = -62'135'596'800'000;  // 0001-01-01T00:00:00Z
constexpr double last_time_ms = 253'402'300'799'999;   // 9999-12-31T23:59:59.999Z

/// What `json` holds, borrowed.
[[nodiscard]] inline LogValue log_value(const nlohmann::json& json) {
  switch (json.type()) {
    case nlohmann::json::value_t::boolean: return LogValue::of_flag(json.get<bool>());
    case nlohmann::json::value_t::number_integer: return LogValue::of_integer(json.get<std::int64_t>());
    case nlohmann::json::value_t::number_unsigned: return LogValue::of_natural(json.get<std::uint64_t>());
    case nlohmann::json::value_t::number_float: return LogValue::of_real(json.get<double>());
    case nlohmann::json::value_t::string: return LogValue::of_text(json.get_ref<const std::string&>());
    case nlohmann::json::value_t::object: return LogValue::of_kind(LogValue::Kind::object);
    case nlohmann::json::value_t::null: return {};
    default: return LogValue::of_kind(LogValue::Kind::list);
  }
}

/// A number as JSON writes it.
[[nodiscard]] inline std::string json_text(const LogValue& number) {
  if (number.kind == LogValue::Kind::real) return nlohmann::json(number.real).dump();
  return number.kind == LogValue::Kind::integer ? std::to_string(number.integer) : std::to_string(number.natural());
}

/// Reads the fields of one log row; throws UnusableRow. Real logs hold numbers as strings, nulls and missing keys.
class LogFields {
 public:
  explicit LogFields(const nlohmann::json& object) : object_(&object) {}
  explicit LogFields(const LogFieldSet& fields) : fields_(&fields) {}

  /// `missing` if the key is missing or null.
  [[nodiscard]] LogValue find(LogKey key) const {
    if (fields_ != nullptr) return fields_->at(key);
    const auto found = object_->find(key.name);
    return found == object_->end() ? LogValue{} : log_value(*found);
  }

  [[nodiscard]] bool has(LogKey key) const { return !find(key).is_missing(); }

  /// A number in [0, largest_figure], or NaN if the key is missing or null.
  [[nodiscard]] double number(LogKey key) const {
    const LogValue value = find(key);
    if (value.is_missing()) return missing_value;
    std::optional<double> parsed;
    if (value.is_number()) parsed = value.number();
    if (value.is_text()) parsed = parse_number(value.text);
    if (!parsed || !std::isfinite(*parsed)) throw UnusableRow{std::string("not_a_number:") + key.name};
    if (*parsed < 0) throw UnusableRow{std::string("negative:") + key.name};
    if (*parsed > largest_figure) throw UnusableRow{std::string("too_large:") + key.name};
    return *parsed;
  }

  /// Text; a number is taken as its JSON form; empty if the key is missing or null.
  [[nodiscard]] std::string text(LogKey key) const {
    std::string number;
    const std::string_view found = text(key, number);
    return found.data() == number.data() ? std::move(number) : std::string(found);
  }

  /// The same without a copy of what is a text already. number: holds the JSON form, if that is asked for
  [[nodiscard]] std::string_view text(LogKey key, std::string& number) const {
    const LogValue value = find(key);
    if (value.is_missing()) return {};
    if (value.is_text()) return value.text;
    if (!value.is_number()) throw UnusableRow{std::string("not_text:") + key.name};
    number = json_text(value);
    return number;
  }

  /// An ISO 8601 time or a number of epoch milliseconds; absent if the key is.
  [[nodiscard]] std::optional<double> time_ms(LogKey key) const {
    const LogValue value = find(key);
    if (value.is_missing()) return std::nullopt;
    if (value.is_number()) return value.number();
    const auto parsed = value.is_text() ? parse_utc_ms(value.text) : std::nullopt;
    if (!parsed) throw UnusableRow{std::string("not_a_time:") + key.name};
    return parsed;
  }

  /// true/false, 0/1 or "true"/"false"; false if the key is missing.
  [[nodiscard]] bool flag(LogKey key) const {
    const LogValue value = find(key);
    if (value.is_missing()) return false;
    if (value.kind == LogValue::Kind::boolean) return value.flag;
    std::string number;
    const std::string_view as_text = text(key, number);
    return as_text == "true" || as_text == "True" || as_text == "1";
  }

 private:
  const nlohmann::json* object_ = nullptr;  // the one or the other
  const LogFieldSet* fields_ = nullptr;
};

/// The client's epoch milliseconds inside "req_<13 digits>_...".
[[nodiscard]] inline std::optional<double> send_time_in(std::string_view request_id) noexcept {
  constexpr std::string_view prefix = "req_";
  constexpr std::size_t digits = 13;
  if (request_id.substr(0, prefix.size()) != prefix) return std::nullopt;
  request_id.remove_prefix(prefix.size());
  if (request_id.size() <= digits || request_id[digits] != '_') return std::nullopt;
  const auto value = parse_integer(request_id.substr(0, digits));
  if (!value) return std::nullopt;
  return static_cast<double>(*value);
}

/// The declared size if there is one, else a measured one snapped to the catalogue; NaN if neither.
[[nodiscard]] inline double payload_size_kb(const LogFields& row, const LogFields& metrics, Workload workload,
                                            const Catalogue& catalogue) {
  const double target = row.number("target_payload_size_kb");
  if (!std::isnan(target)) return target;
  const double actual = row.number("actual_payload_size_kb");
  return catalogue.snapped_size_kb(workload, std::isnan(actual) ? metrics.number("payload_size_kb") : actual);
}

[[nodiscard]] inline Outcome outcome_in(const LogFields& row, const LogFields& metrics, int http_status) {
  std::string number;
  const std::string_view error_class = row.text("error_class", number);
  if (!error_class.empty()) return parse_outcome(error_class);
  if (row.has("http_status")) return outcome_of_status(http_status);
  return metrics.has("execution_time_ms") ? Outcome::ok : Outcome::broken;
}

/// Send time: `sent_at`, else the request id's, else completion minus response time.
[[nodiscard]] inline double send_time_ms(const LogFields& row, const Observation& observation) {
  if (const auto sent = row.time_ms("sent_at")) return *sent;
  if (const auto sent = send_time_in(observation.request_id)) return *sent;
  const auto completed = row.time_ms("timestamp");
  if (!completed || std::isnan(observation.response_time_ms)) throw UnusableRow{"missing:send_time"};
  return *completed - observation.response_time_ms;
}

inline void read_request(const LogFields& row, const LogFields& metrics, const Catalogue& catalogue, Request& request) {
  std::string number;
  const auto workload = catalogue.find_workload(row.text("workload_type", number));
  if (!workload) throw UnusableRow{"unknown_workload"};
  request.workload = *workload;
  request.payload_kb = payload_size_kb(row, metrics, *workload, catalogue);
  if (row.has("time_window")) request.time_window = catalogue.window_named(row.text("time_window", number));
  if (row.has("load_pattern")) request.load_pattern = catalogue.pattern_named(row.text("load_pattern", number));
}

inline void read_measurements(const LogFields& row, const LogFields& metrics, const Catalogue& catalogue,
                              Observation& observation) {
  const double status = row.number("http_status");
  observation.http_status = status >= 100 && status < 1000 ? static_cast<int>(status) : 0;
  observation.outcome = outcome_in(row, metrics, observation.http_status);
  if (observation.outcome == Outcome::not_sent) throw UnusableRow{"not_sent"};
  observation.response_time_ms = row.number("response_time_ms");
  if (std::isnan(observation.response_time_ms)) {
    if (observation.ok()) throw UnusableRow{"missing:response_time_ms"};
    observation.response_time_ms = catalogue.timeout_ms;
  }
  observation.execution_time_ms = metrics.number("execution_time_ms");
  if (observation.ok() && std::isnan(observation.execution_time_ms)) throw UnusableRow{"missing:execution_time_ms"};
  const double used_mb = observation.platform == Platform::lambda ? metrics.number("memory_used_mb") : missing_value;
  const double limit_mb = metrics.number("memory_limit_mb");
  observation.memory_mb = std::isnan(limit_mb) ? used_mb : limit_mb;
  observation.cold_start = metrics.flag("cold_start");
}

/// metrics: what the row's "metrics" holds, or no fields. Throws UnusableRow.
[[nodiscard]] inline Observation observation_in(const LogFields& row, const LogFields& metrics,
                                                const Catalogue& catalogue) {
  std::string number;
  const auto platform = parse_platform(row.text("platform", number));
  if (!platform) throw UnusableRow{"unknown_platform"};
  if (row.has("metrics") && row.find("metrics").kind != LogValue::Kind::object) {
    throw UnusableRow{"not_an_object:metrics"};
  }

  Observation observation;
  observation.platform = *platform;
  observation.request_id = row.text("request_id");
  observation.timestamp = row.text("timestamp");
  observation.run = row.text("run_id");
  observation.pair_id = row.text("pair_id");
  if (const LogValue seq = row.find("seq"); seq.is_whole()) observation.seq = seq.integer;
  read_request(row, metrics, catalogue, observation.request);
  read_measurements(row, metrics, catalogue, observation);
  observation.sent_at_ms = send_time_ms(row, observation);
  if (!(observation.sent_at_ms >= first_time_ms && observation.done_at_ms() <= last_time_ms)) {
    throw UnusableRow{"time_out_of_range"};
  }
  observation.request.sent_at_ms = observation.sent_at_ms;
  return observation;
}

}  // namespace detail

/// One log row (the requirements' section 4.1, the original's older schemas, or ours) as an Observation. The request's
/// time and, where the log has none, its window are left to the caller's catalogue. Throws UnusableRow.
[[nodiscard]] inline Observation observation_from_json(const nlohmann::json& object, const Catalogue& catalogue) {
  if (!object.is_object()) throw UnusableRow{"not_an_object"};
  static const nlohmann::json no_metrics = nlohmann::json::object();
  const auto metrics = object.find("metrics");
  const bool has_metrics = metrics != object.end() && metrics->is_object();
  return detail::observation_in(detail::LogFields(object), detail::LogFields(has_metrics ? *metrics : no_metrics),
                                catalogue);
}

/// As above, from the text of a row, without a document of it. Reads any number of rows, one after the other.
class ObservationReader {
 public:
  /// `catalogue` outlives the reader.
  explicit ObservationReader(const Catalogue& catalogue) : catalogue_(catalogue) {}
  ObservationReader(const ObservationReader&) = delete;  // its parts point at each other
  ObservationReader& operator=(const ObservationReader&) = delete;

  /// Nothing if `text` is not JSON. Throws UnusableRow.
  [[nodiscard]] std::optional<Observation> read(std::string_view text) {
    if (!plain_.scan(text)) {
      any_.clear();
      if (!nlohmann::json::sax_parse(text, &any_)) return std::nullopt;
      if (!any_.is_object()) throw UnusableRow{"not_an_object"};
    }
    return detail::observation_in(detail::LogFields(row_), detail::LogFields(metrics_), catalogue_);
  }

 private:
  const Catalogue& catalogue_;
  detail::LogFieldSet row_;
  detail::LogFieldSet metrics_;
  detail::PlainLogRow plain_{row_, metrics_};  // reads what it can
  detail::LogRowSax any_{row_, metrics_};      // and this the rest
};

}  // namespace switchyard
