#pragma once

#include "http_transport.hpp"

#include "switchyard/cloud/workload.hpp"

#include <condition_variable>
#include <mutex>
#include <span>
#include <thread>

namespace switchyard::tools {

/// What came of one request.
struct HttpAnswer {
  Outcome outcome = Outcome::broken;
  int status = 0;  // 0 = no answer
  std::string body;
  std::string error;     // for a person; empty if an answer came
  bool reused = false;   // over a connection that had served before
  bool aborted = false;  // by the caller; says nothing of the server
};

struct HttpClientOptions {
  bool insecure = false;           // accept any certificate
  bool fresh_connections = false;  // a new connection per request, as Artillery does by default
  const std::atomic<bool>* abort = nullptr;
};

/// Sends POST requests to one base address over as many connections as there are requests under way. Thread-safe.
/// Connections are kept and the one used last is taken first; names are resolved at the start and then once a minute
/// in the background, so that no request ever waits for a resolver beyond its limit.
class HttpClient {
 public:
  HttpClient(Url url, HttpClientOptions options);
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  /// POSTs the parts' concatenation as JSON. `deadline` bounds all of it: connection, TLS, sending, waiting, receiving.
  /// An answer that comes before the body is sent (413) is taken as the answer.
  [[nodiscard]] HttpAnswer post(const std::string& path, std::span<const std::string_view> body,
                                Clock::time_point deadline);

  [[nodiscard]] const Url& url() const noexcept { return url_; }

 private:
  struct Idle {
    std::unique_ptr<Transport> transport;
    Clock::time_point since;
  };

  [[nodiscard]] std::unique_ptr<Transport> take_idle();
  void keep(std::unique_ptr<Transport> transport);
  [[nodiscard]] std::vector<Address> addresses();
  void refresh_addresses();

  Url url_;
  HttpClientOptions options_;
  std::shared_ptr<SSL_CTX> tls_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::vector<Idle> idle_;
  std::vector<Address> addresses_;
  std::thread refresher_;
};

}  // namespace switchyard::tools
