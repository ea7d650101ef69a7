#pragma once

#include "switchyard/core/types.hpp"

#include <cmath>
#include <cstddef>
#include <numbers>
#include <utility>
#include <vector>

namespace switchyard::detail {

/// Gauss-Legendre rule on [0, 1]: n points integrate polynomials of degree 2n - 1 exactly. Points lie inside (0, 1).
struct QuadratureRule {
  std::vector<double> points;
  std::vector<double> weights;
};

/// Value and derivative of the Legendre polynomial of degree n at x in (-1, 1), by the three-term recurrence.
[[nodiscard]] inline std::pair<double, double> legendre(int n, double x) noexcept {
  double previous = 1;
  double current = x;
  for (int k = 2; k <= n; ++k) {
    const double next = ((2 * k - 1) * x * current - (k - 1) * previous) / k;
    previous = current;
    current = next;
  }
  return {current, n * (x * current - previous) / (x * x - 1)};
}

/// The rule of n >= 1 points: the roots of Legendre's polynomial by Newton's method from Tricomi's approximation.
[[nodiscard]] inline QuadratureRule gauss_legendre(int n) {
  QuadratureRule rule;
  for (int i = 1; i <= n; ++i) {
    double x = std::cos(std::numbers::pi * (i - 0.25) / (n + 0.5));
    constexpr int newton_steps = 8;  // quadratic convergence: five suffice for any n in use
    for (int step = 0; step < newton_steps; ++step) {
      const auto [value, slope] = legendre(n, x);
      x -= value / slope;
    }
    const double slope = legendre(n, x).second;
    rule.points.push_back((1 + x) / 2);
    rule.weights.push_back(1 / ((1 - x * x) * slope * slope));
  }
  return rule;
}

/// A function's values at N quadrature points, as the compiler's vector registers take them.
template <int N>
using PointValues = Eigen::Array<double, N, 1>;

/// N neighbouring points of a rule.
template <int N>
struct QuadraturePacket {
  PointValues<N> point;
  PointValues<N> weight;
};

/// The rule of the fewest points that integrates polynomials of this degree >= 0 exactly and fills packets of N.
template <int N>
[[nodiscard]] std::vector<QuadraturePacket<N>> quadrature_packets(int degree) {
  const int needed = degree / 2 + 1;
  const int packets = (needed + N - 1) / N;
  const QuadratureRule rule = gauss_legendre(packets * N);
  std::vector<QuadraturePacket<N>> result(static_cast<std::size_t>(packets));
  for (std::size_t i = 0; i < rule.points.size(); ++i) {
    QuadraturePacket<N>& packet = result[i / static_cast<std::size_t>(N)];
    packet.point[static_cast<Index>(i) % N] = rule.points[i];
    packet.weight[static_cast<Index>(i) % N] = rule.weights[i];
  }
  return result;
}

}  // namespace switchyard::detail
