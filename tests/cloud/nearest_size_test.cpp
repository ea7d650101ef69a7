#include "switchyard/cloud/nearest_size.hpp"

#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

namespace sy = switchyard;

TEST_CASE("the nearest size is the one whose logarithm is nearest") {
  const sy::Catalogue catalogue = sy::default_catalogue();
  const sy::NearestSize nearest(catalogue);
  CHECK(nearest.workloads() == 4);
  CHECK(nearest.sizes() == 17);
  sy::Rng draw(4);
  std::size_t first = 0;
  for (std::size_t w = 0; w < catalogue.workloads.size(); ++w) {
    const auto& sizes = catalogue.workloads[w].sizes_kb;
    for (std::size_t i = 0; i < sizes.size(); ++i)
      CHECK(nearest.of(static_cast<sy::Workload>(w), sizes[i]) == first + i);
    for (int trial = 0; trial < 500; ++trial) {
      const double payload_kb = std::exp(draw.uniform(-5, 12));
      std::size_t expected = 0;
      for (std::size_t i = 1; i < sizes.size(); ++i) {
        if (std::abs(std::log(sizes[i] / payload_kb)) < std::abs(std::log(sizes[expected] / payload_kb))) expected = i;
      }
      CHECK(nearest.of(static_cast<sy::Workload>(w), payload_kb) == first + expected);
    }
    first += sizes.size();
  }
}

TEST_CASE("unknown payloads and workloads without sizes have none") {
  sy::Catalogue catalogue;
  catalogue.workloads = {{"a", "a", {}}, {"b", "b", {5}}, {"c", "c", {}}};
  const sy::NearestSize nearest(catalogue);
  CHECK(nearest.sizes() == 1);
  CHECK(nearest.of(sy::Workload{0}, 5) == sy::NearestSize::none);
  CHECK(nearest.of(sy::Workload{1}, 1e300) == 0);
  CHECK(nearest.of(sy::Workload{2}, 5) == sy::NearestSize::none);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  CHECK(nearest.of(sy::Workload{1}, infinity) == 0);
  for (const double payload_kb : {0.0, -1.0, -infinity, std::nan("")}) {
    CHECK(nearest.of(sy::Workload{1}, payload_kb) == sy::NearestSize::none);
  }
}
