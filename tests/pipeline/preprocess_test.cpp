#include "switchyard/pipeline/preprocess.hpp"

#include "switchyard/pipeline/dataset_summary.hpp"
#include "switchyard/pipeline/dataset_writer.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace sy = switchyard;

namespace {

// One log row. sent_s: seconds after 12:00 UTC, 22 November 2025.
std::string row(const std::string& platform, const std::string& workload, double sent_s, double latency_ms,
                double execution_ms, int status = 200, double size_kb = 100) {
  nlohmann::json object = {{"request_id", "id" + std::to_string(sent_s) + platform},
                           {"platform", platform},
                           {"workload_type", workload},
                           {"sent_at", sy::format_utc(1763812800000.0 + sent_s * 1000)},
                           {"http_status", status},
                           {"response_time_ms", latency_ms},
                           {"target_payload_size_kb", size_kb},
                           {"time_window", "midday"},
                           {"load_pattern", "low_load"},
                           {"metrics", {{"execution_time_ms", execution_ms}}}};
  return object.dump() + "\n";
}

sy::PreparedData prepare(const std::string& log, const sy::PreprocessOptions& options = {}) {
  sy::LogReader reader(sy::default_catalogue());
  std::istringstream input(log);
  reader.read(input, "log.jsonl");
  return sy::preprocess(reader, options);
}

const std::string thumbnail = "thumbnail_processing";

}  // namespace

TEST_CASE("a request is compared with the other platform's nearest") {
  // Lambda 256 MB: 200 ms cost 1.03e-6; the ECS task of 0.024685 USD/h: 200 ms cost 1.37e-6. Lambda is cheaper at
  // equal times, so latency decides.
  const auto data = prepare(row("lambda", thumbnail, 0, 500, 200) + row("ecs", thumbnail, 1, 600, 200) +
                            row("ecs", thumbnail, 100, 400, 200) + row("lambda", thumbnail, 101, 500, 200));
  REQUIRE(data.rows.size() == 4);
  const std::vector<bool> balanced = {true, true, false, false};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(data.rows[i].labels.cost_optimal);
    CHECK(data.rows[i].labels.balanced_optimal == balanced[i]);
  }
  CHECK(data.rows[0].pair_id == data.rows[1].pair_id);
  CHECK(data.rows[1].pair_id != data.rows[2].pair_id);
  CHECK(data.rows[2].pair_id == data.rows[3].pair_id);
  CHECK(data.rows[0].lambda.latency_ms == 500);
  CHECK(data.rows[0].ecs.latency_ms == 600);
}

TEST_CASE("only requests of one stratum are compared, and none too far away") {
  const auto data = prepare(row("lambda", thumbnail, 0, 500, 200) + row("ecs", thumbnail, 1, 600, 200, 200, 500) +
                            row("ecs", thumbnail, 400, 600, 200));
  CHECK(data.rows.empty());
  CHECK(data.dropped.at("no_counterpart").rows == 1);
  CHECK(data.dropped.at("no_counterpart").first == sy::Place{"log.jsonl", 2, 0});
  CHECK(data.dropped.at("no_counterpart_within_gap").rows == 2);
}

TEST_CASE("failures: one loses, two have no label") {
  const auto data = prepare(row("lambda", thumbnail, 0, 100, 50, 500) + row("ecs", thumbnail, 1, 9000, 8000) +
                            row("lambda", thumbnail, 1000, 100, 50, 500) + row("ecs", thumbnail, 1001, 100, 50, 503));
  REQUIRE(data.rows.size() == 2);
  CHECK_FALSE(data.rows[0].labels.cost_optimal);
  CHECK_FALSE(data.rows[0].labels.balanced_optimal);
  CHECK(data.dropped.at("both_failed").rows == 2);
}

