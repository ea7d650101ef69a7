#pragma once

#include <limits>

/// What a missing value is in every feature row of a test.
inline constexpr double missing = std::numeric_limits<double>::quiet_NaN();
