#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/data/csv_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <istream>
#include <limits>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard {

/// A table of text with a header, every row as wide as the header. Cells lie in one block, so that a million rows cost
/// little more than their bytes.
class CsvTable {
 public:
  /// Throws DataError for an empty header or a name that is empty or occurs twice.
  explicit CsvTable(std::vector<std::string> header, std::string name = "table", std::size_t header_line = 1)
      : header_(std::move(header)), name_(std::move(name)), header_line_(header_line) {
    if (header_.empty()) throw DataError({name_}, "no header");
    for (std::size_t i = 0; i < header_.size(); ++i) {
      if (header_[i].empty()) throw DataError(header_place(i), "a column without a name");
      if (*find_column(header_[i]) != i) throw DataError(header_place(i), "a second column named " + header_[i]);
    }
  }

  /// `line`: where the row stands in its file. Throws DataError if it is not as wide as the header.
  void append(std::span<const std::string> cells, std::size_t line = 0) {
    if (cells.size() != header_.size()) {
      throw DataError({name_, line}, "the row has " + std::to_string(cells.size()) + " cells; expected " +
                                         std::to_string(header_.size()));
    }
    for (const auto& cell : cells) {
      text_ += cell;
      ends_.push_back(text_.size());
    }
    lines_.push_back(line);
  }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::vector<std::string>& header() const noexcept { return header_; }
  [[nodiscard]] std::size_t columns() const noexcept { return header_.size(); }
  [[nodiscard]] std::size_t rows() const noexcept { return lines_.size(); }

  /// Valid until the next append.
  [[nodiscard]] std::string_view cell(std::size_t row, std::size_t column) const {
    const std::size_t index = row * header_.size() + column;
    const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
    return std::string_view(text_).substr(begin, ends_[index] - begin);
  }

  [[nodiscard]] std::optional<std::size_t> find_column(std::string_view column) const noexcept {
    for (std::size_t i = 0; i < header_.size(); ++i) {
      if (header_[i] == column) return i;
    }
    return std::nullopt;
  }

  /// Throws DataError if there is no such column.
  [[nodiscard]] std::size_t column_index(std::string_view column) const {
    if (const auto found = find_column(column)) return *found;
    throw DataError({name_, header_line_}, "missing column " + std::string(column));
  }

  [[nodiscard]] Place place(std::size_t row, std::size_t column) const { return {name_, lines_[row], column + 1}; }
  [[nodiscard]] Place header_place(std::size_t column) const { return {name_, header_line_, column + 1}; }

  /// A cell as a number, an empty one as NaN. Throws DataError for anything else, "nan" and "inf" included.
  [[nodiscard]] double number(std::size_t row, std::size_t column) const {
    const std::string_view text = trimmed(cell(row, column));
    if (text.empty()) return std::numeric_limits<double>::quiet_NaN();
    const auto value = parse_number(text);
    if (!value || !std::isfinite(*value)) {
      throw DataError::bad_value(place(row, column), header_[column], text, "a finite number or nothing");
    }
    return *value;
  }

  /// A column as numbers; see number(). [rows]
  [[nodiscard]] std::vector<double> numbers(std::size_t column) const {
    std::vector<double> result(rows());
    for (std::size_t row = 0; row < rows(); ++row) result[row] = number(row, column);
    return result;
  }

  /// A column as text. [rows]
  [[nodiscard]] std::vector<std::string> texts(std::size_t column) const {
    std::vector<std::string> result;
    result.reserve(rows());
    for (std::size_t row = 0; row < rows(); ++row) result.emplace_back(cell(row, column));
    return result;
  }

 private:
  std::vector<std::string> header_;
  std::string name_;
  std::size_t header_line_;
  std::string text_;                // all cells, row after row
  std::vector<std::size_t> ends_;   // [rows x columns]; where each cell ends in text_
  std::vector<std::size_t> lines_;  // [rows]
};

/// Reads a whole table whose first row is the header. Throws DataError if the input is empty, ragged or no CSV.
[[nodiscard]] inline CsvTable read_csv(std::istream& input, const std::string& name = "input", CsvLimits limits = {}) {
  CsvReader reader(input, name, limits);
  std::vector<std::string> cells;
  if (!reader.next(cells)) throw DataError({name}, "empty; expected a header");
  CsvTable table(cells, name, reader.line());
  while (reader.next(cells)) table.append(cells, reader.line());
  return table;
}

/// As above, from a file. Throws FileError if it cannot be opened or read.
[[nodiscard]] inline CsvTable read_csv(const std::string& path, CsvLimits limits = {}) {
  if (std::filesystem::is_directory(path)) throw FileError::cannot_open(path, "it is a folder; expected a CSV file");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw FileError::cannot_open(path, std::strerror(errno));
  return read_csv(file, path, limits);
}

/// Writes rows as RFC 4180 has them, with LF and quotes only where a cell needs them.
class CsvWriter {
 public:
  /// `output` outlives the writer. Check the stream for failure when done.
  explicit CsvWriter(std::ostream& output) : output_(output) {}

  void row(std::span<const std::string> cells) {
    for (const auto& cell : cells) this->cell(cell);
    end_row();
  }

  /// The next cell of the current row.
  CsvWriter& cell(std::string_view text) {
    begin_cell();
    const auto is_special = [](char c) { return c == ',' || c == '"' || c == '\r' || c == '\n'; };
    if (std::none_of(text.begin(), text.end(), is_special)) {
      line_ += text;
      return *this;
    }
    line_ += '"';
    for (const char c : text) {
      if (c == '"') line_ += '"';
      line_ += c;
    }
    line_ += '"';
    return *this;
  }

  /// The shortest text that reads back to the same number; NaN is an empty cell.
  CsvWriter& cell(double value) {
    begin_cell();
    append_number(line_, value);
    return *this;
  }

  void end_row() {
    if (cells_ == 1 && line_.empty()) line_ = "\"\"";  // a bare empty line would be skipped by readers
    line_ += '\n';
    output_.write(line_.data(), static_cast<std::streamsize>(line_.size()));
    line_.clear();
    cells_ = 0;
  }

 private:
  void begin_cell() {
    if (cells_++ > 0) line_ += ',';
  }

  std::ostream& output_;
  std::string line_;
  std::size_t cells_ = 0;
};

}  // namespace switchyard
