#include "switchyard/nn/dense.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <vector>

namespace sy = switchyard;

TEST_CASE("A dense layer is input times weights plus bias") {
  sy::DenseLayer layer{.weights = sy::Matrix(2, 3), .bias = sy::Vector(3)};
  layer.weights << 1, 2, 3, 4, 5, 6;
  layer.bias << 0.5, 0, -1;
  const std::array<double, 2> input{2, -1};
  std::array<double, 3> output{9, 9, 9};
  layer.forward(input, output);
  CHECK(output == std::array<double, 3>{-1.5, -1, -1});
}

TEST_CASE("Layers of different shapes are unequal, not an error") {
  const sy::DenseLayer a{sy::Matrix::Ones(2, 3), sy::Vector::Ones(3)};
  const sy::DenseLayer b{sy::Matrix::Ones(3, 2), sy::Vector::Ones(2)};
  CHECK(a == a);
  CHECK_FALSE(a == b);
}

TEST_CASE("Shapes tile the parameter vector, and layers are cut from it in order") {
  const std::vector<int> hidden{4, 3};
  const auto shapes = sy::dense_shapes(2, hidden);
  REQUIRE(shapes == std::vector<sy::DenseShape>{{2, 4, 0}, {4, 3, 12}, {3, 1, 27}});
  CHECK(shapes.back().end() == 31);
  const sy::Vector parameters = sy::Vector::LinSpaced(31, 0, 30);
  const auto layers = sy::dense_layers(parameters, shapes);
  REQUIRE(layers.size() == 3);
  CHECK(layers[0].weights(1, 0) == 4);
  CHECK(layers[0].bias[0] == 8);
  CHECK(layers[2].weights(2, 0) == 29);
  CHECK(layers[2].bias[0] == 30);
}

TEST_CASE("Starting values fill the Glorot interval of their layer") {
  const std::vector<int> hidden{50};
  const auto shapes = sy::dense_shapes(100, hidden);
  sy::Rng rng(3);
  const sy::Vector parameters = sy::glorot_uniform(shapes, rng);
  for (const auto& shape : shapes) {
    const double bound = std::sqrt(6.0 / static_cast<double>(shape.inputs + shape.outputs));
    const auto values = parameters.segment(shape.offset, shape.end() - shape.offset);
    CHECK(values.maxCoeff() < bound);
    CHECK(values.minCoeff() >= -bound);
    CHECK(values.maxCoeff() > 0.85 * bound);
    CHECK(values.minCoeff() < -0.85 * bound);
  }
}
