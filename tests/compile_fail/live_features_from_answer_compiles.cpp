#include "switchyard/pipeline/live_features.hpp"

switchyard::LiveFeatures features_of(const switchyard::LiveState& state, const switchyard::AnswerEvent& answer) {
  return switchyard::live_features(state.read(answer.workload, answer.payload_kb, answer.sent_ms));
}
