#pragma once

#include "switchyard/core/parallel.hpp"
#include "switchyard/tree/criterion.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

// Sums as whole multiples of a tiny unit, chosen per tree so that the sum of all magnitudes stays below 2^61: some 44
// bits per row of a hundred thousand, hence as good as doubles. Integer addition is associative: histograms have the
// same bits whoever adds what first, a sibling's is exactly parent minus child, and an empty bin is exactly zero.
namespace switchyard {

/// What rows add up to in a node or bin.
struct FixedSums {
  std::int64_t gradient = 0;
  std::int64_t hessian = 0;  // at least 1 per row, so that 0 means no rows

  FixedSums& operator+=(const FixedSums& other) noexcept {
    gradient += other.gradient;
    hessian += other.hessian;
    return *this;
  }
  FixedSums& operator-=(const FixedSums& other) noexcept {
    gradient -= other.gradient;
    hessian -= other.hessian;
    return *this;
  }
  [[nodiscard]] bool empty() const noexcept { return hessian == 0; }
  friend bool operator==(const FixedSums&, const FixedSums&) = default;
};

/// The same with the rows' weight, for limits that neither gradient nor hessian knows.
struct CountedFixedSums {
  std::int64_t gradient = 0;
  std::int64_t hessian = 0;
  std::int64_t weight = 0;

  CountedFixedSums& operator+=(const CountedFixedSums& other) noexcept {
    gradient += other.gradient;
    hessian += other.hessian;
    weight += other.weight;
    return *this;
  }
  CountedFixedSums& operator-=(const CountedFixedSums& other) noexcept {
    gradient -= other.gradient;
    hessian -= other.hessian;
    weight -= other.weight;
    return *this;
  }
  [[nodiscard]] bool empty() const noexcept { return hessian == 0; }
  friend bool operator==(const CountedFixedSums&, const CountedFixedSums&) = default;
};

template <class Sums>
[[nodiscard]] Sums operator+(Sums a, const Sums& b) noexcept requires requires {
  a.empty();
}
{ return a += b; }
template <class Sums>
[[nodiscard]] Sums operator-(Sums a, const Sums& b) noexcept requires requires {
  a.empty();
}
{ return a -= b; }

/// The units of fixed-point sums: powers of two.
struct FixedPoint {
  GradientSums per_unit;  // units of 1
  GradientSums unit;      // 1 / per_unit

  /// Of what is not held the weight is the hessian: where they differ, nobody asks for it.
  [[nodiscard]] GradientSums decode(const FixedSums& sums) const noexcept {
    const double hessian = static_cast<double>(sums.hessian) * unit.hessian;
    return {static_cast<double>(sums.gradient) * unit.gradient, hessian, hessian};
  }
  [[nodiscard]] GradientSums decode(const CountedFixedSums& sums) const noexcept {
    return {static_cast<double>(sums.gradient) * unit.gradient, static_cast<double>(sums.hessian) * unit.hessian,
            static_cast<double>(sums.weight) * unit.weight};
  }

  void encode(const GradientSums& sums, FixedSums& result) const noexcept {
    result.gradient = rounded(sums.gradient * per_unit.gradient);
    result.hessian = at_least_one(sums.hessian * per_unit.hessian, sums.weight);
  }
  void encode(const GradientSums& sums, CountedFixedSums& result) const noexcept {
    result.gradient = rounded(sums.gradient * per_unit.gradient);
    result.hessian = at_least_one(sums.hessian * per_unit.hessian, sums.weight);
    result.weight = at_least_one(sums.weight * per_unit.weight, sums.weight);
  }

 private:
  /// Half away from zero: a value and its negative keep adding up to nothing.
  [[nodiscard]] static std::int64_t rounded(double value) noexcept {
    return static_cast<std::int64_t>(value + std::copysign(0.5, value));
  }
  [[nodiscard]] static std::int64_t at_least_one(double value, double weight) noexcept {
    return weight > 0 ? std::max<std::int64_t>(1, static_cast<std::int64_t>(value + 0.5)) : 0;
  }
};

/// What is to be known of all rows before they are written in fixed point.
struct SumRange {
  GradientSums magnitude;         // sums of absolute values
  bool hessian_is_weight = true;  // in every row
  bool weights_are_equal = true;  // 1 each

  void add(const GradientSums& row) noexcept {
    magnitude += {std::abs(row.gradient), row.hessian, row.weight};
    hessian_is_weight = hessian_is_weight & (row.hessian == row.weight);
    weights_are_equal = weights_are_equal & ((row.weight == 1) | (row.weight == 0));
  }
  void add(const SumRange& other) noexcept {
    magnitude += other.magnitude;
    hessian_is_weight = hessian_is_weight && other.hessian_is_weight;
    weights_are_equal = weights_are_equal && other.weights_are_equal;
  }

  [[nodiscard]] FixedPoint fixed_point() const noexcept {
    const GradientSums exponent{exponent_for(magnitude.gradient), exponent_for(magnitude.hessian),
                                exponent_for(magnitude.weight)};
    return {power(exponent, 1), power(exponent, -1)};
  }

 private:
  /// e with 2^60 <= magnitude 2^e < 2^61, so that rounding a row at a time cannot leave 63 bits.
  [[nodiscard]] static double exponent_for(double magnitude) noexcept {
    constexpr int sum_bits = 60;
    constexpr int largest = 1000;  // a sum that needs more is nothing
    return magnitude > 0 ? std::clamp(sum_bits - std::ilogb(magnitude), -largest, largest) : 0;
  }
  [[nodiscard]] static GradientSums power(const GradientSums& exponent, int sign) noexcept {
    const auto of = [sign](double each) { return std::ldexp(1.0, sign * static_cast<int>(each)); };
    return {of(exponent.gradient), of(exponent.hessian), of(exponent.weight)};
  }
};

/// Range of all rows. Block by block, so that threads can share the work and its bits do not depend on them.
[[nodiscard]] inline SumRange range_of(std::span<const GradientSums> rows, ThreadPool& pool) {
  constexpr std::size_t block_rows = 8192;
  std::vector<SumRange> blocks((rows.size() + block_rows - 1) / block_rows);
  pool.for_each_index(blocks.size(), [&](std::size_t block) {
    SumRange range;
    for (const GradientSums& row :
         rows.subspan(block * block_rows).first(std::min(block_rows, rows.size() - block * block_rows))) {
      range.add(row);
    }
    blocks[block] = range;
  });
  SumRange all;
  for (const SumRange& each : blocks) all.add(each);
  return all;
}

}  // namespace switchyard
