#include "choice.hpp"
#include "command.hpp"
#include "input_buffer.hpp"
#include "interrupt.hpp"

#include "switchyard/data/csv.hpp"
#include "switchyard/engine/compiled_classifier.hpp"
#include "switchyard/io/model_json.hpp"
#include "switchyard/pipeline/decision_json.hpp"
#include "switchyard/pipeline/predict_rows.hpp"
#include "switchyard/pipeline/router.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <cerrno>
#include <cstring>
#include <iostream>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace switchyard::tools {

namespace {

enum class Output { decision, probability };

struct PredictArguments {
  std::string model;
  std::string input = "-";
  Output output = Output::decision;
  RowFormat format = RowFormat::csv;
};

// Ends the command without an error: the reader of our output has gone, as `head` does when it has seen enough.
struct NobodyReads {};

// One answer per row, to standard output.
class AnswerWriter {
 public:
  AnswerWriter(Output output, RowFormat format) : output_(output), format_(format) {}

  // The header, if it is due: only where the input's own header was understood.
  void begin() {
    if (std::exchange(begun_, true) || format_ == RowFormat::jsonl) return;
    std::cout << (output_ == Output::probability
                      ? "probability\n"
                      : "recommended_platform,confidence,lambda_probability,ecs_probability\n");
    check();
  }

  void write(double probability) {
    line_.clear();
    if (format_ == RowFormat::jsonl) line_ += R"({"probability":)";
    line_ += format_number(probability);
    if (format_ == RowFormat::jsonl) line_ += '}';
    put();
  }

  void write(const Decision& decision) {
    if (format_ == RowFormat::jsonl) {
      line_ = decision_json(decision);
    } else {
      line_ = to_string(decision.platform);
      for (const double value : {decision.confidence, decision.lambda_probability, decision.ecs_probability}) {
        (line_ += ',') += format_number(value);
      }
    }
    put();
  }

  void finish() {
    begin();
    std::cout.flush();
    check();
  }

 private:
  void put() {
    begin();
    line_ += '\n';
    std::cout.write(line_.data(), static_cast<std::streamsize>(line_.size()));
    check();
  }

  static void check() {
    if (std::cout) return;
    if (errno == EPIPE) throw NobodyReads{};
    throw FileError::cannot_write("standard output", std::strerror(errno));
  }

  Output output_;
  RowFormat format_;
  bool begun_ = false;
  std::string line_;
};

struct Interrupted {};

void predict_rows(const PredictArguments& arguments, AnswerWriter& answers) {
  const ModelFile file = with_request_columns(load_model(arguments.model));
  const FeatureSchema schema(file);
  const CompiledClassifier model(file.model);
  std::optional<Router> router;
  if (arguments.output == Output::decision) {
    if (schema.foreign_column()) {
      throw InvalidArgument("the model's column " + *schema.foreign_column() +
                            " is not a feature of a request, so it decides nothing; use --output probability");
    }
    router.emplace(file);
  }
  InputBuffer buffer(arguments.input);
  std::istream input(&buffer);
  const RowFormat rows = row_format_of(arguments.input, input);
  buffer.check();
  const auto answer = [&](const FeatureRow& row) {
    if (interrupts() > 0) throw Interrupted{};
    if (router) {
      answers.write(decide(*router, row));
    } else {
      answers.write(model.probability(row.values));
    }
  };
  try {
    for_each_feature_row(input, buffer.name(), rows, schema, answer);
  } catch (const DataError&) {
    // A row that ends early because reading it failed or was interrupted is no bad data.
    buffer.check();
    if (interrupts() > 0) throw Interrupted{};
    throw;
  }
  buffer.check();
  if (interrupts() > 0) throw Interrupted{};
}

int run_predict(const PredictArguments& arguments) {
  catch_interrupts();
  std::ios::sync_with_stdio(false);
  AnswerWriter answers(arguments.output, arguments.format);
  try {
    try {
      predict_rows(arguments, answers);
    } catch (const Interrupted&) {
      answers.finish();
      return interrupted_exit_code();
    } catch (const Error&) {
      std::cout.flush();  // the answers to the rows before
      throw;
    }
    answers.finish();
  } catch (const NobodyReads&) {
    return done;
  }
  return done;
}

constexpr const char* notes =
    "Input is CSV (a header with at least the model's columns; an empty cell is a missing value; other columns are\n"
    "ignored; live columns may be left out, they are missing values then) or JSONL: rows of features, {\"features\": "
    "{...}}, or requests with workload_type, payload_size_kb and, "
    "if\n"
    "known, time_window, load_pattern and timestamp. What it is, its ending tells (.csv, .jsonl), else its first "
    "byte.\n"
    "No clock is read: a request without timestamp has no hour. A row whose payload_size_kb exceeds what Lambda takes\n"
    "goes to ECS by rule, whatever the model would say; --output probability is always the model's.\n"
    "The first row that cannot be used ends the command with exit code 3, after the answers to the rows before it.\n"
    "\n"
    "Examples:\n"
    "  switchyard predict --model models/model.json dataset.csv > decisions.csv\n"
    "  echo '{\"workload_type\": \"heavy_processing\", \"payload_size_kb\": 3072}' | switchyard predict --model "
    "models/model.json";

}  // namespace

void add_predict(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<PredictArguments>();
  CLI::App* command = app.add_subcommand("predict", "Ask a model about every row of a file");
  command->add_option("--model", arguments->model, "Model file, as train writes it")->required();
  command->add_option("input", arguments->input, "CSV or JSONL file, or - for standard input")->capture_default_str();
  add_choice<Output>(*command, "--output", arguments->output,
                     {{"decision", Output::decision}, {"probability", Output::probability}},
                     "decision: platform, confidence and both probabilities; probability: of label 1, Lambda "
                     "(margin, contributions and interactions come later)");
  add_choice<RowFormat>(*command, "--format", arguments->format, {{"csv", RowFormat::csv}, {"jsonl", RowFormat::jsonl}},
                        "Form of the answers; jsonl also tells the reason");
  command->footer(notes);
  command->callback([arguments, &exit_code] { exit_code = run_predict(*arguments); });
}

}  // namespace switchyard::tools
