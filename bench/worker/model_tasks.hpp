#pragma once

#include "../common/arguments.hpp"
#include "../common/result.hpp"
#include "../common/rows.hpp"
#include "../common/single_rows.hpp"
#include "../common/timing.hpp"
#include "data_tasks.hpp"
#include "models.hpp"

#include "switchyard/core/parallel.hpp"
#include "switchyard/engine/compiled_classifier.hpp"
#include "switchyard/engine/instruction_set.hpp"
#include "switchyard/explain/shap_interactions.hpp"
#include "switchyard/explain/tree_shap.hpp"
#include "switchyard/io/model_json.hpp"
#include "switchyard/metric/classification.hpp"
#include "switchyard/metric/ranking.hpp"
#include "switchyard/pipeline/router.hpp"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

/// Memory in use now and the most since, of this process (Linux).
class MemoryUse {
 public:
  MemoryUse() {
    std::ofstream("/proc/self/clear_refs") << 5;  // the most so far is forgotten
    now_ = field("VmRSS:");
  }

  /// NaN where the system does not tell.
  [[nodiscard]] double most_more_bytes() const { return field("VmHWM:") - now_; }

 private:
  [[nodiscard]] static double field(const std::string& name) {
    std::ifstream status("/proc/self/status");
    std::string word;
    while (status >> word && word != name) {
    }
    double kibibytes = std::numeric_limits<double>::quiet_NaN();
    status >> kibibytes;
    return kibibytes * 1024;
  }

  double now_ = 0;
};

/// data= kind= [threads= grouped=0|1 trees= depth= epochs= save=FILE]: from the rows in memory to the model; a network
/// per epoch.
[[nodiscard]] inline Result time_fit(const Arguments& arguments) {
  namespace sy = switchyard;
  FitSettings settings;
  settings.kind = arguments.text("kind");
  settings.trees = static_cast<int>(arguments.number("trees", 0));
  settings.depth = static_cast<int>(arguments.number("depth", 0));
  settings.epochs = static_cast<int>(arguments.number("epochs", settings.epochs));
  settings.threads = static_cast<int>(arguments.number("threads", settings.threads));
  settings.grouped = arguments.number("grouped", 1) != 0;
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

/// model= data= [set= cold=1 milliseconds=]: P(label = 1) of one row after the other.
[[nodiscard]] inline Result time_row(const Arguments& arguments) {
  namespace sy = switchyard;
  const sy::CompiledClassifier model(sy::load_model(arguments.text("model")).model, instruction_set(arguments));
  const Rows rows = read_rows(arguments.text("data"), "ask");
  const auto ask = [&](const double* row) { return model.probability({row, rows.columns}); };
  Result result = time_single_rows(arguments, rows.columns, rows.values, ask);
  result.add("engine", model.engine()).add("answer", mean_answer(rows.columns, rows.values, ask));
  if (model.model().get_if<sy::Mlp>() != nullptr) return result;
  const sy::Ensemble ensemble = ensemble_of(model.model());
  return result.add("sum", mean_answer(rows.columns, rows.values, [&](const double* row) {
                      return ensemble.raw({row, rows.columns});
                    }));
}

/// model= data= [threads= milliseconds=]: P(label = 1) of all training rows at once.
[[nodiscard]] inline Result time_batch(const Arguments& arguments) {
  namespace sy = switchyard;
  const sy::CompiledClassifier model(sy::load_model(arguments.text("model")).model, instruction_set(arguments));
  const sy::Dataset data = read_part(arguments.text("data"), "train");
  sy::ThreadPool pool(static_cast<int>(arguments.number("threads", 2)));
  double sum = 0;
  const double seconds = median_seconds(static_cast<double>(arguments.number("milliseconds", 500)) / 1e3,
                                        [&] { sum += model.predict_proba(data.features, pool).sum(); });
  return Result().add("seconds", seconds).add("rows", static_cast<double>(data.rows())).add("sum", sum);
}

/// model= data= [rows= threads=]: contributions of the first test rows, from the loaded model.
[[nodiscard]] inline Result time_shap(const Arguments& arguments) {
  namespace sy = switchyard;
  const sy::Ensemble ensemble = ensemble_of(sy::load_model(arguments.text("model")).model);
  const sy::Dataset data = read_part(arguments.text("data"), "test");
  const auto count = std::min<sy::Index>(data.rows(), static_cast<sy::Index>(arguments.number("rows", 5000)));
  const auto begin = Clock::now();
  const sy::Matrix contributions =
      sy::tree_shap(ensemble, data.features.topRows(count), static_cast<int>(arguments.number("threads", 2)));
  const double seconds = seconds_since(begin);
  return Result().add("seconds", seconds).add("answer", contributions.cwiseAbs().mean());
}

/// The same for interactions.
[[nodiscard]] inline Result time_interactions(const Arguments& arguments) {
  namespace sy = switchyard;
  const sy::Ensemble ensemble = ensemble_of(sy::load_model(arguments.text("model")).model);
  const sy::Dataset data = read_part(arguments.text("data"), "test");
  const auto count = std::min<sy::Index>(data.rows(), static_cast<sy::Index>(arguments.number("rows", 500)));
  const auto begin = Clock::now();
  const std::vector<sy::Matrix> interactions =
      sy::shap_interactions(ensemble, data.features.topRows(count), static_cast<int>(arguments.number("threads", 2)));
  const double seconds = seconds_since(begin);
  double sum = 0;
  for (const sy::Matrix& each : interactions) sum += each.cwiseAbs().mean();
  return Result().add("seconds", seconds).add("answer", sum / static_cast<double>(count));
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