TEST_CASE("what Lambda cannot take carries no label but is kept") {
  const auto data = prepare(row("lambda", "heavy_processing", 0, 100, 50, 413, 8192) +
                            row("ecs", "heavy_processing", 1, 9000, 8000, 200, 8192));
  REQUIRE(data.rows.size() == 2);
  CHECK_FALSE(data.rows[0].feasible);
  const auto summary = sy::summarise(data);
  CHECK(summary.labelled == 0);
  CHECK(summary.infeasible == 2);
  std::ostringstream csv;
  sy::write_dataset(csv, data);
  CHECK(csv.str().find(",,,,id") != std::string::npos);  // three empty labels before the request id
}

TEST_CASE("a duplicate is counted, and both platforms of a pair are not duplicates") {
  const auto line = row("lambda", thumbnail, 0, 500, 200);
  const auto data = prepare(line + line + row("ecs", thumbnail, 0, 600, 200));
  CHECK(data.rows.size() == 2);
  CHECK(data.dropped.at("duplicate_request_id").rows == 1);
  CHECK(data.dropped.at("duplicate_request_id").first.line == 2);
}

TEST_CASE("runs are stretches without a gap of ten minutes") {
  std::string log;
  for (const double start : {0.0, 500.0, 1200.0}) {  // 500 s on: same run; 700 s on: another
    log += row("lambda", thumbnail, start, 500, 200) + row("ecs", thumbnail, start, 600, 200);
  }
  const auto data = prepare(log);
  CHECK(data.runs == std::vector<std::string>{"midday_low_load", "midday_low_load_2"});
  CHECK(data.rows.front().run == 0);
  CHECK(data.rows.back().run == 1);
}

TEST_CASE("a run of a phase that is taken gets the next free number") {
  std::vector<std::string> names = {"", "a_2", "", "b", "", ""};
  const std::map<std::string, std::size_t> a = {{"a", 2}, {"b", 1}};
  const std::map<std::string, std::size_t> b = {{"a", 1}, {"b", 2}};
  sy::detail::name_runs(names, {a, {}, a, {}, b, a});
  CHECK(names == std::vector<std::string>{"a", "a_2", "a_3", "b", "b_2", "a_4"});
}

