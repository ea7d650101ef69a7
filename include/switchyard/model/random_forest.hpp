#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/parallel.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/model/classifier.hpp"
#include "switchyard/model/option_checks.hpp"
#include "switchyard/tree/binning.hpp"
#include "switchyard/tree/criterion.hpp"
#include "switchyard/tree/grow.hpp"
#include "switchyard/tree/row_groups.hpp"
#include "switchyard/tree/sampling.hpp"
#include "switchyard/tree/tree.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace switchyard {

/// How to grow a random forest. Rows are counted by their weight in the data set: a row of weight 3 is three rows. With
/// a bootstrap the rows of a node are its draws, so that a row drawn twice counts twice (scikit-learn counts it once).
struct RandomForestOptions {
  int trees = 100;              // >= 1
  int max_depth = 15;           // 1 to 64
  int min_samples_split = 100;  // >= 2: rows a node needs to be split
  int min_samples_leaf = 50;    // >= 1: rows each child keeps
  int max_features = 0;         // columns each split chooses from, up to all; 0 = square root of their number
  int max_bins = 255;           // 2 to 255 per column
  Grouping group_repeated_rows = Grouping::automatic;  // the forest is the same either way
  bool bootstrap = true;                               // each tree on its own draw of the rows; false = all on all rows
  double positive_weight = 1;                          // > 0: weight of a row with label 1 relative to label 0
  std::uint64_t seed = 42;
  int threads = 0;  // 0 = one per hardware thread; the result does not depend on it
};

/// The requirements' baseline: 100 trees of depth 15, 100 rows to split and 50 per leaf, Gini, sqrt columns.
[[nodiscard]] inline RandomForestOptions random_forest_baseline() noexcept { return {}; }

/// Breiman's random forest ("Random Forests", Machine Learning 45, 2001) of Gini trees on binned columns; its
/// probability is the mean of the trees' leaf shares, as in scikit-learn. A tree's covers are the rows of its
/// bootstrap.
class RandomForest {
 public:
  /// Throws InvalidArgument for an option outside its range, an invalid data set or one without rows.
  [[nodiscard]] static RandomForest fit(const Dataset& train, const RandomForestOptions& options = {});

  /// A forest from elsewhere: leaves hold probabilities, scale is 1 / trees, bias 0.
  explicit RandomForest(Ensemble ensemble) : ensemble_(std::move(ensemble)) {}

  [[nodiscard]] const Ensemble& ensemble() const noexcept { return ensemble_; }
  [[nodiscard]] Index features() const noexcept { return ensemble_.features; }

  [[nodiscard]] double probability(RowView row) const {
    detail::require_columns(static_cast<Index>(row.size()), features());
    return ensemble_.raw(row);
  }
  [[nodiscard]] Vector predict_proba(const MatrixView& rows) const {
    return detail::probabilities_row_by_row(*this, rows);
  }
  [[nodiscard]] Labels predict(const MatrixView& rows) const { return labels_from(predict_proba(rows)); }

  friend bool operator==(const RandomForest&, const RandomForest&) = default;

 private:
  Ensemble ensemble_;
};

static_assert(Classifier<RandomForest> && TreeEnsemble<RandomForest>);

