#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/engine/embedded.hpp"
#include "switchyard/model/any_classifier.hpp"
#include "switchyard/model/gradient_boosting.hpp"
#include "switchyard/model/mlp.hpp"
#include "switchyard/model/random_forest.hpp"
#include "switchyard/model/voting.hpp"
#include "switchyard/pipeline/embed_text.hpp"
#include "switchyard/tree/tree.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard::detail {

/// The nodes of all trees as EmbeddedTrees wants them.
struct EmbeddedNodes {
  std::vector<std::uint32_t> splits;
  std::vector<double> values;
  std::vector<std::uint32_t> rights;
  std::vector<std::uint32_t> roots;

  /// Depth first, left before right; without recursion, since a tree from elsewhere may be a list.
  void add(const Tree& tree) {
    struct Waiting {
      std::size_t node;
      std::size_t parent;  // whose right child the node is; none: of no one
    };
    constexpr std::size_t none = static_cast<std::size_t>(-1);
    if (tree.nodes.empty()) throw InvalidArgument("a tree of the model has no nodes");
    if (tree.nodes.size() > std::numeric_limits<std::uint32_t>::max() - splits.size())
      throw InvalidArgument("the model has too many nodes");
    roots.push_back(static_cast<std::uint32_t>(splits.size()));
    std::vector<Waiting> waiting{{0, none}};
    while (!waiting.empty()) {
      const auto [index, parent] = waiting.back();
      waiting.pop_back();
      const TreeNode& node = tree.nodes[index];
      const std::size_t place = splits.size();
      if (parent != none) rights[parent] = static_cast<std::uint32_t>(place);
      const auto feature = static_cast<std::uint32_t>(node.feature);
      splits.push_back(node.is_leaf() ? EmbeddedTrees::leaf : 2 * feature + (node.default_left ? 3 : 2));
      values.push_back(node.is_leaf() ? node.value : node.threshold);
      rights.push_back(0);
      if (node.is_leaf()) continue;
      waiting.push_back({static_cast<std::size_t>(node.right), place});
      waiting.push_back({static_cast<std::size_t>(node.left), none});
    }
  }
};

/// Writes models as constants and as functions `probability_<n>(row)`, numbered from 0; a voter's members come before
/// it.
class ModelWriter {
 public:
  /// The number of the model's function. Throws InvalidArgument for a kind that has no such form.
  std::size_t write(const AnyClassifier& model) {
    if (const auto* forest = model.get_if<RandomForest>()) return write_trees(forest->ensemble(), "");
    if (const auto* boosting = model.get_if<GradientBoosting>()) return write_trees(boosting->ensemble(), "logistic");
    if (const auto* mlp = model.get_if<Mlp>()) return write_network(mlp->parameters());
    if (const auto* voting = model.get_if<Voting>()) return write_voting(*voting);
    throw InvalidArgument("a model of kind " + std::string(model.name()) +
                          " cannot be embedded; expected random_forest, gradient_boosting, mlp or voting");
  }

  [[nodiscard]] const std::string& code() const noexcept { return code_; }

 private:
  template <class Value>
  std::string array(const std::string& name, std::string_view type, std::span<const Value> values) {
    if (values.empty()) return "nullptr";
    code_ += "inline constexpr " + std::string(type) + " " + name + "[] = {\n" +
             listed(values.size(),
                    [&](std::size_t i) {
                      if constexpr (std::is_same_v<Value, double>) {
                        return double_literal(values[i]);
                      } else {
                        return std::to_string(values[i]);
                      }
                    }) +
             "\n};\n";
    return name;
  }
  std::string numbers(const std::string& name, std::span<const double> values) { return array(name, "double", values); }
  std::string codes(const std::string& name, std::span<const std::uint32_t> values) {
    return array(name, "std::uint32_t", values);
  }

  std::size_t function(const std::string& body) {
    code_ += "[[nodiscard]] constexpr double probability_" + std::to_string(next_) +
             "(const double* row) noexcept {\n" + body + "}\n\n";
    return next_++;
  }

  std::size_t write_trees(const Ensemble& ensemble, const std::string& link) {
    EmbeddedNodes nodes;
    for (const Tree& tree : ensemble.trees) nodes.add(tree);
    const std::string id = std::to_string(next_);
    const std::string trees = "trees_" + id;
    const std::string parts = codes("splits_" + id, nodes.splits) + ", " + numbers("values_" + id, nodes.values) +
                              ", " + codes("rights_" + id, nodes.rights) + ", " + codes("roots_" + id, nodes.roots);
    code_ += "inline constexpr EmbeddedTrees " + trees + "{" + parts + ", " + std::to_string(ensemble.trees.size()) +
             ", " + double_literal(ensemble.bias) + ", " + double_literal(ensemble.scale) + ", " +
             std::to_string(ensemble.offset_column) + "};\n\n";
    return function("  return " + link + "(" + trees + ".raw(row));\n");
  }

  std::size_t write_network(const MlpParameters& network) {
    const std::string id = std::to_string(next_);
    const std::vector<std::uint32_t> columns(network.indicators.begin(), network.indicators.end());
    std::string parts = numbers("mean_" + id, network.scaler.mean) + ", " + std::to_string(network.scaler.mean.size()) +
                        ", " + codes("indicators_" + id, columns) + ", " + std::to_string(columns.size()) +
                        ", layers_" + id + ", " + std::to_string(network.layers.size());
    std::size_t width = network.scaler.mean.size() + columns.size();
    const DenseLayer first = detail::folded_first_layer(network);
    std::string layers;
    for (std::size_t l = 0; l < network.layers.size(); ++l) {
      const DenseLayer& layer = l == 0 ? first : network.layers[l];
      const std::string name = id + "_" + std::to_string(l);
      const auto outputs = static_cast<std::size_t>(layer.outputs());
      const auto weights = std::span(layer.weights.data(), static_cast<std::size_t>(layer.weights.size()));
      layers += "    {" + numbers("weights_" + name, weights) + ", " +
                numbers("bias_" + name, std::span(layer.bias.data(), outputs)) + ", " + std::to_string(layer.inputs()) +
                ", " + std::to_string(outputs) + "},\n";
      width = std::max(width, outputs);
    }
    code_ += "inline constexpr EmbeddedLayer layers_" + id + "[] = {\n" + layers + "};\n";
    code_ += "inline constexpr EmbeddedNetwork<" + std::to_string(width) + "> network_" + id + "{" + parts + "};\n\n";
    return function("  return logistic(network_" + id + ".margin(row));\n");
  }

  std::size_t write_voting(const Voting& voting) {
    std::string body = "  double sum = 0;\n";
    double total_weight = 0;
    for (std::size_t m = 0; m < voting.members().size(); ++m) {
      const std::string member = "probability_" + std::to_string(write(voting.members()[m])) + "(row)";
      body += "  sum += rounded_product(" + double_literal(voting.weights()[m]) + ", " + member + ");\n";
      total_weight += voting.weights()[m];
    }
    return function(body + "  return sum / " + double_literal(total_weight) + ";\n");
  }

  std::string code_;
  std::size_t next_ = 0;
};

}  // namespace switchyard::detail
