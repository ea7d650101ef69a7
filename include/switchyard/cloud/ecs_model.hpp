#pragma once

#include "switchyard/cloud/client_link.hpp"
#include "switchyard/cloud/service.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/core/text.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <queue>
#include <vector>

namespace switchyard {

/// An ECS service per workload: tasks of synchronous gunicorn workers behind a load balancer.
struct EcsOptions {
  int tasks = 1;               // >= 1 per workload; the original's desired count, without auto scaling
  int workers_per_task = 2;    // >= 1; its gunicorn --workers 2
  int queue_limit = 2048;      // >= 0 waiting requests per workload, then 503; gunicorn's default --backlog
  double cpu_sample_ms = 100;  // >= 0; its cpu_percent(interval=.1) after the clock stopped holds worker and answer
  double base_memory_mb = 25;  // resident; the logs have 25-93 MB, growing with the body
  std::vector<TimeRange> work_times = default_work_times();
};

/// One client's view of those services. A worker takes requests in the order sent; it reads the body within the time
/// it reports, so execution grows with the upload unless the request had to wait. A request whose client has gone
/// before a worker was free costs nothing; one whose client goes while it runs is run to its end for nobody.
class EcsModel {
 public:
  /// Throws InvalidArgument.
  EcsModel(const EcsOptions& options, std::size_t workloads) : options_(options), services_(workloads) {
    const auto check = [](double value, double least, const char* name) {
      if (!(value >= least)) {
        throw InvalidArgument::out_of_range(name, format_number(value), "a number >= " + format_number(least));
      }
    };
    check(options.tasks, 1, "tasks");
    check(options.workers_per_task, 1, "workers_per_task");
    check(options.queue_limit, 0, "queue_limit");
    check(options.cpu_sample_ms, 0, "cpu_sample_ms");
    if (options.work_times.empty()) throw InvalidArgument("work_times is empty; expected a range per workload");
    for (auto& service : services_) {
      for (int i = 0; i < options.tasks * options.workers_per_task; ++i) service.free_at_ms.push(0);
    }
  }

  /// Fills all of the answer but outcome and response_time_ms.
  [[nodiscard]] Answer serve(const Transfer& transfer, const ServiceRequest& request, Rng& draw) {
    Service& service = services_.at(static_cast<std::size_t>(request.workload));
    const double arrived_ms = transfer.headers_at_ms;
    while (!service.waiting_until_ms.empty() && service.waiting_until_ms.top() <= arrived_ms) {
      service.waiting_until_ms.pop();
    }
    Answer answer;
    const double work_ms = detail::work_ms(options_.work_times, request.workload, draw);
    const double start_ms = std::max(arrived_ms, service.free_at_ms.top());
    const bool waits = start_ms > arrived_ms;
    if (waits && service.waiting_until_ms.size() >= static_cast<std::size_t>(options_.queue_limit)) {
      answer.http_status = 503;
      answer.platform_response_ms = arrived_ms + transfer.return_ms - transfer.sent_ms;
      return answer;
    }
    if (waits) service.waiting_until_ms.push(std::min(start_ms, transfer.gives_up_at_ms));
    if (start_ms >= transfer.gives_up_at_ms) return abandoned();
    answer.start_delay_ms = start_ms - arrived_ms;
    service.free_at_ms.pop();
    if (transfer.body_at_ms > transfer.gives_up_at_ms) {  // the worker reads until the connection breaks
      service.free_at_ms.push(std::max(start_ms, transfer.gives_up_at_ms));
      return abandoned();
    }
    const double done_ms = std::max(start_ms, transfer.body_at_ms) + work_ms;
    service.free_at_ms.push(done_ms + options_.cpu_sample_ms);
    answer.execution_time_ms = done_ms - start_ms;
    answer.platform_response_ms = done_ms + options_.cpu_sample_ms + transfer.return_ms - transfer.sent_ms;
    answer.memory_mb = options_.base_memory_mb + 2 * request.body_bytes / (1024 * 1024);  // body and its parsed copy
    answer.cpu_percent = 0;  // it sleeps; all but a few of the original's rows say 0
    return answer;
  }

 private:
  using Times = std::priority_queue<double, std::vector<double>, std::greater<>>;  // earliest first
  struct Service {
    Times free_at_ms;        // per worker
    Times waiting_until_ms;  // per request that has no worker yet
  };

  [[nodiscard]] static Answer abandoned() {
    return {.http_status = 0, .platform_response_ms = std::numeric_limits<double>::infinity()};
  }

  EcsOptions options_;
  std::vector<Service> services_;
};

}  // namespace switchyard
