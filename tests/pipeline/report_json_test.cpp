#include "switchyard/pipeline/report_json.hpp"

#include "studied_report.hpp"
#include "training_fixture.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace sy = switchyard;

TEST_CASE("a report's JSON starts with what the requirements ask for") {
  auto report = sy::train_models(fixture::small_data(600), fixture::small_options(), nullptr, nullptr);
  report.training_date = "2026-01-02T03:04:05.000Z";
  report.dataset_name = "small.csv";
  const auto json = sy::report_to_json(report);
  const auto& best = report.evaluation.best();
  CHECK(json.at("test_accuracy").get<double>() == best.test.accuracy);
  CHECK(json.at("precision").get<double>() == best.test.precision);
  CHECK(json.at("recall").get<double>() == best.test.recall);
  CHECK(json.at("f1").get<double>() == best.test.f1);
  CHECK(json.at("training_date") == "2026-01-02T03:04:05.000Z");
  CHECK(json.at("model") == best.name);
  CHECK(json.at("dataset") == "small.csv");
  CHECK(json.at("seed") == 42);
  const auto& importance = json.at("feature_importance");
  REQUIRE(importance.size() == 4);
  double total = 0;
  for (const auto& share : importance) total += share.get<double>();
  CHECK(total == Approx(1));
  CHECK(importance.at("payload_size_kb").get<double>() > 0.5);
}

TEST_CASE("a report's JSON holds every score with its interval") {
  const auto report = sy::train_models(fixture::small_data(600), fixture::small_options(), nullptr, nullptr);
  const auto json = sy::report_to_json(report);
  const auto& models = json.at("evaluation").at("models");
  REQUIRE(models.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(models[i].at("name") == report.evaluation.models[i].name);
    const auto& interval = models[i].at("test_interval_95").at("accuracy");
    CHECK(interval[0].get<double>() <= models[i].at("test").at("accuracy").get<double>());
    CHECK(interval[1].get<double>() >= models[i].at("test").at("accuracy").get<double>());
  }
  CHECK(json.at("evaluation").at("decision_value").size() == 12);
  const auto& values = json.at("evaluation").at("decision_value");
  CHECK(values[0].at("interval_95").at("mean_latency_ms")[0] ==
        report.evaluation.values[0].interval.mean_latency_ms.low);
  CHECK_FALSE(json.contains("shuffled_evaluation"));
  CHECK_FALSE(json.contains("studies"));
  CHECK(json.at("acceptance").size() == 7);
  CHECK(json.at("checklist").size() == report.checklist.size());
}

TEST_CASE("studies are in the JSON under the names of the data's runs") {
  auto report = sy::train_models(fixture::small_data(600), fixture::small_options(), nullptr, nullptr);
  report.studies = fixture::made_up_studies();
  const auto json = sy::report_to_json(report);
  CHECK(json.at("studies") == sy::studies_to_json(*report.studies, {"first", "second", "third", "fourth"}));
  CHECK(json.at("studies").at("value").at("by_run").at(1).at("run") == "second");
}

TEST_CASE("left-out runs are in the JSON by name and predictor") {
  const auto report = sy::train_models(fixture::small_data(600),
                                       fixture::small_options(sy::SplitKind::leave_one_run_out), nullptr, nullptr);
  const auto json = sy::report_to_json(report);
  REQUIRE(report.evaluation.chosen);
  CHECK(json.at("test_accuracy").get<double>() == report.evaluation.chosen->test.accuracy);
  CHECK(json.at("test_accuracy_of") == "chosen by inner runs");
  CHECK(json.at("model") == report.evaluation.best().name);
  CHECK(json.at("evaluation").at("chosen").at("test").at("accuracy") == json.at("test_accuracy"));
  const auto& inner = json.at("evaluation").at("inner_choices");
  REQUIRE(inner.size() == 4);
  CHECK(inner[2].at("tested_run") == "third");
  CHECK(inner[2].at("chosen") == report.evaluation.inner[2].best().name);
  CHECK(inner[2].at("inner_folds") == 3);
  const auto& runs = json.at("evaluation").at("runs");
  REQUIRE(runs.size() == 4);
  CHECK(runs[1].at("run") == "second");
  CHECK(runs[1].at("test_accuracy").at("context table").get<double>() == report.evaluation.runs[1].accuracies[2]);
  CHECK(runs[1].at("test_accuracy").at("mlp").get<double>() == report.evaluation.runs[1].accuracies[6]);
  CHECK(json.contains("shuffled_evaluation"));
}

TEST_CASE("what is not a number is null, so that any JSON reader accepts it") {
  CHECK(sy::detail::number_or_null(std::nan("")).is_null());
  CHECK(sy::detail::number_or_null(INFINITY).is_null());
  CHECK(sy::detail::number_or_null(0.5) == 0.5);
}

TEST_CASE("training gives the same bits and the same JSON at any number of threads") {
  const auto data = fixture::small_data(600);
  auto options = fixture::small_options();
  const auto one = sy::train_models(data, options, nullptr, nullptr);
  options.models.threads = 2;
  const auto two = sy::train_models(data, options, nullptr, nullptr);
  for (std::size_t i = 0; i < one.models.size(); ++i) {
    CHECK(one.models[i].fitted.model.predict_proba(data.data.features) ==
          two.models[i].fitted.model.predict_proba(data.data.features));
  }
  CHECK(sy::report_to_json(one).dump() == sy::report_to_json(two).dump());
  options.models.seed = 43;
  const auto other = sy::train_models(data, options, nullptr, nullptr);
  CHECK(sy::report_to_json(other).dump() != sy::report_to_json(one).dump());
}
