#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/cost.hpp"
#include "switchyard/cloud/label.hpp"
#include "switchyard/cloud/match.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/core/statistics.hpp"
#include "switchyard/pipeline/features.hpp"
#include "switchyard/pipeline/log_reader.hpp"
#include "switchyard/pipeline/runs.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

enum class LabelRule : std::uint8_t {
  matched,          // against the other platform's request nearest in send time, within the stratum
  platform_median,  // the original's: own value against the other platform's median for the whole workload
};

struct PreprocessOptions {
  LabelRule label_rule = LabelRule::matched;
  LatencySource latency = LatencySource::response;
  double margin = 0;  // [0, 1): Lambda must beat (1 - margin) x ECS
  MatchOptions match;
  CostModel costs;  // its ecs_fixed_usd_per_request is computed here for scope `loaded`
};

/// One row of the dataset: a request, what its choice would have cost on both platforms, and the verdict.
struct PreparedRow {
  Observation observation;
  RequirementFeatures features{};
  PlatformResult lambda;
  PlatformResult ecs;
  PlatformLabels labels;     // meaningful only if `feasible`
  std::size_t run = 0;       // index into PreparedData::runs
  std::int64_t pair_id = 0;  // connected component of the match graph: no split may separate it
  bool feasible = true;      // false: Lambda cannot take the body; decided by rule, never trained on
};

/// What preprocessing hands on. Rows are in order of send time.
struct PreparedData {
  Catalogue catalogue;
  PreprocessOptions options;
  std::vector<PreparedRow> rows;
  std::vector<std::string> runs;
  DroppedRows dropped;
  std::int64_t requests = 0;  // log rows read
};

namespace detail {

/// Sizes outside the catalogue differ a little between platforms (JSON quotes); three digits make one stratum of them.
/// Returns digits and decimal exponent in one number, small whatever the size; 0 for none.
[[nodiscard]] inline std::int64_t size_key(double payload_kb) noexcept {
  constexpr double least_kb = 1e-6;
  if (!(payload_kb >= least_kb)) return 0;
  auto exponent = static_cast<std::int64_t>(std::floor(std::log10(payload_kb)));
  std::int64_t digits = std::llround(payload_kb / std::pow(10.0, static_cast<double>(exponent - 2)));
  if (digits == 1000) {
    digits = 100;
    ++exponent;
  }
  return (exponent + 7) * 1000 + digits;
}

[[nodiscard]] inline std::int64_t stratum_of(const Request& request, const Catalogue& catalogue) noexcept {
  constexpr std::int64_t codes = 256;
  const auto window = static_cast<std::int64_t>(window_of(request, catalogue).value_or(TimeWindow{255}));
  const auto pattern = static_cast<std::int64_t>(request.load_pattern.value_or(LoadPattern{255}));
  return ((size_key(request.payload_kb) * codes + static_cast<std::int64_t>(request.workload)) * codes + window) *
             codes +
         pattern;
}

[[nodiscard]] inline std::vector<MatchKey> match_keys(const std::vector<Observation>& observations,
                                                      const Catalogue& catalogue) {
  std::map<std::string, std::int64_t> pairs;
  std::vector<MatchKey> keys;
  keys.reserve(observations.size());
  for (const Observation& observation : observations) {
    const auto next_pair = static_cast<std::int64_t>(pairs.size());
    const std::string pair_name = observation.run + '\n' + observation.pair_id;  // unique within a run only
    const std::int64_t pair = observation.pair_id.empty() ? -1 : pairs.try_emplace(pair_name, next_pair).first->second;
    keys.push_back({stratum_of(observation.request, catalogue), observation.platform, observation.sent_at_ms, pair});
  }
  return keys;
}

/// ECS's fixed money per request over the measured time: the runs' spans, one after the other.
[[nodiscard]] inline double fixed_share_usd(const std::vector<Observation>& observations, const RunIndex& runs,
                                            const Catalogue& catalogue, CostModel costs) {
  costs.scope = CostScope::compute;
  double charged_usd = 0;
  double requests = 0;
  for (const Observation& observation : observations) {
    if (observation.platform != Platform::ecs) continue;
    charged_usd += cost_usd(observation, catalogue, costs);
    requests += 1;
  }
  double hours = 0;
  for (const auto& span : runs.spans) hours += (span.last_ms - span.first_ms) / ms_per_hour;
  return requests > 0 ? ecs_fixed_usd_per_request(catalogue, costs.prices, hours, charged_usd, requests) : 0;
}

/// The other platform's median for each workload: [platform][workload].
using WorkloadMedians = std::array<std::vector<PlatformResult>, 2>;

[[nodiscard]] inline WorkloadMedians platform_medians(const std::vector<Observation>& observations,
                                                      const Catalogue& catalogue, const PreprocessOptions& options) {
  WorkloadMedians medians;
  for (const auto platform : {Platform::ecs, Platform::lambda}) {
    auto& of_platform = medians[static_cast<std::size_t>(platform)];
    for (std::size_t workload = 0; workload < catalogue.workloads.size(); ++workload) {
      std::vector<double> latencies;
      std::vector<double> costs;
      for (const Observation& observation : observations) {
        if (observation.platform != platform || static_cast<std::size_t>(observation.request.workload) != workload)
          continue;
        const auto result = result_of(observation, catalogue, options.costs, options.latency);
        latencies.push_back(result.latency_ms);
        costs.push_back(result.cost_usd);
      }
      of_platform.push_back({median(latencies), median(costs), !latencies.empty()});
    }
  }
  return medians;
}

/// Turns observations into rows, one rule for each way to find the other platform's result.
class RowBuilder {
 public:
  RowBuilder(const LogReader& logs, const PreprocessOptions& options, PreparedData& data, const RunIndex& runs)
      : logs_(logs), options_(options), data_(data), runs_(runs) {}

