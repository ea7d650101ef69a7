#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/large_vector.hpp"
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
#include <iterator>
#include <limits>
#include <numeric>
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
        row_weight_(row_weight(loss.data())),
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
  static constexpr std::size_t rows_per_task = TreeGrower::block_rows;

  [[nodiscard]] bool stops_early() const noexcept { return validation_ && options_.early_stopping_rounds > 0; }

  /// Where each row's margin starts, before the bias. [rows]
  [[nodiscard]] static LargeVector<double> offsets(const Dataset& data, Index column) {
    LargeVector<double> result(static_cast<std::size_t>(data.rows()));
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
    const std::uint64_t seed = random.next();
    RowList rows(bins_.rows());
    std::vector<std::size_t> kept((rows.size() + rows_per_task - 1) / rows_per_task);
    grower_->set_sums(row_weight_, [&](std::size_t begin, std::size_t end, const auto& put) {
      const std::size_t block = begin / rows_per_task;
      kept[block] = draw_block(begin, end, Rng::stream(seed, block), rows, put);
    });
    return close_ranks(kept, std::move(rows));
  }

  /// Draws among rows [begin, end): kept ones to these places of `rows` from the first on, the others from the last on
  /// backwards. Returns how many were kept.
  template <class Put>
  [[nodiscard]] std::size_t draw_block(std::size_t begin, std::size_t end, Rng random, RowList& rows, const Put& put) {
    const bool samples = options_.subsample < 1;
    std::vector<double> weights(end - begin);  // of those kept
    std::size_t kept = 0;
    std::size_t left_out = 0;
    for (std::size_t i = begin; i < end; ++i) {
      double weight = loss_.data().weight(static_cast<Index>(i));
      if (samples) weight = bernoulli_weight(weight, options_.subsample, random);
      rows[begin + kept] = static_cast<std::uint32_t>(i);
      rows[end - 1 - left_out] = static_cast<std::uint32_t>(i);
      weights[kept] = weight;
      kept += weight > 0 ? 1 : 0;
      left_out += weight > 0 ? 0 : 1;
    }
    for (std::size_t k = 0; k < kept; ++k) {
      const std::size_t row = rows[begin + k];
      GradientSums sums = loss_.gradient(row, margins_[row], weights[k]);
      sums.gradient /= unit_;
      put(row, sums);
    }
    return kept;
  }

  /// Brings what draw_block left together. kept: how many rows of each block were.
  [[nodiscard]] static GrowRows close_ranks(std::span<const std::size_t> kept, RowList rows) {
    GrowRows result;
    result.others.reserve(rows.size() - std::accumulate(kept.begin(), kept.end(), std::size_t{0}));
    auto out = rows.begin();
    for (std::size_t block = 0; block < kept.size(); ++block) {
      const std::size_t begin = block * rows_per_task;
      const auto first = rows.begin() + static_cast<std::ptrdiff_t>(begin);
      const auto middle = first + static_cast<std::ptrdiff_t>(kept[block]);
      const auto last = rows.begin() + static_cast<std::ptrdiff_t>(std::min(rows.size(), begin + rows_per_task));
      result.others.insert(result.others.end(), std::make_reverse_iterator(last), std::make_reverse_iterator(middle));
      out = first == out ? middle : std::copy(first, middle, out);
    }
    rows.erase(out, rows.end());
    result.rows = std::move(rows);
    return result;
  }

  /// Counts of one each are the rule, and cheaper.
  [[nodiscard]] static RowWeight row_weight(const Dataset& data) {
    if (Loss::hessian_is_rows) return RowWeight::hessian;
    const bool all_one = std::all_of(data.weights.begin(), data.weights.end(), [](double each) { return each == 1; });
    return all_one ? RowWeight::one : RowWeight::any;
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
  double unit_ = 1;  // see boosting_loss.hpp
  RowWeight row_weight_;
  std::optional<TreeGrower> grower_;
  LargeVector<double> margins_;
  LargeVector<double> validation_margins_;
};

}  // namespace switchyard::detail
