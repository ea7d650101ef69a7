#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/pipeline/features.hpp"

#include <cmath>
#include <cstdint>

namespace switchyard::detail {

/// Sizes outside the catalogue differ a little between platforms (JSON quotes); three digits make one stratum of them.
/// Returns digits and decimal exponent in one number, small whatever the size; 0 for none.
[[nodiscard]] inline std::int64_t size_key(double payload_kb) noexcept {
  constexpr double least_kb = 1e-6;
  if (!(payload_kb >= least_kb)) return 0;
  auto exponent = static_cast<std::int64_t>(std::floor(std::log10(payload_kb)));
  std::int64_t digits = std::llround(payload_kb / std::pow(10.0, static_cast<double>(exponent - 2)));
  if (digits == 1000) {
    digits = 100;
    ++exponent;
  }
  return (exponent + 7) * 1000 + digits;
}

/// Requests of one workload, size, window and pattern, which alone are compared.
[[nodiscard]] inline std::int64_t stratum_of(const Request& request, const Catalogue& catalogue) noexcept {
  constexpr std::int64_t codes = 256;
  const auto window = static_cast<std::int64_t>(window_of(request, catalogue).value_or(TimeWindow{255}));
  const auto pattern = static_cast<std::int64_t>(request.load_pattern.value_or(LoadPattern{255}));
  return ((size_key(request.payload_kb) * codes + static_cast<std::int64_t>(request.workload)) * codes + window) *
             codes +
         pattern;
}

}  // namespace switchyard::detail
