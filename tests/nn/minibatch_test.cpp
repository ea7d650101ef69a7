#include "switchyard/nn/minibatch.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <numeric>
#include <vector>

namespace sy = switchyard;

namespace {

struct Rows {
  sy::Matrix inputs;
  std::vector<double> labels;
  std::vector<double> weights;

  explicit Rows(sy::Index count) : inputs(count, 2) {
    sy::Rng rng(8);
    for (sy::Index i = 0; i < count; ++i) {
      inputs.row(i) << rng.normal(), rng.normal();
      labels.push_back(inputs(i, 0) > 0.3 ? 1 : 0);
      weights.push_back(rng.uniform(0.5, 2));
    }
  }
};

}  // namespace

TEST_CASE("One epoch is one Adam step per batch, the short last one included, and its loss is the weighted mean") {
  const Rows rows(11);
  const std::vector<int> hidden{3};
  const auto shapes = sy::dense_shapes(2, hidden);
  sy::MinibatchTraining training(shapes, {.learning_rate = 0.05}, 0.2, 4, sy::Rng(2));
  sy::Vector parameters = training.parameters();

  std::vector<sy::Index> order(11);
  std::iota(order.begin(), order.end(), sy::Index{0});
  const double loss = training.run_epoch({rows.inputs, rows.labels, rows.weights}, order);

  sy::Adam adam(parameters.size(), {.learning_rate = 0.05});
  double loss_sum = 0;
  double weight_sum = 0;
  for (std::size_t begin = 0; begin < order.size(); begin += 4) {
    const std::size_t end = std::min<std::size_t>(begin + 4, order.size());
    sy::Matrix inputs(static_cast<sy::Index>(end - begin), 2);
    std::vector<double> labels;
    std::vector<double> weights;
    for (std::size_t i = begin; i < end; ++i) {
      inputs.row(static_cast<sy::Index>(i - begin)) = rows.inputs.row(order[i]);
      labels.push_back(rows.labels[static_cast<std::size_t>(order[i])]);
      weights.push_back(rows.weights[static_cast<std::size_t>(order[i])]);
    }
    sy::Backpropagation network(shapes, inputs.rows());
    const double batch_weight = std::accumulate(weights.begin(), weights.end(), 0.0);
    loss_sum += batch_weight * network.loss_and_gradient(parameters, inputs, labels, weights, 0.2);
    weight_sum += batch_weight;
    adam.step(parameters, network.gradient());
  }
  CHECK(loss == Approx(loss_sum / weight_sum).epsilon(1e-12));
  CHECK(training.parameters().isApprox(parameters, 1e-12));
}

TEST_CASE("An epoch shuffles its rows and loses none") {
  const Rows rows(50);
  const std::vector<int> hidden{2};
  sy::MinibatchTraining training(sy::dense_shapes(2, hidden), {}, 0, 7, sy::Rng(2));
  std::vector<sy::Index> order(50);
  std::iota(order.begin(), order.end(), sy::Index{0});
  const auto sorted = order;
  training.run_epoch({rows.inputs, rows.labels, rows.weights}, order);
  const auto first = order;
  CHECK(first != sorted);
  training.run_epoch({rows.inputs, rows.labels, rows.weights}, order);
  CHECK(order != first);
  std::sort(order.begin(), order.end());
  CHECK(order == sorted);
}

TEST_CASE("Accuracy weighs the rows it is asked about") {
  Rows rows(9);
  sy::MinibatchTraining training(sy::dense_shapes(2, {}), {.learning_rate = 0.1}, 0, 4, sy::Rng(2));
  const sy::Vector p = training.parameters();
  double right = 0;
  double total = 0;
  const std::vector<sy::Index> asked{0, 2, 3, 5, 6, 8};
  for (const sy::Index i : asked) {
    const double logit = rows.inputs(i, 0) * p[0] + rows.inputs(i, 1) * p[1] + p[2];
    const auto row = static_cast<std::size_t>(i);
    if ((logit > 0) == (rows.labels[row] == 1)) right += rows.weights[row];
    total += rows.weights[row];
  }
  CHECK(training.accuracy({rows.inputs, rows.labels, rows.weights}, asked) == Approx(right / total).epsilon(1e-12));
}
