#pragma once

#include "switchyard/core/random.hpp"
#include "switchyard/data/dataset.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

/// Shape of a made-up labelled table.
struct TableShape {
  switchyard::Index rows = 100;
  switchyard::Index columns = 4;
  std::uint64_t values = 12;  // distinct values per column, not evenly spaced
  double missing = 0;         // share of missing values in the odd columns
  std::uint64_t weights = 1;  // whole weights from 1 to this; 1 = none
  std::uint64_t seed = 1;
};

/// A table whose labels depend on its columns, with noise.
inline switchyard::Dataset random_table(const TableShape& shape) {
  namespace sy = switchyard;
  sy::Rng random(shape.seed);
  sy::Dataset data;
  data.features.resize(shape.rows, shape.columns);
  for (sy::Index i = 0; i < shape.rows; ++i) {
    double score = -0.5;
    for (sy::Index j = 0; j < shape.columns; ++j) {
      const double value = std::sqrt(static_cast<double>(random.below(shape.values)) + 0.1 * static_cast<double>(j));
      const bool is_missing = j % 2 == 1 && random.bernoulli(shape.missing);
      data.features(i, j) = is_missing ? std::numeric_limits<double>::quiet_NaN() : value;
      score += is_missing ? 0.8 : std::sin(2.0 * value + static_cast<double>(j));
    }
    data.labels.push_back(random.uniform() < 1 / (1 + std::exp(-score)) ? 1 : 0);
    if (shape.weights > 1) data.weights.push_back(1.0 + static_cast<double>(random.below(shape.weights)));
  }
  for (sy::Index j = 0; j < shape.columns; ++j)
    data.feature_names.push_back(std::string("x").append(std::to_string(j)));
  return data;
}

/// The same rows with each of weight w written w times instead.
inline switchyard::Dataset repeated_by_weight(const switchyard::Dataset& data) {
  std::vector<switchyard::Index> rows;
  for (switchyard::Index i = 0; i < data.rows(); ++i) {
    for (int copy = 0; copy < static_cast<int>(data.weight(i)); ++copy) rows.push_back(i);
  }
  auto result = data.subset(rows);
  result.weights.clear();
  return result;
}
