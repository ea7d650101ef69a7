#pragma once

#include "switchyard/pipeline/report_page.hpp"
#include "switchyard/pipeline/training_report.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

/// What the interval of a difference on the same rows allows to say.
enum class Comparison : std::uint8_t {
  better,             // the whole interval above zero
  worse,              // the whole interval below zero
  indistinguishable,  // the interval includes zero
  unknown,            // no interval
};

/// Of a difference that is positive where the first is better.
[[nodiscard]] inline Comparison compare(const Interval& interval) noexcept {
  if (!std::isfinite(interval.low) || !std::isfinite(interval.high)) return Comparison::unknown;
  if (interval.contains(0)) return Comparison::indistinguishable;
  return interval.low > 0 ? Comparison::better : Comparison::worse;
}

[[nodiscard]] inline Comparison compare(const AccuracyDifference& difference) noexcept {
  return compare(difference.interval);
}

/// The baseline with the highest test accuracy; the earlier, simpler one of equals.
[[nodiscard]] inline const PredictorScore& best_baseline(const Evaluation& evaluation) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < evaluation.baselines.size(); ++i) {
    if (evaluation.baselines[i].test.accuracy > evaluation.baselines[best].test.accuracy) best = i;
  }
  return evaluation.baselines[best];
}

namespace detail {

[[nodiscard]] inline std::string meaning_of(SplitKind split, std::size_t runs) {
  switch (split) {
    case SplitKind::temporal: return "sent later than those it was trained on (temporal split)";
    case SplitKind::stratified: return "drawn at random from runs it has seen (stratified split)";
    case SplitKind::leave_one_run_out:
      return "of a run it has not seen (leave-one-run-out, pooled over " + std::to_string(runs) + " runs)";
    case SplitKind::forward_chaining:
      return "of a run later than all it has seen (forward chaining, pooled over " + std::to_string(runs) + " runs)";
  }
  return "";
}

[[nodiscard]] inline std::string points(double difference) {
  return (difference == 0 ? "" : difference > 0 ? "+" : "\u2212") + format_fixed(std::abs(100 * difference), 2);
}

[[nodiscard]] inline std::string comparison_sentence(const AccuracyDifference& difference) {
  const std::string figures = points(difference.difference) + " points, 95 % interval " +
                              points(difference.interval.low) + " to " + points(difference.interval.high);
  switch (compare(difference)) {
    case Comparison::better: return "It beats the context table beyond noise (" + figures + ").";
    case Comparison::worse: return "It is worse than the context table, beyond noise (" + figures + ").";
    case Comparison::indistinguishable: return "That is not distinguishable from a lookup table (" + figures + ").";
    case Comparison::unknown: return "Whether that beats a lookup table cannot be told from so few rows.";
  }
  return "";
}

[[nodiscard]] inline std::string signed_number(double value, int decimals) {
  return (value == 0 ? "" : value > 0 ? "+" : "\u2212") + format_fixed(std::abs(value), decimals);
}

/// "boosting_live", or for a choice made anew in each fold "The model chosen on training runs (boosting_live 3 times,
/// voting once)". HTML.
[[nodiscard]] inline std::string chosen_name(const Evaluation& evaluation) {
  if (!evaluation.chosen) return "<strong>" + html(evaluation.best().name) + "</strong>";
  std::vector<std::pair<std::string, std::size_t>> kinds;
  for (const InnerChoice& choice : evaluation.inner) {
    const std::string& name = choice.best().name;
    auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const auto& known) { return known.first == name; });
    if (kind == kinds.end()) kind = kinds.insert(kinds.end(), {name, 0});
    ++kind->second;
  }
  std::string list;
  for (const auto& [name, times] : kinds) {
    list += (list.empty() ? "" : ", ") + html(name);
    if (kinds.size() > 1) list += times == 1 ? " once" : " " + std::to_string(times) + " times";
  }
  return "<strong>The model chosen on training runs</strong> (" + list + (kinds.size() > 1 ? ")" : " each time)");
}

/// The same for captions. HTML.
[[nodiscard]] inline std::string chosen_caption(const Evaluation& evaluation) {
  return evaluation.chosen ? "the model chosen on training runs" : html(evaluation.best().name);
}

/// How a model came to be the one that is reported.
[[nodiscard]] inline std::string way_of_choosing(const Evaluation& evaluation) {
  return evaluation.inner.empty() ? "validation log-loss" : "log-loss with training runs left out in turn";
}

/// The savings over the strongest hand rule there is; nullptr without one.
[[nodiscard]] inline const PolicyDifference* over_hand_rule(const std::vector<PolicyDifference>& over) {
  for (const char* name : {"hand rule on live state", "simple hand rule"}) {
    for (const PolicyDifference& difference : over) {
      if (difference.reference == name) return &difference;
    }
  }
  return nullptr;
}

[[nodiscard]] inline bool always_chose(const Evaluation& evaluation, const std::string& name) {
  if (evaluation.inner.empty()) return evaluation.best().name == name;
  return std::all_of(evaluation.inner.begin(), evaluation.inner.end(),
                     [&](const InnerChoice& choice) { return choice.best().name == name; });
}

/// The savings over the strongest hand rule on logged rows; nullptr where that was not studied.
[[nodiscard]] inline const PolicyDifference* over_hand_rule(const TrainingReport& report) {
  if (!report.studies || !report.studies->value || report.studies->value->readings.empty()) return nullptr;
  return over_hand_rule(report.studies->value->readings.front().over);
}

