#include "switchyard/data/dataset.hpp"
#include "switchyard/data/dataset_csv.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <set>
#include <sstream>

namespace sy = switchyard;

namespace {

sy::CsvTable table_of(const std::string& text) {
  std::istringstream input(text);
  return sy::read_csv(input, "d.csv");
}

sy::Dataset small() {
  sy::Dataset data;
  data.features.resize(3, 2);
  data.features << 1, 2, 3, 4, 5, 6;
  data.labels = {0, 1, 1};
  data.feature_names = {"a", "b"};
  return data;
}

const char* const prepared =
    "payload_size_kb,hour_of_day,workload_type,cost_optimal,latency_optimal,balanced_optimal,request_id,sent_at,run,"
    "pair_id,feasible,observed_lambda_latency_ms\n"
    "1,19,lightweight_api,1,1,1,101,2025-11-22T19:53:55.035Z,evening,7,1,12\n"
    "500,,thumbnail_processing,0,1,0,102,2025-11-22T19:53:56.000Z,evening,9,1,13\n"
    "9000,20,heavy_processing,,,,103,2025-11-22T19:53:57.000Z,night,9,0,14\n"
    "3,21,heavy_processing,0,0,0,104,2025-11-22T19:53:58.000Z,night,,1,15\n"
    "4,21,heavy_processing,0,0,1,105,2025-11-22T19:53:58.500Z,night,,1,16\n";

}  // namespace

TEST_CASE("a prepared table becomes a dataset without naming a column") {
  const auto table = table_of(prepared);
  const auto data = sy::make_dataset(table);
  CHECK(data.feature_names == std::vector<std::string>{"payload_size_kb", "hour_of_day"});
  REQUIRE(data.rows() == 4);  // the row without a label is left out
  CHECK(data.labels == sy::Labels{1, 0, 0, 1});
  CHECK(data.features(0, 0) == 1);
  CHECK(data.features(0, 1) == 19);
  CHECK(std::isnan(data.features(1, 1)));
  CHECK(data.features(3, 0) == 4);
  CHECK(data.times_ms == std::vector<std::int64_t>{1763841235035, 1763841236000, 1763841238000, 1763841238500});
  CHECK(data.runs == std::vector<std::int64_t>{0, 0, 1, 1});
  CHECK(std::set<std::int64_t>(data.groups.begin(), data.groups.end()).size() == 4);  // empty cells are groups apart
  CHECK(sy::labelled_rows(table, "balanced_optimal") == std::vector<std::size_t>{0, 1, 3, 4});
}

TEST_CASE("rows with the same group text share a group") {
  const auto data = sy::make_dataset(table_of("x,pair_id,balanced_optimal\n1,p,0\n2,q,1\n3,p,1\n"));
  CHECK(data.groups == std::vector<std::int64_t>{0, 1, 0});
}

TEST_CASE("names of coded columns are kept in order of appearance") {
  const auto table = table_of("run\nb\na\nb\n");
  const auto coded = sy::coded_column(table, 0, std::vector<std::size_t>{0, 1, 2});
  CHECK(coded.codes == std::vector<std::int64_t>{0, 1, 0});
  CHECK(coded.names == std::vector<std::string>{"b", "a"});
}

TEST_CASE("features can be named, ordered, ignored and forbidden") {
  const auto table = table_of("a,b,c,run,y\n1,2,3,r,0\n4,5,6,r,1\n");
  CHECK(sy::make_dataset(table, {.target = "y"}).feature_names == std::vector<std::string>{"a", "b", "c"});
  CHECK(sy::make_dataset(table, {.target = "y", .ignore = {"b"}}).feature_names == std::vector<std::string>{"a", "c"});
  CHECK(sy::make_dataset(table, {.target = "y", .forbidden = {"a"}}).feature_names ==
        std::vector<std::string>{"b", "c"});
  const auto named = sy::make_dataset(table, {.target = "y", .feature_columns = {"c", "a"}});
  CHECK(named.feature_names == std::vector<std::string>{"c", "a"});
  CHECK(named.features(1, 0) == 6);
  CHECK(named.features(1, 1) == 4);
  CHECK_THROWS_WITH(sy::make_dataset(table, {.target = "y", .feature_columns = {"a", "a"}}),
                    "column a is asked for twice");
  CHECK_THROWS_WITH(sy::make_dataset(table, {.target = "y", .feature_columns = {"y"}}),
                    "column y cannot be a feature: it is the target");
  CHECK_THROWS_WITH(sy::make_dataset(table, {.target = "y", .feature_columns = {"a"}, .forbidden = {"a"}}),
                    "column a cannot be a feature: it was forbidden");
  CHECK_THROWS_WITH(sy::make_dataset(table, {.target = "y", .feature_columns = {"z"}}), "d.csv:1: missing column z");
  CHECK_THROWS_WITH(sy::make_dataset(table, {.target = "z"}), "d.csv:1: missing column z");
}

