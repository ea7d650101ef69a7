#pragma once

#include "random_ensemble.hpp"
#include "switchyard/engine/instruction_set.hpp"
#include "switchyard/engine/threshold_codes.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

/// The first row for which the engine, made for each instruction set that the processor has, alone or in a batch that
/// is a part of a wider table, does not give the bits of the trees; empty if it always does.
template <class Engine>
std::string first_difference(const switchyard::Ensemble& ensemble, const switchyard::Matrix& rows) {
  const switchyard::ThresholdCodes codes(ensemble);
  switchyard::Matrix wider = switchyard::Matrix::Constant(rows.rows(), rows.cols() + 3, 1e300);
  wider.leftCols(rows.cols()) = rows;
  for (const auto set : switchyard::available_instruction_sets()) {
    const Engine engine(ensemble, codes, set);
    std::vector<double> together(static_cast<std::size_t>(rows.rows()));
    engine.sums(wider.leftCols(rows.cols()), together);
    for (switchyard::Index i = 0; i < rows.rows(); ++i) {
      const switchyard::RowView row = switchyard::row_of(rows, i);
      const auto expected = std::bit_cast<std::uint64_t>(tree_sum(ensemble, row));
      const std::string where = std::string(switchyard::name_of(set)) + ", row " + std::to_string(i);
      if (std::bit_cast<std::uint64_t>(engine.sum(row)) != expected) return where;
      if (std::bit_cast<std::uint64_t>(together[static_cast<std::size_t>(i)]) != expected) return where + " of a batch";
    }
  }
  return "";
}

/// Whether two threads that ask one engine at the same time both get the bits of the trees.
template <class Engine>
bool serves_two_threads(const Engine& engine, const switchyard::Ensemble& ensemble, const switchyard::Matrix& rows) {
  bool right[2] = {false, false};
  const auto ask = [&](bool& answer) { answer = agrees(engine, ensemble, rows); };
  std::thread other(ask, std::ref(right[0]));
  ask(right[1]);
  other.join();
  return right[0] && right[1];
}

/// A tree that is a chain: split i leaves one leaf behind, on the left or on the right.
inline switchyard::Tree chain_of(int splits, switchyard::Index features, bool to_the_right) {
  switchyard::Tree tree;
  tree.nodes.resize(static_cast<std::size_t>(2 * splits + 1));
  for (int i = 0; i < splits; ++i) {
    auto& node = tree.nodes[static_cast<std::size_t>(2 * i)];
    node.feature = static_cast<std::int32_t>(i % features);
    node.threshold = to_the_right ? i : -i;
    node.default_left = i % 3 == 0;
    node.left = 2 * i + (to_the_right ? 1 : 2);
    node.right = 2 * i + (to_the_right ? 2 : 1);
    tree.nodes[static_cast<std::size_t>(2 * i + 1)].value = 0.1 * i;
  }
  tree.nodes.back().value = -0.7;
  return tree;
}
