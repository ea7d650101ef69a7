#pragma once

#include <fstream>
#include <limits>
#include <string>

namespace bench {

/// Memory in use now and the most since, of this process (Linux). Peers share it, so it needs nothing of ours.
class MemoryUse {
 public:
  MemoryUse() {
    std::ofstream("/proc/self/clear_refs") << 5;  // the most so far is forgotten
    now_ = field("VmRSS:");
  }

  /// NaN where the system does not tell.
  [[nodiscard]] double most_more_bytes() const { return field("VmHWM:") - now_; }

 private:
  [[nodiscard]] static double field(const std::string& name) {
    std::ifstream status("/proc/self/status");
    std::string word;
    while (status >> word && word != name) {
    }
    double kibibytes = std::numeric_limits<double>::quiet_NaN();
    status >> kibibytes;
    return kibibytes * 1024;
  }

  double now_ = 0;
};

}  // namespace bench
