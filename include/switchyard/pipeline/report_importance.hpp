#pragma once

#include "switchyard/pipeline/report_page.hpp"
#include "switchyard/pipeline/svg_rows.hpp"
#include "switchyard/pipeline/training_report.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace switchyard::detail {

/// The model whose gain and SHAP values are shown: the winner, or if that is no sum of trees, the best of those that
/// are. nullptr if none is.
[[nodiscard]] inline const InspectedModel* shown_trees(const TrainingReport& report) {
  if (report.winner().inspection.gain.size() > 0) return &report.winner();
  const InspectedModel* best = nullptr;
  double lowest = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < report.models.size(); ++i) {
    const double loss = report.evaluation.models[i].validation.log_loss;
    if (report.models[i].inspection.gain.size() == 0 || !(loss < lowest)) continue;
    best = &report.models[i];
    lowest = loss;
  }
  return best;
}

/// Sorts bars, the largest first, and keeps what a reader takes in. Returns what to tell of those left out; may be
/// empty.
[[nodiscard]] inline std::string keep_largest(std::vector<PlotValue>& bars) {
  constexpr std::size_t most = 20;
  std::stable_sort(bars.begin(), bars.end(), [](const auto& a, const auto& b) { return a.value > b.value; });
  const std::size_t all = bars.size();
  if (all <= most) return "";
  bars.resize(most);
  return " The " + std::to_string(most) + " largest of " + std::to_string(all) +
         "; all of them are in model_metadata.json.";
}

[[nodiscard]] inline std::string permutation_figure(const std::vector<PermutationImportance>& importances,
                                                    const std::string& what, const std::string& caption,
                                                    ImportanceEstimate PermutationImportance::*metric,
                                                    const char* axis) {
  BarChart chart;
  chart.title = "Permutation importance per " + what;
  chart.description =
      std::string(axis) + " when the values of each " + what + " are exchanged between rows, with 95 % intervals.";
  chart.x_label = axis;
  chart.decimals = 4;
  for (const auto& importance : importances) {
    const ImportanceEstimate& found = importance.*metric;
    chart.bars.push_back({importance.name, found.mean, found.low, found.high, false});
  }
  const std::string left_out = keep_largest(chart.bars);
  return figure(bar_chart(chart), caption + left_out);
}

[[nodiscard]] inline std::string share_figure(const std::vector<std::string>& columns, const Vector& values,
                                              const std::string& title, const char* axis, const std::string& caption) {
  if (values.size() == 0) return "";
  BarChart chart;
  chart.title = title;
  chart.description = title + ", one bar per column.";
  chart.x_label = axis;
  const double unknown = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    chart.bars.push_back({columns[i], values[static_cast<Index>(i)], unknown, unknown, false});
  }
  const std::string left_out = keep_largest(chart.bars);
  return figure(bar_chart(chart), caption + left_out);
}

[[nodiscard]] inline std::string trees_html(const TrainingReport& report) {
  const InspectedModel* trees = shown_trees(report);
  if (trees == nullptr) return "";
  const std::string name = html(trees->fitted.name);
  std::string text;
  if (trees != &report.winner()) {
    text =
        paragraph(html(report.winner().fitted.name) + " is not a sum of trees, so gain and SHAP values are those of " +
                  name + ", the best validated model that is.");
  }
  return text +
         share_figure(report.feature_columns, trees->inspection.gain, "Share of gain of " + trees->fitted.name,
                      "share of gain",
                      "What the splits of " + name +
                          " gained in training, by column. The requirements limit the largest to .40.") +
         share_figure(
             report.feature_columns, trees->inspection.shap, "Mean |SHAP value| of " + trees->fitted.name,
             "mean |SHAP value|",
             "How far each column moves the answer of " + name +
                 " (exact path-dependent TreeSHAP, in the units its trees add up), averaged over distinct test rows.");
}

[[nodiscard]] inline std::string models_table(const TrainingReport& report) {
  HtmlTable table("The models.",
                  {"model", "time to fit", "model file", "p99 of one decision", "contributing columns", "note"}, 1, 4);
  for (std::size_t i = 0; i < report.models.size(); ++i) {
    const InspectedModel& model = report.models[i];
    const double microseconds = 1000 * model.inspection.p99_decision_ms;
    table.add({html(model.fitted.name), html_number(model.fitted.seconds, 2) + " s",
               format_fixed(model.bytes / 1e6, 2) + " MB", html_number(microseconds, 1) + " \u00b5s",
               std::to_string(model.inspection.contributing_features()) + " of " +
                   std::to_string(report.feature_columns.size()),
               html(model.fitted.note)},
              i == report.evaluation.winner);
  }
  return table.str();
}

/// What the winner relies on: per source first, since seven columns derived from one payload hide each other's share.
[[nodiscard]] inline std::string importance_section(const TrainingReport& report) {
  const ModelInspection& winner = report.winner().inspection;
  std::string content;
  if (report.shuffled) {
    content = paragraph(
        "Of the models trained on the stratified split, whose test rows are of the same runs: no single model stands "
        "for those trained with a run left out.");
  }
  content +=
      permutation_figure(
          winner.by_source, "source",
          "How much accuracy " + html(report.winner().fitted.name) +
              " loses on test rows if all columns of a source are taken from another row. Bars whose interval "
              "includes 0 may be noise.",
          &PermutationImportance::accuracy_drop, "drop in accuracy") +
      permutation_figure(winner.by_source, "source", "The same by log-loss, which also sees less certain answers.",
                         &PermutationImportance::log_loss_rise, "rise in log-loss") +
      permutation_figure(
          winner.permutation, "column",
          "Per column. Columns computed from the same payload stand in for each other, so each looks less "
          "important than their source is.",
          &PermutationImportance::log_loss_rise, "rise in log-loss");
  return section("importance", "What the models rely on", content + trees_html(report) + models_table(report));
}

}  // namespace switchyard::detail
