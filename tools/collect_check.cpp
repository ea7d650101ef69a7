#include "collect_check.hpp"

#include "switchyard/core/text.hpp"
#include "switchyard/pipeline/collect.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <iomanip>
#include <ostream>

namespace switchyard::tools {

namespace {

using Json = nlohmann::json;

// What is wrong with a 2xx answer; empty if nothing is.
std::string complaint(const std::string& body, Platform platform, std::string_view workload) {
  const Json answer = Json::parse(body, nullptr, false);
  if (!answer.is_object()) return "the answer is not a JSON object";
  for (const char* key : {"request_id", "platform", "workload_type", "timestamp", "metrics"}) {
    if (!answer.contains(key)) return std::string("the answer lacks \"") + key + "\"";
  }
  if (answer["request_id"] != "check") return "the answer is to another request_id";
  if (answer["platform"] != to_string(platform)) return "platform is " + answer["platform"].dump();
  if (answer["workload_type"] != workload) return "workload_type is " + answer["workload_type"].dump();
  LogRow row;
  if (!read_worker_answer(body, row)) return "metrics lack a numeric \"execution_time_ms\"";
  return {};
}

bool check_one(const Experiment& experiment, Platform platform, Workload workload, HttpClient& client,
               std::ostream& out) {
  const std::string name(experiment.catalogue.name(workload));
  const Json payload = workload == Workload::lightweight_api ? Json{{"test", "data"}} : Json("dGVzdA==");
  const std::string body = Json{{"request_id", "check"}, {"workload_type", name}, {"payload", payload}}.dump();
  const std::string path = request_path(experiment.catalogue, platform, workload);
  const std::string_view parts[] = {body};
  const auto limit = std::chrono::duration<double, std::milli>(experiment.timeout_ms());
  const auto sent = Clock::now();
  const HttpAnswer answer = client.post(path, parts, sent + std::chrono::duration_cast<Clock::duration>(limit));
  const double took_ms = std::chrono::duration<double, std::milli>(Clock::now() - sent).count();
  std::string verdict = answer.error;
  if (answer.status > 0) verdict = "HTTP " + std::to_string(answer.status);
  std::string wrong;
  if (answer.outcome == Outcome::ok) wrong = complaint(answer.body, platform, name);
  if (!wrong.empty()) verdict += ", " + wrong;
  const bool fine = answer.outcome == Outcome::ok && wrong.empty();
  out << std::left << std::setw(7) << to_string(platform) << std::setw(22) << name << std::right << std::setw(9)
      << format_fixed(took_ms, 0) << " ms  " << (fine ? "ok    " : "FAILED") << "  " << verdict << "  "
      << experiment.endpoints.of(platform) << path << '\n';
  return fine;
}

}  // namespace

bool check_platforms(const Experiment& experiment, PlatformClients clients, std::ostream& out) {
  bool fine = true;
  for (const auto platform : {Platform::lambda, Platform::ecs}) {
    for (std::size_t i = 0; i < experiment.catalogue.workloads.size(); ++i) {
      fine = check_one(experiment, platform, static_cast<Workload>(i), clients.of(platform), out) && fine;
    }
  }
  return fine;
}

}  // namespace switchyard::tools
