#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/metric/off_policy.hpp"
#include "switchyard/pipeline/live_models.hpp"
#include "switchyard/pipeline/logged_outcomes.hpp"
#include "switchyard/pipeline/matched_pairs.hpp"
#include "switchyard/pipeline/policy.hpp"
#include "switchyard/pipeline/policy_difference.hpp"
#include "switchyard/pipeline/policy_value.hpp"
#include "switchyard/pipeline/simple_hand_rule.hpp"
#include "switchyard/pipeline/train.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

/// What the chosen model saves on one reading of the data.
struct EstimandSavings {
  std::string name;                    // "logged rows, next mates", ...
  double pairs = 0;                    // rows with both outcomes
  double effective = 0;                // (sum w)^2 / sum w^2: how many equally weighted rows that is worth (Kish, 1965)
  double accuracy = 0;                 // of the chosen model on this reading's labels
  double latency_ms = 0;               // mean, of what it chose
  std::vector<PolicyDifference> over;  // against each reference
};

/// A policy's value told from the logged platform's own result alone.
struct OffPolicyRow {
  std::string policy;
  OffPolicyValue latency_ms;
};

/// How decisions are valued.
struct ValueStudyOptions {
  RoutingObjective objective = RoutingObjective::balanced;
  double timeout_ms = 10'000;         // > 0; the catalogue's: what a missing answer took
  bool plan_known = false;            // what was scheduled is known, even if nothing of it is missing
  bool mates_may_be_missing = false;  // the dataset's mates hold missing answers already (preprocess --missing timeout)
  BootstrapOptions bootstrap;
};

/// What routing by the chosen model is worth, and against what.
struct ValueStudy {
  std::string policy;                                                       // the model
  std::vector<EstimandSavings> readings;                                    // pooled
  std::vector<std::pair<std::string, std::vector<RunDifferences>>> by_run;  // reference, differences per run
  std::vector<OffPolicyRow> off_policy;                                     // where missing answers are accounted for
  std::string off_policy_refused;                                           // why not
};

