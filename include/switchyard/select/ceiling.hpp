#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/parallel.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/data/group.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace switchyard {

struct CeilingOptions {
  int repeats = 20;  // >= 1; random halvings to average over
  std::uint64_t seed = 42;
  int threads = 1;  // that halve, which changes no result; <= 0: one per hardware thread
};

/// The best accuracy any model can reach on rows it cannot tell apart.
struct ContextCeiling {
  double plain = 0;      // fitted and scored on the same rows: an upper bound, far too high where contexts are small
  double corrected = 0;  // fitted on one half, scored on the other: what a lookup table learns from half the rows
  Index contexts = 0;    // distinct contexts
  Index singletons = 0;  // contexts with a single row, each of which counts as right in `plain`
};

namespace detail {

using LabelCounts = std::array<std::size_t, 2>;

/// The more frequent label, or `otherwise` if none is.
[[nodiscard]] inline std::size_t majority(const LabelCounts& counts, std::size_t otherwise) noexcept {
  if (counts[0] == counts[1]) return otherwise;
  return counts[1] > counts[0] ? 1 : 0;
}

/// Rows that lookup tables of the two halves get right on each other's rows. `halves`: counts per half and context.
[[nodiscard]] inline std::size_t cross_scored(const std::array<std::vector<LabelCounts>, 2>& halves) {
  std::size_t right = 0;
  for (std::size_t learned = 0; learned < 2; ++learned) {
    LabelCounts overall{};
    for (const auto& counts : halves[learned]) {
      overall[0] += counts[0];
      overall[1] += counts[1];
    }
    const std::size_t fallback = majority(overall, 0);
    for (std::size_t context = 0; context < halves[learned].size(); ++context) {
      right += halves[1 - learned][context][majority(halves[learned][context], fallback)];
    }
  }
  return right;
}

struct KnownContexts {
  std::vector<std::size_t> of_sample;  // [samples]; 0, 1, 2, ... in order of first appearance
  std::vector<LabelCounts> counts;     // [contexts]
};

[[nodiscard]] inline KnownContexts known_contexts(std::span<const Index> contexts,
                                                  std::span<const std::uint8_t> labels) {
  KnownContexts result;
  std::unordered_map<Index, std::size_t> known;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::size_t context = known.try_emplace(contexts[i], known.size()).first->second;
    if (context == result.counts.size()) result.counts.push_back({});
    ++result.counts[context][labels[i] == 1 ? 1 : 0];
    result.of_sample.push_back(context);
  }
  return result;
}

/// Label counts of the contexts in two random halves of their samples.
[[nodiscard]] inline std::array<std::vector<LabelCounts>, 2> halved(const KnownContexts& known,
                                                                    std::span<const std::uint8_t> labels, Rng rng) {
  std::vector<std::size_t> order(labels.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  rng.shuffle(std::span(order));
  std::array<std::vector<LabelCounts>, 2> halves;
  for (auto& half : halves) half.resize(known.counts.size(), LabelCounts{});
  std::vector<std::uint8_t> turn(known.counts.size());  // the half that gets the next sample of each context
  for (auto& half : turn) half = static_cast<std::uint8_t>(rng.below(2));
  for (const std::size_t sample : order) {
    const std::size_t context = known.of_sample[sample];
    ++halves[turn[context]][context][labels[sample] == 1 ? 1 : 0];
    turn[context] = turn[context] == 0 ? 1 : 0;
  }
  return halves;
}

}  // namespace detail

/// Context ceiling of labels given only the context of each sample.
///
/// plain = sum over contexts of max(k, n - k) / N, with k of a context's n samples labelled 1. Noise makes it too
/// high: one sample in a context is always right. The corrected value deals each context's samples at random into two
/// halves, predicts each half by the other's majority (of all its samples where the context is tied or unseen), and
/// averages over `repeats`. For independent samples it is, in expectation, no higher than what is knowable: the truth
/// lies between the two. Samples that share their noise (one measurement labelling many) still make it too high.
///
/// `contexts`: any number per sample, equal where contexts are, such as RowGroups::group. Throws InvalidArgument for
/// sizes that differ, no samples, and options out of range.
[[nodiscard]] inline ContextCeiling context_ceiling(std::span<const Index> contexts,
                                                    std::span<const std::uint8_t> labels,
                                                    const CeilingOptions& options = {}) {
  if (contexts.size() != labels.size()) throw InvalidArgument::wrong_size("contexts", contexts.size(), labels.size());
  if (labels.empty()) throw InvalidArgument("a context ceiling needs samples; there are none");
  if (options.repeats < 1) {
    throw InvalidArgument::out_of_range("repeats", std::to_string(options.repeats), "at least 1");
  }
  const auto known = detail::known_contexts(contexts, labels);
  ContextCeiling result;
  result.contexts = static_cast<Index>(known.counts.size());
  std::size_t agreeing = 0;
  for (const auto& [zeros, ones] : known.counts) {
    agreeing += std::max(zeros, ones);
    if (zeros + ones == 1) ++result.singletons;
  }
  std::vector<std::size_t> right(static_cast<std::size_t>(options.repeats));
  ThreadPool(options.threads).for_each_index(right.size(), [&](std::size_t repeat) {
    right[repeat] = detail::cross_scored(detail::halved(known, labels, Rng::stream(options.seed, repeat)));
  });
  const auto total = static_cast<double>(labels.size());
  result.plain = static_cast<double>(agreeing) / total;
  result.corrected =
      static_cast<double>(std::accumulate(right.begin(), right.end(), std::size_t{0})) / (total * options.repeats);
  return result;
}

/// Context ceiling of a dataset, its distinct feature rows being the contexts. Weights do not count.
[[nodiscard]] inline ContextCeiling context_ceiling(const Dataset& data, const CeilingOptions& options = {}) {
  return context_ceiling(distinct_rows(data.features).group, data.labels, options);
}

}  // namespace switchyard
