#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/model/boosted_regressor.hpp"
#include "switchyard/model/classifier.hpp"
#include "switchyard/nn/activation.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

/// What is predicted of a request under either label, and how sharply the difference decides.
struct RegressionPair {
  GradientBoostingRegressor zero;  // of what label 0 would take
  GradientBoostingRegressor one;   // of what label 1 would take
  double slope = 1;                // > 0; log-odds of label 1 per unit that it takes less

  friend bool operator==(const RegressionPair&, const RegressionPair&) = default;
};

/// Decides by predicting what each choice would take, say its log latency: label 1 where it takes less, by every one of
/// the pairs (faster and cheaper, say). The probability is the least of logistic(slope x difference) over the pairs, so
/// that one half is where the last of them changes its mind.
class PairedRegression {
 public:
  static constexpr std::string_view kind = "paired_regression";

  /// pairs: one or more, all of the same number of features. Throws InvalidArgument.
  explicit PairedRegression(std::vector<RegressionPair> pairs) : pairs_(std::move(pairs)) {
    if (pairs_.empty()) throw InvalidArgument("paired regression has no pairs; expected 1 or more");
    for (const RegressionPair& pair : pairs_) {
      detail::require_columns(pair.zero.features(), features());
      detail::require_columns(pair.one.features(), features());
      if (!(pair.slope > 0) || !std::isfinite(pair.slope)) {
        throw InvalidArgument::out_of_range("slope of a regression pair", std::to_string(pair.slope),
                                            "a positive number");
      }
    }
  }

  [[nodiscard]] const std::vector<RegressionPair>& pairs() const noexcept { return pairs_; }
  [[nodiscard]] Index features() const noexcept { return pairs_.front().zero.features(); }

  [[nodiscard]] double probability(RowView row) const {
    double least = 1;
    for (const RegressionPair& pair : pairs_) {
      least = std::min(least, logistic(pair.slope * (pair.zero.predict(row) - pair.one.predict(row))));
    }
    return least;
  }
  [[nodiscard]] Vector predict_proba(const MatrixView& rows) const {
    return detail::probabilities_row_by_row(*this, rows);
  }
  [[nodiscard]] Labels predict(const MatrixView& rows) const { return labels_from(predict_proba(rows)); }

  friend bool operator==(const PairedRegression&, const PairedRegression&) = default;

 private:
  std::vector<RegressionPair> pairs_;
};

static_assert(Classifier<PairedRegression>);

}  // namespace switchyard
