#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/event_clock.hpp"
#include "switchyard/cloud/live_state.hpp"
#include "switchyard/cloud/live_state_record.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/io/json_build.hpp"
#include "switchyard/io/json_file.hpp"
#include "switchyard/io/json_reader.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard {

inline constexpr std::string_view live_state_format = "switchyard-live-state";
inline constexpr int live_state_format_version = 1;

namespace detail {

/// [sum, weight, time]; null if empty.
[[nodiscard]] inline nlohmann::json decayed_to_json(const DecayedRecord& sum) {
  if (sum.weight == 0) return nullptr;
  return json_array({json_number(sum.sum), json_number(sum.weight), json_number(sum.at_ms)});
}

/// null for never.
[[nodiscard]] inline nlohmann::json event_time_to_json(double time_ms) {
  return std::isinf(time_ms) ? nlohmann::json(nullptr) : json_number(time_ms);
}

[[nodiscard]] inline nlohmann::json platform_to_json(const PlatformRecord& platform) {
  auto workloads = nlohmann::json::array();
  for (const WorkloadRecord& workload : platform.workloads) {
    workloads.push_back(json_object({{"norm", decayed_to_json(workload.norm)},
                                     {"fast", decayed_to_json(workload.fast)},
                                     {"spread", decayed_to_json(workload.spread)},
                                     {"failures", decayed_to_json(workload.failures)},
                                     {"timeouts", decayed_to_json(workload.timeouts)},
                                     {"last_sent_ms", event_time_to_json(workload.last_sent_ms)},
                                     {"last_answer_ms", event_time_to_json(workload.last_answer_ms)}}));
  }
  auto sizes = nlohmann::json::array();
  for (const SizeRecord& size : platform.sizes) {
    sizes.push_back(json_object({{"norm", decayed_to_json(size.norm)}, {"slow", decayed_to_json(size.slow)}}));
  }
  return json_object({{"norm", decayed_to_json(platform.norm)},
                      {"fast", decayed_to_json(platform.fast)},
                      {"arrivals", decayed_to_json(platform.arrivals)},
                      {"workloads", std::move(workloads)},
                      {"sizes", std::move(sizes)}});
}

/// What the records' places stand for: a state means nothing under another catalogue.
[[nodiscard]] inline nlohmann::json state_places(const Catalogue& catalogue) {
  auto places = nlohmann::json::array();
  for (const WorkloadSpec& workload : catalogue.workloads) {
    places.push_back(json_object({{"name", workload.name}, {"sizes_kb", workload.sizes_kb}}));
  }
  return places;
}

/// Bounds that no state kept by LiveState passes, and that keep every figure derived from a record finite.
struct DecayedBounds {
  double low = -1e6;  // of the mean
  double high = 1e6;
};

[[nodiscard]] inline double event_time_from_json(const JsonReader& reader) {
  const double time = reader.number();
  if (!EventClock::is_time(time)) reader.fail("is no time in milliseconds");
  return time;
}

[[nodiscard]] inline double event_time_or_never(const JsonReader& reader) {
  return reader.value().is_null() ? -std::numeric_limits<double>::infinity() : event_time_from_json(reader);
}

[[nodiscard]] inline DecayedRecord decayed_from_json(const JsonReader& reader, const DecayedBounds& bounds = {}) {
  constexpr double heaviest = 1e15;
  if (reader.value().is_null()) return {};
  reader.require_size(3);
  const DecayedRecord sum{reader.at(0).number(), reader.at(1).number(), event_time_from_json(reader.at(2))};
  if (!(sum.weight > 0 && sum.weight <= heaviest)) reader.at(1).fail("is no weight: expected a positive number");
  if (!(sum.sum >= bounds.low * sum.weight && sum.sum <= bounds.high * sum.weight)) {
    reader.at(0).fail("is no sum of so many values as the weight says");
  }
  return sum;
}

[[nodiscard]] inline PlatformRecord platform_from_json(const JsonReader& reader, const Catalogue& catalogue) {
  constexpr DecayedBounds squares{0};
  constexpr DecayedBounds shares{0, 1};
  PlatformRecord platform{decayed_from_json(reader.at("norm")),
                          decayed_from_json(reader.at("fast")),
                          decayed_from_json(reader.at("arrivals"), shares),
                          {},
                          {}};
  const JsonReader workloads = reader.at("workloads");
  workloads.require_size(catalogue.workloads.size());
  for (std::size_t i = 0; i < workloads.size(); ++i) {
    const JsonReader workload = workloads.at(i);
    platform.workloads.push_back(
        {decayed_from_json(workload.at("norm")), decayed_from_json(workload.at("fast")),
         decayed_from_json(workload.at("spread"), squares), decayed_from_json(workload.at("failures"), shares),
         decayed_from_json(workload.at("timeouts"), shares), event_time_or_never(workload.at("last_sent_ms")),
         event_time_or_never(workload.at("last_answer_ms"))});
  }
  std::size_t count = 0;
  for (const WorkloadSpec& workload : catalogue.workloads) count += workload.sizes_kb.size();
  const JsonReader sizes = reader.at("sizes");
  sizes.require_size(count);
  for (std::size_t i = 0; i < count; ++i) {
    platform.sizes.push_back({decayed_from_json(sizes.at(i).at("norm")), decayed_from_json(sizes.at(i).at("slow"))});
  }
  return platform;
}

}  // namespace detail

