#pragma once

#include "switchyard/core/types.hpp"
#include "switchyard/model/any_classifier.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace switchyard {

/// Smallest and largest value of a column in training; both NaN if all were missing.
struct FeatureRange {
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
};

/// A row and what the model answered when it was saved.
struct ReplayRow {
  std::vector<double> features;  // [features]; NaN = missing
  double probability = 0;
};

/// Everything a model file holds: the model and what is needed to ask it rightly.
struct ModelFile {
  AnyClassifier model;
  std::vector<std::string> feature_columns = {};  // [features], no two alike
  std::vector<FeatureRange> ranges = {};          // [features], or empty: unknown
  double threshold = 0.5;                         // [0, 1]: label 1 where the probability is above
  std::string price_book = {};                    // id of the prices behind the labels
  std::string label_rule = {};                    // how the labels were made
  nlohmann::json catalogue = nullptr;             // workloads, windows and codes; opaque here
  nlohmann::json metadata = nullptr;              // opaque here
  nlohmann::json live_state = nullptr;            // a router's starting point, see live_state_to_json; opaque here
  std::vector<ReplayRow> replay = {};             // asked again by every load
};

/// Of each column. rows: [samples x features]
[[nodiscard]] inline std::vector<FeatureRange> feature_ranges(const MatrixView& rows) {
  std::vector<FeatureRange> result(static_cast<std::size_t>(rows.cols()));
  for (Index i = 0; i < rows.rows(); ++i) {
    for (Index column = 0; column < rows.cols(); ++column) {
      const double value = rows(i, column);
      FeatureRange& range = result[static_cast<std::size_t>(column)];
      if (std::isnan(value)) continue;
      range.low = std::isnan(range.low) ? value : std::min(range.low, value);
      range.high = std::isnan(range.high) ? value : std::max(range.high, value);
    }
  }
  return result;
}

/// The rows with the model's answers. rows: [samples x features]
[[nodiscard]] inline std::vector<ReplayRow> replay_rows(const AnyClassifier& model, const MatrixView& rows) {
  std::vector<ReplayRow> result;
  for (Index i = 0; i < rows.rows(); ++i) {
    const RowView row = row_of(rows, i);
    result.push_back({{row.begin(), row.end()}, model.probability(row)});
  }
  return result;
}

}  // namespace switchyard
