#pragma once

#include "switchyard/core/text.hpp"
#include "switchyard/pipeline/evaluate.hpp"
#include "switchyard/pipeline/inspect_model.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace switchyard {

enum class Verdict : std::uint8_t {
  pass,
  fail,
  unknown,  // the data at hand cannot tell
};

[[nodiscard]] constexpr const char* to_string(Verdict verdict) noexcept {
  return verdict == Verdict::pass ? "pass" : verdict == Verdict::fail ? "FAIL" : "unknown";
}

/// One of the requirements' criteria, with the figure it was judged by.
struct Criterion {
  std::string name;
  std::string required;
  std::string found;
  Verdict verdict = Verdict::unknown;
  std::string comment;  // the cause, or what to do; may be empty
};

namespace detail {

[[nodiscard]] inline Verdict verdict_of(bool holds) noexcept { return holds ? Verdict::pass : Verdict::fail; }

[[nodiscard]] inline std::string with_interval(double value, const Interval& interval, int decimals = 3) {
  return format_fixed(value, decimals) + " [" + format_fixed(interval.low, decimals) + ", " +
         format_fixed(interval.high, decimals) + "]";
}

[[nodiscard]] inline Criterion judge_accuracy(const PredictorScore& score, double ceiling) {
  constexpr double least = 0.75;
  constexpr double most = 0.90;
  const double found = score.test.accuracy;
  std::string comment;
  if (found > most) comment = "too good to be true: look for leakage";
  if (found < least && ceiling < least) {
    comment = "the ceiling of these features on these labels is " + format_fixed(ceiling, 3) + ": no model can pass";
  }
  return {"accuracy", "0.75 to 0.90", with_interval(found, score.interval.accuracy),
          verdict_of(found >= least && found <= most), comment};
}

[[nodiscard]] inline Criterion judge_top_share(const ModelInspection& inspection,
                                               const std::vector<std::string>& columns) {
  constexpr double most = 0.40;
  const auto shares = inspection.shares();
  const auto top = std::max_element(shares.begin(), shares.end());
  if (top == shares.end() || !(*top > 0)) {
    return {"top feature's share", "< 0.40", "none", Verdict::unknown, "the model relies on no column"};
  }
  const std::string kind = inspection.gain.size() > 0 ? "gain" : "permutation (log-loss)";
  const std::string name = columns[static_cast<std::size_t>(top - shares.begin())];
  return {"top feature's share", "< 0.40", format_fixed(*top, 3) + " (" + name + ", by " + kind + ")",
          verdict_of(*top < most), ""};
}

[[nodiscard]] inline Criterion judge_precision_gap(const PredictorScore& score) {
  constexpr double most = 0.15;
  const double gap = std::abs(score.test.precision - score.test.precision_negative);
  return {"precision gap between classes", "< 0.15", format_fixed(gap, 3), verdict_of(gap < most),
          std::isnan(gap) ? "one class is never predicted" : ""};
}

[[nodiscard]] inline Criterion judge_size(double model_bytes) {
  constexpr double most = 50e6;
  return {"model size", "< 50 MB", format_fixed(model_bytes / 1e6, 2) + " MB", verdict_of(model_bytes < most), ""};
}

[[nodiscard]] inline Criterion judge_latency(const ModelInspection& inspection) {
  constexpr double most_ms = 10;
  if (std::isnan(inspection.p99_decision_ms)) {
    return {"inference time", "< 10 ms", "not measured", Verdict::unknown, ""};
  }
  return {"inference time", "< 10 ms", format_fixed(inspection.p99_decision_ms * 1000, 2) + " us (p99 of one row)",
          verdict_of(inspection.p99_decision_ms < most_ms), ""};
}

}  // namespace detail

/// The requirements' criteria for one model (their sections 5.4 and 8), each with its figure. `ceiling`: the best
/// accuracy the features allow. model_bytes: size of the model file.
[[nodiscard]] inline std::vector<Criterion> judge(const PredictorScore& score, const ModelInspection& inspection,
                                                  const std::vector<std::string>& columns, double ceiling,
                                                  double model_bytes) {
  constexpr double largest_gap = 0.05;
  constexpr int least_features = 5;
  const int features = inspection.contributing_features();
  return {detail::judge_accuracy(score, ceiling),
          {"train/test gap", "< 0.05", detail::with_interval(score.gap, score.gap_interval),
           detail::verdict_of(score.gap < largest_gap), ""},
          detail::judge_top_share(inspection, columns),
          detail::judge_precision_gap(score),
          {"contributing features", ">= 5", std::to_string(features), detail::verdict_of(features >= least_features),
           "their permutation importance's 95 % interval lies above zero"},
          detail::judge_size(model_bytes),
          detail::judge_latency(inspection)};
}

/// What cannot be told has not passed.
[[nodiscard]] inline bool all_pass(const std::vector<Criterion>& criteria) noexcept {
  return std::all_of(criteria.begin(), criteria.end(), [](const auto& c) { return c.verdict == Verdict::pass; });
}

}  // namespace switchyard
