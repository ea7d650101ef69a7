#pragma once

#include "switchyard/pipeline/report_headline.hpp"
#include "switchyard/pipeline/report_page.hpp"
#include "switchyard/pipeline/svg_confusion.hpp"
#include "switchyard/pipeline/svg_curves.hpp"
#include "switchyard/pipeline/svg_rows.hpp"
#include "switchyard/pipeline/training_report.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace switchyard::detail {

[[nodiscard]] inline DotGroup accuracy_dots(const char* name, const std::vector<PredictorScore>& scores,
                                            std::size_t chosen) {
  DotGroup group{name, {}};
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const Interval& interval = scores[i].interval.accuracy;
    group.rows.push_back({scores[i].name, scores[i].test.accuracy, interval.low, interval.high, i == chosen});
  }
  return group;
}

/// Test accuracy of everything there is, against the ceiling and what was required.
[[nodiscard]] inline std::string accuracy_figure(const TrainingReport& report) {
  const Evaluation& evaluation = report.evaluation;
  DotPlot plot;
  plot.title = "Test accuracy of baselines and models";
  plot.description = "Dots with 95 % intervals, the context ceiling as a line and the required range as a band.";
  plot.x_label = "test accuracy";
  plot.groups = {accuracy_dots("baselines", evaluation.baselines, evaluation.baselines.size()),
                 accuracy_dots("models", evaluation.models, evaluation.winner)};
  plot.references = {{"context ceiling", report.evaluation.test_ceiling.plain}};
  plot.band = PlotBand{"required .75\u2013.90", 0.75, 0.90};
  return figure(dot_plot(plot),
                "Test accuracy with 95 % intervals; the model chosen by validation log-loss is marked. Intervals "
                "of single predictors overlap more than their differences do: those are in the table below.");
}

[[nodiscard]] inline std::string parts_html(const Evaluation& evaluation) {
  std::string text;
  for (const PartSummary& part : evaluation.parts) {
    text += (text.empty() ? "" : ", ") + html(part.name) + " " + format_count(part.rows) + " rows (" +
            percent(part.positive_rate) + " Lambda)";
  }
  if (!evaluation.runs.empty()) text += "; summed over " + std::to_string(evaluation.runs.size()) + " folds";
  if (evaluation.purged > 0)
    text += "; " + format_count(evaluation.purged) + " rows in no part, as their pair component crosses a cut";
  text += "; " + html(test_origin(evaluation));
  return text;
}

[[nodiscard]] inline std::vector<std::string> score_cells(const PredictorScore& score) {
  const auto estimate = [&](double ClassificationMetrics::*value, Interval MetricIntervals::*interval, int decimals) {
    return html_estimate(score.test.*value, score.interval.*interval, decimals);
  };
  using M = ClassificationMetrics;
  using I = MetricIntervals;
  return {html(score.name),
          estimate(&M::accuracy, &I::accuracy, 3),
          html_estimate(score.over_context.difference, score.over_context.interval, 4, true),
          html_number(score.train.accuracy, 3),
          html_number(score.validation.accuracy, 3),
          html_estimate(score.gap, score.gap_interval, 3, true),
          estimate(&M::balanced_accuracy, &I::balanced_accuracy, 3),
          estimate(&M::precision, &I::precision, 3),
          estimate(&M::recall, &I::recall, 3),
          estimate(&M::f1, &I::f1, 3),
          estimate(&M::roc_auc, &I::roc_auc, 3),
          html_number(score.validation.log_loss, 4),
          estimate(&M::log_loss, &I::log_loss, 4),
          estimate(&M::brier, &I::brier, 4)};
}

[[nodiscard]] inline std::string scores_table(const Evaluation& evaluation) {
  const std::vector<std::string> header = {
      "predictor",         "test accuracy",       "over context table", "train accuracy", "validation accuracy",
      "train \u2212 test", "balanced accuracy",   "precision",          "recall",         "F1",
      "ROC-AUC",           "validation log-loss", "test log-loss",      "Brier"};
  HtmlTable table("", header, 1, header.size() - 1);
  for (const auto& score : evaluation.baselines) table.add(score_cells(score));
  for (std::size_t i = 0; i < evaluation.models.size(); ++i)
    table.add(score_cells(evaluation.models[i]), i == evaluation.winner);
  const std::string intro = "Split " + std::string(to_string(evaluation.split)) + ": " + parts_html(evaluation) +
                            ". Small figures: 95 % intervals of the test figures above them.";
  return paragraph(intro, "quiet") + table.str() +
         paragraph(
             "Shaded: chosen by validation log-loss, never by a test figure. Context ceiling of these test rows, " +
                 format_count(evaluation.test_ceiling.contexts) +
                 " contexts: " + html_number(evaluation.test_ceiling.plain, 4) + "; corrected for small contexts " +
                 html_number(evaluation.test_ceiling.corrected, 4) + ".",
             "quiet");
}

