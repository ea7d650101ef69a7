#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/pricing.hpp"
#include "switchyard/cloud/workload.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace switchyard {

/// Which money counts as a request's cost.
enum class CostScope : std::uint8_t {
  compute,   // Lambda duration and request price; the Fargate task for as long as the request ran
  marginal,  // + API Gateway's request on Lambda, + the load balancer's capacity units on ECS
  loaded,    // + ECS's fixed hours (idle tasks, load balancer, addresses), shared out over its requests
};

/// Everything a cost depends on besides the observation itself.
struct CostModel {
  PriceBook prices = eu_west_1_prices();
  CostScope scope = CostScope::compute;
  bool round_billing = false;            // Lambda bills whole milliseconds, rounded up; off by default
  double ecs_fixed_usd_per_request = 0;  // see ecs_fixed_usd_per_request(); counts in scope `loaded` only
};

namespace detail {

constexpr double ms_per_second = 1e3;
constexpr double ms_per_hour = 3.6e6;
constexpr double mb_per_gb = 1024;
constexpr double kb_per_gb = 1024.0 * 1024.0;

}  // namespace detail

/// memory_GB x seconds x GB-second price + request price (AWS Lambda pricing). memory_mb > 0, duration_ms >= 0; USD.
[[nodiscard]] inline double lambda_compute_usd(double memory_mb, double duration_ms, const CostModel& model) noexcept {
  const double billed_ms = model.round_billing ? std::ceil(duration_ms) : duration_ms;
  return memory_mb / detail::mb_per_gb * (billed_ms / detail::ms_per_second) * model.prices.lambda_gb_second.usd +
         model.prices.lambda_request.usd;
}

/// (vCPU x vCPU-hour + GB x GB-hour) x hours: the whole task for as long as the request ran (AWS Fargate pricing); USD.
[[nodiscard]] inline double ecs_compute_usd(const WorkloadSpec& task, double duration_ms,
                                            const CostModel& model) noexcept {
  const double task_usd_per_hour =
      task.ecs_vcpu * model.prices.fargate_vcpu_hour.usd + task.ecs_memory_gb * model.prices.fargate_gb_hour.usd;
  return task_usd_per_hour * (duration_ms / detail::ms_per_hour);
}

/// Load balancer capacity units of one request on a connection of its own: the larger of 1 GB an hour and 25 new
/// connections a second (Elastic Load Balancing pricing, LCU dimensions). payload_kb >= 0; USD.
[[nodiscard]] inline double load_balancer_usd(double payload_kb, const CostModel& model) noexcept {
  constexpr double connections_per_lcu_hour = 25.0 * 3600.0;
  const double bytes_share = std::isnan(payload_kb) ? 0.0 : payload_kb / detail::kb_per_gb;
  return std::max(bytes_share, 1.0 / connections_per_lcu_hour) * model.prices.lcu_hour.usd;
}

/// How long a request is charged for: what the platform reported; without that (failures), the time that passed.
[[nodiscard]] inline double charged_ms(const Observation& observation) noexcept {
  return std::isnan(observation.execution_time_ms) ? observation.response_time_ms : observation.execution_time_ms;
}

/// What the request cost where it ran, in USD.
[[nodiscard]] inline double cost_usd(const Observation& observation, const Catalogue& catalogue,
                                     const CostModel& model) {
  const WorkloadSpec& spec = catalogue.workload(observation.request.workload);
  const double duration_ms = charged_ms(observation);
  const bool marginal = model.scope != CostScope::compute;
  if (observation.platform == Platform::lambda) {
    const double memory_mb = std::isnan(observation.memory_mb) ? spec.lambda_memory_mb : observation.memory_mb;
    return lambda_compute_usd(memory_mb, duration_ms, model) + (marginal ? model.prices.api_gateway_request.usd : 0.0);
  }
  double usd = ecs_compute_usd(spec, duration_ms, model);
  if (marginal) usd += load_balancer_usd(observation.request.payload_kb, model);
  if (model.scope == CostScope::loaded) usd += model.ecs_fixed_usd_per_request;
  return usd;
}

/// What ECS costs whether or not requests come, shared out: one task per workload, a load balancer and its two
/// addresses for `hours`, less the task time that requests were charged for already. requests > 0; USD per request.
[[nodiscard]] inline double ecs_fixed_usd_per_request(const Catalogue& catalogue, const PriceBook& prices, double hours,
                                                      double charged_usd, double requests) noexcept {
  constexpr double addresses = 2;
  double usd_per_hour = prices.load_balancer_hour.usd + addresses * prices.public_ipv4_hour.usd;
  for (const WorkloadSpec& task : catalogue.workloads) {
    usd_per_hour += task.ecs_vcpu * prices.fargate_vcpu_hour.usd + task.ecs_memory_gb * prices.fargate_gb_hour.usd;
  }
  return std::max(0.0, usd_per_hour * hours - charged_usd) / requests;
}

}  // namespace switchyard
