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

TEST_CASE("A batch of several blocks is one batch: its sums are those of all its rows, at any number of threads") {
  const Rows rows(617);  // batches of 250, 250 and 117 rows, in blocks of 100
  const std::vector<int> hidden{5, 3};
  const auto shapes = sy::dense_shapes(2, hidden);
  const sy::NetworkRows data{rows.inputs, rows.labels, rows.weights};
  std::vector<sy::Index> order(617);
  std::iota(order.begin(), order.end(), sy::Index{0});
  std::vector<sy::Index> first_order;
  sy::Vector first_parameters;
  double first_loss = 0;
  double first_accuracy = 0;
  for (const int threads : {1, 2, 3, 0}) {
    sy::MinibatchTraining training(shapes, {.learning_rate = 0.05}, 0.2, 250, sy::Rng(2), threads);
    std::vector<sy::Index> own_order = order;
    const double loss = training.run_epoch(data, own_order);
    if (threads == 1) {
      first_order = own_order;
      first_parameters = training.parameters();
      first_loss = loss;
      first_accuracy = training.accuracy(data, order);
    }
    CHECK(own_order == first_order);
    CHECK(training.parameters() == first_parameters);
    CHECK(loss == first_loss);
    CHECK(training.accuracy(data, order) == first_accuracy);
  }

  sy::Rng rng(2);
  sy::Vector parameters = sy::glorot_uniform(shapes, rng);
  sy::Adam adam(parameters.size(), {.learning_rate = 0.05});
  for (std::size_t begin = 0; begin < first_order.size(); begin += 250) {
    const std::size_t end = std::min<std::size_t>(begin + 250, first_order.size());
    sy::Matrix inputs(static_cast<sy::Index>(end - begin), 2);
    std::vector<double> labels;
    std::vector<double> weights;
    for (std::size_t i = begin; i < end; ++i) {
      inputs.row(static_cast<sy::Index>(i - begin)) = rows.inputs.row(first_order[i]);
      labels.push_back(rows.labels[static_cast<std::size_t>(first_order[i])]);
      weights.push_back(rows.weights[static_cast<std::size_t>(first_order[i])]);
    }
    sy::Backpropagation whole(shapes, inputs.rows());
    whole.loss_and_gradient(parameters, inputs, labels, weights, 0.2);
    adam.step(parameters, whole.gradient());
  }
  CHECK(first_parameters.isApprox(parameters, 1e-12));
}
