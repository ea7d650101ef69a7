#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/model/option_checks.hpp"
#include "switchyard/tree/node_order.hpp"
#include "switchyard/tree/row_groups.hpp"
#include "switchyard/tree/sampling.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace switchyard {

/// How to boost trees, for classes and for numbers. Rows are counted by their weight in the data set: a row of weight 3
/// is three rows.
struct GradientBoostingOptions {
  int rounds = 200;            // >= 1 trees
  double learning_rate = 0.1;  // (0, 1]
  int max_depth = 6;           // 1 to 64
  int max_leaves = 0;          // >= 2; 0 = no limit
  Growth growth = Growth::level_wise;
  double subsample = 1;                                // (0, 1]: chance of each row to be in a round's tree
  double column_sample = 1;                            // (0, 1]: share of the columns each tree may use, at least one
  double l2 = 1;                                       // >= 0
  double min_child_weight = 1;                         // >= 0: sum of second derivatives each child keeps
  int min_samples_leaf = 1;                            // >= 1: rows each child keeps; 1 = no limit
  double min_split_gain = 0;                           // >= 0: a split must gain more
  int max_bins = 255;                                  // 2 to 255 per column
  Grouping group_repeated_rows = Grouping::automatic;  // a regressor never does
  double positive_weight = 1;     // > 0: weight of a row with label 1 relative to label 0; 1 for a regressor
  Index offset_column = -1;       // a column: the trees start from its value, see Ensemble; -1 = none
  int early_stopping_rounds = 0;  // >= 0: stop when the validation loss has not improved for as many; 0 = never
  std::uint64_t seed = 42;
  int threads = 0;  // 0 = one per hardware thread; the result does not depend on it
};

/// The requirements' level-wise boosting, with XGBoost's defaults where they leave it open.
[[nodiscard]] inline GradientBoostingOptions level_wise_boosting() noexcept {
  GradientBoostingOptions options;
  options.subsample = 0.8;
  options.column_sample = 0.8;
  return options;
}

/// The requirements' leaf-wise boosting, with LightGBM's defaults where they leave it open.
[[nodiscard]] inline GradientBoostingOptions leaf_wise_boosting() noexcept {
  GradientBoostingOptions options;
  options.growth = Growth::leaf_wise;
  options.max_depth = 8;
  options.max_leaves = 31;
  options.l2 = 0;
  options.min_child_weight = 1e-3;
  options.min_samples_leaf = 20;
  options.early_stopping_rounds = 20;
  return options;
}

/// Called after each round with its number, from 1, and the validation loss so far: mean log-loss of a classifier, mean
/// squared error of a regressor (NaN without validation data). What it throws ends the fit.
using BoostingProgress = std::function<void(int round, double validation_loss)>;

namespace detail {

/// The offset column must exist.
inline void require_offset_column(Index column, Index columns) {
  if (column >= -1 && column < columns) return;
  throw InvalidArgument::out_of_range("offset_column", std::to_string(column),
                                      "-1 or a column in [0, " + std::to_string(columns) + ")");
}

/// A regressor has no positive label.
inline void require_no_positive_weight(const GradientBoostingOptions& options) {
  if (options.positive_weight == 1) return;
  throw InvalidArgument::out_of_range("positive_weight", format_number(options.positive_weight), "1 for a regressor");
}

/// `train`: a valid data set.
inline void check(const GradientBoostingOptions& options, const Dataset& train) {
  require_between("rounds", options.rounds, 1, 1'000'000);
  require_fraction("learning_rate", options.learning_rate);
  require_between("max_depth", options.max_depth, 1, max_tree_depth);
  if (options.max_leaves != 0) require_at_least("max_leaves", options.max_leaves, 2);
  require_fraction("subsample", options.subsample);
  require_fraction("column_sample", options.column_sample);
  require_not_negative("l2", options.l2);
  require_not_negative("min_child_weight", options.min_child_weight);
  require_at_least("min_samples_leaf", options.min_samples_leaf, 1);
  require_not_negative("min_split_gain", options.min_split_gain);
  require_between("max_bins", options.max_bins, 2, 255);
  require_positive("positive_weight", options.positive_weight);
  require_offset_column(options.offset_column, train.columns());
  require_at_least("early_stopping_rounds", options.early_stopping_rounds, 0);
  require_at_least("threads", options.threads, 0);
  if (options.subsample < 1) require_sampled_weight(train);
}

}  // namespace detail

}  // namespace switchyard
