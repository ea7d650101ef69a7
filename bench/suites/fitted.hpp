#pragma once

#include "../data_d1.hpp"
#include "../data_d2.hpp"
#include "../requests.hpp"
#include "../worker/models.hpp"

#include "switchyard/data/dataset.hpp"
#include "switchyard/model/any_classifier.hpp"
#include "switchyard/model/voting.hpp"

#include <map>
#include <string>
#include <vector>

namespace bench {

/// Rows that the suites learn from: enough for full trees, few enough to begin soon.
inline constexpr switchyard::Index suite_rows = 20'000;

inline const std::vector<std::string> data_names = {"d1", "d2"};
inline const std::vector<std::string> model_kinds = {"forest", "boosting", "leaf_wise", "mlp", "voting"};

/// Data to learn from, made when first asked for.
[[nodiscard]] inline const switchyard::Dataset& suite_data(const std::string& name) {
  static std::map<std::string, switchyard::Dataset> made;
  const auto [entry, is_new] = made.try_emplace(name);
  if (is_new) entry->second = name == "d1" ? data_d1(suite_rows) : data_d2(suite_rows);
  return entry->second;
}

/// Other rows of the same kind to ask, as many as there are requests.
[[nodiscard]] inline const switchyard::Dataset& suite_questions(const std::string& name) {
  static std::map<std::string, switchyard::Dataset> made;
  constexpr auto count = static_cast<switchyard::Index>(distinct_questions);
  const auto [entry, is_new] = made.try_emplace(name);
  if (is_new) entry->second = name == "d1" ? data_d1(count, 43) : data_d2(count, 43);
  return entry->second;
}

/// A model of the requirements' parameters, fitted when first asked for, so that a filter pays for what it keeps only.
/// A network learns for few epochs: they change how long it learns, not how long it takes to answer.
[[nodiscard]] inline const switchyard::AnyClassifier& suite_model(const std::string& data, const std::string& kind) {
  namespace sy = switchyard;
  static std::map<std::string, sy::AnyClassifier> made;
  const std::string key = data + '/' + kind;
  const auto found = made.find(key);
  if (found != made.end()) return found->second;
  FitSettings settings;
  settings.kind = kind;
  sy::AnyClassifier model =
      kind == "voting" ? sy::AnyClassifier(sy::Voting(
                             {suite_model(data, "forest"), suite_model(data, "boosting"), suite_model(data, "mlp")}))
                       : fit_model(suite_data(data), settings);
  return made.emplace(key, std::move(model)).first->second;
}

}  // namespace bench
