#include "switchyard/io/model_json.hpp"

#include "missing.hpp"

#include <catch2/catch.hpp>

#include <bit>
#include <clocale>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace sy = switchyard;
using nlohmann::json;

namespace {

/// A path in the temporary folder that is empty before and after.
class TemporaryPath {
 public:
  explicit TemporaryPath(const std::string& name)
      : path_(std::filesystem::temp_directory_path() / ("switchyard_model_json_test_" + name)) {
    clear();
  }
  TemporaryPath(const TemporaryPath&) = delete;
  TemporaryPath& operator=(const TemporaryPath&) = delete;
  ~TemporaryPath() { clear(); }

  operator const std::filesystem::path&() const { return path_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  void clear() const { std::filesystem::remove_all(path_); }

  std::filesystem::path path_;
};

sy::Dataset noisy_data() {
  sy::Dataset data;
  data.features.resize(400, 3);
  data.feature_names = {"a", "b", "c"};
  sy::Rng rng(1);
  for (sy::Index i = 0; i < 400; ++i) {
    data.features.row(i) << rng.normal(), rng.uniform(0, 1e-3), 1e6 * rng.normal();
    if (i % 9 == 0) data.features(i, 1) = missing;
    data.labels.push_back(rng.bernoulli(sy::logistic(2 * data.features(i, 0))) ? 1 : 0);
  }
  return data;
}

sy::Voting fitted_voting(const sy::Dataset& data) {
  return sy::Voting({sy::RandomForest::fit(data, {.trees = 7, .min_samples_split = 10, .min_samples_leaf = 5}),
                     sy::GradientBoosting::fit(data, {.rounds = 9, .max_depth = 3}),
                     sy::Mlp::fit(data, {.hidden = {6, 3}, .max_epochs = 5})},
                    {0.5, 0.3, 0.2});
}

sy::Ensemble small_ensemble() {
  sy::Ensemble ensemble;
  ensemble.features = 2;
  ensemble.trees = {sy::Tree{{{.feature = 0, .left = 1, .right = 2, .default_left = true, .threshold = 0.5, .cover = 5},
                              {.value = 0.25, .cover = 3},
                              {.feature = 1, .left = 3, .right = 4, .threshold = -2, .cover = 2},
                              {.value = 0.5, .cover = 1},
                              {.value = 1, .cover = 1}}}};
  return ensemble;
}

sy::Mlp small_network() {
  sy::MlpParameters parameters;
  parameters.scaler = {.mean = {1, 2}, .scale = {3, 4}};
  parameters.indicators = {1};
  parameters.layers.push_back({sy::Matrix::Constant(3, 2, 0.1), sy::Vector::Constant(2, 0.3)});
  parameters.layers.push_back({sy::Matrix::Constant(2, 1, 0.7), sy::Vector::Constant(1, -0.2)});
  return sy::Mlp(parameters);
}

json document_of(sy::AnyClassifier model) {
  sy::ModelFile file{.model = std::move(model), .feature_columns = {"a", "b"}, .ranges = {{0, 1}, {missing, missing}}};
  file.replay = sy::replay_rows(file.model, (sy::Matrix(2, 2) << 1, -3, missing, 0).finished());
  return sy::model_to_json(file);
}

void check_same_answers(const sy::AnyClassifier& a, const sy::AnyClassifier& b, const sy::Matrix& rows) {
  const sy::Vector left = a.predict_proba(rows);
  const sy::Vector right = b.predict_proba(rows);
  for (sy::Index i = 0; i < rows.rows(); ++i) {
    REQUIRE(std::bit_cast<std::uint64_t>(left[i]) == std::bit_cast<std::uint64_t>(right[i]));
  }
}

}  // namespace

TEST_CASE("Every kind of model comes back equal and answers with the same bits") {
  const sy::Dataset data = noisy_data();
  const sy::Voting voting = fitted_voting(data);
  std::vector<sy::AnyClassifier> models = voting.members();
  models.emplace_back(voting);
  models.emplace_back(sy::Voting({voting, models[0]}));
  models.emplace_back(sy::GradientBoosting::fit(data, {.rounds = 5, .offset_column = 1}));
  for (const sy::AnyClassifier& model : models) {
    INFO(model.name());
    const TemporaryPath path("kinds");
    sy::save_model(path, model);
    const sy::ModelFile file = sy::load_model(path);
    CHECK(file.model.name() == model.name());
    CHECK(file.model == model);
    CHECK(file.feature_columns == std::vector<std::string>{"x0", "x1", "x2"});
    CHECK(file.replay.size() == 2);
    check_same_answers(file.model, model, data.features);
  }
}

TEST_CASE("A model is loaded by its type, or refused") {
  const TemporaryPath path("typed");
  const sy::RandomForest forest(small_ensemble());
  sy::save_model(path, forest);
  CHECK(sy::load_model<sy::RandomForest>(path) == forest);
  CHECK_THROWS_WITH(sy::load_model<sy::Mlp>(path), Catch::Contains("random_forest; expected mlp"));
}

TEST_CASE("All that a model file holds comes back") {
  sy::ModelFile file{.model = small_network(),
                     .feature_columns = {"payload \"kb\"", "größe"},
                     .ranges = {{-1.5, 0.1}, {missing, missing}},
                     .threshold = 0.37,
                     .price_book = "eu-west-1",
                     .label_rule = "matched",
                     .catalogue = {{"workloads", {"a", "b"}}},
                     .metadata = {{"nested", {{"deep", {1, 2.5, nullptr}}}}}};
  file.replay = sy::replay_rows(file.model, (sy::Matrix(1, 2) << 0.1, missing).finished());
  const TemporaryPath path("all");
  sy::save_model(path, file);
  const sy::ModelFile loaded = sy::load_model(path);
  CHECK(loaded.feature_columns == file.feature_columns);
  REQUIRE(loaded.ranges.size() == 2);
  CHECK(loaded.ranges[0].low == -1.5);
  CHECK(loaded.ranges[0].high == 0.1);
  CHECK(std::isnan(loaded.ranges[1].low));
  CHECK(loaded.threshold == 0.37);
  CHECK(loaded.price_book == "eu-west-1");
  CHECK(loaded.label_rule == "matched");
  CHECK(loaded.catalogue == file.catalogue);
  CHECK(loaded.metadata == file.metadata);
  REQUIRE(loaded.replay.size() == 1);
  CHECK(loaded.replay[0].features[0] == 0.1);
  CHECK(std::isnan(loaded.replay[0].features[1]));
  CHECK(loaded.replay[0].probability == file.replay[0].probability);
  CHECK(sy::model_to_json(loaded) == sy::model_to_json(file));
}

TEST_CASE("A live state comes back as it is, and a file without one is as it was") {
  sy::ModelFile file{.model = small_network(), .feature_columns = {"a", "b"}};
  const json without = sy::model_to_json(file);
  CHECK_FALSE(without.contains("live_state"));
  CHECK(sy::parse_model(without.dump()).live_state.is_null());
  file.live_state = {{"any", {1, 0.1, nullptr}}};
  CHECK(sy::parse_model(sy::model_to_json(file).dump()).live_state == file.live_state);
}

TEST_CASE("Numbers keep their bits through the text") {
  sy::Rng rng(77);
  std::vector<double> values{0.0,
                             -0.0,
                             5e-324,
                             -2.2250738585072014e-308,
                             1.7976931348623157e308,
                             0.1 + 0.2,
                             1.0 / 3,
                             1e22,
                             1e23,
                             9007199254740991.0,
                             9007199254740992.0,
                             9007199254740994.0,
                             -1e15,
                             123456789012345680.0};
  while (values.size() < 2000) {
    const double value = std::bit_cast<double>(rng.next());
    if (std::isfinite(value)) values.push_back(value);
  }
  for (const double value : values) {
    const std::string text = sy::json_number(value).dump();
    INFO(text);
    const double back = json::parse(text).get<double>();
    REQUIRE(std::bit_cast<std::uint64_t>(back) == std::bit_cast<std::uint64_t>(value));
  }
  CHECK_THROWS_AS(sy::json_number(missing), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::json_number(std::numeric_limits<double>::infinity()), sy::InvalidArgument);
}

TEST_CASE("A decimal comma in the locale changes nothing") {
  const std::string before = std::setlocale(LC_NUMERIC, nullptr);
  if (std::setlocale(LC_NUMERIC, "de_DE.UTF-8") == nullptr) {
    WARN("skipped: the locale de_DE.UTF-8 is not installed");
    return;
  }
  const TemporaryPath path("locale");
  sy::Ensemble ensemble = small_ensemble();
  ensemble.bias = 0.123456789;
  const sy::GradientBoosting model(ensemble);
  sy::save_model(path, model);
  const bool same = sy::load_model<sy::GradientBoosting>(path) == model;
  const std::string text = sy::model_to_json({.model = model, .feature_columns = {"a", "b"}}).dump();
  std::setlocale(LC_NUMERIC, before.c_str());
  CHECK(same);
  CHECK(text.find("\"bias\":0.123456789") != std::string::npos);
}

TEST_CASE("A save that fails leaves the old file and nothing beside it") {
  const TemporaryPath folder("folder");
  std::filesystem::create_directory(folder.path());
  const auto path = folder.path() / "model.json";
  const sy::RandomForest good(small_ensemble());
  sy::save_model(path, good);
  sy::Ensemble cyclic = small_ensemble();
  cyclic.trees[0].nodes[2].left = 0;
  // Never asked: the ensemble itself would walk in circles.
  CHECK_THROWS_AS(sy::save_model(path, sy::ModelFile{.model = sy::RandomForest(cyclic), .feature_columns = {"a", "b"}}),
                  sy::ModelFormatError);
  sy::Ensemble infinite = small_ensemble();
  infinite.trees[0].nodes[1].value = std::numeric_limits<double>::infinity();
  CHECK_THROWS_AS(sy::save_model(path, sy::GradientBoosting(infinite)), sy::InvalidArgument);
  CHECK_THROWS_AS(sy::save_model(path, sy::ModelFile{.model = good, .feature_columns = {"a", "\xff"}}),
                  sy::InvalidArgument);
  CHECK_THROWS_AS(sy::save_model(path, sy::ModelFile{.model = good, .feature_columns = {"a"}}), sy::ModelFormatError);
  CHECK(sy::load_model<sy::RandomForest>(path) == good);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
  CHECK_THROWS_AS(sy::save_model(path / "below_a_file", good), sy::FileError);
  CHECK_THROWS_AS(sy::save_model(folder, good), sy::FileError);
}

TEST_CASE("What cannot be read is a FileError; too large a file is refused unread") {
  const TemporaryPath path("unreadable");
  CHECK_THROWS_AS(sy::load_model(path), sy::FileError);
  CHECK_THROWS_AS(sy::load_model(std::filesystem::temp_directory_path()), sy::FileError);
  { std::ofstream(path.path()) << '{'; }
  std::filesystem::resize_file(path.path(), sy::max_model_bytes + 1);  // sparse
  CHECK_THROWS_WITH(sy::load_model(path), Catch::Contains("268435457 bytes"));
}

TEST_CASE("A damaged document is refused with its place") {
  struct Damage {
    const char* pointer;
    json value;  // discarded: the entry is removed
    const char* expected;
  };
  const auto removed = [] { return json(json::value_t::discarded); };
  const auto check = [](const json& good, const std::vector<Damage>& damages) {
    REQUIRE_NOTHROW(sy::model_from_json(good));
    for (const auto& [pointer, value, expected] : damages) {
      json bad = good;
      const json::json_pointer place(pointer);
      if (value.is_discarded()) {
        bad = bad.patch({{{"op", "remove"}, {"path", pointer}}});
      } else {
        bad[place] = value;
      }
      INFO(pointer << " = " << (value.is_discarded() ? "(removed)" : value.dump()));
      CHECK_THROWS_AS(sy::model_from_json(bad, "m.json"), sy::ModelFormatError);
      CHECK_THROWS_WITH(sy::model_from_json(bad, "m.json"),
                        Catch::StartsWith("model m.json: $") && Catch::Contains(expected));
    }
  };
  constexpr auto huge = std::numeric_limits<std::int64_t>::max();
  check(document_of(sy::RandomForest(small_ensemble())),
        {{"/format", "other", "$.format is not \"switchyard-model\""},
         {"/format", removed(), "$ has no \"format\""},
         {"/version", 2, "$.version is 2; expected an integer from 1 to 1"},
         {"/version", "1", "$.version is a JSON string"},
         {"/kind", "svm", "$.kind is not one of"},
         {"/kind", "mlp", "$.model has no \"mean\""},
         {"/feature_columns", json::array(), "$.feature_columns is empty"},
         {"/feature_columns", {"a", "a"}, "$.feature_columns[1] names a column again"},
         {"/feature_columns", {"a"}, "$.model.features is 2"},
         {"/feature_columns/0", 7, "$.feature_columns[0] is 7; expected a text"},
         {"/ranges", {{0, 1}}, "$.ranges has 1 values; expected 2"},
         {"/ranges/0", {1, 0}, "$.ranges[0] is not a range"},
         {"/ranges/0", {nullptr, 0}, "$.ranges[0] is not a range"},
         {"/threshold", 1.5, "$.threshold is not in [0, 1]"},
         {"/threshold", nullptr, "$.threshold is null; expected a number"},
         {"/price_book", removed(), "\"price_book\""},
         {"/replay", 3, "$.replay is 3; expected an array"},
         {"/replay/0/features", {1}, "$.replay[0].features has 1 values; expected 2"},
         {"/replay/1/probability", 0.26, "$.replay[1] expects probability 0.26; the model answers 0.25"},
         {"/replay/1/probability", std::nextafter(0.25, 1), "the model answers 0.25"},
         {"/model", json::array(), "$.model is a JSON array; expected an object"},
         {"/model/features", huge, "$.model.features is 9223372036854775807"},
         {"/model/bias", 0.1, "$.model is not a mean of its trees"},
         {"/model/trees", json::array(), "$.model has no trees"},
         {"/model/trees/0/feature", json::array(), "$.model.trees[0] has no nodes"},
         {"/model/trees/0/feature/0", 2, "$.model.trees[0].feature[0] is 2; expected an integer from -1 to 1"},
         {"/model/trees/0/feature/0", 0.5, "feature[0] is 0.5"},
         {"/model/trees/0/feature/0", std::numeric_limits<std::uint64_t>::max(), "feature[0] is 18446744073709551615"},
         {"/model/trees/0/feature/0", -1, "node 0 is a leaf with children"},
         {"/model/trees/0/left/2", 2, "node 2 has child 2; expected a later node"},
         {"/model/trees/0/left/2", 0, "node 2 has child 0; expected a later node"},
         {"/model/trees/0/left/2", -1, "node 2 has child -1"},
         {"/model/trees/0/left/2", 5, "left[2] is 5; expected an integer from -1 to 4"},
         {"/model/trees/0/left/2", 4, "node 2 has child 4, which has another parent"},
         {"/model/trees/0/right/0", 3, "node 2 is no node's child"},
         {"/model/trees/0/threshold/0", nullptr, "threshold[0] is null; expected a number"},
         {"/model/trees/0/threshold", {1}, "$.model.trees[0].threshold has 1 values; expected 5"},
         {"/model/trees/0/default_left/0", 2, "default_left[0] is 2"},
         {"/model/trees/0/value/1", 1.5, "has a leaf that is not a probability"},
         {"/model/trees/0/cover/1", -1, "node 1 has a negative cover"},
         {"/model/trees/0/gain", removed(), "$.model.trees[0] has no \"gain\""}});
  check(document_of(sy::GradientBoosting(small_ensemble())), {{"/model/bias", 1e-9, "$.replay[0] expects probability"},
                                                              {"/model/scale", "1", "$.model.scale is a JSON string"}});
  sy::Ensemble with_offset = small_ensemble();
  with_offset.offset_column = 1;
  with_offset.offset_mean = 0.5;
  check(document_of(sy::GradientBoosting(with_offset)),
        {{"/model/offset_column", 2, "$.model.offset_column is 2; expected an integer from 0 to 1"},
         {"/model/offset_column", 0, "$.replay[0] expects probability"},
         {"/model/offset_column", removed(), "$.replay[0] expects probability"},
         {"/model/offset_mean", removed(), "$.model has no \"offset_mean\""},
         {"/kind", "random_forest", "$.model is not a mean of its trees"}});
  check(document_of(small_network()),
        {{"/model/scale/0", 0, "$.model.scale holds a number that is not positive"},
         {"/model/mean", {1}, "$.model.mean has 1 values; expected 2"},
         {"/model/indicators", {1, 1}, "$.model.indicators does not rise"},
         {"/model/indicators/0", 2, "$.model.indicators[0] is 2"},
         {"/model/indicators", json::array(), "$.model.layers[0].inputs is 3; expected an integer from 2 to 2"},
         {"/model/layers", json::array(), "$.model.layers is empty"},
         {"/model/layers/0/outputs", huge, "$.model.layers[0].outputs"},
         {"/model/layers/0/outputs", 2147483647, "$.model.layers[0].weights has 6 values; expected 6442450941"},
         {"/model/layers/0/weights/3", "0.1", "$.model.layers[0].weights[3] is a JSON string"},
         {"/model/layers/0/weights/3", 0.2, "$.replay[0] expects probability"},
         {"/model/layers/1", removed(), "$.model.layers ends with 2 outputs; expected 1"}});
  check(document_of(sy::Voting({small_network(), sy::RandomForest(small_ensemble())})),
        {{"/model/weights", {1}, "$.model.weights has 1 values; expected 2"},
         {"/model/weights/0", -1, "$.model is not usable: voting weight"},
         {"/model/members/1/kind", "forest", "$.model.members[1].kind is not one of"},
         {"/model/members/1/model/features", 3, "$.model.members[1].model.features is 3"}});
}

TEST_CASE("Depth is limited: of trees, of voting and of the JSON itself") {
  sy::Ensemble chain;
  chain.features = 2;
  chain.trees.emplace_back();
  for (std::int32_t i = 0; i < 65; ++i) {
    chain.trees[0].nodes.push_back({.feature = 0, .left = 2 * i + 1, .right = 2 * i + 2, .threshold = 0});
    chain.trees[0].nodes.push_back({.value = 0.5});
  }
  // Node 2i splits into the leaf 2i + 1 and the split 2i + 2; the last one ends the chain.
  chain.trees[0].nodes.push_back({.value = 0.5});
  const json too_deep = sy::model_to_json({.model = sy::GradientBoosting(chain), .feature_columns = {"a", "b"}});
  CHECK_THROWS_WITH(sy::model_from_json(too_deep), Catch::Contains("lies deeper than 64"));

  sy::AnyClassifier voting = small_network();
  for (int i = 0; i < 9; ++i) voting = sy::Voting({voting});
  CHECK_THROWS_WITH(sy::model_from_json(document_of(voting)), Catch::Contains("voting nested too deep"));

  for (const std::string& open : {std::string("["), std::string("{\"a\":")}) {
    std::string text;
    for (int i = 0; i < 1'000'000; ++i) text += open;
    CHECK_THROWS_WITH(sy::parse_model(text, "deep"), Catch::Contains("nested too deep"));
  }
}

TEST_CASE("Numbers out of the range of double, NaN and junk are not JSON here") {
  for (const char* text :
       {"", " ", "nul", "{\"format\": NaN}", "{\"threshold\": 1e999}", "[1,]", "{} {}", "\xff\xfe", "\"\\ud800\""}) {
    INFO(text);
    CHECK_THROWS_AS(sy::parse_model(text, "junk"), sy::ModelFormatError);
  }
  const std::string long_token(100'000, 'x');
  try {
    static_cast<void>(sy::parse_model("\"" + long_token, "long"));
    FAIL("accepted");
  } catch (const sy::ModelFormatError& error) {
    CHECK(std::string(error.what()).size() < 400);
  }
}

TEST_CASE("No prefix of a model and no change of a byte does more than fail") {
  const std::string text = document_of(sy::Voting({small_network(), sy::RandomForest(small_ensemble()),
                                                   sy::GradientBoosting(small_ensemble())}))
                               .dump();
  REQUIRE_NOTHROW(sy::parse_model(text));
  for (std::size_t length = 0; length < text.size(); ++length) {
    REQUIRE_THROWS_AS(sy::parse_model(std::string_view(text).substr(0, length)), sy::ModelFormatError);
  }
  sy::Rng rng(4);
  int refused = 0;
  constexpr int attempts = 4000;
  for (int i = 0; i < attempts; ++i) {
    std::string bad = text;
    constexpr std::string_view bytes = "0123456789-.eE[]{},:\"ntf \x80";
    for (std::uint64_t change = 0; change <= rng.below(3); ++change)
      bad[rng.below(bad.size())] = bytes[rng.below(bytes.size())];
    try {
      const sy::ModelFile file = sy::parse_model(bad);
      static_cast<void>(file.model.probability(std::vector{0.3, missing}));
    } catch (const sy::ModelFormatError&) {
      ++refused;
    }
  }
  CHECK(refused > attempts / 2);
}
