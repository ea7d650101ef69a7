#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/data/scale.hpp"
#include "switchyard/data/stratify.hpp"
#include "switchyard/model/classifier.hpp"
#include "switchyard/model/option_checks.hpp"
#include "switchyard/nn/activation.hpp"
#include "switchyard/nn/dense.hpp"
#include "switchyard/nn/minibatch.hpp"
#include "switchyard/nn/plateau.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard {

/// Defaults are scikit-learn's MLPClassifier's where the requirements leave them open.
struct MlpOptions {
  std::vector<int> hidden = {64, 32, 16};  // widths of the hidden layers, 1 to 1e6 each; none = logistic regression
  double learning_rate = 1e-3;             // > 0
  double beta1 = 0.9;                      // [0, 1), Adam
  double beta2 = 0.999;                    // [0, 1), Adam
  double epsilon = 1e-8;                   // > 0, Adam
  double alpha = 1e-4;                     // >= 0, L2 penalty
  int batch_size = 200;                    // >= 1; at most the number of rows is used
  int max_epochs = 500;                    // >= 1
  double tolerance = 1e-4;                 // >= 0: an epoch that betters the best by less is a bad one
  int patience = 10;                       // >= 0: stops at the first bad epoch after so many in a row
  bool early_stopping = false;             // judge epochs by accuracy on held-out rows, and keep the best epoch
  double validation_fraction = 0.1;        // (0, 1): share of rows held out by early_stopping
  double positive_weight = 1;              // > 0: a row of label 1 counts so many times
  std::uint64_t seed = 42;
  int threads = 0;  // 0 = one per hardware thread; the result does not depend on it
};

/// The requirements' network: 64-32-16 ReLU, Adam, 500 epochs at most. Their "adaptive" learning rate has no effect:
/// in scikit-learn it divides the rate of plain gradient descent only, and is ignored under Adam.
[[nodiscard]] inline MlpOptions mlp_preset() { return {}; }

/// What a fitted network is. A row is scaled, a missing value becomes 0 (the training mean), and each column of
/// `indicators` appends 1 if its value was missing, else 0; then come the layers, ReLU between them.
struct MlpParameters {
  StandardScaler scaler;           // [features]
  std::vector<Index> indicators;   // columns with missing values in training, rising
  std::vector<DenseLayer> layers;  // the first has features + indicators inputs, the last one output: the logit

  friend bool operator==(const MlpParameters&, const MlpParameters&) = default;
};

namespace detail {

/// A row's inputs without the scaler's division, which folded_first_layer has. inputs: [features + indicators]
inline void centre_mlp_row(const MlpParameters& parameters, RowView row, std::span<double> inputs) {
  for (std::size_t c = 0; c < row.size(); ++c) {
    inputs[c] = std::isnan(row[c]) ? 0.0 : row[c] - parameters.scaler.mean[c];
  }
  for (std::size_t i = 0; i < parameters.indicators.size(); ++i) {
    inputs[row.size() + i] = std::isnan(row[static_cast<std::size_t>(parameters.indicators[i])]) ? 1.0 : 0.0;
  }
}

/// The first layer with the scaler folded in: its weights over the deviations, for values less their mean. The mean
/// stays outside: in the bias it would cost digits wherever it is large beside the deviation, and taking it off is what
/// a missing value has to be told from anyway.
[[nodiscard]] inline DenseLayer folded_first_layer(const MlpParameters& parameters) {
  DenseLayer layer = parameters.layers.front();
  for (Index c = 0; c < parameters.scaler.features(); ++c) {
    layer.weights.row(c) /= parameters.scaler.scale[static_cast<std::size_t>(c)];
  }
  return layer;
}

inline void require_fraction_below_one(const char* name, double found, bool zero_allowed) {
  if (found < 1 && (found > 0 || (zero_allowed && found == 0))) return;
  throw InvalidArgument::out_of_range(name, format_number(found),
                                      zero_allowed ? "a number in [0, 1)" : "a number in (0, 1)");
}

inline void check(const MlpOptions& options, const Dataset& train) {
  require_training_rows(train);
  for (const int width : options.hidden) require_between("hidden", width, 1, 1'000'000);
  require_positive("learning_rate", options.learning_rate);
  require_fraction_below_one("beta1", options.beta1, true);
  require_fraction_below_one("beta2", options.beta2, true);
  require_positive("epsilon", options.epsilon);
  require_not_negative("alpha", options.alpha);
  require_at_least("batch_size", options.batch_size, 1);
  require_at_least("max_epochs", options.max_epochs, 1);
  require_not_negative("tolerance", options.tolerance);
  require_at_least("patience", options.patience, 0);
  require_fraction_below_one("validation_fraction", options.validation_fraction, false);
  require_positive("positive_weight", options.positive_weight);
  require_at_least("threads", options.threads, 0);
}

}  // namespace detail