/// On how many runs the model and the hand rule differ beyond noise; empty where that was not studied.
[[nodiscard]] inline std::string runs_beyond_noise(const TrainingReport& report) {
  const PolicyDifference* over = over_hand_rule(report);
  if (over == nullptr || !has_live_features(report.feature_columns)) return "";
  std::size_t better = 0;
  std::size_t worse = 0;
  std::size_t runs = 0;
  for (const auto& [reference, by_run] : report.studies->value->by_run) {
    if (reference != over->reference) continue;
    for (const RunDifferences& run : by_run) {
      const Comparison found = compare(run.differences.front().interval.accuracy);
      better += found == Comparison::better ? 1 : 0;
      worse += found == Comparison::worse ? 1 : 0;
      ++runs;
    }
  }
  if (runs < 2) return "";
  return "Run by run, it is more accurate than the " + html(over->reference) + " beyond noise on " +
         std::to_string(better) + " of " + std::to_string(runs) + " runs and less accurate on " +
         std::to_string(worse) + ". ";
}

[[nodiscard]] inline std::string hand_rule_verdict(const PolicyDifference& over) {
  switch (compare(over.interval.accuracy)) {
    case Comparison::better: return "it earns its place";
    case Comparison::worse: return "it does not earn its place: the rule is better, beyond noise";
    case Comparison::indistinguishable: return "it has not earned its place: their accuracies cannot be told apart";
    case Comparison::unknown: return "whether it earns its place cannot be told from so few rows";
  }
  return "";
}

/// Whether the model beats the rule that a sensible engineer would write in an afternoon; empty without live state.
[[nodiscard]] inline std::string hand_rule_sentence(const TrainingReport& report) {
  if (!has_live_features(report.feature_columns)) return "";
  if (always_chose(report.evaluation, "hand_rule")) {
    return " That is the hand rule itself: <strong>no fitted model earned its place.</strong>";
  }
  const PolicyDifference* over = over_hand_rule(report);
  if (over == nullptr) return " Whether it beats the hand rule was not studied.";
  const Interval& gained = over->interval.accuracy;
  const Interval& saved = over->interval.latency_ms;
  return " Against the " + html(over->reference) + ", a few lines that compare what both platforms took last, " +
         "<strong>" + hand_rule_verdict(*over) + "</strong> (" + points(over->accuracy) +
         " points of accuracy, 95 % interval " + points(gained.low) + " to " + points(gained.high) + "; " +
         signed_number(over->latency_ms, 0) + " ms saved per request, " + signed_number(saved.low, 0) + " to " +
         signed_number(saved.high, 0) + ").";
}

[[nodiscard]] inline std::string ceiling_sentence(const TrainingReport& report) {
  const std::string ceiling = percent(report.evaluation.test_ceiling.plain);
  if (has_live_features(report.feature_columns)) {
    return "A model that knew the request but not the platforms' state could not exceed " + ceiling +
           " on these test rows (context ceiling).";
  }
  return "On these test rows no model with these features can exceed " + ceiling + " (context ceiling).";
}

}  // namespace detail

/// What was found, in a few sentences of HTML, with the doubt it deserves.
[[nodiscard]] inline std::string report_headline(const TrainingReport& report) {
  const Evaluation& evaluation = report.evaluation;
  const PredictorScore& chosen = chosen_score(evaluation);
  const PredictorScore& baseline = best_baseline(evaluation);
  std::string text =
      detail::chosen_name(evaluation) + " is right for <strong>" + detail::percent(chosen.test.accuracy) +
      "</strong> (95 % interval " + detail::percent(chosen.interval.accuracy.low) + " to " +
      detail::percent(chosen.interval.accuracy.high) + ") of requests " +
      detail::meaning_of(evaluation.split, evaluation.runs.size()) +
      ". The context table, a lookup of past majorities, is right for " +
      detail::percent(evaluation.context_table().test.accuracy) + ". <strong>" +
      detail::comparison_sentence(chosen.over_context) + "</strong>" + detail::hand_rule_sentence(report);
  if (baseline.test.accuracy > chosen.test.accuracy) {
    text += " <strong>The baseline " + detail::html(baseline.name) +
            " does better without a model: " + detail::percent(baseline.test.accuracy) + ".</strong>";
  }
  return text;
}

/// What a reader of the headline should know before quoting it. HTML.
[[nodiscard]] inline std::string headline_background(const TrainingReport& report) {
  const Evaluation& evaluation = report.evaluation;
  const PredictorScore& baseline = best_baseline(evaluation);
  std::string text = detail::runs_beyond_noise(report);
  if (!evaluation.runs.empty()) {
    text +=
        "Intervals cover other requests of these " + std::to_string(evaluation.runs.size()) + " runs, not other runs. ";
  }
  if (&baseline != &evaluation.context_table()) {
    text += "The best baseline is " + detail::html(baseline.name) + " with " + detail::percent(baseline.test.accuracy) +
            ". ";
  }
  return text + detail::ceiling_sentence(report);
}

/// What accuracy does not carry over to another run; empty unless runs were left out.
[[nodiscard]] inline std::string loss_of_generality(const TrainingReport& report) {
  if (!report.shuffled) return "";
  const PredictorScore& best = report.evaluation.best();
  const double shuffled = report.shuffled->models[report.evaluation.winner].test.accuracy;
  const double lost = shuffled - best.test.accuracy;
  return "On shuffled rows of runs it has seen, " + detail::html(best.name) + " is right for " +
         detail::percent(shuffled) + ": " +
         (lost > 0 ? format_fixed(100 * lost, 1) + " points of that accuracy do not carry over to another run."
                   : "all of that carries over to another run.");
}

}  // namespace switchyard
