#include "switchyard/pipeline/training_data.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <sstream>
#include <string>
#include <vector>

namespace sy = switchyard;

namespace {

sy::TrainingData from(const std::string& csv) {
  std::istringstream input(csv);
  return sy::training_data(sy::read_csv(input, "d.csv"), {.feature_columns = {"payload_size_kb"}});
}

const std::string header =
    "payload_size_kb,balanced_optimal,platform,mate_reuse,scheduled_weight,missing_lambda,missing_ecs,"
    "alternative_mate_latency_ms,alternative_mate_cost_usd,alternative_mate_ok\n";

}  // namespace

TEST_CASE("columns for evaluation only are read beside the labelled rows") {
  const auto data = from(header +
                         "1,1,lambda,3,0.5,0,0.25,100,2e-6,1\n"
                         "2,,ecs,9,9,0.9,0.9,900,9e-6,0\n"  // no label: decided by rule
                         "3,0,ecs,,,,,,,\n");
  CHECK(data.unlabelled == 1);
  CHECK(data.platforms == std::vector<sy::Platform>{sy::Platform::lambda, sy::Platform::ecs});
  CHECK(data.mate_reuse == std::vector<double>{3, 1});
  CHECK(data.scheduled_weight == std::vector<double>{0.5, 1});
  CHECK(data.missing_lambda == std::vector<double>{0, 0});
  CHECK(data.missing_ecs == std::vector<double>{0.25, 0});
  REQUIRE(data.alternative_mate.size() == 2);
  CHECK(data.alternative_mate[0].latency_ms == 100);
  CHECK(data.alternative_mate[0].cost_usd == 2e-6);
  CHECK(data.alternative_mate[0].ok);
  CHECK(std::isnan(data.alternative_mate[1].latency_ms));
  CHECK_FALSE(data.alternative_mate[1].ok);
}

TEST_CASE("columns a table lacks are empty") {
  const auto data = from("payload_size_kb,balanced_optimal,platform\n1,1,somewhere\n2,0,lambda\n");
  CHECK(data.platforms.empty());
  CHECK(data.mate_reuse.empty());
  CHECK(data.scheduled_weight.empty());
  CHECK(data.missing_lambda.empty());
  CHECK(data.missing_ecs.empty());
  CHECK(data.alternative_mate.empty());
  CHECK_FALSE(data.has_outcomes());
}

TEST_CASE("a value for evaluation out of range has its place") {
  CHECK_THROWS_WITH(from(header + "1,1,ecs,1,1,1.5,0,,,\n"),
                    "d.csv:2:6: missing_lambda is '1.5'; expected a number in [0, 1]");
  CHECK_THROWS_WITH(from(header + "1,1,ecs,1,-2,0,0,,,\n"),
                    "d.csv:2:5: scheduled_weight is '-2'; expected a number of at least 0");
  CHECK_THROWS_WITH(from(header + "1,1,ecs,many,1,0,0,,,\n"),
                    "d.csv:2:4: mate_reuse is 'many'; expected a finite number or nothing");
}
