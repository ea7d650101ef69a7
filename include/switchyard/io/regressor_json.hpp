#pragma once

#include "switchyard/core/types.hpp"
#include "switchyard/io/json_build.hpp"
#include "switchyard/io/json_reader.hpp"
#include "switchyard/io/tree_json.hpp"
#include "switchyard/model/boosted_regressor.hpp"

#include <nlohmann/json.hpp>

namespace switchyard {

/// A regressor as {"kind": "gradient_boosting_regressor", "model": {...}}, beside the classifiers' forms.
[[nodiscard]] inline nlohmann::json regressor_to_json(const GradientBoostingRegressor& regressor) {
  return json_object({{"kind", GradientBoostingRegressor::kind}, {"model", ensemble_to_json(regressor.ensemble())}});
}

/// The model of `regressor_to_json` for rows of `features` columns. Throws ModelFormatError.
[[nodiscard]] inline GradientBoostingRegressor regressor_from_json(const JsonReader& reader, Index features) {
  if (reader.at("kind").text() != GradientBoostingRegressor::kind) {
    reader.at("kind").fail("is not gradient_boosting_regressor");
  }
  return GradientBoostingRegressor(ensemble_from_json(reader.at("model"), features));
}

}  // namespace switchyard
