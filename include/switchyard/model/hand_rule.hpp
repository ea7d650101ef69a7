#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/model/classifier.hpp"
#include "switchyard/model/logistic_slope.hpp"
#include "switchyard/nn/activation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

/// Which columns a HandRule looks at.
struct HandRuleColumns {
  Index advantage = 0;  // > 0 speaks for label 1
  Index level = 0;      // codes 0, 1, 2, ...: at some levels label 1 is never worth it, whatever the advantage

  friend bool operator==(const HandRuleColumns&, const HandRuleColumns&) = default;
};

/// What one level of the rule knows from training.
struct HandRuleLevel {
  double base_rate = 0.5;  // in (0, 1); P(label = 1) where the advantage is unknown or does not decide
  bool decides = false;    // false: label 1 is not worth it at this level

  friend bool operator==(const HandRuleLevel&, const HandRuleLevel&) = default;
};

/// The rule an engineer would write in an afternoon, and which a model has to beat: label 1 where one column, the
/// advantage, is positive, at those levels of another where label 1 is worth it at all. The probability is
/// logistic(slope x advantage), so that it is one half where the rule changes its mind; an advantage that is missing
/// leaves the level's base rate.
class HandRule {
 public:
  static constexpr std::string_view kind = "hand_rule";

  /// `worth_it`: [levels]; whether label 1 may be answered at the level. The slope is the maximum likelihood one, at
  /// least a small positive number, since the rule does not turn round. Throws InvalidArgument for columns that are not
  /// there.
  [[nodiscard]] static HandRule fit(const Dataset& train, const HandRuleColumns& columns,
                                    const std::vector<bool>& worth_it) {
    check(columns, train.columns());
    std::vector<std::array<double, 2>> counts(worth_it.size(), {1, 1});  // Laplace's rule of succession
    for (Index i = 0; i < train.rows(); ++i) {
      const std::size_t level = level_of(train.row(i)[static_cast<std::size_t>(columns.level)], counts.size());
      if (level < counts.size()) counts[level][train.labels[static_cast<std::size_t>(i)]] += train.weight(i);
    }
    std::vector<HandRuleLevel> levels;
    for (std::size_t level = 0; level < counts.size(); ++level) {
      const double rate = counts[level][1] / (counts[level][0] + counts[level][1]);
      levels.push_back({worth_it[level] ? rate : std::min(rate, 0.5), worth_it[level]});
    }
    HandRule rule(columns, std::move(levels), 1, train.columns());
    rule.slope_ = rule.best_slope(train);
    return rule;
  }

  /// A rule from elsewhere. Throws InvalidArgument for columns outside the row, a slope that is not positive, or a base
  /// rate outside (0, 1).
  HandRule(const HandRuleColumns& columns, std::vector<HandRuleLevel> levels, double slope, Index features)
      : columns_(columns), levels_(std::move(levels)), slope_(slope), features_(features) {
    check(columns, features);
    if (!(slope > 0) || !std::isfinite(slope)) {
      throw InvalidArgument::out_of_range("slope of the hand rule", std::to_string(slope), "a positive number");
    }
    for (const HandRuleLevel& level : levels_) {
      if (!(level.base_rate > 0 && level.base_rate < 1)) {
        throw InvalidArgument::out_of_range("base rate of the hand rule", std::to_string(level.base_rate),
                                            "a number in (0, 1)");
      }
    }
  }

  [[nodiscard]] const HandRuleColumns& columns() const noexcept { return columns_; }
  [[nodiscard]] const std::vector<HandRuleLevel>& levels() const noexcept { return levels_; }
  [[nodiscard]] double slope() const noexcept { return slope_; }
  [[nodiscard]] Index features() const noexcept { return features_; }

  [[nodiscard]] double probability(RowView row) const {
    detail::require_columns(static_cast<Index>(row.size()), features_);
    const std::size_t level = level_of(row[static_cast<std::size_t>(columns_.level)], levels_.size());
    const double advantage = row[static_cast<std::size_t>(columns_.advantage)];
    const HandRuleLevel known = level < levels_.size() ? levels_[level] : HandRuleLevel{0.5, true};
    if (!known.decides || std::isnan(advantage)) return known.base_rate;
    return logistic(slope_ * advantage);
  }
  [[nodiscard]] Vector predict_proba(const MatrixView& rows) const {
    return detail::probabilities_row_by_row(*this, rows);
  }
  [[nodiscard]] Labels predict(const MatrixView& rows) const { return labels_from(predict_proba(rows)); }

  friend bool operator==(const HandRule&, const HandRule&) = default;

 private:
  static void check(const HandRuleColumns& columns, Index features) {
    for (const Index column : {columns.advantage, columns.level}) {
      if (column < 0 || column >= features) {
        throw InvalidArgument::out_of_range("column of the hand rule", std::to_string(column), "a feature");
      }
    }
  }

  /// The level a cell codes; `levels` if none.
  [[nodiscard]] static std::size_t level_of(double code, std::size_t levels) noexcept {
    return code >= 0 && code < static_cast<double>(levels) ? static_cast<std::size_t>(code) : levels;
  }

  /// Of the rows that the advantage decides.
  [[nodiscard]] double best_slope(const Dataset& train) const {
    std::vector<double> advantages;
    std::vector<double> weights;
    Labels labels;
    for (Index i = 0; i < train.rows(); ++i) {
      const RowView row = train.row(i);
      const std::size_t level = level_of(row[static_cast<std::size_t>(columns_.level)], levels_.size());
      const double advantage = row[static_cast<std::size_t>(columns_.advantage)];
      if (level >= levels_.size() || !levels_[level].decides || std::isnan(advantage)) continue;
      advantages.push_back(advantage);
      weights.push_back(train.weight(i));
      labels.push_back(train.labels[static_cast<std::size_t>(i)]);
    }
    return detail::logistic_slope(advantages, labels, weights);
  }

  HandRuleColumns columns_;
  std::vector<HandRuleLevel> levels_;
  double slope_ = 1;
  Index features_ = 0;
};

static_assert(Classifier<HandRule>);

}  // namespace switchyard
