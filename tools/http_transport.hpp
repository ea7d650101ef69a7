#pragma once

#include "url.hpp"

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::tools {

using Clock = std::chrono::steady_clock;

/// Until when a request may last, and a switch that ends it before.
struct Deadline {
  Clock::time_point at;
  const std::atomic<bool>* abort = nullptr;  // may be null

  [[nodiscard]] bool aborted() const noexcept { return abort != nullptr && abort->load(); }
};

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

/// Every address of the URL's host, in the resolver's order; empty if the name is not known. Blocks.
[[nodiscard]] std::vector<Address> resolve(const Url& url);

/// A client's TLS settings: the system's certificate authorities, TLS 1.2 or later; no verification if `insecure`.
[[nodiscard]] std::shared_ptr<SSL_CTX> make_tls_context(bool insecure);

/// What became of one step on a socket.
enum class Step { ok, would_block, ended, failed, timeout };

/// A TCP connection, with TLS if asked for, whose every wait ends at a deadline: a server that trickles bytes cannot
/// hold a request beyond its limit, as it can with time-outs per read.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  ~Transport() { close(); }

  /// Tries one address after the other. ok, failed (see error()) or timeout.
  [[nodiscard]] Step connect(const Url& url, const std::vector<Address>& addresses, SSL_CTX* tls,
                             const Deadline& deadline);

  /// Sends some of `bytes`; drops what was sent from its front. Never waits: ok, would_block, or failed.
  [[nodiscard]] Step send_some(std::string_view& bytes);

  /// Appends what has arrived to `bytes`. Never waits: ok, would_block, ended (the peer closed), or failed.
  [[nodiscard]] Step receive_some(std::string& bytes);

  /// Waits until the socket can be read (or written, if `writable` is asked for too): ok or timeout.
  [[nodiscard]] Step wait(bool writable, const Deadline& deadline) const;

  /// Whether an idle connection has nothing to say: bytes or an end between two requests make it useless.
  [[nodiscard]] bool is_quiet() const;

  [[nodiscard]] bool is_open() const noexcept { return socket_ >= 0; }
  [[nodiscard]] const std::string& error() const noexcept { return error_; }
  void close();

 private:
  [[nodiscard]] Step connect_to(const Address& address, const Deadline& deadline);
  [[nodiscard]] Step handshake(const Url& url, SSL_CTX* tls, const Deadline& deadline);
  [[nodiscard]] Step tls_result(int result);
  [[nodiscard]] Step fail(std::string message);

  int socket_ = -1;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, SSL_free};
  std::string error_;
};

}  // namespace switchyard::tools
