#pragma once

#include "switchyard/cloud/label.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/core/statistics.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/data/group.hpp"
#include "switchyard/metric/classification.hpp"
#include "switchyard/metric/time_block.hpp"
#include "switchyard/pipeline/routing_objective.hpp"
#include "switchyard/pipeline/training_data.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace switchyard {

/// What a platform did with requests like the row's: the answer that was measured, and how many never came.
struct PlatformOutcome {
  PlatformResult answered;
  double missing = 0;     // in [0, 1]; share of requests that took timeout_ms and failed
  double timeout_ms = 0;  // read only if some are missing

  [[nodiscard]] double expected_latency_ms() const noexcept {
    return missing > 0 ? (1 - missing) * answered.latency_ms + missing * timeout_ms : answered.latency_ms;
  }
  [[nodiscard]] double failure_share() const noexcept { return missing + (1 - missing) * (answered.ok ? 0 : 1); }

  /// Of answers alone: what an unanswered request was billed is nowhere logged.
  [[nodiscard]] double cost_usd() const noexcept { return answered.cost_usd; }
};

/// A row of which it is known what both platforms did: its own request on one, its mate on the other.
struct MatchedPair {
  PlatformOutcome lambda;
  PlatformOutcome ecs;
  double weight = 1;         // >= 0; mean 1 over the pairs
  std::int64_t block = 0;    // rows drawn together by the bootstrap
  std::int64_t context = 0;  // rows alike in what is known of a request, for the best fixed choice per context
  std::int64_t run = 0;      // index into TrainingData::run_names
  std::size_t position = 0;  // in the rows that were asked for
  std::uint8_t label = 0;    // 1 = Lambda is right
  std::optional<Platform> logged = {};  // where the row's own request ran; absent = the data do not say

  [[nodiscard]] const PlatformOutcome& outcome(bool lambda_chosen) const noexcept {
    return lambda_chosen ? lambda : ecs;
  }
};

/// Which requests a mean is over.
enum class PairWeighting : std::uint8_t {
  rows,       // those that were answered and logged
  scheduled,  // those that were scheduled: each row by scheduled / seen of its cell, so that cells whose answers were
              // lost count as much as they were sent
  once_per_mate,  // by one over how many rows share the mate: each measured counterpart counts once
};

/// What became of requests without an answer. For datasets whose labels ignore them: where a time-out may already be a
/// row's mate, `timeout` would count it twice.
enum class MissingBound : std::uint8_t {
  mean,     // they would have done as the answered did: the favourable bound
  timeout,  // they took the client's time-out and failed: the unfavourable bound
};

/// Whose mates give the other platform's outcome.
enum class MateSource : std::uint8_t {
  dataset,      // the rule that labelled the dataset
  alternative,  // the other rule: TrainingData::alternative_mate; labels are made anew, without margin
};

struct PairOptions {
  PairWeighting weighting = PairWeighting::rows;
  MissingBound missing = MissingBound::mean;
  MateSource mates = MateSource::dataset;
  double timeout_ms = 10'000;                               // > 0; the catalogue's
  RoutingObjective objective = RoutingObjective::balanced;  // of labels made anew for alternative mates
  TimeBlockOptions blocks = {};
  std::span<const std::int64_t> contexts = {};  // [samples of the data]; empty = request_contexts()
};

/// Rows alike in every feature known without looking at the platforms: all but the live_* columns. [samples]
[[nodiscard]] inline std::vector<std::int64_t> request_contexts(const Dataset& data) {
  std::vector<Index> columns;
  for (std::size_t i = 0; i < data.feature_names.size(); ++i) {
    if (!data.feature_names[i].starts_with("live_")) columns.push_back(static_cast<Index>(i));
  }
  Matrix known(data.rows(), static_cast<Index>(columns.size()));
  for (std::size_t i = 0; i < columns.size(); ++i) known.col(static_cast<Index>(i)) = data.features.col(columns[i]);
  const auto distinct = distinct_rows(known);
  return {distinct.group.begin(), distinct.group.end()};
}

