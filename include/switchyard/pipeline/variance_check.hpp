#pragma once

#include "switchyard/pipeline/preprocess.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

/// How often each label is 1.
struct LabelTally {
  std::int64_t rows = 0;
  std::int64_t cost_optimal = 0;
  std::int64_t latency_optimal = 0;
  std::int64_t balanced_optimal = 0;

  void add(const PlatformLabels& labels) noexcept {
    ++rows;
    cost_optimal += labels.cost_optimal ? 1 : 0;
    latency_optimal += labels.latency_optimal ? 1 : 0;
    balanced_optimal += labels.balanced_optimal ? 1 : 0;
  }
  [[nodiscard]] double rate(std::int64_t ones) const noexcept {
    return rows == 0 ? 0.0 : static_cast<double>(ones) / static_cast<double>(rows);
  }
};

/// A share the requirements expect, inclusive.
struct ExpectedRange {
  double low = 0;
  double high = 1;

  [[nodiscard]] bool contains(double value) const noexcept { return value >= low && value <= high; }
};

/// One workload's labels against the requirements' section 4.3 (mean .2-.8, standard deviation above .3, both classes)
/// and the range section 4.4 expects of it.
struct WorkloadVariance {
  std::string workload;
  LabelTally counts;
  double mean = 0;                        // of balanced_optimal
  double standard_deviation = 0;          // of a 0/1 column: sqrt(mean (1 - mean) n / (n - 1)), as pandas computes it
  bool passes = false;                    // section 4.3
  std::optional<ExpectedRange> expected;  // section 4.4; absent for a workload it does not name
};

struct VarianceCheck {
  LabelTally overall;
  ExpectedRange expected_overall{0.4, 0.6};
  std::vector<WorkloadVariance> workloads;  // those with rows, in catalogue order

  /// The requirements say STOP where this is false.
  [[nodiscard]] bool passes() const noexcept {
    for (const auto& workload : workloads) {
      if (!workload.passes) return false;
    }
    return !workloads.empty();
  }
};

namespace detail {

[[nodiscard]] inline std::optional<ExpectedRange> expected_share(std::string_view workload) noexcept {
  if (workload == "lightweight_api") return ExpectedRange{0.2, 0.5};
  if (workload == "thumbnail_processing") return ExpectedRange{0.3, 0.7};
  if (workload == "medium_processing" || workload == "heavy_processing") return ExpectedRange{0.4, 0.8};
  return std::nullopt;
}

[[nodiscard]] inline WorkloadVariance judge_variance(const std::string& workload, const LabelTally& counts) {
  constexpr ExpectedRange mean_range{0.2, 0.8};
  constexpr double least_deviation = 0.3;
  WorkloadVariance result{workload, counts, counts.rate(counts.balanced_optimal), 0, false, expected_share(workload)};
  const auto n = static_cast<double>(counts.rows);
  result.standard_deviation = n > 1 ? std::sqrt(result.mean * (1 - result.mean) * n / (n - 1)) : 0;
  const bool both = counts.balanced_optimal > 0 && counts.balanced_optimal < counts.rows;
  result.passes = both && mean_range.contains(result.mean) && result.standard_deviation > least_deviation;
  return result;
}

}  // namespace detail

/// Whether the labels vary enough within each workload for there to be something to learn.
[[nodiscard]] inline VarianceCheck check_variance(const PreparedData& data) {
  VarianceCheck check;
  std::vector<LabelTally> counts(data.catalogue.workloads.size());
  for (const PreparedRow& row : data.rows) {
    if (!row.feasible) continue;
    check.overall.add(row.labels);
    counts[static_cast<std::size_t>(row.observation.request.workload)].add(row.labels);
  }
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i].rows > 0)
      check.workloads.push_back(detail::judge_variance(data.catalogue.workloads[i].name, counts[i]));
  }
  return check;
}

}  // namespace switchyard
