#pragma once

#include "switchyard/core/error.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace switchyard::tools {

/// The text of errno.
[[nodiscard]] inline std::string last_system_error() { return std::strerror(errno); }

/// The log files that arguments name: files as given, folders searched for *.jsonl, "-" for standard input. Sorted
/// within a folder, each file once. Throws FileError for what does not exist and DataError for folders without logs.
[[nodiscard]] inline std::vector<std::string> find_log_files(const std::vector<std::string>& arguments) {
  namespace fs = std::filesystem;
  std::vector<std::string> files;
  std::set<std::string> seen;
  const auto add = [&](const fs::path& path) {
    std::error_code ignored;
    const auto canonical = fs::weakly_canonical(path, ignored);
    if (seen.insert(canonical.string()).second) files.push_back(path.string());
  };
  for (const std::string& argument : arguments) {
    if (argument == "-") {
      files.push_back(argument);
      continue;
    }
    std::error_code error;
    const auto status = fs::status(argument, error);
    if (!fs::exists(status)) throw FileError::cannot_open(argument, error ? error.message() : "no such file or folder");
    if (!fs::is_directory(status)) {
      add(argument);
      continue;
    }
    std::vector<fs::path> found;
    for (fs::recursive_directory_iterator entry(argument, error), end; !error && entry != end; entry.increment(error)) {
      if (entry->path().extension() == ".jsonl" && !entry->is_directory()) found.push_back(entry->path());
    }
    if (error) throw FileError::cannot_open(argument, error.message());
    if (found.empty()) throw DataError({argument, 0, 0}, "no *.jsonl file in this folder");
    std::sort(found.begin(), found.end());
    for (const auto& path : found) add(path);
  }
  return files;
}

}  // namespace switchyard::tools
