#pragma once

#include "switchyard/cloud/label.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/data/csv.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/data/dataset_csv.hpp"
#include "switchyard/explain/importance.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

/// A dataset with what evaluation needs of the same rows beside the features.
struct TrainingData {
  Dataset data;
  std::vector<std::string> run_names;  // [runs]; Dataset::runs are indices here
  std::vector<PlatformResult> lambda;  // [samples]; empty if the table has no observed_* columns
  std::vector<PlatformResult> ecs;     // [samples]
  std::int64_t unlabelled = 0;         // rows decided by rule, kept out

  [[nodiscard]] bool has_outcomes() const noexcept { return !lambda.empty(); }
};

namespace detail {

[[nodiscard]] inline std::vector<PlatformResult> observed(const CsvTable& table, const std::string& platform,
                                                          const std::vector<std::size_t>& rows) {
  const auto latency = table.find_column("observed_" + platform + "_latency_ms");
  const auto cost = table.find_column("observed_" + platform + "_cost_usd");
  const auto ok = table.find_column("observed_" + platform + "_ok");
  std::vector<PlatformResult> results;
  if (!latency || !cost || !ok) return results;
  results.reserve(rows.size());
  for (const std::size_t row : rows) {
    results.push_back({table.number(row, *latency), table.number(row, *cost), table.number(row, *ok) == 1.0});
  }
  return results;
}

}  // namespace detail

/// Takes the labelled rows of a table. Throws as make_dataset.
[[nodiscard]] inline TrainingData training_data(const CsvTable& table, const ReadDatasetOptions& options = {}) {
  TrainingData result;
  result.data = make_dataset(table, options);
  const auto rows = labelled_rows(table, options.target);
  result.unlabelled = static_cast<std::int64_t>(table.rows() - rows.size());
  if (const auto column = table.find_column(options.run_column); column && !result.data.runs.empty()) {
    result.run_names = coded_column(table, *column, rows).names;
  }
  result.lambda = detail::observed(table, "lambda", rows);
  result.ecs = detail::observed(table, "ecs", rows);
  if (result.ecs.empty()) result.lambda.clear();
  return result;
}

/// Where a feature comes from. Seven columns derive from one payload: taken one by one, each would hide the others'
/// share. A column of no known source is a source of its own.
[[nodiscard]] inline std::string source_of(std::string_view column) {
  if (column.substr(0, 7) == "payload") return "payload";
  if (column == "load_pattern_encoded") return "load";
  if (column == "workload_type_encoded" || column == "lambda_memory_limit_mb") return "workload";
  if (column == "hour_of_day" || column == "is_weekend" || column == "time_window_encoded" ||
      column == "workload_time_window_interaction") {
    return "time";
  }
  return std::string(column);
}

/// The columns of each source, in order of first appearance.
[[nodiscard]] inline std::vector<FeatureGroup> sources_of(const std::vector<std::string>& columns) {
  std::vector<FeatureGroup> sources;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string name = source_of(columns[i]);
    auto source = std::find_if(sources.begin(), sources.end(), [&](const auto& group) { return group.name == name; });
    if (source == sources.end()) source = sources.insert(sources.end(), FeatureGroup{name, {}});
    source->features.push_back(static_cast<Index>(i));
  }
  return sources;
}

}  // namespace switchyard
