#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace switchyard {

/// Text without the blanks, tabs and carriage returns around it.
[[nodiscard]] inline std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// The whole of `text` as a number, whatever the locale ("1.5", never "1,5"); nothing if it is not one. Accepts "nan"
/// and "inf" as std::from_chars does, and a leading '+'.
[[nodiscard]] inline std::optional<double> parse_number(std::string_view text) noexcept {
  text = trimmed(text);
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The whole of `text` as a decimal integer; nothing if it is not one or does not fit.
[[nodiscard]] inline std::optional<std::int64_t> parse_integer(std::string_view text) noexcept {
  text = trimmed(text);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Appends the shortest text that reads back to the same bits, whatever the locale; nothing for NaN, so that a missing
/// value is an empty CSV cell.
inline void append_number(std::string& text, double value) {
  if (std::isnan(value)) return;
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  text.append(buffer, end);
}

/// As above, as a text of its own.
[[nodiscard]] inline std::string format_number(double value) {
  std::string text;
  append_number(text, value);
  return text;
}

/// `decimals` digits after the point, whatever the locale; "nan" and "inf" as such.
[[nodiscard]] inline std::string format_fixed(double value, int decimals) {
  if (!std::isfinite(value)) return std::isnan(value) ? "nan" : (value > 0 ? "inf" : "-inf");
  char buffer[512];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed, decimals);
  return {buffer, end};
}

/// 52454 -> "52,454"
[[nodiscard]] inline std::string format_count(std::int64_t value) {
  const std::string digits = std::to_string(value);
  std::string result;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const bool starts_group = (digits.size() - i) % 3 == 0 && i > 0 && digits[i - 1] != '-';
    if (starts_group) result += ',';
    result += digits[i];
  }
  return result;
}

}  // namespace switchyard
