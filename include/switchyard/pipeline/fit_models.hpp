#pragma once

#include "switchyard/core/parallel.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/engine/compiled_classifier.hpp"
#include "switchyard/metric/classification.hpp"
#include "switchyard/model/any_classifier.hpp"
#include "switchyard/model/gradient_boosting.hpp"
#include "switchyard/model/mlp.hpp"
#include "switchyard/model/out_of_bag.hpp"
#include "switchyard/model/random_forest.hpp"
#include "switchyard/model/voting.hpp"
#include "switchyard/pipeline/live_models.hpp"
#include "switchyard/pipeline/routing_objective.hpp"
#include "switchyard/pipeline/training_data.hpp"

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

/// The models the requirements ask for, with their hyper-parameters, and those on live state.
struct ModelOptions {
  RandomForestOptions random_forest = random_forest_baseline();
  GradientBoostingOptions level_wise = level_wise_boosting();
  GradientBoostingOptions leaf_wise = leaf_wise_boosting();
  MlpOptions mlp = mlp_preset();
  GradientBoostingOptions live_boosting = switchyard::live_boosting();
  GradientBoostingOptions live_regression = switchyard::live_regression();
  RoutingObjective objective = RoutingObjective::balanced;
  std::vector<std::string> only = {};  // names of the models to fit; empty = all
  bool balance_classes = false;        // weigh the rarer label up until both count the same
  std::uint64_t seed = 42;             // of every model
  int threads = 0;                     // 0 = one per hardware thread; results do not depend on it
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
  options.live_boosting.threads = options.live_regression.threads = for_trees;
  options.random_forest.seed = options.level_wise.seed = options.leaf_wise.seed = options.mlp.seed = options.seed;
  options.live_boosting.seed = options.live_regression.seed = options.seed;
  if (options.balance_classes) {
    const double weight = detail::balancing_weight(train);
    options.random_forest.positive_weight = options.level_wise.positive_weight = weight;
    options.leaf_wise.positive_weight = options.mlp.positive_weight = weight;
    options.live_boosting.positive_weight = weight;
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

/// What training merged: "; 41,646 rows in 180 groups". Nothing where all rows differ.
[[nodiscard]] inline std::string grouping_note(const GroupingSummary& summary) {
  if (summary.groups == summary.rows) return {};
  return "; " + format_count(summary.rows) + " rows in " + format_count(summary.groups) + " groups";
}

[[nodiscard]] inline std::string note_on(const FittedModel& fitted, const Dataset& train, const ModelOptions& options) {
  if (const auto* boosting = fitted.model.get_if<GradientBoosting>()) {
    const auto& asked = fitted.name == "boosting_leaf_wise" ? options.leaf_wise
                        : fitted.name == "boosting_live"    ? options.live_boosting
                                                            : options.level_wise;
    return std::to_string(boosting->ensemble().trees.size()) + " rounds" +
           grouping_note(summarise_grouping(train, asked));
  }
  if (const auto* forest = fitted.model.get_if<RandomForest>()) {
    return "out-of-bag accuracy " + format_fixed(out_of_bag(*forest, train, options.random_forest).accuracy, 4) +
           grouping_note(summarise_grouping(train, options.random_forest));
  }
  return {};
}

}  // namespace detail

/// Log-loss of each model on some rows.
[[nodiscard]] inline std::vector<double> log_losses(const std::vector<FittedModel>& models, const Dataset& rows) {
  std::vector<double> losses;
  for (const FittedModel& fitted : models) {
    losses.push_back(
        log_loss(rows.labels, CompiledClassifier(fitted.model).predict_proba(rows.features), rows.weights));
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

namespace detail {

/// Whether a model can be fitted on such data and is asked for.
[[nodiscard]] inline bool is_wanted(const std::string& name, const ModelOptions& options) {
  return options.only.empty() || std::count(options.only.begin(), options.only.end(), name) > 0;
}

/// All models but the MLP and the vote.
[[nodiscard]] inline std::vector<FittedModel> fit_all_but_mlp(const TrainingData& train, const Dataset& validation,
                                                              const ModelOptions& options, ModelFitter& fitter) {
  std::vector<FittedModel> models;
  const auto add = [&](const char* name, auto&& fit_model) {
    if (is_wanted(name, options)) models.push_back(fitter.fit(name, fit_model));
  };
  add("random_forest", [&] { return RandomForest::fit(train.data, options.random_forest); });
  add("boosting_level_wise", [&] { return GradientBoosting::fit(train.data, options.level_wise, &validation); });
  add("boosting_leaf_wise", [&] { return GradientBoosting::fit(train.data, options.leaf_wise, &validation); });
  if (!has_live_advantage(train.data)) return models;
  add("boosting_live", [&] { return fit_live_boosting(train.data, options.live_boosting); });
  if (!has_logged_outcomes(train)) return models;
  add("paired_regression", [&] { return fit_paired_regression(train, options.objective, options.live_regression); });
  if (options.objective != RoutingObjective::cost) {
    add("hand_rule", [&] { return fit_hand_rule(train, options.objective); });
  }
  return models;
}

}  // namespace detail

/// Fits random forest, level-wise and leaf-wise boosting, on live state also boosting that starts from it, paired
/// regression and the hand rule, then the MLP, and the vote of the best three. `validation` stops boosting early where
/// its options ask for that, and picks the voters. Same bits at any thread count.
[[nodiscard]] inline std::vector<FittedModel> fit_models(const TrainingData& train, const Dataset& validation,
                                                         const ModelOptions& requested, const Clock& clock = {},
                                                         const FitProgress& progress = {}) {
  const ModelOptions options = resolved_options(requested, train.data);
  detail::ModelFitter fitter(clock, progress);
  const auto fit_mlp = [&] { return fitter.fit("mlp", [&] { return Mlp::fit(train.data, options.mlp); }); };
  const bool wants_mlp = detail::is_wanted("mlp", options);
  const bool alongside = wants_mlp && effective_threads(requested.threads) > 1;
  // Both together: on a thread of its own if one is to be had.
  const auto policy = alongside ? std::launch::async | std::launch::deferred : std::launch::deferred;
  auto mlp = std::async(policy, fit_mlp);
  auto models = detail::fit_all_but_mlp(train, validation, options, fitter);
  if (wants_mlp) models.push_back(mlp.get());
  for (FittedModel& fitted : models) fitted.note = detail::note_on(fitted, train.data, options);
  if (detail::is_wanted("voting", options)) models.push_back(vote_of_best_three(models, validation));
  return models;
}

}  // namespace switchyard
