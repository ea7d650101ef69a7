#include "switchyard/model/boosting_loss.hpp"

#include "tree/random_table.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

namespace sy = switchyard;

namespace {

/// Derivatives by central differences: of first order of `value`, of second order of `derivative`.
template <class Function>
double slope(const Function& function, double at) {
  constexpr double step = 1e-5;
  return (function(at + step) - function(at - step)) / (2 * step);
}

/// Sum of the log-losses of all rows, class weights included.
double total_log_loss(const sy::Dataset& data, const std::vector<double>& offsets, double constant,
                      double positive_weight) {
  double loss = 0;
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    const double p = 1 / (1 + std::exp(-offsets[i] - constant));
    const double weight = data.weight(static_cast<sy::Index>(i));
    loss -= data.labels[i] == 1 ? weight * positive_weight * std::log(p) : weight * std::log(1 - p);
  }
  return loss;
}

std::vector<double> random_offsets(std::size_t rows, double spread) {
  sy::Rng rng(9);
  std::vector<double> offsets(rows);
  for (double& offset : offsets) offset = 0.7 + spread * rng.normal();
  return offsets;
}

}  // namespace

TEST_CASE("derivatives of the losses are those of finite differences") {
  const auto data = random_table({.rows = 20, .seed = 3});
  const std::vector<double> targets = random_offsets(20, 5);
  const sy::detail::LogLoss log_loss(data, 2.5);
  const sy::detail::SquaredLoss squared(data, targets);
  constexpr double rows = 3;
  for (std::size_t i = 0; i < 20; ++i) {
    const double class_weight = data.labels[i] == 1 ? 2.5 : 1;
    for (const double margin : {-6.0, -0.3, 0.0, 1.1, 5.0}) {
      CAPTURE(i, margin);
      const auto by_log = log_loss.gradient(i, margin, rows);
      CHECK(by_log.weight == rows);
      CHECK(by_log.gradient ==
            Approx(rows * class_weight * slope([&](double z) { return log_loss.loss(i, z); }, margin)).margin(1e-8));
      CHECK(by_log.hessian ==
            Approx(slope([&](double z) { return log_loss.gradient(i, z, rows).gradient; }, margin)).margin(1e-8));
      const auto by_square = squared.gradient(i, margin, rows);
      CHECK(by_square.weight == rows);
      CHECK(by_square.gradient ==
            Approx(rows / 2 * slope([&](double z) { return squared.loss(i, z); }, margin)).margin(1e-6));
      CHECK(by_square.hessian ==
            Approx(slope([&](double z) { return squared.gradient(i, z, rows).gradient; }, margin)).margin(1e-6));
    }
  }
}

TEST_CASE("the best constant beside offsets has the lowest loss") {
  for (const double spread : {0.0, 0.5, 4.0, 60.0}) {
    CAPTURE(spread);
    const auto data = random_table({.rows = 200, .weights = 3, .seed = 5});
    const auto offsets = random_offsets(200, spread);
    const double constant = sy::detail::LogLoss(data, 1.5).best_constant(offsets);
    const auto loss = [&](double c) { return total_log_loss(data, offsets, c, 1.5); };
    if (spread < 10) CHECK(loss(constant) < std::min(loss(constant - 1e-4), loss(constant + 1e-4)));
    double gradient = 0;
    double weights = 0;
    for (std::size_t i = 0; i < 200; ++i) {
      const double weight = data.weight(static_cast<sy::Index>(i)) * (data.labels[i] == 1 ? 1.5 : 1);
      gradient += weight * (1 / (1 + std::exp(-constant - offsets[i])) - data.labels[i]);
      weights += weight;
    }
    CHECK(std::abs(gradient) < 1e-10 * weights);
  }
}

TEST_CASE("the best constant without offsets is the positive share's log-odds, to the bit") {
  const auto data = random_table({.rows = 100, .seed = 6});
  double positive = 0;
  for (const auto label : data.labels) positive += label;
  const std::vector<double> zeros(100);
  CHECK(sy::detail::LogLoss(data).best_constant(zeros) == sy::detail::clamped_log_odds(positive / 100));
}

TEST_CASE("the best constant is finite for one class and for absurd offsets") {
  auto data = random_table({.rows = 40, .seed = 7});
  const auto near = random_offsets(40, 2);
  data.labels.assign(40, 1);
  const double constant = sy::detail::LogLoss(data).best_constant(near);
  double missed = 0;
  for (const double offset : near) missed += 1 / (1 + std::exp(constant + offset)) / 40;
  CHECK(missed == Approx(1e-9).epsilon(1e-5));

  data.labels.assign(40, 0);
  data.labels[3] = 1;
  auto far = near;
  far[0] = 1e100;
  far[1] = -1e100;
  CHECK(std::isfinite(sy::detail::LogLoss(data).best_constant(far)));
  far.assign(40, 1e100);
  CHECK(sy::detail::LogLoss(data).best_constant(far) == Approx(-1e100));
}

TEST_CASE(
    "squared loss: the best constant is the weighted mean residual, the unit a power of two below its deviation") {
  sy::Dataset data;
  data.features.setZero(3, 1);
  data.feature_names = {"x"};
  data.labels = {0, 0, 0};
  data.weights = {1, 1, 2};
  const std::vector<double> targets{10, 20, 30};
  const std::vector<double> offsets{4, 0, 1};
  const sy::detail::SquaredLoss loss(data, targets);
  CHECK(loss.best_constant(offsets) == 21);  // (6 + 20 + 2 x 29) / 4
  // Deviation from 21: sqrt((121 + 1 + 2 x 81) / 4) = sqrt(71) = 8.4.
  CHECK(loss.unit(std::vector<double>(3, 21)) == 8);
  CHECK(loss.unit(targets) == 1);
  const std::vector<double> tiny{1e-9, 2e-9, 3e-9};
  CHECK(sy::detail::SquaredLoss(data, tiny).unit(std::vector<double>(3, 0.0)) == std::ldexp(1.0, -29));  // 2.3e-9
}
