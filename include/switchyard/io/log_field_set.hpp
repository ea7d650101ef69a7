#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace switchyard::detail {

/// Every field that is read of a log row or of its metrics, in the order in which programs log them.
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

/// The name of a field, and its place in log_field_names, found when the program is compiled.
struct LogKey {
  const char* name;
  std::size_t index;  // log_field_names.size() for any other name

  // NOLINTNEXTLINE(google-explicit-constructor): a name is written as a text
  consteval LogKey(const char* key) : name(key), index(0) {
    while (index < log_field_names.size() && log_field_names[index] != key) ++index;
  }
};

/// What a field holds. Borrows its text. Lists and objects are known by their kind alone: no field asks what is in
/// them.
struct LogValue {
  enum class Kind : std::uint8_t { missing, boolean, integer, natural, real, text, object, list };

  Kind kind = Kind::missing;  // or null
  bool flag = false;          // of a boolean
  std::int64_t integer = 0;   // of an integer; of a natural number, the same 64 bits
  double real = 0;
  std::string_view text = {};

  [[nodiscard]] bool is_missing() const noexcept { return kind == Kind::missing; }
  [[nodiscard]] bool is_text() const noexcept { return kind == Kind::text; }
  [[nodiscard]] bool is_whole() const noexcept { return kind == Kind::integer || kind == Kind::natural; }
  [[nodiscard]] bool is_number() const noexcept { return is_whole() || kind == Kind::real; }

  /// Of a number.
  [[nodiscard]] double number() const noexcept {
    if (kind == Kind::real) return real;
    return kind == Kind::integer ? static_cast<double>(integer) : static_cast<double>(natural());
  }
  [[nodiscard]] std::uint64_t natural() const noexcept { return static_cast<std::uint64_t>(integer); }

  [[nodiscard]] static LogValue of_kind(Kind kind) noexcept { return {kind}; }
  [[nodiscard]] static LogValue of_flag(bool flag) noexcept { return {Kind::boolean, flag}; }
  [[nodiscard]] static LogValue of_integer(std::int64_t value) noexcept { return {Kind::integer, false, value}; }
  [[nodiscard]] static LogValue of_natural(std::uint64_t value) noexcept {
    return {Kind::natural, false, static_cast<std::int64_t>(value)};
  }
  [[nodiscard]] static LogValue of_real(double value) noexcept { return {Kind::real, false, 0, value}; }
  [[nodiscard]] static LogValue of_text(std::string_view text) noexcept { return {Kind::text, false, 0, 0, text}; }
};

/// The known fields of one JSON object.
class LogFieldSet {
 public:
  LogFieldSet() = default;
  LogFieldSet(const LogFieldSet&) = delete;  // values may point at texts_
  LogFieldSet& operator=(const LogFieldSet&) = delete;

  void clear() noexcept {
    for (LogValue& value : values_) value.kind = LogValue::Kind::missing;
  }

  /// Where the value of `key` goes; nothing for a key that nobody reads. The last of several equal keys counts.
  [[nodiscard]] LogValue* slot(std::string_view key) noexcept {
    for (std::size_t tries = 0; tries < values_.size(); ++tries) {
      const std::size_t i = next_;
      next_ = i + 1 == values_.size() ? 0 : i + 1;  // which mostly is the field logged next
      if (log_field_names[i] == key) return &values_[i];
    }
    return nullptr;
  }

  /// `text` as a value that stays, in a slot of this set.
  void own_text(LogValue& slot, const std::string& text) {
    std::string& owned = texts_[static_cast<std::size_t>(&slot - values_.data())];
    owned = text;
    slot = LogValue::of_text(owned);
  }

  /// key: one of log_field_names
  [[nodiscard]] const LogValue& at(LogKey key) const { return values_.at(key.index); }

 private:
  std::array<LogValue, log_field_names.size()> values_;
  std::array<std::string, log_field_names.size()> texts_;
  std::size_t next_ = 0;
};

}  // namespace switchyard::detail
