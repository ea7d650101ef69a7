#include "choice.hpp"
#include "command.hpp"
#include "dataset_text.hpp"
#include "log_files.hpp"
#include "output_file.hpp"
#include "progress.hpp"

#include "switchyard/io/experiment_json.hpp"
#include "switchyard/io/prices_json.hpp"
#include "switchyard/pipeline/coverage.hpp"
#include "switchyard/pipeline/dataset_summary.hpp"
#include "switchyard/pipeline/dataset_writer.hpp"
#include "switchyard/pipeline/preprocess.hpp"

#include <CLI/App.hpp>
#include <CLI/Validators.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace switchyard::tools {

namespace {

struct Options {
  std::vector<std::string> logs;
  std::string out = "processed-data/ml_training_data_variance_v1.csv";
  std::string experiment;
  std::string prices;
  std::string zone;
  FeatureSet features = FeatureSet::requirements;
  LabelRule label_rule = LabelRule::matched;
  MissingRule missing = MissingRule::ignore;
  LatencySource latency = LatencySource::response;
  CostScope scope = CostScope::compute;
  std::optional<Mate> mate;
  double margin = 0;
  double max_gap_s = 300;
  std::optional<double> timeout_s;
  int threads = 0;
  bool round_billing = false;
  bool require_variance = false;
};

std::optional<Experiment> experiment_of(const Options& options) {
  if (options.experiment.empty()) return std::nullopt;
  return read_experiment(options.experiment);
}

Catalogue catalogue_of(const Options& options, const std::optional<Experiment>& experiment) {
  Catalogue catalogue = experiment ? experiment->catalogue : default_catalogue();
  if (!options.zone.empty()) {
    const auto minutes = parse_zone_offset(options.zone);
    if (!minutes) throw InvalidArgument::out_of_range("--zone", options.zone, "UTC or an offset such as +05:30");
    catalogue.zone_offset_minutes = *minutes;
  }
  if (options.timeout_s) {
    constexpr double longest_s = 86400;
    if (!(*options.timeout_s > 0 && *options.timeout_s <= longest_s)) {
      throw InvalidArgument::out_of_range("--timeout", std::to_string(*options.timeout_s), "seconds in (0, 86400]");
    }
    catalogue.timeout_ms = *options.timeout_s * 1000;
  }
  return catalogue;
}

PreprocessOptions preprocess_options(const Options& options, const std::optional<Experiment>& experiment) {
  PreprocessOptions result;
  result.label_rule = options.label_rule;
  result.missing = options.missing;
  result.latency = options.latency;
  result.margin = options.margin;
  result.features = options.features;
  // A mate sent before may already be part of what live state has seen.
  result.match.mate = options.mate.value_or(options.features == FeatureSet::requirements ? Mate::nearest : Mate::next);
  result.match.max_gap_ms = options.max_gap_s * 1000;
  const std::string prices = !options.prices.empty() ? options.prices : experiment ? experiment->prices : "eu-west-1";
  result.costs = {find_prices(prices), options.scope, options.round_billing, 0};
  return result;
}

/// Refuses names under which the dataset cannot lie beside its summary, or would overwrite a log.
void check_output(const std::string& out, const std::vector<std::string>& logs) {
  if (out.empty() || out == "-") throw InvalidArgument::out_of_range("--out", "'" + out + "'", "a file name");
  for (const std::string& log : logs) {
    std::error_code neither_exists;
    for (const std::string& path : {out, summary_path_of(out)}) {
      if (!std::filesystem::equivalent(path, log, neither_exists)) continue;
      throw InvalidArgument::out_of_range("--out", out,
                                          "another file than the log " + log + ", which it would overwrite");
    }
  }
}

void read_logs(const std::vector<std::string>& files, LogReader& reader) {
  Progress progress("reading logs", files.size());
  std::uint64_t read = 0;
  for (const std::string& file : files) {
    progress.update(read++, file);
    if (file == "-") {
      reader.read(std::cin, "standard input");
      continue;
    }
    std::ifstream input(file, std::ios::binary);
    if (!input) throw FileError::cannot_open(file, last_system_error());
    reader.read(input, file);
  }
}

/// What the missing answers change, if they count for anything.
std::vector<LabelChange> changes_by_missing(const LogReader& logs, PreprocessOptions how, const PreparedData& data,
                                            int threads) {
  if (how.missing == MissingRule::ignore) return {};
  how.missing = MissingRule::ignore;
  return compare_missing_rules(preprocess(logs, how, {}, threads), data);
}

int run(const Options& options) {
  if (options.missing == MissingRule::timeout && options.experiment.empty()) {
    throw InvalidArgument::out_of_range("--missing", "timeout",
                                        "an --experiment beside it, which says what is missing");
  }
  std::signal(SIGPIPE, SIG_IGN);  // a reader of the summary that has seen enough must not cost the dataset
  const auto experiment = experiment_of(options);
  const PreprocessOptions how = preprocess_options(options, experiment);
  LogReader logs(catalogue_of(options, experiment), options.threads);
  const auto files = find_log_files(options.logs);
  check_output(options.out, files);
  read_logs(files, logs);
  Coverage coverage = experiment ? coverage_of(logs, *experiment) : Coverage{};
  const PreparedData data = preprocess(logs, how, coverage, options.threads);
  auto label_changes = changes_by_missing(logs, how, data, options.threads);
  const DatasetSummary summary = summarise(data, std::move(coverage), std::move(label_changes), options.threads);
  print_summary(std::cout, data, summary);
  if (data.rows.empty()) {
    throw DataError({options.logs.front(), 0, 0}, "no row got a label (see the reasons above); nothing was written");
  }
  const std::string summary_path = summary_path_of(options.out);
  write_file(options.out, [&](std::ostream& output) { write_dataset(output, data, options.threads); });
  write_file(summary_path, [&](std::ostream& output) { output << printable(summary_to_json(data, summary)) << '\n'; });
  std::cout << "\nwrote " << options.out << " and " << summary_path << '\n';
  return options.require_variance && !summary.variance.passes() ? not_met : done;
}

}  // namespace

