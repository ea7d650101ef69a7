#include "switchyard/pipeline/training_report.hpp"

#include "training_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
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
  const auto train = sy::subset_of(data, split.rows.train);
  for (const auto& fitted : sy::fit_models(train, split.validation, options.models)) {
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
  CHECK(evaluation.values.size() == 2 + 3 + 5 + 2);
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
  REQUIRE(evaluation.chosen);
  for (std::size_t predictor = 0; predictor < 9; ++predictor) {
    double right = 0;
    for (const auto& run : evaluation.runs) {
      REQUIRE(run.accuracies.size() == 9);
      CHECK(run.rows == 200);
      right += run.accuracies[predictor] * 200;
    }
    const auto& score = predictor < 3   ? evaluation.baselines[predictor]
                        : predictor < 8 ? evaluation.models[predictor - 3]
                                        : *evaluation.chosen;
    CHECK(score.test.accuracy == Approx(right / 800));
  }
}

TEST_CASE("what a fold chooses, it chooses by its training runs alone") {
  const auto data = fixture::small_data(800);
  const auto options = fixture::small_options(sy::SplitKind::leave_one_run_out);
  const auto evaluation = sy::evaluate(data, options);
  REQUIRE(evaluation.inner.size() == 4);
  CHECK(evaluation.outputs.size() == 9);
  CHECK(evaluation.outputs.back().name == "chosen by inner runs");
  const auto splits = sy::leave_one_run_out(data.data, {.seed = options.models.seed});
  for (std::size_t fold = 0; fold < 4; ++fold) {
    const auto& choice = evaluation.inner[fold];
    CHECK(choice.folds == 3);
    std::vector<sy::Index> rows = splits[fold].rows.train;
    rows.insert(rows.end(), splits[fold].rows.validation.begin(), splits[fold].rows.validation.end());
    std::sort(rows.begin(), rows.end());
    const auto alone = sy::choose_by_inner_runs(data, rows, options.models);
    CHECK(alone.best().name == choice.best().name);
    for (std::size_t i = 0; i < evaluation.models.size(); ++i) {
      if (evaluation.models[i].name != choice.best().name) continue;
      CHECK(evaluation.runs[fold].accuracies[8] == evaluation.runs[fold].accuracies[3 + i]);
    }
  }
  // The winner is the kind with the lowest log-loss over all inner choices; the MLP takes no part.
  std::map<std::string, double> losses;
  for (const auto& choice : evaluation.inner) {
    for (const auto& score : choice.scores) losses[score.name] += score.log_loss;
  }
  CHECK(losses.count("mlp") == 0);
  for (const auto& [name, loss] : losses) CHECK(losses.at(evaluation.best().name) <= loss);
}

TEST_CASE("who does not want a choice inside training runs, or has too few of them, gets none") {
  auto data = fixture::small_data(400);
  auto options = fixture::small_options(sy::SplitKind::leave_one_run_out);
  options.nested = false;
  const auto plain = sy::evaluate(data, options);
  CHECK(plain.inner.empty());
  CHECK_FALSE(plain.chosen);
  CHECK(plain.outputs.size() == 8);
  options.nested = true;
  for (auto& run : data.data.runs) run /= 2;  // two runs: with one left out, one remains
  data.run_names.resize(2);
  const auto two = sy::evaluate(data, options);
  CHECK(two.runs.size() == 2);
  CHECK(two.inner.empty());
}

TEST_CASE("forward chaining tests each run but the first, on models of earlier ones") {
  const auto data = fixture::small_data(800);
  const auto evaluation = sy::evaluate(data, fixture::small_options(sy::SplitKind::forward_chaining));
  REQUIRE(evaluation.runs.size() == 3);
  CHECK(evaluation.runs[0].run == "second");
  CHECK(evaluation.runs[2].run == "fourth");
  CHECK(evaluation.parts[2].rows == 600);
  CHECK(evaluation.test_runs == std::vector<std::string>{"fourth", "second", "third"});
  CHECK_FALSE(evaluation.chosen);
  // What comes later may be anything.
  auto changed = data;
  for (std::size_t i = 400; i < 800; ++i) changed.data.labels[i] = 1;
  const auto again = sy::evaluate(changed, fixture::small_options(sy::SplitKind::forward_chaining));
  CHECK(again.runs[0].accuracies == evaluation.runs[0].accuracies);
  CHECK(again.runs[1].accuracies != evaluation.runs[1].accuracies);
}

TEST_CASE("intervals draw whole blocks of two minutes of a run") {
  const auto data = fixture::small_data(800);
  const auto evaluation = sy::evaluate(data, fixture::small_options(sy::SplitKind::leave_one_run_out));
  for (const auto& output : evaluation.outputs) {
    std::map<std::int64_t, std::set<std::pair<std::int64_t, std::int64_t>>> origins;  // of each block
    for (std::size_t i = 0; i < output.test.rows.size(); ++i) {
      const auto row = static_cast<std::size_t>(output.test.rows[i]) / 2 * 2;  // a pair goes where its first row goes
      origins[output.test.groups[i]].insert({data.data.runs[row], data.data.times_ms[row] / 120'000});
    }
    CHECK(origins.size() == 9);  // blocks 0 to 6 of 800 s, two of which are cut where runs end
    for (const auto& [block, stretches] : origins) CHECK(stretches.size() == 1);
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

TEST_CASE("studies compare all ways of splitting, and say which cannot be made") {
  auto options = fixture::small_options(sy::SplitKind::leave_one_run_out);
  options.studies = true;
  auto data = fixture::small_data(600);
  const auto catalogue = sy::catalogue_to_json(sy::default_catalogue());
  const auto report = sy::train_models(data, options, nullptr, catalogue);
  REQUIRE(report.studies);
  REQUIRE(report.studies->splits.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    const auto& study = report.studies->splits[i];
    CHECK(study.split == sy::split_kinds[i]);
    CHECK(study.refused.empty());
    CHECK(study.scores.back().name == report.evaluation.best().name);
  }
  CHECK(report.studies->splits[2].test_rows == 600);
  CHECK(report.studies->loop.empty());  // nothing live here
  CHECK(report.studies->objectives.empty());
  REQUIRE(report.studies->control);
  data.data.times_ms.clear();
  const auto timeless = sy::train_models(data, options, nullptr, catalogue);
  CHECK(timeless.studies->splits[0].refused.empty());
  CHECK(timeless.studies->splits[1].refused.find("needs times") != std::string::npos);
  CHECK(timeless.studies->splits[3].refused.find("needs times") != std::string::npos);
}
