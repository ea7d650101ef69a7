#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/core/utc.hpp"
#include "switchyard/data/csv.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/data/forbidden.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace switchyard {

/// What the columns of a table mean. A group, time or run column that is absent under its default name is skipped; an
/// empty name skips it always.
struct ReadDatasetOptions {
  std::string target = "balanced_optimal";         // 0 or 1; rows where it is empty are left out
  std::vector<std::string> feature_columns = {};   // in this order; empty = all numeric columns without other meaning
  std::vector<std::string> ignore = {};            // columns that are no features
  std::string group_column = "pair_id";            // any text; an empty cell is a group of its own
  std::string mate_group_column = "mate_pair_id";  // the group of the row's mate; used with a group column only
  std::string time_column = "sent_at";             // ISO 8601, UTC unless a zone is given
  std::string run_column = "run";                  // any text
  std::vector<std::string> forbidden = {};         // refused as features, beside forbidden_feature_columns
};

/// A column of names as numbers.
struct CodedColumn {
  std::vector<std::int64_t> codes;  // [rows]; position in `names`
  std::vector<std::string> names;   // distinct, in order of first appearance
};

/// Codes a column of any text; Dataset::groups and ::runs hold these codes. `rows`: table rows to take, in order.
[[nodiscard]] inline CodedColumn coded_column(const CsvTable& table, std::size_t column,
                                              std::span<const std::size_t> rows) {
  CodedColumn result;
  std::unordered_map<std::string_view, std::int64_t> known;
  for (const std::size_t row : rows) {
    const auto text = table.cell(row, column);
    const auto [entry, is_new] = known.try_emplace(text, static_cast<std::int64_t>(known.size()));
    if (is_new) result.names.emplace_back(text);
    result.codes.push_back(entry->second);
  }
  return result;
}

/// Table rows that have a label: the rows of the dataset, in its order, to align other columns of the table with it.
/// Throws DataError if there is no such column.
[[nodiscard]] inline std::vector<std::size_t> labelled_rows(const CsvTable& table, std::string_view target) {
  const std::size_t column = table.column_index(target);
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (!trimmed(table.cell(row, column)).empty()) rows.push_back(row);
  }
  return rows;
}

namespace detail {

[[nodiscard]] inline bool holds(std::span<const std::string> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Whether most cells that are not empty are numbers. The few that are not are then errors, instead of silently
/// taking the column away.
[[nodiscard]] inline bool is_numeric(const CsvTable& table, std::size_t column) {
  std::size_t numbers = 0;
  std::size_t texts = 0;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto text = trimmed(table.cell(row, column));
    if (!text.empty()) ++(parse_number(text) ? numbers : texts);
  }
  return numbers > texts;
}

/// Checks features asked for by name.
[[nodiscard]] inline std::vector<std::size_t> named_features(const CsvTable& table, const ReadDatasetOptions& options) {
  std::vector<std::size_t> columns;
  for (const auto& name : options.feature_columns) {
    const auto reason = holds(options.forbidden, name) ? "it was forbidden" : forbidden_reason(name);
    if (reason) throw InvalidArgument("column " + name + " cannot be a feature: " + std::string(*reason));
    if (name == options.target) throw InvalidArgument("column " + name + " cannot be a feature: it is the target");
    const std::size_t column = table.column_index(name);
    if (std::find(columns.begin(), columns.end(), column) != columns.end()) {
      throw InvalidArgument("column " + name + " is asked for twice");
    }
    columns.push_back(column);
  }
  return columns;
}

/// Every numeric column that has no other meaning.
[[nodiscard]] inline std::vector<std::size_t> default_features(const CsvTable& table,
                                                               const ReadDatasetOptions& options) {
  const auto has_other_use = [&](const std::string& name) {
    return name == options.target || name == options.group_column || name == options.mate_group_column ||
           name == options.time_column || name == options.run_column || is_metadata_column(name) ||
           holds(options.ignore, name) || holds(options.forbidden, name);
  };
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < table.columns(); ++i) {
    const auto& name = table.header()[i];
    if (has_other_use(name) || !is_numeric(table, i)) continue;
    const auto reason = forbidden_reason(name);
    if (reason && refuses_table(name)) {
      throw DataError(table.header_place(i), "column " + name + " cannot be a feature: " + std::string(*reason) +
                                                 "; ignore or drop it, or name the feature columns");
    }
    if (!reason) columns.push_back(i);
  }
  if (columns.empty()) throw DataError({table.name()}, "no numeric column to learn from");
  return columns;
}

