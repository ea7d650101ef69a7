#include "switchyard/pipeline/coverage.hpp"

#include "switchyard/io/experiment_json.hpp"
#include "switchyard/pipeline/missing_answers.hpp"
#include "switchyard/pipeline/preprocess.hpp"
#include "switchyard/pipeline/survivorship.hpp"

#include "pipeline/planned_logs.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace sy = switchyard;
using planned_logs::LogLine;
using planned_logs::plan_of;
using planned_logs::read_lines;

namespace {

const sy::CellCoverage& cell_of(const sy::Coverage& coverage, std::size_t execution, sy::Workload workload,
                                double size_kb, sy::Platform platform) {
  for (const auto& cell : coverage.cells) {
    if (cell.execution == execution && cell.workload == workload && cell.size_kb == size_kb &&
        cell.platform == platform)
      return cell;
  }
  FAIL("no such cell");
  return coverage.cells.front();
}

constexpr auto thumbnail = sy::Workload::thumbnail_processing;
constexpr auto heavy = sy::Workload::heavy_processing;

}  // namespace

TEST_CASE("what is expected of a cell is arrivals times the shares of scenario and size") {
  auto plan = plan_of({{"midday_low_load", 0, 1000, 1}});
  plan.scenarios = {{thumbnail, sy::Platform::lambda, 3}, {thumbnail, sy::Platform::ecs, 1}};
  plan.catalogue.workloads[1].sizes_kb = {50, 50, 100, 200};  // 50 is listed twice
  const auto logs = read_lines({LogLine{}});
  const auto coverage = sy::coverage_of(logs, plan);
  const auto& lambda_50 = cell_of(coverage, 0, thumbnail, 50, sy::Platform::lambda);
  CHECK(lambda_50.scheduled == Approx(1000 * 0.75 * 0.5));
  CHECK(lambda_50.deviation == Approx(std::sqrt(1000 * 0.375 * 0.625)));
  CHECK(cell_of(coverage, 0, thumbnail, 100, sy::Platform::ecs).scheduled == Approx(1000 * 0.25 * 0.25));
  CHECK(cell_of(coverage, 0, heavy, 3072, sy::Platform::ecs).empty());

  plan.pairing = sy::Pairing::paired;  // every pair goes to both, whatever platform its scenario names
  const auto paired = sy::coverage_of(logs, plan);
  CHECK(cell_of(paired, 0, thumbnail, 50, sy::Platform::lambda).scheduled == Approx(250));
  CHECK(cell_of(paired, 0, thumbnail, 50, sy::Platform::ecs).scheduled == Approx(250));
}

TEST_CASE("the original experiment as it was carried out") {
  const auto plan = sy::read_experiment(std::string(SWITCHYARD_SOURCE_DIR) + "/examples/experiments/original.json");
  std::vector<std::uint64_t> arrivals;
  for (const auto& run : plan.runs) arrivals.push_back(sy::ArrivalTimes(run, 1).count());
  CHECK(arrivals == std::vector<std::uint64_t>{13'500, 18'000, 18'000, 6'651, 47'350, 54'000});
}

