#pragma once

#include "switchyard/core/text.hpp"
#include "switchyard/pipeline/svg.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

/// A named value with its interval; not finite = not known, and drawn without.
struct PlotValue {
  std::string name = {};
  double value = 0;
  double low = 0;
  double high = 0;
  bool highlighted = false;  // the one the reader should find first
};

/// Values as horizontal bars with error bars, in the order given.
struct BarChart {
  std::string title = {};
  std::string description = {};
  std::string x_label = {};
  std::vector<PlotValue> bars = {};
  int decimals = 3;  // of the numbers beside the bars
};

/// Rows of a dot plot under one heading.
struct DotGroup {
  std::string name = {};
  std::vector<PlotValue> rows = {};
};

/// A vertical line to compare with: the context ceiling, the best baseline.
struct PlotReference {
  std::string name = {};
  double value = 0;
};

/// A shaded range to aim for.
struct PlotBand {
  std::string name = {};
  double low = 0;
  double high = 1;
};

/// Values as dots with intervals on one axis, in groups (baselines, models), against references and a band.
struct DotPlot {
  std::string title = {};
  std::string description = {};
  std::string x_label = {};
  std::vector<DotGroup> groups = {};
  std::vector<PlotReference> references = {};
  std::optional<PlotBand> band = std::nullopt;
  int decimals = 3;
};

namespace detail {

constexpr std::size_t longest_row_name = 34;
constexpr double row_plot_width = 760;

/// "0.862 [0.851, 0.873]", or less where less is known.
[[nodiscard]] inline std::string value_with_interval(const PlotValue& value, int decimals) {
  if (!std::isfinite(value.value)) return "no data";
  std::string text = format_fixed(value.value, decimals);
  if (std::isfinite(value.low) && std::isfinite(value.high) && value.low < value.high) {
    text += " [" + format_fixed(value.low, decimals) + ", " + format_fixed(value.high, decimals) + "]";
  }
  return text;
}

[[nodiscard]] inline double name_column(const std::vector<PlotValue>& values, double widest) {
  for (const PlotValue& value : values) {
    widest = std::max(widest, text_width(shortened(value.name, longest_row_name), value.highlighted));
  }
  return widest;
}

[[nodiscard]] inline double number_column(const std::vector<PlotValue>& values, int decimals, double widest) {
  for (const PlotValue& value : values)
    widest = std::max(widest, text_width(value_with_interval(value, decimals), value.highlighted));
  return widest;
}

inline void draw_interval(SvgCanvas& canvas, const PlotValue& value, const SvgScale& x, double y,
                          std::string_view look) {
  if (!std::isfinite(value.low) || !std::isfinite(value.high) || !(value.low < value.high)) return;
  constexpr double cap = 4;
  canvas.line(x.clamped(value.low), y, x.clamped(value.high), y, look);
  canvas.line(x.clamped(value.low), y - cap, x.clamped(value.low), y + cap, look);
  canvas.line(x.clamped(value.high), y - cap, x.clamped(value.high), y + cap, look);
}

/// Range of an axis over values and intervals, widened a little; [0, 1] where there is nothing to show.
[[nodiscard]] inline FiniteRange padded(FiniteRange range) {
  if (range.empty()) return {0, 1};
  const double span = range.high - range.low;
  const double room = span > 0 ? 0.04 * span : std::max(0.05, 0.05 * std::abs(range.high));
  return {range.low - room, range.high + room};
}

/// A label above the dot plot, in the first lane where it touches no other.
struct LaneLabel {
  double x = 0;  // middle
  std::string text = {};
  std::size_t lane = 0;
};

/// Gives labels lanes, left to right, and keeps them within [left, right]. Result: the number of lanes.
inline std::size_t place_in_lanes(std::vector<LaneLabel>& labels, double left, double right) {
  std::vector<std::size_t> order(labels.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return labels[a].x < labels[b].x; });
  std::vector<double> lane_end;
  constexpr double gap = 12;
  for (const std::size_t i : order) {
    const double half = text_width(labels[i].text) / 2;
    labels[i].x = std::max(left + half, std::min(right - half, labels[i].x));
    std::size_t lane = 0;
    while (lane < lane_end.size() && lane_end[lane] + gap > labels[i].x - half) ++lane;
    if (lane == lane_end.size()) lane_end.push_back(0);
    lane_end[lane] = labels[i].x + half;
    labels[i].lane = lane;
  }
  return lane_end.size();
}

}  // namespace detail

