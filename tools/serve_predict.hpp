#pragma once

#include "switchyard/cloud/live_state.hpp"
#include "switchyard/pipeline/feature_row.hpp"
#include "switchyard/pipeline/router.hpp"

#include <atomic>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace switchyard::tools {

class HttpServer;

/// A model behind HTTP: what is served, what is known of the platforms, and whether it still takes requests.
struct PredictionService {
  PredictionService(Router loaded, std::string id)
      : router(std::move(loaded)), schema(router.model_file()), model_id(std::move(id)) {}

  Router router;
  FeatureSchema schema;
  std::string model_id;
  std::optional<LiveState> state;  // if the model has live columns
  std::atomic<bool> draining{false};
};

/// Largest body of a question or of observations.
inline constexpr std::size_t max_question_bytes = std::size_t{1} << 20U;

/// Adds POST /predict, GET /readyz and GET /livez. `service` must outlive the server.
void serve_predictions(HttpServer& server, PredictionService& service);

}  // namespace switchyard::tools
