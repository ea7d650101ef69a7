#pragma once

#include "switchyard/core/types.hpp"
#include "switchyard/io/json_build.hpp"
#include "switchyard/io/json_reader.hpp"
#include "switchyard/model/mlp.hpp"
#include "switchyard/nn/dense.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace switchyard {

/// A network as its scaler, its indicator columns and its layers, whose weights are [inputs x outputs] row by row.
[[nodiscard]] inline nlohmann::json mlp_to_json(const MlpParameters& parameters) {
  const auto numbers = [](std::span<const double> values) { return json_numbers(values, std::identity{}); };
  auto layers = nlohmann::json::array();
  for (const DenseLayer& layer : parameters.layers) {
    const std::span weights(layer.weights.data(), static_cast<std::size_t>(layer.weights.size()));
    const std::span bias(layer.bias.data(), static_cast<std::size_t>(layer.bias.size()));
    layers.push_back(json_object({{"inputs", layer.inputs()},
                                  {"outputs", layer.outputs()},
                                  {"weights", numbers(weights)},
                                  {"bias", numbers(bias)}}));
  }
  return json_object({{"mean", numbers(parameters.scaler.mean)},
                      {"scale", numbers(parameters.scaler.scale)},
                      {"indicators", parameters.indicators},
                      {"layers", std::move(layers)}});
}

namespace detail {

[[nodiscard]] inline DenseLayer dense_layer_from_json(const JsonReader& reader, Index inputs) {
  constexpr std::int64_t widest = std::numeric_limits<std::int32_t>::max();
  DenseLayer layer;
  const auto rows = static_cast<std::size_t>(reader.at("inputs").integer(inputs, inputs));
  const auto columns = static_cast<std::size_t>(reader.at("outputs").integer(1, widest));
  const JsonReader weights = reader.at("weights");
  const JsonReader bias = reader.at("bias");
  weights.require_size(rows * columns);  // below 2^62; only what the file really holds is allocated
  bias.require_size(columns);
  const std::vector<double> weight_values = weights.numbers();
  const std::vector<double> bias_values = bias.numbers();
  layer.weights.resize(inputs, static_cast<Index>(columns));
  layer.bias.resize(static_cast<Index>(columns));
  std::copy(weight_values.begin(), weight_values.end(), layer.weights.data());
  std::copy(bias_values.begin(), bias_values.end(), layer.bias.data());
  return layer;
}

}  // namespace detail

/// The network of `mlp_to_json`; `features` is what the file says elsewhere. Throws ModelFormatError.
[[nodiscard]] inline MlpParameters mlp_from_json(const JsonReader& reader, Index features) {
  MlpParameters result;
  const auto columns = static_cast<std::size_t>(features);
  result.scaler.mean = reader.at("mean").numbers();
  reader.at("mean").require_size(columns);
  result.scaler.scale = reader.at("scale").numbers();
  reader.at("scale").require_size(columns);
  for (const double scale : result.scaler.scale) {
    if (!(scale > 0)) reader.at("scale").fail("holds a number that is not positive");
  }
  for (const std::int64_t column : reader.at("indicators").integers(0, features - 1)) {
    if (!result.indicators.empty() && result.indicators.back() >= column) {
      reader.at("indicators").fail("does not rise");
    }
    result.indicators.push_back(static_cast<Index>(column));
  }
  const JsonReader layers = reader.at("layers");
  const std::size_t count = layers.size();
  if (count == 0) layers.fail("is empty");
  Index inputs = features + static_cast<Index>(result.indicators.size());
  for (std::size_t l = 0; l < count; ++l) {
    result.layers.push_back(detail::dense_layer_from_json(layers.at(l), inputs));
    inputs = result.layers.back().outputs();
  }
  if (inputs != 1) layers.fail("ends with " + std::to_string(inputs) + " outputs; expected 1");
  return result;
}

}  // namespace switchyard
