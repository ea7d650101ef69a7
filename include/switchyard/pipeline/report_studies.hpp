#pragma once

#include "switchyard/pipeline/report_headline.hpp"
#include "switchyard/pipeline/report_page.hpp"
#include "switchyard/pipeline/svg_curves.hpp"
#include "switchyard/pipeline/training_report.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace switchyard::detail {

/// Fits the vertical axis to the curves, with a little room.
inline void fit_vertical_axis(LineChart& chart) {
  FiniteRange range;
  for (const PlotSeries& series : chart.series) {
    for (const double value : series.y) range.add(value);
  }
  if (range.empty()) return;
  const double room = std::max(0.005, 0.08 * (range.high - range.low));
  chart.y_low = range.low - room;
  chart.y_high = range.high + room;
}

[[nodiscard]] inline const LoopPoint* open_point(const std::vector<LoopPoint>& loop) {
  const auto found = std::find_if(loop.begin(), loop.end(), [](const LoopPoint& point) { return point.open; });
  return found == loop.end() ? nullptr : &*found;
}

[[nodiscard]] inline const LoopPoint* chosen_point(const TrainStudies& studies) {
  const auto found = std::find_if(studies.loop.begin(), studies.loop.end(), [&](const LoopPoint& point) {
    return !point.open && point.exploration == studies.exploration;
  });
  return found == studies.loop.end() ? nullptr : &*found;
}

[[nodiscard]] inline std::string loop_figure(const TrainStudies& studies) {
  LineChart chart;
  chart.title = "Accuracy in the closed loop against the exploration share";
  chart.description =
      "Accuracy of what the model recommends and of what is done, over the share of requests sent at random; the open "
      "loop as a horizontal line, the chosen share as a vertical one.";
  chart.x_label = "share of requests sent at random";
  chart.y_label = "accuracy";
  PlotSeries recommended{"recommended, closed loop", "", {}, {}};
  PlotSeries taken{"taken, closed loop", "exploration included", {}, {}};
  for (const LoopPoint& point : studies.loop) {
    if (point.open) continue;
    recommended.x.push_back(point.exploration);
    recommended.y.push_back(point.recommended);
    taken.x.push_back(point.exploration);
    taken.y.push_back(point.taken);
  }
  const double last = recommended.x.empty() ? 1 : *std::max_element(recommended.x.begin(), recommended.x.end());
  chart.x_high = last > 0 ? last : 1;
  chart.series = {recommended, taken};
  if (const LoopPoint* open = open_point(studies.loop)) {
    chart.series.push_back({"open loop", format_fixed(open->taken, 3), {0, chart.x_high}, {open->taken, open->taken}});
  }
  fit_vertical_axis(chart);
  chart.series.push_back({"chosen share",
                          format_fixed(studies.exploration, 2),
                          {studies.exploration, studies.exploration},
                          {chart.y_low, chart.y_high}});
  return figure(line_chart(chart),
                "Too little exploration and the state of the other platform grows stale; too much and requests go "
                "astray. The chosen share is the one whose decisions took the least time, exploring included; one draw "
                "per share.");
}

[[nodiscard]] inline std::string loop_table(const TrainStudies& studies) {
  HtmlTable table("Shaded: the chosen share.",
                  {"loop", "exploration", "answers seen", "accuracy recommended", "accuracy taken", "mean ms taken"}, 1,
                  5);
  const LoopPoint* chosen = chosen_point(studies);
  for (const LoopPoint& point : studies.loop) {
    table.add({point.open ? "open" : "closed", html_number(point.exploration, 2), percent(point.seen),
               html_number(point.recommended, 4), html_number(point.taken, 4), html_number(point.latency_ms, 0)},
              &point == chosen);
  }
  return table.str();
}

[[nodiscard]] inline std::string loop_sentence(const TrainStudies& studies) {
  const LoopPoint* open = open_point(studies.loop);
  const LoopPoint* chosen = chosen_point(studies);
  if (open == nullptr || chosen == nullptr) return "";
  return paragraph("At the chosen share of <b>" + format_fixed(chosen->exploration, 2) + "</b> the state sees " +
                   percent(chosen->seen) + " of the answers; what is done is right for <b>" + percent(chosen->taken) +
                   "</b>, " + points(chosen->taken - open->taken) + " points against the open loop's " +
                   percent(open->taken) + ".");
}

/// What live state is worth where a router sees only what it chose; empty without live state.
[[nodiscard]] inline std::string loop_section(const TrainingReport& report) {
  if (!report.studies || report.studies->loop.empty()) return "";
  const TrainStudies& studies = *report.studies;
  return section(
      "loop", "In the loop",
      paragraph("The experiment tried both platforms all the time, so live state knew how both were doing: the <b>open "
                "loop</b>, in which all other accuracies here were measured. A router learns only from the platform it "
                "chose. In the <b>closed loop</b> the logs are replayed with the router in charge: an answer reaches "
                "the live state only if the logged platform is the one the router took, and a small share of requests "
                "explores, sent to a platform drawn at random.") +
          loop_sentence(studies) + loop_figure(studies) + loop_table(studies));
}

