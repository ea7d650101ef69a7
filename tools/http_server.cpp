#include "http_server.hpp"

#include "growing_pool.hpp"

#include "switchyard/core/error.hpp"

#include <nlohmann/json.hpp>

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <chrono>
#include <utility>

namespace switchyard::tools {

namespace {

int port_of(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
  if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  return 0;
}

// For answers that no handler wrote.
std::string meaning_of(int status) {
  switch (status) {
    case 400: return "malformed HTTP request";
    case 404: return "no such path or method";
    case 413: return "body too large";
    case 414: return "address too long";
    case 500: return "internal error";
    default: return "status " + std::to_string(status);
  }
}

// cpp-httplib keeps a thread for as long as a connection is open.
class ConnectionThreads : public httplib::TaskQueue {
 public:
  // void up to cpp-httplib 0.14, bool (accepted) since.
  using Accepted = decltype(std::declval<httplib::TaskQueue&>().enqueue(nullptr));

  explicit ConnectionThreads(std::size_t most) : pool_(most) {}
  Accepted enqueue(std::function<void()> task) override {
    pool_.enqueue(std::move(task));
    return static_cast<Accepted>(true);
  }
  void shutdown() override { pool_.finish(); }

 private:
  GrowingPool pool_;
};

// Whether this thread is inside a request; cpp-httplib serves a connection on one thread.
thread_local bool in_request = false;

}  // namespace

HttpServer::HttpServer(ListenOptions options) : options_(std::move(options)) {
  http.new_task_queue = [most = options_.most_connections] { return new ConnectionThreads(most); };
  http.set_payload_max_length(options_.most_body_bytes);
  http.set_tcp_nodelay(true);
  // Not cpp-httplib's SO_REUSEPORT, with which two servers share a port and neither says so.
  http.set_socket_options([](auto socket) {
    const int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  });
  http.set_keep_alive_max_count(1'000'000);
  http.set_pre_routing_handler([this](const httplib::Request&, httplib::Response&) {
    in_request = true;
    active_.fetch_add(1);
    return httplib::Server::HandlerResponse::Unhandled;
  });
  http.set_logger([this](const httplib::Request&, const httplib::Response&) {
    // Called when the answer is written; also for requests refused before routing.
    if (in_request) active_.fetch_sub(1);
    in_request = false;
  });
  http.set_error_handler([](const httplib::Request&, httplib::Response& response) {
    if (response.body.empty()) answer_error(response, response.status, meaning_of(response.status));
  });
  http.set_exception_handler([](const httplib::Request&, httplib::Response& response, std::exception_ptr) {
    answer_error(response, 500, "internal error");
  });
}

int HttpServer::start() {
  port_ = options_.port;
  const bool bound =
      port_ == 0 ? (port_ = http.bind_to_any_port(options_.host)) > 0 : http.bind_to_port(options_.host, port_);
  if (!bound) {
    throw Error("cannot listen on " + options_.host + ":" + std::to_string(options_.port) +
                ": the port is taken or the address is not ours");
  }
  listener_ = std::thread([this] {
    http.listen_after_bind();
    finished_ = true;
  });
  while (!http.is_running() && !finished_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return port_;
}

void HttpServer::stop() {
  if (!listener_.joinable()) return;
  http.stop();
  const auto limit = std::chrono::steady_clock::now() + std::chrono::duration<double>(options_.drain_limit_s);
  while (!finished_) {
    if (active_ == 0) end_connections(SHUT_RD);
    if (std::chrono::steady_clock::now() > limit) end_connections(SHUT_RDWR);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  listener_.join();
}

// cpp-httplib lets an idle connection wait for its time-out even when the server stops. Ending our half of what we may
// read ends the wait; answers already begun are still written.
void HttpServer::end_connections(int how) const {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  constexpr rlim_t enough = 65536;
  const auto last = static_cast<int>(limit.rlim_cur < enough ? limit.rlim_cur : enough);
  for (int descriptor = 3; descriptor < last; ++descriptor) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) != 0 || port_of(address) != port_)
      continue;
    sockaddr_storage peer{};
    length = sizeof peer;
    if (getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &length) == 0) ::shutdown(descriptor, how);
  }
}

void answer_error(httplib::Response& response, int status, const std::string& message) {
  response.status = status;
  response.set_content(
      nlohmann::json{{"error", message}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
      "application/json");
}

}  // namespace switchyard::tools
