#pragma once

#include "switchyard/model/any_classifier.hpp"
#include "switchyard/model/gradient_boosting.hpp"
#include "switchyard/model/mlp.hpp"
#include "switchyard/model/random_forest.hpp"
#include "switchyard/model/voting.hpp"

#include <string>
#include <vector>

namespace bench {

struct NamedModel {
  std::string name;
  switchyard::AnyClassifier model;
};

/// Every kind of model with the requirements' parameters, but for the network's epochs: they change how long it learns,
/// not how long it takes to answer.
[[nodiscard]] inline std::vector<NamedModel> fit_models(const switchyard::Dataset& train) {
  namespace sy = switchyard;
  sy::MlpOptions network = sy::mlp_preset();
  network.max_epochs = 5;
  const auto forest = sy::RandomForest::fit(train, sy::random_forest_baseline());
  const auto level_wise = sy::GradientBoosting::fit(train, sy::level_wise_boosting());
  const auto leaf_wise = sy::GradientBoosting::fit(train, sy::leaf_wise_boosting());
  const auto mlp = sy::Mlp::fit(train, network);
  return {{"forest", forest},
          {"boosting_level_wise", level_wise},
          {"boosting_leaf_wise", leaf_wise},
          {"mlp", mlp},
          {"voting", sy::Voting({forest, level_wise, mlp})}};
}

}  // namespace bench
