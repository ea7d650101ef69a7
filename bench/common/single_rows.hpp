#pragma once

#include "answers.hpp"
#include "arguments.hpp"
#include "result.hpp"
#include "rows.hpp"
#include "timing.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace bench {

/// Chained calls over all rows or the first asked= of them, and with cold=1 calls after the second-level cache was
/// overwritten, and after all caches were.
template <class Number, class Ask>
[[nodiscard]] Result time_single_rows(const Arguments& arguments, std::size_t columns,
                                      const std::vector<Number>& values, Ask&& ask) {
  constexpr std::size_t mebibyte = 1U << 20U;
  const std::size_t all = values.size() / columns;
  const auto wanted = static_cast<std::size_t>(arguments.number("asked", static_cast<long long>(all)));
  const std::size_t count = std::clamp<std::size_t>(wanted, 1, all);
  const auto call = [&](std::size_t i) { return ask(values.data() + i * columns); };
  const auto touch = [&](std::size_t i) {
    std::size_t bits = 0;
    for (std::size_t c = 0; c < columns; ++c) bits += last_bit(values[i * columns + c]);
    return bits;
  };
  const Latency hot = chained_latency(count, static_cast<double>(arguments.number("milliseconds", 500)) / 1e3, call);
  Result result;
  result.add("asked", static_cast<double>(count));
  result.add("seconds", hot.median_ns * 1e-9).add("p99_seconds", hot.p99_ns * 1e-9);
  if (arguments.number("cold", 0) == 0) return result;
  const Latency cold = cold_latency(count, 4 * mebibyte, 400, call, touch);
  const Latency frozen = cold_latency(count, 96 * mebibyte, 40, call, touch);
  return result.add("l2_cold_seconds", cold.median_ns * 1e-9).add("memory_cold_seconds", frozen.median_ns * 1e-9);
}

/// Mean answer over all rows and the first answers one by one: by them, models that should be the same are told to be.
template <class Number, class Ask>
void add_answers(Result& result, const Arguments& arguments, const std::string& what, std::size_t columns,
                 const std::vector<Number>& values, Ask&& ask) {
  std::vector<double> answers;
  for (std::size_t at = 0; at < values.size(); at += columns) answers.push_back(static_cast<double>(ask(&values[at])));
  double sum = 0;
  for (const double answer : answers) sum += answer;
  result.add(what, sum / static_cast<double>(answers.size()));
  keep_answers(arguments, what, answers.begin(), answers.end(), compared_rows);
}

}  // namespace bench
