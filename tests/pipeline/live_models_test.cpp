#include "switchyard/pipeline/live_models.hpp"

#include "switchyard/pipeline/fit_models.hpp"

#include "missing.hpp"
#include "pipeline/live_logs.hpp"
#include "pipeline/training_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

namespace sy = switchyard;
using sy::RoutingObjective;

namespace {

/// Ten minutes of logs whose better platform changes every two minutes, with hours, windows and patterns drawn so that
/// they give the label away in seven of eight rows.
sy::TrainingData with_telling_calendar() {
  auto data = live_logs::dataset_of(
      live_logs::random_lines({.seconds = 600, .per_s = 5}, [](sy::Platform platform, sy::Workload, double sent_s) {
        const bool ecs_is_slow = static_cast<int>(sent_s / 120) % 2 == 0;
        return platform == sy::Platform::lambda ? 400.0 : ecs_is_slow ? 800.0 : 200.0;
      }));
  sy::Rng rng(2);
  const auto catalogue = sy::default_catalogue();
  for (sy::Index i = 0; i < data.data.rows(); ++i) {
    const bool told = (data.data.labels[static_cast<std::size_t>(i)] == 1) != rng.bernoulli(1.0 / 8);
    sy::Request request{.workload = static_cast<sy::Workload>(data.data.features(i, 0)),
                        .payload_kb = data.data.features(i, 1)};
    request.sent_at_ms = planned_logs::noon_ms + (told ? 0 : 43'200'000);
    request.time_window = static_cast<sy::TimeWindow>(told ? 1 : 3);
    request.load_pattern = static_cast<sy::LoadPattern>(told ? 0 : 2);
    const auto features = sy::requirement_features(request, catalogue);
    for (std::size_t c = 0; c < features.size(); ++c) data.data.features(i, static_cast<sy::Index>(c)) = features[c];
  }
  return data;
}

/// The same requests at another hour of another day, in another window and under another pattern.
sy::Matrix at_another_time(sy::Matrix features) {
  const auto catalogue = sy::default_catalogue();
  for (sy::Index i = 0; i < features.rows(); ++i) {
    sy::Request request{.workload = static_cast<sy::Workload>(features(i, 0)), .payload_kb = features(i, 1)};
    request.sent_at_ms = planned_logs::noon_ms + 86'400'000 + 1'800'000.0 * static_cast<double>(i % 48);
    request.time_window = static_cast<sy::TimeWindow>(i % 5);
    request.load_pattern = static_cast<sy::LoadPattern>(i % 4);
    const auto other = sy::requirement_features(request, catalogue);
    for (std::size_t c = 0; c < other.size(); ++c) features(i, static_cast<sy::Index>(c)) = other[c];
  }
  return features;
}

sy::Index column(const sy::TrainingData& data, const char* name) {
  return *sy::find_feature(data.data.feature_names, name);
}

sy::GradientBoostingOptions quick(sy::GradientBoostingOptions options) {
  options.rounds = 20;
  options.learning_rate = 0.3;
  options.min_child_weight = std::min(options.min_child_weight, 10.0);
  options.min_samples_leaf = std::min(options.min_samples_leaf, 20);
  options.threads = 1;
  return options;
}

}  // namespace

TEST_CASE("models of live state answer alike at any hour, in any window and under any pattern") {
  const auto data = with_telling_calendar();
  const sy::Matrix elsewhere = at_another_time(data.data.features);
  REQUIRE(elsewhere != data.data.features);
  const auto boosting = sy::fit_live_boosting(data.data, quick(sy::live_boosting()));
  CHECK(boosting.predict_proba(elsewhere) == boosting.predict_proba(data.data.features));
  const auto regression = sy::fit_paired_regression(data, RoutingObjective::balanced, quick(sy::live_regression()));
  CHECK(regression.predict_proba(elsewhere) == regression.predict_proba(data.data.features));
  const auto rule = sy::fit_hand_rule(data, RoutingObjective::balanced);
  CHECK(rule.predict_proba(elsewhere) == rule.predict_proba(data.data.features));
  // Plain boosting does learn the calendar here, so there is something not to learn.
  const auto plain = sy::GradientBoosting::fit(data.data, quick(sy::live_boosting()));
  CHECK(plain.predict_proba(elsewhere) != plain.predict_proba(data.data.features));
}

