#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/io/hand_rule_json.hpp"
#include "switchyard/io/json_build.hpp"
#include "switchyard/io/json_reader.hpp"
#include "switchyard/io/mlp_json.hpp"
#include "switchyard/io/regressor_json.hpp"
#include "switchyard/io/tree_json.hpp"
#include "switchyard/model/any_classifier.hpp"
#include "switchyard/model/gradient_boosting.hpp"
#include "switchyard/model/hand_rule.hpp"
#include "switchyard/model/mlp.hpp"
#include "switchyard/model/paired_regression.hpp"
#include "switchyard/model/random_forest.hpp"
#include "switchyard/model/voting.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

/// A model as {"kind": ..., "model": {...}}; the members of voting are such objects in turn. Throws InvalidArgument for
/// a kind that has no form here.
[[nodiscard]] inline nlohmann::json classifier_to_json(const AnyClassifier& classifier) {
  nlohmann::json model;
  if (const auto* forest = classifier.get_if<RandomForest>()) {
    model = ensemble_to_json(forest->ensemble());
  } else if (const auto* boosting = classifier.get_if<GradientBoosting>()) {
    model = ensemble_to_json(boosting->ensemble());
  } else if (const auto* mlp = classifier.get_if<Mlp>()) {
    model = mlp_to_json(mlp->parameters());
  } else if (const auto* rule = classifier.get_if<HandRule>()) {
    model = hand_rule_to_json(*rule);
  } else if (const auto* regression = classifier.get_if<PairedRegression>()) {
    model["pairs"] = nlohmann::json::array();
    for (const RegressionPair& pair : regression->pairs()) {
      model["pairs"].push_back(json_object({{"zero", regressor_to_json(pair.zero)},
                                            {"one", regressor_to_json(pair.one)},
                                            {"slope", json_number(pair.slope)}}));
    }
  } else if (const auto* voting = classifier.get_if<Voting>()) {
    model["weights"] = json_numbers(voting->weights(), std::identity{});
    model["members"] = nlohmann::json::array();
    for (const AnyClassifier& member : voting->members()) model["members"].push_back(classifier_to_json(member));
  } else {
    throw InvalidArgument("a model of kind '" + std::string(classifier.name()) + "' cannot be saved");
  }
  return json_object({{"kind", classifier.name()}, {"model", std::move(model)}});
}

namespace detail {

/// How deep voting may hold voting in a model file.
inline constexpr int max_voting_depth = 8;

[[nodiscard]] inline RandomForest random_forest_from_json(const JsonReader& reader, Index features) {
  Ensemble ensemble = ensemble_from_json(reader, features);
  if (ensemble.trees.empty()) reader.fail("has no trees");
  for (const Tree& tree : ensemble.trees) {
    for (const TreeNode& node : tree.nodes) {
      if (node.is_leaf() && !(node.value >= 0 && node.value <= 1)) reader.fail("has a leaf that is not a probability");
    }
  }
  constexpr double rounding = 1e-9;
  if (ensemble.bias != 0 || ensemble.offset_column >= 0 ||
      !(std::abs(ensemble.scale * static_cast<double>(ensemble.trees.size()) - 1) < rounding)) {
    reader.fail("is not a mean of its trees");
  }
  return RandomForest(std::move(ensemble));
}

[[nodiscard]] inline PairedRegression paired_regression_from_json(const JsonReader& reader, Index features) {
  const JsonReader list = reader.at("pairs");
  std::vector<RegressionPair> pairs;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const JsonReader pair = list.at(i);
    pairs.push_back({regressor_from_json(pair.at("zero"), features), regressor_from_json(pair.at("one"), features),
                     pair.at("slope").number()});
  }
  try {
    return PairedRegression(std::move(pairs));
  } catch (const InvalidArgument& error) {
    reader.fail(std::string("is not usable: ").append(error.what()));
  }
}

[[nodiscard]] AnyClassifier classifier_from_json(const JsonReader& reader, Index features, int depth);

[[nodiscard]] inline Voting voting_from_json(const JsonReader& reader, Index features, int depth) {
  if (depth >= max_voting_depth) reader.fail("is voting nested too deep");
  const JsonReader list = reader.at("members");
  const std::size_t count = list.size();
  std::vector<AnyClassifier> members;
  for (std::size_t i = 0; i < count; ++i) members.push_back(classifier_from_json(list.at(i), features, depth + 1));
  std::vector<double> weights = reader.at("weights").numbers();
  reader.at("weights").require_size(count);
  try {
    return Voting(std::move(members), std::move(weights));
  } catch (const InvalidArgument& error) {
    reader.fail(std::string("is not usable: ") + error.what());
  }
}

[[nodiscard]] inline AnyClassifier classifier_from_json(const JsonReader& reader, Index features, int depth) {
  const std::string kind = reader.at("kind").text();
  const JsonReader model = reader.at("model");
  if (kind == model_kind<RandomForest>) return random_forest_from_json(model, features);
  if (kind == model_kind<GradientBoosting>) return GradientBoosting(ensemble_from_json(model, features));
  if (kind == model_kind<Mlp>) return Mlp(mlp_from_json(model, features));
  if (kind == model_kind<HandRule>) return hand_rule_from_json(model, features);
  if (kind == model_kind<PairedRegression>) return paired_regression_from_json(model, features);
  if (kind == model_kind<Voting>) return voting_from_json(model, features, depth);
  reader.at("kind").fail(
      "is not one of random_forest, gradient_boosting, mlp, hand_rule, paired_regression and voting");
}

}  // namespace detail

/// The model of `classifier_to_json` for rows of `features` columns. Throws ModelFormatError.
[[nodiscard]] inline AnyClassifier classifier_from_json(const JsonReader& reader, Index features) {
  return detail::classifier_from_json(reader, features, 0);
}

}  // namespace switchyard