namespace detail {

[[nodiscard]] inline bool is_known(const PlatformResult& result) noexcept {
  return std::isfinite(result.latency_ms) && std::isfinite(result.cost_usd);
}

inline void require_pair_columns(const TrainingData& data, const PairOptions& options) {
  const auto samples = static_cast<std::size_t>(data.data.rows());
  const auto missing_column = [](const char* name) {
    return InvalidArgument(std::string("the dataset has no column ") + name);
  };
  require_same_size("observed outcomes", data.lambda.size(), samples);
  require_same_size("observed outcomes", data.ecs.size(), samples);
  if (!options.contexts.empty()) require_same_size("contexts", options.contexts.size(), samples);
  if (!(options.timeout_ms > 0) || !std::isfinite(options.timeout_ms)) {
    throw InvalidArgument::out_of_range("timeout_ms", format_number(options.timeout_ms), "a positive number");
  }
  const bool by_mate = options.weighting == PairWeighting::once_per_mate;
  if (options.weighting == PairWeighting::scheduled && data.scheduled_weight.empty()) {
    throw missing_column("scheduled_weight");
  }
  if (by_mate && data.mate_reuse.empty()) throw missing_column("mate_reuse");
  if (options.missing == MissingBound::timeout && (data.missing_lambda.empty() || data.missing_ecs.empty())) {
    throw missing_column("missing_lambda or missing_ecs");
  }
  if (options.mates == MateSource::alternative && (data.alternative_mate.empty() || data.platforms.empty())) {
    throw missing_column("alternative_mate_latency_ms or platform");
  }
}

[[nodiscard]] inline double pair_weight(const TrainingData& data, std::size_t row, PairWeighting weighting) noexcept {
  switch (weighting) {
    case PairWeighting::rows: return 1;
    case PairWeighting::scheduled: return data.scheduled_weight[row];
    case PairWeighting::once_per_mate: return 1 / std::max(1.0, data.mate_reuse[row]);
  }
  return 1;
}

/// Everything about a row but its weight, block and context.
[[nodiscard]] inline MatchedPair pair_at(const TrainingData& data, std::size_t row, const PairOptions& options) {
  MatchedPair pair;
  pair.lambda.answered = data.lambda[row];
  pair.ecs.answered = data.ecs[row];
  pair.label = data.data.labels[row];
  pair.run = data.data.runs.empty() ? 0 : data.data.runs[row];
  if (!data.platforms.empty()) pair.logged = data.platforms[row];
  if (options.mates == MateSource::alternative) {
    (pair.logged == Platform::lambda ? pair.ecs : pair.lambda).answered = data.alternative_mate[row];
    pair.label = label_of(compare_platforms(pair.lambda.answered, pair.ecs.answered), options.objective) ? 1 : 0;
  }
  if (options.missing == MissingBound::timeout) {
    pair.lambda.missing = data.missing_lambda[row];
    pair.ecs.missing = data.missing_ecs[row];
    pair.lambda.timeout_ms = pair.ecs.timeout_ms = options.timeout_ms;
  }
  return pair;
}

/// Whether both outcomes are known. Two failures cannot be labelled anew, as in preprocessing.
[[nodiscard]] inline bool has_value(const MatchedPair& pair, MateSource mates) noexcept {
  const bool has_label = mates == MateSource::dataset || pair.lambda.answered.ok || pair.ecs.answered.ok;
  return is_known(pair.lambda.answered) && is_known(pair.ecs.answered) && has_label;
}

inline void scale_to_mean_one(std::vector<MatchedPair>& pairs) {
  CompensatedSum total;
  for (const auto& pair : pairs) total.add(pair.weight);
  if (!(total.value() > 0)) return;
  const double scale = static_cast<double>(pairs.size()) / total.value();
  for (auto& pair : pairs) pair.weight *= scale;
}

}  // namespace detail

/// The pairs among some rows of the data (`rows`: sample numbers, in any order); rows without both outcomes are left
/// out. Throws InvalidArgument if the data lack a column an option asks for, and for options out of range.
[[nodiscard]] inline std::vector<MatchedPair> matched_pairs(const TrainingData& data, std::span<const Index> rows,
                                                            const PairOptions& options = {}) {
  detail::require_pair_columns(data, options);
  const auto own_contexts = options.contexts.empty() ? request_contexts(data.data) : std::vector<std::int64_t>{};
  const auto contexts = options.contexts.empty() ? std::span<const std::int64_t>(own_contexts) : options.contexts;
  std::vector<Index> kept;
  std::vector<MatchedPair> pairs;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = static_cast<std::size_t>(rows[i]);
    MatchedPair pair = detail::pair_at(data, row, options);
    if (!detail::has_value(pair, options.mates)) continue;
    pair.position = i;
    pair.context = contexts[row];
    pair.weight = detail::pair_weight(data, row, options.weighting);
    pairs.push_back(pair);
    kept.push_back(rows[i]);
  }
  const auto times_ms = detail::select_rows(data.data.times_ms, kept);
  const auto runs = detail::select_rows(data.data.runs, kept);
  const auto groups = detail::select_rows(data.data.groups, kept);
  const auto blocks = time_blocks({times_ms, runs, groups}, pairs.size(), options.blocks);
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i].block = blocks[i];
  detail::scale_to_mean_one(pairs);
  return pairs;
}

/// The block of each pair. [pairs]
[[nodiscard]] inline std::vector<std::int64_t> blocks_of(std::span<const MatchedPair> pairs) {
  std::vector<std::int64_t> blocks;
  blocks.reserve(pairs.size());
  for (const auto& pair : pairs) blocks.push_back(pair.block);
  return blocks;
}

}  // namespace switchyard
