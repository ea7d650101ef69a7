#include "command.hpp"

#include "switchyard/core/error.hpp"
#include "switchyard/version.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <exception>
#include <iostream>
#include <new>

namespace tools = switchyard::tools;

namespace {

// The one place where errors become exit codes.
int report(const std::exception& error) {
  std::cerr << "switchyard: " << error.what() << '\n';
  if (dynamic_cast<const switchyard::InvalidArgument*>(&error) != nullptr) return tools::bad_usage;
  if (dynamic_cast<const switchyard::DataError*>(&error) != nullptr) return tools::bad_data;
  if (dynamic_cast<const switchyard::ModelFormatError*>(&error) != nullptr) return tools::bad_data;
  return tools::failed;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Learns, from measurements, whether AWS Lambda or AWS ECS should serve a request.", "switchyard");
  app.set_version_flag("--version", SWITCHYARD_VERSION);
  app.require_subcommand(1);
  int exit_code = tools::done;
  tools::add_preprocess(app, exit_code);
  tools::add_train(app, exit_code);
  tools::add_predict(app, exit_code);
  tools::add_serve(app, exit_code);
  tools::add_simulate(app, exit_code);
  tools::add_platforms(app, exit_code);
  tools::add_collect(app, exit_code);
  tools::add_embed(app, exit_code);
  tools::add_demo(app, exit_code);
  const auto is_named = [&](const CLI::App* command) { return command->get_name() == argv[1]; };
  if (argc > 1 && argv[1][0] != '-' && app.get_subcommands(is_named).empty()) {
    std::cerr << "switchyard: no command '" << argv[1] << "'; `switchyard --help` lists them\n";
    return tools::bad_usage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? tools::done : tools::bad_usage;
  } catch (const std::bad_alloc&) {
    std::cerr << "switchyard: out of memory\n";
    return tools::failed;
  } catch (const std::exception& error) {
    return report(error);
  }
  return exit_code;
}
