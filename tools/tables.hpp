#pragma once

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace switchyard::tools {

/// A table for people, two blanks between columns. Columns of text are left-aligned, columns of figures right-aligned.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> header) { rows_.push_back(std::move(header)); }

  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  void print(std::ostream& output, const std::string& indent = "  ") const {
    std::vector<std::size_t> widths;
    std::vector<bool> text;
    for (const auto& row : rows_) {
      widths.resize(std::max(widths.size(), row.size()));
      text.resize(widths.size());
      for (std::size_t i = 0; i < row.size(); ++i) {
        widths[i] = std::max(widths[i], row[i].size());
        const bool is_header = &row == &rows_.front();
        if (!is_header && !row[i].empty() && is_text(row[i])) text[i] = true;
      }
    }
    for (const auto& row : rows_) {
      std::string line = indent;
      for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string padding(widths[i] - row[i].size(), ' ');
        if (i > 0) line.append("  ");
        line.append(text[i] ? row[i] : padding).append(text[i] ? padding : row[i]);
      }
      line.erase(line.find_last_not_of(' ') + 1);
      output << line << '\n';
    }
  }

 private:
  [[nodiscard]] static bool is_text(const std::string& cell) noexcept {
    const char first = cell.front();
    return cell != "nan" && ((first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') || first == '/');
  }

  std::vector<std::vector<std::string>> rows_;
};

}  // namespace switchyard::tools
