#pragma once

#include "switchyard/metric/cluster_draws.hpp"
#include "switchyard/metric/interval.hpp"
#include "switchyard/pipeline/matched_pairs.hpp"
#include "switchyard/pipeline/policy.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

/// One T for each way in which a policy can beat another; positive = the policy is better than its reference.
template <class T>
struct PerSaving {
  T latency_ms{};            // mean latency saved per request
  T cost_usd_per_million{};  // saved per million requests
  T failure_share{};         // failures avoided
  T accuracy{};              // gained on the pairs' labels
};

/// What a policy saves against another on the same pairs. What happens to both cancels: such an interval is far
/// narrower than two separate ones suggest.
struct PolicyDifference : PerSaving<double> {
  std::string policy;
  std::string reference;
  PerSaving<Interval> interval;  // block bootstrap, paired
};

/// The differences on one run.
struct RunDifferences {
  std::int64_t run = 0;
  std::size_t pairs = 0;
  std::size_t blocks = 0;  // below some 20, the intervals are too narrow
  std::vector<PolicyDifference> differences;
};

namespace detail {

inline constexpr std::array<double PerSaving<double>::*, 4> saving_members{
    &PerSaving<double>::latency_ms, &PerSaving<double>::cost_usd_per_million, &PerSaving<double>::failure_share,
    &PerSaving<double>::accuracy};

inline constexpr std::array<Interval PerSaving<Interval>::*, 4> saving_interval_members{
    &PerSaving<Interval>::latency_ms, &PerSaving<Interval>::cost_usd_per_million, &PerSaving<Interval>::failure_share,
    &PerSaving<Interval>::accuracy};

/// In the order of saving_members.
[[nodiscard]] inline std::array<double, 4> savings_on(const MatchedPair& pair, std::uint8_t choice,
                                                      std::uint8_t reference) noexcept {
  if (choice == reference) return {0, 0, 0, 0};
  constexpr double million = 1e6;
  const PlatformOutcome& ours = pair.outcome(choice == 1);
  const PlatformOutcome& theirs = pair.outcome(reference == 1);
  return {theirs.expected_latency_ms() - ours.expected_latency_ms(), million * (theirs.cost_usd() - ours.cost_usd()),
          theirs.failure_share() - ours.failure_share(), choice == pair.label ? 1.0 : -1.0};
}

/// For each policy four columns of savings, then one of weights.
[[nodiscard]] inline ClusterSums saving_sums(const PolicyTrial& trial, const Policy& reference,
                                             const Clusters& clusters) {
  const std::size_t savings = saving_members.size();
  ClusterSums sums(clusters.count, savings * trial.policies.size() + 1);
  for (std::size_t i = 0; i < trial.pairs.size(); ++i) {
    const MatchedPair& pair = trial.pairs[i];
    for (std::size_t j = 0; j < trial.policies.size(); ++j) {
      const auto saved = savings_on(pair, trial.policies[j].choices[i], reference.choices[i]);
      for (std::size_t k = 0; k < savings; ++k) {
        sums.add(clusters.of_sample[i], savings * j + k, pair.weight * saved[k]);
      }
    }
    sums.add(clusters.of_sample[i], savings * trial.policies.size(), pair.weight);
  }
  return sums;
}

}  // namespace detail

/// What each policy of a trial saves against a reference, in their order; none without pairs. An honest reference is
/// chosen on training pairs (best_constant(), fixed_policy()). All differences come from the same draws. A replicate
/// costs one pass over the blocks. Throws InvalidArgument for options out of range and policies without a choice per
/// pair.
[[nodiscard]] inline std::vector<PolicyDifference> policy_differences(const PolicyTrial& trial, const Policy& reference,
                                                                      const BootstrapOptions& options = {}) {
  detail::require_bootstrap(options);
  detail::require_choices(reference, trial.pairs.size());
  for (const auto& policy : trial.policies) detail::require_choices(policy, trial.pairs.size());
  if (trial.pairs.empty()) return {};
  const auto clusters = detail::clusters_of(blocks_of(trial.pairs), trial.pairs.size());
  const auto sums = detail::saving_sums(trial, reference, clusters);
  std::vector<std::vector<double>> replicates(detail::saving_members.size() * trial.policies.size());
  detail::for_each_draw(clusters.count, options, [&](std::span<const double> times) {
    const auto totals = sums.totals(times);
    for (std::size_t i = 0; i < replicates.size(); ++i) {
      replicates[i].push_back(detail::ratio(totals[i], totals.back()));
    }
  });
  const auto totals = sums.totals();
  std::vector<PolicyDifference> differences;
  for (std::size_t j = 0; j < trial.policies.size(); ++j) {
    PolicyDifference difference{{}, trial.policies[j].name, reference.name, {}};
    for (std::size_t k = 0; k < detail::saving_members.size(); ++k) {
      const std::size_t column = detail::saving_members.size() * j + k;
      difference.*detail::saving_members[k] = detail::ratio(totals[column], totals.back());
      difference.interval.*detail::saving_interval_members[k] = percentile_interval(replicates[column], options.level);
    }
    differences.push_back(std::move(difference));
  }
  return differences;
}

/// The same on each run by itself, in order of run number.
[[nodiscard]] inline std::vector<RunDifferences> differences_by_run(const PolicyTrial& trial, const Policy& reference,
                                                                    const BootstrapOptions& options = {}) {
  detail::require_choices(reference, trial.pairs.size());
  PolicyTrial both = trial;
  both.policies.push_back(reference);
  std::vector<RunDifferences> result;
  for (const std::int64_t run : run_numbers(trial.pairs)) {
    PolicyTrial part = on_run(both, run);
    const Policy own_reference = std::move(part.policies.back());
    part.policies.pop_back();
    result.push_back(
        {run, part.pairs.size(), block_count(blocks_of(part.pairs)), policy_differences(part, own_reference, options)});
  }
  return result;
}

}  // namespace switchyard
