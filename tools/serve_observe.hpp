#pragma once

#include "serve_predict.hpp"

#include <string>

namespace switchyard::tools {

/// Adds POST /observe and GET /state, which answer 404 if the model has no live columns. `service` must outlive the
/// server.
void serve_observations(HttpServer& server, PredictionService& service);

/// Gives the service a state if its model has live columns: the one in `path` if there is such a file, else the one at
/// the end of training. Throws FileError, ModelFormatError for a file that is damaged or of another catalogue, and
/// InvalidArgument if there is a path but the model has no live columns.
void begin_state(PredictionService& service, const std::string& path);

/// Writes the state to `path`, so that a reader never sees half of it; nothing to do without a path. Throws FileError.
void save_state(const PredictionService& service, const std::string& path);

}  // namespace switchyard::tools
