#pragma once

#include "switchyard/metric/cluster_draws.hpp"
#include "switchyard/metric/interval.hpp"
#include "switchyard/metric/weighted_sample.hpp"
#include "switchyard/pipeline/evaluate.hpp"
#include "switchyard/pipeline/matched_pairs.hpp"
#include "switchyard/pipeline/policy.hpp"
#include "switchyard/pipeline/training_data.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard {

/// One T for each number a policy is worth; means over pairs by their weight.
template <class T>
struct PerValue {
  T mean_latency_ms{};
  T p50_latency_ms{};
  T p95_latency_ms{};
  T cost_usd_per_million{};
  T failure_share{};
  T latency_regret_ms{};                       // mean above the per-request minimum of latency
  T cost_regret_usd_per_million{};             // above the per-request minimum of cost
  T latency_regret_to_context_ms{};            // above the best fixed choice per context in hindsight, by latency
  T cost_regret_to_context_usd_per_million{};  // and by cost
  T saving_captured{};  // share of the per-request minimum's latency saving over the better constant; 1 = all, 0 = none
};

template <class T>
struct ValueField {
  std::string_view name;
  T PerValue<T>::*member = nullptr;
};

/// Name and member of every number, in one order for all T, for code that treats them alike.
template <class T>
inline constexpr std::array<ValueField<T>, 10> value_fields{{
    {"mean_latency_ms", &PerValue<T>::mean_latency_ms},
    {"p50_latency_ms", &PerValue<T>::p50_latency_ms},
    {"p95_latency_ms", &PerValue<T>::p95_latency_ms},
    {"cost_usd_per_million", &PerValue<T>::cost_usd_per_million},
    {"failure_share", &PerValue<T>::failure_share},
    {"latency_regret_ms", &PerValue<T>::latency_regret_ms},
    {"cost_regret_usd_per_million", &PerValue<T>::cost_regret_usd_per_million},
    {"latency_regret_to_context_ms", &PerValue<T>::latency_regret_to_context_ms},
    {"cost_regret_to_context_usd_per_million", &PerValue<T>::cost_regret_to_context_usd_per_million},
    {"saving_captured", &PerValue<T>::saving_captured},
}};

/// What requests would have cost and taken had a policy chosen their platform, on the matched pairs. The estimand:
/// requests like these, sent from the client that measured, over its protocols and uplink. NaN where undefined.
struct PolicyValue : PerValue<double> {
  std::string name;
  PerValue<Interval> interval;  // block bootstrap
};

