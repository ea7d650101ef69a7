#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/live_state.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/core/utc.hpp"
#include "switchyard/io/observation_json.hpp"
#include "switchyard/pipeline/replay.hpp"
#include "switchyard/pipeline/request_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

/// What a router is told of a request: that it is on its way, or how it ended.
struct LiveEvent {
  LoggedRequest request;  // done_ms and outcome mean something only if it is answered
  bool answered = true;
};

/// How far the time of an event may be from the clock of who is told of it.
struct LiveEventLimits {
  double most_ahead_ms = 5'000;       // clocks differ
  double most_behind_ms = 3'600'000;  // an hour ago is no news
};

/// Tells a state of an event; false if that was of no use (see LiveState). An answer to a request that nobody noted as
/// sent notes it as well, so that rows of a log alone keep arrivals and idle times right.
inline bool observe(LiveState& state, const LiveEvent& event) noexcept {
  const SentEvent& sent = event.request.sent;
  if (!event.answered) return state.on_sent(sent);
  if (event.request.outcome == Outcome::not_sent) return false;
  state.on_sent(sent);
  return state.on_answer({sent.platform, sent.workload, sent.payload_kb, sent.sent_ms, event.request.done_ms,
                          event.request.outcome, sent.id});
}

namespace detail {

[[nodiscard]] inline Platform platform_from(QuestionFields& fields) {
  const nlohmann::json* value = fields.find("platform", Need::value);
  if (value == nullptr) return Platform::ecs;
  const auto platform = value->is_string() ? parse_platform(value->get_ref<const std::string&>()) : std::nullopt;
  if (!platform) fields.reject("platform", *value, "lambda or ecs");
  return platform.value_or(Platform::ecs);
}

/// As a log row tells it: the declared size, else the measured one snapped to the catalogue; or as a question does.
[[nodiscard]] inline double event_size_kb(QuestionFields& fields, Workload workload, const Catalogue& catalogue) {
  for (const std::string_view name : {"target_payload_size_kb", "payload_size_kb", "actual_payload_size_kb"}) {
    const double size = fields.number(name, Need::nothing, 0);
    if (!std::isnan(size)) return catalogue.snapped_size_kb(workload, size);
  }
  return std::numeric_limits<double>::quiet_NaN();
}

/// The send time's field: sent_at if it is there, else the request id that holds one.
struct EventTime {
  std::string_view field;
  double ms = std::numeric_limits<double>::quiet_NaN();
};

[[nodiscard]] inline EventTime event_time(QuestionFields& fields, std::string_view request_id) {
  if (const nlohmann::json* value = fields.find("sent_at")) {
    std::optional<double> time;
    if (value->is_string()) time = parse_utc_ms(value->get_ref<const std::string&>());
    if (value->is_number()) time = value->get<double>();
    if (time) return {"sent_at", *time};
    fields.reject("sent_at", *value, "an ISO 8601 time such as 2025-11-22T19:35:46Z, or epoch milliseconds");
    return {"sent_at"};
  }
  if (const auto time = send_time_in(request_id)) return {"request_id", *time};
  static_cast<void>(fields.find("sent_at", Need::value));  // it is missing
  return {"sent_at"};
}

/// Refuses a time that is too far from `now_ms`; false for that and for NaN, which was refused before.
[[nodiscard]] inline bool check_event_time(QuestionFields& fields, const EventTime& time, double now_ms,
                                           const LiveEventLimits& limits) {
  if (std::isnan(time.ms)) return false;
  if (time.ms >= now_ms - limits.most_behind_ms && time.ms <= now_ms + limits.most_ahead_ms) return true;
  const double ahead_s = std::clamp((time.ms - now_ms) / 1000, -1e12, 1e12);
  const std::string found = format_fixed(std::abs(ahead_s), 3) + (ahead_s > 0 ? " s ahead" : " s ago");
  fields.reject(time.field, nlohmann::json(found),
                "at most " + format_fixed(limits.most_ahead_ms / 1000, 0) + " s ahead of the clock here and " +
                    format_fixed(limits.most_behind_ms / 1000, 0) + " s behind");
  return false;
}

/// As in logs: the error class, else the HTTP status, else whether the platform reported an execution.
[[nodiscard]] inline Outcome event_outcome(QuestionFields& fields, const nlohmann::json& object) {
  constexpr int no_answer = 0;
  constexpr int last_status = 999;
  const auto error_class = fields.text("error_class");
  if (error_class && !error_class->empty()) return parse_outcome(*error_class);
  const auto metrics = object.find("metrics");
  const bool executed = metrics != object.end() && metrics->is_object() && metrics->contains("execution_time_ms");
  const nlohmann::json* status = fields.find("http_status", executed ? Need::nothing : Need::value);
  if (status == nullptr) return Outcome::ok;
  if (status->is_number_integer() && *status >= no_answer && *status <= last_status) {
    return outcome_of_status(status->get<int>());
  }
  fields.reject("http_status", *status, "an integer from 0 (no answer) to 999");
  return Outcome::ok;
}

/// The request's name; an answer may have none.
[[nodiscard]] inline std::string event_name(QuestionFields& fields, Need need) {
  const nlohmann::json* id = fields.find("request_id", need);
  if (id == nullptr) return {};
  if (id->is_string()) return id->get<std::string>();
  if (id->is_number()) return id->dump();
  fields.reject("request_id", *id, "text or a number");
  return {};
}

/// A failure without a response time ended when its caller gave up, or has by now.
inline void read_answer(QuestionFields& fields, const nlohmann::json& object, const Catalogue& catalogue, double now_ms,
                        LoggedRequest& request) {
  request.outcome = event_outcome(fields, object);
  const Need need = request.outcome == Outcome::ok ? Need::value : Need::nothing;
  const double response_ms = fields.number("response_time_ms", need, 0);
  const double sent_ms = request.sent.sent_ms;
  request.done_ms = std::isnan(response_ms) ? std::max(sent_ms, std::min(sent_ms + catalogue.timeout_ms, now_ms))
                                            : sent_ms + response_ms;
}

[[nodiscard]] inline bool begins_jsonl(std::string_view text) {
  const std::string_view first = text.substr(0, text.find('\n'));
  return text.substr(0, 1) == "{" && first.size() < text.size() && nlohmann::json::accept(first);
}

/// Calls add(object, "line 3: ") for every line that is not blank.
template <class Add>
void for_each_event_line(std::string_view text, Add&& add) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = trimmed(text.substr(0, text.find('\n')));
    text.remove_prefix(std::min(text.size(), text.find('\n')));
    if (!text.empty()) text.remove_prefix(1);
    if (line.empty()) continue;
    std::string place = "line ";
    (place += std::to_string(number)) += ": ";
    nlohmann::json object;
    try {
      object = parse_question(line);
    } catch (const JsonSyntaxError& error) {
      throw JsonSyntaxError(place + error.what(), error.byte);
    }
    add(object, place);
  }
}

}  // namespace detail

