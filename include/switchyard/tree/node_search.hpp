#pragma once

#include "switchyard/core/parallel.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/tree/binning.hpp"
#include "switchyard/tree/criterion.hpp"
#include "switchyard/tree/fixed_point.hpp"
#include "switchyard/tree/histogram.hpp"
#include "switchyard/tree/node_order.hpp"
#include "switchyard/tree/row_partition.hpp"
#include "switchyard/tree/split.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace switchyard {

/// How to grow one tree.
struct GrowOptions {
  SplitCriterion criterion;
  SplitLimits limits;
  Growth growth = Growth::level_wise;
  int max_leaves = 0;         // >= 2; 0 = no limit
  int features_per_node = 0;  // how many of the tree's features each split may choose from; 0 = all
};

namespace detail {

/// Histograms of all features, not in use. Each [data.total_bins()].
template <class Sums>
using HistogramBuffers = std::vector<std::vector<Sums>>;

/// Finds the best splits of a tree's nodes, many nodes at a time.
template <class Sums>
class NodeSearch {
 public:
  using Node = OpenNode<Sums>;

  /// All but features and random must outlive the search.
  NodeSearch(const BinnedMatrix& data, std::span<const Sums> sums, const RowPartition& rows, const FixedPoint& units,
             const GrowOptions& options, std::vector<std::uint32_t> features, const Rng& random,
             HistogramBuffers<Sums>& buffers, ThreadPool& pool)
      : data_(data),
        sums_(sums),
        rows_(rows),
        units_(units),
        options_(options),
        features_(std::move(features)),
        random_(random),
        buffers_(buffers),
        pool_(pool) {
    const auto wanted = static_cast<std::size_t>(options_.features_per_node);
    samples_features_ = wanted > 0 && wanted < features_.size();
    for (const std::uint32_t feature : features_) used_bins_ += data_.bins(feature).bins() + 1;
  }

  [[nodiscard]] Sums sum_of(const RowRange& range) const noexcept {
    Sums total;
    for (const std::uint32_t row : rows_.of(range)) total += sums_[row];
    return total;
  }

  void search_root(Node& root) {
    if (!is_searched(root)) return;
    if (samples_features_) return search_sampled(std::span(&root, 1));
    root.histograms = take_buffer();
    search(std::vector<Pair>{{&root, nullptr}});
  }

  /// children: left and right of each parent, whose histograms they take over.
  void search_children(std::span<Node> parents, std::span<Node> children) {
    if (samples_features_) return search_sampled(children);
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < parents.size(); ++i) pair_up(parents[i], children[2 * i], children[2 * i + 1], pairs);
    search(pairs);
  }

  /// Rebuilding a small node is cheaper than keeping and subtracting its histograms.
  void keep_or_return(Node& node) {
    if (node.rows.size() * features_.size() < used_bins_) return_buffer(node.histograms);
  }

  void return_buffer(std::vector<Sums>& buffer) {
    if (!buffer.empty()) buffers_.push_back(std::move(buffer));
    buffer.clear();
  }

 private:
  /// What one pass over a node's rows does: builds its histograms and, given its sibling holding their parent's, turns
  /// those into the sibling's.
  struct Pair {
    Node* built = nullptr;
    Node* subtracted = nullptr;
  };

  /// Features of one word, by their places in features_.
  struct TilePlan {
    std::size_t first = 0;
    std::size_t count = 0;
  };

  /// What a search for one node with sampled features works with.
  struct Scratch {
    std::vector<Sums> gathered;
    std::vector<Sums> histogram;
    std::vector<std::uint32_t> undrawn;
    std::vector<SplitChoice<Sums>> splits;
  };

  [[nodiscard]] bool is_searched(const Node& node) const noexcept {
    return may_split(node.weight, node.depth, options_.limits);
  }
  [[nodiscard]] SplitJudge<Sums> judge(const Node& node) const noexcept {
    return {node.total, node.weight, units_, options_.criterion, options_.limits};
  }
  [[nodiscard]] std::span<Sums> of_feature(std::vector<Sums>& histograms, std::uint32_t feature) const noexcept {
    return std::span(histograms).subspan(data_.offset(feature), data_.bins(feature).bins() + 1);
  }

