#pragma once

#include "switchyard/core/parallel.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/tree/binning.hpp"
#include "switchyard/tree/criterion.hpp"
#include "switchyard/tree/histogram.hpp"
#include "switchyard/tree/node_order.hpp"
#include "switchyard/tree/split.hpp"
#include "switchyard/tree/tree.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
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

/// Training rows [begin, end) of GrownTree::rows answer `value`.
struct LeafRows {
  std::size_t begin = 0;
  std::size_t end = 0;
  double value = 0;
};

/// A tree and where its training rows went, so that nobody has to walk it for them again.
struct GrownTree {
  Tree tree;
  std::vector<std::uint32_t> rows;  // the training rows, those of each leaf together
  std::vector<LeafRows> leaves;
};

/// Grows one tree on binned rows. Between equal gains the lower feature, then the lower threshold wins.
class TreeGrower {
 public:
  /// sums: what each row of the table adds to its node, [data.rows()]. Everything must outlive the grower.
  TreeGrower(const BinnedMatrix& data, std::span<const GradientSums> sums, const GrowOptions& options, ThreadPool& pool)
      : data_(data), sums_(sums), options_(options), pool_(pool) {}

  /// rows: ascending; features: those the tree may use, ascending; random: chooses each node's features where
  /// `features_per_node` asks for it.
  [[nodiscard]] GrownTree grow(std::vector<std::uint32_t> rows, std::vector<std::uint32_t> features, Rng random) {
    grown_ = {};
    grown_.rows = std::move(rows);
    features_ = std::move(features);
    random_ = random;
    open_ = NodeQueue(options_.growth, options_.max_leaves > 0);
    const auto wanted = static_cast<std::size_t>(options_.features_per_node);
    samples_features_ = wanted > 0 && wanted < features_.size();
    buffers_.clear();

    plant_root();
    int leaves = 1;
    while (!open_.empty() && (options_.max_leaves <= 0 || leaves < options_.max_leaves)) {
      expand(open_.pop());
      ++leaves;
    }
    while (!open_.empty()) close(open_.pop());
    grown_.tree = breadth_first(grown_.tree);
    return std::move(grown_);
  }

 private:
  using Histograms = std::vector<GradientSums>;  // all features of one node, [data.total_bins()]

  [[nodiscard]] std::span<const std::uint32_t> rows_of(const OpenNode& node) const noexcept {
    return std::span(grown_.rows).subspan(node.begin, node.end - node.begin);
  }
  [[nodiscard]] std::span<GradientSums> of_feature(Histograms& histograms, std::uint32_t feature) const noexcept {
    return std::span(histograms).subspan(data_.offset(feature), data_.bins(feature).bins() + 1);
  }
  [[nodiscard]] SplitJudge judge(const OpenNode& node) const noexcept {
    return {node.total, options_.criterion, options_.limits};
  }
  [[nodiscard]] bool is_searched(const OpenNode& node) const noexcept {
    return detail::may_split(node.total, node.depth, options_.limits);
  }

  void plant_root() {
    OpenNode root;
    root.end = grown_.rows.size();
    root.total = sum_of(grown_.rows);
    grown_.tree.nodes.push_back(node_for(root.total));
    if (is_searched(root)) {
      if (samples_features_) {
        search_sampled(root);
      } else {
        root.histograms = take_buffer();
        search({.built = &root});
      }
    }
    enlist(std::move(root));
  }

  [[nodiscard]] TreeNode node_for(const GradientSums& total) const noexcept {
    TreeNode node;
    node.value = options_.criterion.answer(total);
    node.cover = total.weight;
    return node;
  }

  /// Puts a searched node in the queue, or makes it a leaf for good.
  void enlist(OpenNode node) {
    if (!node.split.exists()) return close(std::move(node));
    // Rebuilding a small node is cheaper than keeping and subtracting its histograms.
    const bool small = (node.end - node.begin) * features_.size() < data_.total_bins();
    if (small) return_buffer(node.histograms);
    open_.push(std::move(node));
  }

  void close(OpenNode node) {
    grown_.leaves.push_back({node.begin, node.end, grown_.tree.nodes[node.index].value});
    return_buffer(node.histograms);
  }

  void expand(OpenNode node) {
    OpenNode left;
    OpenNode right;
    partition(node, left, right);
    attach(node, left, right);
    if (samples_features_) {
      if (is_searched(left)) search_sampled(left);
      if (is_searched(right)) search_sampled(right);
    } else {
      search_children(node, left, right);
    }
    enlist(std::move(left));
    enlist(std::move(right));
  }

  /// Reorders the node's rows, left ones first, each side in its old order. Only the smaller side is summed; the larger
  /// one has the rest.
  void partition(const OpenNode& node, OpenNode& left, OpenNode& right) {
    const std::size_t left_end = node.begin + move_left(node);
    left.begin = node.begin;
    left.end = right.begin = left_end;
    right.end = node.end;
    left.depth = right.depth = node.depth + 1;
    const bool left_is_small = left.end - left.begin <= right.end - right.begin;
    OpenNode& small = left_is_small ? left : right;
    OpenNode& large = left_is_small ? right : left;
    small.total = sum_of(rows_of(small));
    large.total = node.total - small.total;
  }

