#include "switchyard/io/regressor_json.hpp"

#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <string>
#include <vector>

namespace sy = switchyard;
using nlohmann::json;

namespace {

sy::GradientBoostingRegressor fitted(sy::Index offset_column) {
  sy::Rng rng(5);
  sy::Dataset data;
  data.feature_names = {"a", "b", "c"};
  data.features.resize(300, 3);
  data.labels.assign(300, 0);
  std::vector<double> targets;
  for (sy::Index i = 0; i < 300; ++i) {
    data.features.row(i) << rng.normal(), rng.uniform(), 1e3 * rng.normal();
    if (i % 7 == 0) data.features(i, 1) = std::numeric_limits<double>::quiet_NaN();
    targets.push_back(1e-6 * (data.features(i, 0) + rng.normal()));
  }
  return sy::GradientBoostingRegressor::fit({data, targets}, {.rounds = 9, .offset_column = offset_column});
}

}  // namespace

TEST_CASE("a regressor comes back equal from its text") {
  for (const sy::Index offset_column : {-1, 1}) {
    const auto model = fitted(offset_column);
    const json document = json::parse(sy::regressor_to_json(model).dump());
    CHECK(document["kind"] == "gradient_boosting_regressor");
    CHECK(document["model"].contains("offset_column") == (offset_column >= 0));
    CHECK(document["model"].contains("offset_mean") == (offset_column >= 0));
    CHECK(sy::regressor_from_json({document, "m.json"}, 3) == model);
  }
}

TEST_CASE("a damaged regressor is refused with its place") {
  const json good = sy::regressor_to_json(fitted(1));
  const auto refuse = [&](const char* pointer, const json& value, const std::string& expected) {
    json bad = good;
    bad[json::json_pointer(pointer)] = value;
    INFO(pointer << " = " << value.dump());
    CHECK_THROWS_AS(sy::regressor_from_json({bad, "m.json"}, 3), sy::ModelFormatError);
    CHECK_THROWS_WITH(sy::regressor_from_json({bad, "m.json"}, 3), Catch::StartsWith("model m.json: " + expected));
  };
  refuse("/kind", "gradient_boosting", "$.kind is not gradient_boosting_regressor");
  refuse("/kind", 1, "$.kind is 1; expected a text");
  refuse("/model", nullptr, "$.model is null");
  refuse("/model/features", 4, "$.model.features is 4");
  refuse("/model/bias", nullptr, "$.model.bias is null");
  refuse("/model/offset_column", 3, "$.model.offset_column is 3; expected an integer from 0 to 2");
  refuse("/model/offset_column", -1, "$.model.offset_column is -1");
  refuse("/model/offset_column", 0.5, "$.model.offset_column is 0.5");
  refuse("/model/offset_mean", nullptr, "$.model.offset_mean is null; expected a number");
  json bad = good;
  bad["model"].erase("offset_mean");
  CHECK_THROWS_WITH(sy::regressor_from_json({bad, "m.json"}, 3), Catch::Contains("$.model has no \"offset_mean\""));
}