/// One row per objective and predictor; empty without live state.
[[nodiscard]] inline std::string objectives_section(const TrainingReport& report) {
  if (!report.studies || report.studies->objectives.empty()) return "";
  const auto& rows = report.studies->objectives;
  HtmlTable table("Pooled over the test rows. Shaded: the most accurate on the objective's own labels.",
                  {"objective", "predictor", "accuracy on its labels", "mean ms", "USD per million"}, 2, 4);
  for (const ObjectiveRow& row : rows) {
    const bool first = &row == &rows.front() || (&row - 1)->objective != row.objective;
    const bool best = std::none_of(rows.begin(), rows.end(), [&](const ObjectiveRow& other) {
      return other.objective == row.objective && other.accuracy > row.accuracy;
    });
    table.add({first ? html(to_string(row.objective)) : "", html(row.predictor), html_number(row.accuracy, 4),
               html_number(row.latency_ms, 0), html_number(row.cost_usd_per_million, 3)},
              best);
  }
  return section(
      "objectives", "By objective",
      paragraph(
          "What is right depends on what is wanted: the faster answer, the cheaper one, or a balance of both. For "
          "each, a classifier of its labels (boosting_live), a pair of regressors that predict what each "
          "platform will take and cost (paired_regression), and rules that are not trained.") +
          table.str());
}

[[nodiscard]] inline std::string learning_figure(const TrainStudies& studies) {
  if (studies.curve.empty()) return "";
  LineChart chart;
  chart.title = "Learning curve";
  chart.description =
      "Accuracy on the rows learned from and on the test rows, against how many rows were learned from.";
  chart.x_label = "training rows";
  chart.y_label = "accuracy";
  PlotSeries train{"training rows", "", {}, {}};
  PlotSeries test{"test rows", "", {}, {}};
  for (const LearningPoint& point : studies.curve) {
    for (PlotSeries* series : {&train, &test}) series->x.push_back(static_cast<double>(point.rows));
    train.y.push_back(point.train.accuracy);
    test.y.push_back(point.test.accuracy);
  }
  train.note = format_fixed(train.y.back(), 3) + " with all rows";
  test.note = format_fixed(test.y.back(), 3) + " with all rows";
  chart.series = {test, train};
  chart.x_high = std::max(1.0, *std::max_element(test.x.begin(), test.x.end()));
  fit_vertical_axis(chart);
  return figure(line_chart(chart),
                "Boosting from the labels alone, without a rule to start from" +
                    (studies.studied_fold.empty() ? "" : ", tested on " + html(studies.studied_fold)) +
                    ". Where the lower curve has gone flat, more rows like these would not help; other runs might. The "
                    "distance of the curves is what was learned by heart.");
}

[[nodiscard]] inline std::string learning_table(const std::vector<LearningPoint>& curve) {
  if (curve.empty()) return "";
  HtmlTable table("", {"share of training rows", "rows", "minutes", "train accuracy", "test accuracy", "test log-loss"},
                  1, 5);
  for (const LearningPoint& point : curve) {
    table.add({percent(point.share), format_count(point.rows), format_count(point.minutes),
               html_number(point.train.accuracy, 3), html_number(point.test.accuracy, 3),
               html_number(point.test.log_loss, 4)});
  }
  return table.str();
}

[[nodiscard]] inline std::string control_html(const PermutedLabelControl& control) {
  const ControlFigure& accuracy = control.accuracy;
  const std::string found =
      "With the training labels dealt out at random there is nothing to learn, and the accuracy must fall to the "
      "majority rate of " +
      html_number(accuracy.expected, 3) + ": it is " + html_number(accuracy.mean, 3) + " (" +
      html_number(accuracy.low, 3) + " to " + html_number(accuracy.high, 3) + " in " +
      std::to_string(accuracy.values.size()) + " permutations), balanced accuracy " +
      html_number(control.balanced_accuracy.mean, 3) + " where .500 is no skill. ";
  return "<h3>Permuted labels</h3>\n" +
         paragraph(found + html_verdict(control.passes ? Verdict::pass : Verdict::fail) +
                   (control.passes ? " The evaluation finds no skill where there is none."
                                   : " <strong>The evaluation finds skill where there is none: it sees what it is "
                                     "judged by, and no figure of this report can be believed.</strong>"));
}

[[nodiscard]] inline std::string drift_html(const DriftReport& drift, const std::string& fold) {
  std::string text = "<h3>Drift</h3>\n";
  const std::string rows = "training rows and test rows" + (fold.empty() ? "" : " of " + html(fold));
  if (drift.warnings.empty()) return text + paragraph("Nothing worth naming differs between " + rows + ".");
  text += paragraph("Where " + rows + " differ, the model is asked about what it was not fitted on:");
  text += "<ul class=\"warnings\">\n";
  for (const std::string& warning : drift.warnings) text += "<li>" + html(warning) + "</li>\n";
  return text + "</ul>\n";
}

/// What must hold before any figure is believed; empty without studies.
[[nodiscard]] inline std::string controls_section(const TrainingReport& report) {
  if (!report.studies) return "";
  const TrainStudies& studies = *report.studies;
  std::string content = learning_figure(studies) + learning_table(studies.curve);
  if (studies.control) content += control_html(*studies.control);
  if (studies.drift) content += drift_html(*studies.drift, studies.studied_fold);
  return content.empty() ? "" : section("controls", "Controls", content);
}

}  // namespace switchyard::detail
