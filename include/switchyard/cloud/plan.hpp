#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/core/text.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

/// A stretch of one arrival rate, or of one that changes linearly.
struct Phase {
  std::string name{};
  double duration_s = 0;            // > 0
  double arrival_rate = 0;          // requests per second, >= 0
  std::optional<double> ramp_to{};  // requests per second at the end, >= 0; absent = constant
};

/// One run: phases in one time window under one load pattern.
struct RunPlan {
  std::string name{};          // logged as run_id
  std::string window{};        // a window of the catalogue
  std::string load_pattern{};  // a load pattern of the catalogue
  double start_ms = 0;         // UTC epoch milliseconds of the first arrival; collecting starts when it is told to
  std::vector<Phase> phases{};
  double cycle_to_s = 0;  // > 0: the phases repeat until this many seconds are over; 0 = once
};

/// Requests of one workload to one platform, picked in proportion to its weight.
struct Scenario {
  Workload workload = Workload::lightweight_api;
  Platform platform = Platform::lambda;
  double weight = 1;  // >= 0, relative
};

/// How requests to the two platforms relate.
enum class Pairing : std::uint8_t {
  independent,  // every request draws its own scenario (the requirements' plan)
  paired,       // two neighbours in the schedule are one workload, size and payload sent to both platforms
};

[[nodiscard]] constexpr std::string_view to_string(Pairing pairing) noexcept {
  return pairing == Pairing::paired ? "paired" : "independent";
}

/// Where a platform is reached: scheme, host, port and base path. Workload paths follow, e.g. "/lightweight" on Lambda
/// and "/lightweight/process" on ECS.
struct Endpoints {
  std::string lambda = "http://127.0.0.1:8081";  // the local stand-ins, so that nobody's account is hit by accident
  std::string ecs = "http://127.0.0.1:8082";

  [[nodiscard]] const std::string& of(Platform platform) const noexcept {
    return platform == Platform::lambda ? lambda : ecs;
  }
};

/// A measurement plan: what is sent where, when and how fast.
struct Experiment {
  std::string name = "variance";
  Catalogue catalogue = default_catalogue();  // also zone, time-out, memory limits and task sizes
  Endpoints endpoints{};
  std::vector<Scenario> scenarios{};
  std::vector<RunPlan> runs{};
  std::string prices = "eu-west-1";  // id of a price book
  Pairing pairing = Pairing::independent;
  std::optional<double> max_cost_usd{};  // collecting stops before it would spend more; absent = no cap

  [[nodiscard]] double timeout_ms() const noexcept { return catalogue.timeout_ms; }
};

/// Path of a workload on a platform, to be appended to its endpoint: "/heavy", "/heavy/process".
[[nodiscard]] inline std::string request_path(const Catalogue& catalogue, Platform platform, Workload workload) {
  const std::string path = "/" + catalogue.workload(workload).path;
  return platform == Platform::lambda ? path : path + "/process";
}

/// Every workload on every platform with the same weight.
[[nodiscard]] inline std::vector<Scenario> equal_scenarios(const Catalogue& catalogue) {
  std::vector<Scenario> scenarios;
  for (std::size_t i = 0; i < catalogue.workloads.size(); ++i) {
    scenarios.push_back({static_cast<Workload>(i), Platform::lambda, 1});
    scenarios.push_back({static_cast<Workload>(i), Platform::ecs, 1});
  }
  return scenarios;
}

/// The requirements' plan (their section 3.3): five runs of an hour on Monday, 12 January 2026, UTC, each in its
/// window; the burst's 20 minutes repeat through its hour unless `cycle_burst` is false. 184,500 arrivals (157,500).
/// All on one day: is_weekend is constant, and window and load pattern go together; no data of it can part them.
[[nodiscard]] inline Experiment default_experiment(bool cycle_burst = true) {
  constexpr double hour_s = 3600;
  constexpr double midnight_ms = 1'768'176'000'000;  // 2026-01-12T00:00:00Z
  const auto at_hour = [](double hour) { return midnight_ms + hour * hour_s * 1000; };
  const std::vector<Phase> low = {{"low", hour_s, 5, {}}};
  const std::vector<Phase> ramp = {{"ramp", hour_s, 5, 25.0}};
  const std::vector<Phase> medium = {{"medium", hour_s, 15, {}}};
  const std::vector<Phase> burst = {{"before", 600, 5, {}}, {"burst", 300, 30, {}}, {"after", 300, 5, {}}};
  Experiment experiment;
  experiment.scenarios = equal_scenarios(experiment.catalogue);
  experiment.runs = {
      {"early_morning_low_load", "early_morning", "low_load", at_hour(2), low, 0},
      {"morning_peak_ramp_load", "morning_peak", "ramp_load", at_hour(8), ramp, 0},
      {"midday_medium_load", "midday", "medium_load", at_hour(12), medium, 0},
      {"evening_burst_load", "evening", "burst_load", at_hour(18), burst, cycle_burst ? hour_s : 0},
      {"late_night_low_load", "late_night", "low_load", at_hour(22), low, 0},
  };
  return experiment;
}

