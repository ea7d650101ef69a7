#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace switchyard {

/// Where a request runs. The value is the class label: 1 = Lambda.
enum class Platform : std::uint8_t { ecs = 0, lambda = 1 };

[[nodiscard]] constexpr std::string_view to_string(Platform platform) noexcept {
  return platform == Platform::lambda ? "lambda" : "ecs";
}

[[nodiscard]] constexpr std::optional<Platform> parse_platform(std::string_view name) noexcept {
  if (name == "lambda") return Platform::lambda;
  if (name == "ecs") return Platform::ecs;
  return std::nullopt;
}

[[nodiscard]] constexpr Platform other(Platform platform) noexcept {
  return platform == Platform::lambda ? Platform::ecs : Platform::lambda;
}

/// Why a decision was taken.
enum class Reason : std::uint8_t {
  model,           // the model's probability
  infeasible,      // a hard limit of the other platform
  low_confidence,  // below the confidence threshold: the stated fallback
  no_answer,       // the model's answer was not a number (features beyond all reason): the stated fallback
};

[[nodiscard]] constexpr std::string_view to_string(Reason reason) noexcept {
  switch (reason) {
    case Reason::model: return "model";
    case Reason::infeasible: return "infeasible";
    case Reason::low_confidence: return "low_confidence";
    case Reason::no_answer: return "no_answer";
  }
  return "model";
}

struct Decision {
  Platform platform = Platform::lambda;
  double confidence = 0;          // probability of the recommended platform
  double lambda_probability = 0;  // probabilities that the platform is the better one; they add up to 1
  double ecs_probability = 0;
  Reason reason = Reason::model;
};

/// The decision that goes with a probability that Lambda is the better platform: Lambda above the threshold, unless the
/// confidence is below `min_confidence` or the probability is not a number; then the fallback.
[[nodiscard]] constexpr Decision decision_of(double lambda_probability, double threshold, double min_confidence,
                                             Platform fallback) noexcept {
  if (lambda_probability != lambda_probability) return {fallback, 0.5, 0.5, 0.5, Reason::no_answer};
  const double ecs_probability = 1 - lambda_probability;
  const auto towards = [&](Platform platform, Reason reason) {
    const double confidence = platform == Platform::lambda ? lambda_probability : ecs_probability;
    return Decision{platform, confidence, lambda_probability, ecs_probability, reason};
  };
  const Decision decision = towards(lambda_probability > threshold ? Platform::lambda : Platform::ecs, Reason::model);
  return decision.confidence < min_confidence ? towards(fallback, Reason::low_confidence) : decision;
}

/// The decision on a request that Lambda cannot serve at all.
[[nodiscard]] constexpr Decision infeasible_on_lambda() noexcept {
  return {Platform::ecs, 1, 0, 1, Reason::infeasible};
}

}  // namespace switchyard