  void pair_up(Node& parent, Node& left, Node& right, std::vector<Pair>& pairs) {
    const bool left_is_small = left.rows.size() <= right.rows.size();
    Node& small = left_is_small ? left : right;
    Node& large = left_is_small ? right : left;
    if (is_searched(large) && !parent.histograms.empty()) {
      large.histograms = std::move(parent.histograms);
      small.histograms = take_buffer();
      pairs.push_back({&small, &large});
      return;
    }
    return_buffer(parent.histograms);
    for (Node* child : {&left, &right}) {
      if (!is_searched(*child)) continue;
      child->histograms = take_buffer();
      pairs.push_back({child, nullptr});
    }
  }

  /// Small enough for every thread to find work, no smaller: each tile reads all rows.
  [[nodiscard]] std::vector<TilePlan> plan_tiles(std::size_t pairs) const {
    std::vector<TilePlan> tiles;
    const auto threads = static_cast<std::size_t>(pool_.size());
    for (std::size_t most = BinnedMatrix::word_features; most > 0; most /= 2) {
      tiles.clear();
      for (std::size_t i = 0; i < features_.size(); ++i) {
        const bool begins =
            tiles.empty() || tiles.back().count == most ||
            features_[i] / BinnedMatrix::word_features != features_[i - 1] / BinnedMatrix::word_features;
        if (begins) tiles.push_back({i, 0});
        ++tiles.back().count;
      }
      if (threads == 1 || pairs * tiles.size() >= 3 * threads) break;
    }
    return tiles;
  }

