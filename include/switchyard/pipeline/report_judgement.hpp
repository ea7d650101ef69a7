#pragma once

#include "switchyard/pipeline/report_data.hpp"
#include "switchyard/pipeline/report_page.hpp"
#include "switchyard/pipeline/training_report.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace switchyard::detail {

[[nodiscard]] inline std::string acceptance_section(const TrainingReport& report) {
  HtmlTable criteria("Criteria of the requirements for " + html(report.winner().fitted.name) + ".",
                     {"criterion", "required", "found", "verdict", "comment"});
  for (const Criterion& criterion : report.winner().criteria) {
    criteria.add({html(criterion.name), html(criterion.required), html(criterion.found),
                  html_verdict(criterion.verdict), html(criterion.comment)});
  }
  std::vector<std::string> header = {"model"};
  for (const Criterion& criterion : report.winner().criteria) header.push_back(criterion.name);
  HtmlTable verdicts("Verdicts of all models.", header);
  for (std::size_t i = 0; i < report.models.size(); ++i) {
    std::vector<std::string> cells = {html(report.models[i].fitted.name)};
    for (const Criterion& criterion : report.models[i].criteria) cells.push_back(html_verdict(criterion.verdict));
    verdicts.add(cells, i == report.evaluation.winner);
  }
  return section("acceptance", "Did it meet the criteria?", criteria.str() + verdicts.str());
}

[[nodiscard]] inline std::string checklist_section(const TrainingReport& report) {
  HtmlTable table("", {"topic", "item", "state", "comment"});
  for (const ChecklistItem& item : report.checklist) {
    table.add({html(item.topic), html(item.item), html_verdict(item.state), html(item.comment)});
  }
  return section("checklist", "The requirements' checklist", table.str());
}

[[nodiscard]] inline std::vector<std::string> limits_of(const TrainingReport& report) {
  std::vector<std::string> limits = {
      "Test intervals are 95 % percentile intervals of a bootstrap over blocks of time (" +
          std::to_string(report.options.bootstrap.replicates) +
          " replicates): they cover other requests of the same runs and the same trained models. They cover neither "
          "other runs nor the luck of training and splitting.",
      "A label compares two requests matched in workload, size and time, one per platform. They are not the same "
      "request, and what "
      "differed between them is noise in the label.",
      "Where logs hold only requests that were answered, lost and timed-out requests are missing and both platforms "
      "look better "
      "than they were.",
      "Latency is what one client measured over one uplink; another network position may favour the other platform.",
      "Hindsight, to which regret and saving captured refer, chooses by measured noise and is unreachable.",
      "Costs are computed from logged durations and list prices, not from a bill."};
  if (warned_of(report.dataset, "confounded")) {
    limits.push_back(
        "The design is confounded: factors came only together, as the warnings under The data name them, so whatever "
        "is "
        "said of one may be due to the other. Importance cannot tell them apart.");
  }
  if (has_live_features(report.feature_columns)) {
    limits.push_back(
        "Live state was replayed from logs that try both platforms all the time. Only In the loop shows what a router "
        "sees that tries one; and there, answers are those of the logs, whatever load the router itself would cause.");
  }
  if (report.evaluation.split == SplitKind::stratified) {
    limits.push_back(
        "A stratified split tests on runs the models have seen, which flatters them; leave-one-run-out is the test of "
        "a "
        "new day.");
  }
  if (report.evaluation.values.empty()) {
    limits.push_back(
        "The dataset holds no outcomes of both platforms, so what decisions are worth could not be computed.");
  }
  return limits;
}

[[nodiscard]] inline std::string limits_section(const TrainingReport& report) {
  std::string list = "<ul>\n";
  for (const auto& limit : limits_of(report)) list += "<li>" + html(limit) + "</li>\n";
  return section("limits", "Limits", list + "</ul>\n");
}

[[nodiscard]] inline std::string reproduction_section(const TrainingReport& report) {
  const std::string command =
      "switchyard train " + report.dataset_name + " --split " + std::string(to_string(report.evaluation.split)) +
      " --seed " + std::to_string(report.options.models.seed) + " --mlp-epochs " +
      std::to_string(report.options.models.mlp.max_epochs) + " --bootstrap " +
      std::to_string(report.options.bootstrap.replicates) +
      (report.options.models.objective == RoutingObjective::balanced
           ? ""
           : " --objective " + std::string(to_string(report.options.models.objective))) +
      (report.options.models.balance_classes ? " --balance-classes" : "") + (report.options.studies ? "" : " --quick");
  return section(
      "reproduce", "How to reproduce",
      "<pre><code>" + html(command) + "</code></pre>\n" +
          paragraph("Trained " + html(report.training_date) +
                    ". The seed fixes split, models and intervals bit for bit at any number of threads; only times "
                    "differ. Target and ignored columns are those of this run: " +
                    std::to_string(report.feature_columns.size()) + " features, listed in feature_columns.json."));
}

}  // namespace switchyard::detail
