#pragma once

#include "result.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <utility>
#include <vector>

namespace bench {

using Clock = std::chrono::steady_clock;

[[nodiscard]] inline double nanoseconds(Clock::time_point begin, Clock::time_point end) {
  return std::chrono::duration<double, std::nano>(end - begin).count();
}

[[nodiscard]] inline double seconds_since(Clock::time_point begin) { return nanoseconds(begin, Clock::now()) * 1e-9; }

/// share: 0 to 1; reorders the values
[[nodiscard]] inline double percentile(std::vector<double>& values, double share) {
  const auto rank = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + rank, values.end());
  return values[static_cast<std::size_t>(rank)];
}

/// What two readings of the clock in a row take.
[[nodiscard]] inline double clock_cost_ns() {
  std::vector<double> costs(10'001);
  for (double& cost : costs) {
    const auto begin = Clock::now();
    cost = nanoseconds(begin, Clock::now());
  }
  return percentile(costs, 0.5);
}

/// The last bit of an answer: as good as random, so that the next call cannot begin before the answer is there.
[[nodiscard]] inline std::size_t last_bit(double answer) noexcept {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &answer, sizeof bits);
  return bits & 1U;
}

[[nodiscard]] inline std::size_t last_bit(float answer) noexcept {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &answer, sizeof bits);
  return bits & 1U;
}

/// No compiler may move the making of a value, or any other use of memory, across this.
template <class Value>
void finish(Value& value) {
  asm volatile("" : "+m"(value) : : "memory");
}

struct Latency {
  double median_ns = 0;  // of blocks of calls
  double p99_ns = 0;     // of blocks of calls
};

/// The numbers below `count` in random order.
[[nodiscard]] inline std::vector<std::uint32_t> random_order(std::size_t count) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), std::uint32_t{0});
  std::uint64_t state = 7;  // of the generator of D. H. Lehmer with Knuth's multiplier
  for (std::size_t left = count; left > 1; --left) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    std::swap(order[left - 1], order[static_cast<std::size_t>((state >> 33U) % left)]);
  }
  return order;
}

/// Chained calls of `ask(i)`, i < count, in a random order of the numbers: the next is one or two places further, which
/// the last answer decides. So neither the row nor where it lies is known before the answer is there. Timed in blocks,
/// for as long as `seconds`, but at least as many calls as there are rows.
template <class Ask>
[[nodiscard]] Latency chained_latency(std::size_t count, double seconds, Ask&& ask) {
  constexpr std::size_t block = 64;
  const double clock_ns = clock_cost_ns();
  const std::vector<std::uint32_t> order = random_order(count);
  std::vector<double> blocks;
  std::size_t at = 0;
  for (std::size_t i = 0; i < count / 16; ++i) at = (at + 1 + last_bit(ask(order[at]))) % count;
  const auto start = Clock::now();
  while (blocks.size() * block < count || seconds_since(start) < seconds) {
    const auto begin = Clock::now();
    for (std::size_t i = 0; i < block; ++i) {
      at += 1 + last_bit(ask(order[at]));
      at -= at >= count ? count : 0;
    }
    finish(at);
    blocks.push_back((nanoseconds(begin, Clock::now()) - clock_ns) / static_cast<double>(block));
  }
  return {percentile(blocks, 0.5), percentile(blocks, 0.99)};
}

/// Single calls of `ask(i)`, each after `bytes` of other memory were written: what is left of the model in a cache
/// smaller than that is gone. The row itself is read once before, as a caller has just made it.
template <class Ask, class Touch>
[[nodiscard]] Latency cold_latency(std::size_t count, std::size_t bytes, std::size_t calls, Ask&& ask, Touch&& touch) {
  const double clock_ns = clock_cost_ns();
  std::vector<unsigned char> other(bytes);
  std::vector<double> times;
  std::size_t row = 0;
  for (std::size_t i = 0; i < calls; ++i) {
    constexpr std::size_t line = 64;
    for (std::size_t at = 0; at < other.size(); at += line) ++other[at];
    row = (row + other[0] % 3U + touch(row)) % count;
    touch(row);
    const auto begin = Clock::now();
    finish(row);
    auto answer = ask(row);
    finish(answer);
    times.push_back(std::max(0.0, nanoseconds(begin, Clock::now()) - clock_ns));
    row = (row + 1 + last_bit(answer)) % count;
  }
  return {percentile(times, 0.5), percentile(times, 0.99)};
}

/// Runs `work` until `seconds` are over, at least once; the median run.
template <class Work>
[[nodiscard]] double median_seconds(double seconds, Work&& work) {
  std::vector<double> times;
  const auto start = Clock::now();
  do {
    const auto begin = Clock::now();
    work();
    times.push_back(seconds_since(begin));
  } while (seconds_since(start) < seconds);
  return percentile(times, 0.5);
}

}  // namespace bench
