#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/io/json_build.hpp"
#include "switchyard/io/json_reader.hpp"
#include "switchyard/model/hand_rule.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

/// The rule as its two columns, its slope and its levels.
[[nodiscard]] inline nlohmann::json hand_rule_to_json(const HandRule& rule) {
  auto levels = nlohmann::json::array();
  for (const HandRuleLevel& level : rule.levels()) {
    levels.push_back(json_object({{"base_rate", json_number(level.base_rate)}, {"decides", level.decides}}));
  }
  return json_object({{"advantage_column", rule.columns().advantage},
                      {"level_column", rule.columns().level},
                      {"slope", json_number(rule.slope())},
                      {"levels", std::move(levels)}});
}

/// The rule of `hand_rule_to_json` for rows of `features` columns. Throws ModelFormatError.
[[nodiscard]] inline HandRule hand_rule_from_json(const JsonReader& reader, Index features) {
  const JsonReader list = reader.at("levels");
  std::vector<HandRuleLevel> levels(list.size());
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const JsonReader decides = list.at(i).at("decides");
    if (!decides.value().is_boolean()) decides.fail("is not true or false");
    levels[i] = {list.at(i).at("base_rate").number(), decides.value().get<bool>()};
  }
  const HandRuleColumns columns{reader.at("advantage_column").integer(0, features - 1),
                                reader.at("level_column").integer(0, features - 1)};
  try {
    return HandRule(columns, std::move(levels), reader.at("slope").number(), features);
  } catch (const InvalidArgument& error) {
    reader.fail(std::string("is not usable: ").append(error.what()));
  }
}

}  // namespace switchyard