namespace detail {

/// The rows a fold tests, and those it learned from.
struct FoldRows {
  std::vector<Index> train;
  std::vector<Index> test;
};

/// For every test row, folds one after the other, what its own fold's training rows recommend.
template <class Choose>
[[nodiscard]] Labels choices_by_fold(const std::vector<FoldRows>& folds, const Choose& choose) {
  Labels choices;
  for (const FoldRows& fold : folds) {
    const Labels own = choose(fold);
    choices.insert(choices.end(), own.begin(), own.end());
  }
  return choices;
}

/// Names and decisions of all policies the study compares, on the test rows.
struct StudiedPolicies {
  std::vector<std::pair<std::string, Labels>> references;
  std::pair<std::string, Labels> chosen;
};

[[nodiscard]] inline Labels best_constant_choices(const TrainingData& data, const FoldRows& fold,
                                                  RoutingObjective objective) {
  const auto training = matched_pairs(data, fold.train);
  const Objective what = objective == RoutingObjective::cost ? Objective::cost : Objective::latency;
  return Labels(fold.test.size(), best_constant(training, what));
}

/// The simple hand rule with the training rows' idea of where Lambda is the cheaper.
[[nodiscard]] inline Labels simple_rule_choices(const TrainingData& data, const Labels& faster, const FoldRows& fold,
                                                RoutingObjective objective) {
  const auto cheaper = lambda_is_cheaper(subset_of(data, fold.train));
  const Index column = *find_feature(data.data.feature_names, "workload_type_encoded");
  Labels choices;
  for (const Index row : fold.test) {
    const double code = data.data.features(row, column);
    const bool known = code >= 0 && code < static_cast<double>(cheaper.size());
    const bool worth_it = objective == RoutingObjective::latency || (known && cheaper[static_cast<std::size_t>(code)]);
    choices.push_back(worth_it && faster[static_cast<std::size_t>(row)] == 1 ? 1 : 0);
  }
  return choices;
}

[[nodiscard]] inline StudiedPolicies studied_policies(const TrainingData& data, const Evaluation& evaluation,
                                                      const std::vector<FoldRows>& folds, RoutingObjective objective) {
  StudiedPolicies policies;
  const auto take = [&](const std::string& name, const Labels& choices) {
    policies.references.emplace_back(name, choices);
  };
  take(objective == RoutingObjective::cost ? "cheapest constant (training)" : "fastest constant (training)",
       choices_by_fold(folds, [&](const FoldRows& fold) { return best_constant_choices(data, fold, objective); }));
  for (const PredictorOutput& output : evaluation.outputs) {
    if (output.name == "static by workload") take(output.name, output.test.predicted());
  }
  if (can_replay(data) && objective != RoutingObjective::cost) {
    const Labels faster = simple_faster_now(data);
    take("simple hand rule", choices_by_fold(folds, [&](const FoldRows& fold) {
           return simple_rule_choices(data, faster, fold, objective);
         }));
  }
  for (const PredictorOutput& output : evaluation.outputs) {
    if (output.name == "hand_rule") take("hand rule on live state", output.test.predicted());
  }
  const PredictorOutput& chosen = chosen_output(evaluation);
  policies.chosen = {chosen.name, chosen.test.predicted()};
  return policies;
}

[[nodiscard]] inline double effective_pairs(std::span<const MatchedPair> pairs) noexcept {
  double sum = 0;
  double squares = 0;
  for (const MatchedPair& pair : pairs) {
    sum += pair.weight;
    squares += pair.weight * pair.weight;
  }
  return squares > 0 ? sum * sum / squares : 0;
}

[[nodiscard]] inline EstimandSavings savings_on(const std::string& name, const TrainingData& data,
                                                const std::vector<Index>& rows, const StudiedPolicies& policies,
                                                const PairOptions& options, const BootstrapOptions& bootstrap) {
  EstimandSavings savings;
  savings.name = name;
  PolicyTrial trial;
  trial.pairs = matched_pairs(data, rows, options);
  trial.policies.push_back(policy_on(trial.pairs, policies.chosen.first, policies.chosen.second));
  savings.pairs = static_cast<double>(trial.pairs.size());
  savings.effective = effective_pairs(trial.pairs);
  double weight = 0;
  for (std::size_t i = 0; i < trial.pairs.size(); ++i) {
    const MatchedPair& pair = trial.pairs[i];
    const std::uint8_t choice = trial.policies.front().choices[i];
    weight += pair.weight;
    savings.accuracy += choice == pair.label ? pair.weight : 0;
    savings.latency_ms += pair.weight * pair.outcome(choice == 1).expected_latency_ms();
  }
  savings.accuracy /= weight;
  savings.latency_ms /= weight;
  for (const auto& [reference, choices] : policies.references) {
    auto differences = policy_differences(trial, policy_on(trial.pairs, reference, choices), bootstrap);
    savings.over.push_back(std::move(differences.front()));
  }
  return savings;
}

[[nodiscard]] inline bool any_above(const std::vector<double>& values, double bound) {
  return std::any_of(values.begin(), values.end(), [&](double value) { return value > bound; });
}

/// The readings the data allow: logged rows first, then what was scheduled with bounds for missing answers, every mate
/// once, and the other mates.
[[nodiscard]] inline std::vector<std::pair<std::string, PairOptions>> readings_of(const TrainingData& data,
                                                                                  const ValueStudyOptions& study) {
  std::vector<std::pair<std::string, PairOptions>> readings = {{"logged rows", {}}};
  const auto add = [&](const char* name, PairWeighting weighting, MissingBound missing, MateSource mates) {
    PairOptions options;
    options.weighting = weighting;
    options.missing = missing;
    options.mates = mates;
    options.timeout_ms = study.timeout_ms;
    options.objective = study.objective;
    readings.emplace_back(name, options);
  };
  const bool has_missing = any_above(data.missing_lambda, 0) || any_above(data.missing_ecs, 0);
  if (has_missing && !study.mates_may_be_missing) {  // else each missing answer would count twice
    add("scheduled, missing = mean", PairWeighting::scheduled, MissingBound::mean, MateSource::dataset);
    add("scheduled, missing = time-out", PairWeighting::scheduled, MissingBound::timeout, MateSource::dataset);
  }
  if (any_above(data.mate_reuse, 1)) {
    add("each mate once", PairWeighting::once_per_mate, MissingBound::mean, MateSource::dataset);
  }
  if (!data.alternative_mate.empty() && !data.platforms.empty()) {
    add("the other mates (nearest or next)", PairWeighting::rows, MissingBound::mean, MateSource::alternative);
  }
  return readings;
}

/// Mean own latency of the other rows of the row's context, on each platform: the direct model of the doubly robust
/// estimate.
[[nodiscard]] inline std::vector<OffPolicyRow> off_policy_rows(
    std::span<const MatchedPair> pairs, const std::vector<std::pair<std::string, Labels>>& policies,
    const BootstrapOptions& bootstrap) {
  const LoggedOutcomes logged = logged_outcomes(pairs);
  std::array<std::map<std::int64_t, std::pair<double, double>>, 2> sums;  // by platform and context
  std::array<std::pair<double, double>, 2> overall;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    for (auto* sum : {&sums[logged.platforms[i]][pairs[i].context], &overall[logged.platforms[i]]}) {
      sum->first += pairs[i].weight * logged.latency_ms[i];
      sum->second += pairs[i].weight;
    }
  }
  std::array<std::vector<double>, 2> predicted;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    for (const std::size_t platform : {std::size_t{0}, std::size_t{1}}) {
      const auto found = sums[platform].find(pairs[i].context);
      const auto& sum = found == sums[platform].end() ? overall[platform] : found->second;
      const bool own = logged.platforms[i] == platform;  // a row is no evidence for its own prediction
      const double weight = sum.second - (own ? pairs[i].weight : 0);
      const double total = sum.first - (own ? pairs[i].weight * logged.latency_ms[i] : 0);
      predicted[platform].push_back(weight > 0 ? total / weight : overall[platform].first / overall[platform].second);
    }
  }
  LoggedDecisions decisions = logged.decisions(logged.latency_ms);
  decisions.predicted_zero = predicted[0];
  decisions.predicted_one = predicted[1];
  std::vector<OffPolicyRow> rows;
  for (const auto& [name, choices] : policies) {
    rows.push_back({name, off_policy_value(decisions, policy_on(pairs, name, choices).choices, bootstrap)});
  }
  return rows;
}

}  // namespace detail

