#include "stand_in.hpp"

#include "without_filler.hpp"

#include "switchyard/cloud/plan.hpp"
#include "switchyard/core/utc.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace switchyard::tools {

namespace {

using Json = nlohmann::json;
using Steady = std::chrono::steady_clock;

double epoch_ms() {
  using Milliseconds = std::chrono::duration<double, std::milli>;
  return std::chrono::duration_cast<Milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::optional<Workload> workload_of(const std::string& path, Platform platform, const Catalogue& catalogue) {
  for (std::size_t i = 0; i < catalogue.workloads.size(); ++i) {
    const auto workload = static_cast<Workload>(i);
    if (path.ends_with(request_path(catalogue, platform, workload))) return workload;
  }
  return std::nullopt;
}

std::string text_of(const Json& body, const char* key) {
  const auto found = body.find(key);
  return found != body.end() && found->is_string() ? found->get<std::string>() : "unknown";
}

// As the original's workers measure it: the payload's length, Lambda's as JSON text, quotes and all.
double payload_kb(const Json& body, std::size_t filler_bytes, Platform platform) {
  const auto payload = body.find("payload");
  if (payload == body.end()) return 0;
  const std::size_t quotes = platform == Platform::lambda ? 2 : 0;
  const auto bytes =
      payload->is_string() ? payload->get_ref<const std::string&>().size() + quotes : payload->dump().size();
  return static_cast<double>(bytes + filler_bytes) / 1024;
}

Json metrics_of(const Answer& answer, Platform platform, double size_kb) {
  Json metrics = {{"execution_time_ms", answer.execution_time_ms},
                  {"memory_used_mb", answer.memory_mb},
                  {"payload_size_kb", size_kb}};
  if (platform == Platform::lambda) {
    metrics["memory_limit_mb"] = answer.memory_limit_mb;
    metrics["cold_start"] = answer.cold_start;
  } else {
    metrics["cpu_percent"] = answer.cpu_percent;
  }
  return metrics;
}

// The error bodies of API Gateway and of the load balancer.
void refuse(httplib::Response& response, int status, Platform platform) {
  response.status = status;
  if (platform == Platform::lambda) {
    const char* message = status == 413   ? "Request Too Long"
                          : status == 429 ? "Too Many Requests"
                                          : "Internal server error";
    response.set_content(Json{{"message", message}}.dump(), "application/json");
  } else {
    response.set_content("<html><body><center><h1>" + std::to_string(status) + "</h1></center></body></html>\r\n",
                         "text/html");
  }
}

void answer(const std::string& text, httplib::Response& response, Platform platform, Workload workload,
            const StandInModel::Plan& plan, StandInModel& model) {
  const WithoutFiller lean = without_filler(text);
  const Json body = Json::parse(lean.text, nullptr, false);
  if (body.is_discarded() || !body.is_object()) {
    return answer_error(response, 400, body.is_discarded() ? "the body is not JSON" : "the body is not a JSON object");
  }
  model.wait_until(plan.due);
  const int status = plan.never ? 504 : plan.answer.http_status;
  if (status != 200) return refuse(response, status, platform);
  const Json reply = {{"request_id", text_of(body, "request_id")},
                      {"platform", to_string(platform)},
                      {"workload_type", model.catalogue().name(workload)},
                      {"timestamp", format_utc(epoch_ms())},
                      {"metrics", metrics_of(plan.answer, platform, payload_kb(body, lean.removed_bytes, platform))}};
  response.set_content(reply.dump(-1, ' ', false, Json::error_handler_t::replace), "application/json");
}

}  // namespace

StandInModel::StandInModel(const PlatformOptions& options, Catalogue catalogue, std::uint64_t seed, double time_scale)
    : catalogue_(catalogue),
      time_scale_(time_scale),
      start_(Steady::now()),
      model_(options, std::move(catalogue), seed) {}

StandInModel::Plan StandInModel::plan(Platform platform, Workload workload, double body_bytes) {
  const std::lock_guard lock(mutex_);
  const auto now = Steady::now();
  const double model_ms = std::chrono::duration<double, std::milli>(now - start_).count() / time_scale_;
  Plan plan;
  plan.answer = model_.serve(
      platform, {.sent_ms = model_ms, .workload = workload, .body_bytes = body_bytes, .entropy = requests_++});
  plan.answer.execution_time_ms *= time_scale_;  // what a watch at this platform would show
  // No client of the experiment waits longer than its limit, so an answer beyond it need not be held much longer.
  constexpr double spare_ms = 1000;
  const double longest_ms = catalogue_.timeout_ms + spare_ms;
  const double wait_ms = plan.answer.platform_response_ms * time_scale_;
  plan.never = plan.answer.http_status == 0 || !(wait_ms <= longest_ms);
  plan.due = now + std::chrono::microseconds(std::llround(1000 * std::min(wait_ms, longest_ms)));
  return plan;
}

void StandInModel::wait_until(Steady::time_point due) {
  std::unique_lock lock(mutex_);
  hurried_.wait_until(lock, due, [this] { return hurry_; });
}

void StandInModel::hurry() {
  const std::lock_guard lock(mutex_);
  hurry_ = true;
  hurried_.notify_all();
}

void serve_stand_in(HttpServer& server, Platform platform, StandInModel& model) {
  server.http.Get("/health", [platform](const httplib::Request&, httplib::Response& response) {
    response.set_content(Json{{"status", "ok"}, {"platform", to_string(platform)}}.dump(), "application/json");
  });
  server.http.Post(".*", [platform, &model](const httplib::Request& request, httplib::Response& response,
                                            const httplib::ContentReader& read_body) {
    // The model decides when the request comes, not when its body is read: loopback is not the network it models.
    const auto workload = workload_of(request.path, platform, model.catalogue());
    const auto length = parse_number(request.get_header_value("Content-Length"));
    std::optional<StandInModel::Plan> plan;
    if (workload) plan = model.plan(platform, *workload, length.value_or(0));
    std::string text;
    const bool complete = read_body([&text](const char* data, std::size_t size) {
      text.append(data, size);
      return true;
    });
    if (!workload)
      return answer_error(response, 404, "no such path on " + std::string(to_string(platform)) + ": " + request.path);
    if (complete) answer(text, response, platform, *workload, *plan, model);
  });
}

}  // namespace switchyard::tools
