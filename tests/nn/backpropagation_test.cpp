#include "switchyard/nn/backpropagation.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace sy = switchyard;

namespace {

struct Batch {
  sy::Matrix inputs;
  std::vector<double> labels;
  std::vector<double> weights;
};

Batch random_batch(sy::Index rows, sy::Index columns, bool weighted, sy::Rng& rng) {
  Batch batch;
  batch.inputs.resize(rows, columns);
  for (sy::Index i = 0; i < batch.inputs.size(); ++i) batch.inputs.data()[i] = rng.normal();
  for (sy::Index i = 0; i < rows; ++i) {
    batch.labels.push_back(rng.bernoulli(0.5) ? 1 : 0);
    batch.weights.push_back(weighted ? rng.uniform(0.2, 4) : 1);
  }
  return batch;
}

/// The loss from its definition: row by row, probability by probability.
double loss_by_definition(const sy::Vector& parameters, const std::vector<sy::DenseShape>& shapes, const Batch& batch,
                          double alpha) {
  const auto layers = sy::dense_layers(parameters, shapes);
  double sum = 0;
  double total = 0;
  for (sy::Index i = 0; i < batch.inputs.rows(); ++i) {
    std::vector<double> values(batch.inputs.row(i).begin(), batch.inputs.row(i).end());
    for (std::size_t l = 0; l < layers.size(); ++l) {
      std::vector<double> next(static_cast<std::size_t>(layers[l].outputs()));
      for (std::size_t o = 0; o < next.size(); ++o) {
        next[o] = layers[l].bias[static_cast<sy::Index>(o)];
        for (std::size_t k = 0; k < values.size(); ++k) {
          next[o] += values[k] * layers[l].weights(static_cast<sy::Index>(k), static_cast<sy::Index>(o));
        }
        if (l + 1 < layers.size()) next[o] = next[o] > 0 ? next[o] : 0;
      }
      values = next;
    }
    const auto row = static_cast<std::size_t>(i);
    const double probability = 1 / (1 + std::exp(-values[0]));
    sum -= batch.weights[row] * std::log(batch.labels[row] == 1 ? probability : 1 - probability);
    total += batch.weights[row];
  }
  double squares = 0;
  for (const auto& layer : layers) squares += layer.weights.array().square().sum();
  return (sum + alpha / 2 * squares) / total;
}

void check_gradient(const std::vector<int>& hidden, double alpha, bool weighted) {
  constexpr sy::Index columns = 3;
  sy::Rng rng(11);
  const Batch batch = random_batch(9, columns, weighted, rng);
  const auto shapes = sy::dense_shapes(columns, hidden);
  sy::Vector parameters = sy::glorot_uniform(shapes, rng);
  sy::Backpropagation network(shapes, 9);
  const double loss = network.loss_and_gradient(parameters, batch.inputs, batch.labels, batch.weights, alpha);
  CHECK(loss == Approx(loss_by_definition(parameters, shapes, batch, alpha)).epsilon(1e-12));
  const sy::Vector gradient = network.gradient();
  REQUIRE(gradient.size() == shapes.back().end());
  constexpr double step = 1e-6;
  for (sy::Index i = 0; i < parameters.size(); ++i) {
    const double centre = parameters[i];
    parameters[i] = centre + step;
    const double above = loss_by_definition(parameters, shapes, batch, alpha);
    parameters[i] = centre - step;
    const double below = loss_by_definition(parameters, shapes, batch, alpha);
    parameters[i] = centre;
    INFO("parameter " << i);
    CHECK(gradient[i] == Approx((above - below) / (2 * step)).epsilon(1e-6).margin(1e-8));
  }
}

}  // namespace

TEST_CASE("Gradients agree with central differences for every parameter") {
  for (const double alpha : {0.0, 0.7}) {
    for (const bool weighted : {false, true}) {
      INFO("alpha " << alpha << ", weighted " << weighted);
      check_gradient({}, alpha, weighted);
      check_gradient({5}, alpha, weighted);
      check_gradient({6, 4}, alpha, weighted);
      check_gradient({4, 3, 2}, alpha, weighted);
    }
  }
}

TEST_CASE("A smaller batch sees nothing of the larger one before it") {
  sy::Rng rng(5);
  const std::vector<int> hidden{4};
  const auto shapes = sy::dense_shapes(3, hidden);
  const sy::Vector parameters = sy::glorot_uniform(shapes, rng);
  const Batch large = random_batch(8, 3, true, rng);
  const Batch small = random_batch(3, 3, true, rng);
  sy::Backpropagation used(shapes, 8);
  used.loss_and_gradient(parameters, large.inputs, large.labels, large.weights, 0.1);
  const double loss = used.loss_and_gradient(parameters, small.inputs, small.labels, small.weights, 0.1);
  sy::Backpropagation fresh(shapes, 3);
  CHECK(loss == fresh.loss_and_gradient(parameters, small.inputs, small.labels, small.weights, 0.1));
  CHECK(used.gradient() == fresh.gradient());
}
