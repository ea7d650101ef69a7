#include "switchyard/engine/blocked_trees.hpp"
#include "random_ensemble.hpp"
#include "switchyard/engine/instruction_set.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace sy = switchyard;

namespace {

bool every_set_agrees(const sy::Ensemble& ensemble, const sy::Matrix& rows) {
  const sy::ThresholdCodes codes(ensemble);
  for (const sy::InstructionSet set : sy::available_instruction_sets()) {
    INFO(std::string(name_of(set)));
    if (!agrees(sy::BlockedTrees(ensemble, codes, set), ensemble, rows)) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("Blocked trees answer as the trees at every depth and instruction set") {
  for (int depth = 0; depth <= 20; ++depth) {
    const double leaf_share = depth < 12 ? 0.1 : 0.3;
    const sy::Ensemble ensemble =
        random_ensemble({.trees = 40, .max_depth = depth, .features = 14, .leaf_share = leaf_share},
                        100 + static_cast<unsigned>(depth));
    CAPTURE(depth);
    CHECK(every_set_agrees(ensemble, rows_for(ensemble, 70, 0, 1)));
    CHECK(every_set_agrees(ensemble, rows_for(ensemble, 70, 0.1, 2)));
  }
}

TEST_CASE("Blocked trees take any number of trees and rows") {
  for (const int trees : {0, 1, 8, 127, 128, 129, 300}) {
    const sy::Ensemble ensemble = random_ensemble({.trees = trees, .max_depth = 7}, 5);
    for (const int rows : {0, 1, 9, 63, 64, 65, 130}) {
      CAPTURE(trees, rows);
      CHECK(every_set_agrees(ensemble, rows_for(ensemble, rows, 0.02, 3)));
    }
  }
}

TEST_CASE("Blocked trees take 1 to 128 features, with and without missing values") {
  for (const int features : {1, 15, 16, 17, 31, 32, 33, 100, 128}) {
    const sy::Ensemble ensemble = random_ensemble({.trees = 30, .max_depth = 9, .features = features}, 6);
    CAPTURE(features);
    CHECK(every_set_agrees(ensemble, rows_for(ensemble, 70, 0, 4)));
    CHECK(every_set_agrees(ensemble, rows_for(ensemble, 70, 0.2, 5)));
    CHECK(every_set_agrees(ensemble, rows_for(ensemble, 3, 1, 5)));
  }
}

TEST_CASE("Blocked trees tell 254 thresholds of a feature apart, and refuse 255") {
  const auto codes_of = [](int thresholds) {
    const sy::Ensemble ensemble =
        random_ensemble({.trees = 60, .max_depth = 9, .features = 2, .thresholds = thresholds}, 8);
    return std::pair(ensemble, sy::ThresholdCodes(ensemble));
  };
  const auto [full, full_codes] = codes_of(254);
  REQUIRE(full_codes.most_thresholds() == 254);
  CHECK(every_set_agrees(full, rows_for(full, 300, 0.1, 6)));
  const auto [over, over_codes] = codes_of(255);
  REQUIRE(over_codes.most_thresholds() == 255);
  CHECK_FALSE(sy::BlockedTrees::fits(over, over_codes));
  CHECK_THROWS_AS(sy::BlockedTrees(over, over_codes, sy::InstructionSet::portable), sy::InvalidArgument);
}

TEST_CASE("Blocked trees refuse what their numbers cannot hold") {
  const sy::Ensemble wide = random_ensemble({.trees = 1, .max_depth = 1, .features = 129}, 9);
  CHECK_FALSE(sy::BlockedTrees::fits(wide, sy::ThresholdCodes(wide)));
  const sy::Ensemble large = random_ensemble({.trees = 1, .max_depth = 15, .leaf_share = 0}, 9);
  REQUIRE(large.trees[0].nodes.size() == 65535);
  CHECK(every_set_agrees(large, rows_for(large, 40, 0.1, 7)));
  const sy::Ensemble larger = random_ensemble({.trees = 1, .max_depth = 16, .leaf_share = 0}, 9);
  CHECK_FALSE(sy::BlockedTrees::fits(larger, sy::ThresholdCodes(larger)));
}
