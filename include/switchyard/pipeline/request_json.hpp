#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/core/utc.hpp"
#include "switchyard/io/json_fields.hpp"
#include "switchyard/pipeline/feature_columns.hpp"
#include "switchyard/pipeline/feature_row.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace switchyard {

/// A question whose fields cannot be used, sorted by what is wrong with them. what() tells all of it in one line.
class FieldError : public Error {
 public:
  FieldError(const std::string& message, std::vector<std::string> missing_fields,
             std::vector<std::string> unknown_fields, std::vector<std::string> bad_fields)
      : Error(message),
        missing(std::move(missing_fields)),
        unknown(std::move(unknown_fields)),
        out_of_range(std::move(bad_fields)) {}

  std::vector<std::string> missing;
  std::vector<std::string> unknown;       // names that mean nothing here
  std::vector<std::string> out_of_range;  // values of the wrong type or outside of what the field can hold
};

/// Text that is not JSON or is nested deeper than any question.
class JsonSyntaxError : public Error {
 public:
  JsonSyntaxError(const std::string& message, std::size_t at_byte) : Error(message), byte(at_byte) {}

  std::size_t byte;  // from 1; 0 = unknown
};

/// Which JSON objects count as a question.
enum class QuestionForm {
  strict,  // {"features": {...}} or a request context
  row,     // also a plain object with the model's features beside anything else, as rows of a table are
};

/// Parses a question's text; objects and lists may be nested 8 deep. Throws JsonSyntaxError.
[[nodiscard]] inline nlohmann::json parse_question(std::string_view text) {
  constexpr int most_depth = 8;
  constexpr std::size_t longest_message = 200;  // the parser quotes the text
  const auto check_depth = [](int depth, nlohmann::json::parse_event_t, const nlohmann::json&) {
    if (depth > most_depth) throw JsonSyntaxError("nested deeper than " + std::to_string(most_depth), 0);
    return true;
  };
  try {
    return nlohmann::json::parse(text, check_depth);
  } catch (const nlohmann::json::exception& error) {
    const auto* syntax = dynamic_cast<const nlohmann::json::parse_error*>(&error);
    std::string_view message = error.what();  // "[json.exception.parse_error.101] parse error at ..."
    if (const auto end = message.find("] "); end != std::string_view::npos) message.remove_prefix(end + 2);
    throw JsonSyntaxError(std::string(message.substr(0, longest_message)), syntax != nullptr ? syntax->byte : 0);
  }
}

namespace detail {

/// What makes a field missing.
enum class Need {
  nothing,  // it may be left out
  key,      // it must be there, but null says that it is not known
  value,
};

/// Reads a question's fields, collects what is wrong with all of them, and tells it at the end.
class QuestionFields {
 public:
  explicit QuestionFields(const nlohmann::json& object) : object_(object) {}

  /// The field's value; nothing if it is left out or null.
  [[nodiscard]] const nlohmann::json* find(std::string_view name, Need need = Need::nothing) {
    const auto found = object_.find(name);
    const bool has_key = found != object_.end();
    const bool has_value = has_key && !found->is_null();
    if ((need == Need::key && !has_key) || (need == Need::value && !has_value)) missing_.emplace_back(name);
    return has_value ? &*found : nullptr;
  }

  /// A number of at least `low`; NaN if it is missing, null or wrong.
  [[nodiscard]] double number(std::string_view name, Need need, double low = -std::numeric_limits<double>::infinity()) {
    const nlohmann::json* value = find(name, need);
    if (value == nullptr) return std::numeric_limits<double>::quiet_NaN();
    if (value->is_number() && value->get<double>() >= low) return value->get<double>();
    reject(name, *value, std::isfinite(low) ? "a number >= " + format_number(low) + " or null" : "a number or null");
    return std::numeric_limits<double>::quiet_NaN();
  }

  [[nodiscard]] std::optional<std::string> text(std::string_view name) {
    const nlohmann::json* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (value->is_string()) return value->get<std::string>();
    reject(name, *value, "text");
    return std::nullopt;
  }

  void reject(std::string_view name, const nlohmann::json& found, const std::string& expected) {
    bad_.emplace_back(name);
    add(std::string(name) + " is " + shown(found) + "; expected " + expected);
  }

  /// Every name for which known(name) is false is unknown; `candidates` are what it may have been meant to be.
  template <class Known>
  void check_names(Known&& known, const std::vector<std::string>& candidates) {
    for (const auto& item : object_.items()) {
      if (known(item.key())) continue;
      constexpr std::size_t most_named = 100;  // a hostile question must not be answered by a longer one
      if (unknown_.size() == most_named) break;
      const std::string name = shown_name(item.key());
      add("unknown " + name + did_you_mean(item.key(), candidates));
      unknown_.push_back(name);
    }
  }

  /// Throws FieldError if anything was wrong.
  void finish() {
    if (missing_.empty() && unknown_.empty() && bad_.empty()) return;
    std::string message;
    for (const auto& name : missing_) message += (message.empty() ? "missing " : ", ") + name;
    if (!message.empty() && !messages_.empty()) message += "; ";
    throw FieldError(message + messages_, std::move(missing_), std::move(unknown_), std::move(bad_));
  }

 private:
  [[nodiscard]] static std::string shown_name(const std::string& name) {
    constexpr std::size_t longest = 64;
    return name.size() <= longest ? name : name.substr(0, longest) + "...";
  }

  void add(const std::string& message) {
    constexpr std::size_t longest = 2000;
    if (messages_.size() < longest) messages_ += (messages_.empty() ? "" : "; ") + message;
  }

