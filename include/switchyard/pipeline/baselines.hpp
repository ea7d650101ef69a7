#pragma once

#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/data/group.hpp"
#include "switchyard/model/classifier.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace switchyard {

/// Rows of each label, and the probability they stand for: the rule of succession, (k + 1) / (n + 2), which is finite
/// under log-loss and keeps the majority on its side of one half.
struct CellCounts {
  double zeros = 0;
  double ones = 0;

  void add(std::uint8_t label, double weight) noexcept { (label == 1 ? ones : zeros) += weight; }
  [[nodiscard]] double probability() const noexcept { return (ones + 1) / (zeros + ones + 2); }
  friend bool operator==(const CellCounts&, const CellCounts&) = default;
};

/// What a model has to beat: it answers by the label shares of training rows alike in some columns, falling back to a
/// coarser table for what training has not seen. A Classifier like any other.
class MajorityTable {
 public:
  static constexpr std::string_view kind = "majority_table";

  /// Always the more frequent label.
  [[nodiscard]] static MajorityTable constant(const Dataset& train) { return MajorityTable(train, {{}}); }

  /// The majority per value of one column: the static rule a team writes by workload.
  [[nodiscard]] static MajorityTable by_column(const Dataset& train, Index column) {
    return MajorityTable(train, {{column}, {}});
  }

  /// The majority per calendar context (distinct in all columns but live state, which hardly ever repeats), then per
  /// value of `fallback_column`, then overall.
  [[nodiscard]] static MajorityTable by_context(const Dataset& train, Index fallback_column) {
    std::vector<Index> context;
    for (std::size_t i = 0; i < train.feature_names.size(); ++i) {
      if (!train.feature_names[i].starts_with("live_")) context.push_back(static_cast<Index>(i));
    }
    return MajorityTable(train, {context, {fallback_column}, {}});
  }

  [[nodiscard]] Index features() const noexcept { return features_; }

  [[nodiscard]] double probability(RowView row) const {
    for (const Level& level : levels_) {
      const auto found = level.cells.find(level.key(row));
      if (found != level.cells.end()) return found->second.probability();
    }
    return CellCounts{}.probability();
  }

  [[nodiscard]] Vector predict_proba(const MatrixView& rows) const {
    return detail::probabilities_row_by_row(*this, rows);
  }
  [[nodiscard]] Labels predict(const MatrixView& rows) const { return labels_from(predict_proba(rows)); }

  friend bool operator==(const MajorityTable&, const MajorityTable&) = default;

 private:
  using Key = std::vector<double>;

  struct KeyHash {
    [[nodiscard]] std::size_t operator()(const Key& key) const noexcept { return detail::RowHash{}(RowView(key)); }
  };
  struct KeyEqual {
    [[nodiscard]] bool operator()(const Key& a, const Key& b) const noexcept {
      return detail::RowEqual{}(RowView(a), RowView(b));
    }
  };

  struct Level {
    std::vector<Index> columns;
    std::unordered_map<Key, CellCounts, KeyHash, KeyEqual> cells;

    [[nodiscard]] Key key(RowView row) const {
      Key result;
      result.reserve(columns.size());
      for (const Index column : columns) result.push_back(row[static_cast<std::size_t>(column)]);
      return result;
    }
    friend bool operator==(const Level&, const Level&) = default;
  };

  MajorityTable(const Dataset& train, const std::vector<std::vector<Index>>& levels) : features_(train.columns()) {
    for (const auto& columns : levels) {
      Level level{columns, {}};
      for (Index i = 0; i < train.rows(); ++i) {
        level.cells[level.key(train.row(i))].add(train.labels[static_cast<std::size_t>(i)], train.weight(i));
      }
      levels_.push_back(std::move(level));
    }
  }

  std::vector<Level> levels_;  // from fine to coarse
  Index features_ = 0;
};

}  // namespace switchyard
