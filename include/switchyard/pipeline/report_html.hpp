#pragma once

#include "switchyard/pipeline/report_data.hpp"
#include "switchyard/pipeline/report_headline.hpp"
#include "switchyard/pipeline/report_importance.hpp"
#include "switchyard/pipeline/report_judgement.hpp"
#include "switchyard/pipeline/report_page.hpp"
#include "switchyard/pipeline/report_scores.hpp"
#include "switchyard/pipeline/report_splits.hpp"
#include "switchyard/pipeline/report_studies.hpp"
#include "switchyard/pipeline/report_value.hpp"
#include "switchyard/pipeline/training_report.hpp"

#include <string>
#include <vector>

namespace switchyard {

namespace detail {

/// A section with its entry in the page's contents; what a report lacks has an empty page.
struct ReportSection {
  const char* id = "";
  const char* link = "";
  std::string page = {};
};

/// In the order of the page: what to mistrust, how hard the test was, what it is worth, and then everything else.
[[nodiscard]] inline std::vector<ReportSection> report_sections(const TrainingReport& report) {
  return {{"data", "Data", data_section(report)},
          {"splits", "Splits", splits_section(report)},
          {"runs", "Runs", runs_section(report)},
          {"value", "Decision value", values_section(report)},
          {"loop", "In the loop", loop_section(report)},
          {"objectives", "Objectives", objectives_section(report)},
          {"controls", "Controls", controls_section(report)},
          {"off-policy", "Cross-check", off_policy_section(report)},
          {"accuracy", "All models", scores_section(report)},
          {"ranking", "Ranking and calibration", curves_section(report)},
          {"importance", "Importance", importance_section(report)},
          {"acceptance", "Acceptance", acceptance_section(report)},
          {"checklist", "Checklist", checklist_section(report)},
          {"limits", "Limits", limits_section(report)},
          {"reproduce", "Reproduce", reproduction_section(report)}};
}

[[nodiscard]] inline std::string report_contents(const std::vector<ReportSection>& sections) {
  std::string links;
  for (const ReportSection& part : sections) {
    if (part.page.empty()) continue;
    links += "<a href=\"#" + std::string(part.id) + "\">" + part.link + "</a>\n";
  }
  return "<nav>" + links + "</nav>\n";
}

}  // namespace detail

/// The training report as one HTML page that needs nothing else: no network, no script. Light or dark by the reader's
/// preference, printable, readable on a phone. Text from the dataset is escaped.
[[nodiscard]] inline std::string report_html(const TrainingReport& report) {
  std::string page =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Training report: " +
      detail::html(report.dataset_name) + "</title>\n<style>\n" + svg_stylesheet() + detail::report_stylesheet() +
      "</style>\n</head>\n<body>\n<main>\n<h1>Training report: " + detail::html(report.dataset_name) + "</h1>\n";
  page += detail::paragraph(report_headline(report), "headline");
  page += detail::paragraph(headline_background(report));
  if (report.shuffled) page += detail::paragraph(loss_of_generality(report));
  const auto sections = detail::report_sections(report);
  page += detail::report_contents(sections);
  for (const auto& part : sections) page += part.page;
  return page + "</main>\n</body>\n</html>\n";
}

}  // namespace switchyard
