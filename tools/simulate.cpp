#include "command.hpp"
#include "interrupt.hpp"
#include "progress.hpp"

#include "switchyard/core/text.hpp"
#include "switchyard/io/experiment_json.hpp"
#include "switchyard/pipeline/simulate.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <iomanip>
#include <iostream>
#include <memory>
#include <string>

namespace switchyard::tools {

namespace {

struct Arguments {
  std::string out;
  std::string experiment;
  bool print_experiment = false;
  SimulateOptions options;
};

constexpr const char* examples =
    "Examples:\n"
    "  switchyard simulate --out logs                            the whole plan, 184,500 rows\n"
    "  switchyard simulate --out logs --scale 0.1 --seed 7       a tenth of its time, the same rates\n"
    "  switchyard simulate --out logs --run midday_medium_load   one run\n"
    "  switchyard simulate --print-experiment > plan.json        the default plan, to be edited\n"
    "  switchyard simulate --out logs --experiment plan.json";

void print_failures(const SimulationSummary& summary, Platform platform) {
  std::cout << "  " << std::left << std::setw(8) << to_string(platform) << std::right;
  constexpr std::array shown = {Outcome::ok,       Outcome::timeout,  Outcome::too_large,
                                Outcome::http_5xx, Outcome::http_4xx, Outcome::broken};
  for (const Outcome outcome : shown) {
    const std::uint64_t count = summary.count(platform, outcome);
    if (count == 0 && outcome != Outcome::ok) continue;
    std::cout << "  " << (outcome == Outcome::ok ? "ok" : to_string(outcome)) << ' '
              << format_count(static_cast<std::int64_t>(count));
  }
  std::cout << '\n';
}

void print_summary(const SimulationSummary& summary, const Arguments& arguments, double seconds) {
  std::cout << "simulated " << format_count(static_cast<std::int64_t>(summary.rows)) << " of "
            << format_count(static_cast<std::int64_t>(summary.scheduled)) << " requests in " << format_fixed(seconds, 1)
            << " s  (seed " << arguments.options.seed << ", scale " << format_number(arguments.options.time_scale)
            << ")\n";
  print_failures(summary, Platform::lambda);
  print_failures(summary, Platform::ecs);
  std::cout << "wrote " << summary.files << " log files and experiment.json to " << arguments.out << '\n';
  if (summary.stopped) std::cout << "stopped early: the logs hold complete lines, but not the whole plan\n";
}

int run(Arguments& arguments) {
  const Experiment experiment =
      arguments.experiment.empty() ? default_experiment() : read_experiment(arguments.experiment);
  if (arguments.print_experiment) {
    std::cout << experiment_to_json(experiment).dump(2) << '\n';
    return done;
  }
  if (arguments.out.empty()) throw InvalidArgument("--out is missing; expected a folder for the logs");
  catch_interrupts();
  Progress progress("simulating", scheduled_requests(experiment, arguments.options));
  arguments.options.progress = [&progress](std::uint64_t rows) {
    progress.update(rows);
    return interrupts() == 0;
  };
  const auto begin = std::chrono::steady_clock::now();
  const SimulationSummary summary = simulate(experiment, arguments.out, arguments.options);
  progress.clear();
  print_summary(summary, arguments, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  return summary.stopped ? interrupted_exit_code() : done;
}

}  // namespace

void add_simulate(CLI::App& app, int& exit_code) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("simulate", "Write the logs an experiment would give, without any cloud");
  command->add_option("--out", arguments->out, "folder for the logs; must be empty or new");
  command->add_option("--experiment", arguments->experiment, "experiment file (default: the requirements' plan)")
      ->type_name("FILE");
  command->add_option("--seed", arguments->options.seed, "same seed, same bytes")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--scale", arguments->options.time_scale, "durations times this; rates are kept")
      ->capture_default_str();
  command->add_option("--limit", arguments->options.limit, "at most this many requests per run; 0 = all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--run", arguments->options.runs, "only these runs, by name")->type_name("NAME");
  command
      ->add_option("--uplink", arguments->options.platforms.link.uplink_mbit_s,
                   "the client's uplink in Mbit/s, shared by both platforms; 0 = unlimited")
      ->capture_default_str();
  command->add_flag("--force", arguments->options.overwrite, "write into a folder that is not empty");
  command->add_flag("--print-experiment", arguments->print_experiment, "print the experiment file and stop");
  command->footer(examples);
  command->callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

}  // namespace switchyard::tools