  /// Moves the rows that go left to the front of the node's; returns their number. Each block of rows is parted on its
  /// own, then the parts are put together.
  [[nodiscard]] std::size_t move_left(const OpenNode& node) {
    const auto rows = std::span(grown_.rows).subspan(node.begin, node.end - node.begin);
    right_rows_.resize(rows.size());
    const auto right_rows = std::span(right_rows_);
    std::vector<std::size_t> left_counts(blocks_of(rows.size()));
    for_each_block(rows.size(), [&](std::size_t block, std::size_t begin, std::size_t size) {
      left_counts[block] = part_block(node.split, rows.subspan(begin, size), right_rows.subspan(begin, size));
    });
    const std::size_t left_count = std::accumulate(left_counts.begin(), left_counts.end(), std::size_t{0});
    std::size_t left_end = 0;
    for (std::size_t block = 0; block < left_counts.size(); ++block) {
      const auto first = rows.begin() + static_cast<std::ptrdiff_t>(block * block_rows);
      std::copy_n(first, left_counts[block], rows.begin() + static_cast<std::ptrdiff_t>(left_end));
      left_end += left_counts[block];
    }
    auto right_end = rows.begin() + static_cast<std::ptrdiff_t>(left_count);
    for (std::size_t block = 0; block < left_counts.size(); ++block) {
      const std::size_t begin = block * block_rows;
      const std::size_t size = std::min(block_rows, rows.size() - begin);
      right_end =
          std::copy_n(right_rows.begin() + static_cast<std::ptrdiff_t>(begin), size - left_counts[block], right_end);
    }
    return left_count;
  }

  /// Moves the rows that go left to the front of `rows`, copies the others to `right_rows`; returns how many go left.
  /// Without branches: which way a row goes is what no processor can guess.
  [[nodiscard]] std::size_t part_block(const SplitChoice& split, std::span<std::uint32_t> rows,
                                       std::span<std::uint32_t> right_rows) const noexcept {
    const auto codes = data_.column(split.feature);
    const auto missing = static_cast<std::uint8_t>(data_.bins(split.feature).missing_bin());
    const auto last = static_cast<std::uint8_t>(split.bin);
    std::size_t left_count = 0;
    std::size_t right_count = 0;
    for (const std::uint32_t row : rows) {
      const std::uint8_t code = codes[row];
      const bool goes_left = (code <= last) | ((code == missing) & split.missing_left);
      rows[left_count] = row;
      right_rows[right_count] = row;
      left_count += static_cast<std::size_t>(goes_left);
      right_count += static_cast<std::size_t>(!goes_left);
    }
    return left_count;
  }

  /// Block by block, so that threads can share the work and the order of additions still does not depend on them.
  [[nodiscard]] GradientSums sum_of(std::span<const std::uint32_t> rows) {
    std::vector<GradientSums> parts(blocks_of(rows.size()));
    for_each_block(rows.size(), [&](std::size_t block, std::size_t begin, std::size_t size) {
      std::array<GradientSums, 4> lanes{};  // so that an addition need not wait for the one before
      for (std::size_t i = 0; i < size; ++i) lanes[i % 4] += sums_[rows[begin + i]];
      parts[block] = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
    });
    return std::accumulate(parts.begin(), parts.end(), GradientSums{});
  }

  void attach(const OpenNode& node, OpenNode& left, OpenNode& right) {
    auto& nodes = grown_.tree.nodes;
    left.index = nodes.size();
    right.index = nodes.size() + 1;
    TreeNode& parent = nodes[node.index];
    parent.feature = static_cast<std::int32_t>(node.split.feature);
    parent.left = static_cast<std::int32_t>(left.index);
    parent.right = static_cast<std::int32_t>(right.index);
    parent.default_left = node.split.missing_left;
    parent.threshold = data_.bins(node.split.feature).threshold(node.split.bin);
    parent.gain = node.split.gain;
    nodes.push_back(node_for(left.total));
    nodes.push_back(node_for(right.total));
  }

  /// What one pass over the features does: builds one node's histograms from its rows and, given its sibling holding
  /// their parent's, turns those into the sibling's.
  struct Pass {
    OpenNode* built = nullptr;
    OpenNode* subtracted = nullptr;
  };

  void search_children(OpenNode& parent, OpenNode& left, OpenNode& right) {
    const bool left_is_small = left.end - left.begin <= right.end - right.begin;
    OpenNode& small = left_is_small ? left : right;
    OpenNode& large = left_is_small ? right : left;
    if (is_searched(large) && !parent.histograms.empty()) {
      large.histograms = std::move(parent.histograms);
      small.histograms = take_buffer();
      search({.built = &small, .subtracted = &large});
      return;
    }
    return_buffer(parent.histograms);
    for (OpenNode* child : {&left, &right}) {
      if (!is_searched(*child)) continue;
      child->histograms = take_buffer();
      search({.built = child});
    }
  }

