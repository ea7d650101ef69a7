#include "switchyard/pipeline/simulate.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace sy = switchyard;
namespace fs = std::filesystem;

namespace {

/// A folder of its own that goes with the test.
struct TestFolder {
  fs::path path;
  explicit TestFolder(const std::string& name)
      : path(fs::temp_directory_path() / ("switchyard_simulate_test_" + name)) {
    fs::remove_all(path);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() { fs::remove_all(path); }
  [[nodiscard]] std::string name() const { return path.string(); }
};

std::map<std::string, std::string> files_of(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ostringstream text;
    text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    files[fs::relative(entry.path(), folder).string()] = text.str();
  }
  return files;
}

std::vector<nlohmann::json> rows_of(const fs::path& folder) {
  std::vector<nlohmann::json> rows;
  for (const auto& [name, text] : files_of(folder)) {
    if (name == "experiment.json") continue;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) rows.push_back(nlohmann::json::parse(line));
    REQUIRE(text.back() == '\n');
  }
  return rows;
}

sy::SimulateOptions short_plan(std::uint64_t seed = 42) { return {.seed = seed, .time_scale = 0.02}; }

}  // namespace

TEST_CASE("One row is written for every scheduled request") {
  const TestFolder folder("rows");
  const auto experiment = sy::default_experiment();
  const auto summary = sy::simulate(experiment, folder.name(), short_plan());
  CHECK(summary.rows == 3690);  // 184,500 x 0.02
  CHECK(summary.scheduled == summary.rows);
  const auto rows = rows_of(folder.path);
  REQUIRE(rows.size() == 3690);
  std::set<std::pair<std::string, int>> numbers;
  std::set<std::string> ids;
  std::map<std::string, std::uint64_t> classes;
  for (const auto& row : rows) {
    numbers.emplace(row["run_id"].get<std::string>(), row["seq"].get<int>());
    ids.insert(row["request_id"].get<std::string>());
    ++classes[row["error_class"].get<std::string>()];
  }
  CHECK(numbers.size() == rows.size());
  CHECK(ids.size() == rows.size());
  std::uint64_t counted = 0;
  for (const auto& [name, count] : classes) {
    const auto outcome = sy::parse_outcome(name);
    CHECK(summary.count(sy::Platform::lambda, outcome) + summary.count(sy::Platform::ecs, outcome) == count);
    counted += count;
  }
  CHECK(counted == summary.rows);
}