TEST_CASE("no measured outcome becomes a feature, by name or by presence") {
  const std::string refused[] = {"lambda_latency_ms", "lambda_cost_usd",   "ecs_latency_ms",
                                 "ecs_cost_usd",      "lambda_cold_start", "lambda_memory_mb"};
  const std::string skipped[] = {"response_time_ms",
                                 "execution_time_ms",
                                 "memory_used_mb",
                                 "http_status",
                                 "cold_start",
                                 "cpu_percent",
                                 "observed_ecs_ok",
                                 "mate_reuse",
                                 "scheduled_weight",
                                 "missing_lambda",
                                 "missing_ecs",
                                 "alternative_mate_latency_ms",
                                 "alternative_mate_cost_usd",
                                 "alternative_mate_ok"};
  using Catch::Matchers::StartsWith;
  for (const auto& name : refused) {
    INFO(name);
    const auto table = table_of("x," + name + ",y\n1,2,0\n");
    CHECK_THROWS_AS(sy::make_dataset(table, {.target = "y", .feature_columns = {name}}), sy::InvalidArgument);
    CHECK_THROWS_AS(sy::make_dataset(table, {.target = "y"}), sy::DataError);
    CHECK_THROWS_WITH(sy::make_dataset(table, {.target = "y"}),
                      StartsWith("d.csv:1:2: column " + name + " cannot be a feature: "));
    CHECK(sy::make_dataset(table, {.target = "y", .ignore = {name}}).columns() == 1);
    CHECK(sy::make_dataset(table, {.target = "y", .feature_columns = {"x"}}).columns() == 1);
  }
  for (const auto& name : skipped) {
    INFO(name);
    const auto table = table_of("x," + name + ",y\n1,2,0\n");
    CHECK_THROWS_WITH(sy::make_dataset(table, {.target = "y", .feature_columns = {name}}),
                      StartsWith("column " + name + " cannot be a feature: "));
    CHECK(sy::make_dataset(table, {.target = "y"}).feature_names == std::vector<std::string>{"x"});
  }
}

TEST_CASE("a mistyped number in a numeric column is an error, not a lost column") {
  CHECK_THROWS_WITH(sy::make_dataset(table_of("x,y\n1,0\n2,1\nabc,1\n"), {.target = "y"}),
                    "d.csv:4:1: x is 'abc'; expected a finite number or nothing");
  CHECK_THROWS_WITH(sy::make_dataset(table_of("x,y\n1,0\n2,1\nnan,1\n"), {.target = "y"}),
                    "d.csv:4:1: x is 'nan'; expected a finite number or nothing");
}

TEST_CASE("a number whose square overflows is refused as a feature") {
  CHECK(sy::make_dataset(table_of("x,y\n1e100,0\n-1e100,1\n"), {.target = "y"}).features(1, 0) == -1e100);
  CHECK_THROWS_WITH(sy::make_dataset(table_of("x,y\n1,0\n-1e308,1\n"), {.target = "y"}),
                    "d.csv:3:1: x is '-1e308'; expected a number of at most 1e100");
}

TEST_CASE("labels and times that are none are refused with their place") {
  CHECK_THROWS_WITH(sy::make_dataset(table_of("x,y\n1,0\n2,2\n"), {.target = "y"}),
                    "d.csv:3:2: y is '2'; expected 0 or 1");
  CHECK(sy::make_dataset(table_of("x,y\n1,0.0\n2,1.0\n3,true\n4,False\n"), {.target = "y"}).labels ==
        sy::Labels{0, 1, 1, 0});
  CHECK_THROWS_WITH(sy::make_dataset(table_of("x,sent_at,y\n1,yesterday,1\n"), {.target = "y"}),
                    "d.csv:2:2: sent_at is 'yesterday'; expected an ISO 8601 time");
  CHECK(
      sy::make_dataset(table_of("x,sent_at,y\n1,yesterday,1\n"), {.target = "y", .time_column = ""}).times_ms.empty());
  CHECK_THROWS_WITH(sy::make_dataset(table_of("x,y\n1,0\n"), {.target = "y", .group_column = "customer"}),
                    "d.csv:1: missing column customer");
  CHECK_THROWS_WITH(sy::make_dataset(table_of("x,y\n1,\n"), {.target = "y"}), "d.csv: no row with a label in y");
  CHECK_THROWS_WITH(sy::make_dataset(table_of("x,y\n"), {.target = "y"}), "d.csv: no row with a label in y");
  CHECK_THROWS_WITH(sy::make_dataset(table_of("x,y\na,1\n"), {.target = "y"}),
                    "d.csv: no numeric column to learn from");
}

