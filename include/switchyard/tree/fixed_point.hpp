#pragma once

#include "switchyard/tree/criterion.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

// Sums as whole multiples of a tiny unit, chosen per tree so that the sum of all magnitudes stays below 2^61: some 44
// bits per row of a hundred thousand, hence as good as doubles. Integer addition is associative: histograms have the
// same bits whoever adds what first, a sibling's is exactly parent minus child, and an empty bin is exactly zero.
//
// The unit is known once all rows are: until then a row's doubles stand where its integers will (`pending`), so that
// nothing is held twice.
namespace switchyard {

namespace detail {

/// Of a row that counts: more than nothing, which is how FixedPoint::encode knows it.
[[nodiscard]] inline double pending_hessian(const GradientSums& sums) noexcept {
  return sums.weight > 0 ? std::max(sums.hessian, std::numeric_limits<double>::min()) : 0;
}

}  // namespace detail

/// What rows add up to in a node or bin.
struct FixedSums {
  std::int64_t gradient = 0;
  std::int64_t hessian = 0;  // at least 1 per row, so that 0 means no rows

  [[nodiscard]] static FixedSums pending(const GradientSums& row) noexcept {
    return {std::bit_cast<std::int64_t>(row.gradient), std::bit_cast<std::int64_t>(detail::pending_hessian(row))};
  }
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

  [[nodiscard]] static CountedFixedSums pending(const GradientSums& row) noexcept {
    return {std::bit_cast<std::int64_t>(row.gradient), std::bit_cast<std::int64_t>(detail::pending_hessian(row)),
            std::bit_cast<std::int64_t>(row.weight)};
  }
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

  /// Turns pending sums into fixed ones.
  void encode(FixedSums& sums) const noexcept {
    sums.gradient = rounded(std::bit_cast<double>(sums.gradient) * per_unit.gradient);
    sums.hessian = at_least_one(std::bit_cast<double>(sums.hessian), per_unit.hessian);
  }
  void encode(CountedFixedSums& sums) const noexcept {
    sums.gradient = rounded(std::bit_cast<double>(sums.gradient) * per_unit.gradient);
    sums.hessian = at_least_one(std::bit_cast<double>(sums.hessian), per_unit.hessian);
    sums.weight = at_least_one(std::bit_cast<double>(sums.weight), per_unit.weight);
  }

 private:
  /// Half away from zero: a value and its negative keep adding up to nothing.
  [[nodiscard]] static std::int64_t rounded(double value) noexcept {
    return static_cast<std::int64_t>(value + std::copysign(0.5, value));
  }
  [[nodiscard]] static std::int64_t at_least_one(double value, double per_unit) noexcept {
    return value > 0 ? std::max<std::int64_t>(1, static_cast<std::int64_t>(value * per_unit + 0.5)) : 0;
  }
};

/// What is to be known of all rows before they are written in fixed point.
struct SumRange {
  GradientSums magnitude;  // sums of absolute values

  void add(const GradientSums& row) noexcept { magnitude += {std::abs(row.gradient), row.hessian, row.weight}; }

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

}  // namespace switchyard
