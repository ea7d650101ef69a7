#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/io/model_document.hpp"
#include "switchyard/io/model_file.hpp"
#include "switchyard/model/any_classifier.hpp"
#include "switchyard/model/classifier.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace switchyard {

/// Largest model file that is read.
inline constexpr std::uintmax_t max_model_bytes = std::uintmax_t{256} << 20U;

/// The model file that a text holds. name: what errors call it. Throws ModelFormatError.
[[nodiscard]] inline ModelFile parse_model(std::string_view text, std::string_view name = "text");

/// Reads and checks a model file; see model_from_json. Throws FileError if it cannot be read and ModelFormatError if it
/// is damaged, not a model file, larger than `max_model_bytes` or does not reproduce its stored answers.
[[nodiscard]] inline ModelFile load_model(const std::filesystem::path& path);

/// As load_model, for a file that must hold this type of model: `load_model<RandomForest>("model.json")`.
template <Classifier Model>
[[nodiscard]] Model load_model(const std::filesystem::path& path) {
  const ModelFile file = load_model(path);
  if (const Model* model = file.model.get_if<Model>()) return *model;
  throw ModelFormatError(
      path.string(), "$.kind is " + std::string(file.model.name()) + "; expected " + std::string(model_kind<Model>));
}

/// Writes a model file. It is written beside `path` (".partial"), read back and only then renamed, so that `path` never
/// holds half a model or one that cannot be loaded. Throws FileError, InvalidArgument or ModelFormatError.
inline void save_model(const std::filesystem::path& path, const ModelFile& file);

/// Writes a model alone: its columns are called x0, x1, ...; a row of zeros and a row of missing values are stored with
/// their answers.
template <Classifier Model>
void save_model(const std::filesystem::path& path, const Model& model) {
  ModelFile file{.model = model};
  for (Index column = 0; column < model.features(); ++column) {
    std::string name = "x";
    file.feature_columns.push_back(name += std::to_string(column));
  }
  Matrix rows(2, model.features());
  rows.row(0).setZero();
  rows.row(1).setConstant(std::numeric_limits<double>::quiet_NaN());
  file.replay = replay_rows(file.model, rows);
  save_model(path, file);
}

namespace detail {

/// What a document may hold, so that a small file cannot ask for a large memory.
struct JsonLimits {
  int depth = 64;
  std::size_t containers = std::size_t{4} << 20U;
  std::size_t values = std::size_t{64} << 20U;
};

[[nodiscard]] inline nlohmann::json parse_limited(std::string_view text, std::string_view name) {
  using Event = nlohmann::json::parse_event_t;
  constexpr JsonLimits limits;
  std::size_t containers = 0;
  std::size_t values = 0;
  const auto within_limits = [&](int depth, Event event, const nlohmann::json&) {
    if (depth > limits.depth) throw ModelFormatError(name, "is nested too deep");
    if (event == Event::object_start || event == Event::array_start) ++containers;
    if (event == Event::value || event == Event::key) ++values;
    if (containers > limits.containers || values > limits.values) throw ModelFormatError(name, "holds too many values");
    return true;
  };
  try {
    return nlohmann::json::parse(text, within_limits);
  } catch (const nlohmann::json::exception& error) {
    constexpr std::size_t longest_message = 200;  // it quotes the file
    std::string_view message = error.what();
    message.remove_prefix(std::min(message.size(), message.find("] ") + 2));
    throw ModelFormatError(name, "is not JSON: " + std::string(message.substr(0, longest_message)));
  }
}

[[nodiscard]] inline std::string last_system_error() { return std::generic_category().message(errno); }

[[nodiscard]] inline std::string read_model_text(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) throw FileError::cannot_open(path.string(), "no such file");
  if (!std::filesystem::is_regular_file(status)) throw FileError::cannot_open(path.string(), "not a regular file");
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) throw FileError::cannot_open(path.string(), error.message());
  if (size > max_model_bytes) {
    throw ModelFormatError(
        path.string(), "has " + std::to_string(size) + " bytes; expected at most " + std::to_string(max_model_bytes));
  }
  std::ifstream input(path, std::ios::binary);
  if (!input) throw FileError::cannot_open(path.string(), last_system_error());
  std::string text(static_cast<std::size_t>(size), '\0');
  input.read(text.data(), static_cast<std::streamsize>(size));
  text.resize(static_cast<std::size_t>(input.gcount()));
  return text;
}

inline void write_model_text(const std::filesystem::path& path, std::string_view text) {
  std::ofstream output(path, std::ios::binary | std::ios::trunc);
  if (!output) throw FileError::cannot_write(path.string(), last_system_error());
  output.write(text.data(), static_cast<std::streamsize>(text.size()));
  output.close();
  if (!output) throw FileError::cannot_write(path.string(), last_system_error());
}

}  // namespace detail

inline ModelFile parse_model(std::string_view text, std::string_view name) {
  return model_from_json(detail::parse_limited(text, name), name);
}

inline ModelFile load_model(const std::filesystem::path& path) {
  return parse_model(detail::read_model_text(path), path.string());
}

inline void save_model(const std::filesystem::path& path, const ModelFile& file) {
  std::string text;
  try {
    text = model_to_json(file).dump();
  } catch (const nlohmann::json::exception&) {  // the only thing that dump refuses
    throw InvalidArgument("a text in the model file is not UTF-8");
  }
  std::filesystem::path partial = path;
  partial += ".partial";
  try {
    detail::write_model_text(partial, text += '\n');
    static_cast<void>(load_model(partial));
    std::filesystem::rename(partial, path);
  } catch (const std::filesystem::filesystem_error& error) {
    std::error_code ignored;
    std::filesystem::remove(partial, ignored);
    throw FileError::cannot_write(path.string(), error.code().message());
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(partial, ignored);
    throw;
  }
}

}  // namespace switchyard
