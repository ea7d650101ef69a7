#pragma once

#include "switchyard/core/text.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace switchyard {

/// Civil fields of an instant. UTC unless a zone offset was applied before asking.
struct CivilTime {
  int year = 1970;
  int month = 1;    // 1-12
  int day = 1;      // 1-31
  int hour = 0;     // 0-23
  int minute = 0;   // 0-59
  int second = 0;   // 0-59
  int weekday = 4;  // 0 = Sunday
};

/// Civil time `offset_minutes` east of UTC at `epoch_ms` milliseconds since 1970-01-01T00:00Z.
[[nodiscard]] constexpr CivilTime civil_time(std::int64_t epoch_ms, int offset_minutes = 0) noexcept {
  using namespace std::chrono;
  const sys_time<milliseconds> instant{milliseconds{epoch_ms} + minutes{offset_minutes}};
  const auto midnight = floor<days>(instant);
  const year_month_day date{midnight};
  const hh_mm_ss clock{instant - midnight};
  return {static_cast<int>(date.year()),
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count()),
          static_cast<int>(weekday{midnight}.c_encoding())};
}

namespace detail {

/// Reads `digits` decimal digits at the front of `text` and drops them; nothing if they are not there.
[[nodiscard]] constexpr std::optional<int> take_digits(std::string_view& text, std::size_t digits) noexcept {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

[[nodiscard]] constexpr bool take(std::string_view& text, char expected) noexcept {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace detail

/// Minutes east of UTC: "Z", "UTC", "+05:30", "-0800"; nothing for anything else (named zones need a tz database).
[[nodiscard]] constexpr std::optional<int> parse_zone_offset(std::string_view text) noexcept {
  if (text == "Z" || text == "z" || text == "UTC" || text == "utc") return 0;
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const int sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  const auto hours = detail::take_digits(text, 2);
  if (!hours) return std::nullopt;
  (void)detail::take(text, ':');
  const auto minutes = text.empty() ? std::optional<int>{0} : detail::take_digits(text, 2);
  if (!minutes || !text.empty() || *hours > 14 || *minutes > 59) return std::nullopt;
  return sign * (*hours * 60 + *minutes);
}

/// ISO 8601 date and time ("2025-11-22T19:35:46.558461", "2025-11-22 19:35:46Z", "...+05:30") as milliseconds since
/// 1970-01-01T00:00Z, fractions kept (1 us = 0.001). A time without zone is UTC. Nothing if it is not a date.
[[nodiscard]] constexpr std::optional<double> parse_utc_ms(std::string_view text) noexcept {
  using namespace std::chrono;
  const auto year_part = detail::take_digits(text, 4);
  if (!year_part || !detail::take(text, '-')) return std::nullopt;
  const auto month_part = detail::take_digits(text, 2);
  if (!month_part || !detail::take(text, '-')) return std::nullopt;
  const auto day_part = detail::take_digits(text, 2);
  if (!day_part || (!detail::take(text, 'T') && !detail::take(text, ' '))) return std::nullopt;
  const year_month_day date{year{*year_part}, month{static_cast<unsigned>(*month_part)},
                            day{static_cast<unsigned>(*day_part)}};
  if (!date.ok()) return std::nullopt;
  std::array<int, 3> clock{};
  for (std::size_t i = 0; i < 3; ++i) {
    if (i > 0 && !detail::take(text, ':')) {
      if (i == 2) break;
      return std::nullopt;
    }
    const auto part = detail::take_digits(text, 2);
    if (!part) return std::nullopt;
    clock[i] = *part;
  }
  if (clock[0] > 23 || clock[1] > 59 || clock[2] > 60) return std::nullopt;
  double fraction_ms = 0;
  if (detail::take(text, '.') || detail::take(text, ',')) {
    double unit = 100.0;
    if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), unit /= 10.0) {
      fraction_ms += unit * (text.front() - '0');
    }
  }
  const auto offset = text.empty() ? std::optional<int>{0} : parse_zone_offset(text);
  if (!offset) return std::nullopt;
  const auto whole =
      sys_days{date}.time_since_epoch() + hours{clock[0]} + minutes{clock[1] - *offset} + seconds{clock[2]};
  return static_cast<double>(duration_cast<milliseconds>(whole).count()) + fraction_ms;
}

namespace detail {

/// `value` in `digits` decimal digits, ending at the character before `end`. value: >= 0 and no longer
inline void put_digits(char* end, int value, int digits) noexcept {
  for (; digits > 0; --digits, value /= 10) *--end = static_cast<char>('0' + value % 10);
}

}  // namespace detail

/// "2025-11-22T19:35:46.558Z"; milliseconds are rounded to the nearest.
[[nodiscard]] inline std::string format_utc(double epoch_ms) {
  const auto rounded = static_cast<std::int64_t>(std::floor(epoch_ms + 0.5));
  const CivilTime civil = civil_time(rounded);
  const auto millisecond = static_cast<int>(((rounded % 1000) + 1000) % 1000);
  if (civil.year >= 0 && civil.year <= 9999) {
    std::string text = "0000-00-00T00:00:00.000Z";
    char* const begin = text.data();
    detail::put_digits(begin + 4, civil.year, 4);
    detail::put_digits(begin + 7, civil.month, 2);
    detail::put_digits(begin + 10, civil.day, 2);
    detail::put_digits(begin + 13, civil.hour, 2);
    detail::put_digits(begin + 16, civil.minute, 2);
    detail::put_digits(begin + 19, civil.second, 2);
    detail::put_digits(begin + 23, millisecond, 3);
    return text;
  }
  std::array<char, 80> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", civil.year, civil.month, civil.day,
                civil.hour, civil.minute, civil.second, millisecond);
  return buffer.data();
}

}  // namespace switchyard
