// usage: latency_guard MODEL LIMIT_US [CALLS]. Exits with 99 if the 99th percentile of decide() with this model, on
// this machine, exceeds the limit; with 2 for a wrong call and 1 for a model that cannot be used.
#include <switchyard/switchyard.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>
#include <iostream>
#include <optional>
#include <string_view>
#include <vector>

namespace sy = switchyard;

namespace {

constexpr int too_slow = 99;
constexpr int wrong_call = 2;

using Clock = std::chrono::steady_clock;

double microseconds(Clock::time_point begin, Clock::time_point end) {
  return std::chrono::duration<double, std::micro>(end - begin).count();
}

double percentile(std::vector<double>& values, double share) {
  const auto rank = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + rank, values.end());
  return values[static_cast<std::size_t>(rank)];
}

// Requests like yours: replace this by a sample of your own traffic. Many different ones, or the processor learns the
// answers by heart and the figure flatters.
std::vector<sy::Request> requests_like_yours(const sy::Catalogue& catalogue, double start_ms, std::size_t count) {
  constexpr double week_ms = 7 * 86'400'000.0;
  sy::Rng draw(7);
  std::vector<sy::Request> requests(count);
  for (auto& request : requests) {
    request.workload = static_cast<sy::Workload>(draw.below(catalogue.workloads.size()));
    const auto& sizes = catalogue.workload(request.workload).sizes_kb;
    request.payload_kb = sizes[draw.below(sizes.size())];
    request.sent_at_ms = start_ms + draw.uniform(0, week_ms);
  }
  return requests;
}

// [calls]; each request is asked once, by itself, as a server does; the clock's own cost is included
std::vector<double> time_decisions(const sy::Router& router, std::size_t calls) {
  constexpr double start_ms = 1'763'942'400'000;  // 2025-11-24T00:00:00Z
  const auto requests = requests_like_yours(router.catalogue(), start_ms, calls);
  const sy::LiveState state = router.starting_state(start_ms);
  std::vector<double> times_us(calls);
  double sum = 0;
  for (std::size_t i = 0; i < calls; ++i) {
    const sy::Request& request = requests[i];
    const auto begin = Clock::now();
    const sy::Decision decision = router.decide(request, state);
    times_us[i] = microseconds(begin, Clock::now());
    sum += decision.confidence;
  }
  if (!(sum > 0)) std::cerr << "no decision was confident of anything\n";  // so that the answers are used
  return times_us;
}

int run(const char* model, double limit_us, std::size_t calls) {
  const sy::Router router = sy::Router::load(model);
  static_cast<void>(time_decisions(router, calls / 10 + 1));  // a server is warm, too
  auto times_us = time_decisions(router, calls);
  const double p50 = percentile(times_us, 0.5);
  const double p99 = percentile(times_us, 0.99);
  const bool met = p99 <= limit_us;
  std::cout << calls << " decisions: p50 " << p50 << " us, p99 " << p99 << " us, limit " << limit_us
            << " us: " << (met ? "met" : "TOO SLOW") << '\n';
  return met ? 0 : too_slow;
}

}  // namespace

int main(int argc, char** argv) {
  const auto limit_us = argc > 2 ? sy::parse_number(argv[2]) : std::nullopt;
  const auto calls = argc > 3 ? sy::parse_integer(argv[3]) : std::optional<std::int64_t>(100'000);
  if (argc < 3 || argc > 4 || !limit_us || !(*limit_us > 0) || !calls || *calls < 100) {
    std::cerr << "usage: latency_guard MODEL LIMIT_US [CALLS]; a limit above 0, 100 calls or more\n";
    return wrong_call;
  }
  try {
    return run(argv[1], *limit_us, static_cast<std::size_t>(*calls));
  } catch (const std::exception& error) {
    std::cerr << "latency_guard: " << error.what() << '\n';
    return 1;
  }
}
