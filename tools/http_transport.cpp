#include "http_transport.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace switchyard::tools {

namespace {

bool is_address(const std::string& host) {
  unsigned char buffer[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), buffer) == 1 || inet_pton(AF_INET6, host.c_str(), buffer) == 1;
}

std::string tls_error(const SSL* ssl) {
  const long verified = SSL_get_verify_result(ssl);
  if (verified != X509_V_OK) return std::string("certificate: ") + X509_verify_cert_error_string(verified);
  char text[256] = "handshake failed";
  if (const auto code = ERR_get_error(); code != 0) ERR_error_string_n(code, text, sizeof text);
  return text;
}

}  // namespace

std::vector<Address> resolve(const Url& url) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  std::vector<Address> addresses;
  if (getaddrinfo(url.host.c_str(), url.port.c_str(), &hints, &list) != 0) return addresses;
  for (const addrinfo* item = list; item != nullptr; item = item->ai_next) {
    Address address;
    std::memcpy(&address.storage, item->ai_addr, item->ai_addrlen);
    address.length = item->ai_addrlen;
    addresses.push_back(address);
  }
  freeaddrinfo(list);
  return addresses;
}

std::shared_ptr<SSL_CTX> make_tls_context(bool insecure) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (!context) throw Error("TLS cannot be set up");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_default_verify_paths(context.get());
  SSL_CTX_set_verify(context.get(), insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  return context;
}

Step Transport::fail(std::string message) {
  error_ = std::move(message);
  return Step::failed;
}

void Transport::close() {
  ssl_.reset();
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

Step Transport::wait(bool writable, const Deadline& deadline) const {
  // Slices, so that an abort is noticed within a tenth of a second.
  constexpr long long slice_ms = 100;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline.at - Clock::now()).count();
    if (left <= 0 || deadline.aborted()) return Step::timeout;
    pollfd watched{socket_, static_cast<short>(writable ? POLLIN | POLLOUT : POLLIN), 0};
    if (poll(&watched, 1, static_cast<int>(std::min<long long>(left, slice_ms))) > 0) return Step::ok;
  }
}

Step Transport::connect(const Url& url, const std::vector<Address>& addresses, SSL_CTX* tls, const Deadline& deadline) {
  Step step = fail(url.host + ": name not found");
  for (const auto& address : addresses) {
    step = connect_to(address, deadline);
    if (step != Step::failed) break;
  }
  return step == Step::ok && url.tls ? handshake(url, tls, deadline) : step;
}

Step Transport::connect_to(const Address& address, const Deadline& deadline) {
  close();
  socket_ = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return fail(std::strerror(errno));
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address.storage), address.length) == 0) return Step::ok;
  if (errno != EINPROGRESS) return fail(std::strerror(errno));
  if (wait(true, deadline) == Step::timeout) return Step::timeout;
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &length);
  return error == 0 ? Step::ok : fail(std::strerror(error));
}

Step Transport::handshake(const Url& url, SSL_CTX* tls, const Deadline& deadline) {
  ERR_clear_error();
  ssl_.reset(SSL_new(tls));
  if (!ssl_ || SSL_set_fd(ssl_.get(), socket_) != 1) return fail("TLS cannot be set up");
  if (is_address(url.host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), url.host.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl_.get(), url.host.c_str());
    SSL_set1_host(ssl_.get(), url.host.c_str());
  }
  while (true) {
    const int result = SSL_connect(ssl_.get());
    if (result == 1) return Step::ok;
    const int why = SSL_get_error(ssl_.get(), result);
    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) return fail("TLS: " + tls_error(ssl_.get()));
    if (wait(why == SSL_ERROR_WANT_WRITE, deadline) == Step::timeout) return Step::timeout;
  }
}

Step Transport::tls_result(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return Step::would_block;
    case SSL_ERROR_ZERO_RETURN: return Step::ended;
    default: return fail("TLS: the connection broke");
  }
}

Step Transport::send_some(std::string_view& bytes) {
  constexpr std::size_t portion = std::size_t{1} << 18U;
  const std::size_t length = std::min(bytes.size(), portion);
  ssize_t sent = 0;
  if (ssl_) {
    ERR_clear_error();
    sent = SSL_write(ssl_.get(), bytes.data(), static_cast<int>(length));
    if (sent <= 0) return tls_result(static_cast<int>(sent));
  } else {
    sent = ::send(socket_, bytes.data(), length, MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return Step::would_block;
    if (sent < 0) return fail(std::strerror(errno));
  }
  bytes.remove_prefix(static_cast<std::size_t>(sent));
  return Step::ok;
}

Step Transport::receive_some(std::string& bytes) {
  char buffer[16384];
  ssize_t received = 0;
  if (ssl_) {
    ERR_clear_error();
    received = SSL_read(ssl_.get(), buffer, static_cast<int>(sizeof buffer));
    if (received <= 0) return tls_result(static_cast<int>(received));
  } else {
    received = ::recv(socket_, buffer, sizeof buffer, 0);
    if (received == 0) return Step::ended;
    if (received < 0 && (errno == EAGAIN || errno == EINTR)) return Step::would_block;
    if (received < 0) return fail(std::strerror(errno));
  }
  bytes.append(buffer, static_cast<std::size_t>(received));
  return Step::ok;
}

bool Transport::is_quiet() const {
  pollfd watched{socket_, POLLIN, 0};
  if (!is_open()) return false;
  if (ssl_ == nullptr) return poll(&watched, 1, 0) == 0;
  // TLS 1.3 servers send session tickets unasked; a peek tells them from an end.
  char byte = 0;
  ERR_clear_error();
  const int result = SSL_peek(ssl_.get(), &byte, 1);
  return result <= 0 && SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ;
}

}  // namespace switchyard::tools
