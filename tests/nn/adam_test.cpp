#include "switchyard/nn/adam.hpp"

#include <catch2/catch.hpp>

namespace sy = switchyard;

TEST_CASE("Adam's first two steps are those of the paper's Algorithm 1") {
  // Gradients (1, -2) and (0.5, 4) from (0, 0) with rate 0.1, worked by hand, here for the first parameter:
  //   t = 1: m = 0.1,  v = 0.001;    m / (1 - 0.9)  = 1,      v / (1 - 0.999)   = 1;       step 0.1 * 1
  //   t = 2: m = 0.14, v = 0.001249; m / (1 - 0.81) = 0.7368, v / (1 - 0.998001) = 0.62481; step 0.1 * 0.7368 / 0.79045
  sy::Adam adam(2, {.learning_rate = 0.1});
  sy::Vector parameters = sy::Vector::Zero(2);
  adam.step(parameters, (sy::Vector(2) << 1, -2).finished());
  CHECK(parameters[0] == Approx(-0.1).epsilon(1e-6));
  CHECK(parameters[1] == Approx(0.1).epsilon(1e-6));
  adam.step(parameters, (sy::Vector(2) << 0.5, 4).finished());
  CHECK(parameters[0] == Approx(-0.1 - 0.1 * 0.14 / 0.19 / 0.790450762).epsilon(1e-6));
  CHECK(parameters[1] == Approx(0.1 - 0.1 * 0.22 / 0.19 / 3.162752205).epsilon(1e-6));
}

TEST_CASE("Adam adds epsilon after the bias correction is folded into the rate") {
  // rate = 0.1 * sqrt(0.001) / 0.1, m = 0.1, sqrt(v) = sqrt(0.001); Algorithm 1 itself would step 0.05.
  sy::Adam adam(1, {.learning_rate = 0.1, .epsilon = 1});
  sy::Vector parameters = sy::Vector::Zero(1);
  adam.step(parameters, sy::Vector::Constant(1, 1.0));
  CHECK(parameters[0] == Approx(-0.0031622777 / 1.0316227766).epsilon(1e-7));
}

TEST_CASE("Adam uses its own decay rates") {
  // beta1 = beta2 = 0: every step is rate * sign of the gradient.
  sy::Adam adam(1, {.learning_rate = 0.25, .beta1 = 0, .beta2 = 0});
  sy::Vector parameters = sy::Vector::Zero(1);
  adam.step(parameters, sy::Vector::Constant(1, 8.0));
  adam.step(parameters, sy::Vector::Constant(1, -0.5));
  adam.step(parameters, sy::Vector::Constant(1, -0.5));
  CHECK(parameters[0] == Approx(0.25).epsilon(1e-6));
}

TEST_CASE("Every one of many parameters is moved alike") {
  sy::Adam adam(1300, {.learning_rate = 0.1});
  sy::Vector parameters = sy::Vector::Zero(1300);
  const sy::Vector gradient = sy::Vector::Constant(1300, 3.0);
  adam.step(parameters, gradient);
  adam.step(parameters, -2 * gradient);
  CHECK(parameters[0] != 0);
  CHECK(parameters == sy::Vector::Constant(1300, parameters[0]));
}