namespace detail {

/// Columns of the sums: what all policies are compared with, then three for each policy.
struct ValueColumn {
  static constexpr std::size_t weight = 0;
  static constexpr std::size_t constant_latency = 1;
  static constexpr std::size_t hindsight_latency = 2;
  static constexpr std::size_t hindsight_cost = 3;
  static constexpr std::size_t context_latency = 4;
  static constexpr std::size_t context_cost = 5;
  static constexpr std::size_t policies = 6;  // latency, cost, failures of the first
  static constexpr std::size_t per_policy = 3;
};

struct References {
  std::uint8_t constant = 0;
  Policy hindsight;
  Policy hindsight_cost;
  Policy context;
  Policy context_cost;
};

[[nodiscard]] inline References references_on(std::span<const MatchedPair> pairs) {
  return {.constant = best_constant(pairs, Objective::latency),
          .hindsight = hindsight_policy(pairs, "", Objective::latency),
          .hindsight_cost = hindsight_policy(pairs, "", Objective::cost),
          .context = fixed_policy(pairs, pairs, "", Objective::latency),
          .context_cost = fixed_policy(pairs, pairs, "", Objective::cost)};
}

[[nodiscard]] inline ClusterSums value_sums(std::span<const MatchedPair> pairs, std::span<const Policy> policies,
                                            const Clusters& clusters) {
  const References references = references_on(pairs);
  ClusterSums sums(clusters.count, ValueColumn::policies + ValueColumn::per_policy * policies.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const MatchedPair& pair = pairs[i];
    const auto add = [&](std::size_t column, double value) {
      sums.add(clusters.of_sample[i], column, pair.weight * value);
    };
    const auto chosen = [&](const Policy& policy) -> const PlatformOutcome& {
      return pair.outcome(policy.choices[i] == 1);
    };
    add(ValueColumn::weight, 1);
    add(ValueColumn::constant_latency, pair.outcome(references.constant == 1).expected_latency_ms());
    add(ValueColumn::hindsight_latency, chosen(references.hindsight).expected_latency_ms());
    add(ValueColumn::hindsight_cost, chosen(references.hindsight_cost).cost_usd());
    add(ValueColumn::context_latency, chosen(references.context).expected_latency_ms());
    add(ValueColumn::context_cost, chosen(references.context_cost).cost_usd());
    for (std::size_t j = 0; j < policies.size(); ++j) {
      const std::size_t column = ValueColumn::policies + ValueColumn::per_policy * j;
      const PlatformOutcome& outcome = chosen(policies[j]);
      add(column, outcome.expected_latency_ms());
      add(column + 1, outcome.cost_usd());
      add(column + 2, outcome.failure_share());
    }
  }
  return sums;
}

/// Everything but the quantiles.
[[nodiscard]] inline PerValue<double> value_from(const std::vector<double>& totals, std::size_t policy) {
  constexpr double million = 1e6;
  const auto mean_of = [&](std::size_t column) { return ratio(totals[column], totals[ValueColumn::weight]); };
  const std::size_t own = ValueColumn::policies + ValueColumn::per_policy * policy;
  const double latency_ms = mean_of(own);
  const double cost_usd = mean_of(own + 1);
  const double constant_ms = mean_of(ValueColumn::constant_latency);
  const double hindsight_ms = mean_of(ValueColumn::hindsight_latency);
  PerValue<double> value;
  value.mean_latency_ms = latency_ms;
  value.cost_usd_per_million = million * cost_usd;
  value.failure_share = mean_of(own + 2);
  value.latency_regret_ms = latency_ms - hindsight_ms;
  value.cost_regret_usd_per_million = million * (cost_usd - mean_of(ValueColumn::hindsight_cost));
  value.latency_regret_to_context_ms = latency_ms - mean_of(ValueColumn::context_latency);
  value.cost_regret_to_context_usd_per_million = million * (cost_usd - mean_of(ValueColumn::context_cost));
  value.saving_captured = constant_ms > hindsight_ms ? (constant_ms - latency_ms) / (constant_ms - hindsight_ms)
                                                     : std::numeric_limits<double>::quiet_NaN();
  return value;
}

/// Everything but the quantiles. [policies]
[[nodiscard]] inline std::vector<PerValue<double>> values_from(const std::vector<double>& totals,
                                                               std::size_t policies) {
  std::vector<PerValue<double>> values;
  values.reserve(policies);
  for (std::size_t i = 0; i < policies; ++i) values.push_back(value_from(totals, i));
  return values;
}

/// Latencies a policy's requests took: one per answered request, and the time-out for those without an answer.
[[nodiscard]] inline WeightedSample latencies_of(std::span<const MatchedPair> pairs, const Policy& policy,
                                                 const Clusters& clusters) {
  std::vector<ClusteredValue> values;
  values.reserve(pairs.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const PlatformOutcome& outcome = pairs[i].outcome(policy.choices[i] == 1);
    const auto cluster = static_cast<std::uint32_t>(clusters.of_sample[i]);
    values.push_back({outcome.answered.latency_ms, pairs[i].weight * (1 - outcome.missing), cluster});
    if (outcome.missing > 0) values.push_back({outcome.timeout_ms, pairs[i].weight * outcome.missing, cluster});
  }
  return {std::move(values), clusters.count};
}

inline void add_quantiles(PerValue<double>& value, const WeightedSample& latencies, std::span<const double> times) {
  const auto found = latencies.quantiles<2>({0.50, 0.95}, times);
  value.p50_latency_ms = found[0];
  value.p95_latency_ms = found[1];
}

[[nodiscard]] inline PolicyValue summary_of(const std::string& name, const PerValue<double>& value,
                                            const std::vector<PerValue<double>>& replicates, double level) {
  PolicyValue result{value, name, {}};
  std::vector<double> values(replicates.size());
  for (std::size_t field = 0; field < value_fields<double>.size(); ++field) {
    const auto member = value_fields<double>[field].member;
    std::transform(replicates.begin(), replicates.end(), values.begin(), [&](const auto& at) { return at.*member; });
    result.interval.*value_fields<Interval>[field].member = percentile_interval(values, level);
  }
  return result;
}

}  // namespace detail

