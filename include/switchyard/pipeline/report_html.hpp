#pragma once

#include "switchyard/pipeline/report_data.hpp"
#include "switchyard/pipeline/report_headline.hpp"
#include "switchyard/pipeline/report_importance.hpp"
#include "switchyard/pipeline/report_judgement.hpp"
#include "switchyard/pipeline/report_page.hpp"
#include "switchyard/pipeline/report_scores.hpp"
#include "switchyard/pipeline/training_report.hpp"

#include <string>

namespace switchyard {

namespace detail {

[[nodiscard]] inline std::string report_contents(const TrainingReport& report) {
  const auto link = [](const char* id, const char* name) {
    return "<a href=\"#" + std::string(id) + "\">" + name + "</a>\n";
  };
  std::string links = link("data", "Data") + link("accuracy", "Accuracy");
  if (!report.evaluation.runs.empty()) links += link("runs", "Runs");
  links += link("ranking", "Ranking and calibration") + link("importance", "Importance");
  if (!report.evaluation.values.empty()) links += link("value", "Decision value");
  return "<nav>" + links + link("acceptance", "Acceptance") + link("checklist", "Checklist") +
         link("limits", "Limits") + link("reproduce", "Reproduce") + "</nav>\n";
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
  if (report.shuffled) page += detail::paragraph(loss_of_generality(report));
  page += detail::report_contents(report);
  page += detail::data_section(report);
  page += detail::scores_section(report);
  page += detail::runs_section(report);
  page += detail::curves_section(report);
  page += detail::importance_section(report);
  page += detail::values_section(report);
  page += detail::acceptance_section(report);
  page += detail::checklist_section(report);
  page += detail::limits_section(report);
  page += detail::reproduction_section(report);
  return page + "</main>\n</body>\n</html>\n";
}

}  // namespace switchyard
