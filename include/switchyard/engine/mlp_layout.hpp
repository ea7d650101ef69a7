#pragma once

#include "switchyard/core/elementary.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/model/mlp.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <utility>
#include <vector>

namespace switchyard::detail {

/// Doubles in a cache line: the unit in which the outputs of a layer are counted.
inline constexpr std::size_t line_size = 8;

/// Puts the first element at the begin of a cache line.
template <class T>
struct LineAllocator {
  using value_type = T;

  LineAllocator() = default;
  template <class U>
  explicit LineAllocator(const LineAllocator<U>&) noexcept {}

  [[nodiscard]] T* allocate(std::size_t count) {
    return static_cast<T*>(::operator new (count * sizeof(T), std::align_val_t{line_size * sizeof(double)}));
  }
  void deallocate(T* memory, std::size_t) noexcept {
    ::operator delete (memory, std::align_val_t{line_size * sizeof(double)});
  }

  friend bool operator==(const LineAllocator&, const LineAllocator&) noexcept { return true; }
};

/// Whole lines of doubles.
using DoubleLines = std::vector<double, LineAllocator<double>>;

/// Bit i of word i / 32: whether value i of a layer is not zero and so has to be multiplied.
using ActiveWord = std::uint32_t;
inline constexpr std::size_t active_bits = 32;

/// Outputs of a layer whose sums stay in registers together. In PackedMlp::weights their biases, then for each input
/// its weights, each `lines` lines.
struct PackedBlock {
  std::size_t offset = 0;
  std::size_t lines = 0;         // 4, 2 or 1; the last one is filled up with zeros
  std::size_t first_output = 0;  // a multiple of 8 * lines, so that no block lies across two active words
  ActiveWord outputs = 0;        // a bit for each that is not a filler: those become NaN with an infinite input
};

/// A hidden layer. Its inputs before `dense` are all multiplied, which needs no active bits: they come late.
struct PackedLayer {
  std::vector<PackedBlock> blocks;
  std::size_t inputs = 0;
  std::size_t dense = 0;
};

/// A network as its kernels read it.
struct PackedMlp {
  DoubleLines mean;  // [features], then 0
  std::size_t features = 0;
  std::vector<std::size_t> indicators;  // columns
  DoubleLines weights;                  // of all hidden layers, with their biases; the first for values less their mean
  std::vector<PackedLayer> hidden;
  std::vector<double> last_weights;  // [inputs of the last layer]
  double last_bias = 0;
  std::size_t width = 0;  // of the widest layer or input, rounded up to whole lines
};

/// Two layers' values in turn, with their active bits. values: aligned to a line.
struct MlpWorkspace {
  double* values = nullptr;
  double* next_values = nullptr;
  ActiveWord* active = nullptr;
  ActiveWord* next_active = nullptr;

  void swap() noexcept {
    double* const old_values = values;
    values = next_values;
    next_values = old_values;
    ActiveWord* const old_active = active;
    active = next_active;
    next_active = old_active;
  }
};

/// Notes which of a group of values are active. The groups of a layer come in order, none of them across two words.
inline void add_active(ActiveWord* words, std::size_t first_value, ActiveWord active) noexcept {
  ActiveWord& word = words[first_value / active_bits];
  word = first_value % active_bits == 0 ? active : word | (active << (first_value % active_bits));
}

/// Appends 1 for each missing value of a column with an indicator, else 0, to the inputs of the first layer.
inline void append_indicators(const PackedMlp& network, const double* row, const MlpWorkspace& work) noexcept {
  std::size_t input = network.features;
  work.active[input / active_bits] = 0;
  for (const std::size_t column : network.indicators) {
    const bool missing = std::isnan(row[column]);
    work.values[input] = missing ? 1.0 : 0.0;
    add_active(work.active, input, ActiveWord{missing});
    ++input;
  }
}

/// The active ones of a layer's inputs in one word, without those that were multiplied anyway.
[[nodiscard]] inline ActiveWord active_inputs(const PackedLayer& layer, const MlpWorkspace& work,
                                              std::size_t first) noexcept {
  const ActiveWord word = work.active[first / active_bits];
  return first < layer.dense ? word & (~ActiveWord{0} << (layer.dense - first)) : word;
}

/// The logit, input by input.
[[nodiscard]] inline double last_layer(const PackedMlp& network, const MlpWorkspace& work) noexcept {
  double sum = network.last_bias;
  const std::size_t inputs = network.last_weights.size();
  for (std::size_t i = 0; i < inputs; ++i) sum += rounded_product(work.values[i], network.last_weights[i]);
  return sum;
}

/// Appends values, and 0 up to a whole number of lines.
inline void append_lines(DoubleLines& to, std::span<const double> values) {
  to.insert(to.end(), values.begin(), values.end());
  to.resize((to.size() + line_size - 1) / line_size * line_size);
}

/// Appends a layer's weights, block by block.
inline void append_layer(PackedMlp& network, const DenseLayer& layer, std::size_t most_lines) {
  PackedLayer packed{.blocks = {}, .inputs = static_cast<std::size_t>(layer.inputs())};
  const auto outputs = static_cast<std::size_t>(layer.outputs());
  const std::size_t all_lines = (outputs + line_size - 1) / line_size;
  for (std::size_t line = 0; line < all_lines; line += packed.blocks.back().lines) {
    const std::size_t begin = line * line_size;
    const std::size_t lines = std::min(most_lines, std::bit_floor(all_lines - line));
    const std::size_t count = std::min(outputs - begin, lines * line_size);
    packed.blocks.push_back({network.weights.size(), lines, begin, ~ActiveWord{0} >> (active_bits - count)});
    append_lines(network.weights, {layer.bias.data() + begin, count});
    for (Index i = 0; i < layer.inputs(); ++i) {
      append_lines(network.weights, {layer.weights.data() + i * layer.outputs() + begin, count});
    }
  }
  network.width = std::max(network.width, all_lines * line_size);
  network.hidden.push_back(std::move(packed));
}

/// parameters: fit together, as those of an Mlp do. most_lines: of a block, 4 or 2, as the registers allow.
[[nodiscard]] inline PackedMlp packed_mlp(const MlpParameters& parameters, std::size_t most_lines) {
  PackedMlp network;
  append_lines(network.mean, parameters.scaler.mean);
  network.features = parameters.scaler.mean.size();
  for (const Index column : parameters.indicators) network.indicators.push_back(static_cast<std::size_t>(column));
  const std::size_t inputs = network.features + network.indicators.size();
  network.width = (inputs / line_size + 1) * line_size;
  const DenseLayer first = folded_first_layer(parameters);
  const auto layer_at = [&](std::size_t l) -> const DenseLayer& { return l == 0 ? first : parameters.layers[l]; };
  for (std::size_t l = 0; l + 1 < parameters.layers.size(); ++l) {
    append_layer(network, layer_at(l), most_lines);
    PackedLayer& layer = network.hidden.back();
    if (l == 0) {
      layer.dense = network.features;
    } else if (layer.inputs <= active_bits) {  // all bits come at once: do something until then
      layer.dense = std::min(layer.inputs, line_size);
    }
  }
  const DenseLayer& last = layer_at(parameters.layers.size() - 1);
  network.last_weights.assign(last.weights.data(), last.weights.data() + last.weights.size());
  network.last_bias = last.bias[0];
  return network;
}

}  // namespace switchyard::detail
