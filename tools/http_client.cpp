#include "http_client.hpp"

#include "http_response.hpp"

#include "switchyard/version.hpp"

namespace switchyard::tools {

namespace {

// Servers close idle connections: cpp-httplib after 5 s, an AWS load balancer after 60 s. A request sent into such a
// close would look broken through nobody's fault.
constexpr std::chrono::seconds longest_idle{4};
constexpr std::chrono::minutes name_lifetime{1};

// Reads what has arrived into `response`: ok, would_block, ended or failed.
Step receive_into(Transport& transport, HttpResponse& response) {
  std::string bytes;
  const Step step = transport.receive_some(bytes);
  if (step == Step::ok) response.feed(bytes);
  if (step == Step::ended) response.finish();
  return step;
}

// Sends all of `bytes` unless the answer comes first. ok also if sending failed but an answer can still be read.
Step send_all(Transport& transport, std::string_view bytes, HttpResponse& response, const Deadline& deadline) {
  while (!bytes.empty() && !response.over()) {
    if (Clock::now() >= deadline.at || deadline.aborted()) return Step::timeout;
    const Step sent = transport.send_some(bytes);
    if (sent == Step::ok) continue;
    if (sent != Step::would_block) return Step::failed;
    if (transport.wait(true, deadline) == Step::timeout) return Step::timeout;
    const Step received = receive_into(transport, response);
    if (received == Step::failed) return Step::failed;
  }
  return Step::ok;
}

Step receive_all(Transport& transport, HttpResponse& response, const Deadline& deadline) {
  while (!response.over()) {
    if (Clock::now() >= deadline.at || deadline.aborted()) return Step::timeout;
    const Step received = receive_into(transport, response);
    if (received == Step::failed) return Step::failed;
    if (received == Step::would_block && transport.wait(false, deadline) == Step::timeout) return Step::timeout;
  }
  return Step::ok;
}

// Sends the parts and reads the answer. ok means that `response` is over.
Step exchange(Transport& transport, std::string_view head, std::span<const std::string_view> body,
              HttpResponse& response, const Deadline& deadline) {
  Step step = send_all(transport, head, response, deadline);
  for (const auto part : body) {
    if (step == Step::ok && !response.over()) step = send_all(transport, part, response, deadline);
  }
  const bool all_sent = step == Step::ok && !response.over();
  if (step != Step::timeout) {
    // After a failed send too: a server that refuses a body answers, then closes.
    const Step received = receive_all(transport, response, deadline);
    step = response.done() ? Step::ok : received;
  }
  if (!all_sent) transport.close();
  return step;
}

HttpAnswer failure(Outcome outcome, std::string error) {
  HttpAnswer answer;
  answer.outcome = outcome;
  answer.error = std::move(error);
  return answer;
}

HttpAnswer cut_off(const Deadline& deadline) {
  if (!deadline.aborted()) return failure(Outcome::timeout, "no answer within the limit");
  HttpAnswer answer = failure(Outcome::broken, "aborted");
  answer.aborted = true;
  return answer;
}

}  // namespace

HttpClient::HttpClient(Url url, HttpClientOptions options)
    : url_(std::move(url)), options_(options), tls_(url_.tls ? make_tls_context(options.insecure) : nullptr) {
  addresses_ = resolve(url_);
  refresher_ = std::thread([this] { refresh_addresses(); });
}

HttpClient::~HttpClient() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  refresher_.join();
}

HttpAnswer HttpClient::post(const std::string& path, std::span<const std::string_view> body, Clock::time_point until) {
  const Deadline deadline{until, options_.abort};
  std::size_t length = 0;
  for (const auto part : body) length += part.size();
  const std::string head = "POST " + url_.path + path + " HTTP/1.1\r\nHost: " + url_.host_header() +
                           "\r\nUser-Agent: switchyard/" SWITCHYARD_VERSION
                           "\r\nAccept: application/json\r\nContent-Type: application/json\r\nContent-Length: " +
                           std::to_string(length) + (options_.fresh_connections ? "\r\nConnection: close" : "") +
                           "\r\n\r\n";
  auto transport = take_idle();
  const bool reused = transport != nullptr;
  if (!reused) {
    transport = std::make_unique<Transport>();
    const Step connected = transport->connect(url_, addresses(), tls_.get(), deadline);
    if (connected == Step::timeout) return cut_off(deadline);
    if (connected != Step::ok) return failure(Outcome::connect, transport->error());
  }
  HttpResponse response;
  const Step step = exchange(*transport, head, body, response, deadline);
  if (step == Step::timeout) return cut_off(deadline);
  if (!response.done()) {
    return failure(Outcome::broken,
                   step == Step::failed ? transport->error() : "the answer was incomplete or could not be read");
  }
  if (transport->is_open() && response.reusable() && !options_.fresh_connections) keep(std::move(transport));
  return {outcome_of_status(response.status()), response.status(), response.body(), {}, reused, false};
}

std::unique_ptr<Transport> HttpClient::take_idle() {
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  while (!idle_.empty()) {
    Idle last = std::move(idle_.back());
    idle_.pop_back();
    if (now - last.since < longest_idle && last.transport->is_quiet()) return std::move(last.transport);
  }
  return nullptr;
}

void HttpClient::keep(std::unique_ptr<Transport> transport) {
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  std::erase_if(idle_, [&](const Idle& idle) { return now - idle.since >= longest_idle; });
  idle_.push_back({std::move(transport), now});
}

std::vector<Address> HttpClient::addresses() {
  const std::lock_guard lock(mutex_);
  return addresses_;
}

void HttpClient::refresh_addresses() {
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, name_lifetime, [this] { return stopping_; })) {
    lock.unlock();
    auto found = resolve(url_);
    lock.lock();
    if (!found.empty()) addresses_ = std::move(found);
  }
}

}  // namespace switchyard::tools
