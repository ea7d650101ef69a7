#include "switchyard/io/experiment_json.hpp"

#include "switchyard/cloud/schedule.hpp"

#include <catch2/catch.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

namespace sy = switchyard;

namespace {

std::string error_of(const std::string& json) {
  try {
    (void)sy::experiment_from_json(nlohmann::json::parse(json), "plan.json: ");
  } catch (const sy::InvalidArgument& error) {
    return error.what();
  }
  return "no error";
}

std::string with_phase(const std::string& phase) {
  return R"({"runs":[{"window":"midday","load_pattern":"low_load","start":"2026-01-12T12:00:00Z","phases":[)" + phase +
         "]}]}";
}

sy::Phase phase_of(const std::string& phase) {
  return sy::experiment_from_json(nlohmann::json::parse(with_phase(phase))).runs.at(0).phases.at(0);
}

}  // namespace

TEST_CASE("The default experiment survives being written and read") {
  auto experiment = sy::default_experiment();
  experiment.max_cost_usd = 12.5;
  experiment.pairing = sy::Pairing::paired;
  experiment.catalogue.zone_offset_minutes = -210;
  const auto json = sy::experiment_to_json(experiment);
  const auto read = sy::experiment_from_json(json);
  CHECK(sy::experiment_to_json(read) == json);
  CHECK(read.pairing == sy::Pairing::paired);
  CHECK(read.max_cost_usd == 12.5);
  CHECK(read.catalogue.zone_offset_minutes == -210);
  REQUIRE(read.runs.size() == 5);
  CHECK(read.runs[1].phases[0].ramp_to == 25.0);
  CHECK(read.runs[3].cycle_to_s == 3600);
  CHECK(read.runs[3].start_ms == experiment.runs[3].start_ms);
}

TEST_CASE("An empty file is the default plan") {
  const auto read = sy::experiment_from_json(nlohmann::json::object());
  CHECK(sy::experiment_to_json(read) == sy::experiment_to_json(sy::default_experiment()));
  CHECK(read.endpoints.lambda == "http://127.0.0.1:8081");
  CHECK(read.endpoints.ecs == "http://127.0.0.1:8082");
  CHECK(read.scenarios.size() == 8);
}

TEST_CASE("Phases may be written as Artillery writes them") {
  CHECK(phase_of(R"({"duration":"5m","arrivalRate":"30"})").duration_s == 300);
  CHECK(phase_of(R"({"duration":"1.5h","arrivalRate":30})").duration_s == 5400);
  CHECK(phase_of(R"({"duration":"500ms","arrivalRate":30})").duration_s == 0.5);
  CHECK(phase_of(R"({"duration":"90","arrivalRate":30})").duration_s == 90);
  CHECK(phase_of(R"({"duration":60,"arrivalRate":5,"rampTo":25})").ramp_to == 25.0);
  CHECK(phase_of(R"({"duration":60,"arrival_rate":5,"ramp_to":25})").ramp_to == 25.0);
  CHECK(phase_of(R"({"duration":60,"arrivalCount":30})").arrival_rate == 0.5);
  const auto pause = phase_of(R"({"pause":"10s"})");
  CHECK(pause.duration_s == 10);
  CHECK(pause.arrival_rate == 0);
}

TEST_CASE("A start without zone is in the experiment's") {
  const auto read = sy::experiment_from_json(nlohmann::json::parse(
      R"({"catalogue":{"zone":"+05:30"},"runs":[
          {"name":"a","window":"midday","load_pattern":"low_load","start":"2026-01-12T12:00:00","phases":[{"duration":1,"arrivalRate":1}]},
          {"name":"b","window":"midday","load_pattern":"low_load","start":"2026-01-12T12:00:00Z","phases":[{"duration":1,"arrivalRate":1}]}]})"));
  CHECK(sy::format_utc(read.runs[0].start_ms) == "2026-01-12T06:30:00.000Z");
  CHECK(sy::format_utc(read.runs[1].start_ms) == "2026-01-12T12:00:00.000Z");
  CHECK(read.catalogue.local_time(read.runs[0].start_ms).hour == 12);
  // The default runs move with the zone, so that they stay in their windows.
  const auto moved = sy::experiment_from_json(nlohmann::json::parse(R"({"catalogue":{"zone":"+05:30"}})"));
  for (const auto& run : moved.runs) {
    const auto hour = moved.catalogue.local_time(run.start_ms).hour;
    CHECK(moved.catalogue.name(moved.catalogue.window_of_hour(hour)) == run.window);
  }
}

