#include "switchyard/metric/off_policy.hpp"
#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <vector>

namespace sy = switchyard;

namespace {

/// Decisions logged at random, action 1 with probability .8 for easy rows (x = 0) and .2 for hard ones (x = 1). Action
/// 0 takes 100 + 300 x, action 1 takes 200 + 50 x, each give or take 20.
struct World {
  sy::Labels hard;
  sy::Labels actions;
  std::vector<double> outcomes;
  std::vector<double> propensities;

  explicit World(std::uint64_t seed, int rows = 400) {
    sy::Rng rng(seed);
    for (int i = 0; i < rows; ++i) {
      hard.push_back(rng.bernoulli(0.5) ? 1 : 0);
      propensities.push_back(hard.back() == 1 ? 0.2 : 0.8);
      actions.push_back(rng.bernoulli(propensities.back()) ? 1 : 0);
      outcomes.push_back(truth(hard.back(), actions.back()) + 20 * rng.normal());
    }
  }

  [[nodiscard]] static double truth(int x, int action) { return action == 1 ? 200 + 50 * x : 100 + 300 * x; }

  [[nodiscard]] sy::LoggedDecisions logged() const {
    return {.actions = actions, .outcomes = outcomes, .propensities = propensities};
  }

  /// Mean over rows where the policy agrees with what was done.
  [[nodiscard]] double naive(const sy::Labels& policy) const {
    double sum = 0;
    double count = 0;
    for (std::size_t i = 0; i < policy.size(); ++i) {
      if (policy[i] != actions[i]) continue;
      sum += outcomes[i];
      count += 1;
    }
    return sum / count;
  }
};

const sy::Labels five_actions{1, 1, 0, 0, 1};
const std::vector<double> five_outcomes{10, 20, 30, 40, 50};
const std::vector<double> five_propensities{0.5, 0.25, 0.5, 0.2, 0.8};
const sy::Labels five_policy{1, 1, 0, 1, 0};  // agrees in rows 0, 1, 2 with inverse weights 2, 4, 2

}  // namespace

TEST_CASE("five rows by hand") {
  const auto found = sy::off_policy_value(
      {.actions = five_actions, .outcomes = five_outcomes, .propensities = five_propensities}, five_policy);
  CHECK(found.inverse_propensity.value == Approx((20 + 80 + 60) / 5.0));
  CHECK(found.self_normalised.value == Approx((20 + 80 + 60) / 8.0));
  CHECK(std::isnan(found.doubly_robust.value));
  CHECK(std::isnan(found.doubly_robust.interval.low));
  CHECK(found.effective_sample_size == Approx(64.0 / 24));
  CHECK(found.agreement == Approx(0.6));
}

TEST_CASE("predictions correct, and are corrected") {
  const std::vector<double> predicted_zero{1, 2, 33, 4, 5};
  const std::vector<double> predicted_one{11, 18, 3, 41, 6};
  const auto found = sy::off_policy_value({.actions = five_actions,
                                           .outcomes = five_outcomes,
                                           .propensities = five_propensities,
                                           .predicted_zero = predicted_zero,
                                           .predicted_one = predicted_one},
                                          five_policy);
  const double predicted = 11 + 18 + 33 + 41 + 5;
  const double correction = 2 * (10 - 11) + 4 * (20 - 18) + 2 * (30 - 33);
  CHECK(found.doubly_robust.value == Approx((predicted + correction) / 5));
}

TEST_CASE("a weight counts a row as often") {
  const std::vector<double> weights{2, 1, 1, 1, 0};
  const auto found = sy::off_policy_value(
      {.actions = five_actions, .outcomes = five_outcomes, .propensities = five_propensities, .weights = weights},
      five_policy);
  CHECK(found.inverse_propensity.value == Approx((40 + 80 + 60) / 5.0));
  CHECK(found.self_normalised.value == Approx((40 + 80 + 60) / 10.0));
  CHECK(found.effective_sample_size == Approx(100.0 / 36));
  CHECK(found.agreement == Approx(0.8));
}

TEST_CASE("all three estimates cover what a policy is worth, the mean of agreeing rows does not") {
  constexpr int trials = 300;
  int inverse = 0;
  int normalised = 0;
  int robust = 0;
  double naive = 0;
  for (std::uint64_t trial = 0; trial < trials; ++trial) {
    const World world(trial);
    const sy::Labels always_one(world.actions.size(), 1);
    std::vector<double> predicted_zero(world.actions.size(), 0.0);  // of no use
    std::vector<double> predicted_one(world.actions.size(), 150.0);
    auto logged = world.logged();
    logged.predicted_zero = predicted_zero;
    logged.predicted_one = predicted_one;
    const auto found = sy::off_policy_value(logged, always_one, {.replicates = 200, .seed = trial});
    inverse += found.inverse_propensity.interval.contains(225) ? 1 : 0;
    normalised += found.self_normalised.interval.contains(225) ? 1 : 0;
    robust += found.doubly_robust.interval.contains(225) ? 1 : 0;
    naive += world.naive(always_one) / trials;
  }
  // The standard error of a coverage near .95 over 300 trials is .013.
  CHECK(inverse / static_cast<double>(trials) == Approx(0.95).margin(0.04));
  CHECK(normalised / static_cast<double>(trials) == Approx(0.95).margin(0.04));
  CHECK(robust / static_cast<double>(trials) == Approx(0.95).margin(0.04));
  CHECK(naive == Approx(0.8 * 200 + 0.2 * 250).epsilon(0.01));  // easy rows are over-represented
}

