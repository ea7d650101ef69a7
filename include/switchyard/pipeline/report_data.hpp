#pragma once

#include "switchyard/pipeline/report_page.hpp"
#include "switchyard/pipeline/training_report.hpp"

#include <nlohmann/json.hpp>

#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::detail {

/// A member of a JSON object, or null: a summary may be absent, older or written by hand.
[[nodiscard]] inline const nlohmann::json& member(const nlohmann::json& object, const char* key) {
  static const nlohmann::json null;
  if (!object.is_object()) return null;
  const auto found = object.find(key);
  return found == object.end() ? null : *found;
}

[[nodiscard]] inline double number_of(const nlohmann::json& value) {
  return value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

[[nodiscard]] inline std::string text_of(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.is_null() ? "" : value.dump();
}

[[nodiscard]] inline std::string count_of(const nlohmann::json& value) {
  return value.is_number_integer() ? format_count(value.get<std::int64_t>()) : "\u2013";
}

/// The warnings preprocess wrote, as text.
[[nodiscard]] inline std::vector<std::string> warnings_of(const nlohmann::json& dataset) {
  std::vector<std::string> warnings;
  const auto& list = member(dataset, "warnings");
  if (!list.is_array()) return warnings;
  for (const auto& warning : list) warnings.push_back(text_of(warning));
  return warnings;
}

[[nodiscard]] inline bool warned_of(const nlohmann::json& dataset, std::string_view kind) {
  for (const auto& warning : warnings_of(dataset)) {
    if (warning.substr(0, kind.size()) == kind) return true;
  }
  return false;
}

[[nodiscard]] inline std::string warnings_html(const nlohmann::json& dataset) {
  const auto warnings = warnings_of(dataset);
  if (warnings.empty()) return paragraph("Preprocessing raised no warnings.");
  std::string list = "<ul class=\"warnings\">\n";
  for (const auto& warning : warnings) list += "<li>" + html(warning) + "</li>\n";
  return paragraph("Preprocessing warned of the following; each limits what the figures below can mean.") + list +
         "</ul>\n";
}

[[nodiscard]] inline std::string variance_html(const nlohmann::json& dataset) {
  const auto& workloads = member(member(dataset, "labels"), "by_workload");
  if (!workloads.is_object() || workloads.empty()) return "";
  HtmlTable table(
      "Share of requests for which Lambda is the better platform. The variance check asks of balanced_optimal, per "
      "workload, a mean of .2 to .8 and a standard deviation above .3.",
      {"workload", "rows", "cost_optimal", "latency_optimal", "balanced_optimal", "standard deviation", "variance"}, 1,
      5);
  for (const auto& [name, labels] : workloads.items()) {
    const auto& passes = member(labels, "variance_passes");
    const Verdict verdict = passes.is_boolean() ? verdict_of(passes.get<bool>()) : Verdict::unknown;
    table.add({html(name), count_of(member(labels, "n")), html_number(number_of(member(labels, "cost_optimal")), 3),
               html_number(number_of(member(labels, "latency_optimal")), 3),
               html_number(number_of(member(labels, "balanced_optimal")), 3),
               html_number(number_of(member(labels, "standard_deviation")), 3), html_verdict(verdict)});
  }
  return table.str();
}

[[nodiscard]] inline std::string origin_html(const nlohmann::json& dataset) {
  const auto& options = member(dataset, "options");
  const auto& runs = member(dataset, "runs");
  std::string names;
  if (runs.is_array()) {
    for (const auto& run : runs) names += (names.empty() ? "" : ", ") + html(text_of(run));
  }
  std::string dropped;
  const auto& reasons = member(dataset, "dropped");
  if (reasons.is_object()) {
    for (const auto& [reason, count] : reasons.items()) {
      dropped += (dropped.empty() ? "" : ", ") + html(reason) + " " + count_of(count);
    }
  }
  return paragraph(
      count_of(member(dataset, "requests")) + " logged requests became " + count_of(member(dataset, "labelled_rows")) +
      " labelled rows in " + count_of(member(dataset, "components")) + " pair components and " +
      count_of(member(dataset, "contexts")) + " distinct contexts. Label rule: " +
      html(text_of(member(options, "label_rule"))) + "; prices: " + html(text_of(member(options, "prices"))) +
      ". Runs: " + (names.empty() ? "\u2013" : names) + ". Left out: " + (dropped.empty() ? "none" : dropped) + ".");
}

/// What the labels are and what to mistrust about them: first, for everything else rests on it.
[[nodiscard]] inline std::string data_section(const TrainingReport& report) {
  if (!report.dataset.is_object()) {
    return section("data", "The data",
                   paragraph("No dataset.summary.json lay beside the dataset, so neither the variance of its "
                             "labels nor the design of its runs could be checked."));
  }
  return section("data", "The data",
                 warnings_html(report.dataset) + variance_html(report.dataset) + origin_html(report.dataset));
}

}  // namespace switchyard::detail
