#pragma once

#include "switchyard/core/text.hpp"
#include "switchyard/pipeline/svg.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace switchyard {

/// Counts of a binary decision, and what its classes are called.
struct ConfusionPlot {
  std::string title = {};
  std::string description = {};
  std::string negative = "0";
  std::string positive = "1";
  std::int64_t true_negatives = 0;
  std::int64_t false_positives = 0;
  std::int64_t false_negatives = 0;
  std::int64_t true_positives = 0;
};

/// The matrix as one <svg> element, 420 px wide at its natural size: rows are what was right, columns what was said;
/// each cell its count and its share of the row, shaded by that share.
[[nodiscard]] inline std::string confusion_plot(const ConfusionPlot& plot) {
  constexpr double cell_width = 150;
  constexpr double cell_height = 92;
  constexpr double left = 112;
  constexpr double top = 46;
  constexpr std::size_t longest_name = 14;
  const std::array<std::array<std::int64_t, 2>, 2> counts{
      {{plot.true_negatives, plot.false_positives}, {plot.false_negatives, plot.true_positives}}};
  const std::array<std::string, 2> names{plot.negative, plot.positive};
  SvgCanvas canvas(420, top + 2 * cell_height + 10, plot.title, plot.description);
  canvas.text(left + cell_width, 14, "predicted", "heading", TextAnchor::middle);
  canvas.text(12, top + cell_height, "actual", "heading", TextAnchor::middle, true);
  for (std::size_t row = 0; row < 2; ++row) {
    const double y = top + cell_height * static_cast<double>(row);
    const double total = static_cast<double>(counts[row][0]) + static_cast<double>(counts[row][1]);
    canvas.label(left + cell_width * (static_cast<double>(row) + 0.5), 36, names[row], longest_name, "strong",
                 TextAnchor::middle);
    canvas.label(left - 10, y + cell_height / 2 + 4, names[row], longest_name, "strong", TextAnchor::end);
    for (std::size_t column = 0; column < 2; ++column) {
      const double x = left + cell_width * static_cast<double>(column);
      const double share = total > 0 ? static_cast<double>(counts[row][column]) / total : 0;
      constexpr double faintest = 0.06;  // text stays readable on the darkest cell in light and dark pages
      constexpr double darkest = 0.5;
      canvas.rect(x + 1.5, y + 1.5, cell_width - 3, cell_height - 3, row == column ? "f0" : "f1",
                  faintest + (darkest - faintest) * share);
      canvas.text(x + cell_width / 2, y + cell_height / 2 + 2, format_count(counts[row][column]), "large number",
                  TextAnchor::middle);
      canvas.text(x + cell_width / 2, y + cell_height / 2 + 22,
                  total > 0 ? format_fixed(100 * share, 1) + " % of row" : "no rows", "small number",
                  TextAnchor::middle);
    }
  }
  return canvas.str();
}

}  // namespace switchyard
