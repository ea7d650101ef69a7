#pragma once

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace architecture {

/// One source file as the rules see it.
struct SourceFile {
  std::string path;                // from the root of the tree: "core/types.hpp"
  std::vector<std::string> lines;  // as written
  std::vector<std::string> code;   // the same lines without comments and without what stands between quotes

  /// The folder below the root, "" for a file that lies in none.
  [[nodiscard]] std::string folder() const {
    const auto slash = path.find('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash);
  }

  /// What the lines `#include <...>` (opening '<') or `#include "..."` name, in their order.
  [[nodiscard]] std::vector<std::string> includes(char opening) const {
    std::vector<std::string> result;
    const std::string start = std::string("#include ") + opening;
    for (const auto& line : lines) {
      if (line.rfind(start, 0) != 0) continue;
      const auto end = line.find(opening == '<' ? '>' : '"', start.size());
      result.push_back(line.substr(start.size(), end - start.size()));
    }
    return result;
  }

  /// The project's own headers this one includes, as paths below include/switchyard.
  [[nodiscard]] std::vector<std::string> own_includes() const {
    static constexpr std::string_view prefix = "switchyard/";
    std::vector<std::string> result;
    for (const auto& name : includes('"')) {
      result.push_back(name.rfind(prefix, 0) == 0 ? name.substr(prefix.size()) : name);
    }
    return result;
  }
};

/// `text` by lines, comments and the content of string and character literals left out. Raw strings lose only what an
/// ordinary literal would; the rules' words do not occur in ours.
[[nodiscard]] inline std::vector<std::string> code_lines(const std::vector<std::string>& lines) {
  std::vector<std::string> result;
  bool in_block = false;
  for (const auto& line : lines) {
    std::string code;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (in_block) {
        if (line.compare(i, 2, "*/") == 0) in_block = false, ++i;
      } else if (line.compare(i, 2, "//") == 0) {
        break;
      } else if (line.compare(i, 2, "/*") == 0) {
        in_block = true;
        ++i;
      } else if (line[i] == '"' ||
                 (line[i] == '\'' && (i == 0 || std::isalnum(static_cast<unsigned char>(line[i - 1])) == 0))) {
        const char quote = line[i];
        code += quote;
        for (++i; i < line.size() && line[i] != quote; ++i) {
          if (line[i] == '\\') ++i;
        }
        code += quote;
      } else {
        code += line[i];
      }
    }
    result.push_back(code);
  }
  return result;
}

[[nodiscard]] inline SourceFile source_file(std::string path, std::string_view text) {
  SourceFile file{std::move(path), {}, {}};
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    file.lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  file.code = code_lines(file.lines);
  return file;
}

/// Every .hpp and .cpp below `root`, by path.
[[nodiscard]] inline std::vector<SourceFile> read_tree(const std::filesystem::path& root) {
  std::vector<SourceFile> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const auto extension = entry.path().extension();
    if (!entry.is_regular_file() || (extension != ".hpp" && extension != ".cpp")) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    files.push_back(source_file(entry.path().lexically_relative(root).generic_string(), text));
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return files;
}

}  // namespace architecture
