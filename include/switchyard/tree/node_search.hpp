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

/// Whether each node looks at a few of `features` features only.
[[nodiscard]] inline bool samples_features(const GrowOptions& options, std::size_t features) noexcept {
  return options.features_per_node > 0 && static_cast<std::size_t>(options.features_per_node) < features;
}

/// The layout in which growing reads bins fastest.
[[nodiscard]] inline BinLayout layout_for(const GrowOptions& options, std::size_t features) noexcept {
  return samples_features(options, features) ? BinLayout::columns : BinLayout::words;
}

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
    features_per_node_ = samples_features(options_, features_.size())
                             ? static_cast<std::size_t>(options_.features_per_node)
                             : features_.size();
    by_column_ = data_.layout() == BinLayout::columns || features_per_node_ < features_.size();
    for (const std::uint32_t feature : features_) used_bins_ += data_.bins(feature).bins() + 1;
  }

  [[nodiscard]] Sums sum_of(const RowRange& range) const noexcept {
    Sums total;
    for (const std::uint32_t row : rows_.of(range)) total += sums_[row];
    return total;
  }

  void search_root(Node& root) {
    if (!is_searched(root)) return;
    if (by_column_) return search_by_column(std::span(&root, 1));
    root.histograms = take_buffer();
    search(std::vector<Pair>{{&root, nullptr}});
  }

  /// children: left and right of each parent, whose histograms they take over.
  void search_children(std::span<Node> parents, std::span<Node> children) {
    if (by_column_) return search_by_column(children);
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

  /// What a search by column works with.
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

  /// On this thread alone: forests, which sample features, grow a tree on each.
  void search_by_column(std::span<Node> nodes) {
    for (Node& node : nodes) {
      Rng random(random_.next());
      if (is_searched(node)) search_by_column(node, random);
    }
  }

  /// Draws features without replacement until enough were seen and one of them was not constant in the node, as
  /// scikit-learn does.
  void search_by_column(Node& node, Rng& random) {
    const auto rows = rows_.of(node.rows);
    if (scratch_.gathered.size() < rows.size()) scratch_.gathered.resize(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) scratch_.gathered[i] = sums_[rows[i]];
    const auto sums = std::span<const Sums>(scratch_.gathered).first(rows.size());
    std::vector<std::uint32_t>& undrawn = scratch_.undrawn;
    undrawn = features_;
    scratch_.splits.clear();
    for (std::size_t drawn = 0; drawn < undrawn.size(); ++drawn) {
      const bool found_varying = !scratch_.splits.empty();
      if (found_varying && drawn >= features_per_node_) break;
      std::swap(undrawn[drawn], undrawn[drawn + random.below(undrawn.size() - drawn)]);
      scratch_.histogram.assign(data_.bins(undrawn[drawn]).bins() + 1, Sums{});
      add_rows(std::span(scratch_.histogram), data_, undrawn[drawn], rows, sums);
      const std::span<const Sums> histogram = scratch_.histogram;
      if (is_constant(histogram)) continue;
      scratch_.splits.push_back(best_split(undrawn[drawn], histogram, judge(node)));
    }
    std::sort(scratch_.splits.begin(), scratch_.splits.end(),
              [](const auto& a, const auto& b) { return a.feature < b.feature; });
    node.split = best_of(scratch_.splits, judge(node));
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
  std::size_t features_per_node_ = 0;
  bool by_column_ = false;     // node after node, column by column, where a node looks at a few only
  std::size_t used_bins_ = 0;  // of features_
  std::vector<SplitChoice<Sums>> splits_;
  Scratch scratch_;
};

}  // namespace detail
}  // namespace switchyard
