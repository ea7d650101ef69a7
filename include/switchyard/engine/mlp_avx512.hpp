#pragma once

#include "switchyard/engine/intrinsics.hpp"
#include "switchyard/engine/mlp_layout.hpp"

#if defined(__x86_64__)

#include <cstddef>
#include <utility>

/// The kernel of mlp_baseline.hpp on registers of eight doubles.
namespace switchyard::detail::avx512 {

inline constexpr std::size_t octet = 8;

/// x - mean of eight features a step; a missing value becomes 0.
[[gnu::target("avx512f")]] inline void encode(const PackedMlp& network, const double* row,
                                              const MlpWorkspace& work) noexcept {
  for (std::size_t begin = 0; begin < network.mean.size(); begin += octet) {
    const std::size_t left = network.features - begin;
    const auto present = static_cast<__mmask8>(left < octet ? (1U << left) - 1U : 0xFFU);
    const __m512d x = _mm512_maskz_loadu_pd(present, row + begin);
    const __mmask8 known = _mm512_cmp_pd_mask(x, x, _CMP_ORD_Q);
    const __m512d value = _mm512_maskz_sub_pd(known, x, _mm512_load_pd(network.mean.data() + begin));
    _mm512_store_pd(work.values + begin, value);
  }
}

/// A product the compiler may not fuse with an addition: see rounded_product.
[[gnu::target("avx512f"), gnu::always_inline]] inline __m512d rounded(__m512d product) noexcept {
  asm("" : "+v"(product));
  return product;
}

/// Stores what the ReLU makes of eight sums; a bit for each that is not 0.
[[gnu::target("avx512f"), gnu::always_inline]] inline ActiveWord store_relu(double* to, __m512d sums) noexcept {
  const __m512d zero = _mm512_setzero_pd();
  // The zero comes first, so that a NaN stays one; masked, because GCC 12 warns of _mm512_max_pd's own code.
  _mm512_store_pd(to, _mm512_maskz_max_pd(__mmask8{0xFF}, zero, sums));
  return _mm512_cmp_pd_mask(sums, zero, _CMP_NLE_UQ);
}

/// sums += value * weights, eight at a time.
template <std::size_t... L>
[[gnu::target("avx512f"), gnu::always_inline]] inline void accumulate(std::index_sequence<L...>, __m512d* sums,
                                                                      __m512d value, const double* weights) noexcept {
  ((sums[L] = _mm512_add_pd(sums[L], rounded(_mm512_mul_pd(value, _mm512_load_pd(weights + L * octet))))), ...);
}

/// Values of a block's outputs, eight for each L.
template <std::size_t... L>
[[gnu::target("avx512f")]] inline void forward(std::index_sequence<L...> all, const PackedMlp& network,
                                               const PackedLayer& layer, const PackedBlock& block,
                                               const MlpWorkspace& work) noexcept {
  constexpr std::size_t stride = sizeof...(L) * octet;
  const double* weights = network.weights.data() + block.offset;
  __m512d sums[] = {_mm512_load_pd(weights + L * octet)...};
  weights += stride;
  for (std::size_t i = 0; i < layer.dense; ++i) {
    accumulate(all, sums, _mm512_set1_pd(work.values[i]), weights + i * stride);
  }
  for (std::size_t first = layer.dense & ~(active_bits - 1); first < layer.inputs; first += active_bits) {
    for (ActiveWord left = active_inputs(layer, work, first); left != 0; left &= left - 1) {
      const std::size_t i = first + static_cast<std::size_t>(__builtin_ctz(left));
      accumulate(all, sums, _mm512_set1_pd(work.values[i]), weights + i * stride);
    }
  }
  double* const to = work.next_values + block.first_output;
  ActiveWord active = 0;
  ((active |= store_relu(to + L * octet, sums[L]) << (L * octet)), ...);
  add_active(work.next_active, block.first_output, active & block.outputs);
}

/// Values of a block's outputs.
[[gnu::target("avx512f")]] inline void forward(const PackedMlp& network, const PackedLayer& layer,
                                               const PackedBlock& block, const MlpWorkspace& work) noexcept {
  switch (block.lines) {
    case 4: return forward(std::make_index_sequence<4>(), network, layer, block, work);
    case 2: return forward(std::make_index_sequence<2>(), network, layer, block, work);
    default: return forward(std::make_index_sequence<1>(), network, layer, block, work);
  }
}

/// The logit of one row. row: [features]
[[gnu::target("avx512f")]] inline double mlp_margin(const PackedMlp& network, const double* row,
                                                    MlpWorkspace& work) noexcept {
  encode(network, row, work);
  append_indicators(network, row, work);
  for (const PackedLayer& layer : network.hidden) {
    for (const PackedBlock& block : layer.blocks) forward(network, layer, block, work);
    work.swap();
  }
  return last_layer(network, work);
}

}  // namespace switchyard::detail::avx512

#endif
