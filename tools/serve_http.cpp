#include "serve_http.hpp"

#include "serve_predict.hpp"

#include <chrono>
#include <utility>

namespace switchyard::tools {

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

double clock_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(now).count();
}

}  // namespace switchyard::tools
