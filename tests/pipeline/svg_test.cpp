#include "switchyard/pipeline/svg_confusion.hpp"
#include "switchyard/pipeline/svg_curves.hpp"
#include "switchyard/pipeline/svg_rows.hpp"

#include "missing.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace sy = switchyard;

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

/// Empty if every tag is closed in order, every attribute quoted and every '&' an entity; else what is wrong where.
std::string malformation(std::string_view xml) {
  std::vector<std::string> open;
  for (std::size_t at = xml.find_first_of("<&"); at != std::string_view::npos; at = xml.find_first_of("<&", at + 1)) {
    if (xml[at] == '&') {
      const std::string_view entity = xml.substr(at, xml.find(';', at) - at);
      if (entity != "&amp" && entity != "&lt" && entity != "&gt" && entity != "&quot" && entity != "&#39") {
        return "bare ampersand: " + std::string(xml.substr(at, 20));
      }
      continue;
    }
    const std::size_t end = xml.find('>', at);
    if (end == std::string_view::npos) return "unfinished tag";
    const std::string_view tag = xml.substr(at + 1, end - at - 1);
    if (tag.find('<') != std::string_view::npos) return "tag in a tag: " + std::string(tag);
    std::size_t quotes = 0;
    for (const char c : tag) quotes += c == '"' ? 1 : 0;
    if (quotes % 2 != 0) return "open quote: " + std::string(tag);
    const std::string name(tag.substr(0, tag.find_first_of(" /", 1)));
    if (tag.front() == '/') {
      if (open.empty() || "/" + open.back() != name) return "closed out of order: " + name;
      open.pop_back();
    } else if (tag.back() != '/') {
      open.push_back(name);
    }
  }
  return open.empty() ? "" : "never closed: " + open.back();
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

bool contains(std::string_view text, std::string_view part) { return count(text, part) > 0; }

/// One <svg> with a title and description, well formed, and no coordinate that is not a number.
void check_picture(const std::string& svg) {
  INFO(svg);
  CHECK(malformation(svg).empty());
  CHECK(count(svg, "<svg ") == 1);
  CHECK(contains(svg, "role=\"img\""));
  CHECK(contains(svg, "<desc>"));
  for (const std::string_view bad : {"=\"nan", "=\"inf", "=\"-inf", "nan,", ",nan", "=\"\"/"})
    CHECK_FALSE(contains(svg, bad));
}

/// The first value of an attribute after `from`.
double attribute(const std::string& svg, std::string_view from, std::string_view name) {
  const std::size_t start = svg.find(" " + std::string(name) + "=\"", svg.find(from)) + name.size() + 3;
  return sy::parse_number(std::string_view(svg).substr(start, svg.find('"', start) - start)).value();
}

const std::vector<sy::PlotValue> odd_values{{"fine", 0.5, 0.4, 0.6},
                                            {"no interval", 0.5, missing, missing},
                                            {"nothing", missing, missing, missing},
                                            {"endless", 0.5, -infinite, infinite},
                                            {"infinite", infinite, 0, 1}};

}  // namespace

TEST_CASE("the checker itself sees what is malformed") {
  CHECK(malformation("<a><b/></a>").empty());
  CHECK_FALSE(malformation("<a><b></a></b>").empty());
  CHECK_FALSE(malformation("<a>").empty());
  CHECK_FALSE(malformation("<a>x & y</a>").empty());
  CHECK_FALSE(malformation("<a b=\"c></a>").empty());
}

