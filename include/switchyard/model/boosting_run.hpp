#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/parallel.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/model/boosting_loss.hpp"
#include "switchyard/model/boosting_options.hpp"
#include "switchyard/model/classifier.hpp"
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
#include <optional>
#include <utility>
#include <vector>

namespace switchyard::detail {

/// One fit of gradient boosting: everything that lives from its first round to its last. Loss: see boosting_loss.hpp.
template <class Loss>
class BoostingRun {
 public:
  /// Checks everything. What the losses borrow and the options must outlive the run.
  BoostingRun(const Loss& loss, const GradientBoostingOptions& options, const std::optional<Loss>& validation)
      : loss_(checked(loss, options, validation)),
        options_(options),
        validation_(validation),
        pool_(options.threads),
        bins_(loss.data(), options.max_bins, pool_),
        sums_(bins_.rows()),
        margins_(offsets(loss.data(), options.offset_column)) {
    ensemble_.features = loss.data().columns();
    ensemble_.offset_column = options.offset_column;
    ensemble_.offset_mean = mean_over_rows(loss.data(), [this](std::size_t i) { return margins_[i]; });
    ensemble_.bias = loss.best_constant(margins_);
    for (double& margin : margins_) margin += ensemble_.bias;
    unit_ = loss.unit(margins_);
    if (!validation) return;
    validation_margins_ = offsets(validation->data(), options.offset_column);
    for (double& margin : validation_margins_) margin += ensemble_.bias;
  }

  [[nodiscard]] Ensemble run(const BoostingProgress& progress) {
    double lowest = std::numeric_limits<double>::infinity();
    int best_round = 0;
    for (int round = 1; round <= options_.rounds; ++round) {
      add_tree(round);
      const double loss = validation_ ? validation_loss() : std::numeric_limits<double>::quiet_NaN();
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

  static const Loss& checked(const Loss& loss, const GradientBoostingOptions& options,
                             const std::optional<Loss>& validation) {
    loss.check();
    check(options, loss.data());
    if (!validation) return loss;
    validation->check();
    require_columns(validation->data().columns(), loss.data().columns());
    return loss;
  }

  [[nodiscard]] bool stops_early() const noexcept { return validation_ && options_.early_stopping_rounds > 0; }

  /// Where each row's margin starts, before the bias. [rows]
  [[nodiscard]] static std::vector<double> offsets(const Dataset& data, Index column) {
    std::vector<double> result(static_cast<std::size_t>(data.rows()));
    if (column < 0) return result;
    Ensemble none;
    none.offset_column = column;
    for (std::size_t i = 0; i < result.size(); ++i) {
      result[i] = none.offset(data.row(static_cast<Index>(i)));
      if (std::abs(result[i]) <= largest_margin) continue;
      throw InvalidArgument::out_of_range(data.feature_names[static_cast<std::size_t>(column)],
                                          format_number(result[i]), "a number from -1e100 to 1e100 for an offset");
    }
    return result;
  }

  void add_tree(int round) {
    Rng random = Rng::stream(options_.seed, static_cast<std::uint64_t>(round));
    const std::vector<std::uint32_t> rows = draw_rows(random);
    const double share = options_.column_sample * static_cast<double>(bins_.features());
    const auto columns = std::max<std::size_t>(1, static_cast<std::size_t>(share));
    TreeGrower grower(bins_, sums_, grow_options(), pool_);
    GrownTree grown = grower.grow(rows, sample_features(bins_.features(), columns, random), random);
    for (TreeNode& node : grown.tree.nodes) node.gain *= unit_ * unit_;
    move_margins(grown);
    ensemble_.trees.push_back(std::move(grown.tree));
  }

  /// The round's rows, their derivatives in sums_; the others' are zero.
  [[nodiscard]] std::vector<std::uint32_t> draw_rows(Rng& random) {
    std::vector<double> kept;
    if (options_.subsample < 1) kept = bernoulli_weights(loss_.data(), options_.subsample, random);
    for_each_block(bins_.rows(), [&](std::size_t i) {
      const double rows = kept.empty() ? loss_.data().weight(static_cast<Index>(i)) : kept[i];
      sums_[i] = loss_.gradient(i, margins_[i], rows);
      sums_[i].gradient /= unit_;
    });
    std::vector<std::uint32_t> rows;
    rows.reserve(bins_.rows());
    for (std::size_t i = 0; i < bins_.rows(); ++i) {
      if (kept.empty() || kept[i] > 0) rows.push_back(static_cast<std::uint32_t>(i));
    }
    return rows;
  }

  /// Splits are judged in units of the loss, leaves answer in the margins' own.
  [[nodiscard]] GrowOptions grow_options() const noexcept {
    GrowOptions result;
    result.criterion = SplitCriterion::newton(options_.learning_rate * unit_, options_.l2);
    result.limits.max_depth = options_.max_depth;
    result.limits.min_samples_leaf = options_.min_samples_leaf;
    result.limits.min_child_hessian = options_.min_child_weight;
    result.limits.min_gain = options_.min_split_gain / (unit_ * unit_);
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
        margins_[i] += grown.tree.predict(loss_.data().row(static_cast<Index>(i)));
      });
    }
    if (!validation_) return;
    for_each_block(validation_margins_.size(), [&](std::size_t i) {
      validation_margins_[i] += grown.tree.predict(validation_->data().row(static_cast<Index>(i)));
    });
  }

  [[nodiscard]] double validation_loss() const {
    return mean_over_rows(validation_->data(),
                          [this](std::size_t i) { return validation_->loss(i, validation_margins_[i]); });
  }

  template <class Body>
  void for_each_block(std::size_t count, const Body& body) {
    pool_.for_each_index((count + rows_per_task - 1) / rows_per_task, [&](std::size_t block) {
      const std::size_t end = std::min(count, (block + 1) * rows_per_task);
      for (std::size_t i = block * rows_per_task; i < end; ++i) body(i);
    });
  }

  const Loss& loss_;
  const GradientBoostingOptions& options_;
  const std::optional<Loss>& validation_;
  ThreadPool pool_;
  BinnedMatrix bins_;
  Ensemble ensemble_;
  double unit_ = 1;  // see boosting_loss.hpp
  std::vector<GradientSums> sums_;
  std::vector<double> margins_;
  std::vector<double> validation_margins_;
};

}  // namespace switchyard::detail
