#pragma once

#include <CLI/App.hpp>

namespace switchyard::tools {

/// What the process answers; the whole list is in the README.
enum Exit : int {
  done = 0,
  failed = 1,
  bad_usage = 2,
  bad_data = 3,
  not_met = 99,  // a threshold or acceptance criterion
  interrupted = 130,
  terminated = 143,
};

// One function per command, in tools/<command>.cpp. Each adds its subcommand to `app`; the subcommand's callback does
// the work, throws the library's exceptions and leaves what the process shall answer in `exit_code`.
void add_preprocess(CLI::App& app, int& exit_code);
void add_train(CLI::App& app, int& exit_code);
void add_predict(CLI::App& app, int& exit_code);
void add_serve(CLI::App& app, int& exit_code);
void add_simulate(CLI::App& app, int& exit_code);
void add_platforms(CLI::App& app, int& exit_code);
void add_collect(CLI::App& app, int& exit_code);
void add_embed(CLI::App& app, int& exit_code);
void add_demo(CLI::App& app, int& exit_code);

}  // namespace switchyard::tools
