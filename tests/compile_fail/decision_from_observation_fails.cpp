// A decision knows the request and what others took before it, never what this one took.
// expected: no matching (function for call|member function for call).*decide
#include "switchyard/pipeline/router.hpp"

switchyard::Decision decision_on(const switchyard::Router& router, const switchyard::Observation& observation,
                                 const switchyard::LiveState& state) {
  return router.decide(observation, state);
}
