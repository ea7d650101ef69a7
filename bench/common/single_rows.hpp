#pragma once

#include "arguments.hpp"
#include "result.hpp"
#include "rows.hpp"
#include "timing.hpp"

#include <cstddef>
#include <vector>

namespace bench {

/// Chained calls and, with cold=1, calls after the second-level cache was overwritten, and after all caches were.
template <class Number, class Ask>
[[nodiscard]] Result time_single_rows(const Arguments& arguments, std::size_t columns,
                                      const std::vector<Number>& values, Ask&& ask) {
  constexpr std::size_t mebibyte = 1U << 20U;
  const std::size_t count = values.size() / columns;
  const auto call = [&](std::size_t i) { return ask(values.data() + i * columns); };
  const auto touch = [&](std::size_t i) {
    std::size_t bits = 0;
    for (std::size_t c = 0; c < columns; ++c) bits += last_bit(values[i * columns + c]);
    return bits;
  };
  const Latency hot = chained_latency(count, static_cast<double>(arguments.number("milliseconds", 500)) / 1e3, call);
  Result result;
  result.add("seconds", hot.median_ns * 1e-9).add("p99_seconds", hot.p99_ns * 1e-9);
  if (arguments.number("cold", 0) == 0) return result;
  const Latency cold = cold_latency(count, 4 * mebibyte, 400, call, touch);
  const Latency frozen = cold_latency(count, 96 * mebibyte, 40, call, touch);
  return result.add("l2_cold_seconds", cold.median_ns * 1e-9).add("memory_cold_seconds", frozen.median_ns * 1e-9);
}

/// Mean answer over the rows that are asked: by it, models that should be the same are told to be so.
template <class Number, class Ask>
[[nodiscard]] double mean_answer(std::size_t columns, const std::vector<Number>& values, Ask&& ask) {
  double sum = 0;
  std::size_t rows = 0;
  for (std::size_t at = 0; at < values.size(); at += columns, ++rows) sum += static_cast<double>(ask(&values[at]));
  return sum / static_cast<double>(rows);
}

}  // namespace bench
