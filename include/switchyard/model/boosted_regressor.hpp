#pragma once

#include "switchyard/core/parallel.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/model/boosting_loss.hpp"
#include "switchyard/model/boosting_options.hpp"
#include "switchyard/model/boosting_run.hpp"
#include "switchyard/model/classifier.hpp"
#include "switchyard/tree/binning.hpp"
#include "switchyard/tree/tree.hpp"

#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace switchyard {

/// A table and the numbers to predict from it, both borrowed.
struct RegressionData {
  const Dataset& rows;              // features, names and weights; labels must be there, as ever, and are not read
  std::span<const double> targets;  // [rows], each from -1e100 to 1e100
};

/// Second-order gradient boosting on the squared error: GradientBoosting for numbers, grown by the same code. Leaves
/// hold steps in the targets' unit, learning rate included; the bias is the weighted mean of the targets, or, with an
/// offset column, of what it leaves of them.
class GradientBoostingRegressor {
 public:
  static constexpr std::string_view kind = "gradient_boosting_regressor";

  /// With validation data, `early_stopping_rounds` keeps the trees up to the round of its lowest mean squared error.
  /// `min_child_weight` counts rows here, the second derivative being 1; rows with targets of their own are never
  /// merged, whatever `group_repeated_rows` says. Throws InvalidArgument for an option outside
  /// its range, an invalid data set or one without rows, and targets that are not one finite number per row.
  [[nodiscard]] static GradientBoostingRegressor fit(const RegressionData& train,
                                                     const GradientBoostingOptions& options = {},
                                                     const RegressionData* validation = nullptr,
                                                     const BoostingProgress& progress = {}) {
    detail::require_no_positive_weight(options);
    const detail::SquaredLoss loss(train.rows, train.targets);
    std::optional<detail::SquaredLoss> judge;
    if (validation != nullptr) judge.emplace(validation->rows, validation->targets);
    detail::check_boosting(loss, options, judge);
    ThreadPool pool(options.threads);
    const BinnedMatrix bins(train.rows, options.max_bins, BinLayout::words, pool);
    return GradientBoostingRegressor(detail::BoostingRun(loss, options, judge, bins, pool).run(progress));
  }

  /// A model from elsewhere: its raw answer is the prediction.
  explicit GradientBoostingRegressor(Ensemble ensemble) : ensemble_(std::move(ensemble)) {}

  [[nodiscard]] const Ensemble& ensemble() const noexcept { return ensemble_; }
  [[nodiscard]] Index features() const noexcept { return ensemble_.features; }

  /// row: [features]; NaN = missing. Throws InvalidArgument for a row of another width.
  [[nodiscard]] double predict(RowView row) const {
    detail::require_columns(static_cast<Index>(row.size()), features());
    return ensemble_.raw(row);
  }

  /// rows: [samples x features]; result: [samples], the same bits as row by row.
  [[nodiscard]] Vector predict(const MatrixView& rows) const {
    detail::require_columns(rows.cols(), features());
    Vector result(rows.rows());
    for (Index i = 0; i < rows.rows(); ++i) result[i] = ensemble_.raw(row_of(rows, i));
    return result;
  }

  friend bool operator==(const GradientBoostingRegressor&, const GradientBoostingRegressor&) = default;

 private:
  Ensemble ensemble_;
};

static_assert(TreeEnsemble<GradientBoostingRegressor>);

}  // namespace switchyard