/// Values each policy of a trial, in order; none without pairs. The better constant and the best fixed choices per
/// context, to which saving and regret refer, are chosen once on all these pairs and held in the replicates, which draw
/// whole blocks, the same for every policy. A replicate costs a pass over the pairs for the quantiles and one over the
/// blocks for all else. Throws InvalidArgument for options out of range and policies without a choice per pair.
[[nodiscard]] inline std::vector<PolicyValue> value_policies(const PolicyTrial& trial,
                                                             const BootstrapOptions& options = {}) {
  detail::require_bootstrap(options);
  std::vector<PolicyValue> values;
  for (const auto& policy : trial.policies) detail::require_choices(policy, trial.pairs.size());
  if (trial.pairs.empty()) return values;
  const auto clusters = detail::clusters_of(blocks_of(trial.pairs), trial.pairs.size());
  const auto sums = detail::value_sums(trial.pairs, trial.policies, clusters);
  const std::size_t policies = trial.policies.size();
  std::vector<std::vector<PerValue<double>>> means;  // [replicates][policies]
  detail::for_each_draw(clusters.count, options, [&](std::span<const double> times) {
    means.push_back(detail::values_from(sums.totals(times), policies));
  });
  auto own = detail::values_from(sums.totals(), policies);
  for (std::size_t i = 0; i < policies; ++i) {
    // Policy by policy, so that its sorted latencies stay in the cache through all replicates.
    const auto latencies = detail::latencies_of(trial.pairs, trial.policies[i], clusters);
    std::vector<PerValue<double>> replicates;
    detail::for_each_draw(clusters.count, options, [&](std::span<const double> times) {
      replicates.push_back(means[replicates.size()][i]);
      detail::add_quantiles(replicates.back(), latencies, times);
    });
    detail::add_quantiles(own[i], latencies, std::vector<double>(clusters.count, 1.0));
    values.push_back(detail::summary_of(trial.policies[i].name, own[i], replicates, options.level));
  }
  return values;
}

/// The trial of always-Lambda, always-ECS, each predictor, the best fixed choice per context and hindsight on the test
/// rows, in this order. Throws as matched_pairs.
[[nodiscard]] inline PolicyTrial policy_trial(const TrainingData& data, const std::vector<PredictorOutput>& predictors,
                                              const PairOptions& options = {}) {
  PolicyTrial trial;
  if (!data.has_outcomes() || predictors.empty()) return trial;
  trial.pairs = matched_pairs(data, predictors.front().test.rows, options);
  trial.policies.push_back(constant_policy(trial.pairs, "always lambda", 1));
  trial.policies.push_back(constant_policy(trial.pairs, "always ecs", 0));
  for (const auto& output : predictors) {
    trial.policies.push_back(policy_on(trial.pairs, output.name, output.test.predicted()));
  }
  trial.policies.push_back(fixed_policy(trial.pairs, trial.pairs, "best fixed by context"));
  trial.policies.push_back(hindsight_policy(trial.pairs, "hindsight"));
  return trial;
}

/// Values all policies of policy_trial(). Empty if the data hold no outcomes of the test rows. Rows are matched, not
/// randomised pairs of one request: see the report's limits.
[[nodiscard]] inline std::vector<PolicyValue> policy_values(const TrainingData& data,
                                                            const std::vector<PredictorOutput>& predictors,
                                                            const BootstrapOptions& bootstrap = {},
                                                            const PairOptions& options = {}) {
  return value_policies(policy_trial(data, predictors, options), bootstrap);
}

}  // namespace switchyard
