#include "collect_check.hpp"
#include "collect_runs.hpp"
#include "command.hpp"
#include "interrupt.hpp"

#include "switchyard/io/experiment_json.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <atomic>
#include <iostream>
#include <memory>

namespace switchyard::tools {

namespace {

constexpr const char* examples = R"(Examples (with `switchyard platforms` running beside):
  switchyard collect --check
  switchyard collect --run midday_medium_load --duration 20 --out logs
  switchyard collect --all --time-scale 0.01 --out logs      # a rehearsal: five runs of 36 s
  switchyard collect --all --wait --out logs                 # a day's measurement, each run in its window
  switchyard collect --experiment aws.json --check

Exit codes: 0 done, 1 --check found a fault, 2 usage or experiment file, 99 the cost cap stopped the run,
130/143 stopped by SIGINT/SIGTERM. The first Ctrl-C stops sending and waits for what is under way; the second aborts.)";

Experiment experiment_of(const CollectArguments& arguments) {
  Experiment experiment =
      arguments.experiment_file.empty() ? default_experiment() : read_experiment(arguments.experiment_file);
  if (!arguments.lambda_url.empty()) experiment.endpoints.lambda = arguments.lambda_url;
  if (!arguments.ecs_url.empty()) experiment.endpoints.ecs = arguments.ecs_url;
  if (arguments.timeout_s > 0) experiment.catalogue.timeout_ms = arguments.timeout_s * 1000;
  return experiment;
}

int run_collect(const CollectArguments& arguments) {
  if (!arguments.check && arguments.out.empty())
    throw InvalidArgument("--out is missing; expected the folder for the rows");
  const Experiment experiment = experiment_of(arguments);
  validate(experiment);
  std::atomic<bool> abort{false};
  const HttpClientOptions options{
      .insecure = arguments.insecure, .fresh_connections = arguments.fresh_connections, .abort = &abort};
  HttpClient lambda(parse_url(experiment.endpoints.lambda, "the Lambda endpoint"), options);
  HttpClient ecs(parse_url(experiment.endpoints.ecs, "the ECS endpoint"), options);
  const PlatformClients clients{lambda, ecs};
  catch_interrupts();
  if (arguments.check) return check_platforms(experiment, clients, std::cout) ? done : failed;
  return collect_runs(arguments, experiment, clients, abort);
}

}  // namespace

void add_collect(CLI::App& app, int& exit_code) {
  auto* command =
      app.add_subcommand("collect", "Send a measurement plan to both platforms and log a row per scheduled request");
  auto arguments = std::make_shared<CollectArguments>();
  CollectArguments& a = *arguments;
  command->add_option("--experiment", a.experiment_file,
                      "Experiment file (JSON); default: the requirements' plan on the local stand-ins");
  command->add_option("--out", a.out, "Folder for the rows: {window}_{pattern}/{platform}_{workload}_{date}.jsonl");
  auto* run = command->add_option("--run", a.run, "Run to send; default: the one planned for this hour");
  command
      ->add_flag("--all", a.all, "All runs, one after the other; Ctrl-C ends the one under way, later ones get no rows")
      ->excludes(run);
  command->add_flag("--wait", a.wait, "Wait for each run's time window");
  auto* check = command->add_flag("--check", a.check, "Only send one small request per workload and platform");
  check->excludes(run);
  command->add_option("--seed", a.seed, "Seed of the schedule")->capture_default_str();
  command
      ->add_option("--time-scale", a.time_scale,
                   "Multiply the plan's durations by this; rates are kept, rows name the planned window")
      ->check(CLI::Range(1e-6, 1e3))
      ->capture_default_str();
  command->add_option("--duration", a.duration_s, "Only the first so many seconds of each run")
      ->check(CLI::PositiveNumber);
  command->add_option("--limit", a.limit, "Only the first so many requests of each run")->check(CLI::PositiveNumber);
  command->add_option("--timeout", a.timeout_s, "Seconds a request may take in all; default: the experiment's")
      ->check(CLI::Range(0.001, 3600.0));
  command->add_option("--lambda-url", a.lambda_url, "Base address of Lambda, http or https");
  command->add_option("--ecs-url", a.ecs_url, "Base address of ECS, http or https");
  command->add_option("--connections", a.connections, "Requests under way at once, at most")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  command->add_flag("--fresh-connections", a.fresh_connections,
                    "A new connection per request, as Artillery makes by default");
  command->add_flag("--insecure", a.insecure, "Accept any TLS certificate");
  command->add_flag("--planned-window", a.planned_window, "Rows name the run's window, not the clock's");
  command->footer(examples);
  command->callback([arguments, &exit_code] { exit_code = run_collect(*arguments); });
}

}  // namespace switchyard::tools
