#include "switchyard/nn/activation.hpp"

#include <catch2/catch.hpp>

#include <cmath>

namespace sy = switchyard;

TEST_CASE("logistic neither overflows nor loses small probabilities") {
  CHECK(sy::logistic(0) == 0.5);
  CHECK(sy::logistic(std::log(3.0)) == Approx(0.75).epsilon(1e-15));
  CHECK(sy::logistic(1000) == 1);
  CHECK(sy::logistic(-1000) == 0);
  CHECK(sy::logistic(-700) == Approx(std::exp(-700.0)).epsilon(1e-15));
  for (double z = -30; z <= 30; z += 0.37) CHECK(sy::logistic(z) + sy::logistic(-z) == Approx(1).epsilon(1e-15));
}

TEST_CASE("The log-loss of a logit is that of its probability, and exact where the probability is not") {
  for (double z = -20; z <= 20; z += 0.61) {
    CHECK(sy::log_loss_of_logit(z, 1) == Approx(-std::log(sy::logistic(z))).epsilon(1e-9).margin(1e-12));
    CHECK(sy::log_loss_of_logit(z, 0) == Approx(-std::log(sy::logistic(-z))).epsilon(1e-9).margin(1e-12));
  }
  CHECK(sy::log_loss_of_logit(-800, 1) == 800);
  CHECK(sy::log_loss_of_logit(800, 0) == 800);
  CHECK(sy::log_loss_of_logit(50, 1) == Approx(std::exp(-50.0)).epsilon(1e-12));
}

TEST_CASE("ReLU passes positive values and their gradients only") {
  sy::Vector values(4);
  values << -2, -0.0, 3, 0.5;
  sy::apply_relu({values.data(), 4});
  CHECK(values == (sy::Vector(4) << 0, 0, 3, 0.5).finished());
  sy::Vector gradient(4);
  gradient << 5, 6, 7, -8;
  sy::apply_relu_gradient({gradient.data(), 4}, {values.data(), 4});
  CHECK(gradient == (sy::Vector(4) << 0, 0, 7, -8).finished());
}
