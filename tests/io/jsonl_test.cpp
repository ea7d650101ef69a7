#include "switchyard/io/jsonl.hpp"

#include <catch2/catch.hpp>

#include <sstream>
#include <string>
#include <vector>

namespace sy = switchyard;

namespace {

struct Seen {
  std::string text;
  std::size_t number;
  bool too_long;
  bool complete;
};

std::vector<Seen> lines_of(const std::string& content, std::size_t limit = 1000) {
  std::istringstream input(content);
  std::vector<Seen> seen;
  sy::for_each_line(
      input,
      [&](const sy::Line& line) {
        seen.push_back({std::string(line.text), line.number, line.too_long, line.complete});
      },
      limit);
  return seen;
}

}  // namespace

TEST_CASE("lines keep their numbers past blank ones") {
  const auto seen = lines_of("a\n\n  \nb\n");
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].text == "a");
  CHECK(seen[1].text == "b");
  CHECK(seen[1].number == 4);
  CHECK(seen[1].complete);
}

TEST_CASE("CRLF and a byte order mark are not part of a line") {
  const auto seen = lines_of("\xEF\xBB\xBF{}\r\n{\"a\":1}\r\n");
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].text == "{}");
  CHECK(seen[1].text == "{\"a\":1}");
}

TEST_CASE("a last line without its end may be torn") {
  const auto seen = lines_of("{}\n{\"a\":");
  REQUIRE(seen.size() == 2);
  CHECK_FALSE(seen[1].complete);
}

TEST_CASE("an overlong line is told of once and skipped to its end") {
  const auto seen = lines_of("a\n" + std::string(5000, 'x') + "\nb\n", 100);
  REQUIRE(seen.size() == 3);
  CHECK(seen[1].too_long);
  CHECK(seen[1].text.size() == 100);
  CHECK(seen[2].text == "b");
  CHECK(seen[2].number == 3);
  CHECK_FALSE(seen[2].too_long);
}

TEST_CASE("lines longer than a read are put together") {
  const std::string large(600'000, 'y');
  const auto seen = lines_of("a\n" + large + "\n" + large + "\nb", 1'000'000);
  REQUIRE(seen.size() == 4);
  CHECK(seen[1].text == large);
  CHECK(seen[2].text == large);
  CHECK(seen[3].text == "b");
}

TEST_CASE("an empty stream has no lines") {
  CHECK(lines_of("").empty());
  CHECK(lines_of("\n\n").empty());
}
