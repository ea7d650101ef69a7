#pragma once

#include "switchyard/core/random.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/pipeline/features.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

/// d1: the requirements' shape. 14 columns of few distinct values, five runs, sizes of the requirements' list; labels
/// depend on workload, window, size, pattern and hour through a logistic function.
[[nodiscard]] inline switchyard::Dataset data_d1(switchyard::Index rows, std::uint64_t seed = 42) {
  static const std::array<std::vector<double>, 4> sizes = {
      {{0.5, 1, 5, 10}, {50, 100, 200, 500, 1024}, {1024, 2048, 3072, 5120}, {3072, 5120, 8192, 10240}}};
  constexpr std::array<double, 5> run_share = {0.1, 0.3, 0.3, 0.2, 0.1};
  constexpr std::array<int, 5> pattern_of_run = {0, 3, 1, 2, 0};
  constexpr std::array<int, 5> hour_of_run = {2, 8, 12, 18, 22};
  constexpr std::array<double, 4> memory_mb = {128, 512, 1024, 2048};
  switchyard::Rng draw(seed);
  switchyard::Dataset data;
  data.feature_names = switchyard::requirement_feature_columns();
  data.features.resize(rows, static_cast<switchyard::Index>(data.feature_names.size()));
  for (switchyard::Index i = 0; i < rows; ++i) {
    const auto workload = static_cast<std::size_t>(draw.below(sizes.size()));
    const double size = sizes[workload][static_cast<std::size_t>(draw.below(sizes[workload].size()))];
    std::size_t run = 0;
    for (double left = draw.uniform(); run + 1 < run_share.size() && left >= run_share[run]; ++run) {
      left -= run_share[run];
    }
    const auto w = static_cast<double>(workload);
    const auto window = static_cast<double>(run);
    const double pattern = pattern_of_run[run];
    const double hour = hour_of_run[run] + static_cast<double>(draw.below(2));
    const auto weekend = static_cast<double>(draw.below(2));
    data.features.row(i) << w, size, hour, window, weekend, pattern, memory_mb[workload], size * size, std::log1p(size),
        size * w, size * hour, size * window, w * window, size * pattern;
    const double z = 1.1 * std::sin(1.7 * w + window) + 0.8 * (std::log1p(size) - 5) / 3 * (pattern >= 2 ? -1.0 : 1.0) +
                     0.6 * (hour > 12 ? 1.0 : 0.0) * (w > 1 ? 1.0 : -1.0) + 0.3;
    data.labels.push_back(draw.uniform() < 1 / (1 + std::exp(-1.6 * z)) ? 1 : 0);
  }
  return data;
}

}  // namespace bench
