#include "switchyard/pipeline/choose_by_runs.hpp"

#include "pipeline/training_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace sy = switchyard;

namespace {

/// Two small models; the forest may be made too coarse to learn anything, the boosting too.
sy::ModelOptions two_models(bool forest_learns, bool boosting_learns) {
  auto options = fixture::small_options().models;
  options.only = {"random_forest", "boosting_level_wise"};
  constexpr int never = 1'000'000;
  if (!forest_learns) options.random_forest.min_samples_split = options.random_forest.min_samples_leaf = never;
  if (!boosting_learns) options.level_wise.min_samples_leaf = never;
  return options;
}

/// The rows of the first three of four runs.
std::vector<sy::Index> first_runs(const sy::TrainingData& data) {
  std::vector<sy::Index> rows;
  for (sy::Index i = 0; i < data.data.rows(); ++i) {
    if (data.data.runs[static_cast<std::size_t>(i)] < 3) rows.push_back(i);
  }
  return rows;
}

}  // namespace

TEST_CASE("the model that generalises from run to run is chosen, whichever it is") {
  const auto data = fixture::small_data(800);
  const auto rows = first_runs(data);
  const auto forest = sy::choose_by_inner_runs(data, rows, two_models(true, false));
  CHECK(forest.best().name == "random_forest");
  const auto boosting = sy::choose_by_inner_runs(data, rows, two_models(false, true));
  CHECK(boosting.best().name == "boosting_level_wise");
  for (const auto* choice : {&forest, &boosting}) {
    CHECK(choice->folds == 3);
    REQUIRE(choice->scores.size() == 2);
    CHECK(choice->best().accuracy > 0.8);  // the rule holds for nine of ten rows, in every run
    CHECK(choice->best().log_loss < 0.5);
    CHECK(choice->scores[1 - choice->chosen].log_loss > 0.65);  // about log 2: it knows the rate alone
  }
}

TEST_CASE("a model that knows its training runs by heart is not chosen") {
  // Within a run one column gives the label away, and in every run another way: leaving a run out tells.
  auto data = fixture::small_data(800);
  sy::Dataset& rows = data.data;
  for (sy::Index i = 0; i < rows.rows(); ++i) {
    const auto row = static_cast<std::size_t>(i);
    const double run = static_cast<double>(rows.runs[row]);
    rows.features(i, 2) = 10 * run + (rows.labels[row] == 1 ? 1 : 0);
  }
  auto options = two_models(true, true);
  options.level_wise.rounds = 100;  // learns the give-away by heart
  options.level_wise.learning_rate = 0.3;
  options.random_forest.min_samples_leaf = 1'000'000;
  const auto choice = sy::choose_by_inner_runs(data, first_runs(data), options);
  CHECK(choice.best().name == "random_forest");
  const auto shuffled = sy::stratified_split(rows, {.seed = 1});
  const auto models = sy::fit_models(sy::subset_of(data, shuffled.rows.train), shuffled.validation, options);
  const auto losses = sy::log_losses(models, shuffled.test);
  CHECK(losses[1] < losses[0]);  // rows of all runs shuffled would have chosen boosting
}

TEST_CASE("scores pool the log-loss and accuracy of what each fold left out") {
  const auto data = fixture::small_data(400);
  const auto rows = first_runs(data);
  const auto options = two_models(true, true);
  const auto choice = sy::choose_by_inner_runs(data, rows, options);
  std::vector<double> loss(2);
  std::vector<double> right(2);
  double tested = 0;
  for (std::int64_t run = 0; run < 3; ++run) {
    std::vector<sy::Index> train;
    std::vector<sy::Index> test;
    for (const auto row : rows) (data.data.runs[static_cast<std::size_t>(row)] == run ? test : train).push_back(row);
    const auto [fit_on, validation] = sy::detail::inner_parts(data, train, options.seed);
    CHECK(fit_on.data.rows() + validation.rows() == static_cast<sy::Index>(train.size()));
    const auto models = sy::fit_models(fit_on, validation, options);
    for (const auto row : test) {
      const bool label = data.data.labels[static_cast<std::size_t>(row)] == 1;
      for (std::size_t model = 0; model < 2; ++model) {
        const double probability = models[model].model.probability(data.data.row(row));
        loss[model] -= std::log(label ? probability : 1 - probability);
        right[model] += (probability > 0.5) == label ? 1 : 0;
      }
      tested += 1;
    }
  }
  for (std::size_t model = 0; model < 2; ++model) {
    CHECK(choice.scores[model].log_loss == Approx(loss[model] / tested));
    CHECK(choice.scores[model].accuracy == Approx(right[model] / tested));
  }
}

TEST_CASE("neither the models nor the choice look at a row outside") {
  auto data = fixture::small_data(600);
  const auto rows = first_runs(data);
  auto options = two_models(true, true);
  options.only.emplace_back("voting");
  const auto before = sy::choose_by_inner_runs(data, rows, options);
  for (sy::Index i = 0; i < data.data.rows(); ++i) {
    const auto row = static_cast<std::size_t>(i);
    if (data.data.runs[row] < 3) continue;
    data.data.features.row(i).setConstant(std::numeric_limits<double>::quiet_NaN());
    data.data.labels[row] = 1;
    data.lambda[row] = data.ecs[row] = {};
  }
  const auto after = sy::choose_by_inner_runs(data, rows, options);
  CHECK(after.chosen == before.chosen);
  REQUIRE(after.scores.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(after.scores[i].name == before.scores[i].name);
    CHECK(after.scores[i].log_loss == before.scores[i].log_loss);
    CHECK(after.scores[i].accuracy == before.scores[i].accuracy);
  }
}

TEST_CASE("the MLP takes no part in the choice, and one run alone offers none") {
  auto data = fixture::small_data(400);
  auto options = fixture::small_options().models;
  const auto choice = sy::choose_by_inner_runs(data, first_runs(data), options);
  std::vector<std::string> names;
  for (const auto& score : choice.scores) names.push_back(score.name);
  CHECK(names == std::vector<std::string>{"random_forest", "boosting_level_wise", "boosting_leaf_wise", "voting"});
  std::fill(data.data.runs.begin(), data.data.runs.end(), 0);
  CHECK_THROWS_WITH(sy::choose_by_inner_runs(data, first_runs(data), options), Catch::Contains("needs two runs"));
}
