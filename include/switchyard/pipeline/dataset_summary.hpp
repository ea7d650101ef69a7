#pragma once

#include "switchyard/data/group.hpp"
#include "switchyard/io/catalogue_json.hpp"
#include "switchyard/io/json_build.hpp"
#include "switchyard/io/live_state_json.hpp"
#include "switchyard/pipeline/coverage.hpp"
#include "switchyard/pipeline/design_lint.hpp"
#include "switchyard/pipeline/preprocess.hpp"
#include "switchyard/pipeline/survivorship.hpp"
#include "switchyard/pipeline/variance_check.hpp"
#include "switchyard/select/ceiling.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

/// What there is to say of a dataset before anything is learned from it.
struct DatasetSummary {
  std::int64_t labelled = 0;           // rows with a label
  std::int64_t infeasible = 0;         // rows decided by rule
  std::int64_t components = 0;         // connected components of the match graph
  std::int64_t largest_component = 0;  // rows
  Index contexts = 0;                  // distinct feature vectors
  ContextCeiling ceiling;              // the best accuracy any model can reach on these features
  VarianceCheck variance;
  Coverage coverage;                       // empty without an experiment
  std::vector<LabelChange> label_changes;  // what missing answers as time-outs change; empty if they are ignored
  std::vector<std::string> survivorship;   // what missing answers let conclude
  std::vector<std::string> warnings;
};

namespace detail {

inline void count_components(const PreparedData& data, DatasetSummary& summary) {
  std::map<std::int64_t, std::int64_t> sizes;
  for (const PreparedRow& row : data.rows) {
    if (row.feasible) ++sizes[row.pair_id];
  }
  summary.components = static_cast<std::int64_t>(sizes.size());
  for (const auto& [component, rows] : sizes) summary.largest_component = std::max(summary.largest_component, rows);
}

inline void measure_ceiling(const PreparedData& data, DatasetSummary& summary, int threads) {
  Matrix features(summary.labelled, static_cast<Index>(requirement_feature_names.size()));
  Labels labels;
  Index filled = 0;
  for (const PreparedRow& row : data.rows) {
    if (!row.feasible) continue;
    std::copy(row.features.begin(), row.features.end(), features.row(filled++).data());
    labels.push_back(row.labels.balanced_optimal ? 1 : 0);
  }
  const RowGroups contexts = distinct_rows(features);
  summary.contexts = contexts.count();
  summary.ceiling = context_ceiling(contexts.group, labels, {.threads = threads});
}

inline void warn_of_variance(const VarianceCheck& variance, std::vector<std::string>& warnings) {
  for (const auto& workload : variance.workloads) {
    if (workload.passes) continue;
    warnings.push_back("variance: " + workload.workload + " labels are too one-sided (mean " +
                       format_fixed(workload.mean, 3) + ", needs .2 to .8 and a standard deviation above .3); the " +
                       "requirements say stop and collect more variance");
  }
}

}  // namespace detail

/// Measures a prepared dataset. coverage: coverage_of(logs, experiment), or empty. label_changes:
/// compare_missing_rules(), or empty. threads: see CeilingOptions.
[[nodiscard]] inline DatasetSummary summarise(const PreparedData& data, Coverage coverage = {},
                                              std::vector<LabelChange> label_changes = {}, int threads = 1) {
  DatasetSummary summary;
  for (const PreparedRow& row : data.rows) ++(row.feasible ? summary.labelled : summary.infeasible);
  summary.variance = check_variance(data);
  summary.coverage = std::move(coverage);
  summary.label_changes = std::move(label_changes);
  summary.survivorship = survivorship_findings(summary.coverage, data.catalogue, summary.label_changes);
  if (summary.labelled > 0) {
    detail::count_components(data, summary);
    detail::measure_ceiling(data, summary, threads);
  }
  summary.warnings = lint_design(data);
  lint_coverage(summary.coverage, data.catalogue, summary.warnings);
  detail::warn_of_variance(summary.variance, summary.warnings);
  return summary;
}