namespace detail {

inline void check(const RandomForestOptions& options, const Dataset& train) {
  require_training_rows(train);
  require_between("trees", options.trees, 1, 1'000'000);
  require_between("max_depth", options.max_depth, 1, max_tree_depth);
  require_at_least("min_samples_split", options.min_samples_split, 2);
  require_at_least("min_samples_leaf", options.min_samples_leaf, 1);
  require_between("max_features", options.max_features, 0, static_cast<int>(train.columns()));
  require_between("max_bins", options.max_bins, 2, 255);
  require_positive("positive_weight", options.positive_weight);
  require_at_least("threads", options.threads, 0);
  if (options.bootstrap) require_sampled_weight(train);
}

[[nodiscard]] inline GrowOptions grow_options(const RandomForestOptions& options, Index columns) {
  const int root = std::max(1, static_cast<int>(std::sqrt(static_cast<double>(columns))));
  GrowOptions result;
  result.criterion = SplitCriterion::gini();
  result.limits.max_depth = options.max_depth;
  result.limits.min_samples_split = options.min_samples_split;
  result.limits.min_samples_leaf = options.min_samples_leaf;
  result.features_per_node = options.max_features > 0 ? options.max_features : root;
  return result;
}

[[nodiscard]] inline BinnedMatrix bin_for_forest(const Dataset& train, const RandomForestOptions& options,
                                                 ThreadPool& pool) {
  const auto columns = static_cast<std::size_t>(train.columns());
  return {train, options.max_bins, layout_for(grow_options(options, train.columns()), columns), pool};
}

/// How often row counts in tree number `tree`: what fit draws and out_of_bag draws again. [rows]
[[nodiscard]] inline std::vector<double> forest_counts(const Dataset& train, const RandomForestOptions& options,
                                                       std::size_t tree) {
  if (options.bootstrap) return bootstrap_counts(train, Rng::stream(options.seed, 2 * tree));
  std::vector<double> counts(static_cast<std::size_t>(train.rows()));
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = train.weight(static_cast<Index>(i));
  return counts;
}

/// The same of merged rows: rows are drawn as if nothing were merged, then counted together.
[[nodiscard]] inline std::vector<double> merged_forest_counts(const Dataset& train, const MergedRows& merged,
                                                              const RandomForestOptions& options, std::size_t tree) {
  if (!options.bootstrap) return merged.rows.weights;
  std::vector<std::uint32_t> counts(merged.rows.weights.size());
  draw_bootstrap(train, Rng::stream(options.seed, 2 * tree), [&](std::uint32_t row) { ++counts[merged.group[row]]; });
  return {counts.begin(), counts.end()};
}

/// As `options` ask. A forest draws rows before it merges them: fractional weights are no obstacle.
[[nodiscard]] inline std::optional<MergedRows> merge_rows(const Dataset& train, const BinnedMatrix& bins,
                                                          const RandomForestOptions& options) {
  return merge_rows(train, bins, {.grouping = options.group_repeated_rows, .numbers_rows = options.bootstrap});
}

/// counts: of the labels' rows, given up on the way. [labels.size()]
[[nodiscard]] inline Tree forest_tree(const Labels& labels, const BinnedMatrix& bins, std::vector<double> counts,
                                      const RandomForestOptions& options, std::size_t tree) {
  ThreadPool alone(1);
  TreeGrower grower(bins, grow_options(options, static_cast<Index>(bins.features())), alone);
  RowList rows;
  rows.reserve(counts.size() - static_cast<std::size_t>(std::count(counts.begin(), counts.end(), 0.0)));
  const RowWeight weight = options.positive_weight == 1 ? RowWeight::hessian : RowWeight::any;
  grower.set_sums(weight, [&](std::size_t begin, std::size_t end, const auto& put) {
    for (std::size_t i = begin; i < end; ++i) {
      if (!(counts[i] > 0)) continue;
      const bool positive = labels[i] == 1;
      const double total = positive ? counts[i] * options.positive_weight : counts[i];
      put(i, {positive ? total : 0.0, total, counts[i]});
      rows.push_back(static_cast<std::uint32_t>(i));
    }
  });
  std::vector<double>().swap(counts);
  std::vector<std::uint32_t> features(bins.features());
  std::iota(features.begin(), features.end(), 0U);
  return grower.grow(std::move(rows), std::move(features), Rng::stream(options.seed, 2 * tree + 1)).tree;
}

}  // namespace detail

inline RandomForest RandomForest::fit(const Dataset& train, const RandomForestOptions& options) {
  detail::check(options, train);
  ThreadPool pool(options.threads);
  const BinnedMatrix bins = detail::bin_for_forest(train, options, pool);
  Ensemble ensemble;
  ensemble.features = train.columns();
  ensemble.scale = 1.0 / options.trees;
  ensemble.trees.resize(static_cast<std::size_t>(options.trees));
  const auto merged = detail::merge_rows(train, bins, options);
  pool.for_each_index(ensemble.trees.size(), [&](std::size_t tree) {
    std::vector<double> counts = merged ? detail::merged_forest_counts(train, *merged, options, tree)
                                        : detail::forest_counts(train, options, tree);
    const Labels& labels = merged ? merged->rows.labels : train.labels;
    ensemble.trees[tree] = detail::forest_tree(labels, merged ? merged->bins : bins, std::move(counts), options, tree);
  });
  return RandomForest(std::move(ensemble));
}

/// How many rows RandomForest::fit merges `train` into. Bins the table once more to find out.
[[nodiscard]] inline GroupingSummary summarise_grouping(const Dataset& train, const RandomForestOptions& options) {
  detail::check(options, train);
  ThreadPool pool(options.threads);
  const auto merged = detail::merge_rows(train, detail::bin_for_forest(train, options, pool), options);
  return {train.rows(), merged ? merged->rows.rows() : train.rows()};
}

}  // namespace switchyard
