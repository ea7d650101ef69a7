#include "command.hpp"
#include "file_hash.hpp"
#include "interrupt.hpp"
#include "serve_observe.hpp"
#include "serve_predict.hpp"

#include "switchyard/pipeline/router.hpp"

// After Eigen: cpp-httplib brings <resolv.h>, whose macro _res is a parameter's name there.
#include "http_server.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

namespace switchyard::tools {

namespace {

struct ServeArguments {
  std::string model;
  std::string host = "127.0.0.1";
  int port = 8080;
  std::size_t threads = 1024;
  double drain_delay_s = 0;
  std::string state;
};

// "gradient_boosting-1f8a90c2d3e4": the digits begin the file's SHA-256.
std::string id_of(const Router& router, const std::string& path) {
  return std::string(router.model_file().model.name()) + "-" + sha256_of_file(path).substr(0, 12);
}

std::string url_host(const std::string& host) { return host.find(':') == std::string::npos ? host : "[" + host + "]"; }

void wait_for_signals(int count, double seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (interrupts() < count && (seconds < 0 || std::chrono::steady_clock::now() < end)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

int run_serve(const ServeArguments& arguments) {
  catch_interrupts();
  Router router = Router::load(arguments.model);
  const std::string kind(router.model_file().model.name());
  const std::string id = id_of(router, arguments.model);
  PredictionService service(std::move(router), id);
  begin_state(service, arguments.state);
  save_state(service, arguments.state);  // a file that cannot be written is told now, not at the end
  HttpServer server({.host = arguments.host,
                     .port = arguments.port,
                     .most_connections = arguments.threads,
                     .most_body_bytes = max_question_bytes,
                     .drain_limit_s = 10});
  serve_predictions(server, service);
  serve_observations(server, service);
  const int port = server.start();
  std::cout << "serving " << kind << " model (" << id << ") on http://" << url_host(arguments.host) << ":" << port
            << std::endl;
  wait_for_signals(1, -1);
  service.draining = true;
  wait_for_signals(2, arguments.drain_delay_s);
  server.stop();
  save_state(service, arguments.state);
  return done;
}

constexpr const char* notes =
    "POST /predict takes {\"features\": {name: number or null}} with every column of the model, or a request with\n"
    "workload_type, payload_size_kb and, if known, time_window, load_pattern, timestamp and lambda_memory_limit_mb.\n"
    "A request without timestamp has no hour, as in training. It answers\n"
    "recommended_platform, confidence, lambda_probability, ecs_probability, reason, model, and out_of_range: the "
    "columns\n"
    "whose value lies outside of what the model was trained on. 400, 404, 405, 413, 415 and 422 say what was wrong.\n"
    "\n"
    "A model with live columns asks what the platforms are like now. POST /observe tells it: one JSON object, a list "
    "of\n"
    "them, or one per line, each in a log row's words: platform, workload_type, target_payload_size_kb, sent_at (or a\n"
    "request_id with the time in it), response_time_ms, http_status or error_class. With \"event\": \"sent\" and a\n"
    "request_id, a request on its way is noted; its answer is told later under that id. Times more than 5 s ahead of "
    "the\n"
    "server's clock or more than an hour behind it are refused with 422, as is any other field that cannot be used; "
    "then\n"
    "nothing of the body is taken. 200 says {\"accepted\": n, \"ignored\": m}; duplicates are ignored. Decisions on\n"
    "requests then tell expected_ms, and live columns are as of the request's timestamp, without one as of now; with\n"
    "\"features\", live columns that are left out are missing. GET /state answers what is known. --state keeps it over "
    "a\n"
    "restart; without such a file the state is the one at the end of training.\n"
    "\n"
    "GET /livez and GET /readyz answer probes; from the first SIGTERM or SIGINT on /readyz answers 503, requests "
    "under\n"
    "way are finished, and the server ends with exit code 0.\n"
    "\n"
    "Examples:\n"
    "  switchyard serve --model models/model.json\n"
    "  curl -d '{\"workload_type\": \"thumbnail_processing\", \"payload_size_kb\": 500, \"load_pattern\": "
    "\"medium_load\",\n"
    "            \"timestamp\": \"2025-11-22T12:35:00Z\"}' http://127.0.0.1:8080/predict\n"
    "  curl --data-binary @answers.jsonl http://127.0.0.1:8080/observe";

}  // namespace

void add_serve(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<ServeArguments>();
  CLI::App* command = app.add_subcommand("serve", "Answer which platform should serve a request, over HTTP");
  command->add_option("--model", arguments->model, "Model file, as train writes it")->required();
  command->add_option("--host", arguments->host, "Address to listen on")->capture_default_str();
  command->add_option("--port", arguments->port, "Port; 0 takes a free one and prints it")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  command->add_option("--threads", arguments->threads, "Connections served at once, each by a thread made when needed")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  command
      ->add_option("--drain-delay", arguments->drain_delay_s,
                   "Seconds to go on serving after the signal, while /readyz answers 503; a second signal ends them")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  command->add_option("--state", arguments->state,
                      "File that keeps what is known of the platforms: read at the start, written at the end");
  command->footer(notes);
  command->callback([arguments, &exit_code] { exit_code = run_serve(*arguments); });
}

}  // namespace switchyard::tools
