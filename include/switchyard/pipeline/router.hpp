#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/label.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/io/experiment_json.hpp"
#include "switchyard/io/model_json.hpp"
#include "switchyard/pipeline/features.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

struct RouterOptions {
  double min_confidence = 0;             // [0, 1]; a less confident model is overruled by the fallback
  Platform fallback = Platform::lambda;  // it needs no running task and scales by itself
};

/// A model saved alone has columns x0, x1, ...: with as many as a request has features, they are these, in order.
[[nodiscard]] inline ModelFile with_request_columns(ModelFile file) {
  if (file.feature_columns.size() != requirement_feature_names.size()) return file;
  for (std::size_t i = 0; i < file.feature_columns.size(); ++i) {
    std::string name = "x";
    if (file.feature_columns[i] != (name += std::to_string(i))) return file;
  }
  file.feature_columns = requirement_feature_columns();
  return file;
}

/// The catalogue a model was trained with; the default one if its file holds none. Throws InvalidArgument.
[[nodiscard]] inline Catalogue catalogue_of(const ModelFile& file) {
  return file.catalogue.is_null() ? default_catalogue() : catalogue_from_json(file.catalogue);
}

/// A trained model as a decision: hard limits first, then the model, then the confidence threshold. Deciding is const,
/// lock-free, allocates nothing and reads no clock: a request's time is one of its fields.
class Router {
 public:
  /// Throws ModelFormatError if the model wants a column that no request has, InvalidArgument for options out of range.
  explicit Router(ModelFile file, RouterOptions options = {})
      : file_(with_request_columns(std::move(file))), catalogue_(catalogue_of(file_)), options_(options) {
    if (!(options_.min_confidence >= 0 && options_.min_confidence <= 1)) {
      throw InvalidArgument::out_of_range("min_confidence", format_number(options_.min_confidence),
                                          "a number in [0, 1]");
    }
    for (const std::string& column : file_.feature_columns) columns_.push_back(request_feature(column));
    if (columns_.size() > requirement_feature_names.size()) {
      throw ModelFormatError("feature_columns", "more columns than a request has features");
    }
  }

  /// Reads a model file; see load_model.
  [[nodiscard]] static Router load(const std::filesystem::path& path, RouterOptions options = {}) {
    return Router(load_model(path), options);
  }

  /// Where the request should run.
  [[nodiscard]] Decision decide(const Request& request) const {
    const RequirementFeatures all = requirement_features(request, catalogue_);
    std::array<double, requirement_feature_names.size()> row;
    for (std::size_t i = 0; i < columns_.size(); ++i) row[i] = all[columns_[i]];
    return decide_features({row.data(), columns_.size()}, request.payload_kb);
  }

  /// The same for a finished feature row, in the order of feature_columns(); NaN = missing. An unknown payload (NaN)
  /// meets no hard limit. Throws InvalidArgument if the row has another length.
  [[nodiscard]] Decision decide_features(RowView row,
                                         double payload_kb = std::numeric_limits<double>::quiet_NaN()) const {
    if (row.size() != columns_.size()) throw InvalidArgument::wrong_size("feature row", row.size(), columns_.size());
    if (!lambda_feasible(payload_kb, catalogue_)) return {Platform::ecs, 1, 0, 1, Reason::infeasible};
    return decide_probability(file_.model.probability(row));
  }

  /// The decision that goes with a probability that Lambda is the better platform.
  [[nodiscard]] Decision decide_probability(double lambda_probability) const noexcept {
    if (std::isnan(lambda_probability)) return {options_.fallback, 0.5, 0.5, 0.5, Reason::no_answer};
    Decision decision;
    decision.lambda_probability = lambda_probability;
    decision.ecs_probability = 1 - lambda_probability;
    decision.platform = lambda_probability > file_.threshold ? Platform::lambda : Platform::ecs;
    decision.confidence = confidence_in(decision);
    if (decision.confidence < options_.min_confidence) {
      decision.platform = options_.fallback;
      decision.confidence = confidence_in(decision);
      decision.reason = Reason::low_confidence;
    }
    return decision;
  }

  [[nodiscard]] const ModelFile& model_file() const noexcept { return file_; }
  [[nodiscard]] const std::vector<std::string>& feature_columns() const noexcept { return file_.feature_columns; }
  [[nodiscard]] const Catalogue& catalogue() const noexcept { return catalogue_; }

 private:
  [[nodiscard]] static std::size_t request_feature(const std::string& column) {
    const auto found = std::find(requirement_feature_names.begin(), requirement_feature_names.end(), column);
    if (found == requirement_feature_names.end()) {
      throw ModelFormatError("feature_columns", "'" + column + "' is not a feature of a request");
    }
    return static_cast<std::size_t>(found - requirement_feature_names.begin());
  }

  [[nodiscard]] static double confidence_in(const Decision& decision) noexcept {
    return decision.platform == Platform::lambda ? decision.lambda_probability : decision.ecs_probability;
  }

  ModelFile file_;
  Catalogue catalogue_;
  RouterOptions options_;
  std::vector<std::size_t> columns_;  // [model's columns]; index into requirement_feature_names
};

}  // namespace switchyard
