// Live features come from what was known of the platforms before the request ran, never from its answer.
// expected: (invalid initialization of reference|no viable conversion).*LiveReading
#include "switchyard/pipeline/live_features.hpp"

switchyard::LiveFeatures features_of(const switchyard::LiveState&, const switchyard::AnswerEvent& answer) {
  return switchyard::live_features(answer);
}
