#include "switchyard/data/csv.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

namespace sy = switchyard;

namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows rows_of(const std::string& text) {
  std::istringstream input(text);
  sy::CsvReader reader(input, "t.csv");
  Rows rows;
  std::vector<std::string> cells;
  while (reader.next(cells)) rows.push_back(cells);
  return rows;
}

std::string message_of(const std::string& text, sy::CsvLimits limits = {}) {
  std::istringstream input(text);
  try {
    (void)sy::read_csv(input, "t.csv", limits);
  } catch (const sy::DataError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("rows, quotes and line ends are read as RFC 4180 has them") {
  CHECK(rows_of("a,b\n1,2\n") == Rows{{"a", "b"}, {"1", "2"}});
  CHECK(rows_of("a,b\r\n1,2") == Rows{{"a", "b"}, {"1", "2"}});
  CHECK(rows_of("a,b\r1,2\r") == Rows{{"a", "b"}, {"1", "2"}});
  CHECK(rows_of("\"a,1\",\"say \"\"hi\"\"\",\"\"\n") == Rows{{"a,1", "say \"hi\"", ""}});
  CHECK(rows_of("\"two\r\nlines\",x\n") == Rows{{"two\r\nlines", "x"}});
  CHECK(rows_of(",\n,\n") == Rows{{"", ""}, {"", ""}});
  CHECK(rows_of("a,\n") == Rows{{"a", ""}});
  CHECK(rows_of(" a ,b\n") == Rows{{" a ", "b"}});
  CHECK(rows_of("#a\n") == Rows{{"#a"}});
}

TEST_CASE("a byte order mark and empty lines are skipped") {
  CHECK(rows_of("\xEF\xBB\xBF"
                "a,b\n\n\r\n1,2\n\n") == Rows{{"a", "b"}, {"1", "2"}});
  CHECK(rows_of("").empty());
  CHECK(rows_of("\xEF\xBB\xBF\n\n").empty());
  CHECK(rows_of("\"\"\n") == Rows{{""}});
}

TEST_CASE("a row knows the line it begins in, through quoted line breaks") {
  std::istringstream input("h\n\"a\nb\r\nc\"\n\nlast\n");
  sy::CsvReader reader(input, "t.csv");
  std::vector<std::string> cells;
  std::vector<std::size_t> lines;
  while (reader.next(cells)) lines.push_back(reader.line());
  CHECK(lines == std::vector<std::size_t>{1, 2, 6});
  CHECK(sy::to_string(reader.place(1)) == "t.csv:6:2");
}

TEST_CASE("what is no CSV in UTF-8 is refused with its place") {
  using Catch::Matchers::StartsWith;
  CHECK(message_of("") == "t.csv: empty; expected a header");
  CHECK_THAT(message_of("a,b\n1,\"x"), StartsWith("t.csv:2:2: the quote that begins here is never closed"));
  CHECK_THAT(message_of("a,b\n\"x\"y,1\n"), StartsWith("t.csv:2:1: text after a closing quote"));
  CHECK_THAT(message_of("a,b\n1,x\"y\n"), StartsWith("t.csv:2:2: a quote inside"));
  CHECK_THAT(message_of(std::string("a,b\n1,\0", 7)), StartsWith("t.csv:2:2: a NUL byte"));
  CHECK_THAT(message_of(std::string("\xFF\xFE"
                                    "a\0,\0",
                                    6)),
             StartsWith("t.csv:1:1: the text is UTF-16"));
  CHECK_THAT(message_of("\xFE\xFF"), StartsWith("t.csv:1:1: the text is UTF-16"));
  CHECK(message_of("a,b\n1,2\n1,2,3\n") == "t.csv:3: the row has 3 cells; expected 2");
  CHECK(message_of("a,b\n\n1\n") == "t.csv:3: the row has 1 cells; expected 2");
  CHECK(message_of("a,b,a\n") == "t.csv:1:3: a second column named a");
  CHECK(message_of("a,,b\n") == "t.csv:1:2: a column without a name");
}

TEST_CASE("cells, rows and their number are bounded, and the bound itself is allowed") {
  CHECK(message_of("abc,d\n", {.cell_bytes = 3}) == "no error");
  CHECK(message_of("abcd\n", {.cell_bytes = 3}) == "t.csv:1:1: a cell longer than 3 bytes");
  CHECK(message_of("ab,cd\n", {.row_bytes = 4}) == "no error");
  CHECK(message_of("ab,cde\n", {.row_bytes = 4}) == "t.csv:1:2: a row longer than 4 bytes");
  CHECK(message_of("a,b\n", {.cells = 2}) == "no error");
  CHECK(message_of("a,b,c\n", {.cells = 2}) == "t.csv:1:2: more than 2 cells in a row");
}

TEST_CASE("columns are found by name and read as numbers") {
  std::istringstream input("id,x\na,1.5\nb,\nc, -2e3 \nd,+7\n");
  const auto table = sy::read_csv(input, "t.csv");
  REQUIRE(table.rows() == 4);
  CHECK(table.column_index("x") == 1);
  CHECK_FALSE(table.find_column("y").has_value());
  CHECK_THROWS_WITH(table.column_index("y"), "t.csv:1: missing column y");
  CHECK(table.texts(0) == std::vector<std::string>{"a", "b", "c", "d"});
  const auto numbers = table.numbers(1);
  CHECK(numbers[0] == 1.5);
  CHECK(std::isnan(numbers[1]));
  CHECK(numbers[2] == -2000);
  CHECK(numbers[3] == 7);
}

TEST_CASE("a cell that is no finite number is refused with place, column, value and expectation") {
  for (const std::string bad : {"abc", "nan", "inf", "-Infinity", "1,5", "1e999", "0x10", "1 2"}) {
    INFO(bad);
    std::istringstream input("id,x\na,1\nb,\"" + bad + "\"\n");
    const auto table = sy::read_csv(input, "t.csv");
    CHECK_THROWS_WITH(table.numbers(1), "t.csv:3:2: x is '" + bad + "'; expected a finite number or nothing");
  }
}

TEST_CASE("what is written reads back, whatever the cells hold") {
  const Rows rows{{"plain", "with,comma", "with \"quotes\""},
                  {"two\nlines", "carriage\rreturn", ""},
                  {" blanks ", "\xC3\xA9", "#"}};
  std::ostringstream output;
  sy::CsvWriter writer(output);
  for (const auto& row : rows) writer.row(row);
  CHECK(rows_of(output.str()) == rows);

  std::ostringstream single;
  sy::CsvWriter(single).row(std::vector<std::string>{""});
  CHECK(rows_of(single.str()) == Rows{{""}});
}

TEST_CASE("only cells that need quotes get them, and numbers are the shortest that read back") {
  std::ostringstream output;
  sy::CsvWriter writer(output);
  writer.cell("a b").cell("c,d").cell(0.1).cell(std::numeric_limits<double>::quiet_NaN()).end_row();
  CHECK(output.str() == "a b,\"c,d\",0.1,\n");
}

TEST_CASE("a file that cannot be opened or is a folder is a file error") {
  CHECK_THROWS_AS(sy::read_csv("no/such/file.csv"), sy::FileError);
  CHECK_THROWS_AS(sy::read_csv("."), sy::FileError);
}
