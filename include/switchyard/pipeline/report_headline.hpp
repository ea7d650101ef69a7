#pragma once

#include "switchyard/pipeline/report_page.hpp"
#include "switchyard/pipeline/training_report.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

namespace switchyard {

/// What the difference of two accuracies on the same rows allows to say.
enum class Comparison : std::uint8_t {
  better,             // the whole interval above zero
  worse,              // the whole interval below zero
  indistinguishable,  // the interval includes zero
  unknown,            // no interval
};

[[nodiscard]] inline Comparison compare(const AccuracyDifference& difference) noexcept {
  const Interval& interval = difference.interval;
  if (!std::isfinite(interval.low) || !std::isfinite(interval.high)) return Comparison::unknown;
  if (interval.contains(0)) return Comparison::indistinguishable;
  return interval.low > 0 ? Comparison::better : Comparison::worse;
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

}  // namespace detail

/// What was found, in a few sentences of HTML, with the doubt it deserves.
[[nodiscard]] inline std::string report_headline(const TrainingReport& report) {
  const Evaluation& evaluation = report.evaluation;
  const PredictorScore& best = evaluation.best();
  const PredictorScore& table = evaluation.context_table();
  const PredictorScore& baseline = best_baseline(evaluation);
  std::string text =
      "<strong>" + detail::html(best.name) + "</strong> is right for <strong>" + detail::percent(best.test.accuracy) +
      "</strong> (95 % interval " + detail::percent(best.interval.accuracy.low) + " to " +
      detail::percent(best.interval.accuracy.high) + ") of requests " +
      detail::meaning_of(evaluation.split, evaluation.runs.size()) +
      ". The context table, a lookup of past majorities, is right for " + detail::percent(table.test.accuracy) +
      ". <strong>" + detail::comparison_sentence(best.over_context) + "</strong>";
  if (!evaluation.runs.empty()) {
    text += " That interval covers other requests of these " + std::to_string(evaluation.runs.size()) +
            " runs, not other runs.";
  }
  if (baseline.test.accuracy > best.test.accuracy) {
    text += " <strong>The baseline " + detail::html(baseline.name) +
            " does better without a model: " + detail::percent(baseline.test.accuracy) + ".</strong>";
  } else if (&baseline != &table) {
    text += " The best baseline is " + detail::html(baseline.name) + " with " +
            detail::percent(baseline.test.accuracy) + ".";
  }
  return text + " On these test rows no model with these features can exceed " +
         detail::percent(report.evaluation.test_ceiling.plain) + " (context ceiling).";
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
