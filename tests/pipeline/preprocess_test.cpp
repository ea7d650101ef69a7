#include "switchyard/pipeline/preprocess.hpp"

#include "switchyard/core/random.hpp"
#include "switchyard/io/experiment_json.hpp"
#include "switchyard/pipeline/dataset_summary.hpp"
#include "switchyard/pipeline/dataset_writer.hpp"

#include "pipeline/planned_logs.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
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

TEST_CASE("threads change nothing: neither rows, reasons and places nor a byte of the dataset") {
  std::string text;
  for (int i = 0; i < 9000; ++i) {
    text += row(i % 2 == 0 ? "lambda" : "ecs", thumbnail, i, 500 + i % 700, 200);
    if (i % 1000 == 17) text += "{\"platform\":\n\n";
    if (i % 1500 == 400) text += row("lambda", thumbnail, i, 500, 200);  // a second time
  }
  text += std::string(17 << 20, ' ') + "x\n{\"torn";
  const auto result = [&](int threads) {
    sy::LogReader reader(sy::default_catalogue(), threads);
    for (const char* name : {"first", "second"}) {
      std::istringstream input(text);
      reader.read(input, name);
    }
    std::ostringstream told;
    told << reader.rows_read() << ' ' << reader.observations().size() << '\n';
    for (const auto& [reason, entry] : reader.dropped()) {
      told << reason << ' ' << entry.rows << ' ' << sy::to_string(entry.first) << '\n';
    }
    told << sy::to_string(reader.place_of(8000)) << '\n';
    const auto data = sy::preprocess(reader, {}, {}, threads);
    sy::write_dataset(told, data, threads);
    told << sy::summary_to_json(data, sy::summarise(data, {}, {}, threads));
    return told.str();
  };
  const std::string one = result(1);
  CHECK(one.find("malformed_json 18 first:19") != std::string::npos);
  CHECK(one.find("torn_line 2 ") != std::string::npos);
  CHECK(one.find("line_too_long 2 ") != std::string::npos);
  CHECK((result(2) == one));
  CHECK((result(5) == one));
}

TEST_CASE("a duplicate is counted, and both platforms of a pair are not duplicates") {
  const auto line = row("lambda", thumbnail, 0, 500, 200);
  const auto data = prepare(line + line + row("ecs", thumbnail, 0, 600, 200));
  CHECK(data.rows.size() == 2);
  CHECK(data.dropped.at("duplicate_request_id").rows == 1);
  CHECK(data.dropped.at("duplicate_request_id").first.line == 2);
}

TEST_CASE("a set of keys knows which it has seen") {
  sy::detail::KeySet keys;
  std::set<std::uint64_t> expected;
  sy::Rng rng(5);
  for (int i = 0; i < 20000; ++i) {
    // Some repeat, and many share their low digits, where their places are.
    const std::uint64_t key = 1 + rng.below(8000) * (rng.below(2) == 0 ? 1 : 0x100000);
    CHECK(keys.insert(key) == expected.insert(key).second);
  }
}

