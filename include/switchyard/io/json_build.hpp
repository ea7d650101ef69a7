#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard {

/// A value on its way into a JSON document: what a document of ours may hold, as plain overloads. nlohmann::json takes
/// anything through one template and re-instantiates it for the length of every literal key; with these, a document of
/// fifty fields compiles as fast as one of two, and looks the same.
class JsonValue {
 public:
  // NOLINTBEGIN(google-explicit-constructor): values are written in braces, as in nlohmann::json
  JsonValue(bool value) : json_(value) {}
  JsonValue(int value) : json_(value) {}
  JsonValue(std::int64_t value) : json_(value) {}
  JsonValue(std::uint64_t value) : json_(value) {}
  JsonValue(double value) : json_(value) {}
  JsonValue(const char* text) : json_(std::string(text)) {}
  JsonValue(std::string_view text) : json_(std::string(text)) {}
  JsonValue(std::string text) : json_(std::move(text)) {}
  JsonValue(nlohmann::json value) : json_(std::move(value)) {}
  template <class T>
  JsonValue(const std::vector<T>& values) : json_(nlohmann::json::value_t::array) {
    for (const T& value : values) json_.push_back(JsonValue(value).take());
  }
  // NOLINTEND(google-explicit-constructor)

  /// The value itself, moved out: elements of a braced list are const, and copying a large document is not free.
  [[nodiscard]] nlohmann::json take() const { return std::move(json_); }

 private:
  mutable nlohmann::json json_;
};

/// One field of an object.
struct JsonField {
  std::string_view key;
  JsonValue value;
};

/// json_object({{"name", name}, {"rows", 3}})
[[nodiscard]] inline nlohmann::json json_object(std::initializer_list<JsonField> fields) {
  nlohmann::json object(nlohmann::json::value_t::object);
  for (const JsonField& field : fields) object[std::string(field.key)] = field.value.take();
  return object;
}

/// json_array({low, high})
[[nodiscard]] inline nlohmann::json json_array(std::initializer_list<JsonValue> values) {
  nlohmann::json array(nlohmann::json::value_t::array);
  for (const JsonValue& value : values) array.push_back(value.take());
  return array;
}

}  // namespace switchyard
