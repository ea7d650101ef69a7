#include "switchyard/cloud/catalogue.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <string_view>

namespace sy = switchyard;

TEST_CASE("Hours belong to the requirements' windows") {
  constexpr std::array<std::string_view, 24> windows = {
      "late_night",   "other",        "early_morning", "early_morning", "other",  "other",  "other",      "other",
      "morning_peak", "morning_peak", "other",         "other",         "midday", "midday", "other",      "other",
      "other",        "other",        "evening",       "evening",       "other",  "other",  "late_night", "late_night"};
  const auto catalogue = sy::default_catalogue();
  for (int hour = 0; hour < 24; ++hour) {
    CHECK(catalogue.name(catalogue.window_of_hour(hour)) == windows[static_cast<std::size_t>(hour)]);
  }
}

TEST_CASE("Names and codes are those of the default catalogue") {
  const auto catalogue = sy::default_catalogue();
  CHECK(catalogue.find_workload("medium_processing") == sy::Workload::medium_processing);
  CHECK_FALSE(catalogue.find_workload("medium").has_value());
  CHECK(catalogue.window_named("evening") == sy::TimeWindow::evening);
  CHECK(catalogue.window_named("noon") == sy::TimeWindow::other);
  CHECK(catalogue.pattern_named("ramp_load") == sy::LoadPattern::ramp_load);
  CHECK(catalogue.pattern_named("storm") == sy::LoadPattern::unknown);
  CHECK(catalogue.name(sy::TimeWindow::other) == "other");
  CHECK(catalogue.name(sy::LoadPattern::unknown) == "unknown");
}

TEST_CASE("Sizes within half a percent snap to the catalogue's") {
  const auto catalogue = sy::default_catalogue();
  CHECK(catalogue.snapped_size_kb(sy::Workload::heavy_processing, 3079.701171875) == 3072);  // as logged
  CHECK(catalogue.snapped_size_kb(sy::Workload::thumbnail_processing, 200.25) == 200);
  CHECK(catalogue.snapped_size_kb(sy::Workload::thumbnail_processing, 202) == 202);
  CHECK(catalogue.snapped_size_kb(sy::Workload::lightweight_api, 3072) == 3072);
}

TEST_CASE("Local time follows the catalogue's zone") {
  auto catalogue = sy::default_catalogue();
  catalogue.zone_offset_minutes = 330;
  const auto time = catalogue.local_time(1'763'840'139'272);  // 2025-11-22T19:35:39.272Z, a Saturday
  CHECK(time.day == 23);
  CHECK(time.hour == 1);
  CHECK(time.minute == 5);
  CHECK(time.weekday == 0);
}
