#pragma once

// A network of fixed shape, asked one row at a time. Each layer's outputs stay in vector registers while its inputs
// come by one after the other, and an input that its ReLU made zero is skipped: half of the products, found by the set
// bits of a word. Products and sums come in Mlp's order and none is fused, which costs nothing where multiplications
// and additions have units of their own (AMD's Zen), so the margins are those of Mlp to the bit, on every instruction
// set, for one row and for many. The scaler is folded into the first layer as Mlp does it: see folded_first_layer.
// mlp_layout.hpp says how the weights lie, mlp_avx512.hpp, mlp_avx2.hpp and mlp_baseline.hpp are the kernels.

#include "switchyard/core/types.hpp"
#include "switchyard/engine/instruction_set.hpp"
#include "switchyard/engine/mlp_avx2.hpp"
#include "switchyard/engine/mlp_avx512.hpp"
#include "switchyard/engine/mlp_baseline.hpp"
#include "switchyard/engine/mlp_layout.hpp"
#include "switchyard/model/mlp.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace switchyard {

/// A fitted network in the form that answers fastest, with Mlp's bits. Weights are taken to be finite, as fit and load
/// make sure. Immutable and lock-free.
class CompiledMlp {
 public:
  /// parameters: fit together, as those of an Mlp do.
  explicit CompiledMlp(const MlpParameters& parameters, InstructionSet set = best_instruction_set())
      : network_(detail::packed_mlp(parameters, set < InstructionSet::avx2 ? 2 : 4)), kernel_(kernel_of(set)) {}

  [[nodiscard]] Index features() const noexcept { return static_cast<Index>(network_.features); }

  /// Logarithm of the odds of label 1. row: [features], NaN = missing. Allocates only for a layer, the
  /// inputs included, of 512 values or more, and then throws std::bad_alloc where there is no memory.
  [[nodiscard]] double margin(RowView row) const {
    if (network_.width <= stack_width) return margin_on_stack(row.data());
    Workspace workspace(network_.width);
    return kernel_(network_, row.data(), workspace.view);
  }

  /// margin of each row. rows: [rows x features]; out: [rows]
  void margins(const MatrixView& rows, std::span<double> out) const {
    Workspace workspace(network_.width);
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = kernel_(network_, row_of(rows, static_cast<Index>(i)).data(), workspace.view);
    }
  }

 private:
  using Kernel = double (*)(const detail::PackedMlp&, const double*, detail::MlpWorkspace&) noexcept;

  static constexpr std::size_t stack_width = 512;  // 8 KB for two layers

  /// Two layers' values and active bits on the heap.
  struct Workspace {
    explicit Workspace(std::size_t width) : values(2 * width), active(2 * (width / detail::active_bits + 1)) {
      view = {values.data(), values.data() + width, active.data(), active.data() + active.size() / 2};
    }

    detail::DoubleLines values;
    std::vector<detail::ActiveWord> active;
    detail::MlpWorkspace view;
  };

  [[nodiscard]] double margin_on_stack(const double* row) const noexcept {
    alignas(detail::line_size * sizeof(double)) std::array<double, 2 * stack_width> values;
    std::array<detail::ActiveWord, 2 * (stack_width / detail::active_bits + 1)> active;
    detail::MlpWorkspace workspace{values.data(), values.data() + stack_width, active.data(),
                                   active.data() + active.size() / 2};
    return kernel_(network_, row, workspace);
  }

  [[nodiscard]] static Kernel kernel_of(InstructionSet set) noexcept {
#if defined(__x86_64__)
    if (set == InstructionSet::avx512) return &detail::avx512::mlp_margin;
    if (set == InstructionSet::avx2) return &detail::avx2::mlp_margin;
#endif
    static_cast<void>(set);
    return &detail::baseline::mlp_margin;
  }

  detail::PackedMlp network_;
  Kernel kernel_;
};

}  // namespace switchyard