/// A feature's value. One whose square overflows has no variance, and no network learns from it.
[[nodiscard]] inline double feature_at(const CsvTable& table, std::size_t row, std::size_t column) {
  constexpr double largest = 1e100;
  const double value = table.number(row, column);
  if (std::abs(value) > largest) {
    throw DataError::bad_value(table.place(row, column), table.header()[column], trimmed(table.cell(row, column)),
                               "a number of at most 1e100");
  }
  return value;
}

[[nodiscard]] inline std::uint8_t label_at(const CsvTable& table, std::size_t row, std::size_t column) {
  const auto text = trimmed(table.cell(row, column));
  const auto number = parse_number(text);
  if (number == 0.0 || text == "false" || text == "False") return 0;
  if (number == 1.0 || text == "true" || text == "True") return 1;
  throw DataError::bad_value(table.place(row, column), table.header()[column], text, "0 or 1");
}

[[nodiscard]] inline std::int64_t time_at(const CsvTable& table, std::size_t row, std::size_t column) {
  const auto text = trimmed(table.cell(row, column));
  const auto time = parse_utc_ms(text);
  if (!time) throw DataError::bad_value(table.place(row, column), table.header()[column], text, "an ISO 8601 time");
  return static_cast<std::int64_t>(std::floor(*time + 0.5));
}

/// The column of this name. Only under its default name may it be absent.
[[nodiscard]] inline std::optional<std::size_t> optional_column(const CsvTable& table, const std::string& name,
                                                                const std::string& default_name) {
  if (name.empty()) return std::nullopt;
  if (name == default_name) return table.find_column(name);
  return table.column_index(name);
}

/// Codes a group column, an empty cell being a group of its own, and its mates' groups if there is a column of them. A
/// mate's group without a row of its own has a code, too: rows that were compared with it are tied to each other.
inline void read_groups(const CsvTable& table, std::size_t column, std::optional<std::size_t> mate_column,
                        std::span<const std::size_t> rows, Dataset& data) {
  auto coded = coded_column(table, column, rows);
  auto next = static_cast<std::int64_t>(coded.names.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (table.cell(rows[i], column).empty()) coded.codes[i] = next++;
  }
  data.groups = std::move(coded.codes);
  if (!mate_column) return;
  constexpr std::int64_t no_group = -1;
  std::unordered_map<std::string_view, std::int64_t> known;
  for (const std::string& name : coded.names) known.emplace(name, static_cast<std::int64_t>(known.size()));
  for (const std::size_t row : rows) {
    const auto name = table.cell(row, *mate_column);
    if (name.empty()) {
      data.mate_groups.push_back(no_group);
      continue;
    }
    const auto [group, is_new] = known.try_emplace(name, next);
    if (is_new) ++next;
    data.mate_groups.push_back(group->second);
  }
}

}  // namespace detail

/// Makes a dataset of the table's labelled rows, in order. Throws DataError with the place of what is wrong in the
/// table, InvalidArgument for a feature that is asked for by name but only known after the request has run.
[[nodiscard]] inline Dataset make_dataset(const CsvTable& table, const ReadDatasetOptions& options = {}) {
  const std::size_t target = table.column_index(options.target);
  const auto rows = labelled_rows(table, options.target);
  if (rows.empty()) throw DataError({table.name()}, "no row with a label in " + options.target);
  const auto columns = options.feature_columns.empty() ? detail::default_features(table, options)
                                                       : detail::named_features(table, options);

  Dataset data;
  data.features.resize(static_cast<Index>(rows.size()), static_cast<Index>(columns.size()));
  for (const std::size_t column : columns) data.feature_names.push_back(table.header()[column]);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < columns.size(); ++j) {
      data.features(static_cast<Index>(i), static_cast<Index>(j)) = detail::feature_at(table, rows[i], columns[j]);
    }
  }
  for (const std::size_t row : rows) data.labels.push_back(detail::label_at(table, row, target));

  const ReadDatasetOptions defaults;
  if (const auto column = detail::optional_column(table, options.group_column, defaults.group_column)) {
    const auto mates = detail::optional_column(table, options.mate_group_column, defaults.mate_group_column);
    detail::read_groups(table, *column, mates, rows, data);
  }
  if (const auto column = detail::optional_column(table, options.run_column, defaults.run_column)) {
    data.runs = coded_column(table, *column, rows).codes;
  }
  if (const auto column = detail::optional_column(table, options.time_column, defaults.time_column)) {
    for (const std::size_t row : rows) data.times_ms.push_back(detail::time_at(table, row, *column));
  }
  data.validate();
  return data;
}

/// Reads a dataset from a CSV file. Throws FileError if it cannot be read, and as read_csv and make_dataset.
[[nodiscard]] inline Dataset read_dataset(const std::string& path, const ReadDatasetOptions& options = {}) {
  return make_dataset(read_csv(path), options);
}

}  // namespace switchyard