namespace detail {

inline void require(bool holds, const std::string& name, double found, std::string_view expected) {
  if (!holds) throw InvalidArgument::out_of_range(name, format_number(found), expected);
}

inline void validate_run(const RunPlan& run, const std::string& where) {
  if (run.phases.empty()) throw InvalidArgument(where + ".phases is empty; expected at least one phase");
  require(std::isfinite(run.start_ms), where + ".start", run.start_ms, "a time");
  require(run.cycle_to_s >= 0 && std::isfinite(run.cycle_to_s), where + ".cycle_to", run.cycle_to_s,
          "a number of seconds >= 0");
  for (std::size_t i = 0; i < run.phases.size(); ++i) {
    const Phase& phase = run.phases[i];
    const std::string name = where + ".phases[" + std::to_string(i) + "]";
    require(phase.duration_s > 0 && std::isfinite(phase.duration_s), name + ".duration", phase.duration_s,
            "a number of seconds > 0");
    require(phase.arrival_rate >= 0 && phase.arrival_rate <= 1e6, name + ".arrivalRate", phase.arrival_rate,
            "requests per second in [0, 1000000]");
    const double end = phase.ramp_to.value_or(0);
    require(end >= 0 && end <= 1e6, name + ".rampTo", end, "requests per second in [0, 1000000]");
  }
}

}  // namespace detail

/// Throws InvalidArgument naming the first field that is out of its range. `where` prefixes the field names.
inline void validate(const Experiment& experiment, const std::string& where = "experiment") {
  const Catalogue& catalogue = experiment.catalogue;
  if (catalogue.workloads.empty()) throw InvalidArgument(where + ".workloads is empty; expected at least one");
  for (const auto& workload : catalogue.workloads) {
    const std::string name = where + ".workloads[" + workload.name + "]";
    if (workload.sizes_kb.empty()) throw InvalidArgument(name + ".sizes_kb is empty; expected at least one size");
    for (const double size : workload.sizes_kb) {
      detail::require(size > 0 && size <= 1e6, name + ".sizes_kb", size, "kilobytes in (0, 1000000]");
    }
  }
  detail::require(experiment.timeout_ms() > 0 && std::isfinite(experiment.timeout_ms()), where + ".timeout_ms",
                  experiment.timeout_ms(), "milliseconds > 0");
  double total_weight = 0;
  for (const auto& scenario : experiment.scenarios) {
    detail::require(scenario.weight >= 0 && std::isfinite(scenario.weight), where + ".scenarios.weight",
                    scenario.weight, "a number >= 0");
    total_weight += scenario.weight;
  }
  if (!(total_weight > 0)) throw InvalidArgument(where + ".scenarios have no weight; expected at least one above 0");
  if (experiment.max_cost_usd) {
    detail::require(*experiment.max_cost_usd >= 0, where + ".max_cost_usd", *experiment.max_cost_usd, "dollars >= 0");
  }
  for (std::size_t i = 0; i < experiment.runs.size(); ++i) {
    const std::string name = where + ".runs[" + std::to_string(i) + "]";
    const RunPlan& run = experiment.runs[i];
    if (catalogue.name(catalogue.window_named(run.window)) != run.window) {
      throw InvalidArgument(name + ".window is '" + run.window + "', which the catalogue does not have");
    }
    if (catalogue.name(catalogue.pattern_named(run.load_pattern)) != run.load_pattern) {
      throw InvalidArgument(name + ".load_pattern is '" + run.load_pattern + "', which the catalogue does not have");
    }
    detail::validate_run(run, name);
  }
}

}  // namespace switchyard
