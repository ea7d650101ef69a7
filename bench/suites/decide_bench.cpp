// How long one decision takes, from a request, for every kind of model. Each request depends on the last answer. With
// the platforms' state: see live_state_bench.cpp, and the task decide_live of worker/ours.cpp.
#include "../common/timing.hpp"
#include "fitted.hpp"

#include "switchyard/pipeline/router.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <string>

namespace sy = switchyard;

namespace {

sy::Router router_of(const std::string& kind) {
  return sy::Router(sy::ModelFile{bench::suite_model("d1", kind), bench::suite_data("d1").feature_names});
}

void decide(benchmark::State& state, const std::string& kind) {
  const sy::Router router = router_of(kind);
  const auto requests = bench::random_requests();
  const auto order = bench::random_order(requests.size());
  std::size_t next = 0;
  for (auto _ : state) {
    const sy::Decision decision = router.decide(requests[order[next]]);
    next = (next + 1 + bench::last_bit(decision.lambda_probability)) & (requests.size() - 1);
  }
  state.SetItemsProcessed(state.iterations());
}

const bool added = [] {
  for (const auto& kind : bench::model_kinds) {
    benchmark::RegisterBenchmark(("decide/d1/" + kind).c_str(), [=](benchmark::State& state) { decide(state, kind); });
  }
  return true;
}();

}  // namespace
