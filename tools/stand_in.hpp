#pragma once

#include "http_server.hpp"

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/platform_model.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>

namespace switchyard::tools {

/// The platform model in real time, for both stand-ins: what to answer, and a clock to wait by. Thread-safe.
class StandInModel {
 public:
  /// time_scale > 0: every duration of the model takes that much of itself in reality; its clock runs accordingly.
  StandInModel(const PlatformOptions& options, Catalogue catalogue, std::uint64_t seed, double time_scale);

  struct Plan {
    Answer answer;
    std::chrono::steady_clock::time_point due;  // when the answer goes out
    bool never = false;                         // the platform itself would not have answered
  };

  /// What becomes of a request whose first bytes are here now.
  [[nodiscard]] Plan plan(Platform platform, Workload workload, double body_bytes);

  /// Sleeps until `due`, or until hurry().
  void wait_until(std::chrono::steady_clock::time_point due);

  /// From now on nothing waits: for a server that is told twice to stop.
  void hurry();

  [[nodiscard]] const Catalogue& catalogue() const noexcept { return catalogue_; }

 private:
  Catalogue catalogue_;
  double time_scale_;
  std::chrono::steady_clock::time_point start_;
  std::mutex mutex_;
  std::condition_variable hurried_;
  bool hurry_ = false;
  std::uint64_t requests_ = 0;
  PlatformModel model_;
};

/// Serves one platform's paths on `server` (POST /<workload> for Lambda, /<workload>/process for ECS, under any base
/// path; GET /health) with the answers of the requirements' workers. Both arguments must outlive the server.
void serve_stand_in(HttpServer& server, Platform platform, StandInModel& model);

}  // namespace switchyard::tools
