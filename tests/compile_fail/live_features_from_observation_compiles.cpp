#include "switchyard/pipeline/live_features.hpp"

switchyard::LiveFeatures features_of(const switchyard::LiveState& state, const switchyard::Observation& observation) {
  return switchyard::live_features(
      state.read(observation.request.workload, observation.request.payload_kb, observation.sent_at_ms));
}
