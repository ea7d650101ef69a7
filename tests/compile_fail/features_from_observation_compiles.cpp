#include "switchyard/pipeline/features.hpp"

switchyard::RequirementFeatures features_of(const switchyard::Observation& observation) {
  return switchyard::requirement_features(observation.request, switchyard::default_catalogue());
}
