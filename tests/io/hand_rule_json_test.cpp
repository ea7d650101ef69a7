#include "switchyard/io/hand_rule_json.hpp"

#include "switchyard/core/random.hpp"
#include "switchyard/io/model_json.hpp"

#include "missing.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace sy = switchyard;
using nlohmann::json;

namespace {

sy::HandRule small_rule() { return {{2, 0}, {{0.3, true}, {1.0 / 3, false}, {0.9999999999999999, true}}, 0.1, 3}; }

sy::PairedRegression small_regression() {
  sy::Rng rng(5);
  sy::Dataset data;
  data.feature_names = {"a", "b", "c"};
  data.features.resize(200, 3);
  data.labels.assign(200, 0);
  std::vector<double> zero;
  std::vector<double> one;
  for (sy::Index i = 0; i < 200; ++i) {
    data.features.row(i) << rng.normal(), rng.uniform(), (i % 7 == 0 ? missing : rng.normal());
    zero.push_back(data.features(i, 0) + 0.1 * rng.normal());
    one.push_back(data.features(i, 1) + 0.1 * rng.normal());
  }
  const auto fit = [&](const std::vector<double>& targets, sy::Index offset_column) {
    return sy::GradientBoostingRegressor::fit({data, targets}, {.rounds = 5, .offset_column = offset_column});
  };
  return sy::PairedRegression({{fit(zero, -1), fit(one, 2), 0.7}, {fit(one, 2), fit(zero, -1), 1e-3}});
}

json document_of(const sy::AnyClassifier& model) {
  sy::ModelFile file{.model = model, .feature_columns = {"a", "b", "c"}};
  sy::Rng rng(9);
  for (int i = 0; i < 4; ++i) {
    const std::vector<double> row{static_cast<double>(i), rng.uniform(), i == 3 ? missing : rng.normal()};
    file.replay.push_back({row, model.probability(row)});
  }
  return sy::model_to_json(file);
}

struct Damage {
  const char* pointer;
  json value;
  const char* expected;
};

void refuse_all(const json& good, const std::vector<Damage>& damages) {
  REQUIRE_NOTHROW(sy::model_from_json(good));
  for (const auto& [pointer, value, expected] : damages) {
    json bad = good;
    bad[json::json_pointer(pointer)] = value;
    INFO(pointer << " = " << value.dump());
    CHECK_THROWS_AS(sy::model_from_json(bad, "m.json"), sy::ModelFormatError);
    CHECK_THROWS_WITH(sy::model_from_json(bad, "m.json"),
                      Catch::StartsWith("model m.json: $") && Catch::Contains(expected));
  }
}

}  // namespace

TEST_CASE("a hand rule and a paired regression come back equal from their text") {
  const auto rule = small_rule();
  const json text = json::parse(sy::hand_rule_to_json(rule).dump());
  CHECK(sy::hand_rule_from_json({text, "m.json"}, 3) == rule);
  const std::vector<sy::AnyClassifier> models{rule, small_regression(), sy::Voting({rule, small_regression()})};
  for (const auto& model : models) {
    INFO(model.name());
    const json document = json::parse(document_of(model).dump());
    CHECK(document["kind"] == std::string(model.name()));
    CHECK(sy::model_from_json(document).model == model);
  }
}

