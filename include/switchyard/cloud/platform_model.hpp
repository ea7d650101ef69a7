#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/client_link.hpp"
#include "switchyard/cloud/ecs_model.hpp"
#include "switchyard/cloud/lambda_model.hpp"
#include "switchyard/cloud/service.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/core/random.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace switchyard {

/// Everything the two platforms and the client's network are made of.
struct PlatformOptions {
  ClientLinkOptions link{};
  LambdaOptions lambda{};
  EcsOptions ecs{};
};

/// How both platforms answer one client: for the simulator in virtual time and for the stand-ins in real time. Driven
/// with explicit, non-decreasing times (an earlier time counts as the last one). Not thread-safe. One object for both
/// platforms, because they share the client's uplink. What a request draws depends on (seed, entropy) alone, not on
/// the order of requests; what it waits for is the state of the platform. State is bounded by the requests within one
/// time-out and by Lambda's concurrency limit.
class PlatformModel {
 public:
  /// Throws InvalidArgument.
  PlatformModel(const PlatformOptions& options, Catalogue catalogue, std::uint64_t seed)
      : catalogue_(std::move(catalogue)),
        seed_(seed),
        link_(options.link),
        lambda_(options.lambda, catalogue_.workloads.size()),
        ecs_(options.ecs, catalogue_.workloads.size()) {}

  /// What becomes of `request`, sent to `platform` at request.sent_ms.
  [[nodiscard]] Answer serve(Platform platform, const ServiceRequest& request) {
    Rng draw = Rng::stream(seed_, request.entropy);
    now_ms_ = std::max(now_ms_, request.sent_ms);
    const bool is_lambda = platform == Platform::lambda;
    const int handshakes = is_lambda ? 2 : 1;  // API Gateway speaks HTTPS only; the load balancer listens on port 80
    const Transfer transfer = link_.send(now_ms_, request.body_bytes, handshakes, catalogue_.timeout_ms, draw);
    Answer answer =
        is_lambda ? lambda_.serve(transfer, request, catalogue_, draw) : ecs_.serve(transfer, request, draw);
    answer.response_time_ms = answer.platform_response_ms;
    answer.completed_ms = answer.platform_response_ms - transfer.return_ms;
    if (answer.platform_response_ms > catalogue_.timeout_ms) {
      answer.outcome = Outcome::timeout;
      answer.response_time_ms = catalogue_.timeout_ms;
    } else {
      answer.outcome = outcome_of_status(answer.http_status);
    }
    return answer;
  }

 private:
  Catalogue catalogue_;
  std::uint64_t seed_;
  ClientLink link_;
  LambdaModel lambda_;
  EcsModel ecs_;
  double now_ms_ = -std::numeric_limits<double>::infinity();
};

}  // namespace switchyard
