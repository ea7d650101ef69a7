#include "child_process.hpp"
#include "command.hpp"
#include "interrupt.hpp"

#include "switchyard/core/text.hpp"
#include "switchyard/core/utc.hpp"

#include <httplib.h>
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace switchyard::tools {

namespace {

struct Options {
  std::string out = "switchyard-demo";
  double collect_s = 5;
  double scale = 0.2;
  int mlp_epochs = 15;  // of the requirements' 500 at most: enough to take part, few enough for a minute
};

/// Runs this program's own commands, showing each as a user would type it.
class Stage {
 public:
  explicit Stage(std::string program) : program_(std::move(program)) {}

  void say(const std::string& text) const { std::cout << "\n=== " << text << '\n' << std::flush; }

  /// Runs a command to its end; throws Error if it fails or was interrupted.
  void run(const std::vector<std::string>& arguments) const {
    show(arguments);
    ChildProcess child(with_program(arguments));
    const int code = child.wait();
    if (code != done)
      throw Error("demo: `switchyard " + arguments.front() + "` ended with exit code " + std::to_string(code));
  }

  /// Starts a server; its standard output can be read line by line.
  [[nodiscard]] std::unique_ptr<ChildProcess> start(const std::vector<std::string>& arguments) const {
    show(arguments);
    return std::make_unique<ChildProcess>(with_program(arguments), true);
  }

 private:
  void show(const std::vector<std::string>& arguments) const {
    std::cout << "\n$ switchyard";
    for (const auto& argument : arguments) std::cout << ' ' << argument;
    std::cout << '\n' << std::flush;
  }

  [[nodiscard]] std::vector<std::string> with_program(const std::vector<std::string>& arguments) const {
    std::vector<std::string> all = {program_};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
  }

  std::string program_;
};

/// The address at the end of a server's ready line.
std::string address_in(const ChildProcess& server) {
  const std::string line = server.read_line();
  const auto begin = line.rfind("http://");
  if (begin == std::string::npos) throw Error("demo: the server did not start");
  std::cout << line << '\n';
  return line.substr(begin);
}

void collect(const Stage& stage, const Options& options, const std::string& folder) {
  stage.say("1. Measure: both platforms' stand-ins on this machine, over real HTTP");
  const auto platforms = stage.start({"platforms", "--lambda-port", "0", "--ecs-port", "0"});
  const std::string lambda = address_in(*platforms);
  const std::string ecs = address_in(*platforms);
  stage.run({"collect", "--check", "--lambda-url", lambda, "--ecs-url", ecs});
  stage.run({"collect", "--run", "midday_medium_load", "--planned-window", "--duration",
             format_number(options.collect_s), "--lambda-url", lambda, "--ecs-url", ecs, "--out",
             folder + "/collected"});
  if (platforms->stop() != done) throw Error("demo: the stand-ins did not stop cleanly");
}

/// What the label and variance checks of the dataset said, before anything is learned from it.
void tell_checks(const std::string& summary_path, double scale) {
  std::ifstream file(summary_path);
  const auto summary = nlohmann::json::parse(file);
  std::cout << "\nScale: " << format_number(scale) << " of the plan's time, "
            << format_count(summary["requests"].get<std::int64_t>())
            << " requests.\nVariance check: " << (summary["variance_passes"] == true ? "passed" : "FAILED")
            << " (balanced labels";
  for (const auto& [workload, labels] : summary["labels"]["by_workload"].items()) {
    std::cout << "; " << workload << ' ' << format_fixed(labels["balanced_optimal"].get<double>(), 3);
  }
  std::cout << ").\n"
            << (summary["variance_passes"] == true
                    ? ""
                    : "The requirements say: stop and collect more variance. The demo goes on to show the road.\n");
}

void decide(const Stage& stage, const std::string& model) {
  stage.say("5. Serve: ask for one decision over HTTP");
  const auto server = stage.start({"serve", "--model", model, "--port", "0"});
  const std::string address = address_in(*server);
  const std::string request =
      R"({"workload_type":"thumbnail_processing","payload_size_kb":500,"time_window":"midday","load_pattern":"medium_load","timestamp":"2026-01-12T12:30:00Z"})";
  std::cout << "\n$ curl -s " << address << "/predict -H 'Content-Type: application/json' -d '" << request << "'\n";
  httplib::Client client(address);
  const auto answer = client.Post("/predict", request, "application/json");
  if (!answer || answer->status != 200) throw Error("demo: the server gave no decision");
  std::cout << answer->body << '\n';
  if (server->stop() != done) throw Error("demo: the server did not stop cleanly");
}

int run(const Options& options) {
  const auto begin = std::chrono::steady_clock::now();
  namespace fs = std::filesystem;
  fs::create_directories(options.out);
  const std::string& folder = options.out;
  for (const char* own : {"collected", "logs", "models"}) fs::remove_all(fs::path(folder) / own);
  const Stage stage(fs::read_symlink("/proc/self/exe").string());

  collect(stage, options, folder);
  stage.say("2. Simulate: the whole plan in virtual time");
  stage.run({"simulate", "--out", folder + "/logs", "--scale", format_number(options.scale)});
  std::cout
      << "Many requests time out: the plan sends more than the client's uplink of 100 Mbit/s carries, and more heavy\n"
         "requests than one ECS task can work off (`switchyard simulate --uplink 1000` widens the one).\n";
  stage.say("3. Prepare: label every request against the other platform's next one; add what a router would have seen");
  stage.run({"preprocess", folder + "/logs", "--experiment", folder + "/logs/experiment.json", "--features", "all",
             "--out", folder + "/dataset.csv"});
  tell_checks(folder + "/dataset.summary.json", options.scale);
  stage.say("4. Learn: train all models, judge them on the last fifth of the time");
  stage.run({"train", folder + "/dataset.csv", "--out", folder + "/models", "--quick", "--mlp-epochs",
             std::to_string(options.mlp_epochs)});
  decide(stage, folder + "/models/model.json");

  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::cout
      << "\nDone in " << format_fixed(seconds, 1) << " s. The stand-ins and the simulator are models of the platforms, "
      << "not the platforms:\nno accuracy here says anything of yours. Measure your own with `switchyard collect`.\n"
      << "The report: " << folder << "/models/report.html\n";
  return done;
}

}  // namespace

void add_demo(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("demo", "The whole road on local stand-ins, in about a minute");
  command->add_option("--out", options->out, "Folder for everything the demo writes")->capture_default_str();
  command->add_option("--collect-seconds", options->collect_s, "How long to collect over HTTP")
      ->check(CLI::Range(1.0, 3600.0))
      ->capture_default_str();
  command->add_option("--scale", options->scale, "Share of the plan's time to simulate")
      ->check(CLI::Range(0.01, 1.0))
      ->capture_default_str();
  command->add_option("--mlp-epochs", options->mlp_epochs, "Most epochs of the MLP")
      ->check(CLI::Range(1, 500))
      ->capture_default_str();
  command->footer(
      "Examples:\n"
      "  switchyard demo\n"
      "  switchyard demo --scale 0.1 --out /tmp/demo");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace switchyard::tools
