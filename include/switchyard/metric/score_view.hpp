#pragma once

#include "switchyard/core/types.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace switchyard {

/// Numbers one per sample (probabilities, weights), seen where they lie: in a Vector, a std::vector or a span.
class ScoreView : public std::span<const double> {
 public:
  using std::span<const double>::span;
  ScoreView(std::span<const double> scores) noexcept : std::span<const double>(scores) {}
  ScoreView(const std::vector<double>& scores) noexcept : std::span<const double>(scores) {}
  ScoreView(const Vector& scores) noexcept
      : std::span<const double>(scores.data(), static_cast<std::size_t>(scores.size())) {}
};

/// Labels one per sample, 0 or 1.
using LabelView = std::span<const std::uint8_t>;

}  // namespace switchyard
