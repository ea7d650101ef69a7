#pragma once

#include "tables.hpp"
#include "training_text.hpp"

#include "switchyard/core/text.hpp"
#include "switchyard/pipeline/train_studies.hpp"

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

namespace switchyard::tools {

inline void print_split_studies(std::ostream& output, const TrainStudies& studies) {
  output << "\nHow easy each split is (test accuracy, 95 % intervals):\n";
  TextTable table({"split", "test rows", "unseen", "ceiling", "predictor", "accuracy", "95 %", "log-loss"});
  for (const SplitStudy& study : studies.splits) {
    const std::string name(to_string(study.split));
    if (!study.refused.empty()) {
      table.add({name, "-", "-", "-", study.refused});
      continue;
    }
    for (const PredictorScore& score : study.scores) {
      const bool first = &score == &study.scores.front();
      table.add({first ? name : "", first ? format_count(study.test_rows) : "",
                 first ? format_fixed(100 * study.unseen_share, 0) + " %" : "",
                 first ? format_fixed(study.ceiling.corrected, 4) : "", score.name,
                 format_fixed(score.test.accuracy, 4), interval_text(score.interval.accuracy),
                 format_fixed(score.test.log_loss, 4)});
    }
  }
  table.print(output);
  output << "  ceiling: of the request's own columns, corrected; live state may pass it. unseen: contexts training "
            "lacks\n";
}

inline void print_controls(std::ostream& output, const TrainStudies& studies) {
  const std::string where = studies.studied_fold.empty() ? "" : " (tested on " + studies.studied_fold + ")";
  output << "\nLearning curve of boosting without an offset" << where << ":\n";
  TextTable curve({"share", "rows", "minutes", "train accuracy", "test accuracy", "test log-loss"});
  for (const LearningPoint& point : studies.curve) {
    curve.add({format_fixed(point.share, 3), format_count(point.rows), format_count(point.minutes),
               format_fixed(point.train.accuracy, 4), format_fixed(point.test.accuracy, 4),
               format_fixed(point.test.log_loss, 4)});
  }
  curve.print(output);
  if (studies.control) output << "Control " << to_string(*studies.control) << '\n';
  if (!studies.drift) return;
  output << "\nDrift between training and test rows" << where << ": "
         << (studies.drift->warnings.empty() ? "none worth naming\n" : "\n");
  for (const std::string& warning : studies.drift->warnings) output << "  " << warning << '\n';
}

inline void print_loop(std::ostream& output, const TrainStudies& studies) {
  if (studies.loop.empty()) return;
  output << "\nClosed loop: the state sees an answer only where the logged platform is the one taken\n";
  TextTable table({"loop", "exploration", "answers seen", "accuracy recommended", "accuracy taken", "mean ms taken"});
  for (const LoopPoint& point : studies.loop) {
    const bool chosen = !point.open && point.exploration == studies.exploration;
    table.add({point.open ? "open" : "closed", format_fixed(point.exploration, 2) + (chosen ? " *" : ""),
               format_fixed(100 * point.seen, 1) + " %", format_fixed(point.recommended, 4),
               format_fixed(point.taken, 4), format_fixed(point.latency_ms, 0)});
  }
  table.print(output);
  output << "  * the exploration share whose decisions took the least time, exploring included\n";
}

inline void print_objectives(std::ostream& output, const TrainStudies& studies) {
  if (studies.objectives.empty()) return;
  output << "\nBy objective, classifier against regressors of log latency and log cost against the rules:\n";
  TextTable table({"objective", "predictor", "accuracy on its labels", "mean ms", "USD/million"});
  for (const ObjectiveRow& row : studies.objectives) {
    table.add({std::string(to_string(row.objective)), row.predictor, format_fixed(row.accuracy, 4),
               format_fixed(row.latency_ms, 0), format_fixed(row.cost_usd_per_million, 3)});
  }
  table.print(output);
}

inline std::string difference_text(double value, const Interval& interval, int decimals) {
  return (value >= 0 ? "+" : "") + format_fixed(value, decimals) + " " + interval_text(interval, decimals);
}

inline void print_value_study(std::ostream& output, const ValueStudy& value) {
  output << "\nWhat " << value.policy << " saves per request (positive = better; 95 % block intervals, paired):\n";
  TextTable table(
      {"reading", "pairs", "worth", "accuracy", "mean ms", "against", "ms", "USD/million", "accuracy gained"});
  for (const EstimandSavings& reading : value.readings) {
    for (const PolicyDifference& over : reading.over) {
      const bool first = &over == &reading.over.front();
      table.add({first ? reading.name : "", first ? format_fixed(reading.pairs, 0) : "",
                 first ? format_fixed(reading.effective, 0) : "", first ? format_fixed(reading.accuracy, 4) : "",
                 first ? format_fixed(reading.latency_ms, 0) : "", over.reference,
                 difference_text(over.latency_ms, over.interval.latency_ms, 0),
                 difference_text(over.cost_usd_per_million, over.interval.cost_usd_per_million, 2),
                 difference_text(over.accuracy, over.interval.accuracy, 4)});
    }
  }
  table.print(output);
  output << "  estimand: requests like these, from this client, over these protocols. worth: equally weighted rows\n";
}

inline void print_value_by_run(std::ostream& output, const ValueStudy& value, const std::vector<std::string>& runs) {
  if (value.by_run.empty()) return;
  output << "\nThe same on each run:\n";
  TextTable table({"against", "run", "blocks", "ms", "USD/million", "accuracy gained"});
  for (const auto& [reference, by_run] : value.by_run) {
    for (const RunDifferences& run : by_run) {
      const PolicyDifference& over = run.differences.front();
      const auto number = static_cast<std::size_t>(run.run);
      table.add({reference, number < runs.size() ? runs[number] : std::to_string(run.run), std::to_string(run.blocks),
                 difference_text(over.latency_ms, over.interval.latency_ms, 0),
                 difference_text(over.cost_usd_per_million, over.interval.cost_usd_per_million, 2),
                 difference_text(over.accuracy, over.interval.accuracy, 4)});
    }
  }
  table.print(output);
  const std::size_t tested = value.by_run.front().second.size();
  output << "  " << tested << (tested == 1 ? " run is one\n" : " runs are " + std::to_string(tested) + "\n");
}

inline void print_off_policy(std::ostream& output, const ValueStudy& value) {
  if (value.off_policy.empty()) {
    output << "\nNo off-policy cross-check: " << value.off_policy_refused << ".\n";
    return;
  }
  output
      << "\nCross-check from the logged platform's own answers (assignment was random; missing = time-out), mean ms:\n";
  TextTable table(
      {"policy", "inverse propensity", "95 %", "self-normalised", "95 %", "doubly robust", "95 %", "worth"});
  for (const OffPolicyRow& row : value.off_policy) {
    const OffPolicyValue& found = row.latency_ms;
    table.add({row.policy, format_fixed(found.inverse_propensity.value, 0),
               interval_text(found.inverse_propensity.interval, 0), format_fixed(found.self_normalised.value, 0),
               interval_text(found.self_normalised.interval, 0), format_fixed(found.doubly_robust.value, 0),
               interval_text(found.doubly_robust.interval, 0), format_fixed(found.effective_sample_size, 0)});
  }
  table.print(output);
}

inline void print_studies(std::ostream& output, const TrainStudies& studies, const std::vector<std::string>& runs) {
  print_split_studies(output, studies);
  print_controls(output, studies);
  print_loop(output, studies);
  print_objectives(output, studies);
  if (!studies.value) return;
  print_value_study(output, *studies.value);
  print_value_by_run(output, *studies.value, runs);
  print_off_policy(output, *studies.value);
}

}  // namespace switchyard::tools
