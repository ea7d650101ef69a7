#include "serve_predict.hpp"

#include "switchyard/pipeline/decision_json.hpp"
#include "switchyard/pipeline/request_json.hpp"

#include "serve_http.hpp"

#include <optional>
#include <utility>
#include <variant>

namespace switchyard::tools {

namespace {

// What is asked, and what is known of the platforms; that, only of a request and if the model wants to know it.
struct AskedRow {
  FeatureRow row;
  std::optional<LiveReading> reading;
};

// A request without a time has no hour, as in training; but it is asked now, so the platforms are as they are now.
AskedRow asked_row(const PredictionService& service, const Question& question) {
  const auto* request = std::get_if<Request>(&question);
  if (request == nullptr) return {std::get<FeatureRow>(question), {}};
  if (!service.state) return {service.schema.row_of(*request), {}};
  const double time_ms = request->sent_at_ms ? *request->sent_at_ms : clock_ms();
  const LiveReading reading = service.state->read(request->workload, request->payload_kb, time_ms);
  return {service.schema.row_of(*request, reading), reading};
}

std::string prediction_json(const PredictionService& service, const AskedRow& asked) {
  std::string line;
  line.reserve(400);
  detail::JsonObjectLine object(line);
  append_decision(object, line, decide(service.router, asked.row));
  if (asked.reading) append_expected_ms(object, line, *asked.reading);
  object.text("model", service.model_id);
  object.name("out_of_range");
  line += '[';
  bool first = true;
  for (const std::string& name : service.schema.out_of_range(asked.row)) {
    if (!std::exchange(first, false)) line += ',';
    detail::append_json_string(line, name);
  }
  line += ']';
  object.close();
  return line += '\n';
}

void predict(const PredictionService& service, const httplib::Request& request, httplib::Response& response,
             const httplib::ContentReader& content) {
  const auto body = read_body(request, response, content);
  if (!body) return;
  if (trimmed(*body).empty()) {
    return answer_error(response, 400, "no body; expected a JSON object with features or a request");
  }
  try {
    const AskedRow asked = asked_row(service, question_from_json(parse_question(*body), service.schema));
    response.status = 200;
    response.set_content(prediction_json(service, asked), "application/json");
  } catch (const JsonSyntaxError& error) {
    answer_error(response, 400, std::string("the body is not JSON: ") + error.what());
  } catch (const FieldError& error) {
    answer_fields(response, error);
  }
}

}  // namespace

void serve_predictions(HttpServer& server, PredictionService& service) {
  server.http.Post("/predict",
                   [&service](const httplib::Request& request, httplib::Response& response,
                              const httplib::ContentReader& content) { predict(service, request, response, content); });
  server.http.Get("/livez", [](const httplib::Request&, httplib::Response& response) {
    answer_json(response, 200, {{"live", true}});
  });
  server.http.Get("/readyz", [&service](const httplib::Request&, httplib::Response& response) {
    const bool ready = !service.draining;
    answer_json(response, ready ? 200 : 503, {{"ready", ready}});
  });
  refuse_other_methods(server.http, "/predict", "POST");
  refuse_other_methods(server.http, "/livez", "GET, HEAD");
  refuse_other_methods(server.http, "/readyz", "GET, HEAD");
}

}  // namespace switchyard::tools