TEST_CASE("rows are in order of send time, those of one moment in the log's") {
  const auto data = prepare(row("ecs", thumbnail, 30, 600, 200) + row("lambda", thumbnail, 10, 500, 200) +
                            row("ecs", thumbnail, 10, 600, 200) + row("lambda", thumbnail, 20, 500, 200) +
                            row("lambda", thumbnail, 30, 500, 200));
  std::vector<std::size_t> sources;
  for (const sy::PreparedRow& prepared : data.rows) sources.push_back(prepared.source);
  CHECK(sources == std::vector<std::size_t>{1, 2, 3, 0, 4});
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

TEST_CASE("rows tell how often their mate serves and what the other mate would have said") {
  // ECS answers at 0, 10 and 30 s; Lambda's requests at 1, 2 and 9 s.
  const std::string log = row("ecs", thumbnail, 0, 100, 200) + row("lambda", thumbnail, 1, 500, 200) +
                          row("lambda", thumbnail, 2, 500, 200) + row("lambda", thumbnail, 9, 500, 200) +
                          row("ecs", thumbnail, 10, 200, 200) + row("ecs", thumbnail, 30, 300, 200);
  const auto nearest = prepare(log);
  REQUIRE(nearest.rows.size() == 6);
  std::vector<std::int64_t> reuse;
  for (const auto& prepared : nearest.rows) reuse.push_back(prepared.mate_reuse);
  // Mates by hand: ECS 0 -> L1, L1 -> E0, L2 -> E0, L9 -> E10, E10 -> L9, E30 -> L9.
  CHECK(reuse == std::vector<std::int64_t>{1, 2, 2, 1, 2, 2});
  REQUIRE(nearest.rows[2].alternative);
  CHECK(nearest.rows[2].alternative->latency_ms == 200);  // next: the one at 10 s
  CHECK_FALSE(nearest.rows[5].alternative);               // nothing is sent after it

  sy::PreprocessOptions options;
  options.match.mate = sy::Mate::next;
  const auto next = prepare(log, options);
  REQUIRE(next.rows.size() == 4);
  CHECK(next.rows[1].mate_reuse == 3);
  CHECK(next.rows[1].alternative->latency_ms == 100);  // nearest: the one at 0 s
}

TEST_CASE("rows are weighted to what was scheduled of their cell") {
  // 40 requests to Lambda and 40 to ECS, half of them of 100 and half of 200 KB.
  auto plan = planned_logs::plan_of({{"midday_low_load", 0, 80, 1}});
  const auto workload = sy::Workload::thumbnail_processing;
  plan.scenarios = {{workload, sy::Platform::lambda, 1}, {workload, sy::Platform::ecs, 1}};
  plan.catalogue.workloads[1].sizes_kb = {100, 200};
  std::vector<planned_logs::LogLine> lines;
  for (int i = 0; i < 20; ++i) {
    for (const char* platform : {"lambda", "ecs"}) lines.push_back({.platform = platform, .sent_s = 4.0 * i});
    if (i % 4 != 0) continue;
    lines.push_back({.platform = "lambda", .sent_s = 4.0 * i, .size_kb = 200});
    lines.push_back({.platform = "ecs", .sent_s = 4.0 * i, .size_kb = 200});
  }
  lines.push_back({.platform = "ecs", .sent_s = 79, .size_kb = 200});
  const auto logs = planned_logs::read_lines(lines);
  const auto data = sy::preprocess(logs, {}, sy::coverage_of(logs, plan));
  REQUIRE(data.rows.size() == 51);
  double sum = 0;
  for (const auto& prepared : data.rows) {
    sum += prepared.scheduled_weight;
    const bool small = prepared.observation.request.payload_kb == 100;
    // 40 scheduled against 40 and 11 seen; the mean of these over 40 and 11 rows is 80/51.
    CHECK(prepared.scheduled_weight == Approx((small ? 1.0 : 40.0 / 11.0) * 51 / 80));
    CHECK(prepared.missing[0] == Approx(small ? 0 : 14.0 / 20));
    CHECK(prepared.missing[1] == Approx(small ? 0 : 15.0 / 20));
  }
  CHECK(sum == Approx(51));
  for (const auto& prepared : sy::preprocess(logs).rows) CHECK(prepared.scheduled_weight == 1);
}

TEST_CASE("a missing answer is a counterpart that timed out, and never a row") {
  // 1,000 requests to each platform; Lambda answered all, ECS those of the first half.
  auto plan = planned_logs::plan_of({{"midday_low_load", 0, 2000, 1}});
  const auto workload = sy::Workload::thumbnail_processing;
  plan.scenarios = {{workload, sy::Platform::lambda, 1}, {workload, sy::Platform::ecs, 1}};
  plan.catalogue.workloads[1].sizes_kb = {100};
  std::vector<planned_logs::LogLine> lines;
  for (int i = 0; i < 1000; ++i) {
    lines.push_back({.platform = "lambda", .sent_s = 2.0 * i});
    if (i < 500) lines.push_back({.platform = "ecs", .sent_s = 2.0 * i, .latency_ms = 400});
  }
  const auto logs = planned_logs::read_lines(lines);
  const auto coverage = sy::coverage_of(logs, plan);
  sy::PreprocessOptions options;
  options.missing = sy::MissingRule::timeout;
  CHECK_THROWS_AS(sy::preprocess(logs, options), sy::InvalidArgument);
  const auto data = sy::preprocess(logs, options, coverage);
  CHECK(data.missing_answers == 500);
  REQUIRE(data.rows.size() == 1500);
  for (const auto& prepared : data.rows) {
    REQUIRE(prepared.source < 1500);
    const bool late = prepared.observation.sent_at_ms > planned_logs::noon_ms + 999'000;
    CHECK(prepared.ecs.ok == !late);
    CHECK(prepared.labels.latency_optimal == late);
    if (late) {
      CHECK(prepared.ecs.latency_ms == logs.catalogue().timeout_ms);
      CHECK(prepared.mate >= 1500);
    }
  }
  const auto ignored = sy::preprocess(logs, {}, coverage);
  const auto changes = sy::compare_missing_rules(ignored, data);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].workload == thumbnail);
  CHECK(changes[0].ignore.rows == 1000 + 500 - 500 + 150);  // beyond 300 s there is no mate
  CHECK(changes[0].timeout.rows == 1500);
  CHECK(changes[0].gained == changes[0].timeout.rows - changes[0].ignore.rows);
  CHECK(changes[0].changed == 150);
  CHECK(changes[0].lost == 0);

  options.label_rule = sy::LabelRule::platform_median;  // of 1,000 answers to ECS half are 10,000 ms
  const auto medians = sy::preprocess(logs, options, coverage);
  for (const auto& prepared : medians.rows) {
    const bool own = prepared.observation.platform == sy::Platform::ecs;
    CHECK(prepared.ecs.latency_ms == Approx(own ? 400 : 5200));
    CHECK_FALSE(prepared.alternative);
  }
}

