#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/tree/tree.hpp"

#include <string>
#include <vector>

namespace switchyard {

/// Columns that come from one source ("payload", "time") and are judged together: several columns derived from one
/// quantity would otherwise hide its share among them.
struct FeatureGroup {
  std::string name = {};
  std::vector<Index> features = {};  // column indices, each once
};

/// What a split counts for. gain: the criterion's improvement; cover: the training weight that reached it; splits: one.
enum class ImportanceKind { gain, cover, splits };

/// One group per column, so that whatever takes groups can be asked per column.
[[nodiscard]] inline std::vector<FeatureGroup> one_group_per_feature(const std::vector<std::string>& names) {
  std::vector<FeatureGroup> groups;
  groups.reserve(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) groups.push_back({names[i], {static_cast<Index>(i)}});
  return groups;
}

namespace detail {

/// Throws InvalidArgument if a group names a column outside [0, columns) or one twice.
inline void require_groups(const std::vector<FeatureGroup>& groups, Index columns) {
  for (const FeatureGroup& group : groups) {
    std::vector<bool> seen(static_cast<std::size_t>(columns), false);
    for (const Index feature : group.features) {
      if (feature < 0 || feature >= columns || seen[static_cast<std::size_t>(feature)]) {
        throw InvalidArgument::out_of_range("column of group '" + group.name + "'", std::to_string(feature),
                                            "a column in [0, " + std::to_string(columns) + "), each once");
      }
      seen[static_cast<std::size_t>(feature)] = true;
    }
  }
}

[[nodiscard]] inline double split_credit(const TreeNode& node, ImportanceKind kind) noexcept {
  switch (kind) {
    case ImportanceKind::gain: return node.gain;
    case ImportanceKind::cover: return node.cover;
    case ImportanceKind::splits: return 1;
  }
  return 0;
}

}  // namespace detail

/// Share of each feature in the total gain, cover or number of the ensemble's splits. [features], >= 0, summing to 1;
/// all 0 where there is nothing to share (no splits). Measured on training data: it favours columns with many values
/// (Strobl et al., "Bias in random forest variable importance measures", 2007), which permutation importance does not.
[[nodiscard]] inline Vector split_importance(const Ensemble& ensemble, ImportanceKind kind = ImportanceKind::gain) {
  Vector importance = Vector::Zero(ensemble.features);
  for (const Tree& tree : ensemble.trees) {
    for (const TreeNode& node : tree.nodes) {
      if (!node.is_leaf()) importance[node.feature] += detail::split_credit(node, kind);
    }
  }
  const double total = importance.sum();
  if (total > 0) importance /= total;
  return importance;
}

/// As above, for any model that is a sum of trees.
template <TreeEnsemble Model>
[[nodiscard]] Vector split_importance(const Model& model, ImportanceKind kind = ImportanceKind::gain) {
  return split_importance(model.ensemble(), kind);
}

/// Importance of each source: the sum over its columns. per_feature: [features]; result: [groups].
/// Throws InvalidArgument for a column that does not exist.
[[nodiscard]] inline Vector sum_by_group(const Vector& per_feature, const std::vector<FeatureGroup>& groups) {
  detail::require_groups(groups, per_feature.size());
  Vector result = Vector::Zero(static_cast<Index>(groups.size()));
  for (std::size_t i = 0; i < groups.size(); ++i) {
    for (const Index feature : groups[i].features) result[static_cast<Index>(i)] += per_feature[feature];
  }
  return result;
}

}  // namespace switchyard