[[nodiscard]] inline std::string scores_section(const TrainingReport& report) {
  std::string content = accuracy_figure(report) + scores_table(report.evaluation);
  if (report.shuffled) {
    content += "<h3>The same models on shuffled rows</h3>\n" + paragraph(loss_of_generality(report)) +
               scores_table(*report.shuffled);
  }
  return section("accuracy", "Accuracy", content);
}

/// A ROC curve with at most a few hundred points: more than a picture has pixels to show.
[[nodiscard]] inline PlotSeries roc_series(const PredictorScore& score) {
  constexpr std::size_t most = 300;
  PlotSeries series{score.name, "AUC " + html_number(score.test.roc_auc, 3), {}, {}};
  const std::size_t step = std::max<std::size_t>(1, (score.roc.size() + most - 1) / most);
  for (std::size_t i = 0; i < score.roc.size(); ++i) {
    if (i % step != 0 && i + 1 != score.roc.size()) continue;
    series.x.push_back(score.roc[i].false_positive_rate);
    series.y.push_back(score.roc[i].true_positive_rate);
  }
  return series;
}

[[nodiscard]] inline std::string roc_figure(const Evaluation& evaluation) {
  LineChart chart;
  chart.title = "ROC curves on the test rows";
  chart.description = "True against false positive rate of all models and the context table; the diagonal is a coin.";
  chart.x_label = "false positive rate";
  chart.y_label = "true positive rate";
  chart.diagonal = true;
  for (const auto& score : evaluation.models) chart.series.push_back(roc_series(score));
  chart.series.push_back(roc_series(evaluation.context_table()));
  return figure(line_chart(chart),
                "ROC of all models and the context table on the test rows. Curves that coincide are models that "
                "rank the contexts alike.");
}

[[nodiscard]] inline std::string confusion_figure(const PredictorScore& score) {
  const ConfusionMatrix& found = score.confusion;
  ConfusionPlot plot;
  plot.title = "Confusion matrix of " + score.name;
  plot.description = "Test requests by the better platform (rows) and the chosen one (columns).";
  plot.negative = "ECS (0)";
  plot.positive = "Lambda (1)";
  plot.true_negatives = std::llround(found.true_negative);
  plot.false_positives = std::llround(found.false_positive);
  plot.false_negatives = std::llround(found.false_negative);
  plot.true_positives = std::llround(found.true_positive);
  return figure(confusion_plot(plot), "Confusion matrix of " + html(score.name) + " on the test rows.", "square");
}

[[nodiscard]] inline std::string reliability_figure(const PredictorScore& score) {
  ReliabilityPlot plot;
  plot.title = "Reliability of " + score.name;
  plot.description =
      "Observed share of Lambda against predicted probability; on the diagonal a probability means what it says.";
  double distance = 0;
  double rows = 0;
  for (const ReliabilityBin& bin : score.reliability) {
    const Interval interval = wilson_interval(std::min(bin.positive_rate * bin.weight, bin.weight), bin.weight);
    plot.bins.push_back({bin.mean_probability, bin.positive_rate, interval.low, interval.high, bin.weight});
    distance += bin.weight * std::abs(bin.positive_rate - bin.mean_probability);
    rows += bin.weight;
  }
  return figure(reliability_plot(plot),
                "Calibration of " + html(score.name) + ": expected calibration error " +
                    html_number(rows > 0 ? distance / rows : std::nan(""), 3) +
                    ". Wilson intervals, which take the rows of a bin for independent and are therefore too narrow.",
                "square");
}

[[nodiscard]] inline std::string curves_section(const TrainingReport& report) {
  const PredictorScore& best = report.evaluation.best();
  return section("ranking", "Ranking, errors and calibration",
                 roc_figure(report.evaluation) + "<div class=\"pair\">\n" + confusion_figure(best) +
                     reliability_figure(best) + "</div>\n");
}

/// How accuracy differs from run to run; empty unless runs were left out.
[[nodiscard]] inline std::string runs_section(const TrainingReport& report) {
  const Evaluation& evaluation = report.evaluation;
  if (evaluation.runs.empty()) return "";
  std::vector<std::string> header = {"left out", "rows"};
  for (const auto& score : evaluation.baselines) header.push_back(score.name);
  for (const auto& score : evaluation.models) header.push_back(score.name);
  HtmlTable table("Test accuracy on each run by models trained on the others.", header, 1, header.size() - 1);
  for (const RunAccuracy& run : evaluation.runs) {
    std::vector<std::string> cells = {html(run.run), format_count(run.rows)};
    for (const double accuracy : run.accuracies) cells.push_back(html_number(accuracy, 3));
    table.add(cells);
  }
  const std::string runs = std::to_string(evaluation.runs.size());
  return section(
      "runs", "Each run left out in turn",
      table.str() + paragraph("This is what the data say about a day not measured yet. " + runs + " runs are " + runs +
                              " observations of that, however many requests each holds: the pooled interval covers new "
                              "requests of these runs, not new runs."));
}

}  // namespace switchyard::detail
