#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/data/dataset.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

namespace switchyard::detail {

/// Deep enough for any data, shallow enough for every walk over a tree that keeps one frame per level.
inline constexpr int max_tree_depth = 64;

inline void require_between(const char* name, int found, int low, int high) {
  if (found >= low && found <= high) return;
  throw InvalidArgument::out_of_range(name, std::to_string(found),
                                      "an integer from " + std::to_string(low) + " to " + std::to_string(high));
}

inline void require_at_least(const char* name, int found, int low) {
  if (found >= low) return;
  throw InvalidArgument::out_of_range(name, std::to_string(found), "an integer of at least " + std::to_string(low));
}

inline void require_positive(const char* name, double found) {
  if (found > 0 && std::isfinite(found)) return;
  throw InvalidArgument::out_of_range(name, format_number(found), "a positive number");
}

inline void require_not_negative(const char* name, double found) {
  if (found >= 0 && std::isfinite(found)) return;
  throw InvalidArgument::out_of_range(name, format_number(found), "a number of at least 0");
}

/// Above 0 and at most 1.
inline void require_fraction(const char* name, double found) {
  if (found > 0 && found <= 1) return;
  throw InvalidArgument::out_of_range(name, format_number(found), "a number in (0, 1]");
}

/// A valid data set with at least one row, and few enough for 32-bit row numbers.
inline void require_training_rows(const Dataset& train) {
  train.validate();
  if (train.rows() >= 1 && train.rows() <= std::numeric_limits<std::int32_t>::max()) return;
  throw InvalidArgument::out_of_range("rows of training data", std::to_string(train.rows()), "1 to 2^31 - 1");
}

}  // namespace switchyard::detail