  void search(const std::vector<Pair>& pairs) {
    const std::vector<TilePlan> tiles = plan_tiles(pairs.size());
    const std::size_t features = features_.size();
    splits_.assign(2 * pairs.size() * features, {});
    const auto handle = [&](std::size_t task) {
      const Pair& pair = pairs[task / tiles.size()];
      const auto splits = std::span(splits_).subspan(task / tiles.size() * 2 * features, 2 * features);
      search_tile(pair, tiles[task % tiles.size()], splits.first(features), splits.last(features));
    };
    std::size_t rows = 0;
    for (const Pair& each : pairs) rows += each.built->rows.size();
    run(pairs.size() * tiles.size(), rows * features + 2 * pairs.size() * used_bins_, handle);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const auto splits = std::span(splits_).subspan(i * 2 * features, 2 * features);
      pairs[i].built->split = best_of(splits.first(features), judge(*pairs[i].built));
      if (pairs[i].subtracted == nullptr) continue;
      pairs[i].subtracted->split = best_of(splits.last(features), judge(*pairs[i].subtracted));
    }
  }

  /// built_splits, subtracted_splits: results by place in features_.
  void search_tile(const Pair& pair, const TilePlan& plan, std::span<SplitChoice<Sums>> built_splits,
                   std::span<SplitChoice<Sums>> subtracted_splits) const {
    HistogramTile<Sums> tile;
    tile.word = features_[plan.first] / BinnedMatrix::word_features;
    tile.count = plan.count;
    for (std::size_t k = 0; k < plan.count; ++k) {
      const std::uint32_t feature = features_[plan.first + k];
      const auto histogram = of_feature(pair.built->histograms, feature);
      std::fill(histogram.begin(), histogram.end(), Sums{});
      tile.shift[k] = static_cast<unsigned>(8 * (feature % BinnedMatrix::word_features));
      tile.bins[k] = histogram.data();
    }
    add_rows(tile, data_, rows_.of(pair.built->rows), sums_);
    const bool searches_built = is_searched(*pair.built);
    for (std::size_t i = plan.first; i < plan.first + plan.count; ++i) {
      const std::uint32_t feature = features_[i];
      const std::span<const Sums> histogram = of_feature(pair.built->histograms, feature);
      if (searches_built) built_splits[i] = best_split(feature, histogram, judge(*pair.built));
      if (pair.subtracted == nullptr) continue;
      const std::span<Sums> sibling = of_feature(pair.subtracted->histograms, feature);
      subtract_histogram(sibling, histogram);
      subtracted_splits[i] = best_split(feature, std::span<const Sums>(sibling), judge(*pair.subtracted));
    }
  }

  void search_sampled(std::span<Node> nodes) {
    std::vector<Rng> randoms;
    std::size_t rows = 0;
    for (const Node& node : nodes) {
      randoms.emplace_back(random_.next());
      rows += is_searched(node) ? node.rows.size() : 0;
    }
    if (scratch_.size() < nodes.size()) scratch_.resize(nodes.size());
    run(nodes.size(), rows * static_cast<std::size_t>(options_.features_per_node), [&](std::size_t i) {
      if (is_searched(nodes[i])) search_sampled(nodes[i], randoms[i], scratch_[i]);
    });
  }

  /// Draws features without replacement until enough were seen and one of them was not constant in the node, as
  /// scikit-learn does.
  void search_sampled(Node& node, Rng& random, Scratch& scratch) const {
    const auto rows = rows_.of(node.rows);
    if (scratch.gathered.size() < rows.size()) scratch.gathered.resize(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) scratch.gathered[i] = sums_[rows[i]];
    const auto sums = std::span<const Sums>(scratch.gathered).first(rows.size());
    scratch.undrawn = features_;
    scratch.splits.clear();
    auto& undrawn = scratch.undrawn;
    for (std::size_t drawn = 0; drawn < undrawn.size(); ++drawn) {
      const bool found_varying = !scratch.splits.empty();
      if (found_varying && drawn >= static_cast<std::size_t>(options_.features_per_node)) break;
      std::swap(undrawn[drawn], undrawn[drawn + random.below(undrawn.size() - drawn)]);
      scratch.histogram.assign(data_.bins(undrawn[drawn]).bins() + 1, Sums{});
      add_rows(std::span(scratch.histogram), data_.column(undrawn[drawn]), rows, sums);
      const std::span<const Sums> histogram = scratch.histogram;
      if (is_constant(histogram)) continue;
      scratch.splits.push_back(best_split(undrawn[drawn], histogram, judge(node)));
    }
    std::sort(scratch.splits.begin(), scratch.splits.end(),
              [](const auto& a, const auto& b) { return a.feature < b.feature; });
    node.split = best_of(scratch.splits, judge(node));
  }

  [[nodiscard]] static SplitChoice<Sums> best_of(std::span<const SplitChoice<Sums>> by_feature,
                                                 const SplitJudge<Sums>& judge) noexcept {
    SplitChoice<Sums> best;
    for (const auto& each : by_feature) best = judge.better(best, each);
    return best;
  }

  template <class Body>
  void run(std::size_t tasks, std::size_t additions, const Body& body) {
    constexpr std::size_t worth_waking_threads = 1U << 13U;  // some microseconds of work
    if (additions >= worth_waking_threads) {
      pool_.for_each_index(tasks, body);
    } else {
      for (std::size_t i = 0; i < tasks; ++i) body(i);
    }
  }

  [[nodiscard]] std::vector<Sums> take_buffer() {
    if (buffers_.empty()) return std::vector<Sums>(data_.total_bins());
    std::vector<Sums> buffer = std::move(buffers_.back());
    buffers_.pop_back();
    return buffer;
  }

  const BinnedMatrix& data_;
  std::span<const Sums> sums_;
  const RowPartition& rows_;
  const FixedPoint& units_;
  const GrowOptions& options_;
  std::vector<std::uint32_t> features_;
  Rng random_;
  HistogramBuffers<Sums>& buffers_;
  ThreadPool& pool_;
  bool samples_features_ = false;
  std::size_t used_bins_ = 0;  // of features_
  std::vector<SplitChoice<Sums>> splits_;
  std::vector<Scratch> scratch_;
};

}  // namespace detail
}  // namespace switchyard
