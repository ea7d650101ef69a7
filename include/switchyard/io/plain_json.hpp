#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

namespace switchyard::detail {

/// Scans the plain JSON that programs log: an object of texts, numbers, true, false, null and such objects, its texts
/// of ASCII without escapes. Anything else, however valid, is left to a whole parser, which says what it is: so this
/// may be fast and must never be clever. Sends the events of nlohmann::json's SAX interface to `Sax`.
template <class Sax>
class PlainJsonScanner {
 public:
  explicit PlainJsonScanner(Sax& sax) : sax_(sax) {}

  /// Whether `text` was plain; if not, some events may have been sent.
  [[nodiscard]] bool scan(std::string_view text) {
    at_ = text.data();
    end_ = at_ + text.size();
    skip_blanks();
    if (!object(0)) return false;
    skip_blanks();
    return at_ == end_;
  }

 private:
  static constexpr int deepest = 4;

  [[nodiscard]] bool object(int depth) {
    if (depth == deepest || !take('{')) return false;
    sax_.start_object(static_cast<std::size_t>(-1));
    skip_blanks();
    bool more = !take('}');
    while (more) {
      if (!text()) return false;
      sax_.key(text_);
      skip_blanks();
      if (!take(':')) return false;
      skip_blanks();
      if (!value(depth)) return false;
      skip_blanks();
      more = take(',');
      if (!more && !take('}')) return false;
      if (more) skip_blanks();
    }
    sax_.end_object();
    return true;
  }

  [[nodiscard]] bool value(int depth) {
    if (at_ == end_) return false;
    switch (*at_) {
      case '"': return text() && sax_.string(text_);
      case '{': return object(depth + 1);
      case 't': return word("true") && sax_.boolean(true);
      case 'f': return word("false") && sax_.boolean(false);
      case 'n': return word("null") && sax_.null();
      default: return number();
    }
  }

  /// Into text_.
  [[nodiscard]] bool text() {
    if (!take('"')) return false;
    const char* const begin = at_;
    while (at_ != end_ && *at_ >= ' ' && *at_ != '"' && *at_ != '\\') ++at_;
    text_.assign(begin, at_);
    return is_ascii(text_) && take('"');
  }

  [[nodiscard]] static bool is_ascii(std::string_view text) noexcept {
    unsigned all = 0;
    for (const char c : text) all |= static_cast<unsigned char>(c);
    return all < 0x80;
  }

  [[nodiscard]] bool number() {
    const char* const begin = at_;
    const bool negative = take('-');
    const char* const digits = at_;
    skip_digits();
    const auto count = at_ - digits;
    if (count == 0 || (*digits == '0' && count > 1)) return false;
    bool whole = true;
    if (take('.')) {
      whole = false;
      if (!skip_digits()) return false;
    }
    if (take('e') || take('E')) {
      whole = false;
      static_cast<void>(take('+') || take('-'));
      if (!skip_digits()) return false;
    }
    constexpr int surely_fit = 18;  // decimal digits in 63 bits
    if (whole) return count <= surely_fit && integer(begin, negative);
    double value = 0;
    const auto [end, error] = std::from_chars(begin, at_, value);
    text_.assign(begin, at_);
    return error == std::errc{} && end == at_ && std::isfinite(value) && sax_.number_float(value, text_);
  }

  [[nodiscard]] bool integer(const char* begin, bool negative) {
    std::int64_t value = 0;
    std::from_chars(begin, at_, value);
    return negative ? sax_.number_integer(value) : sax_.number_unsigned(static_cast<std::uint64_t>(value));
  }

  [[nodiscard]] bool take(char expected) noexcept {
    if (at_ == end_ || *at_ != expected) return false;
    ++at_;
    return true;
  }

  [[nodiscard]] bool word(std::string_view expected) noexcept {
    if (std::string_view(at_, static_cast<std::size_t>(end_ - at_)).substr(0, expected.size()) != expected)
      return false;
    at_ += expected.size();
    return true;
  }

  bool skip_digits() noexcept {
    const char* const begin = at_;
    while (at_ != end_ && *at_ >= '0' && *at_ <= '9') ++at_;
    return at_ != begin;
  }

  void skip_blanks() noexcept {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
  }

  Sax& sax_;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  std::string text_;  // that was read last
};

}  // namespace switchyard::detail
