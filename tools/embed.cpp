#include "command.hpp"
#include "output_file.hpp"

#include "switchyard/core/error.hpp"
#include "switchyard/io/model_json.hpp"
#include "switchyard/pipeline/embed.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <cerrno>
#include <cstring>
#include <iostream>
#include <memory>
#include <ostream>
#include <string>

#include "embedded_headers.hpp"

namespace switchyard::tools {

namespace {

struct EmbedArguments {
  std::string model;
  std::string name_space = "model";
  std::string output = "-";
};

int run_embed(const EmbedArguments& arguments) {
  EmbedOptions options{.name_space = arguments.name_space};
  for (const char* text : embedded_header_texts) options.headers.emplace_back(text);
  const std::string header = embed_model(load_model(arguments.model), options);
  if (arguments.output != "-") {
    write_file(arguments.output, [&](std::ostream& output) { output << header; });
    return done;
  }
  std::cout << header;
  if (!std::cout.flush()) throw FileError::cannot_write("standard output", std::strerror(errno));
  return done;
}

constexpr const char* notes =
    "The header needs C++20 and the standard library alone: no JSON, no file, no start-up. Its answers have the bits "
    "of\n"
    "the model, at run time and in constant expressions, whatever the compiler's options but -ffast-math. Forests,\n"
    "boosting, networks and voting can be embedded.\n"
    "A model with live columns takes their values as a second argument; without, they are missing.\n"
    "\n"
    "Example:\n"
    "  switchyard embed models/model.json --namespace model --output model.hpp\n"
    "then, in C++:\n"
    "  #include \"model.hpp\"\n"
    "  constexpr model::Request request{.workload = model::Workload::heavy_processing, .payload_kb = 8192};\n"
    "  static_assert(model::decide(request) == model::Platform::ecs);";

}  // namespace

void add_embed(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<EmbedArguments>();
  CLI::App* command = app.add_subcommand("embed", "Write a model as a C++ header of constants");
  command->add_option("model", arguments->model, "Model file, as train writes it")->required();
  command->add_option("--namespace", arguments->name_space, "Namespace of everything in the header; a::b is fine")
      ->capture_default_str();
  command->add_option("--output", arguments->output, "File to write, or - for standard output")->capture_default_str();
  command->footer(notes);
  command->callback([arguments, &exit_code] { exit_code = run_embed(*arguments); });
}

}  // namespace switchyard::tools