/// A state as a JSON document; `live_state_from_json` reads it back. Numbers keep their bits. What is in flight and
/// which events were seen is left out (see LiveStateRecord). `catalogue` is the one that the state was made with.
[[nodiscard]] inline nlohmann::json live_state_to_json(const LiveStateRecord& record, const Catalogue& catalogue) {
  const LiveStateOptions& options = record.options;
  return json_object({{"format", live_state_format},
                      {"version", live_state_format_version},
                      {"options", json_object({{"norm_horizon_s", json_number(options.norm_horizon_s)},
                                               {"slow_horizon_s", json_number(options.slow_horizon_s)},
                                               {"fast_horizon_s", json_number(options.fast_horizon_s)},
                                               {"share_horizon_s", json_number(options.share_horizon_s)},
                                               {"slow_prior", json_number(options.slow_prior)},
                                               {"fast_prior", json_number(options.fast_prior)}})},
                      {"workloads", detail::state_places(catalogue)},
                      {"platforms", json_object({{"ecs", detail::platform_to_json(record.ecs)},
                                                 {"lambda", detail::platform_to_json(record.lambda)}})}});
}

[[nodiscard]] inline nlohmann::json live_state_to_json(const LiveState& state, const Catalogue& catalogue) {
  return live_state_to_json(live_state_record(state), catalogue);
}

/// The record of a document, checked before it is used: a record from here can be resumed under `catalogue`. name: what
/// errors call the document. Throws ModelFormatError.
[[nodiscard]] inline LiveStateRecord live_state_from_json(const nlohmann::json& document, const Catalogue& catalogue,
                                                          std::string_view name = "live state") {
  const JsonReader reader(document, name);
  if (reader.at("format").text() != live_state_format) {
    reader.at("format").fail("is not \"" + std::string(live_state_format) + "\"");
  }
  static_cast<void>(reader.at("version").integer(live_state_format_version, live_state_format_version));
  if (reader.at("workloads").value() != detail::state_places(catalogue)) {
    reader.at("workloads").fail("are not the workloads and sizes of the model's catalogue");
  }
  const JsonReader options = reader.at("options");
  LiveStateRecord record;
  record.options = {options.at("norm_horizon_s").number(), options.at("slow_horizon_s").number(),
                    options.at("fast_horizon_s").number(), options.at("share_horizon_s").number(),
                    options.at("slow_prior").number(),     options.at("fast_prior").number()};
  try {
    static_cast<void>(LiveState(catalogue, record.options));
  } catch (const InvalidArgument& error) {
    options.fail(error.what());
  }
  record.ecs = detail::platform_from_json(reader.at("platforms").at("ecs"), catalogue);
  record.lambda = detail::platform_from_json(reader.at("platforms").at("lambda"), catalogue);
  return record;
}

/// Reads and checks a file that holds a state; see live_state_from_json. Throws FileError if it cannot be read, and
/// ModelFormatError.
[[nodiscard]] inline LiveStateRecord load_live_state(const std::filesystem::path& path, const Catalogue& catalogue) {
  const std::string name = path.string();
  return live_state_from_json(detail::parse_limited(detail::read_model_text(path), name), catalogue, name);
}

}  // namespace switchyard
