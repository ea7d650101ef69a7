#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/io/model_file.hpp"
#include "switchyard/pipeline/embed_text.hpp"
#include "switchyard/pipeline/feature_columns.hpp"

#include <array>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::detail {

/// "enum class <name>" of a catalogue's names; its last value, if it has a name, is what no other one is.
[[nodiscard]] inline std::string embedded_enum(std::string_view comment, const std::string& name,
                                               std::vector<std::string> names, std::string_view last) {
  if (!last.empty()) names.emplace_back(last);
  std::string text = "/// " + std::string(comment) + "\nenum class " + name + " : std::uint8_t {\n";
  std::size_t code = 0;
  for (const std::string& identifier : identifiers(names)) {
    text += "  " + identifier + " = " + std::to_string(code++) + ",\n";
  }
  return text + "};\n\n";
}

[[nodiscard]] inline std::string embedded_types(const Catalogue& catalogue) {
  std::vector<std::string> workloads;
  for (const WorkloadSpec& workload : catalogue.workloads) workloads.push_back(workload.name);
  std::vector<std::string> windows;
  for (const WindowSpec& window : catalogue.windows) windows.push_back(window.name);
  std::string text =
      "using Platform = detail::Platform;\nusing Reason = detail::Reason;\nusing Decision = "
      "detail::Decision;\nusing detail::to_string;\n\n";
  text += embedded_enum("What a request does.", "Workload", workloads, "");
  text += embedded_enum("Part of the day.", "TimeWindow", windows, "other");
  text += embedded_enum("Shape of the arrivals.", "LoadPattern", catalogue.load_patterns, "unknown");
  return text + R"(/// What is known before a request runs.
struct Request {
  Workload workload = {};
  double payload_kb = std::numeric_limits<double>::quiet_NaN();  // 1 KB = 1,024 bytes; NaN = unknown
  std::optional<double> sent_at_ms = {};               // UTC epoch milliseconds; absent = unknown
  std::optional<TimeWindow> time_window = {};          // absent = computed from sent_at_ms
  std::optional<LoadPattern> load_pattern = {};        // absent = unknown
  std::optional<double> lambda_memory_limit_mb = {};   // absent = the workload's
};

struct Options {
  double min_confidence = 0;             // [0, 1]; a less confident model is overruled by the fallback
  Platform fallback = Platform::lambda;
};

)";
}

/// The catalogue as request_numbers asks it.
[[nodiscard]] inline std::string embedded_codes(const Catalogue& catalogue) {
  const std::size_t workloads = catalogue.workloads.size();
  const auto constant = [](const char* declaration, const std::string& value) {
    return std::string("  [[nodiscard]] static constexpr ") + declaration + " noexcept { return " + value + "; }\n";
  };
  std::string text = "namespace detail {\n\n/// What features take from the catalogue.\nstruct Codes {\n";
  text += "  static constexpr std::array<double, " + std::to_string(workloads) + "> memory_mb = {\n" +
          listed(workloads, [&](std::size_t w) { return double_literal(catalogue.workloads[w].lambda_memory_mb); }) +
          "\n  };\n  static constexpr std::array<std::uint8_t, 24> windows = {\n" +
          listed(24,
                 [&](std::size_t hour) {
                   return std::to_string(static_cast<int>(catalogue.window_of_hour(static_cast<int>(hour))));
                 }) +
          "\n  };\n";
  text += constant("std::size_t workloads()", std::to_string(workloads));
  text += constant("double lambda_memory_mb(std::size_t workload)", "memory_mb[workload]");
  text += constant("std::size_t load_patterns()", std::to_string(catalogue.load_patterns.size()));
  text += constant("int window_of_hour(int hour)", "windows[static_cast<std::size_t>(hour)]");
  text += constant("int zone_offset_minutes()", std::to_string(catalogue.zone_offset_minutes));
  text += constant("double lambda_body_limit_bytes()", double_literal(catalogue.lambda_body_limit_bytes));
  return text + "};\n\n}  // namespace detail\n\n";
}

/// The model's columns of a request, and of what is known of the platforms if it asks for that.
[[nodiscard]] inline std::string embedded_features(const ModelFile& file, bool is_live) {
  std::string text;
  if (is_live) {
    text +=
        "/// What is known of the platforms when a request is sent: what switchyard::live_features answers.\nusing "
        "LiveFeatures = std::array<double, " +
        std::to_string(live_feature_names.size()) + ">;\n\n";
  }
  const std::string live_parameter = is_live ? ", const LiveFeatures& live" : "";
  text += "/// The request's row.\n[[nodiscard]] constexpr Features features(const Request& request" + live_parameter +
          ") noexcept {\n  [[maybe_unused]] const auto own = detail::features_of(detail::request_numbers(request, "
          "detail::Codes{}));\n  "
          "return {\n" +
          listed(file.feature_columns.size(),
                 [&](std::size_t i) {
                   const std::size_t own = requirement_feature_names.size();
                   const std::size_t source = known_feature(file.feature_columns[i]).value_or(0);
                   return source < own ? "own[" + std::to_string(source) + "]"
                                       : "live[" + std::to_string(source - own) + "]";
                 }) +
          "\n  };\n}\n\n";
  if (!is_live) return text;
  return text + R"(/// The same with nothing known of the platforms: live columns are missing.
[[nodiscard]] constexpr Features features(const Request& request) noexcept {
  LiveFeatures live{};
  for (double& value : live) value = std::numeric_limits<double>::quiet_NaN();
  return features(request, live);
}

)";
}

/// lambda_probability, decision and decide; with_live: the overloads that take LiveFeatures.
[[nodiscard]] inline std::string embedded_decisions(double threshold, bool with_live) {
  const std::string parameter = with_live ? ", const LiveFeatures& live" : "";
  const std::string argument = with_live ? ", live" : "";
  return "/// Probability that Lambda is the better platform, whether or not the request fits it.\n"
         "[[nodiscard]] constexpr double lambda_probability(const Request& request" +
         parameter + ") noexcept {\n  return probability_of(features(request" + argument +
         "));\n}\n\n"
         "/// Where the request should run, how sure that is, and why: hard limits first, then the model.\n"
         "[[nodiscard]] constexpr Decision decision(const Request& request" +
         parameter +
         ", const Options& options = {}) noexcept {\n"
         "  if (request.payload_kb * 1024.0 > detail::Codes::lambda_body_limit_bytes()) return "
         "detail::infeasible_on_lambda();\n"
         "  return detail::decision_of(lambda_probability(request" +
         argument + "), " + double_literal(threshold) +
         ", options.min_confidence, options.fallback);\n}\n\n"
         "/// Where the request should run.\n"
         "[[nodiscard]] constexpr Platform decide(const Request& request" +
         parameter + ", const Options& options = {}) noexcept {\n  return decision(request" + argument +
         ", options).platform;\n}\n\n";
}

/// All that an embedded model has to say about requests.
[[nodiscard]] inline std::string embedded_request(const Catalogue& catalogue, const ModelFile& file, bool is_live) {
  return embedded_types(catalogue) + embedded_codes(catalogue) + embedded_features(file, is_live) +
         embedded_decisions(file.threshold, false) + (is_live ? embedded_decisions(file.threshold, true) : "");
}

}  // namespace switchyard::detail
