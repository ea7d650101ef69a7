#include "switchyard/pipeline/training_report.hpp"

#include "training_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

namespace sy = switchyard;

namespace {

std::vector<std::string> names_of(const std::vector<sy::PredictorScore>& scores) {
  std::vector<std::string> names;
  for (const auto& score : scores) names.push_back(score.name);
  return names;
}

/// The accuracy each model gains over the best constant on the test part, with a 99 % interval.
std::vector<sy::AccuracyDifference> gains_over_constant(const sy::TrainingData& data, const sy::TrainOptions& options) {
  const auto split = sy::stratified_split(data.data, {.seed = options.models.seed});
  const auto constant = sy::MajorityTable::constant(split.train).predict(split.test.features);
  std::vector<sy::AccuracyDifference> gains;
  for (const auto& fitted : sy::fit_models(split.train, split.validation, options.models)) {
    gains.push_back(sy::bootstrap_accuracy_difference(split.test.labels, fitted.model.predict(split.test.features),
                                                      constant, split.test.groups, {.replicates = 500, .level = 0.99}));
  }
  return gains;
}

}  // namespace

TEST_CASE("an evaluation holds all baselines and models, scored on rows they were not trained on") {
  const auto data = fixture::small_data(800);
  const auto evaluation = sy::evaluate(data, fixture::small_options());
  CHECK(names_of(evaluation.baselines) ==
        std::vector<std::string>{"best constant", "static by workload", "context table"});
  CHECK(names_of(evaluation.models) ==
        std::vector<std::string>{"random_forest", "boosting_level_wise", "boosting_leaf_wise", "mlp", "voting"});
  REQUIRE(evaluation.parts.size() == 3);
  CHECK(evaluation.parts[0].rows + evaluation.parts[1].rows + evaluation.parts[2].rows == 800);
  for (const auto& score : evaluation.models) {
    CHECK(score.confusion.total() == static_cast<double>(evaluation.parts[2].rows));
    CHECK(score.over_context.difference ==
          Approx(score.test.accuracy - evaluation.context_table().test.accuracy).margin(1e-12));
    CHECK(score.test.accuracy > 0.8);  // the rule is right for nine of ten rows
  }
  CHECK(evaluation.values.size() == 2 + 3 + 5 + 1);
  CHECK(evaluation.runs.empty());
  CHECK(evaluation.fitted.size() == 1);
}

TEST_CASE("without a workload column there is no static rule") {
  auto data = fixture::small_data(400);
  data.data.feature_names[0] = "something_else";
  CHECK(names_of(sy::evaluate(data, fixture::small_options()).baselines) ==
        std::vector<std::string>{"best constant", "context table"});
}

TEST_CASE("the winner is chosen by validation log-loss and not by test") {
  // In the test part of a temporal split the rule is reversed, so the surest model is the worst there.
  auto data = fixture::small_data(1000);
  for (std::size_t i = 800; i < 1000; ++i) data.data.labels[i] = data.data.labels[i] == 1 ? 0 : 1;
  const auto evaluation = sy::evaluate(data, fixture::small_options(sy::SplitKind::temporal));
  std::size_t best_validation = 0;
  std::size_t best_test = 0;
  for (std::size_t i = 1; i < evaluation.models.size(); ++i) {
    const auto& models = evaluation.models;
    if (models[i].validation.log_loss < models[best_validation].validation.log_loss) best_validation = i;
    if (models[i].test.log_loss < models[best_test].test.log_loss) best_test = i;
  }
  REQUIRE(best_validation != best_test);
  CHECK(evaluation.winner == best_validation);
  CHECK(evaluation.best().test.accuracy < 0.3);
}

