#pragma once

#include "switchyard/core/error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

namespace switchyard {

/// Largest model file that is read.
inline constexpr std::uintmax_t max_model_bytes = std::uintmax_t{256} << 20U;

namespace detail {

/// What a document may hold, so that a small file cannot ask for a large memory.
struct JsonLimits {
  int depth = 64;
  std::size_t containers = std::size_t{4} << 20U;
  std::size_t values = std::size_t{64} << 20U;
};

[[nodiscard]] inline nlohmann::json parse_limited(std::string_view text, std::string_view name) {
  using Event = nlohmann::json::parse_event_t;
  constexpr JsonLimits limits;
  std::size_t containers = 0;
  std::size_t values = 0;
  const auto within_limits = [&](int depth, Event event, const nlohmann::json&) {
    if (depth > limits.depth) throw ModelFormatError(name, "is nested too deep");
    if (event == Event::object_start || event == Event::array_start) ++containers;
    if (event == Event::value || event == Event::key) ++values;
    if (containers > limits.containers || values > limits.values) throw ModelFormatError(name, "holds too many values");
    return true;
  };
  try {
    return nlohmann::json::parse(text, within_limits);
  } catch (const nlohmann::json::exception& error) {
    constexpr std::size_t longest_message = 200;  // it quotes the file
    std::string_view message = error.what();
    message.remove_prefix(std::min(message.size(), message.find("] ") + 2));
    throw ModelFormatError(name, "is not JSON: " + std::string(message.substr(0, longest_message)));
  }
}

[[nodiscard]] inline std::string last_system_error() { return std::generic_category().message(errno); }

[[nodiscard]] inline std::string read_model_text(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) throw FileError::cannot_open(path.string(), "no such file");
  if (!std::filesystem::is_regular_file(status)) throw FileError::cannot_open(path.string(), "not a regular file");
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) throw FileError::cannot_open(path.string(), error.message());
  if (size > max_model_bytes) {
    throw ModelFormatError(
        path.string(), "has " + std::to_string(size) + " bytes; expected at most " + std::to_string(max_model_bytes));
  }
  std::ifstream input(path, std::ios::binary);
  if (!input) throw FileError::cannot_open(path.string(), last_system_error());
  std::string text(static_cast<std::size_t>(size), '\0');
  input.read(text.data(), static_cast<std::streamsize>(size));
  text.resize(static_cast<std::size_t>(input.gcount()));
  return text;
}

inline void write_model_text(const std::filesystem::path& path, std::string_view text) {
  std::ofstream output(path, std::ios::binary | std::ios::trunc);
  if (!output) throw FileError::cannot_write(path.string(), last_system_error());
  output.write(text.data(), static_cast<std::streamsize>(text.size()));
  output.close();
  if (!output) throw FileError::cannot_write(path.string(), last_system_error());
}

}  // namespace detail

}  // namespace switchyard
