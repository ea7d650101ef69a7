#pragma once

#include "switchyard/pipeline/feature_row.hpp"
#include "switchyard/pipeline/router.hpp"

#include <atomic>
#include <cstddef>
#include <string>
#include <utility>

namespace switchyard::tools {

class HttpServer;

/// A model behind HTTP: what is served, and whether it still takes requests.
struct PredictionService {
  explicit PredictionService(Router loaded, std::string id)
      : router(std::move(loaded)), schema(router.model_file()), model_id(std::move(id)) {}

  Router router;
  FeatureSchema schema;
  std::string model_id;
  std::atomic<bool> draining{false};
};

/// Largest body of a question.
inline constexpr std::size_t max_question_bytes = std::size_t{1} << 20U;

/// Adds POST /predict, GET /readyz and GET /livez. `service` must outlive the server.
void serve_predictions(HttpServer& server, PredictionService& service);

}  // namespace switchyard::tools
