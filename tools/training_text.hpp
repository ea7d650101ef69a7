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

inline void print_scores(std::ostream& output, const Evaluation& evaluation) {
  output << "\nTest results (95 % intervals by bootstrap over pair components):\n";
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
  table.add({"context ceiling (test rows)", format_fixed(evaluation.test_ceiling.plain, 4),
             "(corrected " + format_fixed(evaluation.test_ceiling.corrected, 4) + ")"});
  table.print(output);
  output << "  * chosen by validation log-loss\n";
  if (evaluation.fitted.size() > 1) return;  // each fold has its own
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

inline void print_values(std::ostream& output, const Evaluation& evaluation) {
  if (evaluation.values.empty()) return;
  output << "\nDecision value on the matched test pairs (what the chosen platform took and cost):\n";
  TextTable table({"policy", "mean ms", "p50 ms", "p95 ms", "USD/million", "failed", "regret ms", "saving captured"});
  for (const PolicyValue& value : evaluation.values) {
    table.add({value.name, format_fixed(value.mean_latency_ms, 0), format_fixed(value.p50_latency_ms, 0),
               format_fixed(value.p95_latency_ms, 0), format_fixed(value.cost_usd_per_million, 3),
               format_fixed(value.failure_share, 4), format_fixed(value.latency_regret_ms, 0),
               format_fixed(value.saving_captured, 3)});
  }
  table.print(output);
  output << "  hindsight takes the faster of two noisy answers; no router can\n";
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
