#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/data/stratify.hpp"
#include "switchyard/metric/summary.hpp"
#include "switchyard/model/classifier.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <set>
#include <span>
#include <vector>

namespace switchyard {

/// Which training rows come first on a learning curve.
enum class TrainingOrder : std::uint8_t {
  random_groups,  // groups drawn at random: would more rows like these help?
  by_time,        // groups as they become complete: for how long must one measure?
};

struct LearningCurveOptions {
  std::vector<double> shares = {1.0 / 16, 1.0 / 8, 1.0 / 4, 1.0 / 2, 1};  // of training rows; ascending, in (0, 1]
  TrainingOrder order = TrainingOrder::random_groups;
  std::uint64_t seed = 42;  // of the random order
  double threshold = 0.5;   // 1 is predicted above
};

/// What a model makes of a part of the training rows.
struct LearningPoint {
  double share = 0;                  // asked for; whole groups reach or exceed it
  Index rows = 0;                    // learned from
  Index groups = 0;                  // learned from
  Index minutes = 0;                 // minutes of the clock in which these rows were sent; 0 without times
  ClassificationMetrics train = {};  // on the rows learned from
  ClassificationMetrics test = {};   // on the test rows, the same at every point
};

namespace detail {

inline void require_curve_shares(std::span<const double> shares) {
  if (shares.empty()) throw InvalidArgument("a learning curve needs shares; there are none");
  double previous = 0;
  for (const double share : shares) {
    if (!(share > previous && share <= 1)) {
      throw InvalidArgument::out_of_range("share", format_number(share), "ascending numbers in (0, 1]");
    }
    previous = share;
  }
}

/// Rows of each group, the groups in the order in which a learning curve takes them.
[[nodiscard]] inline std::vector<std::vector<Index>> groups_in_order(const Dataset& data, TrainingOrder order,
                                                                     std::uint64_t seed) {
  std::vector<Index> rows(static_cast<std::size_t>(data.rows()));
  std::iota(rows.begin(), rows.end(), Index{0});
  const auto group_of = dense_groups(data, rows);
  std::vector<std::vector<Index>> groups;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (group_of[i] >= groups.size()) groups.resize(group_of[i] + 1);
    groups[group_of[i]].push_back(rows[i]);
  }
  if (order == TrainingOrder::random_groups) {
    Rng(seed).shuffle(std::span(groups));
    return groups;
  }
  if (data.times_ms.empty()) throw InvalidArgument("a learning curve by time needs times; the dataset has none");
  const auto complete_at = [&](const std::vector<Index>& group) {
    auto last = std::numeric_limits<std::int64_t>::min();
    for (const Index row : group) last = std::max(last, data.times_ms[static_cast<std::size_t>(row)]);
    return last;
  };
  std::stable_sort(groups.begin(), groups.end(),
                   [&](const auto& a, const auto& b) { return complete_at(a) < complete_at(b); });
  return groups;
}

[[nodiscard]] inline Index minutes_of(const Dataset& data) {
  constexpr std::int64_t minute_ms = 60'000;
  std::set<std::int64_t> minutes;
  for (const auto time : data.times_ms) minutes.insert((time - (time < 0 ? minute_ms - 1 : 0)) / minute_ms);
  return static_cast<Index>(minutes.size());
}

template <class Model>
[[nodiscard]] ClassificationMetrics metrics_on(const Model& model, const Dataset& data, double threshold) {
  return classification_metrics(data.labels, model.predict_proba(data.features), threshold, data.weights);
}

}  // namespace detail

/// Accuracy, log-loss and the other metrics on fixed test rows against the share of training rows learned from. Each
/// part holds the parts before it, whole groups only, rows in the order of `train`, so that the share 1 is `train`
/// itself. `fit(const Dataset& part) -> Classifier`. Where test metrics still improve at the last points more data
/// would help; where training and test stay apart the model is too free; where both lie flat and close, features or
/// labels are the limit. Throws InvalidArgument for shares that are not ascending in (0, 1], empty data, and the order
/// by time without times; and whatever `fit` throws.
template <class Fit>
[[nodiscard]] std::vector<LearningPoint> learning_curve(const Dataset& train, const Dataset& test, Fit&& fit,
                                                        const LearningCurveOptions& options = {}) {
  detail::require_curve_shares(options.shares);
  if (train.rows() == 0 || test.rows() == 0) throw InvalidArgument("a learning curve needs training and test rows");
  const auto groups = detail::groups_in_order(train, options.order, options.seed);
  std::vector<LearningPoint> points;
  std::vector<Index> rows;
  std::size_t taken = 0;
  for (const double share : options.shares) {
    const double wanted = share * static_cast<double>(train.rows());
    for (; taken < groups.size() && static_cast<double>(rows.size()) < wanted; ++taken) {
      rows.insert(rows.end(), groups[taken].begin(), groups[taken].end());
    }
    std::sort(rows.begin(), rows.end());
    const Dataset part = train.subset(rows);
    const Classifier auto model = fit(part);
    points.push_back({.share = share,
                      .rows = part.rows(),
                      .groups = static_cast<Index>(taken),
                      .minutes = detail::minutes_of(part),
                      .train = detail::metrics_on(model, part, options.threshold),
                      .test = detail::metrics_on(model, test, options.threshold)});
  }
  return points;
}

}  // namespace switchyard
