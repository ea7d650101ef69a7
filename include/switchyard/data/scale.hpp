#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/statistics.hpp"
#include "switchyard/core/types.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace switchyard {

/// Brings each column to mean 0 and variance 1 as seen in training: (x - mean) / scale. A missing value (NaN) does not
/// count in `fit` and stays missing. As scikit-learn's StandardScaler, whose test for a constant column it shares.
struct StandardScaler {
  std::vector<double> mean;   // [features]; 0 for a column without any value
  std::vector<double> scale;  // [features], > 0: standard deviation (n in the denominator); 1 for a constant column

  /// features: [samples x features]. weights: [samples], > 0, or empty; a row of weight 2 counts as two rows.
  /// Throws InvalidArgument if there are neither none nor as many weights as rows.
  [[nodiscard]] static StandardScaler fit(const MatrixView& features, std::span<const double> weights = {});

  [[nodiscard]] Index features() const noexcept { return static_cast<Index>(mean.size()); }

  [[nodiscard]] double transform(Index column, double value) const noexcept {
    const auto c = static_cast<std::size_t>(column);
    return (value - mean[c]) / scale[c];
  }

  /// features and result: [samples x features]
  [[nodiscard]] Matrix transform(const MatrixView& features) const;

  friend bool operator==(const StandardScaler&, const StandardScaler&) = default;
};

namespace detail {

/// Weighted mean of f(value) over the values of a column that are not missing, and the weight they carry.
struct ColumnMean {
  double mean = 0;
  double weight = 0;
};

template <class Transform>
[[nodiscard]] ColumnMean column_mean(const MatrixView& features, Index column, std::span<const double> weights,
                                     Transform&& transform) {
  CompensatedSum sum;
  CompensatedSum total;
  for (Index i = 0; i < features.rows(); ++i) {
    const double value = features(i, column);
    if (std::isnan(value)) continue;
    const double weight = weights.empty() ? 1.0 : weights[static_cast<std::size_t>(i)];
    sum.add(weight * transform(value));
    total.add(weight);
  }
  if (total.value() == 0) return {};
  return {sum.value() / total.value(), total.value()};
}

}  // namespace detail

inline StandardScaler StandardScaler::fit(const MatrixView& features, std::span<const double> weights) {
  if (!weights.empty() && weights.size() != static_cast<std::size_t>(features.rows())) {
    throw InvalidArgument::wrong_size("weights", weights.size(), static_cast<std::size_t>(features.rows()));
  }
  StandardScaler result;
  for (Index column = 0; column < features.cols(); ++column) {
    const auto [centre, weight] = detail::column_mean(features, column, weights, [](double x) { return x; });
    const auto squared_distance = [centre = centre](double x) { return (x - centre) * (x - centre); };
    const double variance = detail::column_mean(features, column, weights, squared_distance).mean;
    // Below this bound a variance is what rounding makes of a constant (Chan, Golub & LeVeque, 1983).
    constexpr double epsilon = std::numeric_limits<double>::epsilon();
    const double rounding = weight * centre * epsilon;
    const bool constant = variance <= weight * epsilon * variance + rounding * rounding;
    result.mean.push_back(centre);
    result.scale.push_back(constant ? 1.0 : std::sqrt(variance));
  }
  return result;
}

inline Matrix StandardScaler::transform(const MatrixView& features) const {
  if (features.cols() != this->features()) {
    throw InvalidArgument::wrong_size("feature row", static_cast<std::size_t>(features.cols()), mean.size());
  }
  Matrix result(features.rows(), features.cols());
  for (Index i = 0; i < features.rows(); ++i) {
    for (Index column = 0; column < features.cols(); ++column) {
      result(i, column) = transform(column, features(i, column));
    }
  }
  return result;
}

}  // namespace switchyard
