#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/label.hpp"
#include "switchyard/cloud/live_state.hpp"
#include "switchyard/cloud/live_state_record.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/engine/compiled_classifier.hpp"
#include "switchyard/io/experiment_json.hpp"
#include "switchyard/io/live_state_json.hpp"
#include "switchyard/io/model_json.hpp"
#include "switchyard/pipeline/feature_columns.hpp"
#include "switchyard/pipeline/features.hpp"

#include <cstddef>
#include <filesystem>
#include <limits>
#include <optional>
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
/// lock-free, allocates nothing and reads no clock: a request's time is one of its fields. (Only a network with a layer
/// of 512 values or more, or a kind of model that is not the library's own, may allocate, and then throw
/// std::bad_alloc.) A model with live columns is asked with what a LiveState knows, which the caller keeps; what is not
/// known is missing (NaN).
class Router {
 public:
  /// Throws ModelFormatError if the model wants a column that no request has or the file's live state is damaged,
  /// InvalidArgument for options out of range.
  explicit Router(ModelFile file, RouterOptions options = {})
      : file_(with_request_columns(std::move(file))),
        model_(file_.model),
        catalogue_(catalogue_of(file_)),
        options_(options),
        columns_(file_.feature_columns) {
    if (!(options_.min_confidence >= 0 && options_.min_confidence <= 1)) {
      throw InvalidArgument::out_of_range("min_confidence", format_number(options_.min_confidence),
                                          "a number in [0, 1]");
    }
    if (columns_.foreign()) {
      throw ModelFormatError("feature_columns", "'" + *columns_.foreign() + "' is not a feature of a request");
    }
    if (!file_.live_state.is_null()) starting_record_ = live_state_from_json(file_.live_state, catalogue_);
  }

  /// Reads a model file; see load_model.
  [[nodiscard]] static Router load(const std::filesystem::path& path, RouterOptions options = {}) {
    return Router(load_model(path), options);
  }

  /// Where the request should run, as far as the request alone tells: live columns, if the model has any, are missing.
  [[nodiscard]] Decision decide(const Request& request) const { return decide_with(request, nullptr); }

  /// Where the request should run, given what is known of both platforms when it is sent.
  [[nodiscard]] Decision decide(const Request& request, const LiveReading& reading) const {
    return decide_with(request, &reading);
  }

  /// The same with what `state` knows at the request's time; a request without a time gets no reading. `state` must be
  /// of this router's catalogue, as starting_state() is.
  [[nodiscard]] Decision decide(const Request& request, const LiveState& state) const {
    if (!is_live() || !request.sent_at_ms) return decide_with(request, nullptr);
    return decide(request, state.read(request.workload, request.payload_kb, *request.sent_at_ms));
  }

  /// The same for a finished feature row, in the order of feature_columns(); NaN = missing. An unknown payload (NaN)
  /// meets no hard limit. Throws InvalidArgument if the row has another length.
  [[nodiscard]] Decision decide_features(RowView row,
                                         double payload_kb = std::numeric_limits<double>::quiet_NaN()) const {
    if (row.size() != columns_.size()) throw InvalidArgument::wrong_size("feature row", row.size(), columns_.size());
    if (!lambda_feasible(payload_kb, catalogue_)) return infeasible_on_lambda();
    return decide_probability(model_.probability(row));
  }

  /// The decision that goes with a probability that Lambda is the better platform.
  [[nodiscard]] Decision decide_probability(double lambda_probability) const noexcept {
    return decision_of(lambda_probability, file_.threshold, options_.min_confidence, options_.fallback);
  }

  /// Whether the model asks for the platforms' state.
  [[nodiscard]] bool is_live() const noexcept { return columns_.is_live(); }

  /// A state to begin with: the one at the end of training if the file holds it, else one that knows nothing yet. With
  /// the time of the start (UTC epoch milliseconds) what training found normal holds until then, see begun_at.
  [[nodiscard]] LiveState starting_state(std::optional<double> now_ms = {}) const {
    if (!starting_record_) return LiveState(catalogue_);
    return resumed_state(catalogue_, now_ms ? begun_at(*starting_record_, *now_ms) : *starting_record_);
  }

  [[nodiscard]] const ModelFile& model_file() const noexcept { return file_; }
  /// The file's model in the form that decides.
  [[nodiscard]] const CompiledClassifier& compiled_model() const noexcept { return model_; }
  [[nodiscard]] const std::vector<std::string>& feature_columns() const noexcept { return file_.feature_columns; }
  [[nodiscard]] const Catalogue& catalogue() const noexcept { return catalogue_; }

 private:
  [[nodiscard]] Decision decide_with(const Request& request, const LiveReading* reading) const {
    if (!lambda_feasible(request.payload_kb, catalogue_)) return infeasible_on_lambda();
    const KnownFeatures row = columns_.row(request, catalogue_, reading);
    return decide_probability(model_.probability({row.data(), columns_.size()}));
  }

  ModelFile file_;
  CompiledClassifier model_;
  Catalogue catalogue_;
  RouterOptions options_;
  FeatureColumns columns_;
  std::optional<LiveStateRecord> starting_record_;
};

}  // namespace switchyard
