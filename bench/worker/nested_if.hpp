#pragma once

#include "switchyard/tree/tree.hpp"

#include <cstddef>
#include <fstream>
#include <ios>
#include <ostream>
#include <stdexcept>
#include <string>

namespace bench {

/// One tree as nested ifs; a missing value (NaN) takes its default side for free, by how the comparison is put.
inline void write_if(std::ostream& out, const switchyard::Tree& tree, std::size_t at, const std::string& indent) {
  const switchyard::TreeNode& node = tree.nodes[at];
  if (node.is_leaf()) {
    out << indent << "return " << node.value << ";\n";
    return;
  }
  out << indent << "if (" << (node.default_left ? "!(x[" : "(x[") << node.feature
      << (node.default_left ? "] > " : "] <= ") << node.threshold << ")) {\n";
  write_if(out, tree, static_cast<std::size_t>(node.left), indent + ' ');
  out << indent << "} else {\n";
  write_if(out, tree, static_cast<std::size_t>(node.right), indent + ' ');
  out << indent << "}\n";
}

/// What anyone would write for speed: a sum of trees as C source, `double nested_if(const double* row)`, its answers
/// those of Ensemble::raw up to the order of the sum. In files PREFIX0.c, PREFIX1.c, ... that can be compiled at once,
/// since a deep forest makes several megabytes, the last of them adding up the others; all is valid C++ too. Returns
/// the number of files. Throws std::runtime_error if a file cannot be written.
inline int write_nested_if(const switchyard::Ensemble& ensemble, const std::string& prefix, const std::string& suffix,
                           std::size_t nodes_per_file = 30'000) {
  int files = 0;
  std::string calls;
  std::string declarations;
  for (std::size_t t = 0; t < ensemble.trees.size(); ++files) {
    const std::string name = "nested_if_" + std::to_string(files);
    std::ofstream out(prefix + std::to_string(files) + suffix);
    out << std::hexfloat;
    const std::size_t first = t;
    for (std::size_t nodes = 0; t < ensemble.trees.size() && nodes < nodes_per_file; ++t) {
      nodes += ensemble.trees[t].nodes.size();
      out << "static double tree_" << t << "(const double* x) {\n";
      write_if(out, ensemble.trees[t], 0, " ");
      out << "}\n";
    }
    out << "double " << name << "(const double* x);\ndouble " << name << "(const double* x) {\n double sum = 0;\n";
    for (std::size_t i = first; i < t; ++i) out << " sum += tree_" << i << "(x);\n";
    out << " return sum;\n}\n";
    declarations += "double " + name + "(const double* x);\n";
    calls += " sum += " + name + "(x);\n";
    if (!out.flush()) throw std::runtime_error("cannot write " + prefix + std::to_string(files) + suffix);
  }
  std::ofstream out(prefix + std::to_string(files) + suffix);
  out << std::hexfloat << declarations
      << "#ifdef __cplusplus\nextern \"C\"\n#endif\ndouble nested_if(const double* x);\n"
      << "double nested_if(const double* x) {\n double sum = 0;\n"
      << calls << " return " << ensemble.bias << " + " << ensemble.scale << " * sum;\n}\n";
  if (!out.flush()) throw std::runtime_error("cannot write " + prefix + std::to_string(files) + suffix);
  return files + 1;
}

}  // namespace bench
