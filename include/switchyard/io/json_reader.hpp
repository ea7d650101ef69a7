#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/text.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard {

/// A value of a model file on its way in. Every access checks what it finds and throws ModelFormatError with the file,
/// the place ("$.model.trees[3].left[7]"), what is there and what was expected. Borrows the document and its name.
class JsonReader {
 public:
  JsonReader(const nlohmann::json& value, std::string_view file, std::string path = "$")
      : value_(&value), file_(file), path_(std::move(path)) {}

  [[nodiscard]] const nlohmann::json& value() const noexcept { return *value_; }

  /// "model FILE: PLACE WHAT"
  [[noreturn]] void fail(std::string_view what) const {
    throw ModelFormatError(file_, path_ + " " + std::string(what));
  }

  [[nodiscard]] bool has(std::string_view key) const { return value_->is_object() && value_->contains(key); }

  [[nodiscard]] JsonReader at(std::string_view key) const {
    if (!value_->is_object()) fail_type(*value_, path_, "an object");
    const auto found = value_->find(key);
    if (found == value_->end()) fail("has no \"" + std::string(key) + "\"");
    return {*found, file_, path_ + "." + std::string(key)};
  }

  /// index: below size()
  [[nodiscard]] JsonReader at(std::size_t index) const {
    return {(*value_)[index], file_, path_ + "[" + std::to_string(index) + "]"};
  }

  /// Length of an array.
  [[nodiscard]] std::size_t size() const {
    if (!value_->is_array()) fail_type(*value_, path_, "an array");
    return value_->size();
  }

  [[nodiscard]] std::string text() const {
    if (!value_->is_string()) fail_type(*value_, path_, "a text");
    return value_->get<std::string>();
  }

  [[nodiscard]] double number() const {
    return number_in(*value_, [this] { return path_; });
  }

  /// NaN for null.
  [[nodiscard]] double number_or_missing() const {
    return value_->is_null() ? std::numeric_limits<double>::quiet_NaN() : number();
  }

  [[nodiscard]] std::int64_t integer(std::int64_t low, std::int64_t high) const {
    return integer_in(*value_, low, high, [this] { return path_; });
  }

  [[nodiscard]] std::vector<double> numbers() const {
    std::vector<double> result(size());
    for (std::size_t i = 0; i < result.size(); ++i) {
      result[i] = number_in((*value_)[i], [&] { return at(i).path_; });
    }
    return result;
  }

  /// Every one in [low, high].
  [[nodiscard]] std::vector<std::int64_t> integers(std::int64_t low, std::int64_t high) const {
    std::vector<std::int64_t> result(size());
    for (std::size_t i = 0; i < result.size(); ++i) {
      result[i] = integer_in((*value_)[i], low, high, [&] { return at(i).path_; });
    }
    return result;
  }

  /// Throws unless this is an array of the length that another part of the file implies.
  void require_size(std::size_t expected) const {
    if (size() != expected) fail("has " + std::to_string(size()) + " values; expected " + std::to_string(expected));
  }

 private:
  [[noreturn]] void fail_type(const nlohmann::json& found, const std::string& path, std::string_view expected) const {
    std::string what = path + " is ";
    if (found.is_number()) {
      what += found.is_number_float() ? format_number(found.get<double>()) : found.dump();
    } else {
      what += found.is_null() ? "null" : std::string("a JSON ") + found.type_name();
    }
    throw ModelFormatError(file_, what + "; expected " + std::string(expected));
  }

  template <class Path>
  [[nodiscard]] double number_in(const nlohmann::json& value, Path&& path) const {
    if (!value.is_number()) fail_type(value, path(), "a number");
    return value.get<double>();
  }

  template <class Path>
  [[nodiscard]] std::int64_t integer_in(const nlohmann::json& value, std::int64_t low, std::int64_t high,
                                        Path&& path) const {
    const bool fits =
        value.is_number_unsigned()
            ? value.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())
            : value.is_number_integer();
    if (fits && value.get<std::int64_t>() >= low && value.get<std::int64_t>() <= high) return value.get<std::int64_t>();
    fail_type(value, path(), "an integer from " + std::to_string(low) + " to " + std::to_string(high));
  }

  const nlohmann::json* value_;
  std::string_view file_;
  std::string path_;
};

/// A finite number as JSON: integers without a fraction, others with as many digits as give the same bits back.
/// Throws InvalidArgument for what JSON cannot hold.
[[nodiscard]] inline nlohmann::json json_number(double value) {
  if (!std::isfinite(value))
    throw InvalidArgument::out_of_range("model parameter", std::to_string(value), "a finite number");
  constexpr double exact_integers = 9007199254740992.0;  // 2^53
  const bool is_integer = value == std::trunc(value) && std::abs(value) < exact_integers;
  if (is_integer && !(value == 0 && std::signbit(value))) return static_cast<std::int64_t>(value);
  return value;
}

/// null for NaN.
[[nodiscard]] inline nlohmann::json json_number_or_null(double value) {
  return std::isnan(value) ? nlohmann::json(nullptr) : json_number(value);
}

/// Numbers of any range as an array, each seen through `projection`.
template <class Range, class Projection>
[[nodiscard]] nlohmann::json json_numbers(const Range& values, Projection&& projection) {
  auto result = nlohmann::json::array();
  for (const auto& value : values) result.push_back(json_number(static_cast<double>(projection(value))));
  return result;
}

}  // namespace switchyard
