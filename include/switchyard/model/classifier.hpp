#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/types.hpp"

#include <concepts>
#include <cstddef>

namespace switchyard {

/// What every fitted binary classifier offers. All of it is const and safe from any number of threads; the one-row and
/// the batch form give the same bits. NaN features are missing values.
template <class Model>
concept Classifier = std::copyable<Model> && std::equality_comparable<Model> &&
    requires(const Model& model, const MatrixView& features, RowView row) {
  { model.features() } -> std::same_as<Index>;                // columns a row must have
  { model.probability(row) } -> std::same_as<double>;         // P(label = 1); row: [features]
  { model.predict_proba(features) } -> std::same_as<Vector>;  // [samples], P(label = 1)
  { model.predict(features) } -> std::same_as<Labels>;        // [samples], 1 where P > 0.5
};

namespace detail {

inline void require_columns(Index found, Index expected) {
  if (found != expected) {
    throw InvalidArgument::wrong_size("feature row", static_cast<std::size_t>(found),
                                      static_cast<std::size_t>(expected));
  }
}

/// predict_proba for a model that answers one row at a time.
template <class Model>
[[nodiscard]] Vector probabilities_row_by_row(const Model& model, const MatrixView& features) {
  require_columns(features.cols(), model.features());
  Vector result(features.rows());
  for (Index i = 0; i < features.rows(); ++i) result[i] = model.probability(row_of(features, i));
  return result;
}

}  // namespace detail

/// 1 where the probability exceeds the threshold. A tie at the threshold is class 0, as in scikit-learn and XGBoost.
[[nodiscard]] inline Labels labels_from(const Vector& probabilities, double threshold = 0.5) {
  Labels result(static_cast<std::size_t>(probabilities.size()));
  for (Index i = 0; i < probabilities.size(); ++i) {
    result[static_cast<std::size_t>(i)] = probabilities[i] > threshold ? 1 : 0;
  }
  return result;
}

}  // namespace switchyard
