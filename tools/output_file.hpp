#pragma once

#include "switchyard/core/error.hpp"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

namespace switchyard::tools {

namespace detail {

template <class Write>
void write_through(const std::string& file, const std::string& path, Write&& write) {
  std::ofstream output(file, std::ios::binary | std::ios::trunc);
  if (!output) throw FileError::cannot_write(path, std::strerror(errno));
  write(static_cast<std::ostream&>(output));
  if (!output.flush()) throw FileError::cannot_write(path, std::strerror(errno));
}

}  // namespace detail

/// Writes a file by way of a temporary one beside it, so that a reader never sees half of it and a failed write leaves
/// the old one. Folders on the way are made; a device or pipe is written as it is. "-" is standard output's job, not
/// this one's. Throws FileError.
template <class Write>
void write_file(const std::string& path, Write&& write) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path target(path);
  if (target.has_parent_path()) fs::create_directories(target.parent_path(), error);
  if (error) throw FileError::cannot_write(path, error.message());
  if (!target.has_filename() || fs::is_directory(target, error)) throw FileError::cannot_write(path, "it is a folder");
  if (fs::is_other(target, error)) return detail::write_through(path, path, write);
  const std::string temporary = path + ".partial";
  try {
    detail::write_through(temporary, path, write);
  } catch (...) {
    fs::remove(temporary, error);
    throw;
  }
  fs::rename(temporary, target, error);
  if (!error) return;
  const std::string why = error.message();
  fs::remove(temporary, error);
  throw FileError::cannot_write(path, why);
}

/// Indented JSON. A file name may hold bytes that are no UTF-8; JSON may not.
[[nodiscard]] inline std::string printable(const nlohmann::json& object) {
  return object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace switchyard::tools
