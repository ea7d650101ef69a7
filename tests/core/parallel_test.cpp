#include "switchyard/core/parallel.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace sy = switchyard;

TEST_CASE("every index runs exactly once, at any thread count and loop after loop") {
  for (const int threads : {1, 2, 5}) {
    INFO(threads);
    sy::ThreadPool pool(threads);
    CHECK(pool.size() == threads);
    for (const std::size_t count : std::vector<std::size_t>{0, 1, 2, 3, 1000}) {
      for (int loop = 0; loop < 20; ++loop) {
        std::vector<std::atomic<int>> runs(count);
        pool.for_each_index(count, [&](std::size_t i) { runs[i].fetch_add(1); });
        REQUIRE(std::all_of(runs.begin(), runs.end(), [](const auto& times) { return times.load() == 1; }));
      }
    }
  }
}

TEST_CASE("what each index computes does not depend on the thread count") {
  const auto run = [](int threads) {
    sy::ThreadPool pool(threads);
    std::vector<double> values(5000);
    pool.for_each_index(values.size(), [&](std::size_t i) { values[i] = std::sqrt(static_cast<double>(i)) / 3; });
    return values;
  };
  CHECK(run(1) == run(2));
  CHECK(run(1) == run(7));
}

TEST_CASE("an exception of a body arrives at the caller, and the pool goes on working") {
  for (const int threads : {1, 4}) {
    sy::ThreadPool pool(threads);
    for (int loop = 0; loop < 50; ++loop) {
      CHECK_THROWS_WITH(pool.for_each_index(100,
                                            [](std::size_t i) {
                                              if (i == 37) throw std::runtime_error("index 37");
                                            }),
                        "index 37");
      std::vector<int> values(100, 0);
      pool.for_each_index(100, [&](std::size_t i) { values[i] = 1; });
      CHECK(std::accumulate(values.begin(), values.end(), 0) == 100);
    }
  }
}

TEST_CASE("when all bodies throw, one exception arrives") {
  sy::ThreadPool pool(4);
  CHECK_THROWS_AS(pool.for_each_index(1000, [](std::size_t i) { throw std::out_of_range(std::to_string(i)); }),
                  std::out_of_range);
}

TEST_CASE("no thread count asked for is at least one") {
  CHECK(sy::effective_threads(0) >= 1);
  CHECK(sy::effective_threads(-3) >= 1);
  CHECK(sy::effective_threads(3) == 3);
  CHECK(sy::ThreadPool().size() == sy::effective_threads(0));
}

#if defined(__linux__) && !defined(SWITCHYARD_SANITIZED)  // sanitizers want address space of their own

TEST_CASE("a pool goes on with the workers that could be started") {
  // In a process of its own, whose address space holds far fewer stacks than are asked for.
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    constexpr rlim_t gigabyte = rlim_t{1} << 30U;
    constexpr rlimit limit{gigabyte, gigabyte};
    if (setrlimit(RLIMIT_AS, &limit) != 0) _exit(3);
    try {
      constexpr int asked = 4096;
      sy::ThreadPool pool(asked);
      if (pool.size() < 1 || pool.size() >= asked) _exit(4);
      std::vector<int> runs(1000, 0);
      for (int loop = 0; loop < 3; ++loop) pool.for_each_index(runs.size(), [&](std::size_t i) { ++runs[i]; });
      _exit(std::count(runs.begin(), runs.end(), 3) == 1000 ? 0 : 5);
    } catch (...) {
      _exit(6);
    }
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

#endif

TEST_CASE("workers that wake late take part in no wrong loop") {
  // Loops of all sizes in quick succession, and now and then a pause in which the workers fall asleep.
  sy::ThreadPool pool(4);
  std::vector<std::size_t> runs(400);
  std::vector<std::size_t> expected(400);
  for (std::size_t loop = 0; loop < 5000; ++loop) {
    const std::size_t count = loop * 37 % 400;
    pool.for_each_index(count, [&, loop](std::size_t i) { runs[i] += loop; });
    for (std::size_t i = 0; i < count; ++i) expected[i] += loop;
    if (loop % 1000 == 999) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  CHECK(runs == expected);
}

TEST_CASE("a pool that has never run, or only slept, ends") {
  for (int i = 0; i < 20; ++i) sy::ThreadPool pool(5);
  sy::ThreadPool pool(3);
  pool.for_each_index(10, [](std::size_t) {});
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
}
