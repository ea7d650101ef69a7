#include "switchyard/pipeline/report_headline.hpp"

#include "contains.hpp"
#include "studied_report.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <string>

namespace sy = switchyard;

namespace {

/// What the headline says of a difference in accuracy to the hand rule.
std::string headline_with(const sy::Interval& gained) {
  auto report = fixture::made_up_report();
  report.studies->value->readings[0].over[1].interval.accuracy = gained;
  return sy::report_headline(report);
}

}  // namespace

TEST_CASE("the headline is of the choice, not of the model that did best") {
  auto report = fixture::made_up_report();
  const std::string text = sy::report_headline(report);
  CHECK(contains(text, "<strong>The model chosen on training runs</strong> (boosting_live once, hand_rule once)"));
  CHECK(contains(text, "<strong>80.5 %</strong> (95 % interval 78.5 % to 82.5 %)"));
  CHECK_FALSE(contains(text, "81.0 %"));
  CHECK(contains(text, "beats the context table beyond noise (+10.50 points"));
  report.evaluation.chosen.reset();
  report.evaluation.inner.clear();
  CHECK(contains(sy::report_headline(report), "<strong>boosting_live</strong> is right for <strong>81.0 %</strong>"));
}

TEST_CASE("kinds are counted over the folds") {
  auto report = fixture::made_up_report();
  report.evaluation.inner[1].chosen = 0;
  CHECK(contains(sy::report_headline(report), "(boosting_live each time)"));
  report.evaluation.inner.push_back(report.evaluation.inner[0]);
  report.evaluation.inner[0].chosen = 1;
  CHECK(contains(sy::report_headline(report), "(hand_rule once, boosting_live 2 times)"));
}

TEST_CASE("a model has to earn its place beside the hand rule") {
  CHECK(contains(headline_with({0.005, 0.025}),
                 "<strong>it earns its place</strong> (+1.50 points of accuracy, 95 % "
                 "interval +0.50 to +2.50; +35 ms saved per request, +25 to +45)"));
  CHECK(contains(headline_with({-0.005, 0.025}), "it has not earned its place"));
  CHECK(contains(headline_with({0, 0.025}), "it has not earned its place"));
  CHECK(contains(headline_with({-0.03, -0.01}), "the rule is better, beyond noise"));
  CHECK(contains(headline_with({std::nan(""), std::nan("")}), "cannot be told from so few rows"));
  for (const auto& text : {headline_with({-0.005, 0.025}), headline_with({-0.03, -0.01})}) {
    CHECK_FALSE(contains(text, "it earns its place"));
  }
}

TEST_CASE("where the rule itself was chosen no model earned its place") {
  auto report = fixture::made_up_report();
  report.evaluation.inner[0].chosen = 1;
  CHECK(contains(sy::report_headline(report), "no fitted model earned its place"));
}

TEST_CASE("the strongest hand rule counts, and without one nothing is claimed") {
  auto report = fixture::made_up_report();
  auto& over = report.studies->value->readings[0].over;
  over.push_back(fixture::difference_over("simple hand rule", 99, 0.03));
  CHECK(contains(sy::report_headline(report), "Against the hand rule on live state"));
  over.erase(over.begin() + 1);
  CHECK(contains(sy::report_headline(report), "Against the simple hand rule"));
  report.studies.reset();
  CHECK(contains(sy::report_headline(report), "Whether it beats the hand rule was not studied"));
  report.feature_columns = {"workload_type_encoded"};
  CHECK_FALSE(contains(sy::report_headline(report), "hand rule"));
}

TEST_CASE("the background counts runs and says what the ceiling bounds") {
  auto report = fixture::made_up_report();
  const std::string text = sy::headline_background(report);
  CHECK(contains(text,
                 "more accurate than the hand rule on live state beyond noise on 1 of 2 runs and less accurate "
                 "on 0."));
  CHECK(contains(text, "these 2 runs, not other runs"));
  CHECK(contains(text, "The best baseline is static by workload with 71.0 %"));
  CHECK(contains(text, "not the platforms' state could not exceed 83.0 %"));
  report.feature_columns = {"workload_type_encoded"};
  CHECK(contains(sy::headline_background(report), "no model with these features can exceed 83.0 %"));
  CHECK_FALSE(contains(sy::headline_background(report), "hand rule"));
}
