#pragma once

// Five matched pairs whose every number can be worked by hand.

#include "switchyard/pipeline/training_data.hpp"

#include <vector>

namespace fixture {

namespace sy = switchyard;

/// Contexts 1, 1, 2, 2, 3; runs 0, 0, 0, 1, 1; labels 1, 0, 0, 1, 0; all sent in one second but the last. Lambda is
/// logged for rows 0, 2 and 4.
inline sy::TrainingData five_pairs() {
  sy::TrainingData result;
  result.data.feature_names = {"payload_size_kb", "live_lambda_ms"};
  result.data.features.resize(5, 2);
  result.data.features << 1, 10, 1, 20, 2, 30, 2, 40, 3, 50;
  result.data.labels = {1, 0, 0, 1, 0};
  result.data.runs = {0, 0, 0, 1, 1};
  result.data.times_ms = {0, 100, 200, 300, 180'000};
  result.run_names = {"first", "second"};
  result.lambda = {{100, 1e-6, true}, {300, 2e-6, true}, {500, 3e-6, true}, {50, 1e-6, true}, {10'000, 9e-6, false}};
  result.ecs = {{200, 4e-6, true}, {200, 4e-6, true}, {400, 2e-6, true}, {900, 6e-6, true}, {700, 7e-6, true}};
  result.platforms = {sy::Platform::lambda, sy::Platform::ecs, sy::Platform::lambda, sy::Platform::ecs,
                      sy::Platform::lambda};
  return result;
}

inline const std::vector<sy::Index> all_five{0, 1, 2, 3, 4};

}  // namespace fixture
