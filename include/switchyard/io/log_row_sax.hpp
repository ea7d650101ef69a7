#pragma once

#include "switchyard/io/log_field_set.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>

namespace switchyard::detail {

/// Receives the events of nlohmann::json's parser for one log row and keeps the known fields of the row and of its
/// "metrics": a document of every row would cost two allocations a field, and memory without bound.
class LogRowSax {
 public:
  using Json = nlohmann::json;

  /// The fields of the row and of its metrics go there.
  LogRowSax(LogFieldSet& row, LogFieldSet& metrics) noexcept : fields_(row), metrics_(metrics) {}

  void clear() noexcept {
    fields_.clear();
    metrics_.clear();
    depth_ = 0;
    in_metrics_ = is_object_ = false;
    slot_ = nullptr;
  }

  [[nodiscard]] bool is_object() const noexcept { return is_object_; }

  bool null() { return keep(LogValue{}); }
  bool boolean(bool value) { return keep(LogValue::of_flag(value)); }
  bool number_integer(Json::number_integer_t value) { return keep(LogValue::of_integer(value)); }
  bool number_unsigned(Json::number_unsigned_t value) { return keep(LogValue::of_natural(value)); }
  bool number_float(Json::number_float_t value, const Json::string_t&) { return keep(LogValue::of_real(value)); }
  bool binary(Json::binary_t&) { return true; }  // never in text

  bool string(Json::string_t& value) {
    if (slot_ != nullptr) (depth_ == 1 ? fields_ : metrics_).own_text(*slot_, value);
    slot_ = nullptr;
    return true;
  }

  bool start_object(std::size_t) {
    if (depth_ == 0) is_object_ = true;
    if (depth_ == 1) in_metrics_ = slot_ != nullptr && slot_ == metrics_slot_;
    return open(LogValue::Kind::object);
  }
  bool start_array(std::size_t) { return open(LogValue::Kind::list); }
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
  bool keep(const LogValue& value) {
    if (slot_ != nullptr) *slot_ = value;
    slot_ = nullptr;
    return true;
  }

  bool open(LogValue::Kind kind) {
    static_cast<void>(keep(LogValue::of_kind(kind)));
    ++depth_;
    return true;
  }

  bool close() {
    --depth_;
    if (depth_ == 1) in_metrics_ = false;
    return true;
  }

  LogFieldSet& fields_;
  LogFieldSet& metrics_;
  LogValue* slot_ = nullptr;  // of the key that was read last; nothing where its value does not matter
  const LogValue* metrics_slot_ = nullptr;
  std::size_t depth_ = 0;
  bool in_metrics_ = false;  // within the row's "metrics", however deep
  bool is_object_ = false;
};

}  // namespace switchyard::detail
