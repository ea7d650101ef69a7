#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <utility>

namespace switchyard {

/// The one generator of the library: xoshiro256++ 1.0 (Blackman & Vigna, "Scrambled Linear Pseudorandom Number
/// Generators", ACM TOMS 47(4), 2021), seeded through SplitMix64 as its authors advise. Distributions are our own,
/// because the standard library's differ between vendors: the same seed gives the same bits everywhere.
class Rng {
 public:
  explicit constexpr Rng(std::uint64_t seed) noexcept {
    for (auto& word : state_) word = split_mix(seed);
  }

  /// Independent generator number `index` of a family: results do not depend on which thread asks first.
  [[nodiscard]] static constexpr Rng stream(std::uint64_t seed, std::uint64_t index) noexcept {
    std::uint64_t mixed = index;
    return Rng(seed ^ std::rotl(split_mix(mixed), 17));
  }

  [[nodiscard]] constexpr std::uint64_t next() noexcept {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  /// Uniform in [0, 1), 53 random bits.
  [[nodiscard]] constexpr double uniform() noexcept { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

  /// Uniform in [low, high).
  [[nodiscard]] constexpr double uniform(double low, double high) noexcept { return low + (high - low) * uniform(); }

  /// Uniform integer in [0, count), without modulo bias (Lemire, "Fast Random Integer Generation in an Interval",
  /// 2019, by rejection). `count` >= 1.
  [[nodiscard]] constexpr std::uint64_t below(std::uint64_t count) noexcept {
    const std::uint64_t limit = (~std::uint64_t{0} / count) * count;
    std::uint64_t value = next();
    while (value >= limit) value = next();
    return value % count;
  }

  [[nodiscard]] constexpr bool bernoulli(double probability) noexcept { return uniform() < probability; }

  /// Standard normal (Box & Muller, 1958; the second value of each pair is not kept, so the state is all there is).
  [[nodiscard]] double normal() noexcept {
    const double radius = std::sqrt(-2.0 * std::log1p(-uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
  }

  /// Exponential with the given mean.
  [[nodiscard]] double exponential(double mean) noexcept { return -mean * std::log1p(-uniform()); }

  /// Fisher-Yates shuffle.
  template <class T>
  constexpr void shuffle(std::span<T> values) noexcept {
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
  }

 private:
  static constexpr std::uint64_t split_mix(std::uint64_t& state) noexcept {
    state += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }

  std::uint64_t state_[4]{};
};

}  // namespace switchyard
