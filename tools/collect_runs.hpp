#pragma once

#include "load_generator.hpp"

#include "switchyard/cloud/plan.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace switchyard::tools {

/// What the command line of `collect` says.
struct CollectArguments {
  std::string experiment_file;
  std::string out;
  std::string run;
  bool all = false;
  bool wait = false;
  bool check = false;
  std::uint64_t seed = 42;
  double time_scale = 1;
  double duration_s = 0;
  std::uint64_t limit = 0;
  double timeout_s = 0;
  std::string lambda_url;
  std::string ecs_url;
  std::size_t connections = 1024;
  bool fresh_connections = false;
  bool insecure = false;
  bool planned_window = false;
};

/// Sends the chosen runs of `experiment`, one after the other, prints a summary and returns the exit code. `abort` is
/// what the clients watch.
[[nodiscard]] int collect_runs(const CollectArguments& arguments, const Experiment& experiment, PlatformClients clients,
                               std::atomic<bool>& abort);

}  // namespace switchyard::tools
