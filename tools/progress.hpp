#pragma once

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

namespace switchyard::tools {

/// A progress line on the terminal's stderr, redrawn in place at most ten times a second; nothing when stderr is not a
/// terminal, so that logs and pipes stay clean.
class Progress {
 public:
  /// total 0: unknown, only the count is shown.
  Progress(std::string label, std::uint64_t total)
      : label_(std::move(label)), total_(total), shown_(isatty(STDERR_FILENO) == 1) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { clear(); }

  void update(std::uint64_t count, const std::string& note = {}) {
    if (!shown_) return;
    const auto now = std::chrono::steady_clock::now();
    if (drawn_ && now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    drawn_ = true;
    std::string line = "\r\033[K";
    line.append(label_).append("  ");
    if (total_ > 0) {
      constexpr std::uint64_t width = 24;
      const std::uint64_t filled = count >= total_ ? width : width * count / total_;
      line.append("[").append(filled, '#').append(width - filled, '.').append("] ");
      line.append(std::to_string(100 * (count < total_ ? count : total_) / total_)).append(" %");
    } else {
      line += std::to_string(count);
    }
    if (!note.empty()) line.append("  ").append(note);
    std::fputs(line.c_str(), stderr);
    std::fflush(stderr);
  }

  void clear() {
    if (drawn_) std::fputs("\r\033[K", stderr);
    drawn_ = false;
  }

 private:
  std::string label_;
  std::uint64_t total_;
  bool shown_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace switchyard::tools
