#pragma once

#include "switchyard/cloud/plan.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/core/utc.hpp"
#include "switchyard/io/catalogue_json.hpp"
#include "switchyard/io/json_build.hpp"
#include "switchyard/io/json_fields.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard {

namespace detail {

constexpr double most_seconds = 31'536'000;  // a year
constexpr double most_per_second = 1'000'000;

/// Seconds from a number, "90", "1.5h", "5m", "30s" or "500ms", as Artillery writes them.
[[nodiscard]] inline std::optional<double> duration_seconds(const nlohmann::json& value) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
  const auto number = parse_number(std::string_view(text).substr(0, digits));
  const std::string_view unit = trimmed(std::string_view(text).substr(digits));
  constexpr std::array<std::pair<std::string_view, double>, 11> units = {{{"", 1.0},
                                                                          {"ms", 0.001},
                                                                          {"s", 1.0},
                                                                          {"sec", 1.0},
                                                                          {"seconds", 1.0},
                                                                          {"m", 60.0},
                                                                          {"min", 60.0},
                                                                          {"minutes", 60.0},
                                                                          {"h", 3600.0},
                                                                          {"hours", 3600.0},
                                                                          {"d", 86400.0}}};
  for (const auto& [name, seconds] : units) {
    if (number && unit == name) return *number * seconds;
  }
  return std::nullopt;
}

[[nodiscard]] inline std::optional<double> seconds_field(JsonFields& fields, const char* key) {
  const nlohmann::json* value = fields.find(key);
  if (value == nullptr) return std::nullopt;
  const auto seconds = duration_seconds(*value);
  if (!seconds || !(*seconds > 0 && *seconds <= most_seconds)) {
    throw InvalidArgument::out_of_range(fields.path(key), shown(*value), "seconds > 0, or text such as \"5m\"");
  }
  return seconds;
}

/// A field under its own name or Artillery's.
[[nodiscard]] inline std::optional<double> rate_field(JsonFields& fields, const char* key, const char* artillery) {
  const auto own = fields.number(key, 0, most_per_second);
  const auto theirs = fields.number(artillery, 0, most_per_second);
  if (own && theirs) throw InvalidArgument(fields.path(key) + " and " + artillery + " are the same field; give one");
  return own ? own : theirs;
}

/// {duration, arrivalRate, rampTo?, name?}, {duration, arrivalCount, name?} or {pause, name?}.
[[nodiscard]] inline Phase phase_from_json(const nlohmann::json& value, const std::string& path) {
  JsonFields fields(value, path);
  Phase phase;
  phase.name = fields.text("name").value_or("");
  const auto pause = seconds_field(fields, "pause");
  auto duration = seconds_field(fields, "duration");
  if (!duration) duration = seconds_field(fields, "duration_s");
  const auto rate = rate_field(fields, "arrival_rate", "arrivalRate");
  const auto count = rate_field(fields, "arrival_count", "arrivalCount");
  phase.ramp_to = rate_field(fields, "ramp_to", "rampTo");
  fields.refuse_unknown();
  if (pause) {
    if (duration || rate || count || phase.ramp_to) throw InvalidArgument(path + ".pause stands alone in its phase");
    phase.duration_s = *pause;
    return phase;
  }
  if (!duration) throw InvalidArgument::out_of_range(fields.path("duration"), "missing", "seconds > 0");
  if (rate.has_value() == count.has_value()) {
    throw InvalidArgument::out_of_range(fields.path("arrivalRate"), rate ? "beside an arrivalCount" : "missing",
                                        "arrivalRate or arrivalCount");
  }
  if (count && phase.ramp_to) throw InvalidArgument(fields.path("rampTo") + " needs an arrivalRate");
  phase.duration_s = *duration;
  phase.arrival_rate = rate ? *rate : *count / *duration;
  return phase;
}

template <class Names>
[[nodiscard]] std::string known_name(JsonFields& fields, const char* key, const Names& names) {
  const std::string name = plain_name(fields.need(key, "a name"), fields.path(key));
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    throw InvalidArgument(fields.path(key) + " is '" + name + "', which the catalogue does not have" +
                          did_you_mean(name, names));
  }
  return name;
}

template <class Specs>
[[nodiscard]] std::vector<std::string> names_of(const Specs& specs) {
  std::vector<std::string> names;
  for (const auto& spec : specs) names.push_back(spec.name);
  return names;
}

/// A start without zone is in the catalogue's.
[[nodiscard]] inline double start_ms(JsonFields& fields, const Catalogue& catalogue) {
  const nlohmann::json& value = fields.need("start", "a time such as \"2026-01-12T02:00:00Z\"");
  constexpr std::size_t date_and_time = 16;  // "2026-01-12T02:00"
  const std::string text = value.is_string() ? value.get<std::string>() : std::string();
  const auto parsed = parse_utc_ms(text);
  if (!parsed) {
    throw InvalidArgument::out_of_range(fields.path("start"), shown(value), "a time such as \"2026-01-12T02:00:00Z\"");
  }
  const bool has_zone = text.size() > date_and_time && text.find_first_of("Zz+-", date_and_time) != std::string::npos;
  return has_zone ? *parsed : *parsed - catalogue.zone_offset_minutes * 60'000.0;
}