TEST_CASE("what names the run are exactly the columns that change with the time, window or pattern of a request") {
  const auto catalogue = sy::default_catalogue();
  sy::Request request{.workload = sy::Workload::thumbnail_processing, .payload_kb = 100};
  request.sent_at_ms = planned_logs::noon_ms;
  request.time_window = static_cast<sy::TimeWindow>(1);
  request.load_pattern = static_cast<sy::LoadPattern>(1);
  const auto now = sy::requirement_features(request, catalogue);
  request.sent_at_ms = planned_logs::noon_ms + 3.5 * 86'400'000;
  request.time_window = static_cast<sy::TimeWindow>(2);
  request.load_pattern = static_cast<sy::LoadPattern>(3);
  const auto then = sy::requirement_features(request, catalogue);
  for (std::size_t i = 0; i < now.size(); ++i) {
    INFO(sy::requirement_feature_names[i]);
    if (sy::requirement_feature_names[i] == "is_weekend") continue;  // of both days or not, as it happens
    CHECK(sy::detail::names_the_run(sy::requirement_feature_names[i]) == (now[i] != then[i]));
  }
  CHECK(sy::detail::names_the_run("is_weekend"));
  for (const auto name : sy::live_feature_names) CHECK_FALSE(sy::detail::names_the_run(name));
}

TEST_CASE("models of live state start from what live state expects") {
  const auto data = with_telling_calendar();
  auto stump = quick(sy::live_boosting());
  stump.min_split_gain = 1e9;  // no tree can split: the offset and a constant are all there is
  const auto boosting = sy::fit_live_boosting(data.data, stump);
  const sy::Index advantage = column(data, "live_latency_advantage");
  CHECK(boosting.ensemble().offset_column == advantage);
  const auto log_odds = [](double probability) { return std::log(probability / (1 - probability)); };
  const double constant = log_odds(boosting.probability(data.data.row(100))) - data.data.features(100, advantage);
  for (const sy::Index row : {200, 500, 1500}) {
    CHECK(log_odds(boosting.probability(data.data.row(row))) ==
          Approx(constant + data.data.features(row, advantage)).margin(1e-9));
  }
  auto flat = quick(sy::live_regression());
  flat.min_samples_leaf = 1'000'000;
  flat.subsample = 1;
  const auto pairs = sy::fit_paired_regression(data, RoutingObjective::balanced, flat).pairs();
  REQUIRE(pairs.size() == 2);
  CHECK(pairs[0].zero.ensemble().offset_column == column(data, "live_ecs_expected_log_ms"));
  CHECK(pairs[0].one.ensemble().offset_column == column(data, "live_lambda_expected_log_ms"));
  CHECK(pairs[1].zero.ensemble().offset_column == -1);
  CHECK(pairs[1].one.ensemble().offset_column == -1);
  // Without trees a regressor of log cost is the mean log cost of the platform's own rows.
  double sum = 0;
  double rows = 0;
  for (std::size_t i = 0; i < data.platforms.size(); ++i) {
    if (data.platforms[i] == sy::Platform::lambda) sum += std::log(data.lambda[i].cost_usd), rows += 1;
  }
  CHECK(pairs[1].one.predict(data.data.row(0)) == Approx(sum / rows));
}

TEST_CASE("a regressor learns from its platform's own answers, the mates' only set the slope") {
  auto data = with_telling_calendar();
  const auto options = quick(sy::live_regression());
  const auto before = sy::fit_paired_regression(data, RoutingObjective::balanced, options);
  for (std::size_t i = 0; i < data.platforms.size(); ++i) {
    auto& mate = data.platforms[i] == sy::Platform::lambda ? data.ecs[i] : data.lambda[i];
    mate = {7, 1e-9, true};
  }
  const auto after = sy::fit_paired_regression(data, RoutingObjective::balanced, options);
  for (std::size_t pair = 0; pair < 2; ++pair) {
    CHECK(after.pairs()[pair].zero == before.pairs()[pair].zero);
    CHECK(after.pairs()[pair].one == before.pairs()[pair].one);
    CHECK(after.pairs()[pair].slope != before.pairs()[pair].slope);
  }
  const auto latency = sy::fit_paired_regression(data, RoutingObjective::latency, options);
  const auto cost = sy::fit_paired_regression(data, RoutingObjective::cost, options);
  CHECK(latency.pairs() == std::vector<sy::RegressionPair>{after.pairs()[0]});
  CHECK(cost.pairs() == std::vector<sy::RegressionPair>{after.pairs()[1]});
}