TEST_CASE("two runs of one window and pattern are counted apart") {
  const auto plan = plan_of({{"first", 0, 100, 1}, {"second", 50'000, 400, 1}});
  std::vector<LogLine> lines = {{.sent_s = 10}, {.sent_s = 12}, {.sent_s = 50'001}};

  SECTION("at the planned times") {
    const auto coverage = sy::coverage_of(read_lines(lines), plan);
    REQUIRE(coverage.executions.size() == 2);
    CHECK(coverage.executions[0].plan.name == "first");
    CHECK(coverage.executions[1].plan.name == "second");
    CHECK(coverage.executions[0].first_ms == planned_logs::noon_ms + 10'000);
    CHECK(cell_of(coverage, 0, thumbnail, 100, sy::Platform::lambda).seen == 2);
    CHECK(cell_of(coverage, 1, thumbnail, 100, sy::Platform::lambda).seen == 1);
    CHECK(cell_of(coverage, 1, thumbnail, 100, sy::Platform::lambda).scheduled ==
          Approx(4 * cell_of(coverage, 0, thumbnail, 100, sy::Platform::lambda).scheduled));
  }
  SECTION("on another day, in the planned order") {
    for (auto& line : lines) line.sent_s += 200'000;
    const auto coverage = sy::coverage_of(read_lines(lines), plan);
    REQUIRE(coverage.executions.size() == 2);
    CHECK(coverage.executions[0].plan.name == "first");
    CHECK(coverage.executions[1].plan.name == "second");
  }
  SECTION("only the second was carried out") {
    const auto coverage = sy::coverage_of(read_lines({LogLine{.sent_s = 50'200}}), plan);
    REQUIRE(coverage.executions.size() == 1);
    CHECK(coverage.executions[0].plan.name == "second");
    CHECK(coverage.not_executed == std::vector<std::string>{"first"});
  }
  SECTION("the logged run wins over the times") {
    const auto coverage = sy::coverage_of(read_lines({LogLine{.sent_s = 10, .run = "second"}}), plan);
    REQUIRE(coverage.executions.size() == 1);
    CHECK(coverage.executions[0].plan.name == "second");
  }
}

TEST_CASE("planned runs that follow each other without a pause are told apart by window and pattern") {
  auto plan = plan_of({{"a", 0, 100, 1}, {"b", 100, 100, 1}});
  plan.runs[1].window = "evening";
  const auto coverage = sy::coverage_of(
      read_lines({LogLine{.sent_s = 1}, LogLine{.sent_s = 2}, LogLine{.sent_s = 101, .window = "evening"}}), plan);
  REQUIRE(coverage.executions.size() == 2);
  CHECK(coverage.executions[0].name == "midday_low_load/a");
  CHECK(coverage.executions[1].name == "midday_low_load/b");
  CHECK(coverage.cell_of[0] == coverage.cell_of[1]);
  CHECK(coverage.cell_of[0] != coverage.cell_of[2]);
}

TEST_CASE("a log that numbers its requests says itself what was sent") {
  const auto plan = plan_of({{"midday_low_load", 0, 1000, 1}});
  std::vector<LogLine> lines;
  for (int i = 0; i < 20; ++i) lines.push_back({.sent_s = 1.0 * i, .status = i % 2 == 0 ? 200 : 0, .seq = i});
  const auto coverage = sy::coverage_of(read_lines(lines), plan);
  const auto& cell = cell_of(coverage, 0, thumbnail, 100, sy::Platform::lambda);
  CHECK(cell.seen == 20);
  CHECK(cell.scheduled == 20);
  CHECK(cell.missing() == 0);
  CHECK(cell_of(coverage, 0, thumbnail, 100, sy::Platform::ecs).missing() == 0);
  lines.back().seq = -1;  // one row of another source, and the plan decides
  CHECK(sy::coverage_of(read_lines(lines), plan).cells[0].scheduled > 0);
}

TEST_CASE("a deficit within three standard deviations is chance") {
  sy::CellCoverage cell{.seen = 71, .scheduled = 100, .deviation = 10};
  CHECK(cell.missing() == 0);
  cell.seen = 69;
  CHECK(cell.missing() == 31);
  CHECK(cell.missing_share() == Approx(0.31));
  cell.seen = 129;
  CHECK_FALSE(cell.overfull());
  CHECK(cell.missing_share() == 0);
  cell.seen = 131;
  CHECK(cell.overfull());
  CHECK(cell.missing() == 0);
  cell = {.seen = 0, .scheduled = 100, .deviation = 10, .refused = true};
  CHECK(cell.missing() == 0);
}

TEST_CASE("a size that nobody answered anywhere was refused, silence in one run was not") {
  auto plan = plan_of({{"a", 0, 10'000, 1}, {"b", 50'000, 10'000, 1}});
  plan.catalogue.workloads[3].sizes_kb = {3072, 5120, 8192};
  std::vector<LogLine> lines = {{.workload = "heavy_processing", .size_kb = 3072},
                                {.sent_s = 50'000}};  // nothing of heavy in the second run
  auto coverage = sy::coverage_of(read_lines(lines), plan);
  for (const auto platform : {sy::Platform::ecs, sy::Platform::lambda}) {
    CHECK_FALSE(cell_of(coverage, 1, heavy, 3072, platform).refused);
    CHECK(cell_of(coverage, 1, heavy, 3072, platform).missing() > 300);
    CHECK(cell_of(coverage, 0, heavy, 5120, platform).refused);
    CHECK(cell_of(coverage, 0, heavy, 8192, platform).missing() == 0);
  }
  lines.push_back({.platform = "ecs", .workload = "heavy_processing", .size_kb = 8192});
  coverage = sy::coverage_of(read_lines(lines), plan);
  CHECK(cell_of(coverage, 0, heavy, 8192, sy::Platform::lambda).refused);  // its body limit
  CHECK(cell_of(coverage, 1, heavy, 8192, sy::Platform::ecs).missing() > 300);
}

TEST_CASE("rows outside the plan belong to no cell") {
  const auto plan = plan_of({{"midday_low_load", 0, 100, 1}});
  const auto coverage = sy::coverage_of(
      read_lines({LogLine{.size_kb = 123}, LogLine{.sent_s = 1, .window = "evening"}, LogLine{}}), plan);
  REQUIRE(coverage.cell_of.size() == 3);
  CHECK(coverage.cell_of[0] == sy::Coverage::no_cell);
  CHECK(coverage.cell_of[1] == sy::Coverage::no_cell);
  CHECK(coverage.cell_of[2] != sy::Coverage::no_cell);
}

TEST_CASE("rows take the nearest free slot, and the rest is missing") {
  const std::vector<double> slots = {0, 10, 20, 30, 40, 50};
  using Times = std::vector<double>;
  CHECK(sy::detail::free_slots(slots, {}) == slots);
  CHECK(sy::detail::free_slots(slots, slots).empty());
  CHECK(sy::detail::free_slots(slots, {1, 22, 51}) == Times{10, 30, 40});
  CHECK(sy::detail::free_slots(slots, {15}) == Times{0, 20, 30, 40, 50});  // a tie goes to the earlier
  CHECK(sy::detail::free_slots(slots, {20, 20, 20}) == Times{0, 10, 50});  // neighbours share a thick spot
  CHECK(sy::detail::free_slots(slots, {48, 49, 50, 60}) == Times{0, 10});  // none is pushed over the end
  CHECK(sy::detail::free_slots(slots, {-9, -8, -7, -6, -5}) == Times{50});
}

TEST_CASE("missing answers are time-outs where rows are sparse") {
  // One request a second for 1,000 s, all of them thumbnails of 100 KB to Lambda; of the second half none was answered.
  auto plan = plan_of({{"midday_low_load", 0, 1000, 1}});
  plan.scenarios = {{thumbnail, sy::Platform::lambda, 1}};
  plan.catalogue.workloads[1].sizes_kb = {100};
  std::vector<LogLine> lines;
  for (int i = 0; i < 500; ++i) lines.push_back({.sent_s = 1.0 * i});
  const auto logs = read_lines(lines);
  const auto coverage = sy::coverage_of(logs, plan);
  const auto missing = sy::missing_answers(logs, coverage);
  REQUIRE(missing.size() == 500);
  for (std::size_t i = 0; i < missing.size(); ++i) {
    CHECK(missing[i].sent_at_ms == Approx(planned_logs::noon_ms + 500'000.0 + static_cast<double>(i) * 1000));
    CHECK(missing[i].platform == sy::Platform::lambda);
    CHECK(missing[i].outcome == sy::Outcome::timeout);
    CHECK(missing[i].response_time_ms == logs.catalogue().timeout_ms);
  }
  CHECK(sy::detail::stratum_of(missing[0].request, logs.catalogue()) ==
        sy::detail::stratum_of(logs.observations()[0].request, logs.catalogue()));
}

TEST_CASE("a plan of another size is refused before it fills the memory") {
  const auto plan = plan_of({{"midday_low_load", 0, 1e6, 1e6}});
  const auto logs = read_lines({LogLine{}});
  const auto coverage = sy::coverage_of(logs, plan);
  CHECK_THROWS_AS(sy::missing_answers(logs, coverage), sy::InvalidArgument);
}

TEST_CASE("a plan that sends nothing leaves nothing missing and every row too many") {
  const auto plan = plan_of({{"midday_low_load", 0, 100, 0}});
  const auto logs = read_lines({LogLine{}});
  const auto coverage = sy::coverage_of(logs, plan);
  const auto& cell = coverage.cells[coverage.cell_of[0]];
  CHECK(cell.scheduled == 0);
  CHECK(cell.missing_share() == 0);
  CHECK(cell.overfull());
  CHECK(sy::missing_answers(logs, coverage).empty());
}

TEST_CASE("what survivors conceal is said, and what cannot be said is not") {
  // Two runs of 800 heavy requests to each platform. In the first Lambda answers all and ECS 40; in the second, nobody.
  auto plan = plan_of({{"a", 0, 1600, 1}, {"b", 50'000, 1600, 1}});
  plan.scenarios = {{heavy, sy::Platform::lambda, 1}, {heavy, sy::Platform::ecs, 1}};
  plan.catalogue.workloads[3].sizes_kb = {3072};
  std::vector<LogLine> lines;
  for (int i = 0; i < 800; ++i) lines.push_back({.sent_s = 2.0 * i, .workload = "heavy_processing", .size_kb = 3072});
  for (int i = 0; i < 40; ++i) {
    lines.push_back({.platform = "ecs", .sent_s = 1.0 + 40 * i, .workload = "heavy_processing", .size_kb = 3072});
  }
  lines.push_back({.sent_s = 50'000, .workload = "heavy_processing", .size_kb = 3072});
  const auto logs = read_lines(lines);
  const auto coverage = sy::coverage_of(logs, plan);
  const auto findings = sy::survivorship_findings(coverage, logs.catalogue());
  REQUIRE(findings.size() == 1);  // Lambda left just over half of its own
  CHECK(findings[0].find("heavy_processing on ecs: 40 of 1,600 scheduled requests left a row (2.5 %)") == 0);
  CHECK(findings[0].find("in midday_low_load it left 5.0 % where lambda left 100.0 %") != std::string::npos);
  CHECK(findings[0].find("in midday_low_load_2 neither platform answered half") != std::string::npos);
}
