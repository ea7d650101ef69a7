#include "switchyard/pipeline/report_splits.hpp"

#include "contains.hpp"
#include "studied_report.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace sy = switchyard;

TEST_CASE("all splits stand side by side, the one of the report shaded") {
  const auto report = fixture::made_up_report();
  const std::string page = sy::detail::splits_section(report);
  CHECK(contains(page, "<section id=\"splits\">\n<h2>How honest is this split?</h2>"));
  CHECK(contains(page,
                 "<tr class=\"chosen\"><th scope=\"row\">leave-one-run-out</th><td class=\"n\">400</td>"
                 "<td class=\"n\">100.0 %</td><td class=\"n\">0.750</td>"
                 "<td class=\"n\">0.700<small>[0.680, 0.720]</small></td>"
                 "<td class=\"n\">0.810<small>[0.790, 0.830]</small></td></tr>"));
  CHECK(contains(page, "<tr><th scope=\"row\">temporal</th><td class=\"n\">210</td><td class=\"n\">50.0 %</td>"));
  CHECK(contains(page, "2 runs are 2 observations"));
}

TEST_CASE("a split that was refused has its reason and no dots") {
  const auto report = fixture::made_up_report();
  const std::string page = sy::detail::splits_section(report);
  CHECK(contains(page, "The forward-chaining split could not be made: too few runs."));
  CHECK(contains(page, "<tr><th scope=\"row\">forward-chaining</th><td class=\"n\">\u2013</td>"));
  const std::string picture = page.substr(page.find("<svg"), page.find("</svg>") - page.find("<svg"));
  CHECK(contains(picture, ">stratified<"));
  CHECK_FALSE(contains(picture, ">forward-chaining<"));
  CHECK(contains(picture, "<title>boosting_live: 0.830 [0.810, 0.850]</title>"));
  CHECK(contains(picture, "<title>context ceiling, corrected: 0.820</title>"));
}

TEST_CASE("without studies there are no splits to compare") {
  auto report = fixture::made_up_report();
  report.studies->splits.clear();
  CHECK(sy::detail::splits_section(report).empty());
  report.studies.reset();
  CHECK(sy::detail::splits_section(report).empty());
}

TEST_CASE("a predictor that one split lacks is a dash there") {
  auto report = fixture::made_up_report();
  report.studies->splits[1].scores.pop_back();
  CHECK(contains(sy::detail::splits_table(report),
                 "<td class=\"n\">0.740<small>[0.720, 0.760]</small></td>"
                 "<td class=\"n\">\u2013</td></tr>"));
}

TEST_CASE("each run has its accuracies and what was chosen for it") {
  auto report = fixture::made_up_report();
  const std::string page = sy::detail::runs_section(report);
  CHECK(contains(page, "<th scope=\"col\" class=\"n\">dawn</th><th scope=\"col\" class=\"n\">dusk</th>"));
  CHECK(contains(page,
                 "<tr class=\"chosen\"><th scope=\"row\">chosen by inner runs</th><td class=\"n\">0.820</td>"
                 "<td class=\"n\">0.790</td></tr>"));
  CHECK(contains(page, "of 2 kinds of models"));
  CHECK(contains(page, "<th scope=\"row\">dusk</th><td>hand_rule</td><td class=\"n\">0.450<small>0.800</small></td>"));
  CHECK(contains(page, "trained on the others"));
  report.evaluation.split = sy::SplitKind::forward_chaining;
  CHECK(contains(sy::detail::runs_section(report), "trained on earlier runs"));
  report.evaluation.runs.clear();
  CHECK(sy::detail::runs_section(report).empty());
}

TEST_CASE("runs are counted as what they are") {
  CHECK(sy::detail::runs_are_few(0).empty());
  CHECK(contains(sy::detail::runs_are_few(1), "1 run is 1 observation of"));
  CHECK(contains(sy::detail::runs_are_few(4), "4 runs are 4 observations of"));
}