TEST_CASE("sizes are one stratum if their first three digits are") {
  using sy::detail::size_key;
  CHECK(size_key(5461.3359375) == size_key(5461.337890625));
  CHECK(size_key(3079.7) == size_key(3080.2));
  CHECK(size_key(999.6) == size_key(1000));
  CHECK(size_key(1000) == size_key(1004));
  CHECK(size_key(1000) != size_key(100));
  CHECK(size_key(3072) != size_key(3090));
  CHECK(size_key(0.5) != size_key(1));
  CHECK(size_key(0) == 0);
  CHECK(size_key(std::nan("")) == 0);
  CHECK(size_key(1e12) > 0);
  CHECK(size_key(1e12) < 100'000);
}

TEST_CASE("the original's rule compares with the platform's median") {
  sy::PreprocessOptions options;
  options.label_rule = sy::LabelRule::platform_median;
  options.latency = sy::LatencySource::execution;
  options.margin = 0.1;
  const auto data = prepare(row("lambda", thumbnail, 0, 1, 89) + row("lambda", thumbnail, 9999, 1, 91) +
                                row("ecs", thumbnail, 20000, 1, 90) + row("ecs", thumbnail, 30000, 1, 110),
                            options);
  REQUIRE(data.rows.size() == 4);  // ECS's median is 100, Lambda's 90
  CHECK(data.rows[0].labels.latency_optimal);
  CHECK_FALSE(data.rows[1].labels.latency_optimal);
  CHECK_FALSE(data.rows[2].labels.latency_optimal);  // 90 < 0.9 x 90 does not hold
  CHECK(data.rows[3].labels.latency_optimal);        // 90 < 0.9 x 110
}

TEST_CASE("options out of range are refused") {
  sy::PreprocessOptions options;
  options.margin = 1;
  CHECK_THROWS_AS(prepare("", options), sy::InvalidArgument);
  options.margin = 0;
  options.match.max_gap_ms = -1;
  CHECK_THROWS_AS(prepare("", options), sy::InvalidArgument);
}

TEST_CASE("lint names what the plan cannot tell apart") {
  std::string log = row("lambda", thumbnail, 0, 500, 200) + row("ecs", thumbnail, 1, 600, 200);
  auto evening = nlohmann::json::parse(row("lambda", thumbnail, 5, 500, 200));
  evening["time_window"] = "evening";
  evening["load_pattern"] = "burst_load";
  log += evening.dump() + "\n";
  evening["platform"] = "ecs";
  log += evening.dump() + "\n";
  const auto warnings = sy::lint_design(prepare(log));
  const auto mentions = [&](const std::string& text) {
    return std::any_of(warnings.begin(), warnings.end(), [&](const auto& warning) { return warning.find(text) == 0; });
  };
  CHECK(mentions("confounded: "));
  CHECK(mentions("constant: is_weekend is always 1"));
  CHECK(mentions("window: 2 of 2 rows logged as evening"));
}

TEST_CASE("the real logs give the known numbers") {
  const std::filesystem::path logs = std::filesystem::path(SWITCHYARD_SHARED_DATA) / "aws-variance-logs";
  if (std::string(SWITCHYARD_SHARED_DATA).empty() || !std::filesystem::exists(logs)) {
    WARN("skipped: no aws-variance-logs (set SWITCHYARD_SHARED_DATA)");
    return;
  }
  sy::LogReader reader(sy::default_catalogue());
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(logs)) {
    if (entry.path().extension() == ".jsonl") files.insert(entry.path());
  }
  for (const auto& file : files) {
    std::ifstream input(file);
    reader.read(input, file.string());
  }
  CHECK(reader.rows_read() == 52'454);
  CHECK(reader.dropped().at("unknown_platform").rows == 59);

  SECTION("the original's rule") {
    sy::PreprocessOptions options;
    options.label_rule = sy::LabelRule::platform_median;
    options.latency = sy::LatencySource::execution;
    options.costs.prices = sy::original_prices();
    options.margin = 0.1;
    const auto summary = sy::summarise(sy::preprocess(reader, options));
    CHECK(summary.labelled == 52'395);
    const std::vector<std::pair<std::int64_t, std::int64_t>> balanced = {
        {10'123, 22'137}, {13'988, 19'333}, {6'878, 7'165}, {2'129, 3'760}};
    for (std::size_t i = 0; i < balanced.size(); ++i) {
      CHECK(summary.variance.workloads[i].counts.balanced_optimal == balanced[i].first);
      CHECK(summary.variance.workloads[i].counts.rows == balanced[i].second);
    }
    CHECK(summary.ceiling.plain == Approx(0.68881).margin(0.002));
  }
  SECTION("the default rule") {
    const auto data = sy::preprocess(reader);
    CHECK(data.dropped.at("no_counterpart").rows == 84);
    CHECK(data.dropped.at("no_counterpart_within_gap").rows == 254);
    const auto summary = sy::summarise(data);
    CHECK(summary.labelled == 52'057);
    const auto& overall = summary.variance.overall;
    CHECK(overall.rate(overall.cost_optimal) == Approx(0.73663).margin(0.001));
    CHECK(overall.rate(overall.latency_optimal) == Approx(0.38736).margin(0.001));
    CHECK(overall.rate(overall.balanced_optimal) == Approx(0.35108).margin(0.001));
    CHECK(summary.contexts == 91);
    CHECK(summary.ceiling.plain == Approx(0.82310).margin(0.002));
    CHECK(summary.components == 11'976);
    CHECK(summary.largest_component == 95);
    CHECK_FALSE(summary.variance.passes());  // lightweight and heavy are too one-sided
    CHECK(data.runs == std::vector<std::string>{"evening_burst_load", "early_morning_low_load",
                                                "morning_peak_ramp_load", "midday_medium_load"});
  }
  SECTION("the next mate") {
    sy::PreprocessOptions options;
    options.match.mate = sy::Mate::next;
    const auto summary = sy::summarise(sy::preprocess(reader, options));
    CHECK(summary.labelled == 51'426);
    CHECK(summary.variance.overall.rate(summary.variance.overall.balanced_optimal) == Approx(0.346).margin(0.001));
  }
}
