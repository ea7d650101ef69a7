#include "switchyard/core/seqlock.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace sy = switchyard;

namespace {

/// Numbers that belong together: each is its place plus the first.
struct Group {
  sy::SequenceLock lock;
  std::array<sy::Shared<std::uint64_t>, 8> numbers{};

  void count_up() noexcept {
    lock.write([&] {
      const std::uint64_t next = numbers[0] + 1;
      for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = next + i;
    });
  }
  [[nodiscard]] std::array<std::uint64_t, 8> read() const noexcept {
    return lock.read([&] {
      std::array<std::uint64_t, 8> seen{};
      for (std::size_t i = 0; i < seen.size(); ++i) seen[i] = numbers[i];
      return seen;
    });
  }
};

[[nodiscard]] bool is_torn(const std::array<std::uint64_t, 8>& seen) {
  if (seen == std::array<std::uint64_t, 8>{}) return false;  // before the first write
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i] != seen[0] + i) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("what is written is read, and write returns what its function does") {
  Group group;
  group.count_up();
  group.count_up();
  CHECK(group.read() == std::array<std::uint64_t, 8>{2, 3, 4, 5, 6, 7, 8, 9});
  CHECK(group.lock.write([] { return 7; }) == 7);
}

TEST_CASE("a shared number stands for its value") {
  sy::Shared<double> number = 1.5;
  const sy::Shared<double> copy = number;
  number = number + 1;
  CHECK(number.load() == 2.5);
  CHECK(copy.load() == 1.5);
  number = copy;
  CHECK(number.load() == 1.5);
  static_assert(!std::is_constructible_v<sy::Shared<double>, const char*>);
}

TEST_CASE("writers take turns and readers never see half of a write") {
  constexpr int writes = 20'000;
  Group group;
  std::atomic<int> writing{2};
  std::atomic<bool> torn{false};
  std::atomic<bool> backwards{false};
  std::vector<std::thread> threads;
  for (int writer = 0; writer < 2; ++writer) {
    threads.emplace_back([&] {
      for (int i = 0; i < writes; ++i) group.count_up();
      --writing;
    });
  }
  for (int reader = 0; reader < 2; ++reader) {
    threads.emplace_back([&] {
      std::uint64_t last = 0;
      while (writing > 0) {
        const auto seen = group.read();
        if (is_torn(seen)) torn = true;
        if (seen[0] < std::exchange(last, seen[0])) backwards = true;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK_FALSE(torn);
  CHECK_FALSE(backwards);
  CHECK(group.read()[0] == 2 * writes);
}

TEST_CASE("a reader gets through however busy the writer is") {
  Group group;
  int reads = 0;
  // A write between every two numbers read: no undisturbed attempt exists until the reader takes a turn.
  bool in_turn = false;
  const int seen = group.lock.read([&] {
    ++reads;
    if (reads <= 64) group.count_up();
    in_turn = reads > 64;
    return reads;
  });
  CHECK(in_turn);
  CHECK(seen == 65);
  CHECK(group.numbers[0].load() == 64);
  group.count_up();  // the turn was given back
  CHECK(group.read()[0] == 65);
}

TEST_CASE("a copy is not locked, even of a lock in use") {
  sy::SequenceLock lock;
  lock.write([&] {
    sy::SequenceLock copy = lock;
    CHECK(copy.write([] { return true; }));
  });
}