  void search(const Pass& pass) {
    const auto sums = gather(*pass.built);
    const auto rows = rows_of(*pass.built);
    const SplitJudge built_judge = judge(*pass.built);
    const SplitJudge subtracted_judge = judge(pass.subtracted != nullptr ? *pass.subtracted : *pass.built);
    std::vector<SplitChoice> built_splits(features_.size());
    std::vector<SplitChoice> subtracted_splits(features_.size());
    const auto handle = [&](std::size_t i) {
      const std::uint32_t feature = features_[i];
      const auto histogram = of_feature(pass.built->histograms, feature);
      build_histogram(histogram, data_.column(feature), rows, sums);
      if (is_searched(*pass.built)) built_splits[i] = best_split(feature, histogram, built_judge);
      if (pass.subtracted == nullptr) return;
      const auto sibling = of_feature(pass.subtracted->histograms, feature);
      subtract_histogram(sibling, histogram);
      subtracted_splits[i] = best_split(feature, sibling, subtracted_judge);
    };
    for_each_feature(rows.size(), handle);
    pass.built->split = best_of(built_splits, built_judge);
    if (pass.subtracted != nullptr) pass.subtracted->split = best_of(subtracted_splits, subtracted_judge);
  }

  /// Draws features without replacement until enough were seen and one of them was not constant in the node, as
  /// scikit-learn does.
  void search_sampled(OpenNode& node) {
    const auto sums = gather(node);
    const auto rows = rows_of(node);
    const SplitJudge node_judge = judge(node);
    std::vector<std::uint32_t> undrawn = features_;
    std::vector<SplitChoice> splits;
    bool found_varying = false;
    scratch_.resize(data_.total_bins());
    for (std::size_t drawn = 0; drawn < undrawn.size(); ++drawn) {
      if (found_varying && drawn >= static_cast<std::size_t>(options_.features_per_node)) break;
      std::swap(undrawn[drawn], undrawn[drawn + random_.below(undrawn.size() - drawn)]);
      const auto histogram = of_feature(scratch_, undrawn[drawn]);
      build_histogram(histogram, data_.column(undrawn[drawn]), rows, sums);
      if (is_constant(histogram)) continue;
      found_varying = true;
      splits.push_back(best_split(undrawn[drawn], histogram, node_judge));
    }
    std::sort(splits.begin(), splits.end(),
              [](const SplitChoice& a, const SplitChoice& b) { return a.feature < b.feature; });
    node.split = best_of(splits, node_judge);
  }

  [[nodiscard]] static SplitChoice best_of(std::span<const SplitChoice> by_feature, const SplitJudge& judge) noexcept {
    SplitChoice best;
    for (const SplitChoice& each : by_feature) best = judge.better(best, each);
    return best;
  }

  /// Copies the sums of the node's rows next to each other: every feature's pass reads them.
  [[nodiscard]] std::span<const GradientSums> gather(const OpenNode& node) {
    const auto rows = rows_of(node);
    if (gathered_.size() < rows.size()) gathered_.resize(rows.size());
    for_each_block(rows.size(), [&](std::size_t, std::size_t begin, std::size_t size) {
      for (std::size_t i = begin; i < begin + size; ++i) gathered_[i] = sums_[rows[i]];
    });
    return std::span(gathered_).first(rows.size());
  }

  static constexpr std::size_t block_rows = 8192;

  [[nodiscard]] static std::size_t blocks_of(std::size_t rows) noexcept { return (rows + block_rows - 1) / block_rows; }

  /// body(block, first row, number of rows)
  template <class Body>
  void for_each_block(std::size_t rows, const Body& body) {
    pool_.for_each_index(blocks_of(rows), [&](std::size_t block) {
      body(block, block * block_rows, std::min(block_rows, rows - block * block_rows));
    });
  }

  template <class Body>
  void for_each_feature(std::size_t rows, const Body& body) {
    constexpr std::size_t worth_waking_threads = 1U << 14U;  // histogram updates; about 20 us of work
    if (rows * features_.size() >= worth_waking_threads) {
      pool_.for_each_index(features_.size(), body);
    } else {
      for (std::size_t i = 0; i < features_.size(); ++i) body(i);
    }
  }

  [[nodiscard]] Histograms take_buffer() {
    if (buffers_.empty()) return Histograms(data_.total_bins());
    Histograms buffer = std::move(buffers_.back());
    buffers_.pop_back();
    return buffer;
  }
  void return_buffer(Histograms& buffer) {
    if (!buffer.empty()) buffers_.push_back(std::move(buffer));
    buffer.clear();
  }

  const BinnedMatrix& data_;
  std::span<const GradientSums> sums_;
  GrowOptions options_;
  ThreadPool& pool_;

  GrownTree grown_;
  std::vector<std::uint32_t> features_;
  bool samples_features_ = false;
  Rng random_{0};
  NodeQueue open_;
  std::vector<std::uint32_t> right_rows_;
  std::vector<GradientSums> gathered_;
  Histograms scratch_;
  std::vector<Histograms> buffers_;
};

}  // namespace switchyard
