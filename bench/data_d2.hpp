#pragma once

#include "switchyard/core/random.hpp"
#include "switchyard/data/dataset.hpp"

#include <cmath>
#include <cstdint>
#include <string>

namespace bench {

/// d2: dense. 28 standard normal columns, no two rows alike, so that nothing can be gained from repeated rows.
[[nodiscard]] inline switchyard::Dataset data_d2(switchyard::Index rows, std::uint64_t seed = 42) {
  constexpr switchyard::Index columns = 28;
  switchyard::Rng draw(seed);
  switchyard::Dataset data;
  for (switchyard::Index c = 0; c < columns; ++c) {
    std::string name = "x";  // GCC 12 warns of "x" + std::to_string(c)
    data.feature_names.push_back(name += std::to_string(c));
  }
  data.features.resize(rows, columns);
  for (switchyard::Index i = 0; i < rows; ++i) {
    for (switchyard::Index c = 0; c < columns; ++c) data.features(i, c) = draw.normal();
    const auto x = data.features.row(i);
    const double s = x[0] * x[1] + std::sin(2 * x[2]) + 0.5 * x[3] * x[3] - 0.5 + (x[4] > 0 ? x[5] : -x[6]) +
                     0.3 * (x[7] + x[8] + x[9] + x[10] + x[11]);
    data.labels.push_back(draw.uniform() < 1 / (1 + std::exp(-1.5 * s)) ? 1 : 0);
  }
  return data;
}

}  // namespace bench