void add_preprocess(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("preprocess", "Turn JSONL logs into a labelled dataset");
  command->add_option("logs", options->logs, "Log files, folders of *.jsonl, or - for standard input")->required();
  command->add_option("--out", options->out, "Dataset to write; its summary goes beside it")->capture_default_str();
  command->add_option("--experiment", options->experiment, "Experiment file: catalogue, zone, time-out, coverage");
  command->add_option("--prices", options->prices, "eu-west-1 (default), original, or a price file");
  add_choice<LabelRule>(*command, "--label-rule", options->label_rule,
                        {{"matched", LabelRule::matched}, {"platform-median", LabelRule::platform_median}},
                        "matched: against the request nearest in send time; platform-median: the original's");
  add_choice<LatencySource>(*command, "--latency", options->latency,
                            {{"response", LatencySource::response}, {"execution", LatencySource::execution}},
                            "response: end to end; execution: the platform's own clock");
  add_choice<CostScope>(
      *command, "--scope", options->scope,
      {{"compute", CostScope::compute}, {"marginal", CostScope::marginal}, {"loaded", CostScope::loaded}},
      "Which money counts: compute, marginal or loaded");
  add_choice<Mate>(*command, "--mate", options->mate, {{"nearest", Mate::nearest}, {"next", Mate::next}},
                   "Counterpart: nearest (default), or next, the first sent at or after (default with live features)");
  add_choice<MissingRule>(*command, "--missing", options->missing,
                          {{"ignore", MissingRule::ignore}, {"timeout", MissingRule::timeout}},
                          "What was scheduled and left no row: nothing, or (with --experiment) a time-out");
  command->add_option("--margin", options->margin, "Lambda must beat (1 - margin) x ECS; in [0, 1)")
      ->capture_default_str();
  command->add_option("--max-gap", options->max_gap_s, "Largest gap in send time to a counterpart, seconds")
      ->capture_default_str();
  command->add_option("--timeout", options->timeout_s,
                      "What a failed request counts as, seconds (default: the experiment's, 10)");
  command->add_option("--zone", options->zone, "Zone of hours and windows: UTC or an offset such as +05:30");
  add_choice<FeatureSet>(
      *command, "--features", options->features,
      {{"requirements", FeatureSet::requirements}, {"live", FeatureSet::live}, {"all", FeatureSet::all}},
      "Columns to learn from: requirements, live (the platforms' state as a router sees it) or all");
  command->add_option("--threads", options->threads, "Threads; 0 = one per processor. Results do not depend on it")
      ->check(CLI::Range(0, 1024));
  command->add_flag("--round-billing", options->round_billing, "Round Lambda's billed time up to whole milliseconds");
  command->add_flag("--require-variance", options->require_variance, "Exit 99 if a workload's labels vary too little");
  command->footer(
      "Examples:\n"
      "  switchyard preprocess logs/ --out dataset.csv\n"
      "  switchyard preprocess logs/ --label-rule platform-median --latency execution --prices original --margin 0.1\n"
      "  switchyard preprocess logs/ --features all --out dataset.csv\n"
      "  switchyard preprocess logs/ --experiment plan.json --missing timeout\n"
      "  zcat logs.jsonl.gz | switchyard preprocess - --out dataset.csv --require-variance");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace switchyard::tools
