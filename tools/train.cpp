#include "choice.hpp"
#include "command.hpp"
#include "dataset_text.hpp"
#include "output_file.hpp"
#include "progress.hpp"
#include "studies_text.hpp"
#include "training_studies.hpp"
#include "training_text.hpp"

#include "switchyard/core/utc.hpp"
#include "switchyard/io/catalogue_json.hpp"
#include "switchyard/pipeline/report_html.hpp"
#include "switchyard/pipeline/report_json.hpp"
#include "switchyard/pipeline/training_report.hpp"
#include "switchyard/version.hpp"

#include <CLI/App.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

namespace switchyard::tools {

namespace {

struct Options {
  std::string dataset;
  std::string out = "models";
  std::string target;                  // empty = the objective's
  std::optional<FeatureSet> features;  // absent = all the dataset has
  std::string split = "temporal";
  std::vector<std::string> ignore;
  TrainOptions train;
  int repeat = 1;
  int folds = 0;  // 0 = no cross-validation
  bool require_acceptance = false;
};

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string date_now() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return format_utc(std::chrono::duration<double, std::milli>(since_epoch).count());
}

/// The summary that preprocess wrote beside the dataset, or null for any other CSV.
nlohmann::json read_summary(const std::string& dataset) {
  const std::string path = summary_path_of(dataset);
  std::ifstream file(path);
  if (!file || std::filesystem::is_directory(path)) return nullptr;
  auto summary = nlohmann::json::parse(file, nullptr, false);
  const auto require = [&path](bool well, const std::string& what) {
    if (!well) throw DataError({path, 0, 0}, "expected " + what + ", as preprocess writes it");
  };
  require(summary.is_object(), "a JSON object");
  if (const auto columns = summary.find("feature_columns"); columns != summary.end()) {
    require(columns->is_array() &&
                std::all_of(columns->begin(), columns->end(), [](auto& name) { return name.is_string(); }),
            "a list of names as feature_columns");
  }
  try {
    if (summary.contains("catalogue")) (void)catalogue_from_json(summary["catalogue"], "catalogue");
  } catch (const InvalidArgument& error) {
    throw DataError({path, 0, 0}, error.what());
  }
  return summary;
}

/// The columns to learn from: those of the feature set that was asked for, else those the dataset was made with, else
/// (none named) whatever the table holds.
ReadDatasetOptions columns_of(const Options& options, const nlohmann::json& summary, const CsvTable& table) {
  ReadDatasetOptions columns;
  columns.target = options.target;
  columns.ignore = options.ignore;
  std::vector<std::string> names;
  if (options.features) {
    for (const auto& name : feature_columns(*options.features)) {
      if (table.find_column(name)) names.push_back(name);
    }
    const bool wants_live = *options.features != FeatureSet::requirements;
    if (wants_live && !has_live_features(names)) {
      throw DataError({options.dataset, 0, 0}, "no live_* columns; make them by preprocess --features all");
    }
    if (names.empty()) throw DataError({options.dataset, 0, 0}, "none of the requirements' feature columns");
  } else if (summary.is_object() && summary.contains("feature_columns")) {
    for (const auto& name : summary["feature_columns"]) names.push_back(name.get<std::string>());
  }
  for (const std::string& name : names) {
    if (std::count(options.ignore.begin(), options.ignore.end(), name) == 0) columns.feature_columns.push_back(name);
  }
  return columns;
}

nlohmann::json catalogue_of(const nlohmann::json& summary) {
  return summary.is_object() && summary.contains("catalogue") ? summary["catalogue"]
                                                              : catalogue_to_json(default_catalogue());
}

/// Says by the table's own names why it cannot be learned from or parted as asked.
void check_data(const TrainingData& data, const Options& options) {
  const Place place{options.dataset, 0, 0};
  const auto& labels = data.data.labels;
  if (std::count(labels.begin(), labels.end(), labels.front()) == static_cast<std::ptrdiff_t>(labels.size())) {
    throw DataError(place, options.target + " is " + std::to_string(labels.front()) +
                               " in every row that has a label; there is nothing to learn");
  }
  if (options.train.split == SplitKind::temporal && data.data.times_ms.empty()) {
    throw DataError(place, "no column sent_at, by which to split; try --split stratified");
  }
  if (tests_whole_runs(options.train.split) && data.run_names.size() < 2) {
    throw DataError(place, data.run_names.empty()
                               ? "no column run, so that no run can be left out"
                               : "only one run (" + data.run_names.front() + "); leaving one out needs two");
  }
}

void make_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error && !std::filesystem::is_directory(folder, error)) error = std::make_error_code(std::errc::not_a_directory);
  if (error) throw FileError::cannot_write(folder, error.message());
}

