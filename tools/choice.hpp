#pragma once

#include <CLI/App.hpp>

#include <string>
#include <utility>
#include <vector>

namespace switchyard::tools {

/// An option that takes one of some names, each standing for a value of `target`, whose present value is the
/// default; an empty std::optional has none.
/// CLI11's own transformer would show the enumerators' numbers in --help.
template <class Value, class Target>
CLI::Option* add_choice(CLI::App& command, const std::string& option, Target& target,
                        const std::vector<std::pair<std::string, Value>>& choices, const std::string& description) {
  std::vector<std::string> names;
  std::string default_name;
  for (const auto& [name, value] : choices) {
    names.push_back(name);
    if (value == target) default_name = name;
  }
  const auto choose = [&target, choices](const std::string& chosen) {
    for (const auto& [name, value] : choices) {
      if (name == chosen) target = value;
    }
  };
  return command.add_option_function<std::string>(option, choose, description)
      ->check(CLI::IsMember(names))
      ->default_str(default_name);
}

}  // namespace switchyard::tools
