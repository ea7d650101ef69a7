#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace switchyard::tools {

/// A JSON text whose long strings are taken out.
struct WithoutFiller {
  std::string text;
  std::size_t removed_bytes = 0;
};

/// Empties strings of more than 4 KB: reading megabytes of filler character by character would make the stand-ins, not
/// the platforms they model, the bottleneck. A text with escapes is left as it is. Valid stays valid and broken stays
/// broken, but for control characters within what was removed.
[[nodiscard]] inline WithoutFiller without_filler(std::string_view json) {
  constexpr std::size_t longest = 4096;
  WithoutFiller result;
  if (json.find('\\') != std::string_view::npos) {
    result.text = json;
    return result;
  }
  while (true) {
    const auto open = json.find('"');
    const auto close = open == std::string_view::npos ? open : json.find('"', open + 1);
    if (close == std::string_view::npos) break;
    const bool filler = close - open > longest;
    result.text += json.substr(0, filler ? open + 1 : close);
    result.text += '"';
    if (filler) result.removed_bytes += close - open - 1;
    json.remove_prefix(close + 1);
  }
  result.text += json;
  return result;
}

}  // namespace switchyard::tools
