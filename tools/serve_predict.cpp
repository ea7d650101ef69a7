#include "serve_predict.hpp"

#include "switchyard/pipeline/decision_json.hpp"
#include "switchyard/pipeline/request_json.hpp"

// After Eigen: cpp-httplib brings <resolv.h>, whose macro _res is a parameter's name there.
#include "http_server.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard::tools {

namespace {

void answer_json(httplib::Response& response, int status, const nlohmann::json& body) {
  response.status = status;
  response.set_content(body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), "application/json");
}

void answer_fields(httplib::Response& response, const FieldError& error) {
  answer_json(response, 422,
              {{"error", error.what()},
               {"missing", error.missing},
               {"unknown", error.unknown},
               {"out_of_range", error.out_of_range}});
}

// The limit holds for the body as it is after decompression, too. Nothing if the body was refused, with the answer set.
std::optional<std::string> read_body(const httplib::Request& request, httplib::Response& response,
                                     const httplib::ContentReader& content) {
  if (request.is_multipart_form_data()) {
    answer_error(response, 415, "multipart bodies are not understood; send the JSON itself as the body");
    response.set_header("Connection", "close");
    return std::nullopt;
  }
  std::string body;
  bool too_large = false;
  const bool complete = content([&](const char* data, std::size_t length) {
    too_large = length > max_question_bytes - body.size();
    if (!too_large) body.append(data, length);
    return !too_large;
  });
  if (complete) return body;
  response.set_header("Connection", "close");  // the rest of the body is still on its way
  if (too_large || response.status == 413) {
    answer_error(response, 413, "the body is larger than " + std::to_string(max_question_bytes) + " bytes");
  } else {
    answer_error(response, response.status == 415 ? 415 : 400, "the body could not be read");
  }
  return std::nullopt;
}

std::string prediction_json(const PredictionService& service, const FeatureRow& row) {
  std::string line;
  line.reserve(320);
  detail::JsonObjectLine object(line);
  append_decision(object, line, decide(service.router, row));
  object.text("model", service.model_id);
  object.name("out_of_range");
  line += '[';
  bool first = true;
  for (const std::string& name : service.schema.out_of_range(row)) {
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
    const FeatureRow row = row_from_json(parse_question(*body), service.schema);
    response.status = 200;
    response.set_content(prediction_json(service, row), "application/json");
  } catch (const JsonSyntaxError& error) {
    answer_error(response, 400, std::string("the body is not JSON: ") + error.what());
  } catch (const FieldError& error) {
    answer_fields(response, error);
  }
}

// For every method that a path does not have: cpp-httplib itself would answer 404.
void refuse_other_methods(httplib::Server& http, const std::string& path, const std::string& allowed) {
  const auto refuse = [allowed](const httplib::Request&, httplib::Response& response) {
    response.set_header("Allow", allowed);
    answer_error(response, 405, "method not allowed; use " + allowed);
  };
  const auto refuse_with_body = [refuse](const httplib::Request& request, httplib::Response& response,
                                         const httplib::ContentReader&) {
    response.set_header("Connection", "close");  // its body stays unread
    refuse(request, response);
  };
  if (allowed == "POST") {
    http.Get(path, refuse);
  } else {
    http.Post(path, refuse_with_body);
  }
  http.Put(path, refuse_with_body);
  http.Patch(path, refuse_with_body);
  http.Delete(path, refuse_with_body);
  http.Options(path, refuse);
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
