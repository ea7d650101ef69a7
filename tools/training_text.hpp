#pragma once

#include "tables.hpp"

#include "switchyard/core/text.hpp"
#include "switchyard/pipeline/report_headline.hpp"
#include "switchyard/pipeline/training_report.hpp"

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

namespace switchyard::tools {

inline void print_parts(std::ostream& output, const Evaluation& evaluation) {
  output << "\nSplit: " << to_string(evaluation.split);
  for (const PartSummary& part : evaluation.parts) {
    output << (part.name == "train" ? "; " : ", ") << part.name << " " << format_count(part.rows) << " rows ("
           << format_fixed(part.positive_rate, 3) << " Lambda)";
  }
  if (evaluation.purged > 0) output << ", " << format_count(evaluation.purged) << " rows purged at the cuts";
  if (!evaluation.runs.empty()) {
    output << "\n  summed over " << evaluation.runs.size() << " fits, each on the other runs; every row is tested once";
  }
  output << "\n  " << test_origin(evaluation) << '\n';
}

inline std::string interval_text(const Interval& interval, int decimals = 3) {
  return "[" + format_fixed(interval.low, decimals) + ", " + format_fixed(interval.high, decimals) + "]";
}

/// What each fold's training runs recommended.
inline void print_inner(std::ostream& output, const Evaluation& evaluation) {
  if (evaluation.inner.empty()) return;
  output << "\nChosen inside the training runs only, of " << evaluation.inner.front().scores.size()
         << " kinds of models, by leaving each of them out once more (log-loss / accuracy there):\n";
  std::vector<std::string> header = {"tested on", "chosen"};
  for (const InnerScore& score : evaluation.inner.front().scores) header.push_back(score.name);
  TextTable table(header);
  for (std::size_t fold = 0; fold < evaluation.inner.size(); ++fold) {
    const InnerChoice& choice = evaluation.inner[fold];
    std::vector<std::string> row = {evaluation.runs.at(fold).run, choice.best().name};
    for (const InnerScore& score : choice.scores) {
      row.push_back(format_fixed(score.log_loss, 4) + " / " + format_fixed(score.accuracy, 3));
    }
    table.add(row);
  }
  table.print(output);
}

inline void print_scores(std::ostream& output, const Evaluation& evaluation) {
  output << "\nTest results (95 % intervals by bootstrap over blocks of two minutes):\n";
  TextTable table(
      {"predictor", "accuracy", "95 %", "balanced", "F1", "AUC", "log-loss", "Brier", "gap", "vs context table"});
  const auto add = [&](const PredictorScore& score, bool chosen) {
    table.add({score.name + (chosen ? " *" : ""), format_fixed(score.test.accuracy, 4),
               interval_text(score.interval.accuracy), format_fixed(score.test.balanced_accuracy, 3),
               format_fixed(score.test.f1, 3), format_fixed(score.test.roc_auc, 3),
               format_fixed(score.test.log_loss, 4), format_fixed(score.test.brier, 4), format_fixed(score.gap, 4),
               (score.over_context.difference >= 0 ? "+" : "") + format_fixed(score.over_context.difference, 4) + " " +
                   interval_text(score.over_context.interval, 4)});
  };
  for (const auto& score : evaluation.baselines) add(score, false);
  for (std::size_t i = 0; i < evaluation.models.size(); ++i) add(evaluation.models[i], i == evaluation.winner);
  if (evaluation.chosen) add(*evaluation.chosen, false);
  table.add({"context ceiling (test rows)", format_fixed(evaluation.test_ceiling.plain, 4),
             "(corrected " + format_fixed(evaluation.test_ceiling.corrected, 4) + ")"});
  table.print(output);
  output << (evaluation.inner.empty() ? "  * chosen by validation log-loss\n"
                                      : "  * lowest log-loss with training runs left out in turn\n");
  if (evaluation.fitted.size() > 1) return print_inner(output, evaluation);  // each fold has models of its own
  for (const FittedModel& fitted : evaluation.fitted.front()) {
    if (!fitted.note.empty()) output << "  " << fitted.name << ": " << fitted.note << '\n';
  }
}

inline void print_runs(std::ostream& output, const Evaluation& evaluation) {
  if (evaluation.runs.empty()) return;
  output << "\nAccuracy on each run, left out in turn (" << evaluation.runs.size() << " runs are "
         << evaluation.runs.size() << ": little to generalise from):\n";
  std::vector<std::string> header = {"left out", "rows"};
  for (const auto& score : evaluation.baselines) header.push_back(score.name);
  for (const auto& score : evaluation.models) header.push_back(score.name);
  if (evaluation.chosen) header.push_back(evaluation.chosen->name);
  TextTable table(header);
  for (const RunAccuracy& run : evaluation.runs) {
    std::vector<std::string> row = {run.run, format_count(run.rows)};
    for (const double value : run.accuracies) row.push_back(format_fixed(value, 3));
    table.add(row);
  }
  table.print(output);
}

inline void print_loss_of_generality(std::ostream& output, const TrainingReport& report) {
  if (!report.shuffled) return;
  output << '\n'
         << loss_of_generality(report) << "\nThe saved model is " << report.winner().fitted.name
         << " as fitted on the shuffled split's training part; the accuracies above are of its kind, not of itself.\n";
}

/// "2708 [2655, 2761]"
inline std::string with_interval(double value, const Interval& interval, int decimals) {
  return format_fixed(value, decimals) + " " + interval_text(interval, decimals);
}

inline void print_values(std::ostream& output, const Evaluation& evaluation) {
  if (evaluation.values.empty()) return;
  output
      << "\nDecision value on the matched test pairs (what the chosen platform took and cost; 95 % block intervals):\n";
  TextTable table({"policy", "mean ms", "p50 ms", "p95 ms", "USD/million", "failed", "regret ms", "regret USD/million",
                   "saving captured"});
  for (const PolicyValue& value : evaluation.values) {
    const PerValue<Interval>& interval = value.interval;
    table.add({value.name, with_interval(value.mean_latency_ms, interval.mean_latency_ms, 0),
               with_interval(value.p50_latency_ms, interval.p50_latency_ms, 0),
               with_interval(value.p95_latency_ms, interval.p95_latency_ms, 0),
               with_interval(value.cost_usd_per_million, interval.cost_usd_per_million, 2),
               with_interval(value.failure_share, interval.failure_share, 4),
               with_interval(value.latency_regret_ms, interval.latency_regret_ms, 0),
               with_interval(value.cost_regret_usd_per_million, interval.cost_regret_usd_per_million, 2),
               with_interval(value.saving_captured, interval.saving_captured, 2)});
  }
  table.print(output);
  output << "  best fixed by context knows each context's better platform beforehand: attainable only in hindsight\n"
            "  hindsight takes the faster of two noisy answers; no router can\n";
}

inline void print_importance(std::ostream& output, const InspectedModel& model) {
  output << "\nWhat " << model.fitted.name << " relies on (permutation importance on test rows, per source):\n";
  TextTable table({"source", "accuracy drop", "95 %", "log-loss rise", "95 %"});
  for (const auto& source : model.inspection.by_source) {
    table.add({source.name, format_fixed(source.accuracy_drop.mean, 4),
               interval_text({source.accuracy_drop.low, source.accuracy_drop.high}, 4),
               format_fixed(source.log_loss_rise.mean, 4),
               interval_text({source.log_loss_rise.low, source.log_loss_rise.high}, 4)});
  }
  table.print(output);
}

inline void print_acceptance(std::ostream& output, const TrainingReport& report) {
  output << "\nDid it meet the requirements' criteria? (" << report.winner().fitted.name << ")\n";
  TextTable table({"criterion", "required", "found", "verdict", ""});
  for (const Criterion& criterion : report.winner().criteria) {
    table.add({criterion.name, criterion.required, criterion.found, to_string(criterion.verdict), criterion.comment});
  }
  table.print(output);
  output << "\nVerdicts of all models:\n";
  std::vector<std::string> header = {"model"};
  for (const Criterion& criterion : report.models.front().criteria) header.push_back(criterion.name);
  TextTable verdicts(header);
  for (const InspectedModel& model : report.models) {
    std::vector<std::string> row = {model.fitted.name};
    for (const Criterion& criterion : model.criteria) row.emplace_back(to_string(criterion.verdict));
    verdicts.add(row);
  }
  verdicts.print(output);
}

inline void print_checklist(std::ostream& output, const std::vector<ChecklistItem>& checklist) {
  output << "\nThe requirements' checklist:\n";
  TextTable table({"item", "state", ""});
  for (const ChecklistItem& item : checklist) {
    table.add({item.topic + ": " + item.item, to_string(item.state), item.comment});
  }
  table.print(output);
}

/// The whole report, for a terminal.
inline void print_report(std::ostream& output, const TrainingReport& report) {
  print_parts(output, report.evaluation);
  print_scores(output, report.evaluation);
  print_runs(output, report.evaluation);
  print_loss_of_generality(output, report);
  print_values(output, report.evaluation);
  print_importance(output, report.winner());
  print_acceptance(output, report);
  print_checklist(output, report.checklist);
}

}  // namespace switchyard::tools
