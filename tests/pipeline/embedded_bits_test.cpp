// The runtime that embedded models carry, fed with the arrays that a header would hold: the bits of the models.
#include "pipeline/asked_models.hpp"

#include "switchyard/engine/embedded.hpp"
#include "switchyard/pipeline/embed_model.hpp"

#include "missing.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

namespace sy = switchyard;

namespace {

/// Rows of requests, now and then with a value that nobody has seen.
std::vector<std::vector<double>> random_rows(int count) {
  sy::Rng draw(11);
  const auto catalogue = sy::default_catalogue();
  std::vector<std::vector<double>> rows;
  for (int i = 0; i < count; ++i) {
    const auto features = sy::requirement_features(asked::random_request(draw), catalogue);
    rows.emplace_back(features.begin(), features.end());
    const auto column = static_cast<std::size_t>(draw.below(14));
    if (draw.below(5) == 0) rows.back()[column] = std::nan("");
    if (draw.below(9) == 0) rows.back()[column] = draw.below(2) == 0 ? INFINITY : -1e300;
  }
  return rows;
}

/// Asks about equality of doubles, two NaN being the same answer.
bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

void check_trees(const sy::Ensemble& ensemble) {
  sy::detail::EmbeddedNodes nodes;
  for (const auto& tree : ensemble.trees) nodes.add(tree);
  const sy::EmbeddedTrees trees{
      nodes.splits.data(),   nodes.values.data(), nodes.rights.data(), nodes.roots.data(),
      ensemble.trees.size(), ensemble.bias,       ensemble.scale,      static_cast<int>(ensemble.offset_column)};
  for (const auto& row : random_rows(500)) REQUIRE(same(trees.raw(row.data()), ensemble.raw(row)));
}

void check_network(const sy::Mlp& mlp) {
  const auto& parameters = mlp.parameters();
  std::vector<std::uint32_t> indicators(parameters.indicators.begin(), parameters.indicators.end());
  std::vector<sy::EmbeddedLayer> layers;
  const sy::DenseLayer first = sy::detail::folded_first_layer(parameters);
  for (std::size_t l = 0; l < parameters.layers.size(); ++l) {
    const sy::DenseLayer& layer = l == 0 ? first : parameters.layers[l];
    layers.push_back({layer.weights.data(), layer.bias.data(), static_cast<std::size_t>(layer.inputs()),
                      static_cast<std::size_t>(layer.outputs())});
  }
  const sy::EmbeddedNetwork<64> network{
      parameters.scaler.mean.data(), 14, indicators.data(), indicators.size(), layers.data(), layers.size()};
  for (const auto& row : random_rows(500)) REQUIRE(same(network.margin(row.data()), mlp.margin(row)));
}

}  // namespace

TEST_CASE("embedded trees and networks have their models' bits") {
  int trees = 0;
  int networks = 0;
  for (const auto& file : asked::every_kind()) {
    INFO(file.model.name());
    if (const auto* forest = file.model.get_if<sy::RandomForest>()) ++trees, check_trees(forest->ensemble());
    if (const auto* boosting = file.model.get_if<sy::GradientBoosting>()) ++trees, check_trees(boosting->ensemble());
    if (const auto* mlp = file.model.get_if<sy::Mlp>()) ++networks, check_network(*mlp);
  }
  CHECK(trees == 3);
  CHECK(networks == 1);
}

TEST_CASE("an embedded ensemble has its offset, and 0 where that is missing") {
  auto ensemble = asked::boosted().model.get_if<sy::GradientBoosting>()->ensemble();
  ensemble.offset_column = 2;
  ensemble.scale = 1.0 / 3;
  check_trees(ensemble);
  ensemble.trees.clear();
  check_trees(ensemble);
}

TEST_CASE("a tree that is a long list is embedded without recursion, in its own order") {
  constexpr int depth = 200'000;
  sy::Tree tree;
  for (std::int32_t level = 0; level < depth; ++level) {
    tree.nodes.push_back({.feature = 0, .left = 2 * level + 1, .right = 2 * level + 2, .threshold = double(level)});
    tree.nodes.push_back({.value = double(level)});
  }
  tree.nodes.push_back({.value = -1});
  sy::detail::EmbeddedNodes nodes;
  nodes.add(tree);
  REQUIRE(nodes.splits.size() == 2 * depth + 1);
  const sy::EmbeddedTrees trees{nodes.splits.data(), nodes.values.data(), nodes.rights.data(), nodes.roots.data(), 1};
  for (const double value : {-1.0, 0.0, 0.5, 1234.0, 199'998.5, 2e5}) {
    CHECK(trees.raw(&value) == tree.predict(std::span(&value, 1)));
  }
}

TEST_CASE("what is no tree is refused") {
  sy::detail::EmbeddedNodes nodes;
  CHECK_THROWS_AS(nodes.add({}), sy::InvalidArgument);
}

namespace {

constexpr std::uint32_t splits[] = {3, sy::EmbeddedTrees::leaf, sy::EmbeddedTrees::leaf};
constexpr double values[] = {0.5, 2, 3};
constexpr std::uint32_t rights[] = {2, 0, 0};
constexpr std::uint32_t roots[] = {0, 0, 1};
constexpr sy::EmbeddedTrees three{splits, values, rights, roots, 3, 1, 0.5};
constexpr double low = 0.5;
constexpr double high = 0.75;
static_assert(three.raw(&low) == 1 + 0.5 * (2 + 2 + 2));
static_assert(three.raw(&high) == 1 + 0.5 * (3 + 3 + 2));
static_assert(three.raw(&missing) == three.raw(&low));

}  // namespace
