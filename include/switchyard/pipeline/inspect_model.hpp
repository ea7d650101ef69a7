#pragma once

#include "switchyard/data/dataset.hpp"
#include "switchyard/engine/compiled_classifier.hpp"
#include "switchyard/explain/importance.hpp"
#include "switchyard/explain/permutation.hpp"
#include "switchyard/explain/tree_shap.hpp"
#include "switchyard/model/any_classifier.hpp"
#include "switchyard/model/gradient_boosting.hpp"
#include "switchyard/model/random_forest.hpp"
#include "switchyard/pipeline/fit_models.hpp"
#include "switchyard/pipeline/training_data.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace switchyard {

/// What a model pays attention to, and what it costs to ask.
struct ModelInspection {
  Vector gain;                                     // [features], sums to 1; empty if the model is not a sum of trees
  std::vector<PermutationImportance> permutation;  // [features]
  std::vector<PermutationImportance> by_source;    // payload, time, load, workload, ...
  Vector shap;                                     // [features], mean |SHAP value|; empty if not a sum of trees
  double p99_decision_ms = std::numeric_limits<double>::quiet_NaN();  // one row; NaN without a clock

  /// Columns whose permutation importance (in log-loss) has a 95 % interval above zero: the model needs them.
  [[nodiscard]] int contributing_features() const noexcept {
    int count = 0;
    for (const auto& feature : permutation) count += feature.log_loss_rise.low > 0 ? 1 : 0;
    return count;
  }

  /// Each column's share: of gain where there is gain, else of the rise in log-loss. [features], sums to 1 or is all 0.
  [[nodiscard]] std::vector<double> shares() const {
    if (gain.size() > 0) return {gain.begin(), gain.end()};
    std::vector<double> result;
    double total = 0;
    for (const auto& feature : permutation) {
      result.push_back(std::max(0.0, feature.log_loss_rise.mean));
      total += result.back();
    }
    for (double& share : result) share = total > 0 ? share / total : 0;
    return result;
  }
};

/// The trees of a model that is a sum of trees, else nullptr.
[[nodiscard]] inline const Ensemble* ensemble_of(const AnyClassifier& model) {
  if (const auto* forest = model.get_if<RandomForest>()) return &forest->ensemble();
  if (const auto* boosting = model.get_if<GradientBoosting>()) return &boosting->ensemble();
  return nullptr;
}

namespace detail {

/// 99th percentile of the time for one row, over many different rows.
[[nodiscard]] inline double p99_decision_ms(const CompiledClassifier& model, const Dataset& rows, const Clock& clock) {
  constexpr Index measured = 2000;
  std::vector<double> milliseconds;
  double checksum = 0;  // used, so that no call can be left out
  for (Index i = 0; i < measured; ++i) {
    const Index row = i * 7919 % rows.rows();
    const double start = clock();
    checksum += model.probability(rows.row(row));
    milliseconds.push_back((clock() - start) * 1000);
  }
  return checksum >= 0 ? quantile(milliseconds, 0.99) : std::numeric_limits<double>::quiet_NaN();
}

/// SHAP values of as many distinct rows as are worth explaining for a summary.
[[nodiscard]] inline Vector shap_summary(const Ensemble& ensemble, const Dataset& rows, int threads) {
  constexpr std::size_t explained = 500;
  const auto distinct = distinct_rows(rows.features).first_row;
  const std::size_t count = std::min(explained, distinct.size());
  Matrix sample(static_cast<Index>(count), rows.columns());
  for (std::size_t i = 0; i < count; ++i) {
    sample.row(static_cast<Index>(i)) = rows.features.row(distinct[i * distinct.size() / count]);
  }
  return mean_absolute_shap(tree_shap(ensemble, sample, threads));
}

/// Rows to inspect on, spread evenly: live state hardly ever repeats, so each row costs its own answers, some two
/// hundred for each column; a few thousand rows say what there is to say. Rows that repeat share theirs: all are kept.
[[nodiscard]] inline Dataset inspected_rows(const Dataset& rows) {
  constexpr Index most = 4000;
  if (!has_live_features(rows.feature_names) || rows.rows() <= most) return rows;
  std::vector<Index> taken;
  for (Index i = 0; i < most; ++i) taken.push_back(i * rows.rows() / most);
  return rows.subset(taken);
}

}  // namespace detail

/// Inspects a model on rows it was not trained on, or on a few thousand of them.
[[nodiscard]] inline ModelInspection inspect_model(const AnyClassifier& model, const Dataset& all_rows, int threads,
                                                   const Clock& clock = {}) {
  const Dataset rows = detail::inspected_rows(all_rows);
  PermutationOptions options;
  options.repeats = 5;
  options.threads = effective_threads(threads);
  ModelInspection result;
  const CompiledClassifier compiled(model);
  result.permutation = permutation_importance(compiled, rows, one_group_per_feature(rows.feature_names), options);
  result.by_source = permutation_importance(compiled, rows, sources_of(rows.feature_names), options);
  if (const Ensemble* ensemble = ensemble_of(model)) {
    result.gain = split_importance(*ensemble);
    result.shap = detail::shap_summary(*ensemble, rows, options.threads);
  }
  if (clock) result.p99_decision_ms = detail::p99_decision_ms(compiled, rows, clock);
  return result;
}

}  // namespace switchyard
