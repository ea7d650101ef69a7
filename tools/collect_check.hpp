#pragma once

#include "load_generator.hpp"

#include <iosfwd>

namespace switchyard::tools {

/// Sends one small request per workload to both platforms, one after the other, and prints what came back, as the
/// requirements verify their endpoints with curl (section 2.1). True if every answer is a worker's.
[[nodiscard]] bool check_platforms(const Experiment& experiment, PlatformClients clients, std::ostream& out);

}  // namespace switchyard::tools
