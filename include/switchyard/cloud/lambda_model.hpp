#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/client_link.hpp"
#include "switchyard/cloud/service.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/core/text.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

namespace switchyard {

/// A Lambda function per workload behind API Gateway. Defaults without another source are read off the logs of
/// November 2025.
struct LambdaOptions {
  int concurrency_limit = 1000;        // >= 1 executions at once over all functions; the default account quota
  double idle_expiry_ms = 600'000;     // >= 0; an unused environment is kept so long; AWS states no figure
  TimeRange cold_start = {150, 400};   // start of a new Python environment; cold rows took some 250 ms more
  double gateway_ms = 16;              // API Gateway's least; 0.5 KB took 547 ms = 3 round trips + 16
  double gateway_jitter_mean_ms = 15;  // exponential, beside the network's own; quiet Lambda answers: p5 547, p50 570
  double error_rate = 0.002;           // share of requests answered 500; 59 of 28,308 logged
  int throttle_status = 500;           // API Gateway's answer to a throttled invocation (429 from Lambda itself)
  std::vector<TimeRange> work_times = default_work_times();
};

/// One client's view of those functions. An invocation begins when the gateway has the whole body, takes the warm
/// environment used last or starts a new one, and works as long for a large body as for a small one.
class LambdaModel {
 public:
  /// Throws InvalidArgument.
  LambdaModel(const LambdaOptions& options, std::size_t workloads) : options_(options), pools_(workloads) {
    const auto check = [](bool holds, double value, const char* name, const char* expected) {
      if (!holds) throw InvalidArgument::out_of_range(name, format_number(value), expected);
    };
    check(options.concurrency_limit >= 1, options.concurrency_limit, "concurrency_limit", "an integer >= 1");
    check(options.idle_expiry_ms >= 0, options.idle_expiry_ms, "idle_expiry_ms", "a number >= 0");
    check(options.gateway_ms >= 0, options.gateway_ms, "gateway_ms", "a number >= 0");
    check(options.gateway_jitter_mean_ms >= 0, options.gateway_jitter_mean_ms, "gateway_jitter_mean_ms",
          "a number >= 0");
    check(options.error_rate >= 0 && options.error_rate <= 1, options.error_rate, "error_rate", "a number in [0, 1]");
    if (options.work_times.empty()) throw InvalidArgument("work_times is empty; expected a range per workload");
  }

  /// Fills all of the answer but outcome and response_time_ms.
  [[nodiscard]] Answer serve(const Transfer& transfer, const ServiceRequest& request, const Catalogue& catalogue,
                             Rng& draw) {
    const double gateway_ms = options_.gateway_ms + draw.exponential(options_.gateway_jitter_mean_ms);
    const bool fails = draw.bernoulli(options_.error_rate);
    const double work_ms = detail::work_ms(options_.work_times, request.workload, draw);
    const double cold_ms = draw.uniform(options_.cold_start.min_ms, options_.cold_start.max_ms);
    const double invoked_ms = transfer.body_at_ms + gateway_ms;
    Answer answer;
    answer.platform_response_ms = invoked_ms + transfer.return_ms - transfer.sent_ms;
    if (transfer.body_at_ms > transfer.gives_up_at_ms) {
      return {.http_status = 0, .platform_response_ms = std::numeric_limits<double>::infinity()};
    }
    if (request.body_bytes > catalogue.lambda_body_limit_bytes) {
      answer.http_status = 413;
      return answer;
    }
    if (fails) {
      answer.http_status = 500;
      return answer;
    }
    const Start start = begin(static_cast<std::size_t>(request.workload), invoked_ms, cold_ms, work_ms);
    if (start == Start::throttled) {
      answer.http_status = options_.throttle_status;
      return answer;
    }
    answer.cold_start = start == Start::cold;
    answer.start_delay_ms = invoked_ms - transfer.headers_at_ms + (answer.cold_start ? cold_ms : 0);
    answer.execution_time_ms = work_ms;
    answer.platform_response_ms += work_ms + (answer.cold_start ? cold_ms : 0);
    answer.memory_limit_mb = catalogue.workload(request.workload).lambda_memory_mb;
    answer.memory_mb = answer.memory_limit_mb;  // the original's function reports its limit
    return answer;
  }

 private:
  enum class Start { warm, cold, throttled };
  /// Invocations are decided in the order sent, but begin when their bodies are there; so an environment may be booked
  /// for later and still be free before.
  struct Environment {
    double busy_from_ms;
    double busy_until_ms;
  };

  Start begin(std::size_t workload, double from_ms, double cold_ms, double work_ms) {
    auto& pool = pools_.at(workload);
    // No later invocation can begin before this one was sent, and none lasts longer than this look back.
    std::erase_if(pool,
                  [&](const Environment& e) { return e.busy_until_ms + options_.idle_expiry_ms < from_ms - slack_ms; });
    Environment* best = nullptr;
    for (auto& environment : pool) {
      const bool warm =
          environment.busy_until_ms <= from_ms && from_ms <= environment.busy_until_ms + options_.idle_expiry_ms;
      if (warm && (best == nullptr || environment.busy_until_ms > best->busy_until_ms)) best = &environment;
    }
    const double until_ms = from_ms + work_ms;
    if (running(from_ms) >= static_cast<std::size_t>(options_.concurrency_limit)) return Start::throttled;
    if (best != nullptr) {
      *best = {from_ms, until_ms};
      return Start::warm;
    }
    pool.push_back({from_ms, until_ms + cold_ms});
    return Start::cold;
  }

  [[nodiscard]] std::size_t running(double at_ms) const noexcept {
    std::size_t count = 0;
    for (const auto& pool : pools_) {
      count += static_cast<std::size_t>(std::count_if(pool.begin(), pool.end(), [at_ms](const Environment& e) {
        return e.busy_from_ms <= at_ms && at_ms < e.busy_until_ms;
      }));
    }
    return count;
  }

  static constexpr double slack_ms = 60'000;

  LambdaOptions options_;
  std::vector<std::vector<Environment>> pools_;
};

}  // namespace switchyard
