// Deciding must not allocate. Every form of the global operator new is counted here, for the whole test program.
#include "switchyard/pipeline/router.hpp"

#include "counted_new.hpp"
#include "pipeline/asked_models.hpp"

#include <catch2/catch.hpp>

#include <vector>

namespace sy = switchyard;

TEST_CASE("the counter counts") {
  const long before = allocations;
  const std::vector<int> heap(100);
  CHECK(allocations > before);
  CHECK(heap.size() == 100);
}

TEST_CASE("neither telling a state nor deciding by it allocates") {
  const sy::Router router(asked::live_boosted());
  sy::LiveState state = router.starting_state(1.7638e12);
  sy::Rng draw(4);
  const long before = allocations;
  double sum = 0;
  for (int i = 0; i < 200; ++i) {
    sy::Request request = asked::random_request(draw);
    const double time = 1.7638e12 + 1000.0 * i;
    request.sent_at_ms = time;
    const sy::Platform platform = router.decide(request, state).platform;
    const auto id = static_cast<std::uint64_t>(i) + 1;
    state.on_sent({platform, request.workload, request.payload_kb, time, id});
    state.on_answer({platform, request.workload, request.payload_kb, time, time + 100, sy::Outcome::ok, id});
    sum += router.decide(request, asked::random_reading(draw)).confidence;
  }
  const long used = allocations - before;
  CHECK(used == 0);
  CHECK(sum > 0);
}

TEST_CASE("deciding allocates nothing, with any kind of model") {
  for (const auto& file : asked::every_kind()) {
    const sy::Router router(file);
    sy::Rng draw(3);
    const long before = allocations;
    double sum = 0;
    for (int i = 0; i < 200; ++i) sum += router.decide(asked::random_request(draw)).confidence;
    const long used = allocations - before;
    INFO(file.model.name());
    CHECK(used == 0);
    CHECK(sum > 0);
  }
}
