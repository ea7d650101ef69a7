#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace switchyard {

/// Base of everything the library throws on purpose. `what()` is one line for a person.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An option or argument outside its documented range.
class InvalidArgument : public Error {
 public:
  using Error::Error;

  /// "learning_rate is -1; expected a number in (0, 1]"
  [[nodiscard]] static InvalidArgument out_of_range(std::string_view name, std::string_view found,
                                                    std::string_view expected) {
    return InvalidArgument(std::string(name) + " is " + std::string(found) + "; expected " + std::string(expected));
  }

  /// "feature row has 3 values; expected 14"
  [[nodiscard]] static InvalidArgument wrong_size(std::string_view name, std::size_t found, std::size_t expected) {
    return InvalidArgument(std::string(name) + " has " + std::to_string(found) + " values; expected " +
                           std::to_string(expected));
  }
};

/// A file could not be opened, read or written.
class FileError : public Error {
 public:
  using Error::Error;

  [[nodiscard]] static FileError cannot_open(std::string_view path, std::string_view why) {
    return FileError("cannot open " + std::string(path) + ": " + std::string(why));
  }
  [[nodiscard]] static FileError cannot_write(std::string_view path, std::string_view why) {
    return FileError("cannot write " + std::string(path) + ": " + std::string(why));
  }
};

/// Where in a text input something was found. Lines and columns count from 1; 0 = unknown.
struct Place {
  std::string file;
  std::size_t line = 0;
  std::size_t column = 0;

  friend bool operator==(const Place&, const Place&) = default;
};

/// "logs/a.jsonl:12:3", or less where less is known.
[[nodiscard]] inline std::string to_string(const Place& place) {
  std::string text = place.file;
  for (const std::size_t number : {place.line, place.column}) {
    if (number == 0) continue;
    text += ':';
    text += std::to_string(number);
  }
  return text;
}

/// Bad input data, with its place.
class DataError : public Error {
 public:
  DataError(Place place, const std::string& message)
      : Error(to_string(place) + ": " + message), place_(std::move(place)) {}

  [[nodiscard]] const Place& place() const noexcept { return place_; }

  /// "d.csv:7:3: payload_size_kb is 'abc'; expected a number"
  [[nodiscard]] static DataError bad_value(Place place, std::string_view field, std::string_view found,
                                           std::string_view expected) {
    return {std::move(place),
            std::string(field) + " is '" + std::string(found) + "'; expected " + std::string(expected)};
  }
  [[nodiscard]] static DataError missing_field(Place place, std::string_view field) {
    return {std::move(place), "missing field " + std::string(field)};
  }

 private:
  Place place_;
};

/// A model file that is not one, is damaged, or does not reproduce its own stored answers.
class ModelFormatError : public Error {
 public:
  ModelFormatError(std::string_view where, std::string_view what)
      : Error("model " + std::string(where) + ": " + std::string(what)) {}
};

}  // namespace switchyard
