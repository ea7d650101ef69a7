#pragma once

#include "../common/answers.hpp"
#include "../common/arguments.hpp"
#include "../common/memory.hpp"
#include "../common/result.hpp"
#include "../common/rows.hpp"
#include "../common/single_rows.hpp"
#include "../common/timing.hpp"
#include "data_tasks.hpp"
#include "models.hpp"

#include "switchyard/core/parallel.hpp"
#include "switchyard/data/group.hpp"
#include "switchyard/engine/compiled_classifier.hpp"
#include "switchyard/engine/instruction_set.hpp"
#include "switchyard/explain/shap_interactions.hpp"
#include "switchyard/explain/shap_rows.hpp"
#include "switchyard/explain/tree_shap.hpp"
#include "switchyard/io/model_json.hpp"
#include "switchyard/metric/classification.hpp"
#include "switchyard/metric/ranking.hpp"
#include "switchyard/pipeline/router.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

/// data= kind= [threads= grouped=0|1 sampled=0|1 seed= trees= depth= epochs= save=FILE]: from the rows in memory to the
/// model; a network per epoch.
[[nodiscard]] inline Result time_fit(const Arguments& arguments) {
  namespace sy = switchyard;
  FitSettings settings;
  settings.kind = arguments.text("kind");
  settings.trees = static_cast<int>(arguments.number("trees", 0));
  settings.depth = static_cast<int>(arguments.number("depth", 0));
  settings.epochs = static_cast<int>(arguments.number("epochs", settings.epochs));
  settings.threads = static_cast<int>(arguments.number("threads", settings.threads));
  settings.grouped = arguments.number("grouped", 1) != 0;
  settings.sampled = arguments.number("sampled", 1) != 0;
  settings.seed = static_cast<std::uint64_t>(arguments.number("seed", 42));
  const sy::Dataset train = read_part(arguments.text("data"), "train");
  const MemoryUse memory;
  const auto begin = Clock::now();
  const sy::AnyClassifier model = fit_model(train, settings);
  const double seconds = seconds_since(begin);
  Result result;
  result.add("bytes_per_cell", memory.most_more_bytes() / static_cast<double>(train.features.size()));
  result.add("seconds", settings.kind == "mlp" ? seconds / settings.epochs : seconds);
  if (arguments.has("save")) sy::save_model(arguments.text("save"), sy::ModelFile{model, train.feature_names});
  const sy::Dataset test = read_part(arguments.text("data"), "test");
  const sy::Vector answers = sy::CompiledClassifier(model).predict_proba(test.features);
  const std::vector<double> scores(answers.begin(), answers.end());
  return result.add("auc", sy::roc_auc(test.labels, scores)).add("log_loss", sy::log_loss(test.labels, scores));
}

/// Throws std::invalid_argument for an unknown name.
[[nodiscard]] inline switchyard::InstructionSet instruction_set(const Arguments& arguments) {
  namespace sy = switchyard;
  if (!arguments.has("set")) return sy::best_instruction_set();
  for (const sy::InstructionSet set : sy::available_instruction_sets()) {
    if (arguments.text("set") == sy::name_of(set)) return set;
  }
  throw std::invalid_argument("set=" + arguments.text("set") + ": this processor has no such instruction set");
}

[[nodiscard]] inline Result list_sets(const Arguments&) {
  std::string names;
  for (const switchyard::InstructionSet set : switchyard::available_instruction_sets()) {
    ((names += names.empty() ? "" : " ") += switchyard::name_of(set));
  }
  return Result().add("sets", names);
}

[[nodiscard]] inline switchyard::Ensemble ensemble_of(const switchyard::AnyClassifier& model) {
  namespace sy = switchyard;
  if (const auto* boosting = model.get_if<sy::GradientBoosting>()) return boosting->ensemble();
  if (const auto* forest = model.get_if<sy::RandomForest>()) return forest->ensemble();
  throw std::invalid_argument("SHAP needs a model of trees");
}

/// model= data= [set= cold=1 milliseconds= asked= answers=]: P(label = 1) of one row after the other.
[[nodiscard]] inline Result time_row(const Arguments& arguments) {
  namespace sy = switchyard;
  const sy::CompiledClassifier model(sy::load_model(arguments.text("model")).model, instruction_set(arguments));
  const Rows rows = read_rows(arguments.text("data"), "ask");
  const auto ask = [&](const double* row) { return model.probability({row, rows.columns}); };
  Result result = time_single_rows(arguments, rows.columns, rows.values, ask);
  result.add("engine", model.engine());
  add_answers(result, arguments, "answer", rows.columns, rows.values, ask);
  if (model.model().get_if<sy::Mlp>() != nullptr) return result;
  const sy::Ensemble ensemble = ensemble_of(model.model());
  const auto raw = [&](const double* row) { return ensemble.raw({row, rows.columns}); };
  add_answers(result, arguments, "sum", rows.columns, rows.values, raw);
  return result;
}

