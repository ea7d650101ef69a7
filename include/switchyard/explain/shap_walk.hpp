#pragma once

// One block's answer to one pattern: down the block the path's product is carried at each quadrature point, by an
// edge's factor for what the pattern decides there, and back up the leaves' sums, from which each edge credits its
// feature. See tree_shap.hpp for the formula and its sources.

#include "switchyard/explain/quadrature.hpp"
#include "switchyard/explain/shap_block.hpp"

#include <array>
#include <cstddef>
#include <span>

namespace switchyard::detail {

/// A path's features and twice the splits below it, and edge 0.
inline constexpr std::size_t most_block_edges = 2 * shap_block_bits + 1;
inline constexpr std::size_t most_block_pairs = shap_block_bits * (shap_block_bits - 1) / 2;
inline constexpr std::size_t most_block_credits = shap_block_bits + most_block_pairs;

/// What a block adds to the explanation of the rows with one pattern.
class ShapWalk {
 public:
  explicit ShapWalk(const ShapBlocks& tree) : tree_(tree) {}

  /// out: [ShapBlocks::credits]; each slot's value, then each pair's halved interaction.
  void credits(const ShapBlock& block, unsigned pattern, double* out) const noexcept {
    const auto edges = block.edges.of(tree_.edges);
    Sums sum;
    Vectors vectors;
    descend(block, edges, pattern, sum, vectors);
    std::array<BlockPoints, shap_block_bits> credit;
    for (std::size_t slot = 0; slot < block.features.count; ++slot) credit[slot].setZero();
    for (std::size_t e = edges.size() - 1; e > block.path; --e) {
      sum[edges[e].parent] += sum[e];
      sum[e] *= vectors[e]->change;
      credit[edges[e].slot] += sum[e];
    }
    const BlockPoints below = sum[block.path];
    for (std::size_t e = 1; e <= block.path; ++e) {
      sum[e] = below * vectors[e]->change;
      credit[edges[e].slot] += sum[e];
    }
    for (std::size_t slot = 0; slot < block.features.count; ++slot) out[slot] = credit[slot].sum();
    if (block.pairs.count > 0) pair_credits(block, sum, vectors, out + block.features.count);
  }

 private:
  using Sums = std::array<BlockPoints, most_block_edges>;
  using Vectors = std::array<const ShapEdgeVectors*, most_block_edges>;

  void descend(const ShapBlock& block, std::span<const ShapBlockEdge> edges, unsigned pattern, Sums& sum,
               Vectors& vectors) const noexcept {
    Sums product;
    std::array<unsigned, most_block_edges> passes;
    passes[0] = 1;
    BlockPoints of_path = tree_.weights;
    for (std::size_t e = 1; e <= block.path; ++e) {
      passes[e] = pattern >> edges[e].bit & 1U;
      vectors[e] = &tree_.vectors[edges[e].vectors[1 - passes[e]]];
      of_path *= vectors[e]->ratio;
    }
    product[block.path] = of_path;
    sum[block.path] = of_path * edges[block.path].value;
    for (std::size_t e = block.path + 1; e < edges.size(); ++e) {
      const ShapBlockEdge& edge = edges[e];
      const unsigned passed = passes[edge.previous];
      passes[e] = passed & ((pattern >> edge.bit & 1U) ^ edge.if_set ^ 1U);
      vectors[e] = &tree_.vectors[edge.vectors[(1 - passes[e]) + (1 - passed)]];
      product[e] = product[edge.parent] * vectors[e]->ratio;
      sum[e] = product[e] * edge.value;
    }
  }

  /// sum: what each edge adds to its feature's credit, point by point.
  void pair_credits(const ShapBlock& block, const Sums& sum, const Vectors& vectors, double* out) const noexcept {
    const auto edges = block.edges.of(tree_.edges);
    Sums standing;  // (o - z) / f of the edge's feature, once this edge speaks for it
    standing[0].setZero();
    for (std::size_t e = 1; e < edges.size(); ++e) standing[e] = standing[edges[e].previous] + vectors[e]->change;
    std::array<BlockPoints, most_block_pairs> credit;
    for (std::size_t pair = 0; pair < block.pairs.count; ++pair) credit[pair].setZero();
    for (const ShapPartner& each : block.partners.of(tree_.partners)) {
      credit[each.pair] += sum[each.edge] * standing[each.other];
    }
    for (std::size_t pair = 0; pair < block.pairs.count; ++pair) out[pair] = credit[pair].sum() / 2;
  }

  const ShapBlocks& tree_;
};

}  // namespace switchyard::detail
