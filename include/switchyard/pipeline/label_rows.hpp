#pragma once

#include "switchyard/cloud/label.hpp"
#include "switchyard/cloud/match.hpp"
#include "switchyard/core/parallel.hpp"
#include "switchyard/core/statistics.hpp"
#include "switchyard/pipeline/features.hpp"
#include "switchyard/pipeline/log_reader.hpp"
#include "switchyard/pipeline/prepared_data.hpp"
#include "switchyard/pipeline/runs.hpp"
#include "switchyard/pipeline/stratum.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace switchyard::detail {

/// What can be a counterpart: the logged requests, then those that left no row.
class Requests {
 public:
  Requests(const std::vector<Observation>& logged, std::vector<Observation> missing)
      : logged_(logged), missing_(std::move(missing)) {}

  [[nodiscard]] std::size_t size() const noexcept { return logged_.size() + missing_.size(); }
  [[nodiscard]] bool is_logged(std::size_t i) const noexcept { return i < logged_.size(); }
  [[nodiscard]] const Observation& operator[](std::size_t i) const noexcept {
    return is_logged(i) ? logged_[i] : missing_[i - logged_.size()];
  }
  [[nodiscard]] std::size_t missing() const noexcept { return missing_.size(); }

 private:
  const std::vector<Observation>& logged_;
  std::vector<Observation> missing_;
};

[[nodiscard]] inline std::vector<MatchKey> match_keys(const Requests& requests, const Catalogue& catalogue) {
  std::map<std::string, std::int64_t> pairs;
  std::vector<MatchKey> keys;
  keys.reserve(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const Observation& request = requests[i];
    const auto next_pair = static_cast<std::int64_t>(pairs.size());
    std::int64_t pair = -1;
    if (!request.pair_id.empty()) {  // which is unique within a run only
      pair = pairs.try_emplace(request.run + '\n' + request.pair_id, next_pair).first->second;
    }
    keys.push_back(
        {stratum_of(request.request, catalogue), request.platform, request.sent_at_ms, pair, requests.is_logged(i)});
  }
  return keys;
}

/// The other platform's median for each workload: [platform][workload].
using WorkloadMedians = std::array<std::vector<PlatformResult>, 2>;

[[nodiscard]] inline WorkloadMedians platform_medians(const Requests& requests, const Catalogue& catalogue,
                                                      const PreprocessOptions& options) {
  std::array<std::vector<std::pair<std::vector<double>, std::vector<double>>>, 2> samples;  // latencies and costs
  for (auto& of_platform : samples) of_platform.resize(catalogue.workloads.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const auto result = result_of(requests[i], catalogue, options.costs, options.latency);
    auto& [latencies, costs] =
        samples[static_cast<std::size_t>(requests[i].platform)][static_cast<std::size_t>(requests[i].request.workload)];
    latencies.push_back(result.latency_ms);
    costs.push_back(result.cost_usd);
  }
  WorkloadMedians medians;
  for (std::size_t platform = 0; platform < samples.size(); ++platform) {
    for (const auto& [latencies, costs] : samples[platform]) {
      medians[platform].push_back({median(latencies), median(costs), !latencies.empty()});
    }
  }
  return medians;
}

/// What a row is compared with.
struct Counterpart {
  PlatformResult result;
  std::int64_t pair_id = 0;                 // of the row
  std::int64_t mate_pair_id = 0;            // of the counterpart
  std::size_t mate = PreparedRow::no_mate;  // index of the counterpart if that is one request
};

/// Turns observations into rows, one rule for each way to find the other platform's result. Rows are large: which ones
/// there are is found first, then each is built where it belongs.
class RowBuilder {
 public:
  RowBuilder(const LogReader& logs, const Requests& requests, const PreprocessOptions& options, PreparedData& data,
             const RunIndex& runs)
      : logs_(logs), requests_(requests), options_(options), data_(data), runs_(runs) {}

  /// Observation i, from the first to the last, shall be a row.
  void add(std::size_t i, const Counterpart& counterpart) {
    const auto own = result(i);
    if (is_feasible(i) && !own.ok && !counterpart.result.ok) return drop(i, "both_failed");
    planned_.push_back({requests_[i].sent_at_ms, i, own, counterpart});
  }

  void drop(std::size_t i, const char* reason) { count_dropped(data_.dropped, reason, logs_.place_of(i)); }

  /// Builds the rows in order of send time; those of the same millisecond as they were added.
  void build(ThreadPool& pool) {
    std::sort(planned_.begin(), planned_.end(), [](const PlannedRow& a, const PlannedRow& b) {
      return a.sent_at_ms < b.sent_at_ms || (a.sent_at_ms == b.sent_at_ms && a.source < b.source);
    });
    data_.rows.resize(planned_.size());
    pool.for_each_index(planned_.size(), [&](std::size_t i) { build_row(planned_[i], data_.rows[i]); });
    planned_ = {};
  }

