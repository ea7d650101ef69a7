// A gateway that decides in its own process: takes POST /<workload>, asks the model, forwards the request to Lambda or
// to ECS, and says in the answer's headers what it decided and why.
//
//   example_gateway MODEL LAMBDA_URL ECS_URL [PORT]
#include "switchyard/pipeline/router.hpp"

// After Eigen: cpp-httplib brings <resolv.h>, whose macro _res is a parameter's name there.
#include <httplib.h>

#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <string>

namespace sy = switchyard;

namespace {

struct Gateway {
  sy::Router router;
  std::string lambda_url;
  std::string ecs_url;
};

// What is known before the request runs. The library reads no clock, so the gateway does.
sy::Request request_of(const httplib::Request& http, sy::Workload workload, const sy::Catalogue& catalogue) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  sy::Request request;
  request.workload = workload;
  // The envelope adds a little to the payload: a size near one of the catalogue's is that one, as in training.
  request.payload_kb = catalogue.snapped_size_kb(workload, static_cast<double>(http.body.size()) / 1024);
  request.sent_at_ms = static_cast<double>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  // Whoever knows the shape of the load may say so; without, it is unknown, as it was in training.
  if (http.has_header("X-Load-Pattern")) {
    request.load_pattern = catalogue.pattern_named(http.get_header_value("X-Load-Pattern"));
  }
  return request;
}

// One client per thread and platform keeps its connection open: cpp-httplib serves each caller on one thread. The base
// URL may have a path, such as API Gateway's stage.
httplib::Result send(const std::string& base, const std::string& path, const httplib::Request& http) {
  thread_local std::map<std::string, std::unique_ptr<httplib::Client>> clients;
  const auto after_scheme = base.find("://");
  const auto slash = after_scheme == std::string::npos ? std::string::npos : base.find('/', after_scheme + 3);
  const std::string origin = base.substr(0, slash);
  const std::string prefix = slash == std::string::npos ? "" : base.substr(slash);
  auto& client = clients[origin];
  if (!client) {
    client = std::make_unique<httplib::Client>(origin);
    client->set_keep_alive(true);
    client->set_tcp_nodelay(true);
    client->set_read_timeout(30);
  }
  return client->Post(prefix + path, http.body, "application/json");
}

void forward(const Gateway& gateway, const sy::WorkloadSpec& spec, sy::Workload workload, const httplib::Request& http,
             httplib::Response& response) {
  const sy::Decision decision = gateway.router.decide(request_of(http, workload, gateway.router.catalogue()));
  const bool to_lambda = decision.platform == sy::Platform::lambda;
  response.set_header("X-Router-Platform", std::string(sy::to_string(decision.platform)));
  response.set_header("X-Router-Confidence", sy::format_number(decision.confidence));
  response.set_header("X-Router-Reason", std::string(sy::to_string(decision.reason)));
  const auto answer =
      send(to_lambda ? gateway.lambda_url : gateway.ecs_url, "/" + spec.path + (to_lambda ? "" : "/process"), http);
  if (!answer) {
    response.status = 502;
    response.set_content("{\"error\":\"" + httplib::to_string(answer.error()) + "\"}\n", "application/json");
    return;
  }
  response.status = answer->status;
  response.set_content(answer->body, answer->get_header_value("Content-Type"));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) {
    std::cerr << "usage: example_gateway MODEL LAMBDA_URL ECS_URL [PORT]\n";
    return 2;
  }
  try {
    const Gateway gateway{sy::Router::load(argv[1]), argv[2], argv[3]};
    const int port = argc == 5 ? std::stoi(argv[4]) : 8000;
    httplib::Server server;
    server.new_task_queue = [] { return new httplib::ThreadPool(256); };  // a thread per connection
    server.set_tcp_nodelay(true);
    server.set_payload_max_length(32 * 1024 * 1024);
    const auto& workloads = gateway.router.catalogue().workloads;
    for (std::size_t i = 0; i < workloads.size(); ++i) {
      server.Post("/" + workloads[i].path, [&gateway, &spec = workloads[i], i](const auto& request, auto& response) {
        forward(gateway, spec, static_cast<sy::Workload>(i), request, response);
      });
    }
    std::cout << "gateway on http://127.0.0.1:" << port << std::endl;
    if (!server.listen("127.0.0.1", port)) throw sy::Error("cannot listen on port " + std::to_string(port));
  } catch (const std::exception& error) {
    std::cerr << "gateway: " << error.what() << '\n';
    return 1;
  }
}
