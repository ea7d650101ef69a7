#include "switchyard/core/utc.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace sy = switchyard;

TEST_CASE("ISO 8601 times are read as UTC milliseconds") {
  CHECK(sy::parse_utc_ms("1970-01-01T00:00:00Z") == 0.0);
  CHECK(sy::parse_utc_ms("2025-11-22T19:53:55.035Z") == 1763841235035.0);
  CHECK(*sy::parse_utc_ms("2025-11-22T19:53:55.035123") == Approx(1763841235035.123).epsilon(1e-15));
  CHECK(sy::parse_utc_ms("2025-11-23T01:23:55.035+05:30") == 1763841235035.0);
  CHECK(sy::parse_utc_ms("2025-11-22 19:53:55") == 1763841235000.0);
  CHECK(sy::parse_utc_ms("1969-12-31T23:59:59.500Z") == -500.0);
}

TEST_CASE("what is not a time is refused") {
  for (const char* text :
       {"", "2025", "2025-13-01T00:00:00Z", "2025-02-30T00:00:00Z", "2025-11-22T24:00:00Z", "2025-11-22T19:53:55.Z",
        "2025-11-22T19:53:55.0Zjunk", "2025-11-22T19:53:55 Europe/Dublin"}) {
    INFO(text);
    CHECK_FALSE(sy::parse_utc_ms(text).has_value());
  }
}

TEST_CASE("times are written as they are read") {
  CHECK(sy::format_utc(1763841235035.0) == "2025-11-22T19:53:55.035Z");
  CHECK(sy::format_utc(-500.0) == "1969-12-31T23:59:59.500Z");
  CHECK(sy::format_utc(999.6) == "1970-01-01T00:00:01.000Z");
  CHECK(sy::format_utc(253402300799999.0) == "9999-12-31T23:59:59.999Z");
  CHECK(sy::format_utc(253402300800000.0) == "10000-01-01T00:00:00.000Z");
  constexpr double year_one_ms = -62135596800000;
  constexpr double odd_step_ms = 31556952.0 * 1000 * 7 + 86399013;  // about seven years, at ever another time of day
  for (double time_ms = year_one_ms; time_ms < 253402300800000; time_ms += odd_step_ms) {
    const std::string text = sy::format_utc(time_ms);
    INFO(text);
    CHECK(text.size() == 24);
    CHECK(sy::parse_utc_ms(text) == time_ms);
  }
}

TEST_CASE("civil fields follow the zone") {
  const auto utc = sy::civil_time(1763841235035);
  CHECK(utc.hour == 19);
  CHECK(utc.weekday == 6);
  const auto kolkata = sy::civil_time(1763841235035, 330);
  CHECK(kolkata.hour == 1);
  CHECK(kolkata.day == 23);
  CHECK(kolkata.weekday == 0);
}

TEST_CASE("zone offsets") {
  CHECK(sy::parse_zone_offset("Z") == 0);
  CHECK(sy::parse_zone_offset("+05:30") == 330);
  CHECK(sy::parse_zone_offset("-0800") == -480);
  CHECK_FALSE(sy::parse_zone_offset("Asia/Kolkata").has_value());
  CHECK_FALSE(sy::parse_zone_offset("+5").has_value());
}
