#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/live_state.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/engine/compiled_classifier.hpp"
#include "switchyard/model/any_classifier.hpp"
#include "switchyard/pipeline/live_features.hpp"
#include "switchyard/pipeline/replay.hpp"
#include "switchyard/pipeline/training_data.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

/// Whether the table says enough of its rows to replay them: when and where each was sent, what it was, how it fared.
[[nodiscard]] inline bool can_replay(const TrainingData& data) {
  return data.has_outcomes() && !data.platforms.empty() && !data.data.times_ms.empty() &&
         find_feature(data.data.feature_names, "workload_type_encoded") &&
         find_feature(data.data.feature_names, "payload_size_kb");
}

/// The rows' own requests as a log. Requests that made no row are missing from it, so features differ a little from
/// those preprocess computed. Throws InvalidArgument unless can_replay(data).
[[nodiscard]] inline std::vector<LoggedRequest> logged_requests(const TrainingData& data) {
  if (!can_replay(data)) {
    throw InvalidArgument("replaying a dataset needs platform, sent_at, observed outcomes, workload and payload");
  }
  const Dataset& rows = data.data;
  const Index workload = *find_feature(rows.feature_names, "workload_type_encoded");
  const Index payload = *find_feature(rows.feature_names, "payload_size_kb");
  std::vector<LoggedRequest> requests;
  requests.reserve(data.platforms.size());
  for (Index i = 0; i < rows.rows(); ++i) {
    const auto row = static_cast<std::size_t>(i);
    const Platform platform = data.platforms[row];
    const PlatformResult& own = platform == Platform::lambda ? data.lambda[row] : data.ecs[row];
    const double code = rows.features(i, workload);
    const auto sent_ms = static_cast<double>(rows.times_ms[row]);
    LoggedRequest request;
    request.sent = {platform, code >= 0 && code < 255 ? static_cast<Workload>(code) : Workload{255},
                    rows.features(i, payload), sent_ms, static_cast<std::uint64_t>(row) + 1};
    request.done_ms = sent_ms + own.latency_ms;
    request.outcome = own.ok ? Outcome::ok : Outcome::timeout;
    requests.push_back(request);
  }
  return requests;
}

/// The rows that a model routes, and the model: one per fold.
struct RoutedRows {
  AnyClassifier model;
  std::vector<Index> rows;  // of the dataset
};

struct ClosedLoopOptions {
  double exploration = 0.02;  // [0, 1]; share of requests sent to a platform drawn at random; the least mean latency
                              // on the logs this library was built for, see CONTRIBUTING.md
  bool open = false;          // true: the state sees every answer, as if both platforms were always tried
  std::uint64_t seed = 42;
};

/// What a router did on rows it was given, in their order.
struct RoutedDecisions {
  Labels recommended;  // by the model; 1 = Lambda
  Labels taken;        // after exploration
  double seen = 0;     // share of the rows whose answer reached the state
};

/// Replays the dataset with a router in the loop: on `routed.rows` the state gets to see an answer only if the platform
/// taken is the one that was logged; on all other rows it sees every answer. Live features are computed anew from that
/// state. What the router does not choose it does not learn about, but for the exploration share. Throws
/// InvalidArgument unless can_replay(data), and for a share out of range.
[[nodiscard]] inline RoutedDecisions route_replayed(const TrainingData& data, const Catalogue& catalogue,
                                                    const RoutedRows& routed, const ClosedLoopOptions& options) {
  if (!(options.exploration >= 0 && options.exploration <= 1)) {
    throw InvalidArgument::out_of_range("exploration", std::to_string(options.exploration), "a number in [0, 1]");
  }
  constexpr std::size_t not_routed = std::numeric_limits<std::size_t>::max();
  const auto requests = logged_requests(data);
  std::vector<std::size_t> position(requests.size(), not_routed);
  for (std::size_t i = 0; i < routed.rows.size(); ++i) position[static_cast<std::size_t>(routed.rows[i])] = i;
  std::vector<std::optional<Index>> columns;
  for (const auto name : live_feature_names) columns.push_back(find_feature(data.data.feature_names, name));

  RoutedDecisions decisions{Labels(routed.rows.size()), Labels(routed.rows.size()), 0};
  std::vector<double> row;
  std::size_t seen = 0;
  LiveState state(catalogue);
  const CompiledClassifier model(routed.model);
  replay(requests, state, [&](std::size_t i, const LiveReading& reading) {
    if (position[i] == not_routed) return true;
    const RowView known = data.data.row(static_cast<Index>(i));
    row.assign(known.begin(), known.end());
    const LiveFeatures live = live_features(reading);
    for (std::size_t j = 0; j < live.size(); ++j) {
      if (columns[j]) row[static_cast<std::size_t>(*columns[j])] = live[j];
    }
    const bool lambda = model.probability(row) > 0.5;
    Rng random = Rng::stream(options.seed, i);
    const bool explores = random.uniform() < options.exploration;
    const bool taken = explores ? random.uniform() < 0.5 : lambda;
    decisions.recommended[position[i]] = lambda ? 1 : 0;
    decisions.taken[position[i]] = taken ? 1 : 0;
    const bool sees = options.open || taken == (data.platforms[i] == Platform::lambda);
    seen += sees ? 1 : 0;
    return sees;
  });
  decisions.seen = static_cast<double>(seen) / static_cast<double>(std::max<std::size_t>(1, routed.rows.size()));
  return decisions;
}

}  // namespace switchyard
