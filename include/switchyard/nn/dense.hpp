#pragma once

#include "switchyard/core/elementary.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/core/types.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace switchyard {

namespace detail {

/// sums += factor * values, with rounded_product's products, two at a time, which that cannot. sums: [values]
inline void add_products(double factor, RowView values, double* sums) noexcept {
  std::size_t i = 0;
#if defined(__GNUC__) && (defined(__x86_64__) || defined(__aarch64__))
  using Pair [[gnu::vector_size(16)]] = double;
  for (; i + 2 <= values.size(); i += 2) {
    Pair product = {values[i] * factor, values[i + 1] * factor};
#if defined(__x86_64__)
    asm("" : "+x"(product));
#else
    asm("" : "+w"(product));
#endif
    sums[i] += product[0];
    sums[i + 1] += product[1];
  }
#endif
  for (; i < values.size(); ++i) sums[i] += rounded_product(factor, values[i]);
}

}  // namespace detail

/// A fully connected layer: output = input * weights + bias.
struct DenseLayer {
  Matrix weights;  // [inputs x outputs]
  Vector bias;     // [outputs]

  [[nodiscard]] Index inputs() const noexcept { return weights.rows(); }
  [[nodiscard]] Index outputs() const noexcept { return weights.cols(); }

  /// input: [inputs], output: [outputs]. Each output is summed in the order of the inputs and each product rounded, so
  /// that its bits do not depend on how many rows are asked for at once, on the width of a vector register or on what
  /// the compiler would fuse.
  void forward(std::span<const double> input, std::span<double> output) const {
    std::copy(bias.begin(), bias.end(), output.begin());
    for (Index i = 0; i < inputs(); ++i) {
      detail::add_products(input[static_cast<std::size_t>(i)], row_of(weights, i), output.data());
    }
  }

  friend bool operator==(const DenseLayer& a, const DenseLayer& b) {
    return a.inputs() == b.inputs() && a.outputs() == b.outputs() && a.bias.size() == b.bias.size() &&
           a.weights == b.weights && a.bias == b.bias;
  }
};

/// Where one layer lies in the flat parameter vector that an optimiser works on: its weights row by row, then its bias.
struct DenseShape {
  Index inputs = 0;
  Index outputs = 0;
  Index offset = 0;  // of the first weight

  [[nodiscard]] Index bias_offset() const noexcept { return offset + inputs * outputs; }
  [[nodiscard]] Index end() const noexcept { return bias_offset() + outputs; }

  friend bool operator==(const DenseShape&, const DenseShape&) = default;
};

/// Shapes of a network of `inputs` columns, the hidden widths in order and one output.
[[nodiscard]] inline std::vector<DenseShape> dense_shapes(Index inputs, std::span<const int> hidden) {
  std::vector<DenseShape> shapes;
  Index offset = 0;
  const auto append = [&](Index outputs) {
    shapes.push_back({inputs, outputs, offset});
    offset = shapes.back().end();
    inputs = outputs;
  };
  for (const int width : hidden) append(width);
  append(1);
  return shapes;
}

/// Starting values for all layers: weights and bias uniform in +-sqrt(6 / (inputs + outputs)) (Glorot & Bengio,
/// "Understanding the difficulty of training deep feedforward neural networks", 2010; the bias as in scikit-learn).
[[nodiscard]] inline Vector glorot_uniform(std::span<const DenseShape> shapes, Rng& rng) {
  Vector parameters(shapes.empty() ? 0 : shapes.back().end());
  for (const DenseShape& shape : shapes) {
    const double bound = std::sqrt(6.0 / static_cast<double>(shape.inputs + shape.outputs));
    for (Index i = shape.offset; i < shape.end(); ++i) parameters[i] = rng.uniform(-bound, bound);
  }
  return parameters;
}

namespace detail {

/// All products of matrices are of these two types, so that Eigen's kernels are compiled once for each way to multiply.
using MatrixBlock = Eigen::Map<Matrix, Eigen::Unaligned, Eigen::OuterStride<>>;
using ConstMatrixBlock = Eigen::Map<const Matrix, Eigen::Unaligned, Eigen::OuterStride<>>;

[[nodiscard]] inline ConstMatrixBlock weights_of(const Vector& parameters, const DenseShape& shape) {
  return {parameters.data() + shape.offset, shape.inputs, shape.outputs, shape.outputs};
}

[[nodiscard]] inline ConstVectorMap bias_of(const Vector& parameters, const DenseShape& shape) {
  return {parameters.data() + shape.bias_offset(), shape.outputs};
}

}  // namespace detail

/// The layers that a flat parameter vector holds.
[[nodiscard]] inline std::vector<DenseLayer> dense_layers(const Vector& parameters,
                                                          std::span<const DenseShape> shapes) {
  std::vector<DenseLayer> layers;
  for (const DenseShape& shape : shapes) {
    layers.push_back({detail::weights_of(parameters, shape), detail::bias_of(parameters, shape)});
  }
  return layers;
}

}  // namespace switchyard