TEST_CASE("a platform that ran no row's own request is known by its mates") {
  auto data = with_telling_calendar();
  data.platforms.assign(data.platforms.size(), sy::Platform::ecs);
  auto flat = quick(sy::live_regression());
  flat.min_samples_leaf = 1'000'000;
  flat.subsample = 1;
  const auto model = sy::fit_paired_regression(data, RoutingObjective::cost, flat);
  double sum = 0;
  for (const auto& result : data.lambda) sum += std::log(result.cost_usd);
  CHECK(model.pairs()[0].one.predict(data.data.row(0)) == Approx(sum / static_cast<double>(data.lambda.size())));
}

TEST_CASE("the cheaper platform of a workload is that of most of its rows") {
  sy::TrainingData data;
  data.data.feature_names = {"live_latency_advantage", "workload_type_encoded"};
  data.data.features.resize(9, 2);
  data.data.features << 1, 0, 1, 0, -1, 0, 1, 1, 1, 1, 1, 3, 1, missing, 1, 300, 1, -1;
  data.data.labels = {1, 1, 0, 0, 0, 1, 1, 1, 1};
  const sy::PlatformResult cheap{100, 1e-6, true};
  const sy::PlatformResult dear{100, 2e-6, true};
  const sy::PlatformResult failed{100, 0, false};
  //            2 of 3 cheaper     1 of 2       all    not a workload
  data.lambda = {cheap, cheap, dear, cheap, dear, cheap, cheap, cheap, cheap};
  data.ecs = {dear, failed, cheap, dear, cheap, dear, dear, dear, dear};
  CHECK(sy::detail::lambda_is_cheaper(data) == std::vector<bool>{true, false, false, true});
  data.lambda[1] = failed;  // what fails is not the cheaper one, whatever it costs
  data.ecs[1] = dear;
  CHECK(sy::detail::lambda_is_cheaper(data) == std::vector<bool>{false, false, false, true});

  const auto decides = [&](RoutingObjective objective) {
    const auto rule = sy::fit_hand_rule(data, objective);
    std::vector<bool> result;
    for (const auto& level : rule.levels()) result.push_back(level.decides);
    return result;
  };
  CHECK(decides(RoutingObjective::balanced) == std::vector<bool>{false, false, false, true});
  data.lambda.clear();  // latency asks for no outcomes
  data.ecs.clear();
  CHECK(decides(RoutingObjective::latency) == std::vector<bool>{true, true, true, true});
}

TEST_CASE("which models are fitted depends on what the table has and what is to be best") {
  const auto data = live_logs::dataset_of(live_logs::random_lines(
      {.seconds = 120, .per_s = 5},
      [](sy::Platform platform, sy::Workload, double) { return platform == sy::Platform::lambda ? 400.0 : 420.0; }));
  auto options = fixture::small_options().models;
  options.live_boosting = quick(options.live_boosting);
  options.live_regression = quick(options.live_regression);
  options.mlp.max_epochs = 2;
  const auto names_of = [&](const sy::TrainingData& rows) {
    std::vector<std::string> names;
    for (const auto& fitted : sy::fit_models(rows, rows.data, options)) names.push_back(fitted.name);
    return names;
  };
  using Names = std::vector<std::string>;
  CHECK(names_of(data) == Names{"random_forest", "boosting_level_wise", "boosting_leaf_wise", "boosting_live",
                                "paired_regression", "hand_rule", "mlp", "voting"});
  options.objective = RoutingObjective::cost;
  options.only = {"voting", "hand_rule", "paired_regression"};
  CHECK(names_of(data) == Names{"paired_regression", "voting"});
  options.objective = RoutingObjective::balanced;
  options.only = {"hand_rule", "boosting_live"};
  CHECK(names_of(data) == Names{"boosting_live", "hand_rule"});
  auto without_platform = data;
  without_platform.platforms.clear();
  CHECK(names_of(without_platform) == Names{"boosting_live"});
  options.only = {"random_forest", "hand_rule", "boosting_live"};
  CHECK(names_of(fixture::small_data(200)) == Names{"random_forest"});
}
