#include "switchyard/pipeline/router.hpp"

switchyard::Decision decision_on(const switchyard::Router& router, const switchyard::Observation& observation,
                                 const switchyard::LiveState& state) {
  return router.decide(observation.request, state);
}
