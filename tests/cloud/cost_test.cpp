#include "switchyard/cloud/cost.hpp"

#include "switchyard/cloud/label.hpp"

#include <catch2/catch.hpp>

namespace sy = switchyard;

namespace {

sy::Observation lambda_call(double memory_mb, double execution_ms) {
  sy::Observation observation;
  observation.platform = sy::Platform::lambda;
  observation.request.workload = sy::Workload::thumbnail_processing;
  observation.request.payload_kb = 500;
  observation.memory_mb = memory_mb;
  observation.execution_time_ms = execution_ms;
  observation.response_time_ms = execution_ms + 100;
  return observation;
}

sy::Observation ecs_call(double execution_ms) {
  sy::Observation observation = lambda_call(40, execution_ms);
  observation.platform = sy::Platform::ecs;
  return observation;
}

}  // namespace

TEST_CASE("Lambda's cost, worked by hand") {
  const auto catalogue = sy::default_catalogue();
  sy::CostModel model;
  // 512 MB = 0.5 GB for 2 s = 1 GB-s: 0.0000166667 + 0.0000002
  CHECK(sy::cost_usd(lambda_call(512, 2000), catalogue, model) == Approx(0.0000168667).epsilon(1e-12));
  // 256 MB for 100.2 ms: 0.25 * 0.1002 * 0.0000166667 + 0.0000002 = 4.17500835e-7 + 2e-7
  CHECK(sy::cost_usd(lambda_call(256, 100.2), catalogue, model) == Approx(6.17500835e-7).epsilon(1e-9));
  model.round_billing = true;  // 101 ms: 0.25 * 0.101 * 0.0000166667 = 4.20834175e-7
  CHECK(sy::cost_usd(lambda_call(256, 100.2), catalogue, model) == Approx(6.20834175e-7).epsilon(1e-9));
  model.round_billing = false;
  model.scope = sy::CostScope::marginal;  // + 3.50 USD per million at the gateway
  CHECK(sy::cost_usd(lambda_call(512, 2000), catalogue, model) == Approx(0.0000203667).epsilon(1e-12));
}

TEST_CASE("an unknown memory is the catalogue's limit") {
  const auto catalogue = sy::default_catalogue();
  const auto unknown = lambda_call(std::numeric_limits<double>::quiet_NaN(), 1000);
  CHECK(sy::cost_usd(unknown, catalogue, {}) == sy::cost_usd(lambda_call(256, 1000), catalogue, {}));
}

TEST_CASE("ECS's cost, worked by hand") {
  const auto catalogue = sy::default_catalogue();
  sy::CostModel model;
  // thumbnail: 0.5 vCPU x 0.04048 + 1 GB x 0.004445 = 0.024685 USD an hour; 3.6 s are 1/1000 of it
  CHECK(sy::cost_usd(ecs_call(3600), catalogue, model) == Approx(0.000024685).epsilon(1e-12));
  model.prices = sy::original_prices();  // 0.5 x 0.04656 + 0.00511 = 0.02839
  CHECK(sy::cost_usd(ecs_call(3600), catalogue, model) == Approx(0.00002839).epsilon(1e-12));
  model.prices = sy::eu_west_1_prices();
  model.scope = sy::CostScope::marginal;  // 500 KB = 500 / 1048576 GB of an LCU-hour at 0.008 USD = 3.8147e-6
  CHECK(sy::cost_usd(ecs_call(3600), catalogue, model) == Approx(0.000024685 + 3.814697265625e-6).epsilon(1e-12));
  model.scope = sy::CostScope::loaded;
  model.ecs_fixed_usd_per_request = 1e-4;
  CHECK(sy::cost_usd(ecs_call(3600), catalogue, model) ==
        Approx(0.000024685 + 3.814697265625e-6 + 1e-4).epsilon(1e-12));
}

TEST_CASE("small bodies cost a connection's share of a capacity unit") {
  // one of 25 x 3600 connections of an LCU-hour at 0.008 USD = 8.8889e-8; 1 KB would be 7.6e-9
  CHECK(sy::load_balancer_usd(1, {}) == Approx(8.888888888888889e-8).epsilon(1e-12));
}

TEST_CASE("ECS's fixed hours are shared out after what requests were charged") {
  // 2.75 vCPU x 0.04048 + 5.5 GB x 0.004445 = 0.1357675; + 0.0252 + 2 x 0.005 = 0.1709675 USD an hour
  const double share = sy::ecs_fixed_usd_per_request(sy::default_catalogue(), sy::eu_west_1_prices(), 2, 0.1, 1000);
  CHECK(share == Approx((2 * 0.1709675 - 0.1) / 1000).epsilon(1e-12));
  CHECK(sy::ecs_fixed_usd_per_request(sy::default_catalogue(), sy::eu_west_1_prices(), 1, 5, 10) == 0);
}

TEST_CASE("without a platform's own time the elapsed time is charged") {
  auto failed = ecs_call(0);
  failed.execution_time_ms = std::numeric_limits<double>::quiet_NaN();
  failed.response_time_ms = 3600;
  CHECK(sy::cost_usd(failed, sy::default_catalogue(), {}) == Approx(0.000024685).epsilon(1e-12));
}

TEST_CASE("labels need both a lower cost and a lower latency, by the margin") {
  const sy::PlatformResult lambda{90, 9, true};
  CHECK(sy::compare_platforms(lambda, {100, 10, true}) == sy::PlatformLabels{true, true, true});
  CHECK(sy::compare_platforms(lambda, {100, 10, true}, 0.1) ==
        sy::PlatformLabels{false, false, false});  // not below 90
  CHECK(sy::compare_platforms(lambda, {101, 8, true}) == sy::PlatformLabels{false, true, false});
  CHECK(sy::compare_platforms(lambda, {90, 9, true}) == sy::PlatformLabels{false, false, false});
}

TEST_CASE("a failure loses to a success however cheap and quick it was") {
  CHECK(sy::compare_platforms({1, 1, false}, {5000, 5000, true}) == sy::PlatformLabels{false, false, false});
  CHECK(sy::compare_platforms({5000, 5000, true}, {1, 1, false}) == sy::PlatformLabels{true, true, true});
}

TEST_CASE("a failed request took the time-out") {
  auto failed = lambda_call(256, 100);
  failed.outcome = sy::Outcome::http_5xx;
  const auto result = sy::result_of(failed, sy::default_catalogue(), {}, sy::LatencySource::response);
  CHECK(result.latency_ms == 10'000);
  CHECK_FALSE(result.ok);
}

TEST_CASE("Lambda takes bodies up to its limit") {
  const auto catalogue = sy::default_catalogue();
  CHECK(sy::lambda_feasible(6144, catalogue));
  CHECK_FALSE(sy::lambda_feasible(6144.001, catalogue));
  CHECK(sy::lambda_feasible(std::numeric_limits<double>::quiet_NaN(), catalogue));
}

TEST_CASE("every price can be checked") {
  for (const auto& book : {sy::eu_west_1_prices(), sy::original_prices()}) {
    for (const auto& price :
         {book.lambda_request, book.lambda_gb_second, book.fargate_vcpu_hour, book.fargate_gb_hour,
          book.api_gateway_request, book.load_balancer_hour, book.lcu_hour, book.public_ipv4_hour}) {
      CHECK(price.usd > 0);
      CHECK_FALSE(price.unit.empty());
      CHECK_FALSE(price.region.empty());
      CHECK(price.date.size() == 10);
      CHECK_FALSE(price.source.empty());
    }
  }
}
