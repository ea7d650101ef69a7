#pragma once

#include "switchyard/core/large_vector.hpp"
#include "switchyard/core/parallel.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/tree/binning.hpp"
#include "switchyard/tree/criterion.hpp"
#include "switchyard/tree/fixed_point.hpp"
#include "switchyard/tree/node_order.hpp"
#include "switchyard/tree/node_search.hpp"
#include "switchyard/tree/row_partition.hpp"
#include "switchyard/tree/tree.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace switchyard {

/// Places [begin, end) of GrownTree::rows answer `value`, and so do `others` of GrownTree::others.
struct LeafRows {
  std::size_t begin = 0;
  std::size_t end = 0;
  RowRange others;
  double value = 0;
};

/// A tree and where its training rows went, so that nobody has to walk it for them again.
struct GrownTree {
  Tree tree;
  RowList rows;    // the training rows, those of each leaf together
  RowList others;  // rows that were only led along
  std::vector<LeafRows> leaves;
};

/// The rows of a table that one tree is grown on.
struct GrowRows {
  RowList rows;    // to learn from, ascending
  RowList others;  // only to be led to their leaves, ascending
};

namespace detail {

/// One tree in the making. All open nodes of a level are parted, then searched, at once: two waits for other threads
/// per level. Only where the number of leaves is limited one node at a time, the next to split by its order.
template <class Sums>
class TreeInTheMaking {
 public:
  using Node = OpenNode<Sums>;

  /// buffers: unused histograms, to be taken and left there.
  TreeInTheMaking(const BinnedMatrix& data, std::span<const Sums> sums, const GrowOptions& options,
                  const FixedPoint& units, bool weight_is_count, HistogramBuffers<Sums>& buffers, ThreadPool& pool)
      : data_(data),
        sums_(sums),
        buffers_(buffers),
        options_(options),
        units_(units),
        weight_is_count_(weight_is_count),
        pool_(pool),
        open_(options.growth, leaves_are_limited(options)) {}

  [[nodiscard]] GrownTree grow(GrowRows rows, std::vector<std::uint32_t> features, Rng random) {
    rows_ = RowPartition(std::move(rows.rows));
    others_ = RowPartition(std::move(rows.others));
    NodeSearch<Sums> search(data_, sums_, rows_, units_, options_, std::move(features), random, buffers_, pool_);
    plant_root(search);
    int leaves = 1;
    while (!open_.empty() && (!leaves_are_limited(options_) || leaves < options_.max_leaves)) {
      std::vector<Node> batch = next_batch();
      leaves += static_cast<int>(batch.size());
      expand(batch, search);
    }
    while (!open_.empty()) close(open_.pop(), search);
    grown_.tree = breadth_first(grown_.tree);
    grown_.rows = std::move(rows_).take();
    grown_.others = std::move(others_).take();
    return std::move(grown_);
  }

 private:
  /// Whether the limit can bind at all.
  [[nodiscard]] static bool leaves_are_limited(const GrowOptions& options) noexcept {
    constexpr int deepest = 30;
    if (options.max_leaves <= 0) return false;
    return options.limits.max_depth > deepest || options.max_leaves < (1 << options.limits.max_depth);
  }

  /// All of a level in trees of usual depth; in deeper ones the newest nodes, so that few histograms are kept.
  [[nodiscard]] std::vector<Node> next_batch() {
    constexpr std::size_t most_nodes = 64;
    const std::size_t wanted = leaves_are_limited(options_) ? 1 : most_nodes;
    std::vector<Node> batch;
    while (!open_.empty() && batch.size() < wanted) batch.push_back(open_.pop());
    return batch;
  }

  void plant_root(NodeSearch<Sums>& search) {
    std::vector<Node> root(1);
    root[0].rows.end = rows_.size();
    root[0].others.end = others_.size();
    root[0].total = search.sum_of(root[0].rows);
    root[0].weight = weight_of(root[0]);
    grown_.tree.nodes.push_back(node_for(root[0]));
    search.search_root(root[0]);
    enlist(std::move(root[0]), search);
  }

  [[nodiscard]] double weight_of(const Node& node) const noexcept {
    return weight_is_count_ ? static_cast<double>(node.rows.size()) : units_.decode(node.total).weight;
  }

  [[nodiscard]] TreeNode node_for(const Node& node) const noexcept {
    TreeNode result;
    result.value = options_.criterion.answer(units_.decode(node.total));
    result.cover = node.weight;
    return result;
  }

  /// Puts a searched node in the queue, or makes it a leaf for good.
  void enlist(Node node, NodeSearch<Sums>& search) {
    if (!node.split.exists()) return close(std::move(node), search);
    search.keep_or_return(node);
    open_.push(std::move(node));
  }

  void close(Node node, NodeSearch<Sums>& search) {
    grown_.leaves.push_back({node.rows.begin, node.rows.end, node.others, grown_.tree.nodes[node.index].value});
    search.return_buffer(node.histograms);
  }

  void expand(std::vector<Node>& parents, NodeSearch<Sums>& search) {
    std::vector<Node> children(2 * parents.size());
    part_rows(parents, children);
    for (std::size_t i = 0; i < parents.size(); ++i) attach(parents[i], children[2 * i], children[2 * i + 1]);
    search.search_children(parents, children);
    for (Node& child : children) enlist(std::move(child), search);
  }