[[nodiscard]] inline RunPlan run_from_json(const nlohmann::json& value, const std::string& path,
                                           const Catalogue& catalogue) {
  JsonFields fields(value, path);
  RunPlan run;
  run.window = known_name(fields, "window", names_of(catalogue.windows));
  run.load_pattern = known_name(fields, "load_pattern", catalogue.load_patterns);
  run.name = run.window + "_" + run.load_pattern;
  if (const auto* name = fields.find("name")) run.name = plain_name(*name, fields.path("name"));
  run.start_ms = start_ms(fields, catalogue);
  fields.each("phases", [&](const nlohmann::json& phase, const std::string& where) {
    run.phases.push_back(phase_from_json(phase, where));
  });
  if (run.phases.empty()) throw InvalidArgument::out_of_range(fields.path("phases"), "missing", "a list of phases");
  run.cycle_to_s = seconds_field(fields, "cycle_to").value_or(0);
  fields.refuse_unknown();
  return run;
}

[[nodiscard]] inline Scenario scenario_from_json(const nlohmann::json& value, const std::string& path,
                                                 const Catalogue& catalogue) {
  JsonFields fields(value, path);
  Scenario scenario;
  scenario.workload = *catalogue.find_workload(known_name(fields, "workload", names_of(catalogue.workloads)));
  const std::string platform = fields.text("platform").value_or("");
  const auto parsed = parse_platform(platform);
  if (!parsed) throw InvalidArgument::out_of_range(fields.path("platform"), "'" + platform + "'", "'lambda' or 'ecs'");
  scenario.platform = *parsed;
  scenario.weight = fields.number("weight", 0, 1e9).value_or(1);
  fields.refuse_unknown();
  return scenario;
}

[[nodiscard]] inline Endpoints endpoints_from_json(const nlohmann::json& value, const std::string& path) {
  JsonFields fields(value, path);
  Endpoints endpoints;
  const auto read = [&](const char* key, std::string otherwise) {
    std::string url = fields.text(key).value_or(std::move(otherwise));
    const std::size_t host = url.rfind("https://", 0) == 0 ? 8 : url.rfind("http://", 0) == 0 ? 7 : std::string::npos;
    if (host == std::string::npos || url.size() <= host) {
      throw InvalidArgument::out_of_range(fields.path(key), "'" + url + "'",
                                          "a URL that begins with http:// or https://");
    }
    while (url.back() == '/') url.pop_back();
    return url;
  };
  endpoints.lambda = read("lambda", endpoints.lambda);
  endpoints.ecs = read("ecs", endpoints.ecs);
  fields.refuse_unknown();
  return endpoints;
}

[[nodiscard]] inline Pairing pairing_field(JsonFields& fields) {
  const std::string name = fields.text("pairing").value_or("independent");
  for (const auto pairing : {Pairing::independent, Pairing::paired}) {
    if (name == to_string(pairing)) return pairing;
  }
  throw InvalidArgument::out_of_range(fields.path("pairing"), "'" + name + "'", "'independent' or 'paired'");
}

}  // namespace detail

/// Reads an experiment:
///
///   {"name", "prices", "pairing": "independent"|"paired", "max_cost_usd",
///    "catalogue": {"zone", "timeout_ms", "lambda_body_limit_bytes", "load_patterns": [name],
///                  "windows": [{"name", "hours": [0-23]}],
///                  "workloads": [{"name", "path", "sizes_kb", "lambda_memory_mb", "ecs_vcpu", "ecs_memory_gb"}]},
///    "endpoints": {"lambda": URL, "ecs": URL},
///    "scenarios": [{"workload", "platform", "weight"}],
///    "runs": [{"name", "window", "load_pattern", "start": time, "cycle_to": seconds,
///              "phases": [{"name", "duration": seconds or "5m", "arrivalRate": per second, "rampTo"}]}]}
///
/// Every field is optional and defaults to `default_experiment()`'s; scenarios default to every workload on both
/// platforms, a run's name to "{window}_{load_pattern}"; a time without zone is in the catalogue's. Unknown fields are
/// refused. `path` is what errors begin with, such as "plan.json: ". Throws InvalidArgument.
[[nodiscard]] inline Experiment experiment_from_json(const nlohmann::json& value, const std::string& path = "") {
  detail::JsonFields fields(value, path);
  Experiment experiment = default_experiment();
  if (const auto* name = fields.find("name")) experiment.name = detail::plain_name(*name, fields.path("name"));
  if (const auto* catalogue = fields.find("catalogue")) {
    experiment.catalogue = catalogue_from_json(*catalogue, fields.path("catalogue"));
  }
  if (const auto* endpoints = fields.find("endpoints")) {
    experiment.endpoints = detail::endpoints_from_json(*endpoints, fields.path("endpoints"));
  }
  experiment.prices = fields.text("prices").value_or(experiment.prices);
  experiment.pairing = detail::pairing_field(fields);
  experiment.max_cost_usd = fields.number("max_cost_usd", 0, 1e9);
  experiment.scenarios = equal_scenarios(experiment.catalogue);
  if (fields.find("scenarios") != nullptr) experiment.scenarios.clear();
  fields.each("scenarios", [&](const nlohmann::json& scenario, const std::string& where) {
    experiment.scenarios.push_back(detail::scenario_from_json(scenario, where, experiment.catalogue));
  });
  if (fields.find("runs") != nullptr) {
    experiment.runs.clear();
  } else if (fields.find("catalogue") != nullptr) {
    // The default runs begin at hours of their windows, in the experiment's own zone.
    for (auto& run : experiment.runs) run.start_ms -= experiment.catalogue.zone_offset_minutes * 60'000.0;
  }
  fields.each("runs", [&](const nlohmann::json& run, const std::string& where) {
    experiment.runs.push_back(detail::run_from_json(run, where, experiment.catalogue));
  });
  fields.refuse_unknown();
  detail::check_names(detail::names_of(experiment.runs), fields.path("runs"));
  validate(experiment, path.empty() ? "experiment" : path + "experiment");
  return experiment;
}