  const nlohmann::json& object_;
  std::vector<std::string> missing_;
  std::vector<std::string> unknown_;
  std::vector<std::string> bad_;
  std::string messages_;
};

/// strict: names that neither the model nor a request knows are refused.
[[nodiscard]] inline FeatureRow row_from_features(const nlohmann::json& object, const FeatureSchema& schema,
                                                  bool strict) {
  constexpr std::string_view size_column = "payload_size_kb";
  QuestionFields fields(object);
  FeatureRow row;
  for (const std::string& column : schema.columns()) {
    row.values.push_back(fields.number(column, is_live_feature(column) ? Need::nothing : Need::key));
  }
  const auto size = schema.find(size_column);
  row.payload_kb = size ? row.values[*size] : fields.number(size_column, Need::nothing);
  if (strict) {
    fields.check_names([&](const std::string& name) { return schema.find(name) || known_feature(name); },
                       schema.columns());
  }
  fields.finish();
  return row;
}

inline constexpr std::array<std::string_view, 7> context_fields = {
    "workload_type", "payload_size_kb",        "time_window", "load_pattern",
    "timestamp",     "lambda_memory_limit_mb", "request_id"};

[[nodiscard]] inline Workload workload_from(QuestionFields& fields, const Catalogue& catalogue) {
  constexpr Workload none{};  // never used: the fields are refused
  const nlohmann::json* value = fields.find("workload_type", Need::value);
  if (value == nullptr) return none;
  if (value->is_string()) {
    if (const auto found = catalogue.find_workload(value->get_ref<const std::string&>())) return *found;
  }
  std::string names;
  for (const auto& known : catalogue.workloads) names += (names.empty() ? "" : ", ") + known.name;
  fields.reject("workload_type", *value, "one of " + names);
  return none;
}

[[nodiscard]] inline std::optional<double> time_from(QuestionFields& fields) {
  constexpr double last_ms = 253402300799999.0;  // 9999-12-31T23:59:59.999Z
  const nlohmann::json* value = fields.find("timestamp");
  if (value == nullptr) return std::nullopt;
  std::optional<double> time;
  if (value->is_string()) time = parse_utc_ms(value->get_ref<const std::string&>());
  if (value->is_number()) time = value->get<double>();
  if (time && *time >= -last_ms && *time <= last_ms) return time;
  fields.reject("timestamp", *value, "an ISO 8601 time such as 2025-11-22T19:35:46Z, or epoch milliseconds");
  return std::nullopt;
}

}  // namespace detail

/// Reads a request context: workload_type and payload_size_kb; if known time_window, load_pattern, timestamp (ISO 8601,
/// UTC unless it names an offset, or epoch milliseconds), lambda_memory_limit_mb and request_id, which changes nothing.
/// Windows and patterns that the catalogue lacks are its "other" and "unknown", as in logs; a size within 0.5 % of a
/// catalogue size is that size. Throws FieldError.
[[nodiscard]] inline Request request_from_json(const nlohmann::json& object, const Catalogue& catalogue) {
  using Names = std::vector<std::string>;
  detail::QuestionFields fields(object);
  Request request;
  request.workload = detail::workload_from(fields, catalogue);
  request.payload_kb = fields.number("payload_size_kb", detail::Need::key, 0);
  if (const auto window = fields.text("time_window")) request.time_window = catalogue.window_named(*window);
  if (const auto pattern = fields.text("load_pattern")) request.load_pattern = catalogue.pattern_named(*pattern);
  request.sent_at_ms = detail::time_from(fields);
  const double memory_mb = fields.number("lambda_memory_limit_mb", detail::Need::nothing, 0);
  if (!std::isnan(memory_mb)) request.lambda_memory_limit_mb = memory_mb;
  fields.check_names(
      [](const std::string& name) {
        return std::find(detail::context_fields.begin(), detail::context_fields.end(), name) !=
               detail::context_fields.end();
      },
      Names(detail::context_fields.begin(), detail::context_fields.end()));
  fields.finish();
  request.payload_kb = catalogue.snapped_size_kb(request.workload, request.payload_kb);
  return request;
}

/// A question to a model: a request, or its finished features.
using Question = std::variant<Request, FeatureRow>;

/// Reads a question in any of its forms: {"features": {name: number or null}} with every column of the model (live ones
/// may be left out: they are missing then), a request context (see request_from_json) or, if `form` allows it, a plain
/// row. Throws FieldError, naming what is wrong.
[[nodiscard]] inline Question question_from_json(const nlohmann::json& question, const FeatureSchema& schema,
                                                 QuestionForm form = QuestionForm::strict) {
  if (!question.is_object()) {
    throw FieldError("the question is " + detail::shown(question) + "; expected an object", {}, {}, {});
  }
  if (const auto features = question.find("features"); features != question.end()) {
    if (features->is_object()) return detail::row_from_features(*features, schema, true);
    throw FieldError("features is " + detail::shown(*features) + "; expected an object", {}, {}, {"features"});
  }
  // A table's row may tell workload_type as well; what only a feature is called decides.
  const auto only_a_feature = [&](const std::string& column) {
    return column != "payload_size_kb" && column != "lambda_memory_limit_mb" && question.contains(column);
  };
  const bool has_features = std::any_of(schema.columns().begin(), schema.columns().end(), only_a_feature);
  if (form == QuestionForm::row && (has_features || !question.contains("workload_type"))) {
    return detail::row_from_features(question, schema, false);
  }
  return request_from_json(question, schema.catalogue());
}

/// A question as a row of features; a request's live columns are missing. Throws FieldError.
[[nodiscard]] inline FeatureRow row_from_json(const nlohmann::json& question, const FeatureSchema& schema,
                                              QuestionForm form = QuestionForm::strict) {
  const Question asked = question_from_json(question, schema, form);
  if (const auto* request = std::get_if<Request>(&asked)) return schema.row_of(*request);
  return std::get<FeatureRow>(asked);
}

}  // namespace switchyard
