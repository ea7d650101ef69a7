#pragma once

#include "architecture/text_rules.hpp"

#include <cstddef>
#include <regex>
#include <string>
#include <vector>

namespace architecture {

/// A function's body, by the lines of its braces (from 0).
struct FunctionBody {
  std::size_t first = 0;
  std::size_t last = 0;

  [[nodiscard]] std::size_t lines() const { return last - first + 1; }
};

/// The outermost function bodies of a file: a brace opens one if what stands before it, back to the last ; { or },
/// has a parenthesis and is neither a namespace, a class nor a concept. Lambdas count with the function around them.
[[nodiscard]] inline std::vector<FunctionBody> function_bodies(const SourceFile& file) {
  static const std::regex scope(R"(\b(namespace|concept)\b|^\s*(template\s*<.*>\s*)?(class|struct|enum|union)\b)");
  std::vector<FunctionBody> bodies;
  std::vector<bool> opened_function;
  std::string before;
  std::size_t inside = 0;
  for (std::size_t i = 0; i < file.code.size(); ++i) {
    if (file.code[i].rfind('#', 0) == 0) continue;
    for (const char c : file.code[i]) {
      if (c == '{') {
        const bool function = inside == 0 && before.find('(') != std::string::npos && !std::regex_search(before, scope);
        opened_function.push_back(function);
        if (function) bodies.push_back({i, i});
        if (function || inside > 0) ++inside;
      } else if (c == '}' && !opened_function.empty()) {
        if (inside > 0) --inside;
        if (opened_function.back()) bodies.back().last = i;
        opened_function.pop_back();
      }
      before = c == ';' || c == '{' || c == '}' ? std::string() : before + c;
    }
    before += ' ';
  }
  return bodies;
}

/// Functions of at most 60 lines.
[[nodiscard]] inline Violations function_violations(const std::vector<SourceFile>& files) {
  static constexpr std::size_t most_lines = 60;
  Violations found;
  for (const auto& file : files) {
    for (const auto& body : function_bodies(file)) {
      if (body.lines() > most_lines) {
        found.push_back(detail::place(file, body.first) + "a function of " + std::to_string(body.lines()) + " lines");
      }
    }
  }
  return found;
}

}  // namespace architecture
