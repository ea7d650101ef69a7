#pragma once

#include "switchyard/data/csv.hpp"
#include "switchyard/data/forbidden.hpp"
#include "switchyard/pipeline/preprocess.hpp"

#include <array>
#include <ostream>
#include <string_view>

namespace switchyard {

/// The last columns of the dataset, after features, labels and metadata (metadata_columns): for evaluation only.
inline constexpr std::array<std::string_view, 6> observed_columns = {
    "observed_lambda_latency_ms", "observed_lambda_cost_usd", "observed_lambda_ok",
    "observed_ecs_latency_ms",    "observed_ecs_cost_usd",    "observed_ecs_ok"};

namespace detail {

inline void write_header(CsvWriter& csv) {
  for (const auto name : requirement_feature_names) csv.cell(name);
  for (const auto name : metadata_columns) csv.cell(name);
  for (const auto name : observed_columns) csv.cell(name);
  csv.end_row();
}

inline CsvWriter& flag(CsvWriter& csv, bool value) { return csv.cell(std::string_view(value ? "1" : "0")); }

inline void write_result(CsvWriter& csv, const PlatformResult& result) {
  csv.cell(result.latency_ms).cell(result.cost_usd);
  flag(csv, result.ok);
}

inline void write_row(CsvWriter& csv, const PreparedRow& row, const PreparedData& data) {
  for (const double value : row.features) csv.cell(value);
  for (const bool label : {row.labels.cost_optimal, row.labels.latency_optimal, row.labels.balanced_optimal}) {
    if (row.feasible) {
      flag(csv, label);
    } else {
      csv.cell(std::string_view());  // decided by rule: no label
    }
  }
  const Request& request = row.observation.request;
  csv.cell(row.observation.request_id)
      .cell(data.catalogue.name(request.workload))
      .cell(data.catalogue.name(window_of(request, data.catalogue).value_or(TimeWindow{255})))
      .cell(data.catalogue.name(request.load_pattern.value_or(LoadPattern{255})))
      .cell(to_string(row.observation.platform))
      .cell(row.observation.timestamp)
      .cell(format_utc(row.observation.sent_at_ms))
      .cell(format_utc(row.observation.done_at_ms()))
      .cell(data.runs[row.run])
      .cell(std::to_string(row.pair_id));
  flag(csv, row.feasible);
  write_result(csv, row.lambda);
  write_result(csv, row.ecs);
  csv.end_row();
}

}  // namespace detail

/// Writes the dataset as CSV: one row per prepared row, in order of send time. Check the stream for failure when done.
inline void write_dataset(std::ostream& output, const PreparedData& data) {
  CsvWriter csv(output);
  detail::write_header(csv);
  for (const PreparedRow& row : data.rows) detail::write_row(csv, row, data);
}

}  // namespace switchyard
