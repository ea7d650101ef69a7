#pragma once

#include "data_d1.hpp"

#include "switchyard/model/boosting_options.hpp"
#include "switchyard/model/gradient_boosting.hpp"

namespace bench {

/// The model whose nested ifs the gate is compiled with: the same bits wherever and whenever it is fitted.
[[nodiscard]] inline switchyard::GradientBoosting gate_model() {
  constexpr switchyard::Index rows = 5'000;
  return switchyard::GradientBoosting::fit(data_d1(rows), switchyard::level_wise_boosting());
}

}  // namespace bench