void save(const TrainingReport& report, const Options& options) {
  const std::string folder = (std::filesystem::path(options.out) / "").string();
  ModelFile file = *report.model_file;
  // Neither date nor machine: the same data and seed give the same bytes. The date is in model_metadata.json.
  file.metadata = {{"name", report.winner().fitted.name},
                   {"split", to_string(saved_evaluation(report).split)},
                   {"test_accuracy", saved_evaluation(report).models[report.evaluation.winner].test.accuracy},
                   {"version", SWITCHYARD_VERSION}};
  save_model(folder + "model.json", file);
  const auto write_json = [&](const std::string& name, const nlohmann::json& object) {
    write_file(folder + name, [&](std::ostream& output) { output << printable(object) << '\n'; });
  };
  write_json("feature_columns.json", nlohmann::json(report.feature_columns));
  write_json("model_metadata.json", report_to_json(report));
  write_file(folder + "report.html", [&](std::ostream& output) { output << report_html(report); });
  std::cout << "\nwrote " << folder << "model.json, feature_columns.json, model_metadata.json and report.html\n";
}

int run(const Options& options) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader of the report that has seen enough must not cost the model
  const nlohmann::json summary = read_summary(options.dataset);
  const CsvTable table = read_csv(options.dataset);
  const TrainingData data = training_data(table, columns_of(options, summary, table));
  std::cout << options.dataset << ": " << format_count(data.data.rows()) << " labelled rows, " << data.data.columns()
            << " features, " << data.run_names.size() << " runs\n";
  check_data(data, options);
  make_folder(options.out);  // before the long work, not after it
  if (options.repeat > 1) {
    Progress repeats("training", static_cast<std::uint64_t>(options.repeat));
    print_repeats(data, options.train, options.repeat, repeats);
  }
  if (options.folds > 0) print_cross_validation(data.data, options.train.models, options.folds);
  Progress progress("training", 0);
  std::uint64_t step = 0;
  auto report = train_models(
      data, options.train, summary, catalogue_of(summary), seconds_now,
      [&](const std::string& model, const std::string& state) { progress.update(++step, state + " " + model); });
  progress.clear();
  report.dataset_name = options.dataset;
  report.training_date = date_now();
  print_report(std::cout, report);
  if (report.studies) print_studies(std::cout, *report.studies, data.run_names);
  save(report, options);
  return options.require_acceptance && !all_pass(report.winner().criteria) ? not_met : done;
}

}  // namespace

void add_train(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("train", "Train all models on a dataset, judge them and save the winner");
  command->add_option("dataset", options->dataset, "Dataset CSV, as preprocess writes it or any other")->required();
  command->add_option("--out", options->out, "Folder for model.json, model_metadata.json, report.html")
      ->capture_default_str();
  command->add_option("--split", options->split, "How rows are parted; pair components stay whole")
      ->check(CLI::IsMember({"temporal", "stratified", "leave-one-run-out", "forward-chaining"}))
      ->capture_default_str();
  command->add_option("--seed", options->train.models.seed, "Seed of the split and of every model")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--repeat", options->repeat, "Also report the accuracy over so many seeds")
      ->check(CLI::Range(1, 1000));
  command->add_option("--cv", options->folds, "Also cross-validate forest and boosting over so many grouped folds")
      ->check(CLI::Range(2, 100));
  command
      ->add_option("--threads", options->train.models.threads,
                   "Threads; 0 = one per processor. Results do not depend on it")
      ->check(CLI::Range(0, 1024));
  command->add_option("--target", options->target, "Label column of another table (default: the objective's)");
  command->add_option("--ignore", options->ignore, "Columns that are no features");
  add_choice<FeatureSet>(
      *command, "--features", options->features,
      {{"requirements", FeatureSet::requirements}, {"live", FeatureSet::live}, {"all", FeatureSet::all}},
      "Columns to learn from: requirements, live or all (default: those the dataset was made with)");
  add_choice<RoutingObjective>(*command, "--objective", options->train.models.objective,
                               {{"balanced", RoutingObjective::balanced},
                                {"latency", RoutingObjective::latency},
                                {"cost", RoutingObjective::cost}},
                               "What a decision is to be best at; names the label column");
  command->add_option("--mlp-epochs", options->train.models.mlp.max_epochs, "Most epochs of the MLP")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_option("--bootstrap", options->train.bootstrap.replicates, "Bootstrap replicates behind the intervals")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_flag("--quick{false}", options->train.studies,
                    "Skip what is beside the evaluation: other splits, controls, closed loop, value");
  command->add_flag("--balance-classes", options->train.models.balance_classes, "Weigh the rarer label up");
  command->add_flag("--require-acceptance", options->require_acceptance, "Exit 99 if the winner fails a criterion");
  command->footer(
      "Examples:\n"
      "  switchyard train dataset.csv --out models/\n"
      "  switchyard train dataset.csv --split stratified --repeat 10\n"
      "  switchyard train dataset.csv --split leave-one-run-out --require-acceptance");
  command->callback([options, &exit_code] {
    for (const auto split : split_kinds) {
      if (options->split == to_string(split)) options->train.split = split;
    }
    if (options->target.empty()) options->target = target_of(options->train.models.objective);
    options->train.models.objective = objective_of(options->target).value_or(options->train.models.objective);
    exit_code = run(*options);
  });
}

}  // namespace switchyard::tools
