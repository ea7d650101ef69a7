// The network as anyone would write it with Eigen: doubles, one matrix product per layer, no allocation per row,
// compiled for the processor at hand.
#include "../common/arguments.hpp"
#include "../common/result.hpp"
#include "../common/rows.hpp"
#include "../common/single_rows.hpp"

#include <Eigen/Core>

#include <cmath>
#include <cstddef>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

struct Layer {
  Eigen::MatrixXd weights;  // [outputs x inputs]
  Eigen::VectorXd bias;     // [outputs]
  Eigen::VectorXd output;   // [outputs]
};

/// numbers: [count, inputs, outputs, weights row by row, biases, ...]
std::vector<Layer> layers_from(const std::vector<double>& numbers) {
  std::vector<Layer> layers;
  const double* next = numbers.data();
  const auto count = static_cast<std::size_t>(*next++);
  while (layers.size() < count) {
    const auto inputs = static_cast<Eigen::Index>(*next++);
    const auto outputs = static_cast<Eigen::Index>(*next++);
    Layer layer;
    layer.weights = Eigen::Map<const Eigen::MatrixXd>(next, outputs, inputs);  // the transpose of what lies there
    next += inputs * outputs;
    layer.bias = Eigen::Map<const Eigen::VectorXd>(next, outputs);
    next += outputs;
    layer.output.resize(outputs);
    layers.push_back(layer);
  }
  return layers;
}

double probability(std::vector<Layer>& layers, const double* row) {
  const Eigen::Map<const Eigen::VectorXd> input(row, layers.front().weights.cols());
  layers.front().output.noalias() = layers.front().weights * input;
  layers.front().output += layers.front().bias;
  for (std::size_t l = 1; l < layers.size(); ++l) {
    layers[l - 1].output = layers[l - 1].output.cwiseMax(0.0);
    layers[l].output.noalias() = layers[l].weights * layers[l - 1].output;
    layers[l].output += layers[l].bias;
  }
  return 1 / (1 + std::exp(-layers.back().output[0]));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const bench::Arguments arguments(argc, argv);
    if (arguments.task() != "row") throw std::invalid_argument("unknown task '" + arguments.task() + "'");
    std::vector<Layer> layers = layers_from(bench::read_raw<double>(arguments.text("model")));
    const bench::Rows rows = bench::read_rows(arguments.text("data"), "ask");
    const auto ask = [&](const double* row) { return probability(layers, row); };
    bench::Result result = bench::time_single_rows(arguments, rows.columns, rows.values, ask);
    bench::add_answers(result, arguments, "answer", rows.columns, rows.values, ask);
    arguments.require_all_used();
    result.print();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "bench_eigen_mlp: " << error.what() << '\n';
    return 1;
  }
}
