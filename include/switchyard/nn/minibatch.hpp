#pragma once

#include "switchyard/core/random.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/nn/adam.hpp"
#include "switchyard/nn/backpropagation.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace switchyard {

/// Rows a network learns from or is judged by. Borrowed: the owner outlives the user.
struct NetworkRows {
  MatrixView inputs;                // [rows x inputs], finite
  std::span<const double> labels;   // [rows], 0 or 1
  std::span<const double> weights;  // [rows], > 0
};

/// A network in training by Adam on mini-batches, in an order shuffled anew for each epoch.
class MinibatchTraining {
 public:
  /// shapes: as from dense_shapes. alpha: L2 penalty. batch_rows >= 1.
  MinibatchTraining(std::vector<DenseShape> shapes, const AdamOptions& adam, double alpha, Index batch_rows, Rng rng)
      : rng_(rng),
        parameters_(glorot_uniform(shapes, rng_)),
        adam_(parameters_.size(), adam),
        alpha_(alpha),
        batch_(batch_rows, shapes.front().inputs),
        labels_(static_cast<std::size_t>(batch_rows)),
        weights_(static_cast<std::size_t>(batch_rows)),
        backpropagation_(std::move(shapes), batch_rows) {}

  [[nodiscard]] const Vector& parameters() const noexcept { return parameters_; }
  [[nodiscard]] const std::vector<DenseShape>& shapes() const noexcept { return backpropagation_.shapes(); }

  /// One pass over the given rows of `data`, which it shuffles. Returns the weighted mean of the batches' losses, each
  /// taken before its step.
  double run_epoch(const NetworkRows& data, std::vector<Index>& rows) {
    rng_.shuffle(std::span<Index>(rows));
    double loss = 0;
    double total_weight = 0;
    for (std::size_t begin = 0; begin < rows.size(); begin += labels_.size()) {
      const auto batch = std::span<const Index>(rows).subspan(begin, std::min(labels_.size(), rows.size() - begin));
      const double batch_weight = gather(data, batch);
      const auto inputs = batch_.topRows(static_cast<Index>(batch.size()));
      const double batch_loss = backpropagation_.loss_and_gradient(parameters_, inputs, labels_, weights_, alpha_);
      adam_.step(parameters_, backpropagation_.gradient());
      loss += batch_loss * batch_weight;
      total_weight += batch_weight;
    }
    return loss / total_weight;
  }

  /// Weighted share of the given rows that the network classifies rightly.
  [[nodiscard]] double accuracy(const NetworkRows& data, std::span<const Index> rows) {
    double right = 0;
    double total_weight = 0;
    for (std::size_t begin = 0; begin < rows.size(); begin += labels_.size()) {
      const auto batch = rows.subspan(begin, std::min(labels_.size(), rows.size() - begin));
      total_weight += gather(data, batch);
      const MatrixView logits = backpropagation_.forward(parameters_, batch_.topRows(static_cast<Index>(batch.size())));
      for (std::size_t i = 0; i < batch.size(); ++i) {
        const double predicted = logits(static_cast<Index>(i), 0) > 0 ? 1.0 : 0.0;
        if (predicted == labels_[i]) right += weights_[i];
      }
    }
    return right / total_weight;
  }

 private:
  /// Copies rows into the batch; returns the sum of their weights.
  double gather(const NetworkRows& data, std::span<const Index> rows) {
    double total_weight = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto row = static_cast<std::size_t>(rows[i]);
      batch_.row(static_cast<Index>(i)) = data.inputs.row(rows[i]);
      labels_[i] = data.labels[row];
      weights_[i] = data.weights[row];
      total_weight += weights_[i];
    }
    return total_weight;
  }

  Rng rng_;
  Vector parameters_;
  Adam adam_;
  double alpha_;
  Matrix batch_;                 // [batch_rows x inputs]
  std::vector<double> labels_;   // [batch_rows]
  std::vector<double> weights_;  // [batch_rows]
  Backpropagation backpropagation_;
};

}  // namespace switchyard
