#pragma once

#include "collect_tally.hpp"
#include "http_client.hpp"
#include "row_writer.hpp"

#include "switchyard/cloud/cost.hpp"
#include "switchyard/cloud/plan.hpp"
#include "switchyard/cloud/schedule.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace switchyard::tools {

/// Clients of both platforms.
struct PlatformClients {
  HttpClient& lambda;
  HttpClient& ecs;

  [[nodiscard]] HttpClient& of(Platform platform) const noexcept { return platform == Platform::lambda ? lambda : ecs; }
};

struct LoadOptions {
  std::size_t connections = 1024;                    // >= 1; requests under way at once, at most
  bool planned_window = false;                       // rows name the run's window instead of the clock's
  std::atomic<bool>* abort = nullptr;                // set at the second interrupt; the clients watch it
  CostModel costs = {.scope = CostScope::marginal};  // for the experiment's cap
};

/// Sends one run's schedule open-loop: each request at its time, whether or not earlier ones were answered, and writes
/// one row per scheduled request. A request that no free thread can take in time is sent late, and its row shows it.
class LoadGenerator {
 public:
  LoadGenerator(const Experiment& experiment, PlatformClients clients, RowWriter& rows, LoadOptions options)
      : experiment_(experiment), clients_(clients), rows_(rows), options_(options) {}

  /// Blocks until every request has its row. Arrivals stop at the first interrupt or before the experiment's cost
  /// cap could be passed: what has not been sent by then is written as not_sent, what is under way is waited for. A
  /// second interrupt cuts that off; such requests count as not_sent too, since their end says nothing of the platform.
  /// Throws what writing rows threw.
  void run(const Schedule& schedule, CollectTally& tally);

  /// What all rows so far cost by the price book.
  [[nodiscard]] double spent_usd() const noexcept { return spent_usd_; }
  /// Whether the cap ended a run.
  [[nodiscard]] bool cost_capped() const noexcept { return capped_; }

 private:
  class Run;

  const Experiment& experiment_;
  PlatformClients clients_;
  RowWriter& rows_;
  LoadOptions options_;
  double spent_usd_ = 0;
  bool capped_ = false;
};

}  // namespace switchyard::tools