  void add(std::size_t i, const PlatformResult& counterpart, std::int64_t pair_id) {
    const Observation& observation = logs_.observations()[i];
    const auto own = result_of(observation, data_.catalogue, data_.options.costs, options_.latency);
    const bool feasible = lambda_feasible(observation.request.payload_kb, data_.catalogue);
    if (feasible && !own.ok && !counterpart.ok) return drop(i, "both_failed");
    PreparedRow row;
    row.observation = observation;
    row.features = requirement_features(observation.request, data_.catalogue);
    const bool is_lambda = observation.platform == Platform::lambda;
    row.lambda = is_lambda ? own : counterpart;
    row.ecs = is_lambda ? counterpart : own;
    row.feasible = feasible;
    if (feasible) row.labels = compare_platforms(row.lambda, row.ecs, options_.margin);
    row.run = runs_.run_of[i];
    row.pair_id = pair_id;
    data_.rows.push_back(std::move(row));
  }

  void drop(std::size_t i, const char* reason) { count_dropped(data_.dropped, reason, logs_.place_of(i)); }

 private:
  const LogReader& logs_;
  const PreprocessOptions& options_;
  PreparedData& data_;
  const RunIndex& runs_;
};

inline void label_by_matching(const LogReader& logs, const PreprocessOptions& options, PreparedData& data,
                              RowBuilder& rows) {
  const auto& observations = logs.observations();
  const Matching matching = match(match_keys(observations, data.catalogue), options.match);
  for (std::size_t i = 0; i < observations.size(); ++i) {
    const bool decided_by_rule = !lambda_feasible(observations[i].request.payload_kb, data.catalogue);
    if (matching.matched(i)) {
      rows.add(i, result_of(observations[matching.mate[i]], data.catalogue, data.options.costs, options.latency),
               matching.component[i]);
    } else if (decided_by_rule) {
      rows.add(i, PlatformResult{}, matching.component[i]);
    } else {
      rows.drop(i, matching.mate[i] == Matching::too_far ? "no_counterpart_within_gap" : "no_counterpart");
    }
  }
}

inline void label_by_medians(const LogReader& logs, PreparedData& data, RowBuilder& rows) {
  const auto medians = platform_medians(logs.observations(), data.catalogue, data.options);
  for (std::size_t i = 0; i < logs.observations().size(); ++i) {
    const Observation& observation = logs.observations()[i];
    const auto& counterpart = medians[static_cast<std::size_t>(other(observation.platform))]
                                     [static_cast<std::size_t>(observation.request.workload)];
    if (!counterpart.ok) {
      rows.drop(i, "no_counterpart");
    } else {
      rows.add(i, counterpart, static_cast<std::int64_t>(i));
    }
  }
}

}  // namespace detail

/// Labels what the logs hold: requirements 4.2 with SPEC 3's rules. Throws InvalidArgument for options out of range.
[[nodiscard]] inline PreparedData preprocess(const LogReader& logs, const PreprocessOptions& options = {}) {
  if (!(options.margin >= 0 && options.margin < 1)) {
    throw InvalidArgument::out_of_range("margin", std::to_string(options.margin), "a number in [0, 1)");
  }
  if (!(options.match.max_gap_ms >= 0)) {
    throw InvalidArgument::out_of_range("max_gap", std::to_string(options.match.max_gap_ms / 1000), "seconds >= 0");
  }
  PreparedData data{logs.catalogue(), options, {}, {}, logs.dropped(), logs.rows_read()};
  const RunIndex runs = index_runs(logs.observations(), data.catalogue);
  data.runs = runs.names;
  if (options.costs.scope == CostScope::loaded) {
    data.options.costs.ecs_fixed_usd_per_request =
        detail::fixed_share_usd(logs.observations(), runs, data.catalogue, options.costs);
  }
  detail::RowBuilder rows(logs, options, data, runs);
  if (options.label_rule == LabelRule::matched) {
    detail::label_by_matching(logs, options, data, rows);
  } else {
    detail::label_by_medians(logs, data, rows);
  }
  std::stable_sort(data.rows.begin(), data.rows.end(), [](const PreparedRow& a, const PreparedRow& b) {
    return a.observation.sent_at_ms < b.observation.sent_at_ms;
  });
  return data;
}

}  // namespace switchyard
