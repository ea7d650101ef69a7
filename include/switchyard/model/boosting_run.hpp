#pragma once

#include "switchyard/core/parallel.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/core/statistics.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/model/boosting_options.hpp"
#include "switchyard/model/classifier.hpp"
#include "switchyard/nn/activation.hpp"
#include "switchyard/tree/binning.hpp"
#include "switchyard/tree/criterion.hpp"
#include "switchyard/tree/grow.hpp"
#include "switchyard/tree/sampling.hpp"
#include "switchyard/tree/tree.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

namespace switchyard::detail {

/// Log-odds of a probability, kept away from 0 and 1 so that data of one class has a finite answer.
[[nodiscard]] inline double clamped_log_odds(double probability) noexcept {
  constexpr double smallest = 1e-9;
  const double p = std::clamp(probability, smallest, 1 - smallest);
  return std::log(p / (1 - p));
}

/// First and second derivative by the log-odds of the log-loss of `rows` rows, times `weight`. The second is kept above
/// 0, as in XGBoost, so that a certain answer can still be corrected.
[[nodiscard]] inline GradientSums log_loss_gradient(double log_odds, bool positive, double weight,
                                                    double rows) noexcept {
  constexpr double smallest_hessian = 1e-16;
  const double probability = logistic(log_odds);
  return {weight * (probability - (positive ? 1.0 : 0.0)),
          weight * std::max(probability * (1 - probability), smallest_hessian), rows};
}

/// One fit of gradient boosting: everything that lives from its first round to its last.
class BoostingRun {
 public:
  /// Checks everything; `validation` may be null. All must outlive the run.
  BoostingRun(const Dataset& train, const GradientBoostingOptions& options, const Dataset* validation)
      : train_(checked(train, options, validation)),
        options_(options),
        validation_(validation),
        pool_(options.threads),
        bins_(train, options.max_bins, pool_),
        sums_(bins_.rows()) {
    ensemble_.features = train.columns();
    ensemble_.bias = base_margin();
    margins_.assign(bins_.rows(), ensemble_.bias);
    if (validation != nullptr) validation_margins_.assign(static_cast<std::size_t>(validation->rows()), ensemble_.bias);
  }

  [[nodiscard]] Ensemble run(const BoostingProgress& progress) {
    double lowest = std::numeric_limits<double>::infinity();
    int best_round = 0;
    for (int round = 1; round <= options_.rounds; ++round) {
      add_tree(round);
      const double loss = validation_ != nullptr ? validation_loss() : std::numeric_limits<double>::quiet_NaN();
      if (progress) progress(round, loss);
      if (!stops_early()) continue;
      if (loss < lowest) {
        lowest = loss;
        best_round = round;
      }
      if (round - best_round >= options_.early_stopping_rounds) break;
    }
    if (stops_early()) ensemble_.trees.resize(static_cast<std::size_t>(std::max(1, best_round)));
    return std::move(ensemble_);
  }

 private:
  static constexpr std::size_t rows_per_task = 8192;

  static const Dataset& checked(const Dataset& train, const GradientBoostingOptions& options,
                                const Dataset* validation) {
    check(options, train);
    if (validation != nullptr) {
      require_training_rows(*validation);
      require_columns(validation->columns(), train.columns());
    }
    return train;
  }

  [[nodiscard]] bool stops_early() const noexcept {
    return validation_ != nullptr && options_.early_stopping_rounds > 0;
  }
  [[nodiscard]] bool is_positive(std::size_t row) const noexcept { return train_.labels[row] == 1; }
  [[nodiscard]] double class_weight(std::size_t row) const noexcept {
    return is_positive(row) ? options_.positive_weight : 1.0;
  }

  [[nodiscard]] double base_margin() const {
    CompensatedSum positive;
    CompensatedSum all;
    for (std::size_t i = 0; i < bins_.rows(); ++i) {
      const double weight = train_.weight(static_cast<Index>(i)) * class_weight(i);
      all.add(weight);
      if (is_positive(i)) positive.add(weight);
    }
    return clamped_log_odds(positive.value() / all.value());
  }