  /// Leads all rows of the parents to their children. Where a split saw no missing value they follow the heavier child,
  /// which the other rows, that may have some, must know.
  void part_rows(std::vector<Node>& parents, std::vector<Node>& children) {
    std::vector<RowParting> partings;
    for (const Node& each : parents) {
      partings.push_back({each.rows, each.split.feature, each.split.bin, each.split.missing_left});
    }
    rows_.part(data_, partings, pool_);
    for (std::size_t i = 0; i < parents.size(); ++i) {
      Node& left = children[2 * i];
      Node& right = children[2 * i + 1];
      left.rows = {parents[i].rows.begin, parents[i].rows.begin + partings[i].left_count};
      right.rows = {left.rows.end, parents[i].rows.end};
      left.total = parents[i].split.left;
      right.total = parents[i].total - left.total;
      left.depth = right.depth = parents[i].depth + 1;
      left.weight = weight_of(left);
      right.weight = weight_of(right);
      if (!parents[i].split.any_missing) parents[i].split.missing_left = left.weight >= right.weight;
      partings[i].range = parents[i].others;
      partings[i].missing_left = parents[i].split.missing_left;
    }
    if (others_.size() == 0) return;
    others_.part(data_, partings, pool_);
    for (std::size_t i = 0; i < parents.size(); ++i) {
      const std::size_t middle = parents[i].others.begin + partings[i].left_count;
      children[2 * i].others = {parents[i].others.begin, middle};
      children[2 * i + 1].others = {middle, parents[i].others.end};
    }
  }

  void attach(const Node& node, Node& left, Node& right) {
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
    nodes.push_back(node_for(left));
    nodes.push_back(node_for(right));
  }

  const BinnedMatrix& data_;
  std::span<const Sums> sums_;
  HistogramBuffers<Sums>& buffers_;
  const GrowOptions& options_;
  FixedPoint units_;
  bool weight_is_count_;
  ThreadPool& pool_;
  GrownTree grown_;
  RowPartition rows_;
  RowPartition others_;
  NodeQueue<Sums> open_;
};

}  // namespace detail

/// What the weight of a row is, where it counts.
enum class RowWeight : std::uint8_t {
  one,
  hessian,  // the same as its hessian
  any,
};

/// Grows trees on binned rows, whose sums it holds in fixed point: see fixed_point.hpp. Between equal gains the lower
/// feature, then the lower threshold wins.
class TreeGrower {
 public:
  /// Rows whose sums are asked for together.
  static constexpr std::size_t block_rows = 8192;

  /// data and pool must outlive the grower.
  TreeGrower(const BinnedMatrix& data, const GrowOptions& options, ThreadPool& pool)
      : data_(data), options_(options), pool_(pool) {}

  /// Takes what each row of the table adds to its node: sums_of(begin, end, put) is called once for each block of rows,
  /// by several threads, and calls put(row, GradientSums) for those of them that count, once each; the rest adds
  /// nothing.
  template <class SumsOf>
  void set_sums(RowWeight weight, const SumsOf& sums_of) {
    weight_is_count_ = weight == RowWeight::one;
    counted_ = weight == RowWeight::any || (weight == RowWeight::one && options_.limits.min_samples_leaf > 1);
    if (counted_)
      fill(with_counts_.sums, sums_of);
    else
      fill(plain_.sums, sums_of);
  }

  /// features: those the tree may use, ascending; random: chooses each node's features where `features_per_node` asks
  /// for it. Rows to learn from must have sums: see set_sums.
  [[nodiscard]] GrownTree grow(GrowRows rows, std::vector<std::uint32_t> features, Rng random) {
    return counted_ ? grow_on(with_counts_, std::move(rows), std::move(features), random)
                    : grow_on(plain_, std::move(rows), std::move(features), random);
  }

  /// As above, on `rows` alone.
  [[nodiscard]] GrownTree grow(RowList rows, std::vector<std::uint32_t> features, Rng random) {
    return grow(GrowRows{std::move(rows), {}}, std::move(features), random);
  }

 private:
  template <class Sums>
  struct Memory {
    LargeVector<Sums> sums;
    detail::HistogramBuffers<Sums> buffers;
  };

  template <class Sums>
  [[nodiscard]] GrownTree grow_on(Memory<Sums>& memory, GrowRows rows, std::vector<std::uint32_t> features,
                                  const Rng& random) {
    detail::TreeInTheMaking<Sums> tree(data_, memory.sums, options_, units_, weight_is_count_, memory.buffers, pool_);
    return tree.grow(std::move(rows), std::move(features), random);
  }

  template <class Sums, class SumsOf>
  void fill(LargeVector<Sums>& sums, const SumsOf& sums_of) {
    sums.resize(data_.rows());
    std::vector<SumRange> ranges((sums.size() + block_rows - 1) / block_rows);
    for_each_block([&](std::size_t begin, std::size_t end) {
      std::fill(sums.data() + begin, sums.data() + end, Sums{});
      SumRange range;  // of the block, added up afterwards: its bits do not depend on the threads
      sums_of(begin, end, [&](std::size_t row, const GradientSums& added) {
        sums[row] = Sums::pending(added);
        range.add(added);
      });
      ranges[begin / block_rows] = range;
    });
    SumRange all;
    for (const SumRange& each : ranges) all.add(each.magnitude);
    units_ = all.fixed_point();
    for_each_block([&](std::size_t begin, std::size_t end) {
      for (std::size_t row = begin; row < end; ++row) units_.encode(sums[row]);
    });
  }

  template <class Body>
  void for_each_block(const Body& body) {
    pool_.for_each_index((data_.rows() + block_rows - 1) / block_rows, [&](std::size_t block) {
      body(block * block_rows, std::min(data_.rows(), (block + 1) * block_rows));
    });
  }

  const BinnedMatrix& data_;
  GrowOptions options_;
  ThreadPool& pool_;
  FixedPoint units_;
  bool weight_is_count_ = false;
  bool counted_ = false;
  Memory<FixedSums> plain_;
  Memory<CountedFixedSums> with_counts_;
};

}  // namespace switchyard
