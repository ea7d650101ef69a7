#pragma once

#include "switchyard/cloud/cost.hpp"
#include "switchyard/cloud/live_state.hpp"
#include "switchyard/cloud/live_state_record.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/core/parallel.hpp"
#include "switchyard/pipeline/coverage.hpp"
#include "switchyard/pipeline/label_rows.hpp"
#include "switchyard/pipeline/log_reader.hpp"
#include "switchyard/pipeline/missing_answers.hpp"
#include "switchyard/pipeline/prepared_data.hpp"
#include "switchyard/pipeline/replay.hpp"
#include "switchyard/pipeline/runs.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <numeric>
#include <string>
#include <vector>

namespace switchyard {

namespace detail {

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

/// Weights that turn the labelled rows of each cell into what was scheduled of it, and what is missing of it. A row
/// outside the plan stands for itself.
inline void describe_cells(const Coverage& coverage, PreparedData& data) {
  if (!coverage.given()) return;
  std::map<const CellCoverage*, double> labelled;  // rows of both platforms, by the cell of the first
  double all = 0;
  const auto first_of = [&](std::size_t cell) { return coverage.platforms_of(cell)[0]; };
  for (const PreparedRow& row : data.rows) {
    if (!row.feasible) continue;
    all += 1;
    const std::size_t cell = coverage.cell_of[row.source];
    if (cell != Coverage::no_cell) labelled[first_of(cell)] += 1;
  }
  std::vector<double> weights(coverage.cell_of.size());  // [observations]; 0 without a row
  for (PreparedRow& row : data.rows) {
    const std::size_t cell = coverage.cell_of[row.source];
    if (cell != Coverage::no_cell) {
      const auto platforms = coverage.platforms_of(cell);
      const double rows = std::max(1.0, labelled[first_of(cell)]);
      row.scheduled_weight = (platforms[0]->scheduled + platforms[1]->scheduled) / rows;
      row.missing = {platforms[0]->missing_share(), platforms[1]->missing_share()};
    }
    if (row.feasible) weights[row.source] = row.scheduled_weight;
  }
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);  // in the order of the log
  for (PreparedRow& row : data.rows) row.scheduled_weight = sum > 0 ? row.scheduled_weight * all / sum : 1;
}

/// What a router that saw every logged answer would have known before each row's request.
inline void add_live_features(const std::vector<Observation>& observations, PreparedData& data) {
  LiveState state(data.catalogue, data.options.live);
  const auto features = replay_features(logged_requests(observations), state);
  data.live.reserve(data.rows.size());
  for (const PreparedRow& row : data.rows) data.live.push_back(features[row.source]);
  data.live_state = live_state_record(state);
}

inline void check_options(const PreprocessOptions& options, const LogReader& logs, const Coverage& coverage) {
  if (!(options.margin >= 0 && options.margin < 1)) {
    throw InvalidArgument::out_of_range("margin", std::to_string(options.margin), "a number in [0, 1)");
  }
  if (!(options.match.max_gap_ms >= 0)) {
    throw InvalidArgument::out_of_range("max_gap", std::to_string(options.match.max_gap_ms / 1000), "seconds >= 0");
  }
  if (coverage.given() && coverage.cell_of.size() != logs.observations().size()) {
    throw InvalidArgument::wrong_size("coverage.cell_of", coverage.cell_of.size(), logs.observations().size());
  }
  if (options.missing == MissingRule::timeout && !logs.observations().empty() && coverage.executions.empty()) {
    throw InvalidArgument(coverage.given()
                              ? "no run of the experiment is in the logs, so that it cannot say what is missing there"
                              : "missing answers count as time-outs only with the experiment that was scheduled");
  }
}

}  // namespace detail

/// Labels what the logs hold: requirements 4.2 with SPEC 3's rules. coverage: coverage_of(logs, experiment), or nothing
/// where the plan is not known. threads: as everywhere they change no result; <= 0: one per hardware thread. Throws
/// InvalidArgument for options out of range.
[[nodiscard]] inline PreparedData preprocess(const LogReader& logs, const PreprocessOptions& options = {},
                                             const Coverage& coverage = {}, int threads = 1) {
  detail::check_options(options, logs, coverage);
  ThreadPool pool(threads);
  PreparedData data{logs.catalogue(), options, {}, {}, {}, logs.dropped(), logs.rows_read()};
  const RunIndex runs = index_runs(logs.observations(), data.catalogue);
  data.runs = runs.names;
  if (options.costs.scope == CostScope::loaded) {
    data.options.costs.ecs_fixed_usd_per_request =
        detail::fixed_share_usd(logs.observations(), runs, data.catalogue, options.costs);
  }
  const bool add_missing = options.missing == MissingRule::timeout;
  const std::size_t logged = logs.observations().size();
  const detail::Requests requests(logs.observations(),
                                  add_missing ? missing_answers(logs, coverage) : std::vector<Observation>{});
  data.missing_answers = static_cast<std::int64_t>(requests.missing());
  detail::RowBuilder rows(logs, requests, options, data, runs);
  if (options.label_rule == LabelRule::matched) {
    detail::label_by_matching(requests, logged, options, data, rows, pool);
  } else {
    detail::label_by_medians(requests, logged, data, rows, pool);
  }
  detail::describe_cells(coverage, data);
  if (options.features != FeatureSet::requirements) detail::add_live_features(logs.observations(), data);
  return data;
}

}  // namespace switchyard