/// The chart as one <svg> element, 760 px wide at its natural size.
[[nodiscard]] inline std::string bar_chart(const BarChart& chart) {
  constexpr double row_height = 26;
  constexpr double top = 8;
  const double left = detail::name_column(chart.bars, 60) + 18;
  const double right = detail::row_plot_width - detail::number_column(chart.bars, chart.decimals, 40) - 14;
  const double bottom = top + row_height * static_cast<double>(std::max<std::size_t>(chart.bars.size(), 1)) + 4;
  SvgCanvas canvas(detail::row_plot_width, bottom + 46, chart.title, chart.description);
  detail::FiniteRange range;
  for (const PlotValue& bar : chart.bars) {
    for (const double value : {bar.value, bar.low, bar.high}) range.add(value);
  }
  if (!range.empty()) range.add(0);
  const double lowest = range.empty() || range.low >= 0 ? 0 : detail::padded(range).low;
  const detail::SvgScale x{lowest, detail::padded(range).high, left, right};
  detail::draw_x_axis(canvas, x, top, bottom, chart.x_label);
  if (chart.bars.empty()) canvas.text((left + right) / 2, top + 18, "no data", "muted", TextAnchor::middle);
  for (std::size_t i = 0; i < chart.bars.size(); ++i) {
    const PlotValue& bar = chart.bars[i];
    const double y = top + row_height * (static_cast<double>(i) + 0.5) + 2;
    const std::string numbers = detail::value_with_interval(bar, chart.decimals);
    canvas.label(left - 10, y + 4, bar.name, detail::longest_row_name, bar.highlighted ? "strong" : "",
                 TextAnchor::end);
    canvas.text(detail::row_plot_width - 4, y + 4, numbers, "muted small number", TextAnchor::end);
    if (!std::isfinite(bar.value)) continue;
    const double from = std::min(x(0), x.clamped(bar.value));
    const double to = std::max(x(0), x.clamped(bar.value));
    canvas.rect(from, y - 8, to - from, 16, bar.highlighted ? "f1" : "f0", 0.8, bar.name + ": " + numbers);
    detail::draw_interval(canvas, bar, x, y, "on-fill");
  }
  canvas.line(x(0), top, x(0), bottom, "axis");
  return canvas.str();
}

