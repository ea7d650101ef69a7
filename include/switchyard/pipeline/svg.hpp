#pragma once

#include "switchyard/core/text.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

/// CSS of every plot, to be put once into the page's <style>; the page's background should be its --surface. Light and
/// dark by the reader's preference; series colours are those of Okabe & Ito ("Color universal design", 2008), which
/// colour-blind readers tell apart, lightened for dark.
[[nodiscard]] inline std::string svg_stylesheet() {
  return R"css(.sy-plot{--ink:#1f2933;--muted:#5f6b77;--grid:#e4e8ec;--axis:#aab4be;--surface:#ffffff;--band:#009e73;
--s0:#0072b2;--s1:#d55e00;--s2:#009e73;--s3:#b0568a;--s4:#b27a00;--s5:#3a9bd9;
display:block;width:100%;height:auto;font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
@media (prefers-color-scheme:dark){.sy-plot{--ink:#e8ebee;--muted:#a3aeb9;--grid:#2e363e;--axis:#5b6671;--surface:#14191e;
--band:#2bc79a;--s0:#56b4e9;--s1:#ff9a5c;--s2:#2bc79a;--s3:#e59bc4;--s4:#f0c043;--s5:#a9d8f7}}
.sy-plot text{font-size:12px;fill:var(--ink)}
.sy-plot .muted{fill:var(--muted)}
.sy-plot .small{font-size:11px}
.sy-plot .strong{font-weight:600}
.sy-plot .large{font-size:20px;font-weight:600}
.sy-plot .heading{font-size:11px;font-weight:600;fill:var(--muted);letter-spacing:.06em}
.sy-plot .number{font-variant-numeric:tabular-nums}
.sy-plot .grid{stroke:var(--grid);stroke-width:1}
.sy-plot .axis{stroke:var(--axis);stroke-width:1}
.sy-plot .guide{stroke:var(--axis);stroke-width:1.25;stroke-dasharray:4 4;fill:none}
.sy-plot .curve{fill:none;stroke-width:2;stroke-linejoin:round}
.sy-plot .whisker{stroke-width:1.75}
.sy-plot .on-fill{stroke:var(--ink);stroke-width:1.5}
.sy-plot .halo{paint-order:stroke;stroke:var(--surface);stroke-width:4px;stroke-linejoin:round}
.sy-plot .band{fill:var(--band);opacity:.13}
.sy-plot .reference{stroke-width:1.5;stroke-dasharray:6 3}
.sy-plot .mark{stroke:var(--surface);stroke-width:1.5}
.sy-plot .l0{stroke:var(--s0)}.sy-plot .l1{stroke:var(--s1);stroke-dasharray:7 3}.sy-plot .l2{stroke:var(--s2);stroke-dasharray:2 3}
.sy-plot .l3{stroke:var(--s3);stroke-dasharray:9 3 2 3}.sy-plot .l4{stroke:var(--s4);stroke-dasharray:12 4}.sy-plot .l5{stroke:var(--s5);stroke-dasharray:4 2}
.sy-plot .w0{stroke:var(--s0)}.sy-plot .w1{stroke:var(--s1)}.sy-plot .wm{stroke:var(--muted)}
.sy-plot .f0{fill:var(--s0)}.sy-plot .f1{fill:var(--s1)}.sy-plot .fm{fill:var(--muted)}
)css";
}

namespace detail {

/// Text as SVG character data or attribute value. Control characters, which XML forbids, become spaces.
[[nodiscard]] inline std::string svg_escaped(std::string_view text) {
  std::string result;
  for (const char character : text) {
    switch (character) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      case '\'': result += "&#39;"; break;
      default: result += static_cast<unsigned char>(character) < 0x20 ? ' ' : character;
    }
  }
  return result;
}

/// Characters of UTF-8 text.
[[nodiscard]] inline std::size_t character_count(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

/// About how wide 12 px sans-serif text is, in px: layout without fonts. Generous (measured on DejaVu Sans, among the
/// widest), so that labels stay apart.
[[nodiscard]] inline double text_width(std::string_view text, bool bold = false) noexcept {
  const double mean_advance = bold ? 7.7 : 6.7;
  return mean_advance * static_cast<double>(character_count(text));
}

/// Text cut to at most `limit` characters, the last an ellipsis if any were cut.
[[nodiscard]] inline std::string shortened(std::string_view text, std::size_t limit) {
  if (character_count(text) <= limit) return std::string(text);
  std::size_t end = 0;
  for (std::size_t characters = 0; characters < limit; ++end) {
    if ((static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U) ++characters;
  }
  return std::string(text.substr(0, end - 1)) + "\u2026";
}

/// One decimal of a pixel is enough; a coordinate that is not finite draws at 0 rather than breaking the picture.
[[nodiscard]] inline std::string svg_number(double value) {
  if (!std::isfinite(value)) return "0";
  return format_number(std::round(value * 10) / 10 + 0.0);
}

}  // namespace detail

/// Where text stands relative to its point.
enum class TextAnchor { start, middle, end };

/// An SVG picture being drawn, in px of its own view box; it scales to the width of what it stands in. Looks come from
/// the classes of svg_stylesheet.
class SvgCanvas {
 public:
  /// title and description are read by screen readers; the title also shows as the picture's tooltip.
  SvgCanvas(double width, double height, std::string_view title, std::string_view description)
      : body_("<svg class=\"sy-plot\" xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 " +
              detail::svg_number(width) + " " + detail::svg_number(height) +
              "\" style=\"max-width:" + detail::svg_number(width) + "px\">\n<title>" + detail::svg_escaped(title) +
              "</title>\n<desc>" + detail::svg_escaped(description) + "</desc>\n") {}

  void line(double x1, double y1, double x2, double y2, std::string_view look) {
    open("line", look);
    attribute("x1", x1);
    attribute("y1", y1);
    attribute("x2", x2);
    attribute("y2", y2);
    body_ += "/>\n";
  }

  /// opacity in [0, 1]; hint: tooltip, none if empty.
  void rect(double x, double y, double width, double height, std::string_view look, double opacity = 1,
            std::string_view hint = {}) {
    open("rect", look);
    attribute("x", x);
    attribute("y", y);
    attribute("width", std::max(0.0, width));
    attribute("height", std::max(0.0, height));
    if (opacity < 1) body_ += " opacity=\"" + format_fixed(std::max(0.0, opacity), 3) + "\"";
    body_ += " rx=\"2\"";
    close("rect", hint);
  }

  void circle(double x, double y, double radius, std::string_view look, std::string_view hint = {}) {
    open("circle", look);
    attribute("cx", x);
    attribute("cy", y);
    attribute("r", radius);
    close("circle", hint);
  }

  /// A line through the points; those that are not finite are left out.
  void polyline(const std::vector<double>& x, const std::vector<double>& y, std::string_view look) {
    open("polyline", look);
    body_ += " points=\"";
    for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
      if (std::isfinite(x[i]) && std::isfinite(y[i]))
        body_ += detail::svg_number(x[i]) + "," + detail::svg_number(y[i]) + " ";
    }
    body_ += "\"/>\n";
  }

  /// y is the base line. turned: reads upwards.
  void text(double x, double y, std::string_view content, std::string_view look, TextAnchor anchor = TextAnchor::start,
            bool turned = false) {
    open("text", look);
    attribute("x", x);
    attribute("y", y);
    if (anchor != TextAnchor::start)
      body_ += anchor == TextAnchor::end ? " text-anchor=\"end\"" : " text-anchor=\"middle\"";
    if (turned) body_ += " transform=\"rotate(-90 " + detail::svg_number(x) + " " + detail::svg_number(y) + ")\"";
    body_ += ">" + detail::svg_escaped(content) + "</text>\n";
  }

  /// Text of at most `limit` characters; what is cut shows as a tooltip.
  void label(double x, double y, std::string_view content, std::size_t limit, std::string_view look,
             TextAnchor anchor = TextAnchor::start) {
    const std::string shown = detail::shortened(content, limit);
    if (shown == content) return text(x, y, content, look, anchor);
    body_ += "<g><title>" + detail::svg_escaped(content) + "</title>\n";
    text(x, y, shown, look, anchor);
    body_ += "</g>\n";
  }

  /// The finished picture: one <svg> element.
  [[nodiscard]] std::string str() const { return body_ + "</svg>\n"; }

 private:
  void open(std::string_view element, std::string_view look) {
    body_ += "<" + std::string(element) + " class=\"" + detail::svg_escaped(look) + "\"";
  }
  void attribute(std::string_view name, double value) {
    body_ += " " + std::string(name) + "=\"" + detail::svg_number(value) + "\"";
  }
  void close(std::string_view element, std::string_view hint) {
    if (hint.empty()) {
      body_ += "/>\n";
      return;
    }
    body_ += "><title>" + detail::svg_escaped(hint) + "</title></" + std::string(element) + ">\n";
  }

  std::string body_;
};

namespace detail {

/// Round positions of an axis and how many decimals tell them apart.
struct Ticks {
  std::vector<double> values;  // ascending
  int decimals = 0;
};

/// About `target` ticks at steps of 1, 2 or 5 times a power of ten within [low, high].
[[nodiscard]] inline Ticks round_ticks(double low, double high, int target) {
  Ticks ticks;
  if (!std::isfinite(low) || !std::isfinite(high) || !(high > low)) return ticks;
  const double raw = (high - low) / target;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  const double multiple = raw / power <= 1.5 ? 1 : raw / power <= 3 ? 2 : raw / power <= 7 ? 5 : 10;
  const double step = multiple * power;
  ticks.decimals = static_cast<int>(std::clamp(-std::floor(std::log10(step) + 1e-9), 0.0, 12.0));
  const double first = std::ceil(low / step - 1e-9);
  const double last = std::floor(high / step + 1e-9);
  constexpr double most = 1000;  // ranges too narrow for their magnitude
  if (last - first > most) return ticks;
  for (int i = 0; i <= static_cast<int>(last - first); ++i) ticks.values.push_back((first + i) * step + 0.0);
  return ticks;
}

/// A straight map from data to px; not finite in, not finite out.
struct SvgScale {
  double low = 0;
  double high = 1;
  double from = 0;
  double to = 1;

  [[nodiscard]] double operator()(double value) const noexcept {
    return from + (value - low) / (high - low) * (to - from);
  }
  /// As above, kept within the axis.
  [[nodiscard]] double clamped(double value) const noexcept {
    return (*this)(std::isnan(value) ? value : std::clamp(value, std::min(low, high), std::max(low, high)));
  }
};

/// Smallest range around finite values; what is not finite is ignored.
struct FiniteRange {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void add(double value) noexcept {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  [[nodiscard]] bool empty() const noexcept { return low > high; }
};

/// Horizontal axis: a grid line per tick from `top` to `bottom`, its number below, and the axis' name.
inline void draw_x_axis(SvgCanvas& canvas, const SvgScale& x, double top, double bottom, std::string_view name,
                        int target_ticks = 6) {
  const Ticks ticks = round_ticks(x.low, x.high, target_ticks);
  for (const double tick : ticks.values) {
    canvas.line(x(tick), top, x(tick), bottom, "grid");
    canvas.text(x(tick), bottom + 17, format_fixed(tick, ticks.decimals), "muted small number", TextAnchor::middle);
  }
  canvas.line(x.from, bottom, x.to, bottom, "axis");
  canvas.text((x.from + x.to) / 2, bottom + 36, name, "muted", TextAnchor::middle);
}

/// Vertical axis: a grid line per tick from `left` to `right`, its number to the left, and the axis' name.
inline void draw_y_axis(SvgCanvas& canvas, const SvgScale& y, double left, double right, std::string_view name) {
  const Ticks ticks = round_ticks(y.low, y.high, 5);
  for (const double tick : ticks.values) {
    canvas.line(left, y(tick), right, y(tick), "grid");
    canvas.text(left - 8, y(tick) + 4, format_fixed(tick, ticks.decimals), "muted small number", TextAnchor::end);
  }
  canvas.line(left, y.from, left, y.to, "axis");
  canvas.text(left - 40, (y.from + y.to) / 2, name, "muted", TextAnchor::middle, true);
}

}  // namespace detail

}  // namespace switchyard
