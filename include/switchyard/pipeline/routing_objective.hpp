#pragma once

#include "switchyard/cloud/label.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace switchyard {

/// What a decision is to be best at.
enum class RoutingObjective : std::uint8_t {
  balanced,  // Lambda where it is both faster and cheaper: the requirements' target
  latency,   // the faster platform
  cost,      // the cheaper platform
};

inline constexpr std::array routing_objectives{RoutingObjective::balanced, RoutingObjective::latency,
                                               RoutingObjective::cost};

[[nodiscard]] constexpr std::string_view to_string(RoutingObjective objective) noexcept {
  switch (objective) {
    case RoutingObjective::balanced: return "balanced";
    case RoutingObjective::latency: return "latency";
    case RoutingObjective::cost: return "cost";
  }
  return "balanced";
}

/// The dataset's label column for an objective.
[[nodiscard]] inline std::string target_of(RoutingObjective objective) {
  return std::string(to_string(objective)) + "_optimal";
}

/// The objective a label column is for; nothing for a column from elsewhere.
[[nodiscard]] inline std::optional<RoutingObjective> objective_of(std::string_view target) {
  for (const RoutingObjective objective : routing_objectives) {
    if (target == target_of(objective)) return objective;
  }
  return std::nullopt;
}

/// The label of an objective.
[[nodiscard]] constexpr bool label_of(const PlatformLabels& labels, RoutingObjective objective) noexcept {
  switch (objective) {
    case RoutingObjective::balanced: return labels.balanced_optimal;
    case RoutingObjective::latency: return labels.latency_optimal;
    case RoutingObjective::cost: return labels.cost_optimal;
  }
  return labels.balanced_optimal;
}

}  // namespace switchyard
