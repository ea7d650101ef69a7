#pragma once

#include "switchyard/core/parallel.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/metric/classification.hpp"
#include "switchyard/model/any_classifier.hpp"
#include "switchyard/model/gradient_boosting.hpp"
#include "switchyard/model/mlp.hpp"
#include "switchyard/model/out_of_bag.hpp"
#include "switchyard/model/random_forest.hpp"
#include "switchyard/model/voting.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <limits>
#include <mutex>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

/// The models the requirements ask for, with their hyper-parameters.
struct ModelOptions {
  RandomForestOptions random_forest = random_forest_baseline();
  GradientBoostingOptions level_wise = level_wise_boosting();
  GradientBoostingOptions leaf_wise = leaf_wise_boosting();
  MlpOptions mlp = mlp_preset();
  bool balance_classes = false;  // weigh the rarer label up until both count the same
  std::uint64_t seed = 42;       // of every model
  int threads = 0;               // 0 = one per hardware thread; results do not depend on it
};

/// A model and how long it took to fit; NaN without a clock.
struct FittedModel {
  std::string name;
  AnyClassifier model;
  double seconds = std::numeric_limits<double>::quiet_NaN();
  std::string note;  // what a reader of the report should know, e.g. how many rounds early stopping kept
};

/// Told when a model begins and when it is done; may be called from two threads, never at once.
using FitProgress = std::function<void(const std::string& model, const std::string& state)>;

/// Seconds since any fixed moment. The library reads no clock: a tool passes one, a test none.
using Clock = std::function<double()>;

namespace detail {

[[nodiscard]] inline double balancing_weight(const Dataset& train) {
  const auto ones = static_cast<double>(std::count(train.labels.begin(), train.labels.end(), std::uint8_t{1}));
  const double zeros = static_cast<double>(train.labels.size()) - ones;
  return ones > 0 && zeros > 0 ? zeros / ones : 1.0;
}

}  // namespace detail

/// The options with seed, threads and class weight filled in.
[[nodiscard]] inline ModelOptions resolved_options(ModelOptions options, const Dataset& train) {
  const int threads = effective_threads(options.threads);
  const int for_trees = std::max(1, threads - 1);  // one is the MLP's, while it trains
  options.random_forest.threads = options.level_wise.threads = options.leaf_wise.threads = for_trees;
  options.random_forest.seed = options.level_wise.seed = options.leaf_wise.seed = options.mlp.seed = options.seed;
  if (options.balance_classes) {
    const double weight = detail::balancing_weight(train);
    options.random_forest.positive_weight = options.level_wise.positive_weight = weight;
    options.leaf_wise.positive_weight = options.mlp.positive_weight = weight;
  }
  return options;
}

namespace detail {

class ModelFitter {
 public:
  ModelFitter(const Clock& clock, const FitProgress& progress) : clock_(clock), progress_(progress) {}

  template <class Fit>
  [[nodiscard]] FittedModel fit(const std::string& name, Fit&& fit_model) {
    tell(name, "fitting");
    const double start = now();
    AnyClassifier model(fit_model());
    const double seconds = now() - start;
    tell(name, "fitted");
    return {name, std::move(model), seconds, {}};
  }

  void tell(const std::string& name, const std::string& state) {
    const std::lock_guard lock(mutex_);
    if (progress_) progress_(name, state);
  }

 private:
  [[nodiscard]] double now() const { return clock_ ? clock_() : std::numeric_limits<double>::quiet_NaN(); }

  const Clock& clock_;
  const FitProgress& progress_;
  std::mutex mutex_;
};

[[nodiscard]] inline std::string note_on(const FittedModel& fitted, const Dataset& train, const ModelOptions& options) {
  if (const auto* boosting = fitted.model.get_if<GradientBoosting>()) {
    return std::to_string(boosting->ensemble().trees.size()) + " rounds";
  }
  if (const auto* forest = fitted.model.get_if<RandomForest>()) {
    return "out-of-bag accuracy " + format_fixed(out_of_bag(*forest, train, options.random_forest).accuracy, 4);
  }
  return {};
}

}  // namespace detail

/// Log-loss of each model on some rows.
[[nodiscard]] inline std::vector<double> log_losses(const std::vector<FittedModel>& models, const Dataset& rows) {
  std::vector<double> losses;
  for (const FittedModel& fitted : models) {
    losses.push_back(log_loss(rows.labels, fitted.model.predict_proba(rows.features), rows.weights));
  }
  return losses;
}

/// Soft voting of the three models with the lowest log-loss on `validation`.
[[nodiscard]] inline FittedModel vote_of_best_three(const std::vector<FittedModel>& models, const Dataset& validation) {
  constexpr std::size_t members = 3;
  const auto losses = log_losses(models, validation);
  std::vector<std::size_t> order(models.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return losses[a] < losses[b]; });
  order.resize(std::min(order.size(), members));
  std::vector<AnyClassifier> chosen;
  std::string note = "of";
  for (const std::size_t i : order) {
    chosen.push_back(models[i].model);
    note += (chosen.size() == 1 ? " " : ", ") + models[i].name;
  }
  return {"voting", AnyClassifier(Voting(std::move(chosen))), 0, note};
}

/// Fits random forest, level-wise and leaf-wise boosting, MLP, and the vote of the best three. `validation` stops
/// boosting early where its options ask for that, and picks the voters. Same bits at any thread count.
[[nodiscard]] inline std::vector<FittedModel> fit_models(const Dataset& train, const Dataset& validation,
                                                         const ModelOptions& requested, const Clock& clock = {},
                                                         const FitProgress& progress = {}) {
  const ModelOptions options = resolved_options(requested, train);
  detail::ModelFitter fitter(clock, progress);
  const auto fit_mlp = [&] { return fitter.fit("mlp", [&] { return Mlp::fit(train, options.mlp); }); };
  const bool alongside = effective_threads(requested.threads) > 1;
  auto mlp = std::async(alongside ? std::launch::async : std::launch::deferred, fit_mlp);
  std::vector<FittedModel> models;
  models.push_back(fitter.fit("random_forest", [&] { return RandomForest::fit(train, options.random_forest); }));
  models.push_back(
      fitter.fit("boosting_level_wise", [&] { return GradientBoosting::fit(train, options.level_wise, &validation); }));
  models.push_back(
      fitter.fit("boosting_leaf_wise", [&] { return GradientBoosting::fit(train, options.leaf_wise, &validation); }));
  models.push_back(mlp.get());
  for (FittedModel& fitted : models) fitted.note = detail::note_on(fitted, train, options);
  models.push_back(vote_of_best_three(models, validation));
  return models;
}

}  // namespace switchyard
