#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/io/json_file.hpp"
#include "switchyard/io/model_document.hpp"
#include "switchyard/io/model_file.hpp"
#include "switchyard/model/any_classifier.hpp"
#include "switchyard/model/classifier.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace switchyard {

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
