#include "switchyard/pipeline/features.hpp"

#include <catch2/catch.hpp>

#include <cmath>

namespace sy = switchyard;

TEST_CASE("the 14 features, worked by hand") {
  // Saturday, 22 November 2025, 19:53:55 UTC
  const sy::Request request{.workload = sy::Workload::medium_processing,
                            .payload_kb = 2048,
                            .sent_at_ms = 1763841235035.0,
                            .time_window = sy::TimeWindow::late_night,
                            .load_pattern = sy::LoadPattern::ramp_load};
  const auto features = sy::requirement_features(request, sy::default_catalogue());
  const sy::RequirementFeatures expected = {
      2, 2048, 19, 4, 1, 3, 512, 4194304, std::log(2049.0), 2048 * 2, 2048 * 19, 2048 * 4, 2 * 4, 2048 * 3};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO(sy::requirement_feature_names[i]);
    CHECK(features[i] == Approx(expected[i]).epsilon(1e-15));
  }
}

TEST_CASE("what is unknown is missing, in its products too") {
  const auto features = sy::requirement_features({.workload = sy::Workload::thumbnail_processing, .payload_kb = 500},
                                                 sy::default_catalogue());
  const bool missing[] = {false, false, true, true, true, false, false, false, false, false, true, true, true, false};
  for (std::size_t i = 0; i < features.size(); ++i) {
    INFO(sy::requirement_feature_names[i]);
    CHECK(std::isnan(features[i]) == missing[i]);
  }
  CHECK(features[5] == 4);  // no pattern is the code for unknown
}

TEST_CASE("hours, weekends and windows follow the catalogue's zone") {
  auto catalogue = sy::default_catalogue();
  const sy::Request request{.payload_kb = 1, .sent_at_ms = *sy::parse_utc_ms("2025-11-23T19:30:00Z")};  // a Sunday
  CHECK(sy::requirement_features(request, catalogue)[2] == 19);
  CHECK(sy::requirement_features(request, catalogue)[3] == 3);  // evening
  CHECK(sy::requirement_features(request, catalogue)[4] == 1);
  catalogue.zone_offset_minutes = 330;  // Monday 01:00
  CHECK(sy::requirement_features(request, catalogue)[2] == 1);
  CHECK(sy::requirement_features(request, catalogue)[3] == 5);  // no window has hour 1
  CHECK(sy::requirement_features(request, catalogue)[4] == 0);
}

TEST_CASE("an unknown workload has no code and no memory limit") {
  const auto features =
      sy::requirement_features({.workload = sy::Workload{9}, .payload_kb = 1}, sy::default_catalogue());
  CHECK(std::isnan(features[0]));
  CHECK(std::isnan(features[6]));
}