namespace detail {

[[nodiscard]] inline nlohmann::json rates_to_json(const LabelTally& counts) {
  return json_object({{"n", counts.rows},
                      {"cost_optimal", counts.rate(counts.cost_optimal)},
                      {"latency_optimal", counts.rate(counts.latency_optimal)},
                      {"balanced_optimal", counts.rate(counts.balanced_optimal)}});
}

[[nodiscard]] inline nlohmann::json labels_to_json(const VarianceCheck& variance) {
  nlohmann::json labels =
      json_object({{"overall", rates_to_json(variance.overall)}, {"by_workload", nlohmann::json::object()}});
  for (const auto& workload : variance.workloads) {
    auto entry = rates_to_json(workload.counts);
    entry["balanced_optimal_rows"] = workload.counts.balanced_optimal;
    entry["standard_deviation"] = workload.standard_deviation;
    entry["variance_passes"] = workload.passes;
    labels["by_workload"][workload.workload] = std::move(entry);
  }
  return labels;
}

[[nodiscard]] inline nlohmann::json options_to_json(const PreprocessOptions& options) {
  const char* scope = options.costs.scope == CostScope::compute    ? "compute"
                      : options.costs.scope == CostScope::marginal ? "marginal"
                                                                   : "loaded";
  return json_object({{"label_rule", options.label_rule == LabelRule::matched ? "matched" : "platform-median"},
                      {"missing", options.missing == MissingRule::ignore ? "ignore" : "timeout"},
                      {"latency", options.latency == LatencySource::response ? "response" : "execution"},
                      {"mate", options.match.mate == Mate::nearest ? "nearest" : "next"},
                      {"margin", options.margin},
                      {"max_gap_s", options.match.max_gap_ms / 1000},
                      {"features", to_string(options.features)},
                      {"prices", options.costs.prices.id},
                      {"scope", scope},
                      {"round_billing", options.costs.round_billing},
                      {"ecs_fixed_usd_per_request", options.costs.ecs_fixed_usd_per_request}});
}

/// What a router that goes on from these logs knows.
[[nodiscard]] inline nlohmann::json live_state_or_null(const PreparedData& data) {
  if (data.options.features == FeatureSet::requirements) return nullptr;
  return live_state_to_json(data.live_state, data.catalogue);
}

[[nodiscard]] inline nlohmann::json coverage_to_json(const Coverage& coverage, const Catalogue& catalogue) {
  nlohmann::json cells = nlohmann::json::array();
  for (const CellCoverage& cell : coverage.cells) {
    if (cell.empty()) continue;
    cells.push_back(json_object({{"run", coverage.executions[cell.execution].name},
                                 {"workload", catalogue.name(cell.workload)},
                                 {"size_kb", cell.size_kb},
                                 {"platform", to_string(cell.platform)},
                                 {"seen", cell.seen},
                                 {"scheduled", cell.scheduled},
                                 {"missing", cell.missing()},
                                 {"refused", cell.refused}}));
  }
  return cells;
}

[[nodiscard]] inline nlohmann::json label_changes_to_json(const std::vector<LabelChange>& changes) {
  nlohmann::json by_workload = nlohmann::json::object();
  for (const LabelChange& change : changes) {
    by_workload[change.workload] = json_object({{"ignore", rates_to_json(change.ignore)},
                                                {"timeout", rates_to_json(change.timeout)},
                                                {"changed", change.changed},
                                                {"gained", change.gained},
                                                {"lost", change.lost}});
  }
  return by_workload;
}

}  // namespace detail

/// dataset.summary.json, with the keys of SPEC 3 and the options the labels came from.
[[nodiscard]] inline nlohmann::json summary_to_json(const PreparedData& data, const DatasetSummary& summary) {
  nlohmann::json dropped = nlohmann::json::object();
  nlohmann::json first_places = nlohmann::json::object();
  for (const auto& [reason, entry] : data.dropped) {
    dropped[reason] = entry.rows;
    first_places[reason] = to_string(entry.first);
  }
  return json_object({{"feature_columns", feature_columns(data.options.features)},
                      {"requests", data.requests},
                      {"rows", data.rows.size()},
                      {"labelled_rows", summary.labelled},
                      {"infeasible_rows", summary.infeasible},
                      {"dropped", dropped},
                      {"dropped_first", first_places},
                      {"labels", detail::labels_to_json(summary.variance)},
                      {"contexts", summary.contexts},
                      {"context_ceiling", summary.ceiling.plain},
                      {"context_ceiling_corrected", summary.ceiling.corrected},
                      {"components", summary.components},
                      {"largest_component", summary.largest_component},
                      {"variance_passes", summary.variance.passes()},
                      {"runs", data.runs},
                      {"catalogue", catalogue_to_json(data.catalogue)},
                      {"options", detail::options_to_json(data.options)},
                      {"coverage", detail::coverage_to_json(summary.coverage, data.catalogue)},
                      {"missing_answers", data.missing_answers},
                      {"label_changes", detail::label_changes_to_json(summary.label_changes)},
                      {"survivorship", summary.survivorship},
                      {"live_state", detail::live_state_or_null(data)},
                      {"warnings", summary.warnings}});
}

}  // namespace switchyard