/// Values the chosen model against the references, on every reading the data allow. `folds`: the splits of the
/// evaluation, in its order. The estimand is stated in PolicyValue: requests like these, from the client that measured.
[[nodiscard]] inline ValueStudy study_value(const TrainingData& data, const Evaluation& evaluation,
                                            const std::vector<detail::FoldRows>& folds,
                                            const ValueStudyOptions& options) {
  ValueStudy study;
  const auto policies = detail::studied_policies(data, evaluation, folds, options.objective);
  study.policy = policies.chosen.first;
  const std::vector<Index>& rows = evaluation.outputs.front().test.rows;
  for (const auto& [name, reading] : detail::readings_of(data, options)) {
    study.readings.push_back(detail::savings_on(name, data, rows, policies, reading, options.bootstrap));
  }
  PolicyTrial trial;
  trial.pairs = matched_pairs(data, rows);
  trial.policies.push_back(policy_on(trial.pairs, policies.chosen.first, policies.chosen.second));
  if (!data.run_names.empty()) {
    for (const auto& [reference, choices] : policies.references) {
      study.by_run.emplace_back(
          reference, differences_by_run(trial, policy_on(trial.pairs, reference, choices), options.bootstrap));
    }
  }
  const bool accounted_for =
      options.plan_known || detail::any_above(data.missing_lambda, 0) || detail::any_above(data.missing_ecs, 0);
  if (data.platforms.empty() || !accounted_for) {
    study.off_policy_refused =
        "the data do not say which requests were never answered (give preprocess the experiment): assignment was "
        "random, logging may not have been";
    return study;
  }
  PairOptions accounted;
  if (!data.missing_lambda.empty() && !data.missing_ecs.empty()) accounted.missing = MissingBound::timeout;
  if (!data.scheduled_weight.empty())
    accounted.weighting = PairWeighting::scheduled;  // as many rows of a cell as were sent, with what became of them
  accounted.timeout_ms = options.timeout_ms;
  auto named = policies.references;
  named.push_back(policies.chosen);
  study.off_policy = detail::off_policy_rows(matched_pairs(data, rows, accounted), named, options.bootstrap);
  return study;
}

}  // namespace switchyard