/// model= data= [set= threads= milliseconds= answers=]: P(label = 1) of all training rows at once.
[[nodiscard]] inline Result time_batch(const Arguments& arguments) {
  namespace sy = switchyard;
  const sy::CompiledClassifier model(sy::load_model(arguments.text("model")).model, instruction_set(arguments));
  const sy::Dataset data = read_part(arguments.text("data"), "train");
  sy::ThreadPool pool(static_cast<int>(arguments.number("threads", 2)));
  sy::Vector answers;
  const double seconds = median_seconds(static_cast<double>(arguments.number("milliseconds", 500)) / 1e3,
                                        [&] { answers = model.predict_proba(data.features, pool); });
  keep_answers(arguments, "answer", answers.begin(), answers.end(), compared_rows);
  return Result().add("seconds", seconds).add("rows", static_cast<double>(data.rows())).add("answer", answers.mean());
}

/// What is explained: model= data= [rows= threads= grouped=0|1].
struct ToExplain {
  switchyard::Ensemble ensemble;
  switchyard::Dataset data;
  switchyard::Index count = 0;
  int threads = 2;
  bool grouped = true;  // whether rows that repeat are explained once

  ToExplain(const Arguments& arguments, switchyard::Index otherwise)
      : ensemble(ensemble_of(switchyard::load_model(arguments.text("model")).model)),
        data(read_part(arguments.text("data"), "test")),
        count(std::min<switchyard::Index>(data.rows(), arguments.number("rows", otherwise))),
        threads(static_cast<int>(arguments.number("threads", 2))),
        grouped(arguments.number("grouped", 1) != 0) {}

  [[nodiscard]] switchyard::MatrixView rows() const { return data.features.topRows(count); }

  /// Every row for itself, as if no two were alike.
  [[nodiscard]] switchyard::RowGroups apart() const {
    switchyard::RowGroups groups;
    groups.group.resize(static_cast<std::size_t>(count));
    std::iota(groups.group.begin(), groups.group.end(), switchyard::Index{0});
    groups.first_row = groups.group;
    return groups;
  }
};

/// What tree_shap does where no two rows are alike.
[[nodiscard]] inline switchyard::Matrix shap_apart(const ToExplain& what) {
  namespace sy = switchyard;
  const sy::detail::ShapEnsemble<sy::detail::ShapOrder::values> explainer(what.ensemble);
  sy::Matrix phi(what.count, what.ensemble.features + 1);
  sy::detail::for_each_explained_row(explainer, what.ensemble, what.rows(), what.apart(), what.threads,
                                     [&](std::size_t i, std::span<const double> credits) {
                                       const auto row = static_cast<sy::Index>(i);
                                       std::copy(credits.begin(), credits.end(), phi.row(row).data());
                                       phi(row, what.ensemble.features) = explainer.mean();
                                     });
  return phi;
}

/// What shap_interactions does where no two rows are alike.
[[nodiscard]] inline std::vector<switchyard::Matrix> interactions_apart(const ToExplain& what) {
  namespace sy = switchyard;
  const sy::detail::ShapInteractions explainer(what.ensemble);
  std::vector<sy::Matrix> found(static_cast<std::size_t>(what.count));
  sy::detail::for_each_explained_row(
      explainer, what.ensemble, what.rows(), what.apart(), what.threads,
      [&](std::size_t i, std::span<const double> credits) { found[i] = interaction_matrix(explainer, credits); });
  return found;
}

/// Contributions of the first test rows, from the loaded model.
[[nodiscard]] inline Result time_shap(const Arguments& arguments) {
  namespace sy = switchyard;
  const ToExplain what(arguments, 5000);
  const auto begin = Clock::now();
  const sy::Matrix contributions =
      what.grouped ? sy::tree_shap(what.ensemble, what.rows(), what.threads) : shap_apart(what);
  const double seconds = seconds_since(begin);
  const double* const first = contributions.data();
  keep_answers(arguments, "answer", first, first + contributions.size(),
               compared_rows * static_cast<std::size_t>(contributions.cols()));
  return Result().add("seconds", seconds).add("answer", contributions.cwiseAbs().mean());
}

/// The same for interactions.
[[nodiscard]] inline Result time_interactions(const Arguments& arguments) {
  namespace sy = switchyard;
  const ToExplain what(arguments, 500);
  const auto begin = Clock::now();
  const std::vector<sy::Matrix> interactions =
      what.grouped ? sy::shap_interactions(what.ensemble, what.rows(), what.threads) : interactions_apart(what);
  const double seconds = seconds_since(begin);
  double sum = 0;
  std::vector<double> first;
  for (const sy::Matrix& each : interactions) {
    sum += each.cwiseAbs().mean();
    if (first.size() < compared_rows * static_cast<std::size_t>(each.cols())) {
      first.insert(first.end(), each.data(), each.data() + each.size());
    }
  }
  keep_answers(arguments, "answer", first);
  return Result().add("seconds", seconds).add("answer", sum / static_cast<double>(interactions.size()));
}

/// model=: from a model file to a router that can decide.
[[nodiscard]] inline Result time_load(const Arguments& arguments) {
  double rows = 0;
  const double seconds = median_seconds(static_cast<double>(arguments.number("milliseconds", 500)) / 1e3, [&] {
    rows += static_cast<double>(switchyard::Router::load(arguments.text("model")).feature_columns().size());
  });
  return Result().add("seconds", seconds).add("columns", rows);
}

}  // namespace bench