TEST_CASE("Errors name the file, the place, what was found and what was expected") {
  CHECK(error_of(with_phase(R"({"duration":60,"arrivalRate":-5})")) ==
        "plan.json: runs[0].phases[0].arrivalRate is -5; expected a number in [0, 1000000]");
  CHECK(error_of(with_phase(R"({"duration":0,"arrivalRate":5})")) ==
        "plan.json: runs[0].phases[0].duration is 0; expected seconds > 0, or text such as \"5m\"");
  CHECK(error_of(with_phase(R"({"duration":"5 weeks","arrivalRate":5})")) ==
        "plan.json: runs[0].phases[0].duration is \"5 weeks\"; expected seconds > 0, or text such as \"5m\"");
  CHECK(error_of(with_phase(R"({"duration":60,"arivalRate":5})")) ==
        "plan.json: runs[0].phases[0].arivalRate is not a field here; did you mean 'arrivalRate'?");
  CHECK(error_of(with_phase(R"({"duration":60})")) ==
        "plan.json: runs[0].phases[0].arrivalRate is missing; expected arrivalRate or arrivalCount");
  CHECK(error_of(R"({"catalogue":{"zone":"Europe/Dublin"}})") ==
        "plan.json: catalogue.zone is 'Europe/Dublin'; expected \"UTC\" or an offset such as \"+05:30\" (named zones "
        "need a "
        "time zone database)");
  CHECK(error_of(R"({"catalogue":{"workloads":[{"name":"w","sizes_kb":[1,0]}]}})") ==
        "plan.json: catalogue.workloads[0].sizes_kb[1] is 0; expected kilobytes in (0, 1000000]");
  CHECK(error_of(R"({"catalogue":{"workloads":[{"name":"../w","sizes_kb":[1]}]}})") ==
        "plan.json: catalogue.workloads[0].name is \"../w\"; expected a name of letters, digits, '_', '-' and '.'");
  CHECK(error_of(R"({"catalogue":{"windows":[{"name":"w","hours":[24]}]}})") ==
        "plan.json: catalogue.windows[0].hours[0] is 24; expected an hour, 0 to 23");
  CHECK(error_of(R"({"scenarios":[{"workload":"heavy","platform":"ecs"}]})") ==
        "plan.json: scenarios[0].workload is 'heavy', which the catalogue does not have; did you mean "
        "'heavy_processing'?");
  CHECK(error_of(R"({"scenarios":[{"workload":"heavy_processing","platform":"azure"}]})") ==
        "plan.json: scenarios[0].platform is 'azure'; expected 'lambda' or 'ecs'");
  CHECK(error_of(R"({"endpoints":{"ecs":"ftp://host"}})") ==
        "plan.json: endpoints.ecs is 'ftp://host'; expected a URL that begins with http:// or https://");
  CHECK(error_of(R"({"runs":[]})") == "plan.json: runs is a list of 0; expected a list of at least one");
  CHECK(error_of("[1]") == "plan.json: the top level is a list of 1; expected an object");
  CHECK(error_of(R"({"run":[]})") == "plan.json: run is not a field here; did you mean 'runs'?");
}

TEST_CASE("Runs and names are not mixed up") {
  CHECK(error_of(R"({"catalogue":{"windows":[{"name":"noon","hours":[12]}]}})")
            .find("which the catalogue does not have") != std::string::npos);
  const std::string run =
      R"({"window":"midday","load_pattern":"low_load","start":"2026-01-12T12:00:00Z","phases":[{"pause":1}]})";
  CHECK(error_of("{\"runs\":[" + run + "," + run + "]}") == "plan.json: runs has 'midday_low_load' twice");
}

TEST_CASE("Files are written, read, and blamed by line and column") {
  const auto folder = std::filesystem::temp_directory_path();
  const std::string name = (folder / "switchyard_experiment_json_test.json").string();
  sy::write_experiment(name, sy::default_experiment(false));
  CHECK(sy::Schedule(sy::read_experiment(name), 3, 1).count() == 13'500);
  std::ofstream(name) << "{\n  \"name\": oops\n}\n";
  try {
    (void)sy::read_experiment(name);
    FAIL("no error");
  } catch (const sy::InvalidArgument& error) {
    CHECK(error.what() == name + ":2:11: not valid JSON");
  }
  std::filesystem::remove(name);
  CHECK_THROWS_AS(sy::read_experiment(name), sy::FileError);
}

TEST_CASE("A catalogue survives being written and read") {
  sy::Catalogue catalogue = sy::default_catalogue();
  catalogue.zone_offset_minutes = 330;
  catalogue.timeout_ms = 5000;
  catalogue.workloads.push_back({"video", "video/x", {1, 2.5}, 1024, 4, 8});
  const auto read = sy::catalogue_from_json(sy::catalogue_to_json(catalogue));
  CHECK(sy::catalogue_to_json(read) == sy::catalogue_to_json(catalogue));
  REQUIRE(read.workloads.size() == 5);
  CHECK(read.workloads[4].path == "video/x");
  CHECK(read.workloads[4].sizes_kb == std::vector<double>{1, 2.5});
  CHECK(read.zone_offset_minutes == 330);
}