TEST_CASE("a subset takes every column that is present, in the order asked for") {
  auto data = small();
  data.weights = {1, 2, 3};
  data.groups = {4, 5, 6};
  data.times_ms = {7, 8, 9};
  const std::vector<sy::Index> rows{2, 0, 2};
  const auto part = data.subset(rows);
  part.validate();
  CHECK(part.features(0, 1) == 6);
  CHECK(part.features(1, 0) == 1);
  CHECK(part.labels == sy::Labels{1, 0, 1});
  CHECK(part.weights == std::vector<double>{3, 1, 3});
  CHECK(part.groups == std::vector<std::int64_t>{6, 4, 6});
  CHECK(part.times_ms == std::vector<std::int64_t>{9, 7, 9});
  CHECK(part.runs.empty());
}

TEST_CASE("validation names what is wrong") {
  small().validate();
  auto data = small();
  data.labels = {0, 1};
  CHECK_THROWS_WITH(data.validate(), "labels has 2 values; expected 3");
  data = small();
  data.labels[1] = 2;
  CHECK_THROWS_WITH(data.validate(), "label is 2; expected 0 or 1");
  data = small();
  data.weights = {1, 0, 1};
  CHECK_THROWS_AS(data.validate(), sy::InvalidArgument);
  data = small();
  data.features(2, 1) = std::numeric_limits<double>::infinity();
  CHECK_THROWS_WITH(data.validate(), "b is infinite; expected a finite number or missing");
  data.features(2, 1) = std::numeric_limits<double>::quiet_NaN();
  data.validate();
}

TEST_CASE("a label cannot be a feature, not even by name") {
  std::istringstream input("a,cost_optimal,balanced_optimal\n1,1,1\n2,0,0\n");
  const auto table = sy::read_csv(input);
  CHECK_THROWS_WITH(sy::make_dataset(table, {.feature_columns = {"a", "cost_optimal"}}),
                    Catch::Matchers::Contains("cost_optimal") && Catch::Matchers::Contains("it is a label"));
  CHECK(sy::make_dataset(table).feature_names == std::vector<std::string>{"a"});
}

TEST_CASE("a mate's group has its rows' code, one without rows a code of its own") {
  const auto data =
      sy::make_dataset(table_of("x,pair_id,mate_pair_id,balanced_optimal\n"
                                "1,p,q,0\n2,q,,1\n3,p,lone,1\n4,,lone,0\n5,q,other,1\n6,r,out,\n7,s,r,0\n"));
  CHECK(data.feature_names == std::vector<std::string>{"x"});
  CHECK(data.groups == std::vector<std::int64_t>{0, 1, 0, data.groups[3], 1, 3});
  REQUIRE(data.mate_groups.size() == 6);
  CHECK(data.mate_groups[0] == 1);
  CHECK(data.mate_groups[1] == -1);
  CHECK(data.mate_groups[2] == data.mate_groups[3]);
  const std::set<std::int64_t> mates{data.mate_groups[2], data.mate_groups[4], data.mate_groups[5]};
  CHECK(mates.size() == 3);  // r has no labelled row
  for (const auto group : data.groups) CHECK(mates.count(group) == 0);
}

TEST_CASE("mates' groups are read only beside groups, and can be named or left out") {
  const auto table = table_of("x,pair_id,mate_pair_id,partner,balanced_optimal\n1,p,q,p,0\n2,q,p,q,1\n");
  CHECK(sy::make_dataset(table).mate_groups == std::vector<std::int64_t>{1, 0});
  CHECK(sy::make_dataset(table, {.mate_group_column = "partner"}).mate_groups == std::vector<std::int64_t>{0, 1});
  CHECK(sy::make_dataset(table, {.mate_group_column = ""}).mate_groups.empty());
  CHECK(sy::make_dataset(table, {.group_column = ""}).mate_groups.empty());
  CHECK_THROWS_AS(sy::make_dataset(table, {.mate_group_column = "spouse"}), sy::DataError);
  CHECK(sy::make_dataset(table_of("x,pair_id,balanced_optimal\n1,p,0\n2,q,1\n")).mate_groups.empty());
  CHECK_THROWS_WITH(sy::make_dataset(table, {.feature_columns = {"mate_pair_id"}}),
                    Catch::Contains("mate_pair_id cannot be a feature"));
}

TEST_CASE("mates' groups go with their rows and must be as many") {
  auto data = small();
  data.mate_groups = {4, 5, -1};
  data.validate();
  const std::vector<sy::Index> rows{2, 0};
  CHECK(data.subset(rows).mate_groups == std::vector<std::int64_t>{-1, 4});
  data.mate_groups.pop_back();
  CHECK_THROWS_WITH(data.validate(), Catch::Contains("mate_groups"));
}
