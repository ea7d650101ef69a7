// The live state's memory is taken once. Every form of the global operator new is counted, for the whole test program.
#include "switchyard/cloud/live_state.hpp"

#include "cloud/live_events.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

namespace sy = switchyard;

namespace {

std::atomic<long> allocations{0};
std::atomic<std::size_t> allocated_bytes{0};

void* counted(std::size_t size, std::size_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  allocated_bytes.fetch_add(size, std::memory_order_relaxed);
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

// GCC sees `free` where the pair to `new` is expected, and cannot know that these are the pair.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

void* operator new(std::size_t size) { return counted(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__); }
void* operator new[](std::size_t size) { return counted(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

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