/// Multilayer perceptron for two classes, its scaler inside. Trained and stopped as scikit-learn's MLPClassifier with
/// Adam (weights count as in its `sample_weight`), by other random numbers.
class Mlp {
 public:
  static constexpr std::string_view kind = "mlp";

  /// Called after each epoch, counted from 1, with its training loss.
  using Progress = std::function<void(int epoch, double loss)>;

  /// Throws InvalidArgument for options out of range, an unusable dataset or no rows, and Error if the loss becomes
  /// infinite or NaN.
  [[nodiscard]] static Mlp fit(const Dataset& train, const MlpOptions& options = {}, const Progress& progress = {});

  /// Throws InvalidArgument if the shapes do not fit together, or a deviation is so small that a weight over it is
  /// infinite.
  explicit Mlp(MlpParameters parameters);

  [[nodiscard]] const MlpParameters& parameters() const noexcept { return parameters_; }
  [[nodiscard]] Index features() const noexcept { return parameters_.scaler.features(); }

  /// Logarithm of the odds of label 1. row: [features]
  [[nodiscard]] double margin(RowView row) const {
    detail::require_columns(static_cast<Index>(row.size()), features());
    constexpr std::size_t on_stack = 512;  // enough for the presets; a decision then allocates nothing
    if (2 * width_ <= on_stack) {
      std::array<double, on_stack> workspace;
      return margin(row, std::span(workspace).first(2 * width_));
    }
    std::vector<double> workspace(2 * width_);
    return margin(row, workspace);
  }

  [[nodiscard]] double probability(RowView row) const { return logistic(margin(row)); }

  [[nodiscard]] Vector predict_proba(const MatrixView& rows) const {
    detail::require_columns(rows.cols(), features());
    std::vector<double> workspace(2 * width_);
    Vector result(rows.rows());
    for (Index i = 0; i < rows.rows(); ++i) result[i] = logistic(margin(row_of(rows, i), workspace));
    return result;
  }

  [[nodiscard]] Labels predict(const MatrixView& rows) const { return labels_from(predict_proba(rows)); }

  friend bool operator==(const Mlp& a, const Mlp& b) { return a.parameters_ == b.parameters_; }

 private:
  /// workspace: [2 * width_], two layers' values in turn
  [[nodiscard]] double margin(RowView row, std::span<double> workspace) const {
    std::span<double> input = workspace.first(width_);
    std::span<double> output = workspace.last(width_);
    detail::centre_mlp_row(parameters_, row, input);
    for (std::size_t l = 0; l < parameters_.layers.size(); ++l) {
      (l == 0 ? first_layer_ : parameters_.layers[l]).forward(input, output);
      if (l + 1 < parameters_.layers.size()) {
        for (double& value : output.first(static_cast<std::size_t>(parameters_.layers[l].outputs()))) {
          value = std::max(value, 0.0);
        }
      }
      std::swap(input, output);
    }
    return input[0];
  }

  MlpParameters parameters_;
  DenseLayer first_layer_;  // see folded_first_layer
  std::size_t width_ = 0;   // of the widest layer, inputs included
};

static_assert(Classifier<Mlp>);

inline Mlp::Mlp(MlpParameters parameters) : parameters_(std::move(parameters)) {
  const auto require = [](std::string_view name, Index found, Index expected) {
    if (found != expected) {
      throw InvalidArgument::wrong_size(name, static_cast<std::size_t>(found), static_cast<std::size_t>(expected));
    }
  };
  const auto& [scaler, indicators, layers] = parameters_;
  if (layers.empty()) throw InvalidArgument("a network has no layers; expected 1 or more");
  require("scaler scale", static_cast<Index>(scaler.scale.size()), scaler.features());
  for (const Index column : indicators) {
    if (column < 0 || column >= scaler.features()) {
      throw InvalidArgument::out_of_range("indicator", std::to_string(column), "the number of a feature");
    }
  }
  Index inputs = scaler.features() + static_cast<Index>(indicators.size());
  width_ = static_cast<std::size_t>(inputs);
  for (const DenseLayer& layer : layers) {
    require("layer input", layer.inputs(), inputs);
    require("layer bias", layer.bias.size(), layer.outputs());
    inputs = layer.outputs();
    width_ = std::max(width_, static_cast<std::size_t>(inputs));
  }
  require("last layer", inputs, 1);
  first_layer_ = detail::folded_first_layer(parameters_);
  for (Index c = 0; c < scaler.features(); ++c) {
    if (layers.front().weights.row(c).allFinite() && !first_layer_.weights.row(c).allFinite()) {
      throw InvalidArgument::out_of_range("scaler scale", format_number(scaler.scale[static_cast<std::size_t>(c)]),
                                          "one that the layer's weights can be divided by");
    }
  }
}

