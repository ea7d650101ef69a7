#pragma once

#include <Eigen/Core>

#include <cstdint>
#include <span>
#include <vector>

namespace switchyard {

using Index = Eigen::Index;

/// Features: rows = samples, columns = features. Row-major, so that one request's features lie together.
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A matrix or a block of its rows, not copied.
using MatrixView = Eigen::Ref<const Matrix>;

using Vector = Eigen::VectorXd;

/// Numbers that lie one after the other, as a vector, not copied. Arithmetic on parts of vectors and matrices that goes
/// through these two types shares its expressions, each of which takes its time to compile.
using VectorMap = Eigen::Map<Vector>;
using ConstVectorMap = Eigen::Map<const Vector>;

/// One sample's features. [features]
using RowView = std::span<const double>;

/// Class labels, 0 or 1. [samples]
using Labels = std::vector<std::uint8_t>;

/// One row of a row-major matrix as a span.
[[nodiscard]] inline RowView row_of(const MatrixView& matrix, Index row) {
  return {matrix.data() + row * matrix.outerStride(), static_cast<std::size_t>(matrix.cols())};
}

}  // namespace switchyard
