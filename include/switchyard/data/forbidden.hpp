#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace switchyard {

/// A column that must never be a feature, because it is only known after the request has run.
struct ForbiddenColumn {
  std::string_view name;
  std::string_view reason;
};

/// Outcomes of the measurement itself. A table that has the first six as numbers and does not say which columns to
/// learn from is refused outright; the others are merely never picked.
inline constexpr std::array forbidden_feature_columns{
    ForbiddenColumn{"lambda_latency_ms", "it reveals the answer"},
    ForbiddenColumn{"lambda_cost_usd", "it reveals the answer"},
    ForbiddenColumn{"ecs_latency_ms", "it reveals the answer"},
    ForbiddenColumn{"ecs_cost_usd", "it reveals the answer"},
    ForbiddenColumn{"lambda_cold_start", "it is only known after the request has run"},
    ForbiddenColumn{"lambda_memory_mb", "it is actual usage; only the limit is known beforehand"},
    ForbiddenColumn{"response_time_ms", "it is measured after the request was sent"},
    ForbiddenColumn{"execution_time_ms", "it is measured after the request was sent"},
    ForbiddenColumn{"memory_used_mb", "it is measured after the request was sent"},
    ForbiddenColumn{"http_status", "it is measured after the request was sent"},
    ForbiddenColumn{"cold_start", "it is only known after the request has run"},
    ForbiddenColumn{"cpu_percent", "it is measured after the request was sent"},
    ForbiddenColumn{"cost_optimal", "it is a label"},
    ForbiddenColumn{"latency_optimal", "it is a label"},
    ForbiddenColumn{"balanced_optimal", "it is a label"},
    ForbiddenColumn{"mate_pair_id", "it says how the label came about"},
    ForbiddenColumn{"mate_reuse", "it says how the label came about"},
    ForbiddenColumn{"scheduled_weight", "it is only known after the experiment"},
    ForbiddenColumn{"missing_lambda", "it is only known after the experiment"},
    ForbiddenColumn{"missing_ecs", "it is only known after the experiment"},
    ForbiddenColumn{"alternative_mate_latency_ms", "it is a measurement, for evaluation only"},
    ForbiddenColumn{"alternative_mate_cost_usd", "it is a measurement, for evaluation only"},
    ForbiddenColumn{"alternative_mate_ok", "it is a measurement, for evaluation only"},
};

/// How many of the above refuse a table by their mere presence.
inline constexpr std::size_t refused_column_count = 6;

/// Columns whose name begins so hold measurements.
inline constexpr std::string_view observed_prefix = "observed_";

/// Labels and metadata of prepared tables, in their order there: no features unless asked for by name.
inline constexpr std::array<std::string_view, 14> metadata_columns{
    "cost_optimal", "latency_optimal", "balanced_optimal", "request_id", "workload_type", "time_window", "load_pattern",
    "platform",     "timestamp",       "sent_at",          "done_at",    "run",           "pair_id",     "feasible"};

/// Why a column of this name may not be a feature; nothing if it may.
[[nodiscard]] constexpr std::optional<std::string_view> forbidden_reason(std::string_view column) noexcept {
  for (const auto& forbidden : forbidden_feature_columns) {
    if (forbidden.name == column) return forbidden.reason;
  }
  if (column.starts_with(observed_prefix)) return "it is a measurement, for evaluation only";
  return std::nullopt;
}

/// Whether a table with this column is refused unless the columns to learn from are named.
[[nodiscard]] constexpr bool refuses_table(std::string_view column) noexcept {
  for (std::size_t i = 0; i < refused_column_count; ++i) {
    if (forbidden_feature_columns[i].name == column) return true;
  }
  return false;
}

[[nodiscard]] constexpr bool is_metadata_column(std::string_view column) noexcept {
  for (const auto name : metadata_columns) {
    if (name == column) return true;
  }
  return false;
}

}  // namespace switchyard
