#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/metric/classification.hpp"
#include "switchyard/metric/cluster_draws.hpp"
#include "switchyard/metric/interval.hpp"
#include "switchyard/metric/score_view.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace switchyard {

/// What was done and what came of it, one of two actions per row.
struct LoggedDecisions {
  LabelView actions = {};         // [rows]; 0 or 1
  ScoreView outcomes = {};        // [rows]; of the action that was taken: milliseconds, dollars, failures
  ScoreView propensities = {};    // [rows]; in (0, 1): probability that action 1 was taken
  ScoreView predicted_zero = {};  // [rows] or empty; a model's outcome of action 0, not fitted on these rows
  ScoreView predicted_one = {};   // [rows] or empty; and of action 1
  ScoreView weights = {};         // [rows] or empty; >= 0: how many rows of the population each stands for
  std::span<const std::int64_t> blocks = {};  // [rows] or empty; rows drawn together
};

/// A mean outcome per row; NaN where it cannot be told.
struct OffPolicyEstimate {
  double value = std::numeric_limits<double>::quiet_NaN();
  Interval interval;
};

/// What a policy would have brought, told from rows where it happens to agree with what was done.
struct OffPolicyValue {
  OffPolicyEstimate inverse_propensity;  // Horvitz & Thompson, JASA 47, 1952: unbiased, wide
  OffPolicyEstimate self_normalised;     // Swaminathan & Joachims, NIPS 2015: divided by the weights that came up
  OffPolicyEstimate doubly_robust;       // Dudik, Langford & Li, ICML 2011: right if propensities or predictions are
  double effective_sample_size = 0;      // (sum w)^2 / sum w^2 (Kish, "Survey Sampling", 1965)
  double agreement = 0;                  // weight share of rows where the policy does what was done
};

namespace detail {

inline void require_actions(const char* name, LabelView actions, std::size_t rows) {
  require_same_size(name, actions.size(), rows);
  for (const auto action : actions) {
    if (action > 1) throw InvalidArgument::out_of_range(name, std::to_string(action), "0 or 1");
  }
}

inline void require_decisions(const LoggedDecisions& logged, LabelView policy) {
  const std::size_t rows = logged.actions.size();
  require_actions("actions", logged.actions, rows);
  require_actions("policy", policy, rows);
  require_same_size("outcomes", logged.outcomes.size(), rows);
  require_same_size("propensities", logged.propensities.size(), rows);
  require_weights(logged.weights, rows);
  if (!logged.predicted_zero.empty() || !logged.predicted_one.empty()) {
    require_same_size("predicted_zero", logged.predicted_zero.size(), rows);
    require_same_size("predicted_one", logged.predicted_one.size(), rows);
  }
  for (const double propensity : logged.propensities) {
    if (!(propensity > 0 && propensity < 1)) {
      throw InvalidArgument::out_of_range("propensity", format_number(propensity), "a number in (0, 1)");
    }
  }
}

/// What the three estimators are ratios of.
struct OffPolicyColumn {
  static constexpr std::size_t population = 0;
  static constexpr std::size_t inverse_weight = 1;
  static constexpr std::size_t inverse_outcome = 2;
  static constexpr std::size_t robust_outcome = 3;
  static constexpr std::size_t count = 4;
};

[[nodiscard]] inline ClusterSums off_policy_sums(const LoggedDecisions& logged, LabelView policy,
                                                 const Clusters& clusters) {
  ClusterSums sums(clusters.count, OffPolicyColumn::count);
  for (std::size_t i = 0; i < policy.size(); ++i) {
    const std::size_t cluster = clusters.of_sample[i];
    const double weight = weight_at(logged.weights, i);
    const bool agrees = policy[i] == logged.actions[i];
    const double propensity = policy[i] == 1 ? logged.propensities[i] : 1 - logged.propensities[i];
    const double inverse = agrees ? weight / propensity : 0;
    sums.add(cluster, OffPolicyColumn::population, weight);
    sums.add(cluster, OffPolicyColumn::inverse_weight, inverse);
    if (agrees) sums.add(cluster, OffPolicyColumn::inverse_outcome, inverse * logged.outcomes[i]);
    if (logged.predicted_zero.empty()) continue;
    const double predicted = (policy[i] == 1 ? logged.predicted_one : logged.predicted_zero)[i];
    const double correction = agrees ? inverse * (logged.outcomes[i] - predicted) : 0;
    sums.add(cluster, OffPolicyColumn::robust_outcome, weight * predicted + correction);
  }
  return sums;
}

/// Inverse propensity, self-normalised, doubly robust.
[[nodiscard]] inline std::array<double, 3> off_policy_means(const std::vector<double>& totals, bool has_predictions) {
  const double unknown = std::numeric_limits<double>::quiet_NaN();
  return {
      ratio(totals[OffPolicyColumn::inverse_outcome], totals[OffPolicyColumn::population]),
      ratio(totals[OffPolicyColumn::inverse_outcome], totals[OffPolicyColumn::inverse_weight]),
      has_predictions ? ratio(totals[OffPolicyColumn::robust_outcome], totals[OffPolicyColumn::population]) : unknown};
}

[[nodiscard]] inline double effective_sample_size(const LoggedDecisions& logged, LabelView policy) noexcept {
  double sum = 0;
  double squares = 0;
  for (std::size_t i = 0; i < policy.size(); ++i) {
    if (policy[i] != logged.actions[i]) continue;
    const double propensity = policy[i] == 1 ? logged.propensities[i] : 1 - logged.propensities[i];
    const double weight = weight_at(logged.weights, i) / propensity;
    sum += weight;
    squares += weight * weight;
  }
  return squares > 0 ? sum * sum / squares : 0;
}

}  // namespace detail

