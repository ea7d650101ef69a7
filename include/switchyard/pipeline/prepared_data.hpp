#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/cost.hpp"
#include "switchyard/cloud/label.hpp"
#include "switchyard/cloud/live_state.hpp"
#include "switchyard/cloud/live_state_record.hpp"
#include "switchyard/cloud/match.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/pipeline/features.hpp"
#include "switchyard/pipeline/live_features.hpp"
#include "switchyard/pipeline/log_reader.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

enum class LabelRule : std::uint8_t {
  matched,          // against the other platform's request nearest in send time, within the stratum
  platform_median,  // the original's: own value against the other platform's median for the whole workload
};

/// What a request counts as that was scheduled and left no row.
enum class MissingRule : std::uint8_t {
  ignore,   // as nothing: labels compare survivors
  timeout,  // as a time-out at the client's limit, which may be a row's counterpart but is no row; needs the plan
};

/// Which feature columns a dataset has.
enum class FeatureSet : std::uint8_t {
  requirements,  // the requirements' 14: known from the request alone
  live,          // the platforms' state when the request was sent, and which request it is: workload and size
  all,           // both
};

[[nodiscard]] constexpr std::string_view to_string(FeatureSet features) noexcept {
  switch (features) {
    case FeatureSet::requirements: return "requirements";
    case FeatureSet::live: return "live";
    case FeatureSet::all: return "all";
  }
  return "requirements";
}

/// The columns of a set, in order.
[[nodiscard]] inline std::vector<std::string> feature_columns(FeatureSet features) {
  std::vector<std::string> columns;
  for (const auto name : requirement_feature_names) {
    const bool names_request = name == "workload_type_encoded" || name == "payload_size_kb";
    if (features != FeatureSet::live || names_request) columns.emplace_back(name);
  }
  if (features == FeatureSet::requirements) return columns;
  columns.insert(columns.end(), live_feature_names.begin(), live_feature_names.end());
  return columns;
}

struct PreprocessOptions {
  LabelRule label_rule = LabelRule::matched;
  MissingRule missing = MissingRule::ignore;
  LatencySource latency = LatencySource::response;
  double margin = 0;  // [0, 1): Lambda must beat (1 - margin) x ECS
  MatchOptions match;
  FeatureSet features = FeatureSet::requirements;
  LiveStateOptions live;  // how live state forgets
  CostModel costs;        // its ecs_fixed_usd_per_request is computed here for scope `loaded`
};

/// One row of the dataset: a request, what its choice would have cost on both platforms, and the verdict.
struct PreparedRow {
  Observation observation;
  RequirementFeatures features{};
  PlatformResult lambda;
  PlatformResult ecs;
  PlatformLabels labels;          // meaningful only if `feasible`
  std::size_t run = 0;            // index into PreparedData::runs
  std::int64_t pair_id = 0;       // connected component of the match graph: no split may separate it
  std::int64_t mate_pair_id = 0;  // the mate's; another one where a chain of next mates was cut in stretches of time
  bool feasible = true;           // false: Lambda cannot take the body; decided by rule, never trained on

  // For evaluation only: known after the experiment, never when a request is routed.
  static constexpr std::size_t no_mate = static_cast<std::size_t>(-1);
  std::size_t source = 0;           // index into LogReader::observations()
  std::size_t mate = no_mate;       // the same, of the counterpart; beyond their end: a missing answer's
  std::int64_t mate_reuse = 1;      // rows with this mate; 1 without a mate of its own
  double scheduled_weight = 1;      // scheduled/labelled of the row's cell (run, workload, size), mean 1
  std::array<double, 2> missing{};  // [platform]; share of the cell's scheduled requests that left no row, in [0, 1]
  std::optional<PlatformResult> alternative{};  // the mate's under the other Mate; nothing if there is none
};

/// What preprocessing hands on. Rows are in order of send time.
struct PreparedData {
  Catalogue catalogue;
  PreprocessOptions options;
  std::vector<PreparedRow> rows;
  std::vector<LiveFeatures> live = {};  // [rows]; what a router would have known; empty if not asked for
  std::vector<std::string> runs;
  DroppedRows dropped;
  std::int64_t requests = 0;         // log rows read
  LiveStateRecord live_state = {};   // as of the last answer; meaningful if live features were asked for
  std::int64_t missing_answers = 0;  // requests that count as time-outs without a row
};

}  // namespace switchyard
