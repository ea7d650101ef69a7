#pragma once

#include "switchyard/data/dataset.hpp"
#include "switchyard/model/any_classifier.hpp"
#include "switchyard/model/boosting_options.hpp"
#include "switchyard/model/gradient_boosting.hpp"
#include "switchyard/model/mlp.hpp"
#include "switchyard/model/random_forest.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>

namespace bench {

/// What to fit; the peers have the same settings by their own names.
struct FitSettings {
  std::string kind;  // boosting, leaf_wise, forest or mlp
  int trees = 0;     // 0 = the preset's: 200, or 100 in a forest
  int depth = 0;     // 0 = the preset's: 6, 8 with 31 leaves, or 15
  int epochs = 3;    // of a network
  int threads = 2;
  bool grouped = true;  // whether repeated rows may be learned as one
  bool sampled = true;  // whether trees see a share of the rows and columns, as the preset has it, or all
  std::uint64_t seed = 42;
};

[[nodiscard]] inline switchyard::Grouping grouping_of(const FitSettings& settings) {
  return settings.grouped ? switchyard::Grouping::automatic : switchyard::Grouping::never;
}

[[nodiscard]] inline switchyard::AnyClassifier fit_boosting(const switchyard::Dataset& train,
                                                            const FitSettings& settings) {
  namespace sy = switchyard;
  auto options = settings.kind == "leaf_wise" ? sy::leaf_wise_boosting() : sy::level_wise_boosting();
  if (settings.trees > 0) options.rounds = settings.trees;
  if (settings.depth > 0) options.max_depth = settings.depth;
  options.threads = settings.threads;
  options.group_repeated_rows = grouping_of(settings);
  options.seed = settings.seed;
  if (!settings.sampled) options.subsample = options.column_sample = 1;
  return sy::GradientBoosting::fit(train, options);
}

[[nodiscard]] inline switchyard::AnyClassifier fit_forest(const switchyard::Dataset& train,
                                                          const FitSettings& settings) {
  namespace sy = switchyard;
  auto options = sy::random_forest_baseline();
  if (settings.trees > 0) options.trees = settings.trees;
  if (settings.depth > 0) options.max_depth = settings.depth;
  options.threads = settings.threads;
  options.group_repeated_rows = grouping_of(settings);
  options.seed = settings.seed;
  options.bootstrap = settings.sampled;
  if (!settings.sampled) options.max_features = static_cast<int>(train.columns());
  return sy::RandomForest::fit(train, options);
}

/// As many epochs as asked: it never stops for want of progress.
[[nodiscard]] inline switchyard::AnyClassifier fit_mlp(const switchyard::Dataset& train, const FitSettings& settings) {
  namespace sy = switchyard;
  auto options = sy::mlp_preset();
  options.max_epochs = settings.epochs;
  options.patience = settings.epochs;
  options.threads = settings.threads;
  options.seed = settings.seed;
  return sy::Mlp::fit(train, options);
}

/// Throws std::invalid_argument for an unknown kind.
[[nodiscard]] inline switchyard::AnyClassifier fit_model(const switchyard::Dataset& train,
                                                         const FitSettings& settings) {
  if (settings.kind == "boosting" || settings.kind == "leaf_wise") return fit_boosting(train, settings);
  if (settings.kind == "forest") return fit_forest(train, settings);
  if (settings.kind == "mlp") return fit_mlp(train, settings);
  throw std::invalid_argument("kind=" + settings.kind + ": expected boosting, leaf_wise, forest or mlp");
}

}  // namespace bench
