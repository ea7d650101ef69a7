#pragma once

#include "switchyard/data/csv.hpp"
#include "switchyard/data/forbidden.hpp"
#include "switchyard/pipeline/preprocess.hpp"

#include <array>
#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>

namespace switchyard {

/// What each platform made of the request, after features, labels and metadata (metadata_columns): for evaluation only.
inline constexpr std::array<std::string_view, 6> observed_columns = {
    "observed_lambda_latency_ms", "observed_lambda_cost_usd", "observed_lambda_ok",
    "observed_ecs_latency_ms",    "observed_ecs_cost_usd",    "observed_ecs_ok"};

/// The last columns: where the label came from and what the log lacks, for evaluation only. PreparedRow tells each.
inline constexpr std::array<std::string_view, 8> evaluation_columns = {"mate_pair_id",
                                                                       "mate_reuse",
                                                                       "scheduled_weight",
                                                                       "missing_lambda",
                                                                       "missing_ecs",
                                                                       "alternative_mate_latency_ms",
                                                                       "alternative_mate_cost_usd",
                                                                       "alternative_mate_ok"};

namespace detail {

inline void write_header(CsvWriter& csv, FeatureSet features) {
  for (const auto name : requirement_feature_names) csv.cell(name);
  if (features != FeatureSet::requirements) {
    for (const auto name : live_feature_names) csv.cell(name);
  }
  for (const auto name : metadata_columns) csv.cell(name);
  for (const auto name : observed_columns) csv.cell(name);
  for (const auto name : evaluation_columns) csv.cell(name);
  csv.end_row();
}

inline CsvWriter& flag(CsvWriter& csv, bool value) { return csv.cell(std::string_view(value ? "1" : "0")); }

inline void write_result(CsvWriter& csv, const PlatformResult& result) {
  csv.cell(result.latency_ms).cell(result.cost_usd);
  flag(csv, result.ok);
}

inline void write_evaluation(CsvWriter& csv, const PreparedRow& row) {
  csv.cell(std::to_string(row.mate_pair_id)).cell(std::to_string(row.mate_reuse)).cell(row.scheduled_weight);
  for (const auto platform : {Platform::lambda, Platform::ecs}) {
    csv.cell(row.missing[static_cast<std::size_t>(platform)]);
  }
  if (row.alternative) {
    write_result(csv, *row.alternative);
  } else {
    csv.cell(std::string_view()).cell(std::string_view()).cell(std::string_view());
  }
}

inline void write_row(CsvWriter& csv, const PreparedRow& row, const PreparedData& data) {
  for (const double value : row.features) csv.cell(value);
  if (row.live) {
    for (const double value : *row.live) csv.cell(value);
  }
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
  write_evaluation(csv, row);
  csv.end_row();
}

}  // namespace detail

/// Writes the dataset as CSV: one row per prepared row, in order of send time; all requirement features, whichever are
/// to be learned from, since evaluation rests on them. Check the stream for failure when done.
inline void write_dataset(std::ostream& output, const PreparedData& data) {
  CsvWriter csv(output);
  detail::write_header(csv, data.options.features);
  for (const PreparedRow& row : data.rows) detail::write_row(csv, row, data);
}

}  // namespace switchyard