/// Every field, by the names `experiment_from_json` reads; phases in Artillery's.
[[nodiscard]] inline nlohmann::json experiment_to_json(const Experiment& experiment) {
  nlohmann::json scenarios = nlohmann::json::array();
  for (const auto& scenario : experiment.scenarios) {
    scenarios.push_back(json_object({{"workload", std::string(experiment.catalogue.name(scenario.workload))},
                                     {"platform", std::string(to_string(scenario.platform))},
                                     {"weight", scenario.weight}}));
  }
  nlohmann::json runs = nlohmann::json::array();
  for (const auto& run : experiment.runs) {
    nlohmann::json phases = nlohmann::json::array();
    for (const auto& phase : run.phases) {
      nlohmann::json object = json_object({{"duration", phase.duration_s}, {"arrivalRate", phase.arrival_rate}});
      if (!phase.name.empty()) object["name"] = phase.name;
      if (phase.ramp_to) object["rampTo"] = *phase.ramp_to;
      phases.push_back(std::move(object));
    }
    runs.push_back(json_object({{"name", run.name},
                                {"window", run.window},
                                {"load_pattern", run.load_pattern},
                                {"start", format_utc(run.start_ms)},
                                {"phases", std::move(phases)}}));
    if (run.cycle_to_s > 0) runs.back()["cycle_to"] = run.cycle_to_s;
  }
  nlohmann::json object = json_object(
      {{"name", experiment.name},
       {"catalogue", catalogue_to_json(experiment.catalogue)},
       {"endpoints", json_object({{"lambda", experiment.endpoints.lambda}, {"ecs", experiment.endpoints.ecs}})},
       {"prices", experiment.prices},
       {"pairing", std::string(to_string(experiment.pairing))},
       {"scenarios", std::move(scenarios)},
       {"runs", std::move(runs)}});
  if (experiment.max_cost_usd) object["max_cost_usd"] = *experiment.max_cost_usd;
  return object;
}

/// Reads an experiment file. Throws FileError, or InvalidArgument naming the file and the place in it.
[[nodiscard]] inline Experiment read_experiment(const std::string& file_name) {
  constexpr std::size_t most_bytes = 16 * 1024 * 1024;
  std::ifstream file(file_name, std::ios::binary);
  if (!file) throw FileError::cannot_open(file_name, std::strerror(errno));
  std::string text;
  for (char block[65536]; file.read(block, sizeof block) || file.gcount() > 0;) {
    text.append(block, static_cast<std::size_t>(file.gcount()));
    if (text.size() > most_bytes) throw InvalidArgument(file_name + ": larger than 16 MB; not an experiment file");
  }
  if (file.bad() || (text.empty() && !file.eof())) throw FileError::cannot_open(file_name, std::strerror(errno));
  nlohmann::json value;
  try {
    value = nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    const auto at = static_cast<std::ptrdiff_t>(std::min(error.byte > 0 ? error.byte - 1 : 0, text.size()));
    const auto line = 1 + std::count(text.begin(), text.begin() + at, '\n');
    const std::size_t line_start = text.rfind('\n', static_cast<std::size_t>(at > 0 ? at - 1 : 0));
    const std::size_t column = static_cast<std::size_t>(at) - (line > 1 ? line_start : static_cast<std::size_t>(-1));
    throw InvalidArgument(to_string(Place{file_name, static_cast<std::size_t>(line), column}) + ": not valid JSON");
  }
  return experiment_from_json(value, file_name + ": ");
}

/// Writes an experiment file that read_experiment reads back. Throws FileError.
inline void write_experiment(const std::string& file_name, const Experiment& experiment) {
  std::ofstream file(file_name, std::ios::binary);
  if (!file) throw FileError::cannot_open(file_name, std::strerror(errno));
  file << experiment_to_json(experiment).dump(2) << '\n';
  if (!file.flush()) throw FileError::cannot_write(file_name, std::strerror(errno));
}

}  // namespace switchyard
