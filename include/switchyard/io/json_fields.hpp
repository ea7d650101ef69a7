#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard::detail {

/// Insertions, deletions and replacements that turn `a` into `b` (Levenshtein, 1966).
[[nodiscard]] inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({replaced, row[j] + 1, row[j - 1] + 1}));
    }
  }
  return row[b.size()];
}

/// "; did you mean 'x'?" for the candidate that begins with `name` or is nearest to it; nothing if none is near.
[[nodiscard]] inline std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates) {
  constexpr std::size_t longest = 64;  // a hostile key must not cost quadratic time
  const std::string* best = nullptr;
  std::size_t least = std::min<std::size_t>(3, name.size() / 3 + 2);
  for (const auto& candidate : candidates) {
    if (name.size() > longest || candidate.size() > longest) continue;
    if (name.size() > 2 && candidate.compare(0, name.size(), name) == 0) return "; did you mean '" + candidate + "'?";
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < least) {
      least = distance;
      best = &candidate;
    }
  }
  return best == nullptr ? std::string() : "; did you mean '" + *best + "'?";
}

/// A JSON value for an error message, at most 60 characters of it.
[[nodiscard]] inline std::string shown(const nlohmann::json& value) {
  constexpr std::size_t most = 60;
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list of " + std::to_string(value.size());
  std::string text = value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  if (text.size() > most) text = text.substr(0, most) + "...";
  return text;
}

/// Reads a configuration object field by field. Errors are InvalidArgument and name the JSON path, such as
/// "plan.json: runs[0].phases[1].duration is -1; expected ...". Ends with `refuse_unknown`.
class JsonFields {
 public:
  /// `path` is what errors begin with. Throws if `value` is not an object.
  JsonFields(const nlohmann::json& value, std::string path) : object_(value), path_(std::move(path)) {
    if (value.is_object()) return;
    const bool at_file = path_.empty() || path_.back() == ' ';
    throw InvalidArgument::out_of_range(at_file ? path_ + "the top level" : path_, shown(value), "an object");
  }

  [[nodiscard]] std::string path(std::string_view key) const {
    const bool at_file = !path_.empty() && path_.back() == ' ';
    return path_ + (path_.empty() || at_file ? "" : ".") + std::string(key);
  }

  /// The value of `key`; nothing if it is missing or null.
  [[nodiscard]] const nlohmann::json* find(const char* key) {
    asked_.emplace_back(key);
    const auto found = object_.find(key);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }

  [[nodiscard]] const nlohmann::json& need(const char* key, std::string_view expected) {
    const nlohmann::json* value = find(key);
    if (value == nullptr) throw InvalidArgument::out_of_range(path(key), "missing", expected);
    return *value;
  }

  /// A number in [low, high], or text that is one; nothing if missing.
  [[nodiscard]] std::optional<double> number(const char* key, double low, double high) {
    const nlohmann::json* value = find(key);
    if (value == nullptr) return std::nullopt;
    std::optional<double> parsed;
    if (value->is_number()) parsed = value->get<double>();
    if (value->is_string()) parsed = parse_number(value->get_ref<const std::string&>());
    if (!parsed || !(*parsed >= low && *parsed <= high)) {
      throw InvalidArgument::out_of_range(path(key), shown(*value),
                                          "a number in [" + plain(low) + ", " + plain(high) + "]");
    }
    return parsed;
  }

  [[nodiscard]] std::optional<std::string> text(const char* key) {
    const nlohmann::json* value = find(key);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string() || value->get_ref<const std::string&>().empty()) {
      throw InvalidArgument::out_of_range(path(key), shown(*value), "text");
    }
    return value->get<std::string>();
  }

  /// A list, or nothing if missing. Empty lists are refused.
  [[nodiscard]] const nlohmann::json* list(const char* key) {
    const nlohmann::json* value = find(key);
    if (value == nullptr) return nullptr;
    if (!value->is_array() || value->empty()) {
      throw InvalidArgument::out_of_range(path(key), shown(*value), "a list of at least one");
    }
    return value;
  }

  /// Calls read(element, path of the element) for each of a list's elements; does nothing if the list is missing.
  template <class Read>
  void each(const char* key, Read&& read) {
    const nlohmann::json* values = list(key);
    if (values == nullptr) return;
    for (std::size_t i = 0; i < values->size(); ++i) read((*values)[i], path(key) + "[" + std::to_string(i) + "]");
  }

  /// Throws for a key that was never asked for, naming the nearest that was.
  void refuse_unknown() const {
    for (const auto& item : object_.items()) {
      const std::string& key = item.key();
      if (std::find(asked_.begin(), asked_.end(), key) != asked_.end()) continue;
      throw InvalidArgument(path(key) + " is not a field here" + did_you_mean(key, asked_));
    }
  }

 private:
  /// Without exponent: bounds are read by people.
  [[nodiscard]] static std::string plain(double bound) {
    return bound == std::floor(bound) ? format_fixed(bound, 0) : format_number(bound);
  }

  const nlohmann::json& object_;
  std::string path_;
  std::vector<std::string> asked_;
};

}  // namespace switchyard::detail
