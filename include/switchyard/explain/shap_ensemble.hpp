#pragma once

#include "switchyard/core/types.hpp"
#include "switchyard/explain/shap_block.hpp"
#include "switchyard/explain/shap_direct.hpp"
#include "switchyard/explain/shap_tree.hpp"
#include "switchyard/explain/shap_walk.hpp"
#include "switchyard/tree/tree.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace switchyard::detail {

/// An ensemble prepared for explanations: each tree as blocks where its paths are short enough, else to be walked.
template <ShapOrder order>
class ShapEnsemble {
 public:
  using ShapTree = std::variant<ShapBlocks, ShapDirect>;

  /// Throws InvalidArgument as require_sound.
  explicit ShapEnsemble(const Ensemble& ensemble)
      : bare_{.trees = {},
              .bias = ensemble.bias,
              .scale = ensemble.scale,
              .features = ensemble.features,
              .offset_column = ensemble.offset_column,
              .offset_mean = ensemble.offset_mean},
        expected_(ensemble.bias + (ensemble.offset_column >= 0 ? ensemble.offset_mean : 0)) {
    require_sound(ensemble);
    const auto rule = quadrature_packets<4>(shap_block_bits - 1).front();
    for (const Tree& tree : ensemble.trees) {
      if (distinct_features_on_path(tree) <= shap_block_bits) {
        trees_.push_back(ShapBlockCutter(tree, ensemble.scale, order, rule).cut());
      } else {
        trees_.push_back(ShapDirect(tree, ensemble.scale));
      }
      expected_ += ensemble.scale * expected_value(tree);
    }
  }

  [[nodiscard]] double mean() const noexcept { return expected_; }
  [[nodiscard]] std::size_t features() const noexcept { return static_cast<std::size_t>(bare_.features); }
  [[nodiscard]] std::size_t columns() const noexcept { return credit_columns(order, features()); }
  [[nodiscard]] const std::vector<ShapTree>& trees() const noexcept { return trees_; }

  /// Adds a row's credits to `out`. [columns]
  void add(RowView row, std::span<double> out) const {
    std::vector<std::uint8_t> left;  // by split, of one tree after the other
    for (const ShapTree& tree : trees_) {
      if (const auto* blocks = std::get_if<ShapBlocks>(&tree)) {
        add(*blocks, row, out, left);
      } else {
        add(std::get<ShapDirect>(tree), row, out);
      }
    }
    add_offset(row, out);
  }

  /// The offset is a game of its column alone.
  void add_offset(RowView row, std::span<double> out) const noexcept {
    if (bare_.offset_column < 0) return;
    out[column(bare_.offset_column, bare_.offset_column)] += bare_.offset(row) - bare_.offset_mean;
  }

  /// Where a feature's, or for interactions a pair's, credit goes.
  [[nodiscard]] std::size_t column(Index i, Index j) const noexcept {
    const auto low = static_cast<std::size_t>(std::min(i, j));
    return order == ShapOrder::values ? low : pair_column(low, static_cast<std::size_t>(std::max(i, j)), features());
  }

  /// Where a block's credits go: [ShapBlocks::credits]
  [[nodiscard]] std::array<std::size_t, most_block_credits> columns_of(const ShapBlocks& tree,
                                                                       const ShapBlock& block) const noexcept {
    std::array<std::size_t, most_block_credits> result{};
    const auto features = block.features.of(tree.features);
    std::size_t next = 0;
    for (const std::int32_t feature : features) result[next++] = column(feature, feature);
    for (const auto& [i, j] : block.pairs.of(tree.pairs)) result[next++] = column(features[i], features[j]);
    return result;
  }

  /// Adds to each column what a walk has credited to the tree's own features. add: (column, credit)
  template <class Add>
  void for_each_credit(const ShapDirect& tree, const std::vector<double>& credits, const Add& add_to) const {
    const std::size_t own = tree.features.size();
    for (std::size_t i = 0; i < own; ++i) {
      if constexpr (order == ShapOrder::values) {
        add_to(column(tree.features[i], tree.features[i]), credits[i]);
      } else {
        for (std::size_t j = i; j < own; ++j) {
          add_to(column(tree.features[i], tree.features[j]), credits[pair_column(i, j, own)]);
        }
      }
    }
  }

 private:
  void add(const ShapBlocks& tree, RowView row, std::span<double> out, std::vector<std::uint8_t>& left) const {
    left.resize(tree.splits.size());
    for (std::size_t i = 0; i < left.size(); ++i) left[i] = tree.splits[i].goes_left(row) ? 1 : 0;
    const ShapWalk walk(tree);
    std::array<double, most_block_credits> credits{};
    for (const ShapBlock& block : tree.blocks) {
      unsigned pattern = (1U << block.bits) - 1;
      for (const ShapCondition& each : block.conditions.of(tree.conditions)) {
        pattern &= ~(static_cast<unsigned>(left[each.split] ^ each.left) << each.bit);
      }
      walk.credits(block, pattern, credits.data());
      const auto columns = columns_of(tree, block);
      for (std::size_t i = 0; i < ShapBlocks::credits(block); ++i) out[columns[i]] += credits[i];
    }
  }

  void add(const ShapDirect& tree, RowView row, std::span<double> out) const {
    ShapDirectWalk<order> walk(tree);
    for_each_credit(tree, walk.credits(row), [&](std::size_t column, double credit) { out[column] += credit; });
  }

  Ensemble bare_;  // without its trees
  std::vector<ShapTree> trees_;
  double expected_ = 0;
};

}  // namespace switchyard::detail
