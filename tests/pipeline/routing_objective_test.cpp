#include "switchyard/pipeline/routing_objective.hpp"

#include "switchyard/data/forbidden.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <string>

namespace sy = switchyard;

TEST_CASE("each objective has a label column of its own, which is no feature and leads back to it") {
  std::set<std::string> columns;
  for (const auto objective : sy::routing_objectives) {
    const auto column = sy::target_of(objective);
    CHECK(columns.insert(column).second);
    CHECK(sy::is_metadata_column(column));
    CHECK(sy::forbidden_reason(column));
    CHECK(sy::objective_of(column) == objective);
  }
  CHECK(columns == std::set<std::string>{"balanced_optimal", "latency_optimal", "cost_optimal"});
  for (const char* other : {"", "balanced", "label", "_optimal", "cost_optimal "}) CHECK_FALSE(sy::objective_of(other));
}

TEST_CASE("an objective's label is that of its column") {
  for (int bits = 0; bits < 8; ++bits) {
    const sy::PlatformLabels labels{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0};
    CHECK(sy::label_of(labels, sy::RoutingObjective::cost) == labels.cost_optimal);
    CHECK(sy::label_of(labels, sy::RoutingObjective::latency) == labels.latency_optimal);
    CHECK(sy::label_of(labels, sy::RoutingObjective::balanced) == labels.balanced_optimal);
  }
}