TEST_CASE("every text is escaped") {
  const std::string hostile = "<script>\"x\" & 'y'\n</script>";
  const std::string escaped = "&lt;script&gt;&quot;x&quot; &amp; &#39;y&#39; &lt;/script&gt;";
  const sy::PlotValue value{hostile, 0.5, 0.4, 0.6};
  const std::vector<std::string> pictures{
      sy::dot_plot({hostile, hostile, hostile, {{hostile, {value}}}, {{hostile, 0.5}}, sy::PlotBand{hostile, 0, 1}}),
      sy::bar_chart({hostile, hostile, hostile, {value}}),
      sy::line_chart({hostile, hostile, hostile, hostile, {{hostile, hostile, {0, 1}, {0, 1}}}}),
      sy::reliability_plot({hostile, hostile, {{0.5, 0.5, 0.4, 0.6, 10}}}),
      sy::confusion_plot({hostile, hostile, hostile, hostile})};
  for (const std::string& svg : pictures) {
    check_picture(svg);
    CHECK(contains(svg, "<title>" + escaped + "</title>"));
    CHECK(contains(svg, "<desc>" + escaped + "</desc>"));
    CHECK_FALSE(contains(svg, "<script"));
  }
}

TEST_CASE("long names are cut between characters and kept as a tooltip") {
  CHECK(sy::detail::shortened("abcdef", 6) == "abcdef");
  CHECK(sy::detail::shortened("abcdefg", 6) == "abcde\u2026");
  CHECK(sy::detail::shortened("\u00e4\u00e4\u00e4\u00e4", 3) == "\u00e4\u00e4\u2026");
  const std::string name(60, 'x');
  CHECK(contains(sy::bar_chart({"t", "d", "x", {{name, 1, 0, 2}}}), "<title>" + name + "</title>"));
}

TEST_CASE("ticks are round, inside the axis, and none where there is no axis") {
  const auto ticks = sy::detail::round_ticks(0.52, 0.91, 6);
  CHECK(ticks.decimals == 2);
  REQUIRE(ticks.values.size() == 8);
  CHECK(ticks.values.front() == Approx(0.55));
  CHECK(ticks.values.back() == Approx(0.90));
  CHECK(sy::detail::round_ticks(0, 2000, 5).decimals == 0);
  CHECK(sy::detail::round_ticks(0, 1, 5).values.back() == Approx(1));
  for (const double bad : {missing, infinite, 1.0}) CHECK(sy::detail::round_ticks(1, bad, 5).values.empty());
  CHECK(sy::detail::round_ticks(1, std::nextafter(1, 2), 5).values.size() <= 1001);
}

TEST_CASE("pictures of nothing say so") {
  for (const std::string& svg : {sy::dot_plot({}), sy::bar_chart({}), sy::line_chart({}), sy::reliability_plot({})}) {
    check_picture(svg);
    CHECK(count(svg, "no data") == 1);
  }
  const std::string empty = sy::confusion_plot({});
  check_picture(empty);
  CHECK(count(empty, "no rows") == 4);
}

TEST_CASE("values that are not finite are named and not drawn") {
  const std::string dots =
      sy::dot_plot({"t", "d", "x", {{"all", odd_values}}, {{"nowhere", missing}, {"far", infinite}}});
  check_picture(dots);
  CHECK(count(dots, "<circle") == 3);
  CHECK(count(dots, ">no data<") == 2);
  CHECK(count(dots, "\"reference ") == 0);
  CHECK(contains(dots, ">0.500 [0.400, 0.600]<"));
  const std::string bars = sy::bar_chart({"t", "d", "x", odd_values});
  check_picture(bars);
  CHECK(count(bars, "<rect") == 3);
  CHECK(count(bars, ">no data<") == 2);
  const std::string curve = sy::line_chart({"t", "d", "x", "y", {{"s", "", {0, missing, 1}, {0, 0.5, infinite}}}});
  check_picture(curve);
  CHECK(count(curve, "<polyline") == 0);
  CHECK(count(curve, "<circle") == 1);
  const std::string reliability = sy::reliability_plot(
      {"t", "d", {{0.2, 0.3, missing, missing, 5}, {missing, 0.5, 0, 1, 5}, {0.5, 0.5, 0, 1, 0}, {0.9, 1, 0.8, 1, 9}}});
  check_picture(reliability);
  CHECK(count(reliability, "<circle") == 2);
  CHECK(count(reliability, "\"whisker") == 1);
}

