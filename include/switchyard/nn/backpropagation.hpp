#pragma once

#include "switchyard/core/types.hpp"
#include "switchyard/nn/activation.hpp"
#include "switchyard/nn/dense.hpp"

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace switchyard {

/// Weighted sum of rows' losses, and the sum of their weights.
struct LossSum {
  double loss = 0;
  double weight = 0;
};

/// Turns the sums of a batch into what training follows: from the sum of its rows' gradients (and in place) the
/// gradient of the weighted mean log-loss + alpha / 2 * |weights|^2 / (sum of row weights), and returns that loss. The
/// biases are not penalised. parameters, gradient: [parameters] of layers of `shapes`. (As scikit-learn.)
[[nodiscard]] inline double penalised_mean(const LossSum& sum, const Vector& parameters,
                                           std::span<const DenseShape> shapes, double alpha, Vector& gradient) {
  double loss = sum.loss;
  for (const DenseShape& shape : shapes) {
    const ConstVectorMap weights(parameters.data() + shape.offset, shape.inputs * shape.outputs);
    loss += 0.5 * alpha * weights.squaredNorm();
    VectorMap(gradient.data() + shape.offset, weights.size()) += alpha * weights;
  }
  gradient /= sum.weight;
  return loss / sum.weight;
}

/// Loss and gradient of a network of ReLU layers with one logistic output, over mini-batches. Owns the intermediate
/// results of up to `batch_rows` rows, so that a pass allocates nothing of its own.
class Backpropagation {
 public:
  Backpropagation(std::vector<DenseShape> shapes, Index batch_rows)
      : shapes_(std::move(shapes)), gradient_(Vector::Zero(shapes_.back().end())) {
    for (const DenseShape& shape : shapes_) {
      outputs_.emplace_back(batch_rows, shape.outputs);
      deltas_.emplace_back(batch_rows, shape.outputs);
    }
  }

  [[nodiscard]] const std::vector<DenseShape>& shapes() const noexcept { return shapes_; }

  /// Logit of every row. inputs: [rows x inputs], at most `batch_rows` rows. The result is valid until the next call.
  [[nodiscard]] ConstVectorMap forward(const Vector& parameters, const MatrixView& inputs) {
    const Index rows = inputs.rows();
    for (std::size_t l = 0; l < shapes_.size(); ++l) {
      const ConstVectorMap bias = detail::bias_of(parameters, shapes_[l]);
      Block output = rows_of(outputs_[l], rows);
      for (Index i = 0; i < rows; ++i) VectorMap(output.data() + i * bias.size(), bias.size()) = bias;
      output.noalias() += inputs_of(l, inputs) * detail::weights_of(parameters, shapes_[l]);
      if (l + 1 < shapes_.size()) apply_relu(values_of(outputs_[l], rows));
    }
    return {outputs_.back().data(), rows};
  }

  /// Sums over the rows; that of their gradients, each times its row's weight, is in `gradient()` after.
  /// inputs: [rows x inputs]; labels, row_weights: [rows].
  LossSum add_up(const Vector& parameters, const MatrixView& inputs, std::span<const double> labels,
                 std::span<const double> row_weights) {
    const ConstVectorMap logits = forward(parameters, inputs);
    LossSum sum;
    for (Index i = 0; i < inputs.rows(); ++i) {
      const auto row = static_cast<std::size_t>(i);
      const double z = logits[i];
      sum.loss += row_weights[row] * log_loss_of_logit(z, labels[row]);
      deltas_.back()(i, 0) = row_weights[row] * (logistic(z) - labels[row]);
      sum.weight += row_weights[row];
    }
    for (std::size_t l = shapes_.size(); l-- > 0;) {
      layer_gradient(inputs, l);
      if (l > 0) propagate(parameters, inputs.rows(), l);
    }
    return sum;
  }

  /// The loss of `penalised_mean`; its gradient is in `gradient()` after. Arguments: as of `add_up`.
  double loss_and_gradient(const Vector& parameters, const MatrixView& inputs, std::span<const double> labels,
                           std::span<const double> row_weights, double alpha) {
    const LossSum sum = add_up(parameters, inputs, labels, row_weights);
    return penalised_mean(sum, parameters, shapes_, alpha, gradient_);
  }

  /// [parameters], in the order of the parameters.
  [[nodiscard]] const Vector& gradient() const noexcept { return gradient_; }

 private:
  using Block = detail::MatrixBlock;
  using ConstBlock = detail::ConstMatrixBlock;

  /// Writes the gradient of one layer's parameters.
  void layer_gradient(const MatrixView& inputs, std::size_t l) {
    const DenseShape& shape = shapes_[l];
    const ConstBlock delta = rows_of(std::as_const(deltas_[l]), inputs.rows());
    Block weight_gradient(gradient_.data() + shape.offset, shape.inputs, shape.outputs, shape.outputs);
    VectorMap bias_gradient(gradient_.data() + shape.bias_offset(), shape.outputs);
    weight_gradient.noalias() = inputs_of(l, inputs).transpose() * delta;
    bias_gradient.setZero();
    for (Index i = 0; i < delta.rows(); ++i) {
      bias_gradient += ConstVectorMap(delta.data() + i * shape.outputs, shape.outputs);
    }
  }

  /// From the gradient at the output of layer l to that at the output of layer l - 1.
  void propagate(const Vector& parameters, Index rows, std::size_t l) {
    Block below = rows_of(deltas_[l - 1], rows);
    below.noalias() = rows_of(std::as_const(deltas_[l]), rows) * detail::weights_of(parameters, shapes_[l]).transpose();
    apply_relu_gradient(values_of(deltas_[l - 1], rows), {outputs_[l - 1].data(), below.size()});
  }

  /// What layer l multiplies by its weights.
  [[nodiscard]] ConstBlock inputs_of(std::size_t l, const MatrixView& inputs) const {
    if (l > 0) return rows_of(outputs_[l - 1], inputs.rows());
    return {inputs.data(), inputs.rows(), inputs.cols(), inputs.outerStride()};
  }

  [[nodiscard]] static ConstBlock rows_of(const Matrix& matrix, Index rows) {
    return {matrix.data(), rows, matrix.cols(), matrix.cols()};
  }

  [[nodiscard]] static Block rows_of(Matrix& matrix, Index rows) {
    return {matrix.data(), rows, matrix.cols(), matrix.cols()};
  }

  /// The same, one after the other.
  [[nodiscard]] static VectorMap values_of(Matrix& matrix, Index rows) { return {matrix.data(), rows * matrix.cols()}; }

  std::vector<DenseShape> shapes_;
  std::vector<Matrix> outputs_;  // per layer [batch_rows x outputs], after its activation
  std::vector<Matrix> deltas_;   // per layer [batch_rows x outputs], d loss / d (value before its activation)
  Vector gradient_;
};

}  // namespace switchyard
