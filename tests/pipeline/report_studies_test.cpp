#include "switchyard/pipeline/report_studies.hpp"

#include "contains.hpp"
#include "studied_report.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace sy = switchyard;

namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("the loop marks the chosen share and compares it with the open loop") {
  const auto report = fixture::made_up_report();
  const std::string page = sy::detail::loop_section(report);
  CHECK(contains(page, "chosen share of <b>0.02</b> the state sees 52.0 % of the answers"));
  CHECK(contains(page, "right for <b>79.0 %</b>, \u22121.00 points against the open loop's 80.0 %"));
  CHECK(contains(page, "<tr class=\"chosen\"><th scope=\"row\">closed</th><td class=\"n\">0.02</td>"));
  CHECK(count(page, "<tr class=\"chosen\">") == 1);
  CHECK(contains(page, "<tr><th scope=\"row\">open</th><td class=\"n\">0.00</td><td class=\"n\">100.0 %</td>"));
  CHECK(count(page, "<polyline") == 4);
}

TEST_CASE("the open loop is a horizontal line, the chosen share a vertical one") {
  const std::string picture = sy::detail::loop_figure(fixture::made_up_studies());
  const auto points = [&](const std::string& look) {
    const auto at = picture.find("points=\"", picture.find("class=\"curve " + look + "\" points"));
    return picture.substr(at + 8, picture.find('"', at + 8) - at - 8);
  };
  // 340 px for shares 0 to .5, from 58 on; accuracy .65 to .80 with 8 % of room.
  const std::string open = points("l2");
  const std::string chosen = points("l3");
  CHECK(open.substr(0, 3) == "58,");
  CHECK(contains(open, " 398,"));
  CHECK(open.substr(3, open.find(' ') - 3) == open.substr(open.find("398,") + 4, open.find(' ') - 3));
  CHECK(chosen == "71.6,352 71.6,12 ");
}

TEST_CASE("without live state there is no loop and no objective") {
  auto report = fixture::made_up_report();
  report.studies->loop.clear();
  report.studies->objectives.clear();
  CHECK(sy::detail::loop_section(report).empty());
  CHECK(sy::detail::objectives_section(report).empty());
  report.studies.reset();
  CHECK(sy::detail::loop_section(report).empty());
  CHECK(sy::detail::objectives_section(report).empty());
  CHECK(sy::detail::controls_section(report).empty());
}

TEST_CASE("the most accurate of each objective is shaded") {
  const std::string page = sy::detail::objectives_section(fixture::made_up_report());
  CHECK(contains(page, "<tr><th scope=\"row\">balanced</th><td>hand_rule</td>"));
  CHECK(contains(page,
                 "<tr class=\"chosen\"><th scope=\"row\"></th><td>boosting_live</td><td class=\"n\">0.8000</td>"
                 "<td class=\"n\">2720</td><td class=\"n\">8.750</td></tr>"));
  CHECK(contains(page, "<tr class=\"chosen\"><th scope=\"row\">cost</th><td>static by workload</td>"));
}

TEST_CASE("controls show curve, permuted labels and drift") {
  auto report = fixture::made_up_report();
  const std::string page = sy::detail::controls_section(report);
  CHECK(contains(page, "0.765 with all rows"));
  CHECK(contains(page, "tested on dusk"));
  CHECK(contains(page, "<th scope=\"row\">50.0 %</th><td class=\"n\">150</td><td class=\"n\">10</td>"));
  CHECK(contains(page, "the majority rate of 0.651: it is 0.650 (0.640 to 0.660 in 2 permutations)"));
  CHECK(contains(page, "finds no skill where there is none"));
  CHECK(contains(page, "<li>hour_of_day: &lt;new&gt;</li>"));
  report.studies->control->passes = false;
  CHECK(contains(sy::detail::controls_section(report), "no figure of this report can be believed"));
  report.studies->drift->warnings.clear();
  CHECK(contains(sy::detail::controls_section(report), "Nothing worth naming differs"));
}

TEST_CASE("controls that were not made are not shown") {
  auto report = fixture::made_up_report();
  report.studies->curve.clear();
  report.studies->drift.reset();
  const std::string page = sy::detail::controls_section(report);
  CHECK(contains(page, "Permuted labels"));
  CHECK_FALSE(contains(page, "Drift"));
  CHECK_FALSE(contains(page, "<svg"));
  report.studies->control.reset();
  CHECK(sy::detail::controls_section(report).empty());
}
