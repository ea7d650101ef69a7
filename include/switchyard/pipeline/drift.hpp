#pragma once

#include "switchyard/core/text.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/pipeline/feature_drift.hpp"
#include "switchyard/pipeline/training_data.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

/// Where test rows are not what training was like.
struct DriftReport {
  std::vector<FeatureDrift> findings = {};  // the columns worth naming, by stability index, largest first
  std::size_t found = 0;                    // how many there were before the list was cut
  LabelDrift labels = {};
  std::vector<std::string> warnings = {};  // one line each: what, how much, and what follows
};

namespace detail {

[[nodiscard]] inline std::string share_text(double share) { return format_fixed(100 * share, 1) + " %"; }

/// "3, 4, 7" or "3, 4, 7 and 9 more"
[[nodiscard]] inline std::string levels_text(const std::vector<double>& levels) {
  constexpr std::size_t most = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(most, levels.size()); ++i) {
    text += (i == 0 ? "" : ", ") + format_number(levels[i]);
  }
  if (levels.size() > most) text += " and " + std::to_string(levels.size() - most) + " more";
  return text;
}

/// What is wrong with a column and what follows, for a share of test rows worth naming.
[[nodiscard]] inline std::string drift_text(const FeatureDrift& drift, double least_share) {
  std::string text = drift.feature + ": population stability index " + format_fixed(drift.stability_index, 2);
  if (drift.shift != FeatureShift::none) text += drift.shift == FeatureShift::large ? " (large)" : " (moderate)";
  if (std::abs(drift.test_missing - drift.train_missing) > least_share) {
    text += ", missing in " + share_text(drift.test_missing) + " of test rows and " + share_text(drift.train_missing) +
            " of training rows";
  }
  if (drift.unseen > least_share) {
    text += "; " + share_text(drift.unseen) + " of test rows at levels that training never saw (" +
            levels_text(drift.unseen_levels) + "): the model answers there as for some neighbouring code";
  } else if (drift.outside > least_share) {
    text += "; " + share_text(drift.outside) + " of test rows outside training's range [" +
            format_number(drift.train_low) + ", " + format_number(drift.train_high) +
            "]: trees answer there as at its edge, a network extrapolates";
  } else {
    text += ": the model meets another mix than it was fitted on";
  }
  return text;
}

[[nodiscard]] inline std::string label_text(const LabelDrift& labels, double level) {
  const char* sign = labels.change > 0 ? "+" : "";
  return "label: rate of 1 is " + format_fixed(labels.train_rate, 3) + " in training and " +
         format_fixed(labels.test_rate, 3) + " in test (" + sign + format_fixed(labels.change, 3) + ", " +
         format_number(100 * level) + " % interval " + format_fixed(labels.interval.low, 3) + " to " +
         format_fixed(labels.interval.high, 3) +
         "): probabilities are off by as much, and a threshold tuned before need not be the best one";
}

/// For each source of features (payload, time, ...) its worst column with the number of others.
[[nodiscard]] inline std::vector<std::string> feature_warnings(std::span<const FeatureDrift> findings,
                                                               const DriftOptions& options) {
  std::map<std::string, std::size_t> columns;
  for (const FeatureDrift& drift : findings) ++columns[source_of(drift.feature)];
  std::set<std::string> named;
  std::vector<std::string> warnings;
  for (const FeatureDrift& drift : findings) {
    const std::string source = source_of(drift.feature);
    if (warnings.size() == options.most_findings || !named.insert(source).second) continue;
    std::string text = drift_text(drift, options.least_share);
    if (const auto others = columns[source] - 1; others > 0) {
      text += " (and " + std::to_string(others) + " more of the " + source + " columns)";
    }
    warnings.push_back(std::move(text));
  }
  return warnings;
}

}  // namespace detail

/// Compares test rows with the training rows a model was fitted on: which columns shifted, leave training's range or
/// hold levels that training never saw, and whether the label rate changed. The warnings name the label rate, if its
/// change is beyond chance, and one column per source of features. Weights count in bins and rates, not in other
/// shares. Throws InvalidArgument for options out of range, no rows, and columns that differ.
[[nodiscard]] inline DriftReport find_drift(const Dataset& train, const Dataset& test,
                                            const DriftOptions& options = {}) {
  detail::require_drift(train, test, options);
  DriftReport report;
  report.labels = label_drift(train, test, options.bootstrap);
  for (Index column = 0; column < train.columns(); ++column) {
    auto drift = feature_drift(train, test, column, options);
    const bool strange = std::max(drift.outside, drift.unseen) > options.least_share;
    if (drift.shift != FeatureShift::none || strange) report.findings.push_back(std::move(drift));
  }
  std::stable_sort(report.findings.begin(), report.findings.end(),
                   [](const FeatureDrift& a, const FeatureDrift& b) { return a.stability_index > b.stability_index; });
  const Interval& change = report.labels.interval;
  if (change.low > 0 || change.high < 0)
    report.warnings.push_back(detail::label_text(report.labels, options.bootstrap.level));
  for (auto& warning : detail::feature_warnings(report.findings, options)) {
    report.warnings.push_back(std::move(warning));
  }
  report.found = report.findings.size();
  if (report.found > options.most_findings) report.findings.resize(options.most_findings);
  return report;
}

}  // namespace switchyard
