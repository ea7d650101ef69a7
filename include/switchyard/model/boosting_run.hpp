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
#include <span>
#include <utility>
#include <vector>

namespace switchyard::detail {

/// Throws InvalidArgument for what cannot be learned from.
template <class Loss>
void check_boosting(const Loss& loss, const GradientBoostingOptions& options, const std::optional<Loss>& validation) {
  loss.check();
  check(options, loss.data());
  if (!validation) return;
  validation->check();
  require_columns(validation->data().columns(), loss.data().columns());
}

/// One fit of gradient boosting: everything that lives from its first round to its last. Loss: see boosting_loss.hpp.
template <class Loss>
class BoostingRun {
 public:
  /// All is checked: see check_boosting. bins: of the loss's rows. What is borrowed must outlive the run.
  BoostingRun(const Loss& loss, const GradientBoostingOptions& options, const std::optional<Loss>& validation,
              const BinnedMatrix& bins, ThreadPool& pool)
      : loss_(loss),
        options_(options),
        validation_(validation),
        pool_(pool),
        bins_(bins),
        sums_(bins_.rows()),
        margins_(offsets(loss.data(), options.offset_column)) {
    ensemble_.features = loss.data().columns();
    ensemble_.offset_column = options.offset_column;
    ensemble_.offset_mean = mean_over_rows(loss.data(), [this](std::size_t i) { return margins_[i]; });
    ensemble_.bias = loss.best_constant(margins_);
    for (double& margin : margins_) margin += ensemble_.bias;
    unit_ = loss.unit(margins_);
    grower_.emplace(bins_, grow_options(), pool_);
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
    GrowRows rows = draw_rows(random);
    const double share = options_.column_sample * static_cast<double>(bins_.features());
    const auto columns = std::max<std::size_t>(1, static_cast<std::size_t>(share));
    GrownTree grown = grower_->grow(std::move(rows), sample_features(bins_.features(), columns, random), random);
    for (TreeNode& node : grown.tree.nodes) node.gain *= unit_ * unit_;
    move_margins(grown);
    ensemble_.trees.push_back(std::move(grown.tree));
  }

  /// The round's rows, whose derivatives the grower is given, and all others. Each block of rows draws from a generator
  /// of its own.
  [[nodiscard]] GrowRows draw_rows(Rng& random) {
    const std::size_t blocks = (bins_.rows() + rows_per_task - 1) / rows_per_task;
    const std::uint64_t seed = random.next();
    GrowRows result{std::vector<std::uint32_t>(bins_.rows()), {}};
    if (options_.subsample < 1) result.others.resize(bins_.rows());
    std::vector<std::size_t> kept(blocks);
    std::vector<SumRange> ranges(blocks);
    pool_.for_each_index(blocks, [&](std::size_t block) {
      const std::size_t begin = block * rows_per_task;
      const std::size_t end = std::min(bins_.rows(), begin + rows_per_task);
      kept[block] = draw_block(begin, end, Rng::stream(seed, block), result);
      for (std::size_t i = begin; i < end; ++i) ranges[block].add(sums_[i]);
    });
    SumRange range;
    for (const SumRange& each : ranges) range.add(each);
    grower_->set_sums(sums_, range);
    if (options_.subsample < 1) close_ranks(kept, result);
    return result;
  }

  /// Draws rows [begin, end): kept ones to the same places of `rows`, the others to those of `others`, each side from
  /// `begin` on. Returns how many were kept.
  [[nodiscard]] std::size_t draw_block(std::size_t begin, std::size_t end, Rng random, GrowRows& rows) {
    const bool samples = options_.subsample < 1;
    std::size_t kept = 0;
    for (std::size_t i = begin; i < end; ++i) {
      double weight = loss_.data().weight(static_cast<Index>(i));
      if (samples) weight = bernoulli_weight(weight, options_.subsample, random);
      rows.rows[begin + kept] = static_cast<std::uint32_t>(i);
      if (samples) rows.others[i - kept] = static_cast<std::uint32_t>(i);
      kept += weight > 0 ? 1 : 0;
      sums_[i] = {0, 0, weight};
    }
    for (std::size_t k = begin; k < begin + kept; ++k) {
      const std::size_t row = rows.rows[k];
      sums_[row] = loss_.gradient(row, margins_[row], sums_[row].weight);
      sums_[row].gradient /= unit_;
    }
    return kept;
  }

  /// Moves the blocks' rows together. kept: how many of each block's are in `rows`.
  static void close_ranks(std::span<const std::size_t> kept, GrowRows& rows) {
    auto row = rows.rows.begin();
    auto other = rows.others.begin();
    for (std::size_t block = 0; block < kept.size(); ++block) {
      const std::size_t begin = block * rows_per_task;
      const std::size_t left = std::min(rows_per_task, rows.rows.size() - begin) - kept[block];
      row = std::copy_n(rows.rows.begin() + static_cast<std::ptrdiff_t>(begin), kept[block], row);
      other = std::copy_n(rows.others.begin() + static_cast<std::ptrdiff_t>(begin), left, other);
    }
    rows.rows.erase(row, rows.rows.end());
    rows.others.erase(other, rows.others.end());
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

  /// Adds the tree's answers to the margins. Rows of the table are known by leaf; only those of validation walk it.
  void move_margins(const GrownTree& grown) {
    pool_.for_each_index(grown.leaves.size(), [&](std::size_t leaf) {
      const LeafRows& rows = grown.leaves[leaf];
      for (std::size_t i = rows.begin; i < rows.end; ++i) margins_[grown.rows[i]] += rows.value;
      for (std::size_t i = rows.others.begin; i < rows.others.end; ++i) margins_[grown.others[i]] += rows.value;
    });
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
  ThreadPool& pool_;
  const BinnedMatrix& bins_;
  Ensemble ensemble_;
  double unit_ = 1;                 // see boosting_loss.hpp
  std::vector<GradientSums> sums_;  // of the round's rows; the others' are zero
  std::optional<TreeGrower> grower_;
  std::vector<double> margins_;
  std::vector<double> validation_margins_;
};

}  // namespace switchyard::detail
