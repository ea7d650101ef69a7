#include "switchyard/engine/threshold_codes.hpp"
#include "switchyard/engine/row_codes.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

namespace sy = switchyard;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Stumps whose thresholds of feature f are its row of the list.
sy::Ensemble stumps(const std::vector<std::vector<double>>& thresholds) {
  sy::Ensemble ensemble;
  ensemble.features = static_cast<sy::Index>(thresholds.size());
  for (std::size_t feature = 0; feature < thresholds.size(); ++feature) {
    for (const double threshold : thresholds[feature]) {
      sy::Tree tree;
      tree.nodes.resize(3);
      tree.nodes[0].feature = static_cast<std::int32_t>(feature);
      tree.nodes[0].left = 1;
      tree.nodes[0].right = 2;
      tree.nodes[0].threshold = threshold;
      ensemble.trees.push_back(tree);
    }
  }
  return ensemble;
}

/// Thresholds and values beside and on them, infinities, both zeros.
std::vector<double> values_around(const std::vector<double>& thresholds) {
  std::vector<double> values{-infinity, infinity, 0.0, -0.0, 1e-320, -1e308};
  for (const double threshold : thresholds) {
    values.insert(values.end(), {threshold, std::nextafter(threshold, infinity), std::nextafter(threshold, -infinity)});
  }
  return values;
}

}  // namespace

TEST_CASE("A code decides every comparison with the model's thresholds") {
  const std::vector<double> thresholds{3, -1, 0.5, -infinity, infinity, 0.0, 3};
  const sy::Ensemble ensemble = stumps({{}, thresholds});
  const sy::ThresholdCodes codes(ensemble);
  REQUIRE(codes.features() == 2);
  CHECK(codes.thresholds(0).empty());
  CHECK(codes.most_thresholds() == 6);
  for (const sy::Tree& tree : ensemble.trees) {
    const sy::TreeNode& split = tree.nodes.front();
    CHECK(codes.thresholds(1)[codes.position(split)] == split.threshold);
    for (const double value : values_around(thresholds)) {
      CAPTURE(split.threshold, value);
      CHECK((codes.code(1, value) <= codes.position(split)) == (value <= split.threshold));
    }
  }
}

TEST_CASE("A row's byte codes are ThresholdCodes', whatever the number of thresholds and the instruction set") {
  std::vector<std::vector<double>> thresholds;
  for (const int count : {0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 49, 224, 239, 240, 241, 253, 254}) {
    auto& list = thresholds.emplace_back();
    for (int k = 0; k < count; ++k) list.push_back((k - count / 3) * 0.7);
  }
  thresholds.push_back({-infinity, -0.0, infinity});
  const sy::ThresholdCodes codes(stumps(thresholds));
  const std::size_t features = codes.features();
  std::vector<double> values = values_around({});
  for (const auto& list : thresholds) {
    for (const double value : values_around(list)) values.push_back(value);
  }
  for (const auto set : sy::available_instruction_sets()) {
    const sy::RowCodes row_codes(codes, set);
    std::size_t wrong = 0;
    for (const double value : values) {
      const std::vector<double> row(features, value);
      std::vector<std::uint8_t> low(features, 77);
      std::vector<std::uint8_t> high(features, 78);
      if (row_codes.encode(row, low.data(), high.data())) ++wrong;
      for (std::size_t f = 0; f < features; ++f) wrong += low[f] != codes.code(f, value) || high[f] != low[f];
    }
    CAPTURE(sy::name_of(set));
    CHECK(wrong == 0);
  }
}

TEST_CASE("A missing value is 0 in the low copy and 255 in the high one, and changes no other") {
  const sy::ThresholdCodes codes(stumps({{1, 2}, {1}, {1, 2, 3}, {5}}));
  const std::vector<double> row{2.5, std::nan(""), 0, -std::nan("")};
  for (const auto set : sy::available_instruction_sets()) {
    std::vector<std::uint8_t> low(4);
    std::vector<std::uint8_t> high(4);
    CHECK(sy::RowCodes(codes, set).encode(row, low.data(), high.data()));
    CHECK(low == std::vector<std::uint8_t>{2, 0, 0, 0});
    CHECK(high == std::vector<std::uint8_t>{2, 255, 0, 255});
  }
}

TEST_CASE("255 thresholds and a missing value do not fit into a byte") {
  std::vector<double> thresholds;
  for (int k = 0; k < 255; ++k) thresholds.push_back(k);
  const sy::ThresholdCodes codes(stumps({thresholds}));
  CHECK_FALSE(codes.fit_in_bytes());
  CHECK_THROWS_AS(sy::RowCodes(codes, sy::InstructionSet::portable), sy::InvalidArgument);
}