TEST_CASE("one value, or many that are equal, still make a picture") {
  check_picture(sy::dot_plot({"t", "d", "x", {{"g", {{"a", 0.5, 0.5, 0.5}, {"b", 0.5, 0.5, 0.5}}}}, {}}));
  check_picture(sy::bar_chart({"t", "d", "x", {{"a", 0, 0, 0}}}));
  check_picture(sy::bar_chart({"t", "d", "x", {{"a", 1e300, -1e300, 1e300}}}));
  check_picture(sy::line_chart({"t", "d", "x", "y", {{"s", "", {0.5}, {0.5}}}}));
  check_picture(sy::reliability_plot({"t", "d", {{0.5, 0.5, 0.4, 0.6, infinite}}}));
}

TEST_CASE("marks stand where their values are") {
  // Two dots a quarter apart and a reference in the middle between them.
  const std::string svg =
      sy::dot_plot({"t", "d", "x", {{"g", {{"a", 0.25, 0.2, 0.3}, {"b", 0.5, 0.4, 0.6}}}}, {{"r", 0.375}}});
  const double first = attribute(svg, "<circle", "cx");
  const double second = attribute(svg.substr(svg.find("<circle") + 1), "<circle", "cx");
  CHECK(attribute(svg, "\"reference", "x1") == Approx((first + second) / 2).margin(0.11));
  CHECK(first < second);
  // The axis runs from 0; a bar of half the value is half as wide, and a negative one ends where the others begin.
  const std::string bars = sy::bar_chart(
      {"t", "d", "x", {{"a", 2, missing, missing}, {"b", 1, missing, missing}, {"c", -1, missing, missing}}});
  const std::string after_a = bars.substr(bars.find("<rect") + 1);
  const std::string after_b = after_a.substr(after_a.find("<rect") + 1);
  CHECK(attribute(bars, "<rect", "width") == Approx(2 * attribute(after_a, "<rect", "width")).margin(0.2));
  CHECK(attribute(after_b, "<rect", "x") + attribute(after_b, "<rect", "width") ==
        Approx(attribute(bars, "<rect", "x")).margin(0.2));
  // A curve's end is the corner of the 340 px square at (58, 12).
  CHECK(contains(sy::line_chart({"t", "d", "x", "y", {{"s", "", {0, 1}, {0, 1}}}}), "points=\"58,352 398,12 \""));
}

TEST_CASE("labels above the dot plot never touch") {
  std::vector<sy::detail::LaneLabel> labels{
      {100, "context ceiling 0.698", 0}, {110, "oracle 0.700", 0}, {400, "far away", 0}, {2, "at the edge", 0}};
  const std::size_t lanes = sy::detail::place_in_lanes(labels, 0, 760);
  CHECK(lanes >= 2);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double half = sy::detail::text_width(labels[i].text) / 2;
    CHECK(labels[i].x - half >= 0);
    for (std::size_t k = i + 1; k < labels.size(); ++k) {
      if (labels[i].lane != labels[k].lane) continue;
      CHECK(std::abs(labels[i].x - labels[k].x) >= half + sy::detail::text_width(labels[k].text) / 2);
    }
  }
}

TEST_CASE("the confusion matrix shows counts and shares of its rows") {
  const std::string svg = sy::confusion_plot({"t", "d", "ECS", "Lambda", 5231, 812, 1, 3});
  check_picture(svg);
  for (const std::string_view part :
       {">5,231<", ">86.6 % of row<", ">812<", ">13.4 % of row<", ">25.0 % of row<", ">75.0 % of row<"}) {
    CHECK(contains(svg, part));
  }
  CHECK(count(svg, ">ECS<") == 2);
}

TEST_CASE("the style sheet has every look the plots use") {
  const std::string css = sy::svg_stylesheet();
  for (const std::string_view look :
       {".grid{", ".axis{", ".guide{", ".curve{", ".whisker{", ".band{", ".reference{", ".mark{", ".on-fill{", ".l5{",
        ".w0{", ".w1{", ".wm{", ".f0{", ".f1{", ".fm{", ".heading{", ".large{", ".halo{"}) {
    CHECK(contains(css, look));
  }
  CHECK(count(css, "{") == count(css, "}"));
}
