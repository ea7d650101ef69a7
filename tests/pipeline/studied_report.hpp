#pragma once

// A report whose studies are made up, so that a test knows every figure in it. Nothing is trained.

#include "switchyard/pipeline/training_report.hpp"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace fixture {

namespace sy = switchyard;

inline sy::PredictorScore score_of(const std::string& name, double accuracy) {
  sy::PredictorScore score;
  score.name = name;
  score.test.accuracy = accuracy;
  score.interval.accuracy = {accuracy - 0.02, accuracy + 0.02};
  return score;
}

inline sy::PredictorOutput output_of(const std::string& name) { return {name, {}, {}, {}}; }

/// Two runs, each left out; the first chose boosting, the second the rule.
inline sy::Evaluation made_up_evaluation() {
  sy::Evaluation evaluation;
  evaluation.split = sy::SplitKind::leave_one_run_out;
  evaluation.baselines = {score_of("best constant", 0.6), score_of("static by workload", 0.71),
                          score_of("context table", 0.7)};
  evaluation.models = {score_of("boosting_live", 0.81), score_of("hand_rule", 0.79)};
  evaluation.chosen = score_of("chosen by inner runs", 0.805);
  evaluation.chosen->over_context = {0.105, {0.09, 0.12}};
  for (const auto* scores : {&evaluation.baselines, &evaluation.models}) {
    for (const auto& score : *scores) evaluation.outputs.push_back(output_of(score.name));
  }
  evaluation.outputs.push_back(output_of("chosen by inner runs"));
  evaluation.runs = {{"dawn", 100, {0.61, 0.72, 0.71, 0.82, 0.78, 0.82}},
                     {"dusk", 300, {0.59, 0.7, 0.69, 0.8, 0.8, 0.79}}};
  evaluation.inner = {{{{"boosting_live", 0.41, 0.8}, {"hand_rule", 0.43, 0.79}}, 1, 0},
                      {{{"boosting_live", 0.45, 0.8}, {"hand_rule", 0.44, 0.79}}, 1, 1}};
  evaluation.test_runs = {"dawn", "dusk"};
  evaluation.test_ceiling = {0.83, 0.75, 12, 1};
  sy::PolicyValue value;
  value.name = "chosen by inner runs";
  value.mean_latency_ms = 2701;
  value.interval.mean_latency_ms = {2600, 2800};
  value.saving_captured = std::nan("");
  evaluation.values = {value};
  return evaluation;
}

inline sy::PolicyDifference difference_over(const std::string& reference, double ms, double accuracy) {
  sy::PolicyDifference difference;
  difference.policy = "chosen by inner runs";
  difference.reference = reference;
  difference.latency_ms = ms;
  difference.cost_usd_per_million = -0.25;
  difference.accuracy = accuracy;
  difference.interval.latency_ms = {ms - 10, ms + 10};
  difference.interval.cost_usd_per_million = {-0.5, 0.125};
  difference.interval.failure_share = {0, 0};
  difference.interval.accuracy = {accuracy - 0.01, accuracy + 0.01};
  return difference;
}

inline sy::ValueStudy made_up_value() {
  sy::ValueStudy value;
  value.policy = "chosen by inner runs";
  const std::string rule = "hand rule on live state";
  value.readings = {{"logged rows",
                     400,
                     400,
                     0.805,
                     2701,
                     {difference_over("static by workload", 150, 0.095), difference_over(rule, 35, 0.015)}},
                    {"scheduled, missing = time-out",
                     400,
                     123.4,
                     0.801,
                     3001,
                     {difference_over("static by workload", 140, 0.09), difference_over(rule, 5, 0.005)}}};
  value.by_run = {
      {"static by workload",
       {{0, 100, 7, {difference_over("static by workload", 111, 0.1)}},
        {1, 300, 30, {difference_over("static by workload", 163, 0.09)}}}},
      {rule, {{0, 100, 7, {difference_over(rule, 44, 0.04)}}, {1, 300, 30, {difference_over(rule, 32, -0.001)}}}}};
  value.off_policy_refused = "nobody counted <the missing>";
  return value;
}

inline sy::TrainStudies made_up_studies() {
  sy::TrainStudies studies;
  studies.splits = {{sy::SplitKind::stratified,
                     "",
                     200,
                     0,
                     {0.9, 0.85, 12, 1},
                     {score_of("context table", 0.84), score_of("boosting_live", 0.86)}},
                    {sy::SplitKind::temporal,
                     "",
                     210,
                     0.5,
                     {0.9, 0.82, 12, 1},
                     {score_of("context table", 0.74), score_of("boosting_live", 0.83)}},
                    {sy::SplitKind::leave_one_run_out,
                     "",
                     400,
                     1,
                     {0.83, 0.75, 12, 1},
                     {score_of("context table", 0.7), score_of("boosting_live", 0.81)}},
                    {sy::SplitKind::forward_chaining, "too few runs", 0, 0, {}, {}}};
  studies.studied_fold = "dusk";
  studies.curve = {{0.5, 150, 40, 10, {}, {}}, {1, 300, 80, 20, {}, {}}};
  studies.curve[0].train.accuracy = 0.9;
  studies.curve[0].test.accuracy = 0.7;
  studies.curve[1].train.accuracy = 0.88;
  studies.curve[1].test.accuracy = 0.765;
  studies.control.emplace();
  studies.control->accuracy = {{0.66, 0.64}, 0.651, 0.65, 0.64, 0.66, 0.01};
  studies.control->balanced_accuracy = {{0.5, 0.5}, 0.5, 0.5, 0.5, 0.5, 0};
  studies.control->passes = true;
  studies.drift.emplace();
  studies.drift->warnings = {"hour_of_day: <new>"};
  studies.loop = {{true, 0, 1, 0.8, 0.8, 2700},
                  {false, 0, 0.5, 0.74, 0.74, 2900},
                  {false, 0.02, 0.52, 0.795, 0.79, 2750},
                  {false, 0.5, 0.51, 0.8, 0.65, 3000}};
  studies.exploration = 0.02;
  studies.objectives = {{sy::RoutingObjective::balanced, "hand_rule", 0.79, 2734, 8.5},
                        {sy::RoutingObjective::balanced, "boosting_live", 0.8, 2720, 8.75},
                        {sy::RoutingObjective::cost, "static by workload", 0.85, 2777, 5.5}};
  studies.value = made_up_value();
  return studies;
}

inline sy::TrainingReport made_up_report() {
  sy::TrainingReport report;
  report.evaluation = made_up_evaluation();
  report.studies = made_up_studies();
  report.feature_columns = {"workload_type_encoded", "live_latency_advantage"};
  report.run_names = {"dawn", "dusk"};
  return report;
}

}  // namespace fixture
