#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/io/model_file.hpp"
#include "switchyard/pipeline/features.hpp"
#include "switchyard/pipeline/router.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

/// One question to a model: its features, and the size that hard limits go by.
struct FeatureRow {
  std::vector<double> values;                                    // [model's columns]; NaN = missing
  double payload_kb = std::numeric_limits<double>::quiet_NaN();  // NaN = unknown: no hard limit applies
};

/// What a model wants to be asked: the names, order and training ranges of its columns.
class FeatureSchema {
 public:
  /// Throws InvalidArgument if the file's catalogue is none.
  explicit FeatureSchema(const ModelFile& file)
      : columns_(file.feature_columns), ranges_(file.ranges), catalogue_(catalogue_of(file)) {
    for (const std::string& column : columns_) {
      const auto found = std::find(requirement_feature_names.begin(), requirement_feature_names.end(), column);
      if (found == requirement_feature_names.end()) {
        foreign_column_ = column;
      } else {
        sources_.push_back(static_cast<std::size_t>(found - requirement_feature_names.begin()));
      }
    }
  }

  [[nodiscard]] const std::vector<std::string>& columns() const noexcept { return columns_; }
  [[nodiscard]] const Catalogue& catalogue() const noexcept { return catalogue_; }

  /// A column that no request has, so that only finished rows can be asked; nothing if there is none.
  [[nodiscard]] const std::optional<std::string>& foreign_column() const noexcept { return foreign_column_; }

  /// Position of a column; nothing if the model has none of this name.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view column) const noexcept {
    const auto found = std::find(columns_.begin(), columns_.end(), column);
    if (found == columns_.end()) return std::nullopt;
    return static_cast<std::size_t>(found - columns_.begin());
  }

  /// The same features that Router::decide computes. Throws InvalidArgument if a column is foreign to requests.
  [[nodiscard]] FeatureRow row_of(const Request& request) const {
    if (foreign_column_) {
      throw InvalidArgument("the model's column " + *foreign_column_ +
                            " is not a feature of a request; ask with its features");
    }
    const RequirementFeatures all = requirement_features(request, catalogue_);
    FeatureRow row{{}, request.payload_kb};
    for (const std::size_t source : sources_) row.values.push_back(all[source]);
    return row;
  }

  /// Columns whose value is present and outside of what the model was trained on; none if that is unknown.
  [[nodiscard]] std::vector<std::string> out_of_range(const FeatureRow& row) const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < ranges_.size() && i < row.values.size(); ++i) {
      const bool inside = row.values[i] >= ranges_[i].low && row.values[i] <= ranges_[i].high;
      if (!std::isnan(row.values[i]) && !inside) names.push_back(columns_[i]);
    }
    return names;
  }

 private:
  std::vector<std::string> columns_;
  std::vector<FeatureRange> ranges_;
  Catalogue catalogue_;
  std::vector<std::size_t> sources_;  // [columns], unless one is foreign; index into requirement_feature_names
  std::optional<std::string> foreign_column_;
};

/// What Router::decide answers to a request with these features and this size: hard limits first, then the model.
/// Throws InvalidArgument if the row is not as wide as the model.
[[nodiscard]] inline Decision decide(const Router& router, const FeatureRow& row) {
  return router.decide_features(row.values, row.payload_kb);
}

}  // namespace switchyard
