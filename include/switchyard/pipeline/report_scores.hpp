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
#include <numeric>
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
  if (evaluation.chosen) {
    const Interval& interval = evaluation.chosen->interval.accuracy;
    plot.groups.back().rows.push_back(
        {evaluation.chosen->name, evaluation.chosen->test.accuracy, interval.low, interval.high, false});
  }
  plot.references = {{"context ceiling", report.evaluation.test_ceiling.plain}};
  plot.band = PlotBand{"required .75\u2013.90", 0.75, 0.90};
  return figure(dot_plot(plot),
                "Test accuracy with 95 % intervals; the model chosen by " + way_of_choosing(evaluation) +
                    " is marked. Intervals of single predictors overlap more than their differences do: those are in "
                    "the table below.");
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

[[nodiscard]] inline std::string score_estimate(const PredictorScore& score, double ClassificationMetrics::*value,
                                                Interval MetricIntervals::*interval, int decimals = 3) {
  return html_estimate(score.test.*value, score.interval.*interval, decimals);
}

[[nodiscard]] inline std::vector<std::string> accuracy_cells(const PredictorScore& score) {
  using M = ClassificationMetrics;
  using I = MetricIntervals;
  return {html(score.name),
          score_estimate(score, &M::accuracy, &I::accuracy),
          html_estimate(score.over_context.difference, score.over_context.interval, 4, true),
          score_estimate(score, &M::balanced_accuracy, &I::balanced_accuracy),
          html_number(score.train.accuracy, 3),
          html_number(score.validation.accuracy, 3),
          html_estimate(score.gap, score.gap_interval, 3, true)};
}

[[nodiscard]] inline std::vector<std::string> error_cells(const PredictorScore& score) {
  using M = ClassificationMetrics;
  using I = MetricIntervals;
  return {html(score.name),
          score_estimate(score, &M::precision, &I::precision),
          score_estimate(score, &M::recall, &I::recall),
          score_estimate(score, &M::f1, &I::f1),
          score_estimate(score, &M::roc_auc, &I::roc_auc),
          html_number(score.validation.log_loss, 4),
          score_estimate(score, &M::log_loss, &I::log_loss, 4),
          score_estimate(score, &M::brier, &I::brier, 4)};
}

/// A row per predictor, with what `cells` says of it.
[[nodiscard]] inline std::string predictors_table(const Evaluation& evaluation, const std::string& caption,
                                                  const std::vector<std::string>& header,
                                                  std::vector<std::string> (*cells)(const PredictorScore&)) {
  HtmlTable table(caption, header, 1, header.size() - 1);
  for (const auto& score : evaluation.baselines) table.add(cells(score));
  for (std::size_t i = 0; i < evaluation.models.size(); ++i)
    table.add(cells(evaluation.models[i]), i == evaluation.winner);
  if (evaluation.chosen) table.add(cells(*evaluation.chosen));
  return table.str();
}

[[nodiscard]] inline std::string scores_table(const Evaluation& evaluation) {
  const std::string intro = "Split " + std::string(to_string(evaluation.split)) + ": " + parts_html(evaluation) +
                            ". Small figures: 95 % intervals of the test figures above them.";
  return predictors_table(evaluation, intro,
                          {"predictor", "test accuracy", "over context table", "balanced accuracy", "train accuracy",
                           "validation accuracy", "train \u2212 test"},
                          accuracy_cells) +
         predictors_table(
             evaluation, "Errors by kind, and how good the probabilities are.",
             {"predictor", "precision", "recall", "F1", "ROC-AUC", "validation log-loss", "test log-loss", "Brier"},
             error_cells) +
         paragraph("Shaded: chosen by " + way_of_choosing(evaluation) +
                       ", never by a test figure. Context ceiling of these test rows, " +
                       format_count(evaluation.test_ceiling.contexts) +
                       " contexts: " + html_number(evaluation.test_ceiling.plain, 4) +
                       "; corrected for small contexts " + html_number(evaluation.test_ceiling.corrected, 4) + ".",
                   "quiet");
}

[[nodiscard]] inline std::string scores_section(const TrainingReport& report) {
  std::string content = accuracy_figure(report) + scores_table(report.evaluation);
  if (report.shuffled) {
    content += "<h3>The same models on shuffled rows</h3>\n" + paragraph(loss_of_generality(report)) +
               scores_table(*report.shuffled);
  }
  return section("accuracy", "All models on this split", content);
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

/// The models whose curves a picture can tell apart: the winner first, then those with the greatest area.
[[nodiscard]] inline std::vector<std::size_t> shown_curves(const Evaluation& evaluation) {
  constexpr std::size_t most = 5;  // and the context table; the chart has six looks
  std::vector<std::size_t> order(evaluation.models.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (a == evaluation.winner || b == evaluation.winner) return a == evaluation.winner && b != evaluation.winner;
    return evaluation.models[a].test.roc_auc > evaluation.models[b].test.roc_auc;
  });
  if (order.size() > most) order.erase(order.begin() + most, order.end());
  return order;
}

[[nodiscard]] inline std::string roc_figure(const Evaluation& evaluation) {
  LineChart chart;
  chart.title = "ROC curves on the test rows";
  chart.description = "True against false positive rate of the models and the context table; the diagonal is a coin.";
  chart.x_label = "false positive rate";
  chart.y_label = "true positive rate";
  chart.diagonal = true;
  for (const std::size_t i : shown_curves(evaluation)) chart.series.push_back(roc_series(evaluation.models[i]));
  chart.series.push_back(roc_series(evaluation.context_table()));
  return figure(line_chart(chart),
                std::string(chart.series.size() > evaluation.models.size()
                                ? "ROC of all models"
                                : "ROC of the model chosen, of those with the greatest area") +
                    " and the context table on the test rows. Curves that coincide are models that rank the contexts "
                    "alike.");
}

/// name: HTML, for the caption.
[[nodiscard]] inline std::string confusion_figure(const PredictorScore& score, const std::string& name) {
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
  return figure(confusion_plot(plot), "Confusion matrix of " + name + " on the test rows.", "square");
}

[[nodiscard]] inline std::string reliability_figure(const PredictorScore& score, const std::string& name) {
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
                "Calibration of " + name + ": expected calibration error " +
                    html_number(rows > 0 ? distance / rows : std::nan(""), 3) +
                    ". Wilson intervals, which take the rows of a bin for independent and are therefore too narrow.",
                "square");
}

[[nodiscard]] inline std::string curves_section(const TrainingReport& report) {
  const PredictorScore& chosen = chosen_score(report.evaluation);
  const std::string name = chosen_caption(report.evaluation);
  return section("ranking", "Ranking, errors and calibration",
                 roc_figure(report.evaluation) + "<div class=\"pair\">\n" + confusion_figure(chosen, name) +
                     reliability_figure(chosen, name) + "</div>\n");
}

}  // namespace switchyard::detail
