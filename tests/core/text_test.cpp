#include "switchyard/core/text.hpp"
#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <bit>
#include <clocale>
#include <cmath>
#include <limits>
#include <string>

namespace sy = switchyard;

TEST_CASE("blanks around text are trimmed") {
  CHECK(sy::trimmed(" \t a b\r\n") == "a b");
  CHECK(sy::trimmed(" \n").empty());
  CHECK(sy::trimmed("").empty());
}

TEST_CASE("numbers are read whole or not at all") {
  CHECK(sy::parse_number("1.5") == 1.5);
  CHECK(sy::parse_number(" -2e-3 ") == -0.002);
  CHECK(sy::parse_number("+7") == 7);
  CHECK(sy::parse_number(".5") == 0.5);
  CHECK(std::isnan(sy::parse_number("nan").value()));
  for (const char* text : {"", " ", "+", "-", "+-1", "++1", "1,5", "1.5x", "0x10", "1e999", "1 2", "one"}) {
    INFO(text);
    CHECK_FALSE(sy::parse_number(text).has_value());
  }
}

TEST_CASE("integers are read whole or not at all") {
  CHECK(sy::parse_integer("-42") == -42);
  CHECK(sy::parse_integer("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  for (const char* text : {"", "1.0", "9223372036854775808", "1e3", "x"}) {
    INFO(text);
    CHECK_FALSE(sy::parse_integer(text).has_value());
  }
}

TEST_CASE("numbers are written so that they read back to the same bits") {
  sy::Rng rng(1);
  for (int i = 0; i < 20'000; ++i) {
    const auto value = std::bit_cast<double>(rng.next());
    if (!std::isfinite(value)) continue;
    const auto back = sy::parse_number(sy::format_number(value));
    REQUIRE(back.has_value());
    REQUIRE(std::bit_cast<std::uint64_t>(*back) == std::bit_cast<std::uint64_t>(value));
  }
  CHECK(sy::format_number(0.1) == "0.1");
  CHECK(sy::format_number(1e21) == "1e+21");
  CHECK(sy::format_number(std::numeric_limits<double>::quiet_NaN()).empty());
}

TEST_CASE("fixed numbers are rounded and never overflow their buffer") {
  CHECK(sy::format_fixed(0.125, 2) == "0.12");  // a tie goes to the even digit
  CHECK(sy::format_fixed(-1.005e3, 1) == "-1005.0");
  CHECK(sy::format_fixed(std::numeric_limits<double>::quiet_NaN(), 3) == "nan");
  CHECK(sy::format_fixed(-std::numeric_limits<double>::infinity(), 3) == "-inf");
  CHECK(sy::format_fixed(std::numeric_limits<double>::max(), 20).size() == 309 + 1 + 20);
}

TEST_CASE("counts are grouped by thousands") {
  CHECK(sy::format_count(0) == "0");
  CHECK(sy::format_count(999) == "999");
  CHECK(sy::format_count(52454) == "52,454");
  CHECK(sy::format_count(-1234567) == "-1,234,567");
}

TEST_CASE("the locale changes nothing") {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  bool tried = false;
  for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8"}) tried = tried || std::setlocale(LC_ALL, name);
  CHECK(sy::parse_number("1.5") == 1.5);
  CHECK_FALSE(sy::parse_number("1,5").has_value());
  CHECK(sy::format_number(1.5) == "1.5");
  CHECK(sy::format_fixed(1.5, 1) == "1.5");
  std::setlocale(LC_ALL, before.c_str());
  if (!tried) WARN("no locale with a decimal comma is installed");
}
