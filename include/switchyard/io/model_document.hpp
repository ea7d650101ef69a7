#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/io/classifier_json.hpp"
#include "switchyard/io/json_build.hpp"
#include "switchyard/io/json_reader.hpp"
#include "switchyard/io/model_file.hpp"
#include "switchyard/model/any_classifier.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace switchyard {

inline constexpr std::string_view model_format = "switchyard-model";
inline constexpr int model_format_version = 1;

/// The file as a JSON document; `model_from_json` reads it back. Numbers keep their bits. Throws InvalidArgument for an
/// infinite or NaN parameter and for a kind of model that has no form in JSON.
[[nodiscard]] inline nlohmann::json model_to_json(const ModelFile& file) {
  nlohmann::json document = classifier_to_json(file.model);
  document["format"] = model_format;
  document["version"] = model_format_version;
  document["feature_columns"] = file.feature_columns;
  document["ranges"] = nlohmann::json::array();
  for (const FeatureRange& range : file.ranges) {
    document["ranges"].push_back({json_number_or_null(range.low), json_number_or_null(range.high)});
  }
  document["threshold"] = json_number(file.threshold);
  document["price_book"] = file.price_book;
  document["label_rule"] = file.label_rule;
  document["catalogue"] = file.catalogue;
  document["metadata"] = file.metadata;
  if (!file.live_state.is_null()) document["live_state"] = file.live_state;
  document["replay"] = nlohmann::json::array();
  for (const ReplayRow& row : file.replay) {
    auto features = nlohmann::json::array();
    for (const double value : row.features) features.push_back(json_number_or_null(value));
    document["replay"].push_back(
        json_object({{"features", std::move(features)}, {"probability", json_number(row.probability)}}));
  }
  return document;
}

namespace detail {

/// By how much a replayed probability may differ, relative to it, on a machine of another kind: nothing for sums of
/// leaves; the exponential function differs between C libraries by units in the last place; a network's products, where
/// they are fused with their sums, by more.
[[nodiscard]] inline double replay_tolerance(const AnyClassifier& model) {
  constexpr double few_units_in_the_last_place = 4 * std::numeric_limits<double>::epsilon();
  constexpr double network = 1e-6;
  if (model.get_if<RandomForest>() != nullptr) return 0;
  if (model.get_if<Mlp>() != nullptr) return network;
  double tolerance = few_units_in_the_last_place;
  if (const auto* voting = model.get_if<Voting>()) {
    for (const AnyClassifier& member : voting->members()) tolerance = std::max(tolerance, replay_tolerance(member));
  }
  return tolerance;
}

[[nodiscard]] inline std::vector<std::string> feature_columns_from_json(const JsonReader& reader) {
  std::vector<std::string> result;
  std::unordered_set<std::string> seen;
  const std::size_t count = reader.size();
  if (count == 0) reader.fail("is empty");
  for (std::size_t i = 0; i < count; ++i) {
    result.push_back(reader.at(i).text());
    if (!seen.insert(result.back()).second) reader.at(i).fail("names a column again");
  }
  return result;
}

[[nodiscard]] inline std::vector<FeatureRange> ranges_from_json(const JsonReader& reader, std::size_t features) {
  std::vector<FeatureRange> result;
  const std::size_t count = reader.size();
  if (count != 0) reader.require_size(features);
  for (std::size_t i = 0; i < count; ++i) {
    const JsonReader pair = reader.at(i);
    pair.require_size(2);
    const FeatureRange range{pair.at(0).number_or_missing(), pair.at(1).number_or_missing()};
    const bool unknown = std::isnan(range.low) && std::isnan(range.high);
    if (!unknown && !(range.low <= range.high)) pair.fail("is not a range [low, high]");
    result.push_back(range);
  }
  return result;
}

/// Asks the model every stored row again.
[[nodiscard]] inline std::vector<ReplayRow> replay_from_json(const JsonReader& reader, const AnyClassifier& model) {
  std::vector<ReplayRow> result;
  const double tolerance = replay_tolerance(model);
  const std::size_t count = reader.size();
  for (std::size_t i = 0; i < count; ++i) {
    const JsonReader entry = reader.at(i);
    const JsonReader values = entry.at("features");
    values.require_size(static_cast<std::size_t>(model.features()));
    ReplayRow row;
    for (std::size_t c = 0; c < values.size(); ++c) row.features.push_back(values.at(c).number_or_missing());
    row.probability = entry.at("probability").number();
    const double answer = model.probability(row.features);
    if (!(std::abs(answer - row.probability) <= tolerance * row.probability)) {
      entry.fail("expects probability " + format_number(row.probability) + "; the model answers " +
                 (std::isnan(answer) ? "NaN" : format_number(answer)));
    }
    result.push_back(std::move(row));
  }
  return result;
}

}  // namespace detail

/// The model file of a document. Everything is checked before it is used, and the stored rows are asked again.
/// name: what errors call the document. Throws ModelFormatError.
[[nodiscard]] inline ModelFile model_from_json(const nlohmann::json& document, std::string_view name = "document") {
  const JsonReader reader(document, name);
  if (reader.at("format").text() != model_format) {
    reader.at("format").fail("is not \"" + std::string(model_format) + "\"");
  }
  static_cast<void>(reader.at("version").integer(model_format_version, model_format_version));
  std::vector<std::string> columns = detail::feature_columns_from_json(reader.at("feature_columns"));
  ModelFile file{.model = classifier_from_json(reader, static_cast<Index>(columns.size()))};
  file.ranges = detail::ranges_from_json(reader.at("ranges"), columns.size());
  file.feature_columns = std::move(columns);
  file.threshold = reader.at("threshold").number();
  if (!(file.threshold >= 0 && file.threshold <= 1)) reader.at("threshold").fail("is not in [0, 1]");
  file.price_book = reader.at("price_book").text();
  file.label_rule = reader.at("label_rule").text();
  file.catalogue = reader.at("catalogue").value();
  file.metadata = reader.at("metadata").value();
  if (reader.has("live_state")) file.live_state = reader.at("live_state").value();
  file.replay = detail::replay_from_json(reader.at("replay"), file.model);
  return file;
}

}  // namespace switchyard
