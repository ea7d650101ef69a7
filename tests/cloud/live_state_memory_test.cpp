// The live state's memory is taken once. Every form of the global operator new is counted, for the whole test program.
#include "switchyard/cloud/live_state.hpp"

#include "cloud/live_events.hpp"
#include "counted_new.hpp"

#include <catch2/catch.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace sy = switchyard;

TEST_CASE("the counter counts, aligned memory too") {
  struct alignas(64) Line {
    char bytes[64];
  };
  const long before = allocations;
  const auto line = std::make_unique<Line>();
  const std::vector<int> heap(100);
  CHECK(allocations >= before + 2);
  CHECK(line != nullptr);
  CHECK(heap.size() == 100);
}

TEST_CASE("updating and reading take no memory, however many events there were") {
  sy::Rng draw(6);
  const auto events = live_events::random_events(draw, 20'000, 5);
  sy::LiveState state(sy::default_catalogue());
  const long before = allocations;
  int of_use = 0;
  double in_flight = 0;
  for (const auto& event : events) {
    of_use += live_events::feed(state, event) ? 1 : 0;
    in_flight += state.read(sy::Workload::thumbnail_processing, 100, live_events::time_of(event)).ecs.in_flight;
  }
  const long used = allocations - before;
  CHECK(used == 0);
  CHECK(of_use == static_cast<int>(events.size()));
  CHECK(in_flight > 0);

  // A copy takes what the new one took: nothing grew.
  const std::size_t before_new = allocated_bytes;
  const sy::LiveState empty(sy::default_catalogue());
  const std::size_t before_copy = allocated_bytes;
  const sy::LiveState copy = state;
  const std::size_t after_copy = allocated_bytes;
  CHECK(copy.workloads() == empty.workloads());
  CHECK(after_copy - before_copy <= before_copy - before_new);
}
