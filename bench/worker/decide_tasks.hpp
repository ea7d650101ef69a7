#pragma once

#include "../common/arguments.hpp"
#include "../common/result.hpp"
#include "../common/timing.hpp"
#include "../live_traffic.hpp"
#include "../requests.hpp"

#include "switchyard/cloud/live_state.hpp"
#include "switchyard/pipeline/router.hpp"

#include <cstddef>
#include <vector>

namespace bench {

[[nodiscard]] inline Result result_of(const Latency& latency) {
  return Result().add("seconds", latency.median_ns * 1e-9).add("p99_seconds", latency.p99_ns * 1e-9);
}

/// model= [milliseconds=]: the whole decision, from a request to a platform. Which request comes next depends on the
/// last answer.
[[nodiscard]] inline Result time_decide(const Arguments& arguments) {
  namespace sy = switchyard;
  const sy::Router router = sy::Router::load(arguments.text("model"));
  const std::vector<sy::Request> requests = random_requests();
  const double seconds = static_cast<double>(arguments.number("milliseconds", 500)) / 1e3;
  return result_of(chained_latency(requests.size(), seconds,
                                   [&](std::size_t i) { return router.decide(requests[i]).lambda_probability; }));
}

/// model= [milliseconds= every_us=]: the same with a reading of the platforms' state as of now, while another thread
/// updates that once in `every_us` microseconds.
[[nodiscard]] inline Result time_decide_live(const Arguments& arguments) {
  namespace sy = switchyard;
  const sy::Router router = sy::Router::load(arguments.text("model"));
  std::vector<sy::Request> requests = random_requests();
  sy::LiveState state = router.starting_state();
  Observer observer(1);
  for (int i = 0; i < 50'000; ++i) observer.observe(state);
  const double seconds = static_cast<double>(arguments.number("milliseconds", 500)) / 1e3;
  const Meanwhile other(arguments.number("every_us", 10), [&] { observer.observe(state); });
  return result_of(chained_latency(requests.size(), seconds,
                                   [&](std::size_t i) {
                                     requests[i].sent_at_ms = observer.now_ms();
                                     return router.decide(requests[i], state).lambda_probability;
                                   }))
      .add("live", router.is_live() ? 1.0 : 0.0);
}

}  // namespace bench
