#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <string>
#include <string_view>

namespace bench {

/// What a worker measured, printed as one line of JSON. Peers share it, so it needs nothing of ours.
class Result {
 public:
  Result& add(std::string_view name, double value) {
    std::array<char, 40> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return add_raw(name, std::isfinite(value) ? std::string_view(text.data(), end) : "null");
  }

  /// value: without quotes or control characters
  Result& add(std::string_view name, std::string_view value) { return add_raw(name, '"' + std::string(value) + '"'); }

  void print() const {
    std::printf("{%s}\n", fields_.c_str());
    std::fflush(stdout);
  }

 private:
  Result& add_raw(std::string_view name, std::string_view value) {
    if (!fields_.empty()) fields_ += ", ";
    ((((fields_ += '"') += name) += "\": ") += value);
    return *this;
  }

  std::string fields_;
};

}  // namespace bench
