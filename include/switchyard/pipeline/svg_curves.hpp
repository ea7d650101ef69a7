#pragma once

#include "switchyard/core/text.hpp"
#include "switchyard/pipeline/svg.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

/// One curve; points that are not finite are left out.
struct PlotSeries {
  std::string name = {};  // legend
  std::string note = {};  // second, quieter legend line ("AUC 0.863"); may be empty
  std::vector<double> x = {};
  std::vector<double> y = {};  // as many as x
};

/// Curves over the unit square or another fixed range: ROC, precision-recall, learning curves.
struct LineChart {
  std::string title = {};        // read by screen readers; the page has its own headings
  std::string description = {};  // what the picture shows, in a sentence
  std::string x_label = {};
  std::string y_label = {};
  std::vector<PlotSeries> series = {};  // six looks; later ones repeat them
  bool diagonal = false;                // a guide from corner to corner: the ROC of a coin
  double x_low = 0;
  double x_high = 1;  // > x_low
  double y_low = 0;
  double y_high = 1;  // > y_low
};

/// One bin of a reliability plot.
struct ReliabilityPoint {
  double predicted = 0;  // mean predicted probability
  double observed = 0;   // share of positives
  double low = 0;        // interval of `observed`
  double high = 0;
  double rows = 0;
};

/// Predicted probability against what happened: a calibrated model's points lie on the diagonal.
struct ReliabilityPlot {
  std::string title = {};
  std::string description = {};
  std::vector<ReliabilityPoint> bins = {};
};

namespace detail {

/// The square both kinds of plot draw in, in px.
struct SquareFrame {
  double left = 58;
  double top = 12;
  double size = 340;

  [[nodiscard]] double right() const noexcept { return left + size; }
  [[nodiscard]] double bottom() const noexcept { return top + size; }
};

inline void draw_no_data(SvgCanvas& canvas, double x, double y) {
  canvas.text(x, y, "no data", "muted", TextAnchor::middle);
}

inline void draw_legend(SvgCanvas& canvas, const std::vector<PlotSeries>& series, double x, double y) {
  for (std::size_t i = 0; i < series.size(); ++i) {
    canvas.line(x, y - 4, x + 26, y - 4, "curve l" + std::to_string(i % 6));
    canvas.label(x + 34, y, series[i].name, 31, "strong");
    y += 16;
    if (!series[i].note.empty()) {
      canvas.label(x + 34, y, series[i].note, 34, "muted small number");
      y += 16;
    }
    y += 8;
  }
}

}  // namespace detail

/// The chart as one <svg> element, 710 px wide at its natural size.
[[nodiscard]] inline std::string line_chart(const LineChart& chart) {
  const detail::SquareFrame frame;
  const double legend_height = 40.0 * static_cast<double>(chart.series.size());
  SvgCanvas canvas(710, std::max(frame.bottom(), frame.top + legend_height) + 46, chart.title, chart.description);
  const detail::SvgScale x{chart.x_low, chart.x_high, frame.left, frame.right()};
  const detail::SvgScale y{chart.y_low, chart.y_high, frame.bottom(), frame.top};
  detail::draw_x_axis(canvas, x, frame.top, frame.bottom(), chart.x_label, 5);
  detail::draw_y_axis(canvas, y, frame.left, frame.right(), chart.y_label);
  if (chart.diagonal) canvas.line(frame.left, frame.bottom(), frame.right(), frame.top, "guide");
  bool drawn = false;
  for (std::size_t i = chart.series.size(); i-- > 0;) {  // the first series on top
    const PlotSeries& series = chart.series[i];
    std::vector<double> px;
    std::vector<double> py;
    for (std::size_t k = 0; k < std::min(series.x.size(), series.y.size()); ++k) {
      if (!std::isfinite(series.x[k]) || !std::isfinite(series.y[k])) continue;
      px.push_back(x.clamped(series.x[k]));
      py.push_back(y.clamped(series.y[k]));
    }
    drawn = drawn || !px.empty();
    if (px.size() == 1) canvas.circle(px[0], py[0], 4, "mark f" + std::to_string(i % 2));
    if (px.size() > 1) canvas.polyline(px, py, "curve l" + std::to_string(i % 6));
  }
  if (!drawn) detail::draw_no_data(canvas, frame.left + frame.size / 2, frame.top + frame.size / 2 - 14);
  detail::draw_legend(canvas, chart.series, frame.right() + 24, frame.top + 14);
  return canvas.str();
}

/// The plot as one <svg> element, 420 px wide at its natural size: points with intervals, and below them how many rows
/// each stands for. Bins without rows or with values that are not finite are left out.
[[nodiscard]] inline std::string reliability_plot(const ReliabilityPlot& plot) {
  const detail::SquareFrame frame;
  constexpr double strip = 44;  // height of the row counts
  SvgCanvas canvas(420, frame.bottom() + strip + 60, plot.title, plot.description);
  const detail::SvgScale x{0, 1, frame.left, frame.right()};
  const detail::SvgScale y{0, 1, frame.bottom(), frame.top};
  detail::draw_y_axis(canvas, y, frame.left, frame.right(), "observed share");
  const double base = frame.bottom() + strip + 12;
  detail::draw_x_axis(canvas, x, frame.top, base, "predicted probability", 5);
  canvas.line(frame.left, frame.bottom(), frame.right(), frame.bottom(), "axis");
  canvas.line(frame.left, frame.bottom(), frame.right(), frame.top, "guide");
  canvas.text(frame.left - 8, base - 2, "rows", "muted small", TextAnchor::end);
  std::vector<ReliabilityPoint> bins;
  double most = 0;
  for (const ReliabilityPoint& bin : plot.bins) {
    if (!std::isfinite(bin.predicted) || !std::isfinite(bin.observed) || !(bin.rows > 0)) continue;
    bins.push_back(bin);
    most = std::max(most, bin.rows);
  }
  if (bins.empty()) detail::draw_no_data(canvas, frame.left + frame.size / 2, frame.top + frame.size / 2 - 14);
  std::vector<double> px;
  std::vector<double> py;
  for (const ReliabilityPoint& bin : bins) {
    px.push_back(x.clamped(bin.predicted));
    py.push_back(y.clamped(bin.observed));
  }
  if (bins.size() > 1) canvas.polyline(px, py, "curve l0");
  for (std::size_t i = 0; i < bins.size(); ++i) {
    const std::string rows = std::isfinite(bins[i].rows) ? format_count(std::llround(bins[i].rows)) : "many";
    const std::string hint = "predicted " + format_fixed(bins[i].predicted, 3) + ", observed " +
                             format_fixed(bins[i].observed, 3) + ", " + rows + " rows";
    const double height = std::isfinite(most) ? strip * bins[i].rows / most : 0;
    canvas.rect(px[i] - 7, base - height, 14, height, "f0", 0.45, hint);
    if (std::isfinite(bins[i].low) && std::isfinite(bins[i].high)) {
      canvas.line(px[i], y.clamped(bins[i].low), px[i], y.clamped(bins[i].high), "whisker w0");
    }
    canvas.circle(px[i], py[i], 5, "mark f0", hint);
  }
  return canvas.str();
}

}  // namespace switchyard
