#pragma once

#include "switchyard/core/types.hpp"
#include "switchyard/io/json_build.hpp"
#include "switchyard/io/json_reader.hpp"
#include "switchyard/model/option_checks.hpp"
#include "switchyard/tree/tree.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

/// A tree as one array per property, in node order: feature (-1: leaf), threshold, left, right, default_left (0 or 1),
/// value, cover, gain.
[[nodiscard]] inline nlohmann::json tree_to_json(const Tree& tree) {
  const auto column = [&](auto member) {
    return json_numbers(tree.nodes, [member](const TreeNode& node) { return node.*member; });
  };
  return json_object({{"feature", column(&TreeNode::feature)},
                      {"threshold", column(&TreeNode::threshold)},
                      {"left", column(&TreeNode::left)},
                      {"right", column(&TreeNode::right)},
                      {"default_left", column(&TreeNode::default_left)},
                      {"value", column(&TreeNode::value)},
                      {"cover", column(&TreeNode::cover)},
                      {"gain", column(&TreeNode::gain)}});
}

namespace detail {

/// Throws unless the tree is sound, no path is too long to walk and no cover is negative: what keeps predictions and
/// explanations of a hostile file from running away.
inline void require_tree_shape(const Tree& tree, Index features, const JsonReader& reader) {
  const std::string fault = fault_of(tree, features);
  if (!fault.empty()) reader.fail(fault);
  std::vector<int> depth(tree.nodes.size(), 0);
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    const TreeNode& node = tree.nodes[i];
    const auto fail = [&](const std::string& what) { reader.fail("node " + std::to_string(i) + " " + what); };
    if (node.cover < 0) fail("has a negative cover");
    if (node.is_leaf()) continue;
    if (depth[i] == max_tree_depth) fail("lies deeper than " + std::to_string(max_tree_depth));
    for (const std::int32_t child : {node.left, node.right}) depth[static_cast<std::size_t>(child)] = depth[i] + 1;
  }
}

}  // namespace detail

/// The tree of `tree_to_json`. features: columns its splits may ask for. Throws ModelFormatError.
[[nodiscard]] inline Tree tree_from_json(const JsonReader& reader, Index features) {
  const auto feature = reader.at("feature").integers(-1, features - 1);
  const std::size_t count = feature.size();
  if (count == 0) reader.fail("has no nodes");
  if (count > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) reader.fail("has too many nodes");
  const auto integers = [&](const char* name, std::int64_t low, std::int64_t high) {
    const JsonReader column = reader.at(name);
    column.require_size(count);
    return column.integers(low, high);
  };
  const auto numbers = [&](const char* name) {
    const JsonReader column = reader.at(name);
    column.require_size(count);
    return column.numbers();
  };
  const auto last = static_cast<std::int64_t>(count) - 1;
  const auto left = integers("left", -1, last);
  const auto right = integers("right", -1, last);
  const auto default_left = integers("default_left", 0, 1);
  const auto threshold = numbers("threshold");
  const auto value = numbers("value");
  const auto cover = numbers("cover");
  const auto gain = numbers("gain");
  Tree tree;
  tree.nodes.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    tree.nodes.push_back({static_cast<std::int32_t>(feature[i]), static_cast<std::int32_t>(left[i]),
                          static_cast<std::int32_t>(right[i]), default_left[i] == 1, threshold[i], value[i], cover[i],
                          gain[i]});
  }
  detail::require_tree_shape(tree, features, reader);
  return tree;
}

/// An ensemble as {"features", "bias", "scale", "trees"}; with an offset also "offset_column" and "offset_mean".
[[nodiscard]] inline nlohmann::json ensemble_to_json(const Ensemble& ensemble) {
  auto trees = nlohmann::json::array();
  for (const Tree& tree : ensemble.trees) trees.push_back(tree_to_json(tree));
  nlohmann::json result = json_object({{"features", ensemble.features},
                                       {"bias", json_number(ensemble.bias)},
                                       {"scale", json_number(ensemble.scale)},
                                       {"trees", std::move(trees)}});
  if (ensemble.offset_column < 0) return result;
  result["offset_column"] = ensemble.offset_column;
  result["offset_mean"] = json_number(ensemble.offset_mean);
  return result;
}

/// The ensemble of `ensemble_to_json`; `features` is what the file says elsewhere. Throws ModelFormatError.
[[nodiscard]] inline Ensemble ensemble_from_json(const JsonReader& reader, Index features) {
  Ensemble result;
  result.features = static_cast<Index>(reader.at("features").integer(features, features));
  result.bias = reader.at("bias").number();
  result.scale = reader.at("scale").number();
  if (reader.has("offset_column")) {
    result.offset_column = static_cast<Index>(reader.at("offset_column").integer(0, features - 1));
    result.offset_mean = reader.at("offset_mean").number();
  }
  const JsonReader trees = reader.at("trees");
  const std::size_t count = trees.size();
  result.trees.reserve(count);
  for (std::size_t i = 0; i < count; ++i) result.trees.push_back(tree_from_json(trees.at(i), features));
  return result;
}

}  // namespace switchyard
