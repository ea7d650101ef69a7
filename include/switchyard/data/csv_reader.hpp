#pragma once

#include "switchyard/core/error.hpp"

#include <cstddef>
#include <ios>
#include <istream>
#include <streambuf>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

/// What a table may at most hold, so that a hostile or wrong file fails early instead of filling the memory.
struct CsvLimits {
  std::size_t cell_bytes = std::size_t{1} << 20U;  // >= 1
  std::size_t row_bytes = std::size_t{16} << 20U;  // >= 1
  std::size_t cells = 10'000;                      // >= 1; per row
};

/// Reads comma-separated values row by row, as RFC 4180 has them: quoted cells may hold commas, line breaks and doubled
/// quotes; lines end in LF, CRLF or CR; a UTF-8 byte order mark is skipped, and so are lines without a single byte.
/// Places count cells, not bytes: `t.csv:7:3` is the third cell of the row that begins in line 7.
class CsvReader {
 public:
  /// `input` outlives the reader; `name` stands in errors.
  explicit CsvReader(std::istream& input, std::string name = "input", CsvLimits limits = {})
      : input_(input), name_(std::move(name)), limits_(limits) {}

  /// Reads the next row into `cells` (whose memory is reused); false at the end of the input. Throws DataError where
  /// the text is no CSV in UTF-8 or exceeds the limits, FileError if reading fails.
  bool next(std::vector<std::string>& cells) {
    if (physical_line_ == 1 && !started_) skip_byte_order_mark();
    while (peek() == '\n' || peek() == '\r') (void)take_line_end();
    if (peek() == end_of_input) {
      cells.clear();
      return false;
    }
    line_ = physical_line_;
    row_bytes_ = 0;
    std::size_t count = 0;
    do {
      if (count == limits_.cells) fail("more than " + std::to_string(limits_.cells) + " cells in a row");
      if (count == cells.size()) cells.emplace_back();
      cells[count].clear();
      cell_ = ++count;
      read_cell(cells[count - 1]);
    } while (take(','));
    cells.resize(count);
    if (peek() != end_of_input && !take_line_end()) fail("text after a closing quote");
    return true;
  }

  /// The line in which the row last read begins, from 1.
  [[nodiscard]] std::size_t line() const noexcept { return line_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// The place of cell `index` (from 0) of the row last read.
  [[nodiscard]] Place place(std::size_t index) const { return {name_, line_, index + 1}; }

 private:
  static constexpr int end_of_input = std::streambuf::traits_type::eof();

  [[noreturn]] void fail(const std::string& message) const { throw DataError({name_, line_, cell_}, message); }

  [[nodiscard]] int peek() {
    try {
      return input_.rdbuf()->sgetc();
    } catch (const std::ios_base::failure& failure) {  // a folder opens, but does not read
      throw FileError::cannot_open(name_, failure.what());
    }
  }

  void drop() { (void)input_.rdbuf()->sbumpc(); }

  [[nodiscard]] bool take(char expected) {
    if (peek() != expected) return false;
    drop();
    return true;
  }

  [[nodiscard]] bool take_line_end() {
    const bool carriage_return = take('\r');
    const bool line_feed = take('\n');
    if (carriage_return || line_feed) ++physical_line_;
    return carriage_return || line_feed;
  }

  void skip_byte_order_mark() {
    started_ = true;
    line_ = 1;
    cell_ = 1;
    const int first = peek();
    if (first == 0xFF || first == 0xFE) fail("the text is UTF-16; expected UTF-8");
    if (first != 0xEF) return;
    for (const int expected : {0xEF, 0xBB, 0xBF}) {
      if (peek() != expected) fail("the text begins with half a byte order mark; expected UTF-8");
      drop();
    }
  }

  void read_cell(std::string& cell) {
    if (take('"')) {
      read_quoted(cell);
      return;
    }
    for (int c = peek(); c != ',' && c != '\n' && c != '\r' && c != end_of_input; c = peek()) {
      if (c == '"') fail("a quote inside a cell that does not begin with one");
      append(cell, c);
    }
  }

  void read_quoted(std::string& cell) {
    while (true) {
      const int c = peek();
      if (c == end_of_input) fail("the quote that begins here is never closed");
      if (c == '"') {
        drop();
        if (peek() != '"') return;
      } else if (c == '\n') {
        ++physical_line_;
      }
      append(cell, c);
    }
  }

  void append(std::string& cell, int c) {
    if (c == 0) fail("a NUL byte; expected text in UTF-8");
    if (cell.size() == limits_.cell_bytes) fail("a cell longer than " + std::to_string(limits_.cell_bytes) + " bytes");
    if (++row_bytes_ > limits_.row_bytes) fail("a row longer than " + std::to_string(limits_.row_bytes) + " bytes");
    cell.push_back(static_cast<char>(c));
    drop();
  }

  std::istream& input_;
  std::string name_;
  CsvLimits limits_;
  std::size_t physical_line_ = 1;
  std::size_t line_ = 0;
  std::size_t cell_ = 0;
  std::size_t row_bytes_ = 0;
  bool started_ = false;
};

}  // namespace switchyard
