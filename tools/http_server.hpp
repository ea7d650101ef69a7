#pragma once

#include <httplib.h>

#include <atomic>
#include <string>
#include <thread>

namespace switchyard::tools {

struct ListenOptions {
  std::string host = "127.0.0.1";
  int port = 0;                         // 0 = any free one
  std::size_t most_connections = 2048;  // a thread each, made when needed
  std::size_t most_body_bytes = 16 * 1024 * 1024;
  double drain_limit_s = 60;  // stopping: how long requests under way may take before their connections are cut
};

/// A cpp-httplib server on a thread of its own that can be stopped gracefully. Add handlers to `http` before start().
class HttpServer {
 public:
  explicit HttpServer(ListenOptions options);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer() { stop(); }

  httplib::Server http;

  /// Binds and listens; returns the port. Throws Error if the port is taken.
  int start();

  /// Takes no more connections, lets requests under way finish for as long as the drain limit allows, ends idle
  /// connections at once, and returns when all are closed. Safe to call twice.
  void stop();

  [[nodiscard]] int active_requests() const noexcept { return active_.load(); }

 private:
  void end_connections(int how) const;

  ListenOptions options_;
  int port_ = 0;
  std::atomic<int> active_{0};
  std::atomic<bool> finished_{false};
  std::thread listener_;
};

/// {"error":"..."} with the given status.
void answer_error(httplib::Response& response, int status, const std::string& message);

}  // namespace switchyard::tools
