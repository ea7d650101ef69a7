#include "switchyard/engine/mask_tables.hpp"
#include "engine_agreement.hpp"

#include <catch2/catch.hpp>

namespace sy = switchyard;

TEST_CASE("Tables of leaf masks answer as the trees, whatever their number and depth") {
  for (const int trees : {0, 1, 7, 8, 9, 17, 200, 257, 530}) {  // 257 and more: in more than one strip
    for (const int depth : {0, 1, 3, 5, 6}) {                   // up to 5: masks of 32 bits
      const sy::Ensemble ensemble =
          random_ensemble({.trees = trees, .max_depth = depth}, 31 + static_cast<unsigned>(trees));
      CAPTURE(trees, depth);
      CHECK(first_difference<sy::MaskTables>(ensemble, rows_for(ensemble, 60, 0.1, 7)) == "");
    }
  }
}

TEST_CASE("Tables of leaf masks answer for few columns and for many, with missing values or without") {
  for (const sy::Index features : {1, 2, 14, 28, 33, 256}) {
    for (const double missing : {0.0, 0.1, 1.0}) {
      const sy::Ensemble ensemble =
          random_ensemble({.trees = 50, .features = features, .thresholds = 254}, 5 + static_cast<unsigned>(features));
      CAPTURE(features, missing);
      CHECK(first_difference<sy::MaskTables>(ensemble, rows_for(ensemble, 80, missing, 11)) == "");
    }
  }
}

TEST_CASE("Tables of leaf masks tell 254 thresholds of one column apart") {
  const sy::Ensemble ensemble = random_ensemble({.trees = 60, .features = 2, .thresholds = 254, .leaf_share = 0}, 3);
  REQUIRE(sy::ThresholdCodes(ensemble).most_thresholds() == 254);
  CHECK(first_difference<sy::MaskTables>(ensemble, rows_for(ensemble, 2000, 0.05, 12)) == "");
}

TEST_CASE("Tables of leaf masks hold chains of 31, 32 and 64 leaves") {
  for (const int leaves : {31, 32, 33, 64}) {
    sy::Ensemble ensemble = random_ensemble({.trees = 20, .max_depth = 3, .features = 3}, 4);
    ensemble.trees[2] = chain_of(leaves - 1, 3, true);
    ensemble.trees[11] = chain_of(leaves - 1, 3, false);
    CAPTURE(leaves);
    CHECK(first_difference<sy::MaskTables>(ensemble, rows_for(ensemble, 500, 0.1, 13)) == "");
  }
}

TEST_CASE("Two threads may ask tables of leaf masks at once") {
  const sy::Ensemble ensemble = random_ensemble({.trees = 40}, 6);
  const sy::MaskTables engine(ensemble, sy::ThresholdCodes(ensemble), sy::best_instruction_set());
  CHECK(serves_two_threads(engine, ensemble, rows_for(ensemble, 2000, 0.1, 14)));
}

TEST_CASE("Tables of leaf masks hold neither 65 leaves, nor 255 thresholds, nor a tree without nodes, nor too much") {
  const auto fits = [](const sy::Ensemble& ensemble) {
    const sy::ThresholdCodes codes(ensemble);
    const bool answer = sy::MaskTables::fits(ensemble, codes);
    if (!answer) CHECK_THROWS_AS(sy::MaskTables(ensemble, codes, sy::InstructionSet::portable), sy::InvalidArgument);
    return answer;
  };
  sy::Ensemble ensemble = random_ensemble({.trees = 3, .features = 40}, 7);
  CHECK(fits(ensemble));
  ensemble.trees[1] = chain_of(63, 40, true);
  CHECK(fits(ensemble));
  ensemble.trees[1] = chain_of(64, 40, true);
  CHECK_FALSE(fits(ensemble));
  ensemble.trees[1] = {};
  CHECK_FALSE(fits(ensemble));
  CHECK_FALSE(fits(random_ensemble({.trees = 3, .features = 257}, 7)));
  CHECK_FALSE(fits(random_ensemble({.trees = 60, .features = 1, .thresholds = 600, .leaf_share = 0}, 7)));
  CHECK_FALSE(fits(random_ensemble({.trees = 1000, .features = 40, .thresholds = 254, .leaf_share = 0}, 7)));
}
