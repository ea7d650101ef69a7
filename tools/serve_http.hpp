#pragma once

#include "switchyard/pipeline/request_json.hpp"

// After Eigen: cpp-httplib brings <resolv.h>, whose macro _res is a parameter's name there.
#include "http_server.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace switchyard::tools {

void answer_json(httplib::Response& response, int status, const nlohmann::json& body);

/// 422 with what is wrong with which fields.
void answer_fields(httplib::Response& response, const FieldError& error);

/// A body of at most max_question_bytes, also after decompression; nothing if it was refused, with the answer set.
[[nodiscard]] std::optional<std::string> read_body(const httplib::Request& request, httplib::Response& response,
                                                   const httplib::ContentReader& content);

/// For every method that a path does not have: cpp-httplib itself would answer 404. allowed: "POST" or "GET, HEAD".
void refuse_other_methods(httplib::Server& http, const std::string& path, const std::string& allowed);

/// UTC epoch milliseconds, now.
[[nodiscard]] double clock_ms();

}  // namespace switchyard::tools
