#pragma once

#include "switchyard/engine/intrinsics.hpp"
#include "switchyard/engine/mlp_layout.hpp"

#if defined(__x86_64__)

#include <cstddef>
#include <utility>

/// The kernel of mlp_baseline.hpp on registers of four doubles. Without the FMA feature: its rounding would be another.
namespace switchyard::detail::avx2 {

inline constexpr std::size_t quad = 4;

/// x - mean of four features a step; a missing value becomes 0.
[[gnu::target("avx2")]] inline void encode(const PackedMlp& network, const double* row,
                                           const MlpWorkspace& work) noexcept {
  const __m256i lanes = _mm256_setr_epi64x(0, 1, 2, 3);
  for (std::size_t begin = 0; begin < network.mean.size(); begin += quad) {
    const auto left = static_cast<long long>(network.features) - static_cast<long long>(begin);
    const __m256i present = _mm256_cmpgt_epi64(_mm256_set1_epi64x(left), lanes);
    const double* const from = row + (left > 0 ? begin : 0);  // not beyond the row, even where nothing is read
    const __m256d x = left >= 4 ? _mm256_loadu_pd(from) : _mm256_maskload_pd(from, present);
    const __m256d centred = _mm256_sub_pd(x, _mm256_load_pd(network.mean.data() + begin));
    const __m256d value = _mm256_and_pd(centred, _mm256_cmp_pd(x, x, _CMP_ORD_Q));
    _mm256_store_pd(work.values + begin, value);
  }
}

/// A product the compiler may not fuse with an addition: see rounded_product.
[[gnu::target("avx2"), gnu::always_inline]] inline __m256d rounded(__m256d product) noexcept {
  asm("" : "+x"(product));
  return product;
}

/// Stores what the ReLU makes of four sums; a bit for each that is not 0.
[[gnu::target("avx2"), gnu::always_inline]] inline ActiveWord store_relu(double* to, __m256d sums) noexcept {
  const __m256d zero = _mm256_setzero_pd();
  _mm256_store_pd(to, _mm256_max_pd(zero, sums));  // the zero first, so that a NaN stays one
  return static_cast<ActiveWord>(_mm256_movemask_pd(_mm256_cmp_pd(sums, zero, _CMP_NLE_UQ)));
}

/// sums += value * weights, four at a time.
template <std::size_t... Q>
[[gnu::target("avx2"), gnu::always_inline]] inline void accumulate(std::index_sequence<Q...>, __m256d* sums,
                                                                   __m256d value, const double* weights) noexcept {
  ((sums[Q] = _mm256_add_pd(sums[Q], rounded(_mm256_mul_pd(value, _mm256_load_pd(weights + Q * quad))))), ...);
}

/// Values of a block's outputs, four for each Q.
template <std::size_t... Q>
[[gnu::target("avx2")]] inline void forward(std::index_sequence<Q...> all, const PackedMlp& network,
                                            const PackedLayer& layer, const PackedBlock& block,
                                            const MlpWorkspace& work) noexcept {
  constexpr std::size_t stride = sizeof...(Q) * quad;
  const double* weights = network.weights.data() + block.offset;
  __m256d sums[] = {_mm256_load_pd(weights + Q * quad)...};
  weights += stride;
  for (std::size_t i = 0; i < layer.dense; ++i) {
    accumulate(all, sums, _mm256_set1_pd(work.values[i]), weights + i * stride);
  }
  for (std::size_t first = layer.dense & ~(active_bits - 1); first < layer.inputs; first += active_bits) {
    for (ActiveWord left = active_inputs(layer, work, first); left != 0; left &= left - 1) {
      const std::size_t i = first + static_cast<std::size_t>(__builtin_ctz(left));
      accumulate(all, sums, _mm256_set1_pd(work.values[i]), weights + i * stride);
    }
  }
  double* const to = work.next_values + block.first_output;
  ActiveWord active = 0;
  ((active |= store_relu(to + Q * quad, sums[Q]) << (Q * quad)), ...);
  add_active(work.next_active, block.first_output, active & block.outputs);
}

/// Values of a block's outputs.
[[gnu::target("avx2")]] inline void forward(const PackedMlp& network, const PackedLayer& layer,
                                            const PackedBlock& block, const MlpWorkspace& work) noexcept {
  switch (block.lines) {
    case 4: return forward(std::make_index_sequence<8>(), network, layer, block, work);
    case 2: return forward(std::make_index_sequence<4>(), network, layer, block, work);
    default: return forward(std::make_index_sequence<2>(), network, layer, block, work);
  }
}

/// The logit of one row. row: [features]
[[gnu::target("avx2")]] inline double mlp_margin(const PackedMlp& network, const double* row,
                                                 MlpWorkspace& work) noexcept {
  encode(network, row, work);
  append_indicators(network, row, work);
  for (const PackedLayer& layer : network.hidden) {
    for (const PackedBlock& block : layer.blocks) forward(network, layer, block, work);
    work.swap();
  }
  return last_layer(network, work);
}

}  // namespace switchyard::detail::avx2

#endif
