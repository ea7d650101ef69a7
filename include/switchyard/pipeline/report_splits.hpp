#pragma once

#include "switchyard/pipeline/report_headline.hpp"
#include "switchyard/pipeline/report_page.hpp"
#include "switchyard/pipeline/svg_rows.hpp"
#include "switchyard/pipeline/training_report.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace switchyard::detail {

/// "4 runs are 4: ..."; empty where runs have no names.
[[nodiscard]] inline std::string runs_are_few(std::size_t runs) {
  if (runs == 0) return "";
  const std::string count = std::to_string(runs);
  const std::string claim = runs == 1 ? "1 run is 1 observation" : count + " runs are " + count + " observations";
  return claim +
         " of what a day may be like, however many requests each holds: intervals cover other requests of these runs, "
         "not another run.";
}

[[nodiscard]] inline const PredictorScore* score_named(const std::vector<PredictorScore>& scores,
                                                       const std::string& name) {
  const auto found = std::find_if(scores.begin(), scores.end(), [&](const auto& score) { return score.name == name; });
  return found == scores.end() ? nullptr : &*found;
}

/// All predictors that any split was judged by, in order of first appearance.
[[nodiscard]] inline std::vector<std::string> studied_predictors(const std::vector<SplitStudy>& splits) {
  std::vector<std::string> names;
  for (const SplitStudy& study : splits) {
    for (const PredictorScore& score : study.scores) {
      if (std::find(names.begin(), names.end(), score.name) == names.end()) names.push_back(score.name);
    }
  }
  return names;
}

/// One group per split. The ceiling differs from split to split, so it is a row and not a line.
[[nodiscard]] inline std::string splits_figure(const TrainingReport& report) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  DotPlot plot;
  plot.title = "Test accuracy of the same predictors on each split";
  plot.description = "For each way of splitting, dots with 95 % intervals, and the context ceiling of its test rows.";
  plot.x_label = "test accuracy";
  const std::string& winner = report.evaluation.best().name;
  for (const SplitStudy& study : report.studies->splits) {
    if (!study.refused.empty()) continue;
    DotGroup group{std::string(to_string(study.split)), {}};
    for (const PredictorScore& score : study.scores) {
      if (score.name == "best constant") continue;
      const Interval& interval = score.interval.accuracy;
      group.rows.push_back({score.name, score.test.accuracy, interval.low, interval.high, score.name == winner});
    }
    group.rows.push_back({"context ceiling, corrected", study.ceiling.corrected, none, none, false});
    plot.groups.push_back(group);
  }
  return figure(dot_plot(plot),
                "The same few predictors on each split, from the easiest to the one that resembles a router's life; " +
                    html(winner) +
                    " is marked. The less a model gains from the top group to the bottom one, the more it has learned "
                    "of platforms rather than of these runs. Ceiling: the best answer per distinct request, found on "
                    "one half of the test rows and scored on the other; a model with live state may pass it.");
}

[[nodiscard]] inline std::string splits_table(const TrainingReport& report) {
  const auto& splits = report.studies->splits;
  const auto predictors = studied_predictors(splits);
  std::vector<std::string> header = {"split", "test rows", "in unseen contexts", "context ceiling, corrected"};
  header.insert(header.end(), predictors.begin(), predictors.end());
  HtmlTable table("Test accuracy, 95 % intervals below it. Shaded: the split of this report.", header, 1,
                  header.size() - 1);
  for (const SplitStudy& study : splits) {
    std::vector<std::string> cells = {html(to_string(study.split))};
    if (study.refused.empty()) {
      cells.push_back(format_count(study.test_rows));
      cells.push_back(percent(study.unseen_share));
      cells.push_back(html_number(study.ceiling.corrected, 3));
    }
    for (const std::string& name : predictors) {
      const PredictorScore* score = score_named(study.scores, name);
      if (score != nullptr) cells.push_back(html_estimate(score->test.accuracy, score->interval.accuracy, 3));
      if (score == nullptr && study.refused.empty()) cells.push_back(html_number(std::nan(""), 3));
    }
    cells.resize(header.size(), html_number(std::nan(""), 3));
    table.add(cells, study.split == report.evaluation.split);
  }
  std::string text = table.str();
  for (const SplitStudy& study : splits) {
    if (study.refused.empty()) continue;
    text += paragraph("The " + html(to_string(study.split)) + " split could not be made: " + html(study.refused) + ".");
  }
  return text;
}

