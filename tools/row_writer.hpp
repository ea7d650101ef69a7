#pragma once

#include "switchyard/core/error.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace switchyard::tools {

/// Appends rows to files below one directory. Each row is one write(2) to the end of its file, so that whatever ends
/// the process loses at most the row in progress, and a torn last line of an earlier run stays alone. Thread-safe.
class RowWriter {
 public:
  explicit RowWriter(std::filesystem::path directory) : directory_(std::move(directory)) {
    std::error_code error;
    std::filesystem::create_directories(directory_, error);
    if (error) throw FileError::cannot_write(directory_.string(), error.message());
  }
  RowWriter(const RowWriter&) = delete;
  RowWriter& operator=(const RowWriter&) = delete;
  ~RowWriter() {
    for (const auto& [name, descriptor] : files_) ::close(descriptor);
  }

  /// `row` with its newline; `name` is relative to the directory. Throws FileError.
  void write(const std::string& name, std::string_view row) {
    const std::lock_guard lock(mutex_);
    const int descriptor = open_file(name);
    while (!row.empty()) {
      const ssize_t written = ::write(descriptor, row.data(), row.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw FileError::cannot_write((directory_ / name).string(), std::strerror(errno));
      row.remove_prefix(static_cast<std::size_t>(written));
    }
  }

 private:
  int open_file(const std::string& name) {
    const auto found = files_.find(name);
    if (found != files_.end()) return found->second;
    const auto path = directory_ / name;
    std::error_code ignored;  // opening says it better
    std::filesystem::create_directories(path.parent_path(), ignored);
    const int descriptor = ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0) throw FileError::cannot_open(path.string(), std::strerror(errno));
    files_.emplace(name, descriptor);
    const off_t size = ::lseek(descriptor, 0, SEEK_END);
    char last = '\n';
    if (size > 0 && ::pread(descriptor, &last, 1, size - 1) == 1 && last != '\n') {
      if (::write(descriptor, "\n", 1) != 1) throw FileError::cannot_write(path.string(), std::strerror(errno));
    }
    return descriptor;
  }

  std::filesystem::path directory_;
  std::mutex mutex_;
  std::map<std::string, int> files_;
};

}  // namespace switchyard::tools