/// Reads an event, told in a log row's words: platform, workload_type; target_payload_size_kb (or payload_size_kb);
/// sent_at (ISO 8601 or epoch milliseconds), else a request_id with the time in it; for an answer response_time_ms and
/// http_status or error_class; "event": "sent" says that the request is on its way, and needs a request_id so that its
/// answer can be told. Whatever else a log row has is ignored. Throws FieldError, also for times beyond the limits.
[[nodiscard]] inline LiveEvent live_event_from_json(const nlohmann::json& object, const Catalogue& catalogue,
                                                    double now_ms, const LiveEventLimits& limits = {}) {
  if (!object.is_object())
    throw FieldError("the event is " + detail::shown(object) + "; expected an object", {}, {}, {});
  detail::QuestionFields fields(object);
  LiveEvent event;
  const auto kind = fields.text("event");
  if (kind && *kind != "sent" && *kind != "answer") fields.reject("event", object.at("event"), "sent or answer");
  event.answered = !kind || *kind != "sent";
  SentEvent& sent = event.request.sent;
  const std::string name = detail::event_name(fields, event.answered ? detail::Need::nothing : detail::Need::value);
  if (!name.empty()) sent.id = event_id(name);
  sent.platform = detail::platform_from(fields);
  sent.workload = detail::workload_from(fields, catalogue);
  sent.payload_kb = detail::event_size_kb(fields, sent.workload, catalogue);
  const detail::EventTime time = detail::event_time(fields, name);
  sent.sent_ms = time.ms;
  const bool sent_lately = detail::check_event_time(fields, time, now_ms, limits);
  if (event.answered) detail::read_answer(fields, object, catalogue, now_ms, event.request);
  if (event.answered && sent_lately) {
    static_cast<void>(detail::check_event_time(fields, {"response_time_ms", event.request.done_ms}, now_ms, limits));
  }
  fields.finish();
  return event;
}

/// Reads events in any form: one object, a list of them, or one per line (JSONL). The first that cannot be used is told
/// by its place. Throws JsonSyntaxError and FieldError.
[[nodiscard]] inline std::vector<LiveEvent> live_events_from_text(std::string_view text, const Catalogue& catalogue,
                                                                  double now_ms, const LiveEventLimits& limits = {}) {
  std::vector<LiveEvent> events;
  const auto add = [&](const nlohmann::json& object, const std::string& place) {
    try {
      events.push_back(live_event_from_json(object, catalogue, now_ms, limits));
    } catch (const FieldError& error) {
      throw FieldError(place + error.what(), error.missing, error.unknown, error.out_of_range);
    }
  };
  const std::string_view body = trimmed(text);
  if (detail::begins_jsonl(body)) {
    detail::for_each_event_line(body, add);
    return events;
  }
  const nlohmann::json document = parse_question(body);
  if (!document.is_array()) {
    add(document, "");
    return events;
  }
  for (std::size_t i = 0; i < document.size(); ++i) {
    std::string place = "[";
    add(document[i], (place += std::to_string(i)) += "]: ");
  }
  return events;
}

}  // namespace switchyard
