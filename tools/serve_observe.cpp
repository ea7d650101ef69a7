#include "serve_observe.hpp"

#include "output_file.hpp"

#include "switchyard/core/utc.hpp"
#include "switchyard/io/live_state_json.hpp"
#include "switchyard/pipeline/live_event_json.hpp"

#include "serve_http.hpp"

#include <filesystem>
#include <ostream>
#include <vector>

namespace switchyard::tools {

namespace {

constexpr const char* no_state = "the model has no live columns, so there is no state of the platforms";

void observe_events(PredictionService& service, const httplib::Request& request, httplib::Response& response,
                    const httplib::ContentReader& content) {
  const auto body = read_body(request, response, content);
  if (!body) return;
  if (!service.state) return answer_error(response, 404, no_state);
  if (trimmed(*body).empty()) {
    return answer_error(response, 400, "no body; expected a JSON object, a list of them, or one per line");
  }
  try {
    const std::vector<LiveEvent> events = live_events_from_text(*body, service.router.catalogue(), clock_ms());
    std::size_t accepted = 0;
    for (const LiveEvent& event : events) accepted += observe(*service.state, event) ? 1 : 0;
    answer_json(response, 200, {{"accepted", accepted}, {"ignored", events.size() - accepted}});
  } catch (const JsonSyntaxError& error) {
    answer_error(response, 400, std::string("the body is not JSON: ") + error.what());
  } catch (const FieldError& error) {
    answer_fields(response, error);
  }
}

nlohmann::json state_json(const PredictionService& service) {
  return live_state_to_json(*service.state, service.router.catalogue());
}

LiveState state_from_file(const std::string& path, const Catalogue& catalogue) {
  const LiveStateRecord record = load_live_state(path, catalogue);
  if (latest_event_ms(record) > clock_ms() + LiveEventLimits{}.most_ahead_ms) {
    throw ModelFormatError(path, "knows of events at " + format_utc(latest_event_ms(record)) + ", which is to come");
  }
  return resumed_state(catalogue, record);
}

}  // namespace

void serve_observations(HttpServer& server, PredictionService& service) {
  server.http.Post("/observe", [&service](const httplib::Request& request, httplib::Response& response,
                                          const httplib::ContentReader& content) {
    observe_events(service, request, response, content);
  });
  server.http.Get("/state", [&service](const httplib::Request&, httplib::Response& response) {
    if (!service.state) return answer_error(response, 404, no_state);
    answer_json(response, 200, state_json(service));
  });
  refuse_other_methods(server.http, "/observe", "POST");
  refuse_other_methods(server.http, "/state", "GET, HEAD");
}

void begin_state(PredictionService& service, const std::string& path) {
  const Router& router = service.router;
  if (!router.is_live()) {
    if (!path.empty()) throw InvalidArgument(std::string("--state: ") + no_state);
    return;
  }
  std::error_code error;
  if (!path.empty() && std::filesystem::exists(path, error)) {
    service.state.emplace(state_from_file(path, router.catalogue()));
    return;
  }
  service.state.emplace(router.starting_state(clock_ms()));
}

void save_state(const PredictionService& service, const std::string& path) {
  if (path.empty() || !service.state) return;
  write_file(path, [&](std::ostream& output) { output << state_json(service).dump() << '\n'; });
}

}  // namespace switchyard::tools
