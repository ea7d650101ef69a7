#pragma once

#include "switchyard/core/parallel.hpp"
#include "switchyard/data/csv.hpp"
#include "switchyard/data/forbidden.hpp"
#include "switchyard/pipeline/preprocess.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

inline void write_row(CsvWriter& csv, const PreparedData& data, std::size_t i) {
  const PreparedRow& row = data.rows[i];
  for (const double value : row.features) csv.cell(value);
  if (!data.live.empty()) {
    for (const double value : data.live[i]) csv.cell(value);
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

/// Collects a stream's bytes as they are; a string stream would ask for a locale.
class TextBuffer : public std::streambuf {
 public:
  /// The text takes the memory of `used`.
  explicit TextBuffer(std::string used) : text_(std::move(used)) { text_.clear(); }

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  int_type overflow(int_type byte) override {
    if (!traits_type::eq_int_type(byte, traits_type::eof())) text_ += traits_type::to_char_type(byte);
    return traits_type::not_eof(byte);
  }
  std::streamsize xsputn(const char* bytes, std::streamsize count) override {
    text_.append(bytes, static_cast<std::size_t>(count));
    return count;
  }

  std::string text_;
};

/// used: a text that is not needed any more
[[nodiscard]] inline std::string rows_text(const PreparedData& data, std::size_t begin, std::size_t end,
                                           std::string used) {
  TextBuffer text(std::move(used));
  std::ostream stream(&text);
  CsvWriter csv(stream);
  for (std::size_t i = begin; i < end; ++i) write_row(csv, data, i);
  return text.take();
}

}  // namespace detail

/// Writes the dataset as CSV: one row per prepared row, in order of send time; all requirement features, whichever are
/// to be learned from, since evaluation rests on them. Check the stream for failure when done. threads: that turn rows
/// into text, which changes no byte of it; <= 0: one per hardware thread.
inline void write_dataset(std::ostream& output, const PreparedData& data, int threads = 1) {
  constexpr std::size_t block_rows = 512;
  CsvWriter header(output);
  detail::write_header(header, data.options.features);
  ThreadPool pool(threads);
  std::vector<std::string> texts(4 * static_cast<std::size_t>(pool.size()));  // of blocks, a few for each thread
  for (std::size_t first = 0; first < data.rows.size(); first += texts.size() * block_rows) {
    pool.for_each_index(texts.size(), [&](std::size_t block) {
      const std::size_t begin = std::min(data.rows.size(), first + block * block_rows);
      const std::size_t end = std::min(data.rows.size(), begin + block_rows);
      texts[block] = detail::rows_text(data, begin, end, std::move(texts[block]));
    });
    for (const std::string& text : texts) output.write(text.data(), static_cast<std::streamsize>(text.size()));
  }
}

}  // namespace switchyard
