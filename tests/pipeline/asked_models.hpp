#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/live_state.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/io/catalogue_json.hpp"
#include "switchyard/io/model_file.hpp"
#include "switchyard/model/gradient_boosting.hpp"
#include "switchyard/model/mlp.hpp"
#include "switchyard/model/random_forest.hpp"
#include "switchyard/model/voting.hpp"
#include "switchyard/pipeline/features.hpp"
#include "switchyard/pipeline/live_features.hpp"

#include <cmath>
#include <vector>

namespace asked {

namespace sy = switchyard;

/// A random request, every third one without a time, some of them too large for Lambda.
[[nodiscard]] inline sy::Request random_request(sy::Rng& draw) {
  sy::Request request;
  request.workload = static_cast<sy::Workload>(draw.below(4));
  request.payload_kb = std::exp(draw.uniform(-1, 9.5));
  if (draw.below(3) > 0) request.sent_at_ms = 1.7638e12 + draw.uniform(0, 6e8);
  if (draw.below(2) > 0) request.time_window = static_cast<sy::TimeWindow>(draw.below(6));
  if (draw.below(4) > 0) request.load_pattern = static_cast<sy::LoadPattern>(draw.below(5));
  return request;
}

/// Labels that depend on size and hour, so that a model has something to say.
[[nodiscard]] inline sy::Dataset training_data(sy::Index rows = 600) {
  sy::Rng draw(1);
  const auto catalogue = sy::default_catalogue();
  sy::Dataset data;
  data.feature_names = sy::requirement_feature_columns();
  data.features.resize(rows, 14);
  for (sy::Index i = 0; i < rows; ++i) {
    const auto features = sy::requirement_features(random_request(draw), catalogue);
    for (sy::Index c = 0; c < 14; ++c) data.features(i, c) = features[static_cast<std::size_t>(c)];
    const bool small = features[1] < 300;
    data.labels.push_back(small != (draw.uniform() < 0.2) ? 1 : 0);
  }
  return data;
}

[[nodiscard]] inline sy::ModelFile file_of(const sy::AnyClassifier& model, const sy::Dataset& train) {
  sy::ModelFile file{model, train.feature_names};
  file.ranges = sy::feature_ranges(train.features);
  return file;
}

[[nodiscard]] inline sy::ModelFile boosted() {
  const auto train = training_data();
  return file_of(sy::GradientBoosting::fit(train, {.rounds = 20, .max_depth = 3, .threads = 1}), train);
}

/// What a state may know of a platform; every fourth time nothing of its latency.
[[nodiscard]] inline sy::LiveReading random_reading(sy::Rng& draw) {
  sy::LiveReading reading;
  for (sy::PlatformReading* platform : {&reading.ecs, &reading.lambda}) {
    if (draw.below(4) > 0) platform->expected_log_ms = draw.uniform(3, 9);
    platform->norm_log_ms = draw.uniform(3, 9);
    platform->spread = draw.uniform(0.1, 1);
    platform->error_share = draw.uniform();
    platform->in_flight = static_cast<double>(draw.below(20));
    platform->idle_s = draw.uniform(0, 5000);
  }
  return reading;
}

/// Asks for all that can be known, and decides by which platform is expected to be the faster one.
[[nodiscard]] inline sy::ModelFile live_boosted() {
  constexpr sy::Index rows = 500;
  sy::Rng draw(6);
  const auto catalogue = sy::default_catalogue();
  sy::Dataset data;
  data.feature_names = sy::live_feature_columns();  // before the request's own: positions must not matter
  for (const auto& name : sy::requirement_feature_columns()) data.feature_names.push_back(name);
  data.features.resize(rows, static_cast<sy::Index>(data.feature_names.size()));
  for (sy::Index i = 0; i < rows; ++i) {
    const auto own = sy::requirement_features(random_request(draw), catalogue);
    const auto live = sy::live_features(random_reading(draw));
    sy::Index column = 0;
    for (const double value : live) data.features(i, column++) = value;
    for (const double value : own) data.features(i, column++) = value;
    data.labels.push_back(live[0] > 0 || (std::isnan(live[0]) && own[1] < 300) ? 1 : 0);
  }
  return file_of(sy::GradientBoosting::fit(data, {.rounds = 20, .max_depth = 3, .threads = 1}), data);
}

/// One of each kind.
[[nodiscard]] inline std::vector<sy::ModelFile> every_kind() {
  const auto train = training_data();
  sy::GradientBoostingOptions leaf_wise = sy::leaf_wise_boosting();
  leaf_wise.rounds = 20;
  const auto forest = sy::RandomForest::fit(train, {.trees = 10, .min_samples_split = 10, .min_samples_leaf = 5});
  const auto boosting = sy::GradientBoosting::fit(train, {.rounds = 20, .max_depth = 4});
  const auto mlp = sy::Mlp::fit(train, {.max_epochs = 3});
  return {file_of(forest, train), file_of(boosting, train), file_of(sy::GradientBoosting::fit(train, leaf_wise), train),
          file_of(mlp, train), file_of(sy::Voting({forest, boosting, mlp}), train)};
}

}  // namespace asked