/// All ways of splitting side by side; empty without studies.
[[nodiscard]] inline std::string splits_section(const TrainingReport& report) {
  if (!report.studies || report.studies->splits.empty()) return "";
  const std::string meaning =
      "<ul>\n<li><b>stratified</b>: test rows are drawn at random, so their neighbours in time are in training. "
      "The easiest test, and the one that flatters.</li>\n"
      "<li><b>temporal</b>: trained on the past, tested on the future; that future may be the end of a run that "
      "training has seen.</li>\n"
      "<li><b>leave-one-run-out</b>: each run is tested by models that have seen the others only.</li>\n"
      "<li><b>forward-chaining</b>: each run is tested by models that have seen earlier runs only, as a router "
      "must.</li>\n</ul>\n";
  return section("splits", "How honest is this split?",
                 paragraph("A model is as good as the test it passed. This report's split is <b>" +
                           html(to_string(report.evaluation.split)) + "</b>; here are all of them.") +
                     meaning + splits_figure(report) + splits_table(report) +
                     paragraph(html(runs_are_few(report.run_names.size()))));
}

/// Dots of the few predictors that tell whether a model is needed, per run.
[[nodiscard]] inline std::string runs_figure(const Evaluation& evaluation) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  const std::string& chosen = chosen_output(evaluation).name;
  DotPlot plot;
  plot.title = "Test accuracy on each run";
  plot.description = "One group per left-out run, with the baselines, the hand rule if there is one, and the model.";
  plot.x_label = "test accuracy";
  for (const RunAccuracy& run : evaluation.runs) {
    DotGroup group{shortened(run.run, longest_row_name), {}};
    for (std::size_t i = 0; i < run.accuracies.size(); ++i) {
      const std::string& name = evaluation.outputs[i].name;
      const bool shown = name == "static by workload" || name == "context table" || name == "hand_rule";
      if (shown || name == chosen) group.rows.push_back({name, run.accuracies[i], none, none, name == chosen});
    }
    plot.groups.push_back(group);
  }
  return figure(dot_plot(plot), "Test accuracy on each left-out run; the model of the headline is marked.");
}

/// What each fold's training runs chose.
[[nodiscard]] inline std::string inner_html(const Evaluation& evaluation) {
  if (evaluation.inner.empty()) return "";
  const auto& kinds = evaluation.inner.front().scores;
  std::vector<std::string> header = {"tested on", "chosen"};
  for (const InnerScore& score : kinds) header.push_back(score.name);
  HtmlTable table(
      "Chosen inside the training runs only, of " + std::to_string(kinds.size()) +
          " kinds of models: each training run is left out once more, and the lowest pooled log-loss decides. Below "
          "each log-loss the accuracy.",
      header, 2, header.size() - 1);
  for (std::size_t fold = 0; fold < evaluation.inner.size(); ++fold) {
    const InnerChoice& choice = evaluation.inner[fold];
    std::vector<std::string> cells = {fold < evaluation.runs.size() ? html(evaluation.runs[fold].run) : "",
                                      html(choice.best().name)};
    for (const InnerScore& score : choice.scores) {
      cells.push_back(html_number(score.log_loss, 3) + "<small>" + html_number(score.accuracy, 3) + "</small>");
    }
    table.add(cells);
  }
  return table.str();
}

/// How accuracy differs from run to run; empty unless runs were left out.
[[nodiscard]] inline std::string runs_section(const TrainingReport& report) {
  const Evaluation& evaluation = report.evaluation;
  if (evaluation.runs.empty()) return "";
  std::vector<std::string> header = {"predictor"};
  std::vector<std::string> counts = {"rows"};
  for (const RunAccuracy& run : evaluation.runs) {
    header.push_back(run.run);
    counts.push_back(format_count(run.rows));
  }
  const bool forward = evaluation.split == SplitKind::forward_chaining;
  HtmlTable table(forward ? "Test accuracy on each run by models trained on earlier runs."
                          : "Test accuracy on each run by models trained on the others.",
                  header, 1, header.size() - 1);
  table.add(counts);
  for (std::size_t i = 0; i < evaluation.outputs.size(); ++i) {
    std::vector<std::string> cells = {html(evaluation.outputs[i].name)};
    for (const RunAccuracy& run : evaluation.runs) {
      cells.push_back(html_number(i < run.accuracies.size() ? run.accuracies[i] : std::nan(""), 3));
    }
    table.add(cells, evaluation.outputs[i].name == chosen_output(evaluation).name);
  }
  return section("runs", "Accuracy on each run",
                 runs_figure(evaluation) + table.str() + inner_html(evaluation) +
                     paragraph("This is what the data say about a day not measured yet. " +
                               html(runs_are_few(evaluation.runs.size()))));
}

}  // namespace switchyard::detail