namespace detail {

[[nodiscard]] inline FiniteRange range_of(const DotPlot& plot) {
  FiniteRange range;
  for (const DotGroup& group : plot.groups) {
    for (const PlotValue& row : group.rows) {
      for (const double value : {row.value, row.low, row.high}) range.add(value);
    }
  }
  for (const PlotReference& reference : plot.references) range.add(reference.value);
  if (plot.band) {
    range.add(plot.band->low);
    range.add(plot.band->high);
  }
  return padded(range);
}

constexpr double lane_height = 18;

/// The band and the reference lines, each up to its label; then the labels, so that no line strikes one through.
/// labels: as reference_labels, placed in lanes.
inline void draw_references(SvgCanvas& canvas, const DotPlot& plot, const SvgScale& x,
                            const std::vector<LaneLabel>& labels, double top, double bottom) {
  const auto base = [&](const LaneLabel& label) { return top - 8 - lane_height * static_cast<double>(label.lane); };
  std::size_t next = 0;
  if (plot.band) {
    const double from = x.clamped(plot.band->low);
    canvas.rect(from, top, x.clamped(plot.band->high) - from, bottom - top, "band");
    ++next;
  }
  for (const PlotReference& reference : plot.references) {
    if (!std::isfinite(reference.value)) continue;
    canvas.line(x(reference.value), base(labels[next++]) + 4, x(reference.value), bottom, "reference w1");
  }
  for (const LaneLabel& label : labels) {
    canvas.text(label.x, base(label), label.text, "small halo", TextAnchor::middle);
  }
}

[[nodiscard]] inline std::vector<LaneLabel> reference_labels(const DotPlot& plot, const SvgScale& x) {
  std::vector<LaneLabel> labels;
  if (plot.band) labels.push_back({(x.clamped(plot.band->low) + x.clamped(plot.band->high)) / 2, plot.band->name, 0});
  for (const PlotReference& reference : plot.references) {
    if (!std::isfinite(reference.value)) continue;
    labels.push_back({x(reference.value), reference.name + " " + format_fixed(reference.value, plot.decimals), 0});
  }
  return labels;
}

inline void draw_dot_row(SvgCanvas& canvas, const PlotValue& row, const SvgScale& x, double y, int decimals) {
  const std::string numbers = value_with_interval(row, decimals);
  canvas.label(x.from - 12, y + 4, row.name, longest_row_name, row.highlighted ? "strong" : "", TextAnchor::end);
  canvas.text(row_plot_width - 4, y + 4, numbers, row.highlighted ? "small number strong" : "muted small number",
              TextAnchor::end);
  if (!std::isfinite(row.value)) return;
  draw_interval(canvas, row, x, y, row.highlighted ? "whisker w0" : "whisker wm");
  canvas.circle(x(row.value), y, row.highlighted ? 5.5 : 4.5, row.highlighted ? "mark f0" : "mark fm",
                row.name + ": " + numbers);
}

}  // namespace detail

/// The plot as one <svg> element, 760 px wide at its natural size.
[[nodiscard]] inline std::string dot_plot(const DotPlot& plot) {
  constexpr double row_height = 26;
  constexpr double heading_height = 26;
  double names = 60;
  double numbers = 60;
  double height = 6;
  std::size_t rows = 0;
  for (const DotGroup& group : plot.groups) {
    names = detail::name_column(group.rows, std::max(names, detail::text_width(group.name, true)));
    numbers = detail::number_column(group.rows, plot.decimals, numbers);
    height += heading_height + row_height * static_cast<double>(group.rows.size());
    rows += group.rows.size();
  }
  if (rows == 0) height += row_height;
  const detail::FiniteRange range = detail::range_of(plot);
  const detail::SvgScale x{range.low, range.high, names + 24, detail::row_plot_width - numbers - 14};
  std::vector<detail::LaneLabel> labels = detail::reference_labels(plot, x);
  const std::size_t lanes = detail::place_in_lanes(labels, 0, detail::row_plot_width);
  const double bottom = detail::lane_height * static_cast<double>(lanes) + 10 + height;
  SvgCanvas canvas(detail::row_plot_width, bottom + 46, plot.title, plot.description);
  const double top = bottom - height;
  detail::draw_x_axis(canvas, x, top, bottom, plot.x_label);
  detail::draw_references(canvas, plot, x, labels, top, bottom);
  double y = top;
  if (rows == 0) canvas.text((x.from + x.to) / 2, y + 20, "no data", "muted", TextAnchor::middle);
  for (const DotGroup& group : plot.groups) {
    canvas.text(x.from - 12, y + heading_height - 8, group.name, "heading", TextAnchor::end);
    y += heading_height;
    for (const PlotValue& row : group.rows) {
      detail::draw_dot_row(canvas, row, x, y + row_height / 2, plot.decimals);
      y += row_height;
    }
  }
  return canvas.str();
}

}  // namespace switchyard