  void add_tree(int round) {
    Rng random = Rng::stream(options_.seed, static_cast<std::uint64_t>(round));
    const std::vector<std::uint32_t> rows = draw_rows(random);
    const double share = options_.column_sample * static_cast<double>(bins_.features());
    const auto columns = std::max<std::size_t>(1, static_cast<std::size_t>(share));
    TreeGrower grower(bins_, sums_, grow_options(), pool_);
    GrownTree grown = grower.grow(rows, sample_features(bins_.features(), columns, random), random);
    move_margins(grown);
    ensemble_.trees.push_back(std::move(grown.tree));
  }

  /// The round's rows, their derivatives in sums_; the others' are zero.
  [[nodiscard]] std::vector<std::uint32_t> draw_rows(Rng& random) {
    std::vector<double> kept;
    if (options_.subsample < 1) kept = bernoulli_weights(train_, options_.subsample, random);
    for_each_block(bins_.rows(), [&](std::size_t i) {
      const double rows = kept.empty() ? train_.weight(static_cast<Index>(i)) : kept[i];
      sums_[i] = log_loss_gradient(margins_[i], is_positive(i), rows * class_weight(i), rows);
    });
    std::vector<std::uint32_t> rows;
    rows.reserve(bins_.rows());
    for (std::size_t i = 0; i < bins_.rows(); ++i) {
      if (kept.empty() || kept[i] > 0) rows.push_back(static_cast<std::uint32_t>(i));
    }
    return rows;
  }

  [[nodiscard]] GrowOptions grow_options() const noexcept {
    GrowOptions result;
    result.criterion = SplitCriterion::newton(options_.learning_rate, options_.l2);
    result.limits.max_depth = options_.max_depth;
    result.limits.min_samples_leaf = options_.min_samples_leaf;
    result.limits.min_child_hessian = options_.min_child_weight;
    result.limits.min_gain = options_.min_split_gain;
    result.growth = options_.growth;
    result.max_leaves = options_.max_leaves;
    return result;
  }

  /// Adds the tree's answers to the margins. Rows it was grown on are known by leaf; only the others walk it.
  void move_margins(const GrownTree& grown) {
    pool_.for_each_index(grown.leaves.size(), [&](std::size_t leaf) {
      const LeafRows& rows = grown.leaves[leaf];
      for (std::size_t i = rows.begin; i < rows.end; ++i) margins_[grown.rows[i]] += rows.value;
    });
    if (grown.rows.size() < bins_.rows()) {
      for_each_block(bins_.rows(), [&](std::size_t i) {
        if (sums_[i].weight > 0) return;
        margins_[i] += grown.tree.predict(train_.row(static_cast<Index>(i)));
      });
    }
    if (validation_ == nullptr) return;
    for_each_block(validation_margins_.size(), [&](std::size_t i) {
      validation_margins_[i] += grown.tree.predict(validation_->row(static_cast<Index>(i)));
    });
  }

  /// Weighted mean log-loss of the validation rows.
  [[nodiscard]] double validation_loss() const {
    CompensatedSum loss;
    CompensatedSum weight;
    for (std::size_t i = 0; i < validation_margins_.size(); ++i) {
      const double row_weight = validation_->weight(static_cast<Index>(i));
      loss.add(row_weight * log_loss_of_logit(validation_margins_[i], validation_->labels[i]));
      weight.add(row_weight);
    }
    return loss.value() / weight.value();
  }

  template <class Body>
  void for_each_block(std::size_t count, const Body& body) {
    pool_.for_each_index((count + rows_per_task - 1) / rows_per_task, [&](std::size_t block) {
      const std::size_t end = std::min(count, (block + 1) * rows_per_task);
      for (std::size_t i = block * rows_per_task; i < end; ++i) body(i);
    });
  }

  const Dataset& train_;
  const GradientBoostingOptions& options_;
  const Dataset* validation_;
  ThreadPool pool_;
  BinnedMatrix bins_;
  Ensemble ensemble_;
  std::vector<GradientSums> sums_;
  std::vector<double> margins_;
  std::vector<double> validation_margins_;
};

}  // namespace switchyard::detail
