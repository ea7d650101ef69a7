#pragma once

#include "switchyard/cloud/label.hpp"
#include "switchyard/cloud/workload.hpp"
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
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

/// A dataset with what evaluation needs of the same rows beside the features. What the table lacks is empty.
struct TrainingData {
  Dataset data;
  std::vector<std::string> run_names;            // [runs]; Dataset::runs are indices here
  std::vector<PlatformResult> lambda;            // [samples]; empty if the table has no observed_* columns
  std::vector<PlatformResult> ecs;               // [samples]
  std::vector<PlatformResult> alternative_mate;  // [samples]; under the other mate rule; NaN where it finds none
  std::vector<Platform> platforms;       // [samples]; where the row's own request ran; its mate ran on the other
  std::vector<double> mate_reuse;        // [samples]; how many rows have this row's mate
  std::vector<double> scheduled_weight;  // [samples]; scheduled / seen of the row's cell, mean 1 over the table
  std::vector<double> missing_lambda;    // [samples]; in [0, 1]: share of the cell's requests never answered
  std::vector<double> missing_ecs;       // [samples]
  std::int64_t unlabelled = 0;           // rows decided by rule, kept out

  [[nodiscard]] bool has_outcomes() const noexcept { return !lambda.empty(); }
};

namespace detail {

/// Columns `stem`_latency_ms, _cost_usd and _ok; empty unless all three are there.
[[nodiscard]] inline std::vector<PlatformResult> results_column(const CsvTable& table, const std::string& stem,
                                                                const std::vector<std::size_t>& rows) {
  const auto latency = table.find_column(stem + "_latency_ms");
  const auto cost = table.find_column(stem + "_cost_usd");
  const auto ok = table.find_column(stem + "_ok");
  std::vector<PlatformResult> results;
  if (!latency || !cost || !ok) return results;
  results.reserve(rows.size());
  for (const std::size_t row : rows) {
    results.push_back({table.number(row, *latency), table.number(row, *cost), table.number(row, *ok) == 1.0});
  }
  return results;
}

/// A column for evaluation only.
struct EvaluationColumn {
  std::string name;
  double neutral = 0;  // stands for an empty cell
  double high = 1;     // the allowed range is [0, high]
  std::string expected;
};

/// Its values; empty if there is no such column.
[[nodiscard]] inline std::vector<double> evaluation_values(const EvaluationColumn& wanted, const CsvTable& table,
                                                           const std::vector<std::size_t>& rows) {
  std::vector<double> values;
  const auto column = table.find_column(wanted.name);
  if (!column) return values;
  values.reserve(rows.size());
  for (const std::size_t row : rows) {
    const double number = table.number(row, *column);
    const double value = std::isnan(number) ? wanted.neutral : number;
    if (value < 0 || value > wanted.high) {
      throw DataError::bad_value(table.place(row, *column), wanted.name, trimmed(table.cell(row, *column)),
                                 wanted.expected);
    }
    values.push_back(value);
  }
  return values;
}

/// Platforms by name; empty if the table has none, or names others: then it means something else by the column.
[[nodiscard]] inline std::vector<Platform> platform_column(const CsvTable& table,
                                                           const std::vector<std::size_t>& rows) {
  std::vector<Platform> platforms;
  const auto column = table.find_column("platform");
  if (!column) return platforms;
  platforms.reserve(rows.size());
  for (const std::size_t row : rows) {
    const auto platform = parse_platform(trimmed(table.cell(row, *column)));
    if (!platform) return {};
    platforms.push_back(*platform);
  }
  return platforms;
}

inline void read_evaluation_columns(TrainingData& result, const CsvTable& table, const std::vector<std::size_t>& rows) {
  constexpr double largest = 1e100;  // its square is finite
  const std::string count = "a number of at least 0";
  const std::string share = "a number in [0, 1]";
  result.platforms = platform_column(table, rows);
  result.alternative_mate = results_column(table, "alternative_mate", rows);
  result.mate_reuse = evaluation_values({"mate_reuse", 1, largest, count}, table, rows);
  result.scheduled_weight = evaluation_values({"scheduled_weight", 1, largest, count}, table, rows);
  result.missing_lambda = evaluation_values({"missing_lambda", 0, 1, share}, table, rows);
  result.missing_ecs = evaluation_values({"missing_ecs", 0, 1, share}, table, rows);
}

}  // namespace detail

/// Takes the labelled rows of a table. Throws as make_dataset, and DataError for an evaluation-only column out of
/// range.
[[nodiscard]] inline TrainingData training_data(const CsvTable& table, const ReadDatasetOptions& options = {}) {
  TrainingData result;
  result.data = make_dataset(table, options);
  const auto rows = labelled_rows(table, options.target);
  result.unlabelled = static_cast<std::int64_t>(table.rows() - rows.size());
  if (const auto column = table.find_column(options.run_column); column && !result.data.runs.empty()) {
    result.run_names = coded_column(table, *column, rows).names;
  }
  result.lambda = detail::results_column(table, "observed_lambda", rows);
  result.ecs = detail::results_column(table, "observed_ecs", rows);
  if (result.ecs.empty()) result.lambda.clear();
  detail::read_evaluation_columns(result, table, rows);
  return result;
}

/// The given rows, in the given order, with everything that is known of them.
[[nodiscard]] inline TrainingData subset_of(const TrainingData& data, std::span<const Index> rows) {
  TrainingData result;
  result.data = data.data.subset(rows);
  result.run_names = data.run_names;
  result.lambda = detail::select_rows(data.lambda, rows);
  result.ecs = detail::select_rows(data.ecs, rows);
  result.alternative_mate = detail::select_rows(data.alternative_mate, rows);
  result.platforms = detail::select_rows(data.platforms, rows);
  result.mate_reuse = detail::select_rows(data.mate_reuse, rows);
  result.scheduled_weight = detail::select_rows(data.scheduled_weight, rows);
  result.missing_lambda = detail::select_rows(data.missing_lambda, rows);
  result.missing_ecs = detail::select_rows(data.missing_ecs, rows);
  return result;
}

/// Position of a feature by name; nothing if there is none.
[[nodiscard]] inline std::optional<Index> find_feature(const std::vector<std::string>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Index>(found - names.begin());
}

/// Whether any feature is live state.
[[nodiscard]] inline bool has_live_features(const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(), [](const auto& name) { return name.starts_with("live_"); });
}

/// Where a feature comes from. Seven columns derive from one payload: taken one by one, each would hide the others'
/// share. A column of no known source is a source of its own.
[[nodiscard]] inline std::string source_of(std::string_view column) {
  if (column.substr(0, 5) == "live_") return "live state";
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
