// Live features come from what was known of the platforms before the request ran, never from the request's own end.
// expected: (invalid initialization of reference|no viable conversion).*LiveReading
#include "switchyard/pipeline/live_features.hpp"

switchyard::LiveFeatures features_of(const switchyard::LiveState&, const switchyard::Observation& observation) {
  return switchyard::live_features(observation);
}
