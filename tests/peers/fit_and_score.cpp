// Our half of the comparison with scikit-learn and XGBoost: splits a dataset, fits our models on its training part and
// writes what the peers need to do the same. agreement.py runs it and states the peers' settings beside these.

#include "switchyard/core/error.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/csv.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/data/dataset_csv.hpp"
#include "switchyard/data/split.hpp"
#include "switchyard/model/boosted_regressor.hpp"
#include "switchyard/model/boosting_options.hpp"
#include "switchyard/model/gradient_boosting.hpp"
#include "switchyard/model/mlp.hpp"
#include "switchyard/model/random_forest.hpp"
#include "switchyard/nn/backpropagation.hpp"
#include "switchyard/nn/dense.hpp"
#include "switchyard/pipeline/training_data.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <fstream>
#include <iostream>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace sy = switchyard;

namespace {

/// The answer to each test row, by one fitted model: P(label = 1), or a regressor's number.
struct Scored {
  std::string name;
  sy::Vector answers;  // [test rows]
};

constexpr const char* offset_name = "payload_log";  // no prior of anything, but of a size that the trees can correct

constexpr std::uint64_t repeated_seed = 42;  // of the network whose training the peer repeats

struct Settings {
  std::string dataset;
  std::string folder;  // of all that is written: train*.csv, test*.csv, mlp_*.csv and ours.csv
  std::uint64_t split_seed = 42;
  int mlp_epochs = 10;  // most of each network
  int mlp_seeds = 0;    // networks mlp_1, mlp_2, ... beside the one whose training the peer repeats
};

std::int64_t whole_number(const char* name, const char* text, std::int64_t least) {
  const auto number = sy::parse_integer(text);
  if (!number || *number < least) {
    throw sy::InvalidArgument::out_of_range(name, text, "a whole number of at least " + std::to_string(least));
  }
  return *number;
}

sy::MlpOptions mlp_options(const Settings& settings, std::uint64_t seed) {
  auto options = sy::mlp_preset();
  options.max_epochs = settings.mlp_epochs;
  options.seed = seed;
  return options;
}

/// Logarithms of Lambda's latencies on the rows: what the regressors learn.
std::vector<double> log_latencies(const sy::TrainingData& data, const std::vector<sy::Index>& rows) {
  std::vector<double> result;
  for (const sy::Index row : rows) result.push_back(std::log(data.lambda.at(static_cast<std::size_t>(row)).latency_ms));
  return result;
}

sy::GradientBoostingOptions with_offset(const sy::Dataset& data) {
  const auto& names = data.feature_names;
  const auto found = std::find(names.begin(), names.end(), offset_name);
  if (found == names.end()) throw sy::InvalidArgument("the dataset has no column " + std::string(offset_name));
  return {.rounds = 20, .offset_column = found - names.begin()};  // few: two hundred trees would outgrow any start
}

std::vector<Scored> fit_and_score(const sy::Split& split, const std::vector<double>& targets,
                                  const Settings& settings) {
  const sy::Dataset& train = split.train;
  std::vector<Scored> scored;
  const auto add = [&](std::string name, const auto& model) {
    scored.push_back({std::move(name), model.predict_proba(split.test.features)});
  };
  const auto add_regressor = [&](std::string name, const sy::GradientBoostingOptions& options) {
    const auto model = sy::GradientBoostingRegressor::fit({train, targets}, options);
    scored.push_back({std::move(name), model.predict(split.test.features)});
  };
  add("forest", sy::RandomForest::fit(train, sy::random_forest_baseline()));
  add("boosting", sy::GradientBoosting::fit(train, {}));
  add("boosting_sampled", sy::GradientBoosting::fit(train, sy::level_wise_boosting()));
  add("boosting_offset", sy::GradientBoosting::fit(train, with_offset(train)));
  add_regressor("regressor", {});
  add_regressor("regressor_sampled", sy::level_wise_boosting());
  add_regressor("regressor_offset", with_offset(train));
  add("mlp", sy::Mlp::fit(train, mlp_options(settings, repeated_seed)));
  for (int seed = 1; seed <= settings.mlp_seeds; ++seed) {
    const auto options = mlp_options(settings, static_cast<std::uint64_t>(seed));
    add("mlp_" + std::to_string(seed), sy::Mlp::fit(train, options));
  }
  return scored;
}

std::ofstream open_to_write(const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  if (!file) throw sy::FileError::cannot_open(path, std::strerror(errno));
  return file;
}

void close_written(std::ofstream& file, const std::string& path) {
  file.close();
  if (!file) throw sy::FileError::cannot_write(path, std::strerror(errno));
}

/// Features, then the label; every number reads back to the same bits.
void write_rows(const sy::Dataset& data, const std::string& path) {
  auto file = open_to_write(path);
  sy::CsvWriter csv(file);
  for (const auto& name : data.feature_names) csv.cell(name);
  csv.cell("label").end_row();
  for (sy::Index i = 0; i < data.rows(); ++i) {
    for (const double value : data.row(i)) csv.cell(value);
    csv.cell(static_cast<double>(data.labels[static_cast<std::size_t>(i)])).end_row();
  }
  close_written(file, path);
}

void write_targets(const std::vector<double>& targets, const std::string& path) {
  auto file = open_to_write(path);
  sy::CsvWriter csv(file);
  csv.cell("log_latency").end_row();
  for (const double target : targets) csv.cell(target).end_row();
  close_written(file, path);
}

/// All chance in the training of one network: mlp_start.csv has a line per layer, weights [inputs x outputs] row by
/// row, then biases; mlp_order.csv a line per epoch, the training rows in the order they are learned.
void write_chance(const sy::Dataset& train, const sy::MlpOptions& options, const std::string& folder) {
  sy::Rng rng(options.seed);  // drawn from as Mlp::fit does
  const auto shapes = sy::dense_shapes(train.columns(), options.hidden);
  auto start_file = open_to_write(folder + "/mlp_start.csv");
  sy::CsvWriter start(start_file);
  const sy::Vector parameters = sy::glorot_uniform(shapes, rng);
  for (const auto& shape : shapes) {
    for (sy::Index i = shape.offset; i < shape.end(); ++i) start.cell(parameters[i]);
    start.end_row();
  }
  close_written(start_file, folder + "/mlp_start.csv");

  std::vector<sy::Index> rows(static_cast<std::size_t>(train.rows()));
  std::iota(rows.begin(), rows.end(), sy::Index{0});
  auto order_file = open_to_write(folder + "/mlp_order.csv");
  sy::CsvWriter order(order_file);
  for (int epoch = 0; epoch < options.max_epochs; ++epoch) {
    rng.shuffle(std::span<sy::Index>(rows));
    for (const sy::Index row : rows) order.cell(std::to_string(row));
    order.end_row();
  }
  close_written(order_file, folder + "/mlp_order.csv");
}

void write_scores(const std::vector<Scored>& scored, const std::string& path) {
  auto file = open_to_write(path);
  sy::CsvWriter csv(file);
  for (const auto& model : scored) csv.cell(model.name);
  csv.end_row();
  for (sy::Index i = 0; i < scored.front().answers.size(); ++i) {
    for (const auto& model : scored) csv.cell(model.answers[i]);
    csv.end_row();
  }
  close_written(file, path);
}

void run(const Settings& settings) {
  const auto data = sy::training_data(sy::read_csv(settings.dataset));
  const auto split = sy::stratified_split(data.data, {.seed = settings.split_seed});
  const auto targets = log_latencies(data, split.rows.train);
  write_rows(split.train, settings.folder + "/train.csv");
  write_rows(split.test, settings.folder + "/test.csv");
  write_targets(targets, settings.folder + "/train_targets.csv");
  write_targets(log_latencies(data, split.rows.test), settings.folder + "/test_targets.csv");
  write_chance(split.train, mlp_options(settings, repeated_seed), settings.folder);
  write_scores(fit_and_score(split, targets, settings), settings.folder + "/ours.csv");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::cerr << "usage: peer_fit DATASET FOLDER SPLIT_SEED MLP_EPOCHS MLP_SEEDS\n";
    return 2;
  }
  try {
    run({.dataset = argv[1],
         .folder = argv[2],
         .split_seed = static_cast<std::uint64_t>(whole_number("SPLIT_SEED", argv[3], 0)),
         .mlp_epochs = static_cast<int>(whole_number("MLP_EPOCHS", argv[4], 1)),
         .mlp_seeds = static_cast<int>(whole_number("MLP_SEEDS", argv[5], 0))});
  } catch (const std::exception& error) {
    std::cerr << "peer_fit: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
