#include "switchyard/core/large_vector.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <fstream>
#include <limits>
#include <new>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

namespace sy = switchyard;

namespace {

constexpr std::size_t page_bytes = std::size_t{1} << 21U;

std::uintptr_t address(const void* memory) { return reinterpret_cast<std::uintptr_t>(memory); }

/// What the system says of the pages at `memory`, "rd wr mr ..."; empty where it does not say.
std::string page_flags(const void* memory) {
  std::ifstream maps("/proc/self/smaps");
  bool here = false;
  for (std::string line; std::getline(maps, line);) {
    const auto dash = line.find('-');
    const auto blank = line.find(' ');
    if (dash != std::string::npos && blank != std::string::npos && dash < blank && line.find(':') > blank) {
      const auto begin = std::stoull(line.substr(0, dash), nullptr, 16);
      const auto end = std::stoull(line.substr(dash + 1, blank - dash - 1), nullptr, 16);
      here = begin <= address(memory) && address(memory) < end;
    } else if (here && line.rfind("VmFlags:", 0) == 0) {
      return line.substr(8) + " ";
    }
  }
  return "";
}

}  // namespace

TEST_CASE("A large vector holds what a vector holds, however it grows", "[large_vector]") {
  // 100,000 of 8 bytes are small, 2,000,000 are large: growing by doubles passes from one kind of memory to the other.
  sy::LargeVector<std::uint64_t> grown;
  for (std::uint64_t i = 0; i < 2'000'000; ++i) grown.push_back(i * i);
  std::vector<std::uint64_t> expected(2'000'000);
  for (std::uint64_t i = 0; i < expected.size(); ++i) expected[i] = i * i;
  CHECK(std::equal(grown.begin(), grown.end(), expected.begin(), expected.end()));

  auto copy = grown;
  CHECK(copy == grown);
  copy.resize(100'000);
  copy.shrink_to_fit();
  CHECK(std::equal(copy.begin(), copy.end(), expected.begin()));
  const auto* const memory = grown.data();
  const auto moved = std::move(grown);
  CHECK(moved.data() == memory);
}

TEST_CASE("A large vector lies in pages of 2 MiB from 4 MiB on", "[large_vector]") {
  const sy::LargeVector<std::uint8_t> large(2 * page_bytes + 12'345, 7);
  CHECK(address(large.data()) % page_bytes == 0);
  CHECK(std::accumulate(large.begin(), large.end(), std::uint64_t{0}) == 7 * large.size());
#if defined(__linux__)
  const std::string flags = page_flags(large.data());
  if (flags.empty())
    WARN("skipped: this system does not say what it was asked of its pages");
  else
    CHECK(flags.find(" hg ") != std::string::npos);
  const sy::LargeVector<std::uint8_t> small(2 * page_bytes - 1, 7);
  CHECK(page_flags(small.data()).find(" hg ") == std::string::npos);
#endif
}

TEST_CASE("A large vector that no memory could hold throws as any vector does", "[large_vector]") {
  sy::LargeVector<std::uint64_t> values(10, 3);
  CHECK_THROWS_AS(values.resize(std::numeric_limits<std::size_t>::max()), std::length_error);
  CHECK(values == sy::LargeVector<std::uint64_t>(10, 3));
}
