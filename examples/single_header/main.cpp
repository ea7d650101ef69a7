// Learns from a handful of measurements which platform is the better one, and decides about three requests.
// Needs one header of this library: single_include/switchyard/switchyard.hpp.
#include <switchyard/switchyard.hpp>

#include <iostream>

namespace sy = switchyard;

namespace {

// What a measurement would tell: here, that Lambda is the better platform for payloads below 1 MB, except in a burst.
bool lambda_was_better(const sy::Request& request) {
  return request.payload_kb < 1024 && request.load_pattern != sy::LoadPattern::burst_load;
}

// 4 workloads x 5 sizes x 4 load patterns x 24 hours. Features come from the request alone: there is no way to let a
// measured latency or cost slip in.
sy::Dataset measurements(const sy::Catalogue& catalogue) {
  constexpr double midnight_ms = 1763942400000;  // Monday, 24 November 2025, UTC
  constexpr double hour_ms = 3'600'000;
  sy::Dataset data;
  data.feature_names = sy::requirement_feature_columns();
  data.features.resize(4 * 5 * 4 * 24, static_cast<sy::Index>(data.feature_names.size()));
  sy::Index row = 0;
  for (int workload = 0; workload < 4; ++workload) {
    for (const double size_kb : {1.0, 50.0, 500.0, 2048.0, 5120.0}) {
      for (int pattern = 0; pattern < 4; ++pattern) {
        for (int hour = 0; hour < 24; ++hour) {
          const sy::Request request{.workload = static_cast<sy::Workload>(workload),
                                    .payload_kb = size_kb,
                                    .sent_at_ms = midnight_ms + hour * hour_ms,
                                    .load_pattern = static_cast<sy::LoadPattern>(pattern)};
          const auto features = sy::requirement_features(request, catalogue);
          for (std::size_t i = 0; i < features.size(); ++i) data.features(row, static_cast<sy::Index>(i)) = features[i];
          data.labels.push_back(lambda_was_better(request) ? 1 : 0);
          ++row;
        }
      }
    }
  }
  return data;
}

}  // namespace

int main() {
  // Learn.
  const sy::Dataset data = measurements(sy::default_catalogue());
  const auto model = sy::GradientBoosting::fit(data, {.rounds = 50, .max_depth = 4, .seed = 42});

  // Decide. A router is made once; deciding is thread-safe and takes about a microsecond.
  const sy::Router router(sy::ModelFile{.model = model, .feature_columns = data.feature_names});
  const sy::Request requests[] = {
      {.workload = sy::Workload::thumbnail_processing, .payload_kb = 200, .load_pattern = sy::LoadPattern::low_load},
      {.workload = sy::Workload::thumbnail_processing, .payload_kb = 200, .load_pattern = sy::LoadPattern::burst_load},
      {.workload = sy::Workload::heavy_processing, .payload_kb = 8192},  // more than Lambda accepts
  };
  for (const sy::Request& request : requests) {
    const sy::Decision decision = router.decide(request);
    std::cout << router.catalogue().name(request.workload) << ", " << request.payload_kb << " KB -> "
              << sy::to_string(decision.platform) << " (confidence " << decision.confidence << ", "
              << sy::to_string(decision.reason) << ")\n";
  }
}
