// Leakage is a compile error: features come from what was known before the request ran, never from what was measured.
// expected: (invalid initialization of reference|no matching function).*(Request|requirement_features)
#include "switchyard/pipeline/features.hpp"

switchyard::RequirementFeatures features_of(const switchyard::Observation& observation) {
  return switchyard::requirement_features(observation, switchyard::default_catalogue());
}
