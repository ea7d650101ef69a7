#pragma once

#include "switchyard/cloud/live_state.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/io/log_row.hpp"

#include <cmath>
#include <string>
#include <string_view>

namespace switchyard {

/// Appends a decision's fields to a JSON object; numbers are the shortest that read back to the same bits.
inline void append_decision(detail::JsonObjectLine& object, std::string& line, const Decision& decision) {
  const auto number = [&](std::string_view name, double value) {
    object.name(name);
    line += format_number(value);
  };
  object.text("recommended_platform", to_string(decision.platform));
  number("confidence", decision.confidence);
  number("lambda_probability", decision.lambda_probability);
  number("ecs_probability", decision.ecs_probability);
  object.text("reason", to_string(decision.reason));
}

/// Appends "expected_ms":{"lambda":310.25,"ecs":null}: the latency expected of the request, now, on each platform;
/// null where nothing is known.
inline void append_expected_ms(detail::JsonObjectLine& object, std::string& line, const LiveReading& reading) {
  object.name("expected_ms");
  detail::JsonObjectLine platforms(line);
  for (const Platform platform : {Platform::lambda, Platform::ecs}) {
    platforms.number(to_string(platform), std::exp(reading.of(platform).expected_log_ms));
  }
  platforms.close();
}

/// {"recommended_platform":"lambda","confidence":0.75,"lambda_probability":0.75,"ecs_probability":0.25,"reason":"model"}
[[nodiscard]] inline std::string decision_json(const Decision& decision) {
  std::string line;
  detail::JsonObjectLine object(line);
  append_decision(object, line, decision);
  object.close();
  return line;
}

}  // namespace switchyard
