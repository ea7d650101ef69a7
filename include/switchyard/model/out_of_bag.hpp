#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/parallel.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/metric/classification.hpp"
#include "switchyard/model/random_forest.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace switchyard {

/// What a forest says about its own training rows, each asked only of the trees that did not see it (Breiman,
/// "Out-of-bag Estimation", 1996). Means are weighted by row; they are NaN if every tree saw every row.
struct OutOfBag {
  Vector probabilities;  // [samples]; NaN where every tree saw the row
  double log_loss = std::numeric_limits<double>::quiet_NaN();
  double accuracy = std::numeric_limits<double>::quiet_NaN();
};

namespace detail {

[[nodiscard]] inline OutOfBag summarise_out_of_bag(Vector probabilities, const Dataset& train) {
  std::vector<double> answers;
  std::vector<double> weights;
  Labels labels;
  for (Index i = 0; i < probabilities.size(); ++i) {
    if (std::isnan(probabilities[i])) continue;
    answers.push_back(probabilities[i]);
    weights.push_back(train.weight(i));
    labels.push_back(train.labels[static_cast<std::size_t>(i)]);
  }
  const Labels predicted = labels_from(Eigen::Map<const Vector>(answers.data(), static_cast<Index>(answers.size())));
  OutOfBag result{std::move(probabilities)};
  if (answers.empty()) return result;
  result.log_loss = switchyard::log_loss(labels, answers, weights);
  result.accuracy = switchyard::accuracy(labels, predicted, weights);
  return result;
}

}  // namespace detail

/// Out-of-bag answers of a forest. `train` and `options` must be those of its fit, from whose seed each tree's rows are
/// drawn again; throws InvalidArgument where they cannot be. Meant for rows of weight 1: a row that stands for many is
/// hardly ever out of every draw.
[[nodiscard]] inline OutOfBag out_of_bag(const RandomForest& forest, const Dataset& train,
                                         const RandomForestOptions& options) {
  const auto& trees = forest.ensemble().trees;
  detail::check(options, train);
  detail::require_columns(train.columns(), forest.features());
  if (!options.bootstrap) throw InvalidArgument::out_of_range("bootstrap", "false", "true for out-of-bag rows");
  if (trees.size() != static_cast<std::size_t>(options.trees)) {
    throw InvalidArgument::wrong_size("forest", trees.size(), static_cast<std::size_t>(options.trees));
  }
  ThreadPool pool(options.threads);
  std::vector<std::vector<bool>> seen(trees.size());
  pool.for_each_index(trees.size(), [&](std::size_t tree) {
    const auto counts = detail::forest_counts(train, options, tree);
    seen[tree].resize(counts.size());
    for (std::size_t i = 0; i < counts.size(); ++i) seen[tree][i] = counts[i] > 0;
  });
  Vector probabilities(train.rows());
  pool.for_each_index(static_cast<std::size_t>(train.rows()), [&](std::size_t i) {
    double sum = 0;
    double asked = 0;
    for (std::size_t tree = 0; tree < trees.size(); ++tree) {
      if (seen[tree][i]) continue;
      sum += trees[tree].predict(train.row(static_cast<Index>(i)));
      asked += 1;
    }
    probabilities[static_cast<Index>(i)] = sum / asked;
  });
  return detail::summarise_out_of_bag(std::move(probabilities), train);
}

}  // namespace switchyard
