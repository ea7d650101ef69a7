#pragma once

#include "architecture/include_rules.hpp"

#include <regex>
#include <string>
#include <vector>

namespace architecture {

/// One thing the library must not do, by how it looks in the code.
struct Forbidden {
  const char* what;
  const char* pattern;
};

/// Time, randomness, places and words come in as arguments and go out as results and exceptions.
[[nodiscard]] inline const std::vector<Forbidden>& forbidden_in_library() {
  static const std::vector<Forbidden> list = {
      {"prints", R"(std::(cout|cerr|clog|print|println)\b|\b(printf|fprintf|vprintf|puts|fputs|putchar|perror)\()"},
      {"prints", R"(#include <(iostream|syncstream)>)"},
      {"ends the process", R"(\b(exit|_Exit|quick_exit|abort|terminate)\(|\bassert\()"},
      {"reads a clock", R"(\b(system|steady|high_resolution|utc|file)_clock\b|\b(clock_gettime|gettimeofday)\()"},
      {"reads a clock", R"(\bstd::(time|clock)\(|\btime\((nullptr|NULL|0|&))"},
      {"reads the environment", R"(\b(secure_)?getenv\()"},
      {"depends on the locale", R"(\bsetlocale\(|\blocaleconv\(|std::locale\b|\b\w*stringstream\b)"},
      {"depends on the locale", R"(\b(ato[fil]|atoll|strto[dflu]\w*|sto[dfl]|stold|sscanf)\()"},
      {"has hidden randomness", R"(\brandom_device\b|\bs?rand\(|\bdefault_random_engine\b|std::\w+_distribution\b)"},
      {"has a global", R"(^\s*(inline|static|extern)?\s*thread_local\b)"},
      {"has a global", R"(^(inline|static|extern) (?!const|namespace|auto operator)[\w:<>, *&]+ \w+( = .*|\{.*)?;)"},
      {"runs another program", R"(\b(system|popen|fork|execv\w*)\()"},
  };
  return list;
}

namespace detail {

[[nodiscard]] inline std::string place(const SourceFile& file, std::size_t line) {
  return file.path + ":" + std::to_string(line + 1) + " ";
}

}  // namespace detail

[[nodiscard]] inline Violations purity_violations(const std::vector<SourceFile>& headers) {
  Violations found;
  for (const auto& [what, pattern] : forbidden_in_library()) {
    const std::regex regex(pattern);
    for (const auto& header : headers) {
      for (std::size_t i = 0; i < header.code.size(); ++i) {
        if (std::regex_search(header.code[i], regex))
          found.push_back(detail::place(header, i) + what + ": " + header.code[i]);
      }
    }
  }
  // A %g in a format is written with the locale's decimal point. It stands between quotes, so the full line counts.
  const std::regex float_format(R"re(printf\(.*%[-+ #0-9.*]*[aefgAEFG])re");
  for (const auto& header : headers) {
    for (std::size_t i = 0; i < header.lines.size(); ++i) {
      const bool prints = header.code[i].find("printf(") != std::string::npos;
      if (prints && std::regex_search(header.lines[i], float_format)) {
        found.push_back(detail::place(header, i) + "depends on the locale: " + header.lines[i]);
      }
    }
  }
  return found;
}

/// Files of at most 500 lines, opened by `#pragma once` where they are headers, without rulers and promises.
[[nodiscard]] inline Violations shape_violations(const std::vector<SourceFile>& files) {
  static constexpr std::size_t most_lines = 500;
  const std::regex ruler(R"(^\s*//\s*[-=*#~]{3,})");
  const std::regex promise(R"(\b(TODO|FIXME|XXX|HACK)\b)");
  Violations found;
  for (const auto& file : files) {
    const bool is_header = file.path.size() > 4 && file.path.compare(file.path.size() - 4, 4, ".hpp") == 0;
    if (is_header && (file.lines.empty() || file.lines.front() != "#pragma once")) {
      found.push_back(file.path + " does not begin with #pragma once");
    }
    if (file.lines.size() > most_lines) {
      found.push_back(file.path + " has " + std::to_string(file.lines.size()) + " lines");
    }
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      if (std::regex_search(file.lines[i], ruler)) found.push_back(detail::place(file, i) + "draws a ruler");
      if (std::regex_search(file.lines[i], promise))
        found.push_back(detail::place(file, i) + "promises: " + file.lines[i]);
    }
  }
  return found;
}

}  // namespace architecture
