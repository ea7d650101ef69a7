#pragma once

#include "switchyard/io/log_field_set.hpp"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <system_error>

namespace switchyard::detail {

/// Scans log rows as programs write them: an object of texts, numbers, true, false and null, and its "metrics", another
/// one. Texts are of ASCII without escapes. Anything else, however valid, is left to a whole parser, which says what it
/// is: so this may be fast and must never be clever.
class PlainLogRow {
 public:
  /// The fields go there; their texts borrow what is scanned.
  PlainLogRow(LogFieldSet& row, LogFieldSet& metrics) noexcept : row_(row), metrics_(metrics) {}

  /// Whether `text` is plain; if it is not, what the sets hold means nothing.
  [[nodiscard]] bool scan(std::string_view text) noexcept {
    at_ = text.data();
    end_ = at_ + text.size();
    row_.clear();
    metrics_.clear();
    skip_blanks();
    if (!object(row_)) return false;
    skip_blanks();
    return at_ == end_;
  }

 private:
  [[nodiscard]] bool object(LogFieldSet& fields) noexcept {
    if (!take('{')) return false;
    skip_blanks();
    if (take('}')) return true;
    do {
      skip_blanks();
      if (!field(fields)) return false;
      skip_blanks();
    } while (take(','));
    return take('}');
  }

  [[nodiscard]] bool field(LogFieldSet& fields) noexcept {
    std::string_view name;
    if (!text(name)) return false;
    skip_blanks();
    if (!take(':')) return false;
    skip_blanks();
    LogValue unread;
    LogValue* const slot = fields.slot(name);
    if (&fields == &row_ && slot == &row_.at("metrics")) return metrics(*slot);
    return value(slot != nullptr ? *slot : unread);
  }

  [[nodiscard]] bool metrics(LogValue& slot) noexcept {
    metrics_.clear();  // of an earlier key of the same name
    if (at_ == end_ || *at_ != '{') return value(slot);
    slot = LogValue::of_kind(LogValue::Kind::object);
    return object(metrics_);
  }

  [[nodiscard]] bool value(LogValue& slot) noexcept {
    if (at_ == end_) return false;
    switch (*at_) {
      case '"': {
        std::string_view found;
        if (!text(found)) return false;
        slot = LogValue::of_text(found);
        return true;
      }
      case 't': slot = LogValue::of_flag(true); return word("true");
      case 'f': slot = LogValue::of_flag(false); return word("false");
      case 'n': slot = LogValue::of_kind(LogValue::Kind::missing); return word("null");
      default: return number(slot);
    }
  }

  [[nodiscard]] bool text(std::string_view& found) noexcept {
    if (!take('"')) return false;
    const char* const begin = at_;
    skip_plain_text();
    found = {begin, static_cast<std::size_t>(at_ - begin)};
    return take('"');
  }

  [[nodiscard]] static constexpr bool is_plain(char c) noexcept {
    return c >= ' ' && c != '"' && c != '\\' && static_cast<unsigned char>(c) < 0x80;
  }

  /// Eight bytes at a time: the high bit of a byte of `ends` is set where a text may end, and above it perhaps where
  /// it may not, since subtractions borrow upwards. (Mycroft's test for a zero byte, 1987.)
  void skip_plain_text() noexcept {
    if constexpr (std::endian::native == std::endian::little) {
      constexpr std::uint64_t ones = 0x0101010101010101;
      constexpr std::uint64_t high_bits = 0x80 * ones;
      while (end_ - at_ >= 8) {
        std::uint64_t bytes = 0;
        std::memcpy(&bytes, at_, sizeof bytes);
        const std::uint64_t controls = bytes - ' ' * ones;
        const std::uint64_t quotes = (bytes ^ ('"' * ones)) - ones;
        const std::uint64_t escapes = (bytes ^ ('\\' * ones)) - ones;
        const std::uint64_t ends = (bytes | controls | quotes | escapes) & high_bits;
        if (ends != 0) {
          at_ += std::countr_zero(ends) / 8;
          return;
        }
        at_ += 8;
      }
    }
    while (at_ != end_ && is_plain(*at_)) ++at_;
  }

  [[nodiscard]] bool number(LogValue& slot) noexcept {
    const char* const begin = at_;
    const bool negative = take('-');
    const char* const digits = at_;
    const std::int64_t whole = skip_digits();
    const auto count = at_ - digits;
    constexpr int surely_fit = 18;  // decimal digits in 63 bits
    if (count == 0 || count > surely_fit || (*digits == '0' && count > 1)) return false;
    bool is_whole = true;
    if (take('.')) {
      is_whole = false;
      if (!has_digits()) return false;
    }
    if (take('e') || take('E')) {
      is_whole = false;
      if (!take('+')) static_cast<void>(take('-'));
      if (!has_digits()) return false;
    }
    if (is_whole) {
      slot = negative ? LogValue::of_integer(-whole) : LogValue::of_natural(static_cast<std::uint64_t>(whole));
      return true;
    }
    double value = 0;
    const auto [end, error] = std::from_chars(begin, at_, value);
    slot = LogValue::of_real(value);
    return error == std::errc{} && end == at_ && std::isfinite(value);
  }

  /// The value of the digits here, modulo 2^64.
  std::int64_t skip_digits() noexcept {
    std::uint64_t value = 0;
    for (; at_ != end_ && *at_ >= '0' && *at_ <= '9'; ++at_)
      value = value * 10 + static_cast<std::uint64_t>(*at_ - '0');
    return static_cast<std::int64_t>(value);
  }

  [[nodiscard]] bool has_digits() noexcept {
    const char* const begin = at_;
    static_cast<void>(skip_digits());
    return at_ != begin;
  }

  [[nodiscard]] bool take(char expected) noexcept {
    if (at_ == end_ || *at_ != expected) return false;
    ++at_;
    return true;
  }

  [[nodiscard]] bool word(std::string_view expected) noexcept {
    const std::string_view rest(at_, static_cast<std::size_t>(end_ - at_));
    if (rest.substr(0, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }

  void skip_blanks() noexcept {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
  }

  LogFieldSet& row_;
  LogFieldSet& metrics_;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
};

}  // namespace switchyard::detail
