#include "switchyard/engine/register_trees.hpp"
#include "engine_agreement.hpp"

#include <catch2/catch.hpp>

namespace sy = switchyard;

TEST_CASE("Trees in registers answer as the trees, whatever their number and depth") {
  for (const int trees : {0, 1, 7, 8, 9, 63, 64, 65, 200, 256, 257, 530}) {
    for (const int depth : {0, 1, 2, 3, 4, 6}) {
      const sy::Ensemble ensemble =
          random_ensemble({.trees = trees, .max_depth = depth}, 31 + static_cast<unsigned>(trees));
      CAPTURE(trees, depth);
      CHECK(first_difference<sy::RegisterTrees>(ensemble, rows_for(ensemble, 60, 0.1, 7)) == "");
    }
  }
}

TEST_CASE("Trees in registers answer for 1 to 64 columns, with missing values or without") {
  for (sy::Index features = 1; features <= 64; ++features) {
    for (const double missing : {0.0, 0.1, 1.0}) {
      const sy::Ensemble ensemble =
          random_ensemble({.trees = 50, .features = features, .thresholds = 254, .leaf_share = 0.02},
                          5 + static_cast<unsigned>(features));
      CAPTURE(features, missing);
      CHECK(first_difference<sy::RegisterTrees>(ensemble, rows_for(ensemble, 80, missing, 11)) == "");
    }
  }
}

TEST_CASE("Trees in registers tell 254 thresholds of one column apart") {
  const sy::Ensemble ensemble = random_ensemble({.trees = 60, .features = 2, .thresholds = 254, .leaf_share = 0}, 3);
  const sy::ThresholdCodes codes(ensemble);
  REQUIRE(codes.most_thresholds() == 254);
  CHECK(first_difference<sy::RegisterTrees>(ensemble, rows_for(ensemble, 2000, 0.05, 12)) == "");
}

TEST_CASE("Trees in registers may be chains of 6 splits") {
  sy::Ensemble ensemble = random_ensemble({.trees = 20, .features = 3}, 4);
  ensemble.trees[2] = chain_of(6, 3, true);
  ensemble.trees[11] = chain_of(6, 3, false);
  CHECK(first_difference<sy::RegisterTrees>(ensemble, rows_for(ensemble, 500, 0.1, 13)) == "");
}

TEST_CASE("Two threads may ask trees in registers at once") {
  const sy::Ensemble ensemble = random_ensemble({.trees = 40}, 6);
  const sy::RegisterTrees engine(ensemble, sy::ThresholdCodes(ensemble), sy::best_instruction_set());
  CHECK(serves_two_threads(engine, ensemble, rows_for(ensemble, 2000, 0.1, 14)));
}

TEST_CASE(
    "Registers hold neither a seventh level, nor 65 columns, nor 255 thresholds of one, nor a tree without nodes") {
  const auto fits = [](const sy::Ensemble& ensemble) {
    const sy::ThresholdCodes codes(ensemble);
    const bool answer = sy::RegisterTrees::fits(ensemble, codes);
    if (!answer) CHECK_THROWS_AS(sy::RegisterTrees(ensemble, codes, sy::InstructionSet::portable), sy::InvalidArgument);
    return answer;
  };
  sy::Ensemble ensemble = random_ensemble({.trees = 3, .features = 64}, 7);
  CHECK(fits(ensemble));
  ensemble.trees[1] = chain_of(6, 64, true);
  CHECK(fits(ensemble));
  ensemble.trees[1] = chain_of(7, 64, true);
  CHECK_FALSE(fits(ensemble));
  ensemble.trees[1] = {};
  CHECK_FALSE(fits(ensemble));
  CHECK_FALSE(fits(random_ensemble({.trees = 3, .features = 65}, 7)));
  CHECK_FALSE(fits(random_ensemble({.trees = 60, .features = 1, .thresholds = 600, .leaf_share = 0}, 7)));
}
