#pragma once

#include "switchyard/core/elementary.hpp"
#include "switchyard/tree/tree_sum.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace switchyard {

// Models as constant arrays that a compiler can evaluate: what `switchyard embed` writes into a header, with the bits
// of Ensemble::raw and Mlp::margin. Plain walks without vector instructions: CompiledClassifier is the fast form.

/// An Ensemble. A split's left child is the node after it.
struct EmbeddedTrees {
  static constexpr std::uint32_t leaf = 0;

  const std::uint32_t* splits = nullptr;  // [nodes]; 2 * feature + 2, + 1 if a missing value goes left; or leaf
  const double* values = nullptr;         // [nodes]; a split's threshold, a leaf's answer
  const std::uint32_t* rights = nullptr;  // [nodes]; a split's right child
  const std::uint32_t* roots = nullptr;   // [trees]
  std::size_t trees = 0;
  double bias = 0;
  double scale = 1;
  int offset_column = -1;  // -1: no offset

  /// row: [features], NaN = missing
  [[nodiscard]] constexpr double raw(const double* row) const noexcept {
    TreeSum sum;
    for (std::size_t tree = 0; tree < trees; ++tree) sum.add(tree, answer(roots[tree], row));
    const double offset = offset_column < 0 ? 0 : row[offset_column];
    return bias + (offset != offset ? 0 : offset) + rounded_product(scale, sum.total());
  }

 private:
  [[nodiscard]] constexpr double answer(std::uint32_t node, const double* row) const noexcept {
    while (splits[node] != leaf) {
      const double value = row[splits[node] / 2 - 1];
      const bool left = value != value ? splits[node] % 2 == 1 : value <= values[node];
      node = left ? node + 1 : rights[node];
    }
    return values[node];
  }
};

/// A DenseLayer.
struct EmbeddedLayer {
  const double* weights = nullptr;  // [inputs x outputs], row by row
  const double* bias = nullptr;     // [outputs]
  std::size_t inputs = 0;
  std::size_t outputs = 0;
};

/// An Mlp whose widest layer, its inputs included, has `width` values.
template <std::size_t width>
struct EmbeddedNetwork {
  const double* mean = nullptr;  // [features]
  std::size_t features = 0;
  const std::uint32_t* indicators = nullptr;  // columns that have one
  std::size_t indicator_count = 0;
  const EmbeddedLayer* layers = nullptr;  // the first with the scale in its weights
  std::size_t layer_count = 0;

  /// Log-odds of label 1. row: [features], NaN = missing
  [[nodiscard]] constexpr double margin(const double* row) const noexcept {
    std::array<double, width> values{};
    for (std::size_t c = 0; c < features; ++c) values[c] = row[c] != row[c] ? 0 : row[c] - mean[c];
    for (std::size_t i = 0; i < indicator_count; ++i) {
      const double value = row[indicators[i]];
      values[features + i] = value != value ? 1 : 0;
    }
    for (std::size_t l = 0; l < layer_count; ++l) values = forward(layers[l], values, l + 1 < layer_count);
    return values[0];
  }

 private:
  [[nodiscard]] static constexpr std::array<double, width> forward(const EmbeddedLayer& layer,
                                                                   const std::array<double, width>& input,
                                                                   bool rectified) noexcept {
    std::array<double, width> sums{};
    for (std::size_t o = 0; o < layer.outputs; ++o) sums[o] = layer.bias[o];
    for (std::size_t i = 0; i < layer.inputs; ++i) {
      const double* const weights = layer.weights + i * layer.outputs;
      for (std::size_t o = 0; o < layer.outputs; ++o) sums[o] += rounded_product(input[i], weights[o]);
    }
    for (std::size_t o = 0; rectified && o < layer.outputs; ++o) sums[o] = sums[o] < 0 ? 0 : sums[o];
    return sums;
  }
};

}  // namespace switchyard
