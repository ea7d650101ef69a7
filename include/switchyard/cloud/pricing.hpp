#pragma once

#include <string>

namespace switchyard {

/// One price with everything needed to check it.
struct Price {
  double usd = 0;
  std::string unit;
  std::string region;
  std::string date;    // when it was read, ISO 8601
  std::string source;  // the page or bill it was read from

  friend bool operator==(const Price&, const Price&) = default;
};

/// Every price a cost is made of. Costs are on-demand list prices in USD, without free tier or discounts.
struct PriceBook {
  std::string id;
  Price lambda_request;       // per request
  Price lambda_gb_second;     // per GB-second of configured memory, x86
  Price fargate_vcpu_hour;    // per vCPU-hour, Linux x86
  Price fargate_gb_hour;      // per GB-hour
  Price api_gateway_request;  // per request, REST API, first 333 million a month
  Price load_balancer_hour;   // per Application Load Balancer and hour
  Price lcu_hour;             // per load balancer capacity unit and hour
  Price public_ipv4_hour;     // per address and hour

  friend bool operator==(const PriceBook&, const PriceBook&) = default;
};

/// Ireland, x86, as read between 2025-08 and 2026-09.
[[nodiscard]] inline PriceBook eu_west_1_prices() {
  const std::string region = "eu-west-1";
  return {
      .id = "eu-west-1",
      .lambda_request = {0.20e-6, "USD per request", region, "2026-08-14", "https://aws.amazon.com/lambda/pricing/"},
      .lambda_gb_second = {0.0000166667, "USD per GB-second", region, "2026-08-14",
                           "https://aws.amazon.com/lambda/pricing/ (first 6 billion GB-seconds a month)"},
      .fargate_vcpu_hour = {0.04048, "USD per vCPU-hour", region, "2026-05-01",
                            "AWS Price List, usage type EU-Fargate-vCPU-Hours:perCPU, SKU K4EXFQ5YFQCP98EN"},
      .fargate_gb_hour = {0.004445, "USD per GB-hour", region, "2026-05-01",
                          "AWS Price List, usage type EU-Fargate-GB-Hours, SKU UP5ETC3QSW2QZGEY"},
      .api_gateway_request = {3.50e-6, "USD per request", region, "2026-08-10",
                              "https://aws.amazon.com/api-gateway/pricing/ (REST, first 333 million a month)"},
      .load_balancer_hour = {0.0252, "USD per load balancer and hour", region, "2026-07-31",
                             "Cost Explorer, usage type EU-LoadBalancerUsage, 15.00 USD for 595 hours"},
      .lcu_hour = {0.008, "USD per LCU-hour", region, "2026-09-11",
                   "AWS Price List, AWSELB offer 20260911124544, usage type EU-LCUUsage"},
      .public_ipv4_hour = {0.005, "USD per address and hour", region, "2026-07-31",
                           "https://aws.amazon.com/vpc/pricing/"},
  };
}

/// What the Python original computed with: it calls them eu-west-1, but the Fargate prices are Frankfurt's.
[[nodiscard]] inline PriceBook original_prices() {
  PriceBook book = eu_west_1_prices();
  const std::string source = "the Python original's variance_preprocessing.py; Frankfurt's on AWS's Fargate price page";
  book.id = "original";
  book.fargate_vcpu_hour = {0.04656, "USD per vCPU-hour", "eu-central-1", "2025-11-23", source};
  book.fargate_gb_hour = {0.00511, "USD per GB-hour", "eu-central-1", "2025-11-23", source};
  return book;
}

}  // namespace switchyard