TEST_CASE("a good model narrows the doubly robust interval, wrong propensities do not mislead it") {
  const World world(1, 2000);
  std::vector<double> zero;
  std::vector<double> one;
  for (const auto x : world.hard) {
    zero.push_back(World::truth(x, 0));
    one.push_back(World::truth(x, 1));
  }
  auto logged = world.logged();
  logged.predicted_zero = zero;
  logged.predicted_one = one;
  const auto width = [](const sy::OffPolicyEstimate& found) { return found.interval.high - found.interval.low; };
  const auto right = sy::off_policy_value(logged, world.hard);  // 1 where hard: the better of the two, 175
  CHECK(right.doubly_robust.value == Approx(175).margin(4));
  CHECK(width(right.doubly_robust) < width(right.inverse_propensity) / 2);

  const std::vector<double> halves(world.actions.size(), 0.5);
  logged.propensities = halves;
  const sy::Labels always_one(world.actions.size(), 1);
  const auto wrong = sy::off_policy_value(logged, always_one);
  CHECK(wrong.doubly_robust.interval.contains(225));
  CHECK(wrong.self_normalised.interval.high < 220);
}

TEST_CASE("where slow answers are lost, estimates are of survivors; as time-outs they come right") {
  // Half to each action; action 1 takes 100 or, for one in four, the time-out of 10,000. True mean 2,575.
  sy::Rng rng(4);
  sy::Labels actions;
  sy::Labels seen_actions;
  std::vector<double> outcomes;
  std::vector<double> seen_outcomes;
  for (int i = 0; i < 20'000; ++i) {
    const bool one = rng.bernoulli(0.5);
    const bool lost = one && rng.bernoulli(0.25);
    actions.push_back(one ? 1 : 0);
    outcomes.push_back(lost ? 10'000 : one ? 100 : 300);
    if (lost) continue;  // never logged
    seen_actions.push_back(actions.back());
    seen_outcomes.push_back(outcomes.back());
  }
  const auto value = [](const sy::Labels& taken, const std::vector<double>& came) {
    const std::vector<double> halves(taken.size(), 0.5);
    const sy::Labels always_one(taken.size(), 1);
    return sy::off_policy_value({.actions = taken, .outcomes = came, .propensities = halves}, always_one,
                                {.replicates = 100});
  };
  const auto survivors = value(seen_actions, seen_outcomes);
  CHECK(survivors.inverse_propensity.interval.high < 110);
  CHECK(survivors.self_normalised.value == Approx(100));
  const auto all = value(actions, outcomes);
  CHECK(all.inverse_propensity.interval.contains(2575));
  CHECK(all.self_normalised.interval.contains(2575));
}

TEST_CASE("blocks widen intervals where rows repeat each other") {
  const World world(2, 200);
  sy::Labels actions;
  std::vector<double> outcomes;
  std::vector<double> propensities;
  std::vector<std::int64_t> blocks;
  for (std::size_t i = 0; i < world.actions.size(); ++i) {
    actions.insert(actions.end(), 9, world.actions[i]);
    outcomes.insert(outcomes.end(), 9, world.outcomes[i]);
    propensities.insert(propensities.end(), 9, world.propensities[i]);
    blocks.insert(blocks.end(), 9, static_cast<std::int64_t>(i));
  }
  sy::LoggedDecisions logged{.actions = actions, .outcomes = outcomes, .propensities = propensities};
  const sy::Labels policy(actions.size(), 1);
  const auto by_row = sy::off_policy_value(logged, policy).inverse_propensity.interval;
  logged.blocks = blocks;
  const auto by_block = sy::off_policy_value(logged, policy).inverse_propensity.interval;
  CHECK((by_block.high - by_block.low) / (by_row.high - by_row.low) == Approx(3).epsilon(0.15));
}

TEST_CASE("propensities are shares of the context") {
  const sy::Labels actions{1, 0, 0, 0, 1, 1};
  const std::vector<std::int64_t> contexts{4, 4, 4, 4, 9, 9};
  CHECK(sy::context_propensities(actions, contexts) == std::vector<double>{0.25, 0.25, 0.25, 0.25, 0.5, 0.5});
  const std::vector<double> weights{3, 1, 1, 1, 1, 3};
  CHECK(sy::context_propensities(actions, contexts, weights) == std::vector<double>{0.5, 0.5, 0.5, 0.5, 0.7, 0.7});
}

TEST_CASE("what is no decision is refused") {
  const sy::Labels two{1, 0};
  const sy::Labels odd{1, 2};
  const std::vector<double> outcomes{1, 2};
  const std::vector<double> halves{0.5, 0.5};
  const std::vector<double> sure{0.5, 1};
  const std::vector<double> one{1};
  CHECK_THROWS_WITH(sy::off_policy_value({.actions = two, .outcomes = outcomes, .propensities = sure}, two),
                    "propensity is 1; expected a number in (0, 1)");
  CHECK_THROWS_WITH(sy::off_policy_value({.actions = two, .outcomes = outcomes, .propensities = halves}, odd),
                    "policy is 2; expected 0 or 1");
  CHECK_THROWS_WITH(sy::off_policy_value({.actions = two, .outcomes = one, .propensities = halves}, two),
                    "outcomes has 1 values; expected 2");
  CHECK_THROWS_WITH(sy::off_policy_value(
                        {.actions = two, .outcomes = outcomes, .propensities = halves, .predicted_one = outcomes}, two),
                    "predicted_zero has 0 values; expected 2");
  const sy::Labels ones{1, 1};
  const std::vector<std::int64_t> contexts{0, 0};
  CHECK_THROWS_WITH(sy::context_propensities(ones, contexts), "off-policy values need rows of both actions");
}