TEST_CASE("a damaged hand rule is refused with its place") {
  constexpr auto huge = std::numeric_limits<std::int64_t>::max();
  refuse_all(document_of(small_rule()),
             {{"/model/advantage_column", 3, "$.model.advantage_column is 3; expected an integer from 0 to 2"},
              {"/model/advantage_column", huge, "$.model.advantage_column is 9223372036854775807"},
              {"/model/advantage_column", 1, "$.replay[0] expects probability"},
              {"/model/level_column", -1, "$.model.level_column is -1"},
              {"/model/level_column", 0.5, "$.model.level_column is 0.5"},
              {"/model/slope", 0, "$.model is not usable: slope of the hand rule is 0"},
              {"/model/slope", -1, "$.model is not usable: slope"},
              {"/model/slope", nullptr, "$.model.slope is null; expected a number"},
              {"/model/slope", "1", "$.model.slope is a JSON string"},
              {"/model/slope", 0.2, "expects probability"},
              {"/model/levels", 3, "$.model.levels is 3; expected an array"},
              {"/model/levels", json::array({7}), "$.model.levels[0] is 7"},
              {"/model/levels/0/decides", 1, "$.model.levels[0].decides is not true or false"},
              {"/model/levels/0/decides", false, "expects probability"},
              {"/model/levels/1/base_rate", 1.0, "$.model is not usable: base rate of the hand rule is 1"},
              {"/model/levels/1/base_rate", 0, "$.model is not usable: base rate"},
              {"/model/levels/1/base_rate", nullptr, "$.model.levels[1].base_rate is null; expected a number"},
              {"/kind", "paired_regression", "$.model has no \"pairs\""}});
  for (const char* key : {"advantage_column", "level_column", "slope", "levels"}) {
    json bad = document_of(small_rule());
    bad["model"].erase(key);
    CHECK_THROWS_WITH(sy::model_from_json(bad), Catch::Contains(std::string("$.model has no \"") + key));
  }
}

TEST_CASE("a damaged paired regression is refused with its place") {
  const json good = document_of(small_regression());
  json other_width = good["model"]["pairs"][0]["one"];
  other_width["model"]["features"] = 4;
  refuse_all(good, {{"/model/pairs", json::array(), "$.model is not usable: paired regression has no pairs"},
                    {"/model/pairs", 1, "$.model.pairs is 1; expected an array"},
                    {"/model/pairs/1", json::array(), "$.model.pairs[1] is a JSON array"},
                    {"/model/pairs/0/slope", 0, "$.model is not usable: slope of a regression pair is 0"},
                    {"/model/pairs/0/slope", nullptr, "$.model.pairs[0].slope is null"},
                    {"/model/pairs/1/slope", 1, "expects probability"},
                    {"/model/pairs/0/zero", nullptr, "$.model.pairs[0].zero is null"},
                    {"/model/pairs/0/one", other_width, "$.model.pairs[0].one.model.features is 4"},
                    {"/model/pairs/0/one/kind", "mlp", "$.model.pairs[0].one.kind is not gradient_boosting_regressor"},
                    {"/model/pairs/1/zero/model/bias", 9, "expects probability"},
                    {"/kind", "hand_rule", "$.model has no \"levels\""}});
  json bad = good;
  bad["model"]["pairs"][0].erase("one");
  CHECK_THROWS_WITH(sy::model_from_json(bad), Catch::Contains("$.model.pairs[0] has no \"one\""));
}

TEST_CASE("no prefix of either and no change of a byte does more than fail") {
  const std::string text = document_of(sy::Voting({small_rule(), small_regression()})).dump();
  REQUIRE_NOTHROW(sy::parse_model(text));
  for (std::size_t length = 0; length < text.size(); length += 7) {
    REQUIRE_THROWS_AS(sy::parse_model(std::string_view(text).substr(0, length)), sy::ModelFormatError);
  }
  sy::Rng rng(4);
  int refused = 0;
  constexpr int attempts = 1000;
  for (int i = 0; i < attempts; ++i) {
    std::string bad = text;
    constexpr std::string_view bytes = "0123456789-.eE[]{},:\"ntf \x80";
    for (std::uint64_t change = 0; change <= rng.below(3); ++change) {
      bad[rng.below(bad.size())] = bytes[rng.below(bytes.size())];
    }
    try {
      const sy::ModelFile file = sy::parse_model(bad);
      static_cast<void>(file.model.probability(std::vector{0.3, missing, 1.0}));
    } catch (const sy::ModelFormatError&) {
      ++refused;
    }
  }
  CHECK(refused > attempts / 2);
}
