#include "command.hpp"
#include "interrupt.hpp"
#include "stand_in.hpp"

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/io/experiment_json.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

namespace switchyard::tools {

namespace {

struct PlatformsArguments {
  std::string host = "127.0.0.1";
  int lambda_port = 8081;
  int ecs_port = 8082;
  std::uint64_t seed = 42;
  double time_scale = 1;
  double timeout_s = 0;
  std::string experiment_file;
  double lambda_error_rate = LambdaOptions{}.error_rate;
  bool no_network = false;
};

constexpr const char* examples = R"(Examples:
  switchyard platforms                           # Lambda on port 8081, ECS on 8082, until Ctrl-C
  switchyard platforms --time-scale 0.05         # twenty times faster, for rehearsals
  switchyard platforms --lambda-port 0 --ecs-port 0 --no-network
  curl -d '{"request_id": "test", "payload": {}}' http://127.0.0.1:8082/lightweight/process)";

PlatformOptions options_of(const PlatformsArguments& arguments) {
  PlatformOptions options;
  options.lambda.error_rate = arguments.lambda_error_rate;
  if (arguments.no_network) {
    options.link.round_trip_ms = 0;
    options.link.uplink_mbit_s = 0;
    options.link.jitter_mean_ms = 0;
  }
  return options;
}

int run_platforms(const PlatformsArguments& arguments) {
  catch_interrupts();
  Catalogue catalogue =
      arguments.experiment_file.empty() ? default_catalogue() : read_experiment(arguments.experiment_file).catalogue;
  if (arguments.timeout_s > 0) catalogue.timeout_ms = arguments.timeout_s * 1000;
  StandInModel model(options_of(arguments), catalogue, arguments.seed, arguments.time_scale);
  HttpServer lambda({.host = arguments.host, .port = arguments.lambda_port});
  HttpServer ecs({.host = arguments.host, .port = arguments.ecs_port});
  serve_stand_in(lambda, Platform::lambda, model);
  serve_stand_in(ecs, Platform::ecs, model);
  const std::string base = "http://" + arguments.host + ":";
  const std::string lambda_url = base + std::to_string(lambda.start());
  const std::string ecs_url = base + std::to_string(ecs.start());
  std::cout << "lambda listening on " << lambda_url << "\necs listening on " << ecs_url << std::endl;

  while (interrupts() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const int under_way = lambda.active_requests() + ecs.active_requests();
  if (under_way > 0) std::cerr << "stopping: " << under_way << " requests under way (Ctrl-C again: answer them now)\n";
  std::jthread second([&model](const std::stop_token& stopped) {
    while (!stopped.stop_requested()) {
      if (interrupts() > 1) model.hurry();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  });
  lambda.stop();
  ecs.stop();
  return done;
}

}  // namespace

void add_platforms(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "platforms",
      "Serve local stand-ins of Lambda and ECS over HTTP, so that everything can be tried without an AWS account");
  auto arguments = std::make_shared<PlatformsArguments>();
  command->add_option("--host", arguments->host, "Address to listen on")->capture_default_str();
  command->add_option("--lambda-port", arguments->lambda_port, "Port of the Lambda stand-in; 0 takes a free one")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  command->add_option("--ecs-port", arguments->ecs_port, "Port of the ECS stand-in; 0 takes a free one")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  command->add_option("--experiment", arguments->experiment_file,
                      "Experiment file whose workloads to serve; default: the requirements' four");
  command->add_option("--seed", arguments->seed, "Seed of what the platforms do")->capture_default_str();
  command->add_option("--time-scale", arguments->time_scale, "Multiply every duration of the platforms by this")
      ->check(CLI::Range(1e-6, 1e3))
      ->capture_default_str();
  command
      ->add_option("--timeout", arguments->timeout_s,
                   "Seconds a client waits; later answers are given up; default: the experiment's")
      ->check(CLI::Range(0.01, 3600.0));
  command->add_option("--lambda-error-rate", arguments->lambda_error_rate, "Share of Lambda requests answered 500")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_flag("--no-network", arguments->no_network,
                    "Without the round trips and the uplink of the measured network");
  command->footer(examples);
  command->callback([arguments, &exit_code] { exit_code = run_platforms(*arguments); });
}

}  // namespace switchyard::tools