TEST_CASE("leaving runs out tests every row once, on models that have not seen its run") {
  const auto data = fixture::small_data(800);
  const auto evaluation = sy::evaluate(data, fixture::small_options(sy::SplitKind::leave_one_run_out));
  REQUIRE(evaluation.runs.size() == 4);
  CHECK(evaluation.fitted.size() == 4);
  CHECK(evaluation.parts[2].rows == 800);
  CHECK(evaluation.runs[0].run == "first");
  CHECK(evaluation.runs[3].run == "fourth");
  for (std::size_t predictor = 0; predictor < 8; ++predictor) {
    double right = 0;
    for (const auto& run : evaluation.runs) {
      REQUIRE(run.accuracies.size() == 8);
      CHECK(run.rows == 200);
      right += run.accuracies[predictor] * 200;
    }
    const auto& score = predictor < 3 ? evaluation.baselines[predictor] : evaluation.models[predictor - 3];
    CHECK(score.test.accuracy == Approx(right / 800));
  }
}

TEST_CASE("a left-out run's accuracy is that of the model which has not seen it") {
  auto data = fixture::small_data(800);
  for (std::size_t i = 0; i < 200; ++i)
    data.data.labels[i] = data.data.labels[i] == 1 ? 0 : 1;  // the first run is reversed
  const auto evaluation = sy::evaluate(data, fixture::small_options(sy::SplitKind::leave_one_run_out));
  const auto split = sy::leave_one_run_out(data.data, {.seed = 42}).front();
  for (std::size_t model = 0; model < 5; ++model) {
    const auto predicted = evaluation.fitted.front()[model].model.predict(split.test.features);
    CHECK(evaluation.runs[0].accuracies[3 + model] == Approx(sy::accuracy(split.test.labels, predicted)));
    CHECK(evaluation.runs[0].accuracies[3 + model] < 0.3);
  }
}

TEST_CASE("a left-out run is compared with a shuffled split, whose models are inspected") {
  const auto data = fixture::small_data(600);
  const auto report =
      sy::train_models(data, fixture::small_options(sy::SplitKind::leave_one_run_out), nullptr, nullptr);
  REQUIRE(report.shuffled);
  CHECK(report.evaluation.split == sy::SplitKind::leave_one_run_out);
  CHECK(report.shuffled->split == sy::SplitKind::stratified);
  CHECK(&sy::saved_evaluation(report) == &*report.shuffled);
  REQUIRE(report.models.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) CHECK(report.models[i].fitted.model == report.shuffled->fitted.front()[i].model);
}

TEST_CASE("a report inspects and judges every model") {
  const auto data = fixture::small_data(600);
  const auto report = sy::train_models(data, fixture::small_options(), nullptr, nullptr);
  CHECK_FALSE(report.shuffled);
  REQUIRE(report.models.size() == 5);
  for (const auto& model : report.models) {
    CHECK(model.criteria.size() == 7);
    CHECK(model.bytes > 100);
    CHECK(model.inspection.permutation.size() == 4);
    const auto payload = std::find_if(model.inspection.by_source.begin(), model.inspection.by_source.end(),
                                      [](const auto& source) { return source.name == "payload"; });
    REQUIRE(payload != model.inspection.by_source.end());
    CHECK(payload->accuracy_drop.low > 0.1);  // labels depend on nothing else
    CHECK(
        (std::isnan(model.fitted.seconds) || model.fitted.name == "voting"));  // without a clock; voting takes no time
  }
  CHECK(report.winner().fitted.name == report.evaluation.best().name);
}

TEST_CASE("a clock times every model") {
  double now = 0;
  const auto report =
      sy::train_models(fixture::small_data(400), fixture::small_options(), nullptr, nullptr, [&] { return now += 1; });
  for (std::size_t i = 0; i + 1 < report.models.size(); ++i) CHECK(report.models[i].fitted.seconds == 1);
  CHECK(report.winner().inspection.p99_decision_ms == Approx(1000));
}

TEST_CASE("models find a rule where there is one and none in shuffled labels") {
  const auto options = fixture::small_options();
  auto data = fixture::small_data(1200);
  for (const auto& gain : gains_over_constant(data, options)) CHECK(gain.interval.low > 0.1);
  sy::Rng rng(7);
  rng.shuffle(std::span<std::uint8_t>(data.data.labels));
  for (const auto& gain : gains_over_constant(data, options)) CHECK(gain.interval.low <= 0);
}