  [[nodiscard]] PlatformResult result(std::size_t i) const {
    return result_of(requests_[i], data_.catalogue, data_.options.costs, options_.latency);
  }

 private:
  struct PlannedRow {
    double sent_at_ms = 0;
    std::size_t source = 0;
    PlatformResult own;
    Counterpart counterpart;
  };

  [[nodiscard]] bool is_feasible(std::size_t i) const {
    return lambda_feasible(requests_[i].request.payload_kb, data_.catalogue);
  }

  void build_row(const PlannedRow& planned, PreparedRow& row) const {
    row.observation = requests_[planned.source];
    row.features = requirement_features(row.observation.request, data_.catalogue);
    const bool is_lambda = row.observation.platform == Platform::lambda;
    row.lambda = is_lambda ? planned.own : planned.counterpart.result;
    row.ecs = is_lambda ? planned.counterpart.result : planned.own;
    row.feasible = is_feasible(planned.source);
    if (row.feasible) row.labels = compare_platforms(row.lambda, row.ecs, options_.margin);
    row.run = runs_.run_of[planned.source];
    row.pair_id = planned.counterpart.pair_id;
    row.mate_pair_id = planned.counterpart.mate_pair_id;
    row.source = planned.source;
    row.mate = planned.counterpart.mate;
  }

  const LogReader& logs_;
  const Requests& requests_;
  const PreprocessOptions& options_;
  PreparedData& data_;
  const RunIndex& runs_;
  std::vector<PlannedRow> planned_;
};

/// How often each row's mate serves, and what the other way to choose a mate (`alternative`) would have found.
inline void describe_mates(const Matching& alternative, const RowBuilder& results, PreparedData& data,
                           ThreadPool& pool) {
  std::vector<std::int64_t> uses(alternative.mate.size());
  for (const PreparedRow& row : data.rows) {
    if (row.mate != PreparedRow::no_mate) ++uses[row.mate];
  }
  pool.for_each_index(data.rows.size(), [&](std::size_t i) {
    PreparedRow& row = data.rows[i];
    if (row.mate != PreparedRow::no_mate) row.mate_reuse = uses[row.mate];
    if (alternative.matched(row.source)) row.alternative = results.result(alternative.mate[row.source]);
  });
}

inline void label_by_matching(const Requests& requests, std::size_t logged, const PreprocessOptions& options,
                              PreparedData& data, RowBuilder& rows, ThreadPool& pool) {
  const auto keys = match_keys(requests, data.catalogue);
  const Mate other_mate = options.match.mate == Mate::nearest ? Mate::next : Mate::nearest;
  const std::array<MatchOptions, 2> ways = {options.match, {other_mate, options.match.max_gap_ms}};
  std::array<Matching, 2> found;
  pool.for_each_index(ways.size(), [&](std::size_t way) { found[way] = match(keys, ways[way]); });
  const auto& [matching, alternative] = found;
  for (std::size_t i = 0; i < logged; ++i) {
    const bool decided_by_rule = !lambda_feasible(requests[i].request.payload_kb, data.catalogue);
    const std::size_t mate = matching.mate[i];
    const std::int64_t pair = matching.component[i];
    if (matching.matched(i)) {
      rows.add(i, {rows.result(mate), pair, matching.component[mate], mate});
    } else if (decided_by_rule) {
      rows.add(i, {PlatformResult{}, pair, pair, PreparedRow::no_mate});
    } else {
      rows.drop(i, mate == Matching::too_far ? "no_counterpart_within_gap" : "no_counterpart");
    }
  }
  rows.build(pool);
  describe_mates(alternative, rows, data, pool);
}

inline void label_by_medians(const Requests& requests, std::size_t logged, PreparedData& data, RowBuilder& rows,
                             ThreadPool& pool) {
  const auto medians = platform_medians(requests, data.catalogue, data.options);
  for (std::size_t i = 0; i < logged; ++i) {
    const auto& counterpart = medians[static_cast<std::size_t>(other(requests[i].platform))]
                                     [static_cast<std::size_t>(requests[i].request.workload)];
    if (!counterpart.ok) {
      rows.drop(i, "no_counterpart");
    } else {
      const auto pair = static_cast<std::int64_t>(i);
      rows.add(i, {counterpart, pair, pair, PreparedRow::no_mate});
    }
  }
  rows.build(pool);
}

}  // namespace switchyard::detail
