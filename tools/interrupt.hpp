#pragma once

#include <atomic>
#include <csignal>

namespace switchyard::tools {

namespace detail {
inline std::atomic<int> signals_seen{0};
inline std::atomic<int> last_signal{0};
}  // namespace detail

/// From here on SIGINT and SIGTERM are counted instead of ending the process: the first asks to drain, the second to
/// stop at once. SIGPIPE is ignored, so that a reader that went away is a write error, not a death.
inline void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = [](int signal) {
    detail::last_signal.store(signal);
    detail::signals_seen.fetch_add(1);
  };
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

/// How many SIGINT/SIGTERM came since catch_interrupts().
[[nodiscard]] inline int interrupts() noexcept { return detail::signals_seen.load(); }

/// 128 + the last signal: 130 after SIGINT, 143 after SIGTERM.
[[nodiscard]] inline int interrupted_exit_code() noexcept { return 128 + detail::last_signal.load(); }

}  // namespace switchyard::tools
