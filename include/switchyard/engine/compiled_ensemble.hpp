#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/engine/blocked_trees.hpp"
#include "switchyard/engine/instruction_set.hpp"
#include "switchyard/engine/mask_tables.hpp"
#include "switchyard/engine/plain_trees.hpp"
#include "switchyard/engine/register_trees.hpp"
#include "switchyard/engine/threshold_codes.hpp"
#include "switchyard/tree/tree.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

namespace switchyard {

/// The engines for trees.
enum class TreeEngine {
  fastest,    // what was measured best for trees of this shape on this instruction set
  registers,  // RegisterTrees
  masks,      // MaskTables
  blocked,    // BlockedTrees
  plain,      // PlainTrees
};

[[nodiscard]] constexpr std::string_view name_of(TreeEngine engine) noexcept {
  switch (engine) {
    case TreeEngine::fastest: return "fastest";
    case TreeEngine::registers: return "registers";
    case TreeEngine::masks: return "masks";
    case TreeEngine::blocked: return "blocked";
    case TreeEngine::plain: return "plain";
  }
  return "unknown";
}

/// An ensemble in the form that answers fastest, with the same bits as Ensemble::raw. Immutable, so one object serves
/// any number of threads.
class CompiledEnsemble {
 public:
  /// Throws InvalidArgument for a tree without nodes or in which a walk could go astray (a threshold that is NaN, a
  /// feature or child that does not exist, a child that is not a later node or has another parent), for an offset
  /// column that does not exist, more than 2^32 nodes, or if `engine` names one that the ensemble does not fit.
  explicit CompiledEnsemble(const Ensemble& ensemble, InstructionSet set = best_instruction_set(),
                            TreeEngine engine = TreeEngine::fastest)
      : head_(without_trees(ensemble)), engine_(compile(ensemble, set, engine)) {}

  [[nodiscard]] Index features() const noexcept { return head_.features; }

  /// Name of the engine in use, as name_of(TreeEngine).
  [[nodiscard]] std::string_view engine() const noexcept {
    return std::visit([](const auto& trees) { return name_of(kind_of(trees)); }, engine_);
  }

  /// (bias + offset) + scale * sum of the trees. row: exactly [features], NaN = missing
  [[nodiscard]] double raw(RowView row) const noexcept {
    return answer(row, std::visit([row](const auto& trees) { return trees.sum(row); }, engine_));
  }

  /// The same for many rows. Throws InvalidArgument for a wrong width or length. rows: [n x features]; out: [n]
  void raw(const MatrixView& rows, std::span<double> out) const {
    require("feature row", static_cast<std::size_t>(rows.cols()), static_cast<std::size_t>(features()));
    require("output", out.size(), static_cast<std::size_t>(rows.rows()));
    std::visit([&](const auto& trees) { trees.sums(rows, out); }, engine_);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = answer(row_of(rows, static_cast<Index>(i)), out[i]);
  }

 private:
  using Engine = std::variant<PlainTrees, BlockedTrees, MaskTables, RegisterTrees>;

  static constexpr TreeEngine kind_of(const PlainTrees& /*trees*/) noexcept { return TreeEngine::plain; }
  static constexpr TreeEngine kind_of(const BlockedTrees& /*trees*/) noexcept { return TreeEngine::blocked; }
  static constexpr TreeEngine kind_of(const MaskTables& /*trees*/) noexcept { return TreeEngine::masks; }
  static constexpr TreeEngine kind_of(const RegisterTrees& /*trees*/) noexcept { return TreeEngine::registers; }

  /// Bytes of leaf masks for every threshold: what a MaskTables reads from.
  [[nodiscard]] static std::size_t mask_bytes(const Ensemble& ensemble, const ThresholdCodes& codes) noexcept {
    std::size_t thresholds = 0;
    for (std::size_t feature = 0; feature < codes.features(); ++feature) thresholds += codes.thresholds(feature).size();
    return thresholds * ensemble.trees.size() * sizeof(std::uint64_t);
  }

  /// Measured on boosted trees (level-wise of depth 6, leaf-wise of 31 leaves) and forests of 14 columns with few and
  /// 28 with many distinct values; see bench/README.md. Whole trees in registers are first where bytes can be shuffled;
  /// without, leaf masks are twice as fast as long as their tables stay in the second cache. Either is at least twice
  /// as fast as blocks, and blocks as the plain walk.
  [[nodiscard]] static TreeEngine fastest(const Ensemble& ensemble, const ThresholdCodes& codes,
                                          InstructionSet set) noexcept {
    constexpr std::size_t second_cache = std::size_t{1} << 20;
    const bool masks = MaskTables::fits(ensemble, codes);
    const bool shuffles = RegisterTrees::shuffles(codes.features(), set);
    if (masks && !shuffles && mask_bytes(ensemble, codes) <= second_cache) return TreeEngine::masks;
    const bool few = codes.features() <= detail::SlotCodes::one_register;
    if ((few || shuffles) && RegisterTrees::fits(ensemble, codes)) return TreeEngine::registers;
    if (masks) return TreeEngine::masks;
    if (BlockedTrees::fits(ensemble, codes)) return TreeEngine::blocked;
    return TreeEngine::plain;
  }

  [[nodiscard]] static Engine compile(const Ensemble& ensemble, InstructionSet set, TreeEngine engine) {
    detail::require_sound(ensemble);
    const ThresholdCodes codes(ensemble);
    if (engine == TreeEngine::fastest) engine = fastest(ensemble, codes, set);
    if (engine == TreeEngine::registers) return RegisterTrees(ensemble, codes, set);
    if (engine == TreeEngine::masks) return MaskTables(ensemble, codes, set);
    if (engine == TreeEngine::blocked) return BlockedTrees(ensemble, codes, set);
    return PlainTrees(ensemble, codes, set);
  }

  static void require(std::string_view name, std::size_t found, std::size_t expected) {
    if (found != expected) throw InvalidArgument::wrong_size(name, found, expected);
  }

  [[nodiscard]] static Ensemble without_trees(const Ensemble& ensemble) {
    Ensemble head;
    head.bias = ensemble.bias;
    head.scale = ensemble.scale;
    head.features = ensemble.features;
    head.offset_column = ensemble.offset_column;
    return head;
  }

  [[nodiscard]] double answer(RowView row, double sum) const noexcept { return head_.answer(head_.offset(row), sum); }

  Ensemble head_;  // bias, offset column and scale; the trees are in the engine
  Engine engine_;
};

}  // namespace switchyard
