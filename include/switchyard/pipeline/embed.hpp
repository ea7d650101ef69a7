#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/io/model_file.hpp"
#include "switchyard/pipeline/embed_model.hpp"
#include "switchyard/pipeline/embed_request.hpp"
#include "switchyard/pipeline/embed_text.hpp"
#include "switchyard/pipeline/feature_columns.hpp"
#include "switchyard/pipeline/router.hpp"
#include "switchyard/version.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard {

/// The library's headers that an embedded model carries, in the order in which they include each other. They need
/// nothing but the standard library.
inline constexpr std::array<std::string_view, 5> embedded_headers = {
    "switchyard/core/elementary.hpp", "switchyard/cloud/decision.hpp", "switchyard/tree/tree_sum.hpp",
    "switchyard/engine/embedded.hpp", "switchyard/pipeline/request_features.hpp"};

struct EmbedOptions {
  std::string name_space = "model";       // identifiers joined by "::"; neither std's nor switchyard's
  std::vector<std::string> headers = {};  // [embedded_headers]; their texts, for the library does not read files
};

namespace detail {

/// What is carried of the headers: their code, and once each of the standard headers that they include.
struct CarriedCode {
  std::vector<std::string> includes;
  std::string code;
};

inline void carry(std::string_view header, CarriedCode& carried) {
  constexpr std::string_view standard = "#include <";
  while (!header.empty()) {
    const std::size_t end = std::min(header.find('\n'), header.size());
    const std::string line(header.substr(0, end));
    header.remove_prefix(std::min(end + 1, header.size()));
    if (line.starts_with(standard)) {
      if (std::find(carried.includes.begin(), carried.includes.end(), line) == carried.includes.end()) {
        carried.includes.push_back(line);
      }
    } else if (!line.starts_with("#pragma once") && !line.starts_with("#include") &&
               !line.starts_with("namespace switchyard {") && line != "}  // namespace switchyard") {
      const bool second_blank = line.empty() && (carried.code.empty() || carried.code.ends_with("\n\n"));
      if (!second_blank) carried.code += line + "\n";
    }
  }
}

/// The include guard of a namespace: each identifier after its length, as compilers mangle them, so that no two
/// namespaces share one.
[[nodiscard]] inline std::string embedded_guard(std::string_view name_space) {
  std::string guard = "SWITCHYARD_EMBEDDED_";
  while (true) {
    const std::size_t end = std::min(name_space.find("::"), name_space.size());
    guard += std::to_string(end);
    guard += name_space.substr(0, end);
    if (end == name_space.size()) return guard;
    name_space.remove_prefix(end + 2);
  }
}

[[nodiscard]] inline std::string embedded_head(const ModelFile& file, const EmbedOptions& options) {
  std::string text = "// A trained model as constants, written by `switchyard embed` of version " SWITCHYARD_VERSION
                     ": do not edit.\n";
  text += "// Needs C++20 and the standard library. Not for -ffast-math.\n//\n";
  text += "// kind: " + comment_text(file.model.name()) + "\n";
  if (!file.label_rule.empty()) text += "// labels: " + comment_text(file.label_rule) + "\n";
  if (!file.price_book.empty()) text += "// prices: " + comment_text(file.price_book) + "\n";
  text += "// columns:\n";
  for (const std::string& column : file.feature_columns) text += "//   " + comment_text(column) + "\n";
  const std::string guard = embedded_guard(options.name_space);
  return text + "#ifndef " + guard + "\n#define " + guard + "\n\n";
}

[[nodiscard]] inline std::string embedded_columns(const ModelFile& file) {
  const std::string count = std::to_string(file.feature_columns.size());
  return "/// The columns, in the order of Features.\ninline constexpr std::array<std::string_view, " + count +
         "> feature_columns = {\n" +
         listed(file.feature_columns.size(), [&](std::size_t i) { return text_literal(file.feature_columns[i]); }) +
         "\n};\n\n/// One row; NaN = missing.\nusing Features = std::array<double, " + count + ">;\n\n";
}

}  // namespace detail

/// A model as a C++20 header that needs nothing but the standard library: no file, no start-up, and every answer may be
/// a constant expression. It has the namespace's `probability_of(Features)` and, if all columns are features of a
/// request, `Request`, `Decision`, `features`, `lambda_probability`, `decision` and `decide`, whose bits are those of
/// the model's own `probability` and of Router::decide. Live columns are missing unless the caller has their values.
/// Throws InvalidArgument for a name that is no namespace's, for headers that are not `embedded_headers`, and for a
/// kind of model that cannot be embedded.
[[nodiscard]] inline std::string embed_model(ModelFile file, const EmbedOptions& options) {
  if (!detail::is_namespace_name(options.name_space)) {
    throw InvalidArgument::out_of_range("namespace", "'" + options.name_space + "'",
                                        "C++ identifiers of your own, joined by '::'");
  }
  if (options.headers.size() != embedded_headers.size()) {
    throw InvalidArgument::wrong_size("headers", options.headers.size(), embedded_headers.size());
  }
  file = with_request_columns(std::move(file));
  detail::CarriedCode carried{{"#include <array>", "#include <optional>"}, {}};
  for (const std::string& header : options.headers) detail::carry(header, carried);
  std::sort(carried.includes.begin(), carried.includes.end());
  detail::ModelWriter models;
  const std::string model = "detail::probability_" + std::to_string(models.write(file.model));
  const FeatureColumns columns(file.feature_columns);

  std::string text = detail::embedded_head(file, options);
  for (const std::string& include : carried.includes) text += include + "\n";
  text += "\nnamespace " + options.name_space + " {\n\nnamespace detail {\n\n" + carried.code;
  text += models.code() + "}  // namespace detail\n\n" + detail::embedded_columns(file);
  text +=
      "/// Probability of label 1, Lambda.\n[[nodiscard]] constexpr double probability_of(const Features& features) "
      "noexcept {\n  return " +
      model + "(features.data());\n}\n\n";
  if (!columns.foreign()) {
    text += detail::embedded_request(catalogue_of(file), file, columns.is_live());
  } else {
    text += "// '" + detail::comment_text(*columns.foreign()) +
            "' is not a feature of a request, so the model decides nothing about one.\n\n";
  }
  return text + "}  // namespace " + options.name_space + "\n\n#endif\n";
}

}  // namespace switchyard
