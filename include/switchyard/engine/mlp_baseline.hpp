#pragma once

#include "switchyard/engine/mlp_layout.hpp"

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

#include <cstddef>
#include <utility>

/// The kernel that every processor has, on pairs of doubles: SSE2 on x86-64, NEON on arm64. A layer's sums start at
/// its biases and stay in registers while the inputs come by in order; an input that ReLU or scaling made 0 adds
/// nothing and is skipped, which is about half of the work of the second and later layers.
namespace switchyard::detail::baseline {

using Pair [[gnu::vector_size(16)]] = double;
inline constexpr std::size_t pair = 2;

[[nodiscard]] inline Pair load(const double* from) noexcept {
  Pair result;
  __builtin_memcpy(&result, __builtin_assume_aligned(from, sizeof(Pair)), sizeof(Pair));
  return result;
}

inline void store(double* to, Pair values) noexcept {
  __builtin_memcpy(__builtin_assume_aligned(to, sizeof(Pair)), &values, sizeof(Pair));
}

/// Stores what the ReLU makes of two sums; a bit for each that is not 0.
[[nodiscard]] inline ActiveWord store_relu(double* to, Pair sums) noexcept {
#if defined(__x86_64__)
  const __m128d zero = _mm_setzero_pd();
  _mm_store_pd(to, _mm_max_pd(zero, sums));  // the zero first, so that a NaN stays one
  return static_cast<ActiveWord>(_mm_movemask_pd(_mm_cmpnle_pd(sums, zero)));
#else
  store(to, sums <= Pair{} ? Pair{} : sums);
  return ActiveWord{!(sums[0] <= 0)} | (ActiveWord{!(sums[1] <= 0)} << 1U);
#endif
}

/// x - mean; a missing value becomes 0.
inline void encode(const PackedMlp& network, const double* row, const MlpWorkspace& work) noexcept {
  const double* const mean = network.mean.data();
  for (std::size_t begin = 0; begin < network.mean.size(); begin += pair) {
    const Pair x = {begin < network.features ? row[begin] : 0.0, begin + 1 < network.features ? row[begin + 1] : 0.0};
    const Pair centred = x - load(mean + begin);
    const Pair value = x == x ? centred : Pair{};
    store(work.values + begin, value);
  }
}

/// A product the compiler may not fuse with an addition: see rounded_product.
[[nodiscard]] inline Pair rounded(Pair product) noexcept {
#if defined(__x86_64__)
  asm("" : "+x"(product));
#elif defined(__aarch64__)
  asm("" : "+w"(product));
#endif
  return product;
}

/// sums += value * weights, two at a time.
template <std::size_t... P>
inline void accumulate(std::index_sequence<P...>, Pair* sums, Pair value, const double* weights) noexcept {
  ((sums[P] = sums[P] + rounded(value * load(weights + P * pair))), ...);
}

/// Values of a block's outputs, two for each P.
template <std::size_t... P>
inline void forward(std::index_sequence<P...> all, const PackedMlp& network, const PackedLayer& layer,
                    const PackedBlock& block, const MlpWorkspace& work) noexcept {
  constexpr std::size_t stride = sizeof...(P) * pair;
  const double* weights = network.weights.data() + block.offset;
  Pair sums[] = {load(weights + P * pair)...};
  weights += stride;
  for (std::size_t i = 0; i < layer.dense; ++i) {
    accumulate(all, sums, Pair{work.values[i], work.values[i]}, weights + i * stride);
  }
  for (std::size_t first = layer.dense & ~(active_bits - 1); first < layer.inputs; first += active_bits) {
    for (ActiveWord left = active_inputs(layer, work, first); left != 0; left &= left - 1) {
      const std::size_t i = first + static_cast<std::size_t>(__builtin_ctz(left));
      accumulate(all, sums, Pair{work.values[i], work.values[i]}, weights + i * stride);
    }
  }
  double* const to = work.next_values + block.first_output;
  ActiveWord active = 0;
  ((active |= store_relu(to + P * pair, sums[P]) << (P * pair)), ...);
  add_active(work.next_active, block.first_output, active & block.outputs);
}

/// Values of a block's outputs.
inline void forward(const PackedMlp& network, const PackedLayer& layer, const PackedBlock& block,
                    const MlpWorkspace& work) noexcept {
  switch (block.lines) {
    case 2: return forward(std::make_index_sequence<8>(), network, layer, block, work);
    default: return forward(std::make_index_sequence<4>(), network, layer, block, work);
  }
}

/// The logit of one row. row: [features]
inline double mlp_margin(const PackedMlp& network, const double* row, MlpWorkspace& work) noexcept {
  encode(network, row, work);
  append_indicators(network, row, work);
  for (const PackedLayer& layer : network.hidden) {
    for (const PackedBlock& block : layer.blocks) forward(network, layer, block, work);
    work.swap();
  }
  return last_layer(network, work);
}

}  // namespace switchyard::detail::baseline
