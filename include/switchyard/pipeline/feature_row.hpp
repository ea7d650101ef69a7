#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/live_state.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/io/model_file.hpp"
#include "switchyard/pipeline/feature_columns.hpp"
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
      : columns_(file.feature_columns), ranges_(file.ranges), catalogue_(catalogue_of(file)), sources_(columns_) {}

  [[nodiscard]] const std::vector<std::string>& columns() const noexcept { return columns_; }
  [[nodiscard]] const Catalogue& catalogue() const noexcept { return catalogue_; }

  /// A column that no request has, so that only finished rows can be asked; nothing if there is none.
  [[nodiscard]] const std::optional<std::string>& foreign_column() const noexcept { return sources_.foreign(); }

  /// Position of a column; nothing if the model has none of this name.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view column) const noexcept {
    const auto found = std::find(columns_.begin(), columns_.end(), column);
    if (found == columns_.end()) return std::nullopt;
    return static_cast<std::size_t>(found - columns_.begin());
  }

  /// Whether the model asks for the platforms' state.
  [[nodiscard]] bool is_live() const noexcept { return sources_.is_live(); }

  /// The same features that Router::decide computes; live columns are missing. Throws InvalidArgument if a column is
  /// foreign to requests.
  [[nodiscard]] FeatureRow row_of(const Request& request) const { return row_with(request, nullptr); }

  /// The same with what is known of both platforms when the request is sent.
  [[nodiscard]] FeatureRow row_of(const Request& request, const LiveReading& reading) const {
    return row_with(request, &reading);
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
  [[nodiscard]] FeatureRow row_with(const Request& request, const LiveReading* reading) const {
    if (foreign_column()) {
      throw InvalidArgument("the model's column " + *foreign_column() +
                            " is not a feature of a request; ask with its features");
    }
    const KnownFeatures row = sources_.row(request, catalogue_, reading);
    return {{row.data(), row.data() + sources_.size()}, request.payload_kb};
  }

  std::vector<std::string> columns_;
  std::vector<FeatureRange> ranges_;
  Catalogue catalogue_;
  FeatureColumns sources_;
};

/// What Router::decide answers to a request with these features and this size: hard limits first, then the model.
/// Throws InvalidArgument if the row is not as wide as the model.
[[nodiscard]] inline Decision decide(const Router& router, const FeatureRow& row) {
  return router.decide_features(row.values, row.payload_kb);
}

}  // namespace switchyard
