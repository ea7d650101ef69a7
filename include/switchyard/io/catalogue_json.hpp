#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/core/utc.hpp"
#include "switchyard/io/json_build.hpp"
#include "switchyard/io/json_fields.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

namespace switchyard {

/// "UTC", "+05:30": minutes east of UTC as parse_zone_offset reads them.
[[nodiscard]] inline std::string format_zone(int offset_minutes) {
  if (offset_minutes == 0) return "UTC";
  const int minutes = std::abs(offset_minutes);
  char text[32];
  std::snprintf(text, sizeof text, "%c%02d:%02d", offset_minutes < 0 ? '-' : '+', minutes / 60, minutes % 60);
  return text;
}

/// Every field of the catalogue, by the names `catalogue_from_json` reads.
[[nodiscard]] inline nlohmann::json catalogue_to_json(const Catalogue& catalogue) {
  nlohmann::json workloads = nlohmann::json::array();
  for (const auto& workload : catalogue.workloads) {
    workloads.push_back(json_object({{"name", workload.name},
                                     {"path", workload.path},
                                     {"sizes_kb", workload.sizes_kb},
                                     {"lambda_memory_mb", workload.lambda_memory_mb},
                                     {"ecs_vcpu", workload.ecs_vcpu},
                                     {"ecs_memory_gb", workload.ecs_memory_gb}}));
  }
  nlohmann::json windows = nlohmann::json::array();
  for (const auto& window : catalogue.windows)
    windows.push_back(json_object({{"name", window.name}, {"hours", window.hours}}));
  return json_object({{"workloads", std::move(workloads)},
                      {"windows", std::move(windows)},
                      {"load_patterns", catalogue.load_patterns},
                      {"zone", format_zone(catalogue.zone_offset_minutes)},
                      {"lambda_body_limit_bytes", catalogue.lambda_body_limit_bytes},
                      {"timeout_ms", catalogue.timeout_ms}});
}

namespace detail {

/// A name that may stand in a file name: letters, digits, '_', '-' and '.', not beginning with a dot.
[[nodiscard]] inline std::string plain_name(const nlohmann::json& value, const std::string& path) {
  constexpr std::size_t longest = 100;
  const bool is_text = value.is_string();
  const std::string name = is_text ? value.get<std::string>() : std::string();
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  });
  if (!is_text || name.empty() || name.size() > longest || name.front() == '.' || !plain) {
    throw InvalidArgument::out_of_range(path, shown(value), "a name of letters, digits, '_', '-' and '.'");
  }
  return name;
}

[[nodiscard]] inline WorkloadSpec workload_from_json(const nlohmann::json& value, const std::string& path) {
  constexpr double most_kb = 1'000'000;
  JsonFields fields(value, path);
  WorkloadSpec workload;
  workload.name = plain_name(fields.need("name", "a name"), fields.path("name"));
  workload.path = fields.text("path").value_or(workload.name);
  fields.each("sizes_kb", [&](const nlohmann::json& size, const std::string& where) {
    if (!size.is_number() || !(size.get<double>() > 0 && size.get<double>() <= most_kb)) {
      throw InvalidArgument::out_of_range(where, shown(size), "kilobytes in (0, 1000000]");
    }
    workload.sizes_kb.push_back(size.get<double>());
  });
  if (workload.sizes_kb.empty())
    throw InvalidArgument::out_of_range(fields.path("sizes_kb"), "missing", "a list of sizes");
  std::sort(workload.sizes_kb.begin(), workload.sizes_kb.end());
  workload.lambda_memory_mb = fields.number("lambda_memory_mb", 128, 10'240).value_or(workload.lambda_memory_mb);
  workload.ecs_vcpu = fields.number("ecs_vcpu", 0.001, 1024).value_or(workload.ecs_vcpu);
  workload.ecs_memory_gb = fields.number("ecs_memory_gb", 0.001, 24'576).value_or(workload.ecs_memory_gb);
  fields.refuse_unknown();
  return workload;
}

[[nodiscard]] inline WindowSpec window_from_json(const nlohmann::json& value, const std::string& path) {
  JsonFields fields(value, path);
  WindowSpec window;
  window.name = plain_name(fields.need("name", "a name"), fields.path("name"));
  fields.each("hours", [&](const nlohmann::json& hour, const std::string& where) {
    if (!hour.is_number_integer() || hour.get<double>() < 0 || hour.get<double>() > 23) {
      throw InvalidArgument::out_of_range(where, shown(hour), "an hour, 0 to 23");
    }
    window.hours.push_back(hour.get<int>());
  });
  fields.refuse_unknown();
  return window;
}

/// Codes are stored in a byte, and "other" follows the named ones.
inline void check_names(const std::vector<std::string>& names, const std::string& path) {
  constexpr std::size_t most = 200;
  if (names.size() > most) throw InvalidArgument::wrong_size(path, names.size(), most);
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (std::find(names.begin(), name, *name) != name) throw InvalidArgument(path + " has '" + *name + "' twice");
  }
}

}  // namespace detail

/// Reads a catalogue; fields that are missing are the default catalogue's. Throws InvalidArgument naming `path` and
/// the field.
[[nodiscard]] inline Catalogue catalogue_from_json(const nlohmann::json& value, const std::string& path = "catalogue") {
  detail::JsonFields fields(value, path);
  Catalogue catalogue = default_catalogue();
  std::vector<std::string> names;
  if (fields.find("workloads") != nullptr) catalogue.workloads.clear();
  fields.each("workloads", [&](const nlohmann::json& workload, const std::string& where) {
    catalogue.workloads.push_back(detail::workload_from_json(workload, where));
    names.push_back(catalogue.workloads.back().name);
  });
  detail::check_names(names, fields.path("workloads"));
  names.clear();
  if (fields.find("windows") != nullptr) catalogue.windows.clear();
  fields.each("windows", [&](const nlohmann::json& window, const std::string& where) {
    catalogue.windows.push_back(detail::window_from_json(window, where));
    names.push_back(catalogue.windows.back().name);
  });
  detail::check_names(names, fields.path("windows"));
  if (fields.find("load_patterns") != nullptr) catalogue.load_patterns.clear();
  fields.each("load_patterns", [&](const nlohmann::json& name, const std::string& where) {
    catalogue.load_patterns.push_back(detail::plain_name(name, where));
  });
  detail::check_names(catalogue.load_patterns, fields.path("load_patterns"));
  if (const auto zone = fields.text("zone")) {
    const auto offset = parse_zone_offset(*zone);
    if (!offset) {
      throw InvalidArgument::out_of_range(
          fields.path("zone"), "'" + *zone + "'",
          "\"UTC\" or an offset such as \"+05:30\" (named zones need a time zone database)");
    }
    catalogue.zone_offset_minutes = *offset;
  }
  catalogue.lambda_body_limit_bytes =
      fields.number("lambda_body_limit_bytes", 1, 1e12).value_or(catalogue.lambda_body_limit_bytes);
  catalogue.timeout_ms = fields.number("timeout_ms", 1, 86'400'000).value_or(catalogue.timeout_ms);
  fields.refuse_unknown();
  return catalogue;
}

}  // namespace switchyard
