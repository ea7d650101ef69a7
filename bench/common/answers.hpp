#pragma once

#include "arguments.hpp"
#include "rows.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace bench {

/// How many rows' answers are compared one by one with another side's.
inline constexpr std::size_t compared_rows = 512;

/// With answers=PREFIX, the values go into PREFIX.WHAT.f64, where the driver compares them with another side's.
inline void keep_answers(const Arguments& arguments, const std::string& what, const std::vector<double>& values) {
  if (arguments.has("answers")) write_raw(arguments.text("answers") + "." + what + ".f64", values);
}

/// The same for any range of numbers, as many as are there but `most`.
template <class Iterator>
void keep_answers(const Arguments& arguments, const std::string& what, Iterator first, Iterator last,
                  std::size_t most) {
  std::vector<double> values;
  for (; first != last && values.size() < most; ++first) values.push_back(static_cast<double>(*first));
  keep_answers(arguments, what, values);
}

}  // namespace bench
