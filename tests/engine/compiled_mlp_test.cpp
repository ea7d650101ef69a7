#include "switchyard/engine/compiled_mlp.hpp"

#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace sy = switchyard;

namespace {

/// A network with the weights of its start, some of them 0, and a scaler of columns far from standard.
sy::MlpParameters random_network(sy::Index features, const std::vector<sy::Index>& indicators,
                                 const std::vector<int>& hidden, sy::Rng& rng) {
  sy::MlpParameters parameters;
  for (sy::Index c = 0; c < features; ++c) {
    parameters.scaler.mean.push_back(1000 * rng.normal());
    parameters.scaler.scale.push_back(rng.uniform(0.1, 50));
  }
  parameters.indicators = indicators;
  const auto shapes = sy::dense_shapes(features + static_cast<sy::Index>(indicators.size()), hidden);
  sy::Vector weights = sy::glorot_uniform(shapes, rng);
  for (double& weight : weights) weight = rng.bernoulli(0.05) ? 0 : weight;
  parameters.layers = sy::dense_layers(weights, shapes);
  return parameters;
}

/// Rows as the scaler expects them, with missing, extreme and exactly average values among them.
sy::Matrix random_rows(const sy::MlpParameters& parameters, sy::Index rows, sy::Rng& rng) {
  sy::Matrix result(rows, parameters.scaler.features());
  for (sy::Index i = 0; i < rows; ++i) {
    for (sy::Index c = 0; c < result.cols(); ++c) {
      const auto column = static_cast<std::size_t>(c);
      const double centre = parameters.scaler.mean[column];
      result(i, c) = centre + parameters.scaler.scale[column] * rng.normal();
      if (rng.bernoulli(0.1)) result(i, c) = std::numeric_limits<double>::quiet_NaN();
      if (rng.bernoulli(0.02)) result(i, c) = centre;
      if (rng.bernoulli(0.01)) result(i, c) = rng.bernoulli(0.5) ? 1e300 : -1e300;
      if (rng.bernoulli(0.001)) result(i, c) = std::numeric_limits<double>::infinity();
    }
  }
  return result;
}

/// The same number, or both not numbers: infinities make the network itself say NaN.
bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

/// Rows and sets of instructions on which the compiled network says something else than the network.
int differences(const sy::MlpParameters& parameters, const sy::Matrix& rows) {
  const sy::Mlp model(parameters);
  int found = 0;
  for (const sy::InstructionSet set : sy::available_instruction_sets()) {
    const sy::CompiledMlp compiled(parameters, set);
    std::vector<double> all(static_cast<std::size_t>(rows.rows()));
    compiled.margins(rows, all);
    for (sy::Index i = 0; i < rows.rows(); ++i) {
      const sy::RowView row{rows.data() + i * rows.cols(), static_cast<std::size_t>(rows.cols())};
      const double expected = model.margin(row);
      const bool right = same(compiled.margin(row), expected) && same(all[static_cast<std::size_t>(i)], expected);
      found += right ? 0 : 1;
    }
  }
  return found;
}

}  // namespace

TEST_CASE("A compiled network has its model's bits on every instruction set, whatever its shape") {
  sy::Rng rng(3);
  const std::vector<std::vector<int>> shapes = {
      {}, {1}, {7}, {8}, {9, 17}, {64, 32, 16}, {33, 65, 31}, {100, 40, 24}, {200, 3, 130}, {12, 12, 12, 12}};
  for (const auto& hidden : shapes) {
    for (const sy::Index features : {1, 7, 8, 14, 16, 28, 32, 33, 64, 70}) {
      INFO("features " << features << ", hidden layers " << hidden.size() << ", first "
                       << (hidden.empty() ? 0 : hidden[0]));
      const auto plain = random_network(features, {}, hidden, rng);
      CHECK(differences(plain, random_rows(plain, 40, rng)) == 0);
      std::vector<sy::Index> columns{0};
      for (sy::Index c = 2; c < features; c += 3) columns.push_back(c);
      const auto marked = random_network(features, columns, hidden, rng);
      CHECK(differences(marked, random_rows(marked, 40, rng)) == 0);
    }
  }
}

TEST_CASE("A layer too wide for the stack is compiled as well") {
  sy::Rng rng(9);
  const auto parameters = random_network(20, {1, 2}, {600, 5}, rng);
  CHECK(differences(parameters, random_rows(parameters, 20, rng)) == 0);
  // It is asked with memory from the heap: that there is none must reach the caller.
  STATIC_REQUIRE_FALSE(noexcept(sy::CompiledMlp(parameters).margin(sy::RowView{})));
}

TEST_CASE("A missing value counts as the training mean and switches its indicator on, worked by hand") {
  // Inputs: (x0 - 1) / 2, (x1 - 10) / 5, indicator of x1. One hidden unit: ReLU(0.5 + 1 * a + 2 * b + 4 * c); logit
  // 0.25 + 3 * h.
  sy::MlpParameters parameters;
  parameters.scaler.mean = {1, 10};
  parameters.scaler.scale = {2, 5};
  parameters.indicators = {1};
  parameters.layers = {{(sy::Matrix(3, 1) << 1, 2, 4).finished(), sy::Vector::Constant(1, 0.5)},
                       {sy::Matrix::Constant(1, 1, 3.0), sy::Vector::Constant(1, 0.25)}};
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const sy::InstructionSet set : sy::available_instruction_sets()) {
    const sy::CompiledMlp compiled(parameters, set);
    CHECK(compiled.margin(std::vector<double>{3, 15}) == 0.25 + 3 * (0.5 + 1 + 2));
    CHECK(compiled.margin(std::vector<double>{3, nan}) == 0.25 + 3 * (0.5 + 1 + 4));
    CHECK(compiled.margin(std::vector<double>{nan, 15}) == 0.25 + 3 * (0.5 + 2));
    CHECK(compiled.margin(std::vector<double>{1, 0}) == 0.25);
  }
}

TEST_CASE("The answer for a row does not depend on the rows beside it or on the stride between them") {
  sy::Rng rng(21);
  const auto parameters = random_network(14, {3, 5}, {64, 32, 16}, rng);
  const sy::Matrix rows = random_rows(parameters, 50, rng);
  sy::Matrix wide = sy::Matrix::Constant(50, 20, 7.0);
  wide.leftCols(14) = rows;
  const sy::CompiledMlp compiled(parameters);
  std::vector<double> dense(50);
  std::vector<double> strided(30);
  compiled.margins(rows, dense);
  compiled.margins(wide.block(11, 0, 30, 14), strided);
  for (std::size_t i = 0; i < strided.size(); ++i) {
    CHECK(std::bit_cast<std::uint64_t>(strided[i]) == std::bit_cast<std::uint64_t>(dense[i + 11]));
  }
}
