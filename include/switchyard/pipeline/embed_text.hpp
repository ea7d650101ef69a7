#pragma once

#include "switchyard/core/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::detail {

[[nodiscard]] inline bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
[[nodiscard]] inline bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Whether C++ keeps a name for itself (keywords and alternative spellings of C++20), or a compiler or the C library is
/// likely to have it as a macro.
[[nodiscard]] inline bool is_taken_name(std::string_view name) noexcept {
  static constexpr std::array words = {"alignas",   "alignof",       "and",          "and_eq",
                                       "asm",       "auto",          "bitand",       "bitor",
                                       "bool",      "break",         "case",         "catch",
                                       "char",      "char16_t",      "char32_t",     "char8_t",
                                       "class",     "co_await",      "co_return",    "co_yield",
                                       "compl",     "concept",       "const",        "const_cast",
                                       "consteval", "constexpr",     "constinit",    "continue",
                                       "decltype",  "default",       "delete",       "do",
                                       "double",    "else",          "dynamic_cast", "enum",
                                       "explicit",  "export",        "extern",       "false",
                                       "float",     "for",           "friend",       "goto",
                                       "if",        "inline",        "int",          "long",
                                       "mutable",   "namespace",     "new",          "noexcept",
                                       "not",       "not_eq",        "nullptr",      "operator",
                                       "or",        "or_eq",         "private",      "protected",
                                       "public",    "register",      "requires",     "return",
                                       "short",     "signed",        "sizeof",       "static",
                                       "struct",    "static_assert", "switch",       "static_cast",
                                       "template",  "this",          "thread_local", "throw",
                                       "true",      "try",           "typedef",      "typeid",
                                       "typename",  "union",         "unsigned",     "using",
                                       "virtual",   "void",          "volatile",     "wchar_t",
                                       "while",     "xor",           "xor_eq",       "EOF",
                                       "NULL",      "NAN",           "INFINITY",     "linux",
                                       "unix",      "i386",          "errno",        "assert",
                                       "stdin",     "stdout",        "stderr",       "reinterpret_cast"};
  return std::find(words.begin(), words.end(), name) != words.end();
}

/// Whether a program may use a name for its own: letters, digits and single '_', no digit or '_' first.
[[nodiscard]] inline bool is_identifier(std::string_view name) noexcept {
  const auto fits = [](char c) { return is_letter(c) || is_digit(c) || c == '_'; };
  return !name.empty() && is_letter(name.front()) && std::all_of(name.begin(), name.end(), fits) &&
         name.find("__") == std::string_view::npos && !is_taken_name(name);
}

/// One or more identifiers joined by "::"; nothing that belongs to the standard library or to this one.
[[nodiscard]] inline bool is_namespace_name(std::string_view name) noexcept {
  std::string_view first = name.substr(0, name.find("::"));
  if (first == "std" || first == "posix" || first == "switchyard") return false;
  while (is_identifier(first)) {
    if (first.size() == name.size()) return true;
    name.remove_prefix(first.size() + 2);
    first = name.substr(0, name.find("::"));
  }
  return false;
}

/// Identifiers for names, the same for the same name in the same place and no two alike: what cannot stand in an
/// identifier becomes '_', a name that begins otherwise gets an 'n' in front, one that is taken a '_' behind.
[[nodiscard]] inline std::vector<std::string> identifiers(const std::vector<std::string>& names) {
  std::vector<std::string> result;
  for (const std::string& name : names) {
    std::string identifier = name.empty() || !is_letter(name.front()) ? "n" : "";
    for (const char c : name) {
      const bool fits = is_letter(c) || is_digit(c);
      if (fits || (!identifier.empty() && identifier.back() != '_')) identifier += fits ? c : '_';
    }
    while (is_taken_name(identifier) || std::find(result.begin(), result.end(), identifier) != result.end()) {
      identifier += identifier.back() == '_' ? 'n' : '_';
    }
    result.push_back(std::move(identifier));
  }
  return result;
}

/// A double as C++ reads it back, to the bit.
[[nodiscard]] inline std::string double_literal(double value) {
  if (std::isnan(value)) return "std::numeric_limits<double>::quiet_NaN()";
  if (std::isinf(value)) {
    return std::string(value < 0 ? "-" : "") + "std::numeric_limits<double>::infinity()";
  }
  std::string text = format_number(value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";  // a long integer would be none of C++'s
  return text;
}

/// A text as a C++ literal, whatever it holds.
[[nodiscard]] inline std::string text_literal(std::string_view text) {
  std::string literal = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x20 || code >= 0x7f || c == '"' || c == '\\' || c == '?') {
      literal += '\\';
      for (const unsigned shift : {6U, 3U, 0U}) literal += static_cast<char>('0' + ((code >> shift) & 7U));
    } else {
      literal += c;
    }
  }
  return literal += '"';
}

/// A text from a file as it may stand in a comment: one line that does not go on on the next.
[[nodiscard]] inline std::string comment_text(std::string_view text) {
  constexpr std::size_t longest = 200;
  std::string result(text.substr(0, longest));
  for (char& c : result) {
    if (c < 0x20 || c == 0x7f || c == '\\') c = '?';
  }
  return result;
}

/// "  a, b, c,\n  d" of [count] values in lines of about 120 characters.
template <class Write>
[[nodiscard]] std::string listed(std::size_t count, Write&& write) {
  constexpr std::size_t widest = 119;
  std::string text = "   ";
  std::size_t column = text.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::string value = write(i);
    if (column + value.size() + 2 > widest) {
      text += "\n   ";
      column = 3;
    }
    ((text += ' ') += value) += ',';
    column += value.size() + 2;
  }
  return text;
}

}  // namespace switchyard::detail
