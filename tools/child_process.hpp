#pragma once

#include "switchyard/core/error.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <vector>

extern char** environ;

namespace switchyard::tools {

/// A command in a process of its own. Ended by SIGTERM and waited for when this goes out of scope.
class ChildProcess {
 public:
  /// arguments[0] is the program's path. capture: its standard output is read by read_line() instead of passed on.
  /// Throws Error if it cannot be started.
  explicit ChildProcess(const std::vector<std::string>& arguments, bool capture = false) {
    std::array<int, 2> ends{-1, -1};
    if (capture && pipe2(ends.data(), O_CLOEXEC) != 0) throw Error(std::string("pipe: ") + std::strerror(errno));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (capture) posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    std::vector<char*> raw;
    for (const auto& argument : arguments) raw.push_back(const_cast<char*>(argument.c_str()));
    raw.push_back(nullptr);
    const int error = posix_spawn(&pid_, raw.front(), &actions, nullptr, raw.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (capture) {
      close(ends[1]);
      output_ = ends[0];
    }
    if (error != 0) throw Error("cannot start " + arguments.front() + ": " + std::strerror(error));
  }

  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  ~ChildProcess() {
    if (pid_ > 0) {
      kill(pid_, SIGTERM);
      wait();
    }
    if (output_ >= 0) close(output_);
  }

  /// The next line of a captured output without its end; empty at the end of the output.
  [[nodiscard]] std::string read_line() const {
    std::string line;
    char c = 0;
    while (read(output_, &c, 1) == 1 && c != '\n') line += c;
    return line;
  }

  /// Asks it to stop, gracefully, and returns its exit code.
  int stop() {
    kill(pid_, SIGTERM);
    return wait();
  }

  /// Waits for its end; 128 + signal if one ended it.
  int wait() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t pid_ = -1;
  int output_ = -1;
};

}  // namespace switchyard::tools
