#pragma once

#include <nlohmann/json.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace switchyard::detail {

/// Every field that is read of a log row or of its metrics.
inline constexpr std::array<std::string_view, 21> log_field_names = {"request_id",
                                                                     "platform",
                                                                     "workload_type",
                                                                     "timestamp",
                                                                     "http_status",
                                                                     "response_time_ms",
                                                                     "target_payload_size_kb",
                                                                     "actual_payload_size_kb",
                                                                     "time_window",
                                                                     "load_pattern",
                                                                     "metrics",
                                                                     "execution_time_ms",
                                                                     "memory_used_mb",
                                                                     "memory_limit_mb",
                                                                     "cold_start",
                                                                     "payload_size_kb",
                                                                     "run_id",
                                                                     "seq",
                                                                     "sent_at",
                                                                     "error_class",
                                                                     "pair_id"};

/// The known fields of one JSON object. Values keep their memory from row to row; lists and objects are kept as empty
/// ones, since no field asks what is in them.
class LogFieldSet {
 public:
  void clear() noexcept { present_.fill(false); }

  /// Where the value of `key` goes; nothing for a key that nobody reads. The last of several equal keys counts.
  [[nodiscard]] nlohmann::json* slot(std::string_view key) {
    const std::size_t i = index_of(key);
    if (i == log_field_names.size()) return nullptr;
    present_[i] = true;
    return &values_[i];
  }

  /// Nothing if the key is missing or null. key: one of log_field_names
  [[nodiscard]] const nlohmann::json* find(std::string_view key) const {
    const std::size_t i = index_of(key);
    return i < values_.size() && present_[i] && !values_[i].is_null() ? &values_[i] : nullptr;
  }

 private:
  [[nodiscard]] static std::size_t index_of(std::string_view key) noexcept {
    std::size_t i = 0;
    while (i < log_field_names.size() && log_field_names[i] != key) ++i;
    return i;
  }

  std::array<nlohmann::json, log_field_names.size()> values_;
  std::array<bool, log_field_names.size()> present_{};
};

/// Receives the events of nlohmann::json's parser for one log row and keeps the known fields of the row and of its
/// "metrics": a document of every row would cost two allocations a field.
class LogRowSax {
 public:
  using Json = nlohmann::json;

  void clear() noexcept {
    fields_.clear();
    metrics_.clear();
    depth_ = 0;
    in_metrics_ = is_object_ = false;
    slot_ = nullptr;
  }

  [[nodiscard]] bool is_object() const noexcept { return is_object_; }
  [[nodiscard]] const LogFieldSet& fields() const noexcept { return fields_; }
  [[nodiscard]] const LogFieldSet& metrics() const noexcept { return metrics_; }

  bool null() { return keep(nullptr); }
  bool boolean(bool value) { return keep(value); }
  bool number_integer(Json::number_integer_t value) { return keep(value); }
  bool number_unsigned(Json::number_unsigned_t value) { return keep(value); }
  bool number_float(Json::number_float_t value, const Json::string_t&) { return keep(value); }
  bool binary(Json::binary_t&) { return true; }  // never in text

  bool string(Json::string_t& value) {
    if (slot_ != nullptr && slot_->is_string()) {
      slot_->get_ref<Json::string_t&>() = value;
      slot_ = nullptr;
      return true;
    }
    return keep(value);
  }

  bool start_object(std::size_t) {
    if (depth_ == 0) is_object_ = true;
    if (depth_ == 1) in_metrics_ = slot_ != nullptr && slot_ == metrics_slot_;
    return open(Json::value_t::object);
  }
  bool start_array(std::size_t) { return open(Json::value_t::array); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(Json::string_t& name) {
    slot_ = nullptr;
    if (depth_ == 1 && is_object_) {
      slot_ = fields_.slot(name);
      if (name == "metrics") {
        metrics_slot_ = slot_;
        metrics_.clear();  // of an earlier key of the same name
      }
    } else if (depth_ == 2 && in_metrics_) {
      slot_ = metrics_.slot(name);
    }
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const Json::exception&) { return false; }

 private:
  template <class Value>
  bool keep(const Value& value) {
    if (slot_ != nullptr) *slot_ = value;
    slot_ = nullptr;
    return true;
  }

  bool open(Json::value_t type) {
    if (slot_ != nullptr) *slot_ = Json(type);
    slot_ = nullptr;
    ++depth_;
    return true;
  }

  bool close() {
    --depth_;
    if (depth_ == 1) in_metrics_ = false;
    return true;
  }

  LogFieldSet fields_;
  LogFieldSet metrics_;
  Json* slot_ = nullptr;  // of the key that was read last; nothing where its value does not matter
  const Json* metrics_slot_ = nullptr;
  std::size_t depth_ = 0;
  bool in_metrics_ = false;  // within the row's "metrics", however deep
  bool is_object_ = false;
};

}  // namespace switchyard::detail
