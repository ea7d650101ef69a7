#pragma once

#include "switchyard/core/parallel.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/data/group.hpp"
#include "switchyard/model/boosting_loss.hpp"
#include "switchyard/model/boosting_options.hpp"
#include "switchyard/model/boosting_run.hpp"
#include "switchyard/model/classifier.hpp"
#include "switchyard/nn/activation.hpp"
#include "switchyard/tree/binning.hpp"
#include "switchyard/tree/row_groups.hpp"
#include "switchyard/tree/tree.hpp"

#include <optional>
#include <utility>

namespace switchyard {

namespace detail {

/// As `options` ask. With an offset column rows must agree in it to the last bit.
[[nodiscard]] inline std::optional<MergedRows> merge_rows(const Dataset& train, const BinnedMatrix& bins,
                                                          const GradientBoostingOptions& options) {
  return merge_rows(train, bins,
                    {.grouping = options.group_repeated_rows,
                     .samples_rows = options.subsample < 1,
                     .exact_column = options.offset_column});
}

/// The distinct rows of validation data, weighted, where that pays.
[[nodiscard]] inline std::optional<Dataset> merged_validation(const Dataset& validation, Grouping grouping) {
  if (grouping == Grouping::never) return std::nullopt;
  return weighted_rows(validation, most_groups(grouping, validation.labels.size()));
}

}  // namespace detail

/// Second-order gradient boosting on the log-loss (Friedman, "Greedy Function Approximation", 2001; Chen & Guestrin,
/// "XGBoost", KDD 2016) over binned columns. Leaves hold steps of the log-odds, learning rate included; the bias is the
/// log-odds of the training data's positive share. With an offset column the trees start from its log-odds, and the
/// bias is what lifts their mean probability to that share.
class GradientBoosting {
 public:
  /// With validation data, `early_stopping_rounds` keeps the trees up to the round of its lowest log-loss; without, it
  /// has no effect. Throws InvalidArgument for an option outside its range, an invalid data set or one without rows.
  [[nodiscard]] static GradientBoosting fit(const Dataset& train, const GradientBoostingOptions& options = {},
                                            const Dataset* validation = nullptr,
                                            const BoostingProgress& progress = {}) {
    std::optional<detail::LogLoss> judge;
    if (validation != nullptr) judge.emplace(*validation);
    detail::check_boosting(detail::LogLoss(train), options, judge);
    std::optional<Dataset> validated;
    if (validation != nullptr) validated = detail::merged_validation(*validation, options.group_repeated_rows);
    if (validated) judge.emplace(*validated);
    ThreadPool pool(options.threads);
    const BinnedMatrix bins(train, options.max_bins, BinLayout::words, pool);
    const auto merged = detail::merge_rows(train, bins, options);
    const detail::LogLoss loss(merged ? merged->rows : train, options.positive_weight);
    return GradientBoosting(
        detail::BoostingRun(loss, options, judge, merged ? merged->bins : bins, pool).run(progress));
  }

  /// A model from elsewhere: its raw answer is the log-odds of label 1.
  explicit GradientBoosting(Ensemble ensemble) : ensemble_(std::move(ensemble)) {}

  [[nodiscard]] const Ensemble& ensemble() const noexcept { return ensemble_; }
  [[nodiscard]] Index features() const noexcept { return ensemble_.features; }

  /// Log-odds of label 1.
  [[nodiscard]] double margin(RowView row) const {
    detail::require_columns(static_cast<Index>(row.size()), features());
    return ensemble_.raw(row);
  }
  [[nodiscard]] double probability(RowView row) const { return logistic(margin(row)); }
  [[nodiscard]] Vector predict_proba(const MatrixView& rows) const {
    return detail::probabilities_row_by_row(*this, rows);
  }
  [[nodiscard]] Labels predict(const MatrixView& rows) const { return labels_from(predict_proba(rows)); }

  friend bool operator==(const GradientBoosting&, const GradientBoosting&) = default;

 private:
  Ensemble ensemble_;
};

/// How many rows GradientBoosting::fit merges `train` into. Bins the table once more to find out.
[[nodiscard]] inline GroupingSummary summarise_grouping(const Dataset& train, const GradientBoostingOptions& options) {
  detail::check_boosting(detail::LogLoss(train), options, {});
  ThreadPool pool(options.threads);
  const auto merged = detail::merge_rows(train, BinnedMatrix(train, options.max_bins, BinLayout::words, pool), options);
  return {train.rows(), merged ? merged->rows.rows() : train.rows()};
}

static_assert(Classifier<GradientBoosting> && TreeEnsemble<GradientBoosting>);

}  // namespace switchyard
