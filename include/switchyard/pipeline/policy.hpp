#pragma once

#include "switchyard/core/types.hpp"
#include "switchyard/metric/classification.hpp"
#include "switchyard/metric/score_view.hpp"
#include "switchyard/pipeline/matched_pairs.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace switchyard {

/// Which platform somebody chose for each pair.
struct Policy {
  std::string name;
  Labels choices;  // [pairs]; 1 = Lambda
};

/// What a fixed choice is best at.
enum class Objective : std::uint8_t { latency, cost };

/// The choices of a policy that decided on all rows matched_pairs() was asked for. [rows -> pairs] Throws
/// InvalidArgument if there are fewer decisions than rows.
[[nodiscard]] inline Policy policy_on(std::span<const MatchedPair> pairs, std::string name, LabelView decisions) {
  Policy policy{std::move(name), {}};
  policy.choices.reserve(pairs.size());
  for (const auto& pair : pairs) {
    if (pair.position >= decisions.size()) {
      throw InvalidArgument::wrong_size("decisions of " + policy.name, decisions.size(), pair.position + 1);
    }
    policy.choices.push_back(decisions[pair.position]);
  }
  return policy;
}

[[nodiscard]] inline Policy constant_policy(std::span<const MatchedPair> pairs, std::string name, std::uint8_t choice) {
  return {std::move(name), Labels(pairs.size(), choice)};
}

namespace detail {

/// Of two outcomes of one request the better: a failure always loses, else the lower latency or cost wins and ECS a
/// tie, as in a label.
[[nodiscard]] inline bool lambda_in_hindsight(const MatchedPair& pair, Objective objective) noexcept {
  const bool lambda_ok = pair.lambda.answered.ok;
  if (lambda_ok != pair.ecs.answered.ok) return lambda_ok;
  return objective == Objective::latency ? pair.lambda.expected_latency_ms() < pair.ecs.expected_latency_ms()
                                         : pair.lambda.cost_usd() < pair.ecs.cost_usd();
}

/// How much more Lambda takes than ECS on a pair, times its weight.
[[nodiscard]] inline double lambda_excess(const MatchedPair& pair, Objective objective) noexcept {
  const double excess = objective == Objective::latency
                            ? pair.lambda.expected_latency_ms() - pair.ecs.expected_latency_ms()
                            : pair.lambda.cost_usd() - pair.ecs.cost_usd();
  return pair.weight * excess;
}

}  // namespace detail

/// The per-request minimum. It picks the luckier of two noisy draws: no router can reach it.
[[nodiscard]] inline Policy hindsight_policy(std::span<const MatchedPair> pairs, std::string name,
                                             Objective objective = Objective::latency) {
  Policy policy{std::move(name), {}};
  for (const auto& pair : pairs) policy.choices.push_back(detail::lambda_in_hindsight(pair, objective) ? 1 : 0);
  return policy;
}

/// The platform with the lower mean on some pairs, best on training pairs: 1 = Lambda.
[[nodiscard]] inline std::uint8_t best_constant(std::span<const MatchedPair> training,
                                                Objective objective = Objective::latency) {
  CompensatedSum excess;
  for (const auto& pair : training) excess.add(detail::lambda_excess(pair, objective));
  return excess.value() < 0 ? 1 : 0;
}

/// The platform with the lower mean among training pairs of the same context; the best constant for contexts training
/// lacks. With `training` = `pairs` it is the best fixed choice per context in hindsight, which a lookup table could
/// attain if contexts hold many pairs; of contexts with a few it is flattered, and of one it is the per-request
/// minimum.
[[nodiscard]] inline Policy fixed_policy(std::span<const MatchedPair> training, std::span<const MatchedPair> pairs,
                                         std::string name, Objective objective = Objective::latency) {
  std::unordered_map<std::int64_t, CompensatedSum> excess;
  for (const auto& pair : training) excess[pair.context].add(detail::lambda_excess(pair, objective));
  const std::uint8_t constant = best_constant(training, objective);
  Policy policy{std::move(name), {}};
  for (const auto& pair : pairs) {
    const auto known = excess.find(pair.context);
    const bool lambda = known == excess.end() ? constant == 1 : known->second.value() < 0;
    policy.choices.push_back(lambda ? 1 : 0);
  }
  return policy;
}

/// Policies on the pairs they are judged on.
struct PolicyTrial {
  std::vector<MatchedPair> pairs;
  std::vector<Policy> policies;  // each with a choice per pair
};

/// The runs the pairs come from, ascending.
[[nodiscard]] inline std::vector<std::int64_t> run_numbers(std::span<const MatchedPair> pairs) {
  std::set<std::int64_t> runs;
  for (const auto& pair : pairs) runs.insert(pair.run);
  return {runs.begin(), runs.end()};
}

/// The part of a trial that is one run's. Weights stay as they are in the whole.
[[nodiscard]] inline PolicyTrial on_run(const PolicyTrial& trial, std::int64_t run) {
  PolicyTrial part;
  for (const auto& policy : trial.policies) part.policies.push_back({policy.name, {}});
  for (std::size_t i = 0; i < trial.pairs.size(); ++i) {
    if (trial.pairs[i].run != run) continue;
    part.pairs.push_back(trial.pairs[i]);
    for (std::size_t j = 0; j < part.policies.size(); ++j) {
      part.policies[j].choices.push_back(trial.policies[j].choices[i]);
    }
  }
  return part;
}

namespace detail {

inline void require_choices(const Policy& policy, std::size_t pairs) {
  require_same_size(("choices of " + policy.name).c_str(), policy.choices.size(), pairs);
}

}  // namespace detail

}  // namespace switchyard
