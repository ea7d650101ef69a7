#pragma once

// A small dataset with a known rule, and models small enough to fit in a moment.

#include "switchyard/core/random.hpp"
#include "switchyard/pipeline/train.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace fixture {

namespace sy = switchyard;

/// Workloads 0 to 3, four payloads, three time windows. Label 1 = small payload, for nine of ten rows. Rows 2i and 2i +
/// 1 are one group; four runs one after the other; a row each second.
inline sy::TrainingData small_data(int rows, std::uint64_t seed = 1) {
  sy::Rng rng(seed);
  sy::TrainingData result;
  sy::Dataset& data = result.data;
  data.feature_names = {"workload_type_encoded", "payload_size_kb", "time_window_encoded", "load_pattern_encoded"};
  data.features.resize(rows, 4);
  for (int i = 0; i < rows; ++i) {
    const double sizes[] = {1, 10, 100, 1000};
    data.features(i, 0) = static_cast<double>(rng.below(4));
    data.features(i, 1) = sizes[rng.below(4)];
    data.features(i, 2) = static_cast<double>(rng.below(3));
    data.features(i, 3) = static_cast<double>(rng.below(2));
    const bool small = data.features(i, 1) < 50;
    const bool exception = rng.below(10) == 0;
    data.labels.push_back(small != exception ? 1 : 0);
    data.groups.push_back(i / 2);
    data.times_ms.push_back(1000 * i);
    data.runs.push_back(4 * i / rows);
    const double lambda_ms = data.labels.back() == 1 ? 100 : 300;
    result.lambda.push_back({lambda_ms, 2e-6, true});
    result.ecs.push_back({200, 4e-6, true});
  }
  result.run_names = {"first", "second", "third", "fourth"};
  return result;
}

inline sy::TrainOptions small_options(sy::SplitKind split = sy::SplitKind::stratified) {
  sy::TrainOptions options;
  options.split = split;
  options.studies = false;
  options.bootstrap.replicates = 100;
  options.models.random_forest.trees = 8;
  options.models.random_forest.min_samples_split = 20;
  options.models.random_forest.min_samples_leaf = 10;
  options.models.level_wise.rounds = 10;
  options.models.level_wise.max_depth = 3;
  options.models.leaf_wise.rounds = 10;
  options.models.leaf_wise.max_leaves = 6;
  options.models.mlp.hidden = {8};
  options.models.mlp.batch_size = 50;
  options.models.mlp.learning_rate = 0.01;
  options.models.mlp.max_epochs = 40;
  options.models.threads = 1;
  return options;
}

}  // namespace fixture
