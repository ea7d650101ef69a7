#pragma once

#include "switchyard/model/boosting_options.hpp"
#include "tree/same_tree.hpp"
#include "tree/slow_tree.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

/// Boosting with the slow learner, written from the formulas. start: bias and offset; row_sums(row, raw answer): what a
/// row adds to its node.
template <class RowSums>
switchyard::Ensemble boost_slowly(const switchyard::Dataset& data, const switchyard::GradientBoostingOptions& options,
                                  switchyard::Ensemble start, const RowSums& row_sums) {
  SlowTree::Rules rules;
  rules.leaf_scale = -options.learning_rate;
  rules.l2 = options.l2;
  rules.max_depth = options.max_depth;
  rules.min_leaf = options.min_samples_leaf;
  rules.min_hessian = options.min_child_weight;
  rules.min_gain = options.min_split_gain;
  rules.max_leaves = static_cast<std::size_t>(options.max_leaves);
  rules.best_first = options.growth == switchyard::Growth::leaf_wise;
  switchyard::Ensemble result = std::move(start);
  result.features = data.columns();
  for (int round = 0; round < options.rounds; ++round) {
    std::vector<SlowTree::Row> sums;
    for (switchyard::Index i = 0; i < data.rows(); ++i) {
      sums.push_back(row_sums(static_cast<std::size_t>(i), result.raw(data.row(i))));
    }
    result.trees.push_back(SlowTree(data, sums, rules).grow());
  }
  return result;
}

/// A column's value as an offset, as its definition has it.
inline double slow_offset(const switchyard::Dataset& data, std::size_t row, switchyard::Index column) {
  if (column < 0) return 0;
  const double value = data.features(static_cast<switchyard::Index>(row), column);
  return std::isnan(value) ? 0 : value;
}

/// Weighted mean of the column as an offset.
inline double slow_offset_mean(const switchyard::Dataset& data, switchyard::Index column) {
  double sum = 0;
  double weight = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(data.rows()); ++i) {
    sum += data.weight(static_cast<switchyard::Index>(i)) * slow_offset(data, i, column);
    weight += data.weight(static_cast<switchyard::Index>(i));
  }
  return sum / weight;
}

/// Checks that two ensembles have the same splits, exactly, and the same numbers up to rounding.
inline void check_same_ensemble(const switchyard::Ensemble& found, const switchyard::Ensemble& expected) {
  CHECK(found.features == expected.features);
  CHECK(found.scale == expected.scale);
  CHECK(found.bias == Approx(expected.bias).epsilon(1e-12).margin(1e-12));
  CHECK(found.offset_column == expected.offset_column);
  CHECK(found.offset_mean == Approx(expected.offset_mean).epsilon(1e-12).margin(1e-12));
  REQUIRE(found.trees.size() == expected.trees.size());
  for (std::size_t i = 0; i < found.trees.size(); ++i) {
    CAPTURE(i);
    check_same(found.trees[i], expected.trees[i]);
  }
}
