#include "switchyard/engine/compiled_ensemble.hpp"
#include "random_ensemble.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace sy = switchyard;

namespace {

std::string engine_for(const EnsembleShape& shape, sy::InstructionSet set) {
  return std::string(sy::CompiledEnsemble(random_ensemble(shape, 1), set).engine());
}

}  // namespace

TEST_CASE("A compiled ensemble has the bits of the ensemble's raw answer at every engine and instruction set") {
  sy::Ensemble ensemble = random_ensemble({.trees = 50, .max_depth = 6, .features = 14}, 2);  // at most 64 leaves
  ensemble.offset_column = 3;
  const sy::Matrix rows = rows_for(ensemble, 200, 0.1, 3);
  using enum sy::TreeEngine;
  for (const sy::TreeEngine engine : {fastest, registers, masks, blocked, plain}) {
    for (const sy::InstructionSet set : sy::available_instruction_sets()) {
      const sy::CompiledEnsemble compiled(ensemble, set, engine);
      std::vector<double> together(200);
      compiled.raw(rows, together);
      bool same = true;
      for (sy::Index i = 0; i < rows.rows(); ++i) {
        const double expected = ensemble.raw(sy::row_of(rows, i));
        const double alone = compiled.raw(sy::row_of(rows, i));
        const double batch = together[static_cast<std::size_t>(i)];
        // An infinite offset makes the answer infinite, or NaN; those have no bits to compare.
        same &= std::isnan(expected) ? std::isnan(alone) && std::isnan(batch) : alone == expected && batch == expected;
      }
      CAPTURE(std::string(name_of(engine)), std::string(name_of(set)));
      CHECK(same);
      if (engine != fastest) CHECK(compiled.engine() == name_of(engine));
    }
  }
}

TEST_CASE("The engine follows the shape of the trees and the instruction set") {
  using enum sy::InstructionSet;
  const EnsembleShape shallow{.trees = 200, .max_depth = 6, .features = 14, .thresholds = 20};
  CHECK(engine_for(shallow, portable) == "masks");
  const EnsembleShape fine{.trees = 200, .max_depth = 6, .features = 14, .thresholds = 250};
  CHECK(engine_for(fine, portable) == "registers");
  const EnsembleShape few_leaves{.max_depth = 8, .features = 14, .leaf_share = 0.5};
  const EnsembleShape deep{.trees = 40, .max_depth = 15, .features = 14, .leaf_share = 0.2};
  for (const sy::InstructionSet set : sy::available_instruction_sets()) {
    if (set >= avx2) CHECK(engine_for(shallow, set) == "registers");
    CHECK(engine_for(few_leaves, set) == "masks");
    CHECK(engine_for(deep, set) == "blocked");
    CHECK(engine_for({.trees = 100, .max_depth = 12, .features = 500}, set) == "plain");
    CHECK(engine_for({.trees = 100, .max_depth = 10, .features = 2, .thresholds = 600}, set) == "plain");
  }
}

TEST_CASE("An engine that cannot hold the trees is refused, and so are malformed calls") {
  const sy::Ensemble deep = random_ensemble({.max_depth = 12, .leaf_share = 0.2}, 4);
  CHECK_THROWS_AS(sy::CompiledEnsemble(deep, sy::InstructionSet::portable, sy::TreeEngine::registers),
                  sy::InvalidArgument);
  sy::Ensemble hollow;
  hollow.trees.emplace_back();
  CHECK_THROWS_AS(sy::CompiledEnsemble(hollow), sy::InvalidArgument);
  const sy::CompiledEnsemble compiled(deep);
  std::vector<double> out(3);
  CHECK_THROWS_AS(compiled.raw(sy::Matrix(3, 4), out), sy::InvalidArgument);
  CHECK_THROWS_AS(compiled.raw(sy::Matrix(2, 5), out), sy::InvalidArgument);
}

TEST_CASE("Trees that no walk can be trusted with are refused") {
  const sy::Ensemble sound = random_ensemble({.trees = 3, .max_depth = 3, .features = 2, .leaf_share = 0}, 6);
  CHECK_NOTHROW(sy::CompiledEnsemble(sound));
  const auto refused = [&](const std::string& why, auto spoil) {
    sy::Ensemble ensemble = sound;
    spoil(ensemble, ensemble.trees[1].nodes);
    CAPTURE(why);
    for (const sy::TreeEngine engine : {sy::TreeEngine::fastest, sy::TreeEngine::plain}) {
      CHECK_THROWS_WITH(sy::CompiledEnsemble(ensemble, sy::InstructionSet::portable, engine), Catch::Contains(why));
    }
    CHECK_THROWS_AS(sy::CompiledEnsemble(ensemble), sy::InvalidArgument);
  };
  const std::string tree = "tree 1: node 0 ";
  refused(tree + "has no number as its threshold", [](auto&, auto& nodes) { nodes[0].threshold = std::nan(""); });
  refused(tree + "asks for feature 2 of 2", [](auto&, auto& nodes) { nodes[0].feature = 2; });
  refused(tree + "has child 0; expected a later node", [](auto&, auto& nodes) { nodes[0].left = 0; });
  refused(tree + "has child -1; expected a later node", [](auto&, auto& nodes) { nodes[0].right = -1; });
  refused(tree + "has child 99; expected a later node", [](auto&, auto& nodes) { nodes[0].right = 99; });
  refused(tree + "has child 1, which has another parent", [](auto&, auto& nodes) { nodes[0].right = 1; });
  refused("node 1 has child 0; expected a later node", [](auto&, auto& nodes) { nodes[1].right = 0; });
  refused("is no node's child", [](auto&, auto& nodes) { nodes.emplace_back(); });
  refused("is a leaf with children", [](auto&, auto& nodes) { nodes.back().left = 1; });
  refused("has no nodes", [](auto&, auto& nodes) { nodes.clear(); });
  refused("offset_column is 2", [](auto& ensemble, auto&) { ensemble.offset_column = 2; });
}

TEST_CASE("Without trees the answer is bias and offset") {
  sy::Ensemble ensemble;
  ensemble.features = 2;
  ensemble.bias = 0.25;
  ensemble.offset_column = 1;
  const sy::CompiledEnsemble compiled(ensemble);
  const double row[] = {7, 0.5};
  CHECK(compiled.raw(sy::RowView(row)) == 0.75);
  const double missing[] = {7, std::numeric_limits<double>::quiet_NaN()};
  CHECK(compiled.raw(sy::RowView(missing)) == 0.25);
}