TEST_CASE("the dataset ends with the columns for evaluation, and none of them is a feature") {
  std::ostringstream csv;
  sy::write_dataset(csv, prepare(row("lambda", thumbnail, 0, 500, 200) + row("ecs", thumbnail, 1, 600, 200)));
  const std::string text = csv.str();
  CHECK(text.find(",observed_ecs_ok,mate_pair_id,mate_reuse,scheduled_weight,missing_lambda,missing_ecs,"
                  "alternative_mate_latency_ms,alternative_mate_cost_usd,alternative_mate_ok\n") != std::string::npos);
  const std::string lambda_row =
      text.substr(text.find('\n') + 1, text.find('\n', text.find('\n') + 1) - text.find('\n'));
  CHECK(lambda_row.find(",1,1,0,0,600,") != std::string::npos);  // the next mate is the nearest
  CHECK(text.substr(text.size() - 12) == ",1,1,0,0,,,\n");       // ECS's was sent before it
  for (const auto name : sy::evaluation_columns) CHECK(sy::forbidden_reason(name));
}

TEST_CASE("lint names where the plan does not fit the logs") {
  auto plan = planned_logs::plan_of({{"midday_low_load", 0, 10, 1}, {"never", 90'000, 10, 1}});
  plan.runs[1].window = "evening";
  plan.catalogue.workloads[1].sizes_kb = {100, 200};
  std::vector<planned_logs::LogLine> lines = {{.size_kb = 321}};
  for (int i = 0; i < 40; ++i) lines.push_back({.sent_s = 0.1 * i});
  for (int i = 0; i < 40; ++i) lines.push_back({.platform = "ecs", .sent_s = 0.1 * i});
  const auto logs = planned_logs::read_lines(lines);
  const auto coverage = sy::coverage_of(logs, plan);
  const auto warnings = sy::summarise(sy::preprocess(logs, {}, coverage), coverage).warnings;
  const auto mentions = [&](const std::string& text) {
    return std::any_of(warnings.begin(), warnings.end(), [&](const auto& warning) { return warning.find(text) == 0; });
  };
  CHECK(mentions("plan: run never of the experiment has no row in the logs"));
  CHECK(mentions("plan: 1 of 81 log rows are of no run, workload and size of the experiment"));
  CHECK(
      mentions("plan: 2 cells have more rows than the experiment schedules (midday_low_load, thumbnail_processing of "
               "100 KB on ecs: 40 of 1); it is not the plan of these logs"));
  CHECK(mentions("refused: thumbnail_processing of 200 KB was answered by no platform in any run"));
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
  SECTION("the plan as it was carried out") {
    const auto path = std::filesystem::path(SWITCHYARD_SOURCE_DIR) / "examples/experiments/original.json";
    const auto coverage = sy::coverage_of(reader, sy::read_experiment(path.string()));
    CHECK(std::count(coverage.cell_of.begin(), coverage.cell_of.end(), sy::Coverage::no_cell) == 0);
    // Seen as counted by hand; scheduled: arrivals of the run / 8.
    const auto totals = sy::coverage_by_run(coverage);
    REQUIRE(totals.size() == 16);
    const std::map<std::string, std::array<double, 4>> heavy = {{"evening_burst_load", {67, 1687.5, 692, 1687.5}},
                                                                {"early_morning_low_load", {282, 2250, 2200, 2250}},
                                                                {"morning_peak_ramp_load", {9, 831.25, 506, 831.25}},
                                                                {"midday_medium_load", {2, 6750, 2, 6750}}};
    for (const auto& run : totals) {
      if (run.workload != sy::Workload::heavy_processing) continue;
      const auto& expected = heavy.at(coverage.executions[run.execution].name);
      CHECK(static_cast<double>(run.seen[0]) == expected[0]);
      CHECK(run.scheduled[0] == Approx(expected[1]).margin(0.2));
      CHECK(static_cast<double>(run.seen[1]) == expected[2]);
      CHECK(run.scheduled[1] == Approx(expected[3]).margin(0.2));
    }
    for (const auto& cell : coverage.cells) CHECK_FALSE(cell.refused);  // the sizes sent were cut to what passes

    sy::PreprocessOptions options;
    options.missing = sy::MissingRule::timeout;
    const auto ignored = sy::preprocess(reader, {}, coverage);
    const auto data = sy::preprocess(reader, options, coverage);
    CHECK(ignored.rows.size() == 52'057);
    CHECK(data.rows.size() == 52'395);  // every row has a counterpart now, if only a missing one
    const auto summary = sy::summarise(data, coverage, sy::compare_missing_rules(ignored, data));
    CHECK_FALSE(summary.label_changes[3].ignore.rate(summary.label_changes[3].ignore.balanced_optimal) > 0.85);
    CHECK(summary.label_changes[3].timeout.rate(summary.label_changes[3].timeout.balanced_optimal) > 0.95);
    CHECK(std::any_of(summary.survivorship.begin(), summary.survivorship.end(), [](const std::string& finding) {
      return finding.find("heavy_processing on ecs: 360 of 11,519 scheduled requests left a row (3.1 %)") == 0 &&
             finding.find("in early_morning_low_load it left 12.5 % where lambda left 97.8 %") != std::string::npos;
    }));
    CHECK(std::none_of(summary.warnings.begin(), summary.warnings.end(),
                       [](const std::string& warning) { return warning.find("not the plan") != std::string::npos; }));
  }
}