/// Values a policy (action per row) without knowing what the other action would have brought. Holds only if actions
/// were taken at random given the propensities, and if every action's outcome was logged: where slow answers are lost,
/// the rows of the slower action are survivors and its estimate is too low, whatever the weights; put what is missing
/// in first, as rows of their own or into `outcomes`. A policy that looks at outcomes, as hindsight does, has no such
/// value. Intervals take the propensities as given and draw blocks, the
/// same for every policy. Throws InvalidArgument for sizes that differ and values out of range.
[[nodiscard]] inline OffPolicyValue off_policy_value(const LoggedDecisions& logged, LabelView policy,
                                                     const BootstrapOptions& options = {}) {
  detail::require_decisions(logged, policy);
  const bool has_predictions = !logged.predicted_zero.empty();
  const auto clusters = detail::clusters_of(logged.blocks, policy.size());
  const auto sums = detail::off_policy_sums(logged, policy, clusters);
  std::array<std::vector<double>, 3> replicates;
  detail::for_each_draw(clusters.count, options, [&](std::span<const double> times) {
    const auto means = detail::off_policy_means(sums.totals(times), has_predictions);
    for (std::size_t i = 0; i < means.size(); ++i) replicates[i].push_back(means[i]);
  });
  const auto means = detail::off_policy_means(sums.totals(), has_predictions);
  double agreeing = 0;
  double total = 0;
  for (std::size_t i = 0; i < policy.size(); ++i) {
    agreeing += policy[i] == logged.actions[i] ? detail::weight_at(logged.weights, i) : 0;
    total += detail::weight_at(logged.weights, i);
  }
  const auto estimate = [&](std::size_t i) {
    return OffPolicyEstimate{means[i], percentile_interval(replicates[i], options.level)};
  };
  return {.inverse_propensity = estimate(0),
          .self_normalised = estimate(1),
          .doubly_robust = estimate(2),
          .effective_sample_size = detail::effective_sample_size(logged, policy),
          .agreement = detail::ratio(agreeing, total)};
}

/// P(action = 1) per row as the share in the row's context: even where the true propensity is known, the share weighs
/// away the chance imbalance of the experiment and is the more precise (Rosenbaum, JASA 82, 1987; Hirano, Imbens &
/// Ridder, Econometrica 71, 2003). Not cross-fitted: leaving a row out of its own share moves 1 / share up in every
/// small context, while contexts are few and fixed beforehand, so there is nothing to overfit. A context that has one
/// action only takes the share of all rows. [rows] Throws InvalidArgument for sizes that differ, and if all rows have
/// the same action.
[[nodiscard]] inline std::vector<double> context_propensities(LabelView actions, std::span<const std::int64_t> contexts,
                                                              ScoreView weights = {}) {
  detail::require_actions("actions", actions, actions.size());
  detail::require_weights(weights, actions.size());
  detail::require_same_size("contexts", contexts.size(), actions.size());
  const auto clusters = detail::clusters_of(contexts, actions.size());
  detail::ClusterSums sums(clusters.count, 2);  // weight of action 1, of both
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const double weight = detail::weight_at(weights, i);
    sums.add(clusters.of_sample[i], 0, actions[i] == 1 ? weight : 0);
    sums.add(clusters.of_sample[i], 1, weight);
  }
  const auto is_proper = [](double share) { return share > 0 && share < 1; };
  const auto all = sums.totals();
  const double overall = detail::ratio(all[0], all[1]);
  if (!is_proper(overall)) throw InvalidArgument("off-policy values need rows of both actions");
  std::vector<double> shares;
  for (std::size_t cluster = 0; cluster < clusters.count; ++cluster) {
    const double share = detail::ratio(sums.sum(cluster, 0), sums.sum(cluster, 1));
    shares.push_back(is_proper(share) ? share : overall);
  }
  std::vector<double> result;
  for (const std::size_t cluster : clusters.of_sample) result.push_back(shares[cluster]);
  return result;
}

}  // namespace switchyard
