#pragma once

#include "switchyard/core/parallel.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/nn/adam.hpp"
#include "switchyard/nn/backpropagation.hpp"

#include <algorithm>
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

namespace detail {

/// Rows of a mini-batch that one thread works on, with all it needs for them.
class MinibatchBlock {
 public:
  MinibatchBlock(const std::vector<DenseShape>& shapes, Index rows)
      : inputs_(rows, shapes.front().inputs),
        labels_(static_cast<std::size_t>(rows)),
        weights_(static_cast<std::size_t>(rows)),
        backpropagation_(shapes, rows) {}

  /// Sums of the losses and, for `gradient()`, of the gradients of the given rows of `data`.
  LossSum add_up(const Vector& parameters, const NetworkRows& data, std::span<const Index> rows) {
    gather(data, rows);
    return backpropagation_.add_up(parameters, gathered(rows.size()), labels_, weights_);
  }

  [[nodiscard]] const Vector& gradient() const noexcept { return backpropagation_.gradient(); }

  /// Weight of those of the given rows that the network classifies rightly.
  [[nodiscard]] double right_weight(const Vector& parameters, const NetworkRows& data, std::span<const Index> rows) {
    gather(data, rows);
    const ConstVectorMap logits = backpropagation_.forward(parameters, gathered(rows.size()));
    double right = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const double predicted = logits[static_cast<Index>(i)] > 0 ? 1.0 : 0.0;
      if (predicted == labels_[i]) right += weights_[i];
    }
    return right;
  }

 private:
  [[nodiscard]] MatrixView gathered(std::size_t rows) const { return inputs_.topRows(static_cast<Index>(rows)); }

  /// Copies rows that lie anywhere in memory, asking for each of them some time before it is its turn.
  void gather(const NetworkRows& data, std::span<const Index> rows) {
    constexpr std::size_t ahead = 8;
    constexpr Index line = 8;  // doubles
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (i + ahead < rows.size()) {
        const double* const later = data.inputs.data() + rows[i + ahead] * data.inputs.outerStride();
        for (Index c = 0; c < data.inputs.cols(); c += line) __builtin_prefetch(later + c);
      }
      const auto row = static_cast<std::size_t>(rows[i]);
      const RowView inputs = row_of(data.inputs, rows[i]);
      std::copy(inputs.begin(), inputs.end(), inputs_.data() + static_cast<Index>(i) * inputs_.cols());
      labels_[i] = data.labels[row];
      weights_[i] = data.weights[row];
    }
  }

  Matrix inputs_;                // [rows x inputs]
  std::vector<double> labels_;   // [rows]
  std::vector<double> weights_;  // [rows]
  Backpropagation backpropagation_;
};

}  // namespace detail

/// A network in training by Adam on mini-batches, in an order shuffled anew for each epoch. A batch is cut into blocks
/// of a fixed number of rows for the threads, whose sums are added in order: results do not depend on their number.
class MinibatchTraining {
 public:
  /// shapes: as from dense_shapes. alpha: L2 penalty. batch_rows >= 1. threads: 0 = one per hardware thread.
  MinibatchTraining(std::vector<DenseShape> shapes, const AdamOptions& adam, double alpha, Index batch_rows, Rng rng,
                    int threads = 1)
      : shapes_(std::move(shapes)),
        rng_(rng),
        parameters_(glorot_uniform(shapes_, rng_)),
        gradient_(parameters_.size()),
        adam_(parameters_.size(), adam),
        alpha_(alpha),
        batch_rows_(static_cast<std::size_t>(batch_rows)),
        sums_((batch_rows_ + block_rows - 1) / block_rows),
        pool_(std::min(effective_threads(threads), static_cast<int>(sums_.size()))) {
    blocks_.reserve(sums_.size());
    for (std::size_t begin = 0; begin < batch_rows_; begin += block_rows) {
      blocks_.emplace_back(shapes_, static_cast<Index>(std::min(block_rows, batch_rows_ - begin)));
    }
  }

  [[nodiscard]] const Vector& parameters() const noexcept { return parameters_; }
  [[nodiscard]] const std::vector<DenseShape>& shapes() const noexcept { return shapes_; }

  /// One pass over the given rows of `data`, which it shuffles. Returns the weighted mean of the batches' losses, each
  /// taken before its step.
  double run_epoch(const NetworkRows& data, std::vector<Index>& rows) {
    rng_.shuffle(std::span<Index>(rows));
    LossSum epoch;
    for (std::size_t begin = 0; begin < rows.size(); begin += batch_rows_) {
      const LossSum sum =
          add_up(data, std::span<const Index>(rows).subspan(begin, std::min(batch_rows_, rows.size() - begin)));
      epoch.loss += sum.weight * penalised_mean(sum, parameters_, shapes_, alpha_, gradient_);
      epoch.weight += sum.weight;
      adam_.step(parameters_, gradient_);
    }
    return epoch.loss / epoch.weight;
  }

  /// Weighted share of the given rows that the network classifies rightly.
  [[nodiscard]] double accuracy(const NetworkRows& data, std::span<const Index> rows) {
    double right = 0;
    double total = 0;
    const std::size_t step = std::min(block_rows, batch_rows_);
    for (std::size_t begin = 0; begin < rows.size(); begin += step) {
      right += blocks_[0].right_weight(parameters_, data, rows.subspan(begin, std::min(step, rows.size() - begin)));
    }
    for (const Index row : rows) total += data.weights[static_cast<std::size_t>(row)];
    return right / total;
  }

 private:
  static constexpr std::size_t block_rows =
      100;  // half of the default batch; below, products lose more than threads win

  /// Sums over a batch; that of the gradients is in gradient_ after.
  [[nodiscard]] LossSum add_up(const NetworkRows& data, std::span<const Index> batch) {
    const std::size_t blocks = (batch.size() + block_rows - 1) / block_rows;
    pool_.for_each_index(blocks, [&](std::size_t b) {
      const std::size_t begin = b * block_rows;
      sums_[b] = blocks_[b].add_up(parameters_, data, batch.subspan(begin, std::min(block_rows, batch.size() - begin)));
    });
    LossSum sum = sums_[0];
    gradient_ = blocks_[0].gradient();
    for (std::size_t b = 1; b < blocks; ++b) {
      sum.loss += sums_[b].loss;
      sum.weight += sums_[b].weight;
      gradient_ += blocks_[b].gradient();
    }
    return sum;
  }

  std::vector<DenseShape> shapes_;
  Rng rng_;
  Vector parameters_;
  Vector gradient_;  // of the batch, [parameters]
  Adam adam_;
  double alpha_;
  std::size_t batch_rows_;
  std::vector<LossSum> sums_;  // [blocks]
  std::vector<detail::MinibatchBlock> blocks_;
  ThreadPool pool_;
};

}  // namespace switchyard
