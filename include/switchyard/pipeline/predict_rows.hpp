#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/data/csv_reader.hpp"
#include "switchyard/io/jsonl.hpp"
#include "switchyard/pipeline/feature_row.hpp"
#include "switchyard/pipeline/request_json.hpp"

#include <cmath>
#include <cstddef>
#include <istream>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

/// How rows are written as text.
enum class RowFormat { csv, jsonl };

/// By the name's ending (.csv, .jsonl, .ndjson, .json); else the input's first byte, '{' being JSON.
[[nodiscard]] inline RowFormat row_format_of(std::string_view name, std::istream& input) {
  if (name.ends_with(".csv")) return RowFormat::csv;
  if (name.ends_with(".jsonl") || name.ends_with(".ndjson") || name.ends_with(".json")) return RowFormat::jsonl;
  return input.rdbuf()->sgetc() == '{' ? RowFormat::jsonl : RowFormat::csv;
}

namespace detail {

/// Where a table keeps what a model asks for.
struct RowColumns {
  std::vector<std::optional<std::size_t>> positions;  // [model's columns]; in the header; nothing: missing in every row
  std::optional<std::size_t> payload;                 // of payload_size_kb
};

[[nodiscard]] inline std::optional<std::size_t> header_position(const std::vector<std::string>& header,
                                                                std::string_view name, const CsvReader& reader) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (trimmed(header[i]) != name) continue;
    if (found) throw DataError(reader.place(i), "a second column named " + std::string(name));
    found = i;
  }
  return found;
}

[[nodiscard]] inline RowColumns find_columns(const std::vector<std::string>& header, const FeatureSchema& schema,
                                             const CsvReader& reader) {
  RowColumns columns;
  std::string missing;
  for (const std::string& name : schema.columns()) {
    const auto position = header_position(header, name, reader);
    if (!position && !is_live_feature(name)) missing += (missing.empty() ? "" : ", ") + name;
    columns.positions.push_back(position);
  }
  if (!missing.empty()) {
    throw DataError({reader.name(), reader.line()},
                    "missing column" + std::string(missing.find(',') == std::string::npos ? " " : "s ") + missing);
  }
  columns.payload = header_position(header, "payload_size_kb", reader);
  return columns;
}

[[nodiscard]] inline double cell_number(const std::vector<std::string>& cells, std::size_t position,
                                        const std::vector<std::string>& header, const CsvReader& reader) {
  constexpr std::size_t longest_shown = 60;
  const std::string_view text = trimmed(cells[position]);
  if (text.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto value = parse_number(text);
  if (value && std::isfinite(*value)) return *value;
  throw DataError::bad_value(reader.place(position), trimmed(header[position]), text.substr(0, longest_shown),
                             "a finite number or nothing");
}

template <class Visit>
void for_each_csv_row(std::istream& input, const std::string& name, const FeatureSchema& schema, Visit&& visit) {
  CsvReader reader(input, name);
  std::vector<std::string> header;
  if (!reader.next(header)) throw DataError({name}, "empty; expected a header");
  const RowColumns columns = find_columns(header, schema, reader);
  std::vector<std::string> cells;
  FeatureRow row{std::vector<double>(schema.columns().size(), std::numeric_limits<double>::quiet_NaN())};
  while (reader.next(cells)) {
    if (cells.size() != header.size()) {
      throw DataError({name, reader.line()}, "the row has " + std::to_string(cells.size()) + " cells; expected " +
                                                 std::to_string(header.size()));
    }
    for (std::size_t i = 0; i < row.values.size(); ++i) {
      if (columns.positions[i]) row.values[i] = cell_number(cells, *columns.positions[i], header, reader);
    }
    if (columns.payload) row.payload_kb = cell_number(cells, *columns.payload, header, reader);
    visit(static_cast<const FeatureRow&>(row));
  }
}

template <class Visit>
void for_each_json_row(std::istream& input, const std::string& name, const FeatureSchema& schema, Visit&& visit) {
  constexpr std::size_t longest_line = std::size_t{1} << 20U;
  const auto row_of = [&](const Line& line) {
    const Place place{name, line.number};
    if (line.too_long) throw DataError(place, "a line longer than " + std::to_string(longest_line) + " bytes");
    try {
      return row_from_json(parse_question(line.text), schema, QuestionForm::row);
    } catch (const JsonSyntaxError& error) {
      throw DataError({name, line.number, error.byte}, std::string("not JSON: ") + error.what());
    } catch (const FieldError& error) {
      throw DataError(place, error.what());
    }
  };
  (void)for_each_line(
      input, [&](const Line& line) { visit(static_cast<const FeatureRow&>(row_of(line))); }, longest_line);
}

}  // namespace detail

/// Calls visit(const FeatureRow&) for every row of a text, in order and in bounded memory. CSV: a header that names at
/// least the model's columns, empty cells being missing values, other columns ignored; live columns that it does not
/// name are missing values. JSONL: a question per line (see
/// row_from_json, plain rows allowed). Throws DataError with the place of the first row that cannot be used, FileError
/// if reading fails, and what visit throws.
template <class Visit>
void for_each_feature_row(std::istream& input, const std::string& name, RowFormat format, const FeatureSchema& schema,
                          Visit&& visit) {
  if (format == RowFormat::csv) {
    detail::for_each_csv_row(input, name, schema, visit);
  } else {
    detail::for_each_json_row(input, name, schema, visit);
  }
}

}  // namespace switchyard