namespace detail {

[[nodiscard]] inline std::vector<Index> columns_with_missing(const Matrix& features) {
  std::vector<Index> result;
  for (Index column = 0; column < features.cols(); ++column) {
    if (features.col(column).array().isNaN().any()) result.push_back(column);
  }
  return result;
}

/// What every row counts in training: its own weight, times that of its label. [samples]
[[nodiscard]] inline std::vector<double> training_weights(const Dataset& train, double positive_weight) {
  std::vector<double> weights(train.labels.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] = train.weight(static_cast<Index>(i)) * (train.labels[i] == 1 ? positive_weight : 1.0);
  }
  return weights;
}

/// Rows to learn from and, with early stopping, rows to judge epochs by.
struct MlpRows {
  std::vector<Index> training;
  std::vector<Index> validation;
};

[[nodiscard]] inline MlpRows mlp_rows(const Dataset& train, const MlpOptions& options) {
  MlpRows result;
  std::vector<Index> all(static_cast<std::size_t>(train.rows()));
  std::iota(all.begin(), all.end(), Index{0});
  if (!options.early_stopping) {
    result.training = std::move(all);
    return result;
  }
  const double shares[] = {1 - options.validation_fraction, options.validation_fraction};
  const std::vector<std::size_t> parts = stratified_parts(train, all, shares, options.seed);
  for (std::size_t i = 0; i < all.size(); ++i) {
    (parts[i] == 0 ? result.training : result.validation).push_back(all[i]);
  }
  if (result.validation.empty() || result.training.empty()) {
    throw InvalidArgument("too few rows or groups to hold a validation_fraction out for early_stopping");
  }
  return result;
}

/// Runs epochs until the rule or max_epochs says stop; the parameters to keep.
[[nodiscard]] inline Vector run_epochs(MinibatchTraining& training, const NetworkRows& data, MlpRows& rows,
                                       const MlpOptions& options, const Mlp::Progress& progress) {
  PlateauRule rule(options.tolerance, options.patience);
  Vector best;
  for (int epoch = 1; epoch <= options.max_epochs && !rule.should_stop(); ++epoch) {
    const double loss = training.run_epoch(data, rows.training);
    if (!std::isfinite(loss)) {
      throw Error("the loss of the network is not finite in epoch " + std::to_string(epoch) +
                  "; try a learning_rate below " + format_number(options.learning_rate));
    }
    if (progress) progress(epoch, loss);
    const double judged = options.early_stopping ? -training.accuracy(data, rows.validation) : loss;
    if (rule.observe(judged) && options.early_stopping) best = training.parameters();
  }
  return options.early_stopping ? best : training.parameters();
}

}  // namespace detail

inline Mlp Mlp::fit(const Dataset& train, const MlpOptions& options, const Progress& progress) {
  detail::check(options, train);
  MlpParameters result{.scaler = StandardScaler::fit(train.features, train.weights),
                       .indicators = detail::columns_with_missing(train.features),
                       .layers = {}};
  Matrix inputs(train.rows(), train.columns() + static_cast<Index>(result.indicators.size()));
  for (Index i = 0; i < inputs.rows(); ++i) {
    detail::centre_mlp_row(result, train.row(i),
                           {inputs.data() + i * inputs.cols(), static_cast<std::size_t>(inputs.cols())});
    for (Index c = 0; c < train.columns(); ++c) inputs(i, c) /= result.scaler.scale[static_cast<std::size_t>(c)];
  }
  const std::vector<double> labels(train.labels.begin(), train.labels.end());
  const std::vector<double> weights = detail::training_weights(train, options.positive_weight);

  detail::MlpRows rows = detail::mlp_rows(train, options);
  const Index batch = std::min<Index>(options.batch_size, static_cast<Index>(rows.training.size()));
  const AdamOptions adam{options.learning_rate, options.beta1, options.beta2, options.epsilon};
  MinibatchTraining training(dense_shapes(inputs.cols(), options.hidden), adam, options.alpha, batch, Rng(options.seed),
                             options.threads);
  const Vector fitted = detail::run_epochs(training, {inputs, labels, weights}, rows, options, progress);
  result.layers = dense_layers(fitted, training.shapes());
  return Mlp(std::move(result));
}

}  // namespace switchyard
