#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/metric/off_policy.hpp"
#include "switchyard/pipeline/matched_pairs.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace switchyard {

/// What each row's own request did on the platform it was sent to, the mate forgotten: the experiment as it was
/// randomised, free of whatever matching adds.
struct LoggedOutcomes {
  Labels platforms;                   // [pairs]; 1 = Lambda
  std::vector<double> latency_ms;     // [pairs]; with missing answers as the pairs have them
  std::vector<double> cost_usd;       // [pairs]
  std::vector<double> failure_share;  // [pairs]
  std::vector<double> lambda_shares;  // [pairs]; propensity: Lambda's share of the row's context
  std::vector<double> weights;        // [pairs]
  std::vector<std::int64_t> blocks;   // [pairs]

  /// One of the outcomes above, to be given to off_policy_value(); it must outlive what is returned.
  [[nodiscard]] LoggedDecisions decisions(ScoreView outcomes) const {
    return {.actions = platforms,
            .outcomes = outcomes,
            .propensities = lambda_shares,
            .weights = weights,
            .blocks = blocks};
  }
};

/// Forgets the mates. Where answers are missing, make the pairs with MissingBound::timeout: a row then stands for its
/// cell's lost requests too, and estimates are no longer of survivors alone. Throws InvalidArgument if the data do not
/// say where requests ran, or they all ran on one platform.
[[nodiscard]] inline LoggedOutcomes logged_outcomes(std::span<const MatchedPair> pairs) {
  LoggedOutcomes result;
  std::vector<std::int64_t> contexts;
  for (const auto& pair : pairs) {
    if (!pair.logged) throw InvalidArgument("off-policy values need the column platform");
    const PlatformOutcome& own = pair.outcome(pair.logged == Platform::lambda);
    result.platforms.push_back(pair.logged == Platform::lambda ? 1 : 0);
    result.latency_ms.push_back(own.expected_latency_ms());
    result.cost_usd.push_back(own.cost_usd());
    result.failure_share.push_back(own.failure_share());
    result.weights.push_back(pair.weight);
    result.blocks.push_back(pair.block);
    contexts.push_back(pair.context);
  }
  result.lambda_shares = context_propensities(result.platforms, contexts, result.weights);
  return result;
}

}  // namespace switchyard
