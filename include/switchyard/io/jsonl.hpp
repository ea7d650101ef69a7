#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <istream>
#include <memory>
#include <string>
#include <string_view>

namespace switchyard {

/// One line of a text stream, without its line end.
struct Line {
  std::string_view text;   // valid until the next line is read; the first bytes only if `too_long`
  std::size_t number = 0;  // from 1
  bool too_long = false;   // longer than the limit: skipped to its end
  bool complete = true;    // ended by a newline; false for a last line that may be torn
};

/// Calls visit(line) for every line that is not blank, in bounded memory however long a line is. Accepts LF and CRLF,
/// and a UTF-8 byte order mark at the start. Returns the number of lines, blank ones included.
template <class Visit>
std::size_t for_each_line(std::istream& input, Visit&& visit, std::size_t max_line_bytes = std::size_t{16} << 20U) {
  constexpr std::size_t chunk_bytes = std::size_t{256} << 10U;
  const auto chunk = std::make_unique_for_overwrite<char[]>(chunk_bytes);
  std::string pending;  // the part of a line that earlier chunks held
  Line line;
  const auto emit = [&](std::string_view text, bool complete) {
    ++line.number;
    if (line.number == 1 && text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    if (line.too_long || text.find_first_not_of(" \t") != std::string_view::npos) {
      line.text = text;
      line.complete = complete;
      visit(static_cast<const Line&>(line));
    }
    line.too_long = false;
    pending.clear();
  };
  const auto keep = [&](const char* begin, const char* end) {
    const auto room = max_line_bytes - pending.size();
    const auto length = static_cast<std::size_t>(end - begin);
    if (length > room) line.too_long = true;
    pending.append(begin, std::min(length, room));
  };
  while (input) {
    input.read(chunk.get(), static_cast<std::streamsize>(chunk_bytes));
    const char* begin = chunk.get();
    const char* const end = begin + input.gcount();
    while (begin != end) {
      const auto* newline = static_cast<const char*>(std::memchr(begin, '\n', static_cast<std::size_t>(end - begin)));
      const char* const stop = newline != nullptr ? newline : end;
      if (newline != nullptr && pending.empty() && !line.too_long &&
          static_cast<std::size_t>(stop - begin) <= max_line_bytes) {
        emit({begin, static_cast<std::size_t>(stop - begin)}, true);
      } else {
        keep(begin, stop);
        if (newline != nullptr) emit(pending, true);
      }
      begin = newline != nullptr ? newline + 1 : end;
    }
  }
  if (!pending.empty() || line.too_long) emit(pending, false);
  return line.number;
}

}  // namespace switchyard