TEST_CASE("Rows agree with the schedule, the files they are in and themselves") {
  const TestFolder folder("agree");
  const auto experiment = sy::default_experiment();
  (void)sy::simulate(experiment, folder.name(), {.time_scale = 0.02, .runs = {"midday_medium_load"}});
  const sy::Schedule schedule(experiment, 2, 42, {.time_scale = 0.02});
  const auto rows = rows_of(folder.path / "midday_medium_load");
  REQUIRE(rows.size() == schedule.count());
  std::size_t timeouts = 0;
  std::size_t refused = 0;
  for (const auto& row : rows) {
    const auto arrival = schedule.at(row["seq"].get<std::uint64_t>());
    REQUIRE(row["platform"] == std::string(sy::to_string(arrival.platform)));
    REQUIRE(row["workload_type"] == std::string(experiment.catalogue.name(arrival.workload)));
    REQUIRE(row["target_payload_size_kb"] == arrival.size_kb);
    const double sent = *sy::parse_utc_ms(row["sent_at"].get<std::string>());
    REQUIRE(std::abs(sent - (schedule.run().start_ms + arrival.offset_ms)) <= 0.5);
    REQUIRE(row["request_id"].get<std::string>().substr(4, 13) == std::to_string(static_cast<long long>(sent)));
    const auto response = row["response_time_ms"].get<double>();
    REQUIRE(*sy::parse_utc_ms(row["done_at"].get<std::string>()) == Approx(sent + response).margin(0.51));
    const bool timeout = row["error_class"] == "timeout";
    REQUIRE((response == 10'000 && row["http_status"] == 0) == timeout);
    const bool too_large = row["error_class"] == "too_large";
    if (too_large) {
      REQUIRE(arrival.platform == sy::Platform::lambda);
      REQUIRE(arrival.size_kb > 6144);
      REQUIRE(row["http_status"] == 413);
    }
    if (row["error_class"] == "none") {
      REQUIRE((arrival.platform == sy::Platform::ecs || arrival.size_kb < 6144));
      REQUIRE(row["metrics"]["execution_time_ms"].get<double>() < response);
      REQUIRE(row["metrics"].contains("cold_start") == (arrival.platform == sy::Platform::lambda));
      REQUIRE(row["metrics"].contains("cpu_percent") == (arrival.platform == sy::Platform::ecs));
    } else {
      REQUIRE(row["metrics"].empty());
    }
    timeouts += timeout ? 1 : 0;
    refused += too_large ? 1 : 0;
  }
  CHECK(timeouts > 0);
  CHECK(refused > 0);
  CHECK(fs::exists(folder.path / "midday_medium_load" / "ecs_heavy_processing_2026-01-12.jsonl"));
}

TEST_CASE("The same seed gives the same bytes, another seed others") {
  const TestFolder first("first");
  const TestFolder second("second");
  const TestFolder third("third");
  (void)sy::simulate(sy::default_experiment(), first.name(), short_plan());
  (void)sy::simulate(sy::default_experiment(), second.name(), short_plan());
  (void)sy::simulate(sy::default_experiment(), third.name(), short_plan(43));
  const auto files = files_of(first.path);
  CHECK(files.size() == 41);
  CHECK((files == files_of(second.path)));
  CHECK((files != files_of(third.path)));
}

TEST_CASE("A simulated body is as long as the body that would be sent") {
  for (const auto workload : {sy::Workload::lightweight_api, sy::Workload::medium_processing}) {
    for (const double size : {0.5, 10.0, 1023.3}) {
      const sy::RequestLabels labels = {
          "req_1768219200200_axx1h9jnq", "some_workload", 1e12, size, "midday", "low_load"};
      const std::string body = sy::request_body(labels, workload, 9);
      CHECK(sy::body_bytes(labels, workload) == static_cast<double>(body.size()));
      const auto json = nlohmann::json::parse(body);
      CHECK(json["metadata"]["target_size_kb"] == size);
      const auto& payload = json["payload"];
      const std::string text = payload.is_object() ? payload["data"].get<std::string>() : payload.get<std::string>();
      CHECK(text.size() == sy::filler_length(workload, size));
      CHECK(payload.is_object() == (workload == sy::Workload::lightweight_api));
      const double sent_kb = static_cast<double>(payload.is_object() ? payload.dump().size() : text.size()) / 1024;
      CHECK(sy::actual_payload_kb(workload, size) == sent_kb);
      CHECK(body == sy::request_body(labels, workload, 9));
      CHECK(body != sy::request_body(labels, workload, 10));
    }
  }
}

TEST_CASE("Stopping leaves complete lines") {
  const TestFolder folder("stop");
  auto options = short_plan();
  options.progress = [](std::uint64_t rows) { return rows < 2000; };
  const auto summary = sy::simulate(sy::default_experiment(), folder.name(), options);
  CHECK(summary.stopped);
  CHECK(summary.rows == 2000);
  CHECK(rows_of(folder.path).size() == 2000);
}

TEST_CASE("A folder in use is left alone unless told otherwise") {
  const TestFolder folder("used");
  fs::create_directories(folder.path);
  std::ofstream(folder.path / "note.txt") << "mine\n";
  auto options = short_plan();
  CHECK_THROWS_AS(sy::simulate(sy::default_experiment(), folder.name(), options), sy::InvalidArgument);
  CHECK(files_of(folder.path).size() == 1);
  options.overwrite = true;
  (void)sy::simulate(sy::default_experiment(), folder.name(), options);
  (void)sy::simulate(sy::default_experiment(), folder.name(), options);  // replaces, does not append
  fs::remove(folder.path / "note.txt");
  CHECK(rows_of(folder.path).size() == 3690);
}

TEST_CASE("Unknown runs are refused with the nearest name") {
  const TestFolder folder("run");
  try {
    (void)sy::simulate(sy::default_experiment(), folder.name(), {.runs = {"midday"}});
    FAIL("no error");
  } catch (const sy::InvalidArgument& error) {
    CHECK(std::string(error.what()) == "run 'midday' is not in the experiment; did you mean 'midday_medium_load'?");
  }
  CHECK_FALSE(fs::exists(folder.path));
}

TEST_CASE("The plan that is written is the one that was carried out") {
  auto experiment = sy::default_experiment();
  const auto scaled = sy::detail::as_simulated(experiment, {3}, 0.01);  // the burst, which repeats through its hour
  REQUIRE(scaled.runs.size() == 1);
  CHECK(scaled.runs[0].name == "evening_burst_load");
  CHECK(sy::Schedule(scaled, 0, 42).count() == sy::Schedule(experiment, 3, 42, {.time_scale = 0.01}).count());
}
