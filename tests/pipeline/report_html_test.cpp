#include "switchyard/pipeline/report_html.hpp"

#include "contains.hpp"
#include "studied_report.hpp"
#include "training_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

namespace sy = switchyard;

namespace {

/// Fitted once, its studies made up: the tests change copies.
const sy::TrainingReport& small_report() {
  static const auto report = [] {
    auto result = sy::train_models(fixture::small_data(600), fixture::small_options(sy::SplitKind::leave_one_run_out),
                                   nullptr, nullptr);
    result.studies = fixture::made_up_studies();
    result.dataset_name = "small.csv";
    result.training_date = "2026-01-02T03:04:05.000Z";
    return result;
  }();
  return report;
}

/// What keeps the page from being well-formed: the first tag that does not match, or "" for none.
std::string first_unbalanced(const std::string& page) {
  const std::set<std::string> without_end = {"!DOCTYPE", "meta", "br"};
  std::vector<std::string> open;
  for (std::size_t at = page.find('<'); at != std::string::npos; at = page.find('<', at + 1)) {
    const auto end = page.find('>', at);
    if (end == std::string::npos) return page.substr(at, 20);
    const std::string tag = page.substr(at + 1, end - at - 1);
    const bool closes = tag.front() == '/';
    const std::string name = tag.substr(closes ? 1 : 0, tag.find_first_of(" \n/", 1) - (closes ? 1 : 0));
    if (tag.back() == '/' || without_end.count(name) > 0) continue;
    if (!closes) {
      open.push_back(name);
      continue;
    }
    if (open.empty() || open.back() != tag.substr(1)) return tag;
    open.pop_back();
  }
  return open.empty() ? "" : open.back();
}

sy::AccuracyDifference difference(double value, double low, double high) { return {value, {low, high}}; }

std::string headline_with(const sy::AccuracyDifference& over_context) {
  auto report = small_report();
  report.evaluation.chosen->over_context = over_context;
  return sy::report_headline(report);
}

}  // namespace

TEST_CASE("the balance check finds what is wrong") {
  CHECK(first_unbalanced("<p>a<br><b>c</b></p>").empty());
  CHECK(first_unbalanced("<p><b></p></b>") == "/p");
  CHECK(first_unbalanced("<p><b></b>") == "p");
}

TEST_CASE("the page is well-formed and needs nothing else") {
  const std::string page = sy::report_html(small_report());
  CHECK(first_unbalanced(page).empty());
  CHECK_FALSE(contains(page, "<script"));
  CHECK_FALSE(contains(page, "<link"));
  CHECK_FALSE(contains(page, "src="));
  CHECK_FALSE(contains(page, "url("));
  CHECK_FALSE(contains(page, "@import"));
  for (std::size_t at = page.find("http"); at != std::string::npos; at = page.find("http", at + 1)) {
    CHECK(page.substr(at, 26) == "http://www.w3.org/2000/svg");  // a name, not fetched
  }
  for (std::size_t at = page.find("href="); at != std::string::npos; at = page.find("href=", at + 1)) {
    CHECK(page.substr(at, 7) == "href=\"#");
  }
}

TEST_CASE("every link of the page leads to a section") {
  const std::string page = sy::report_html(small_report());
  std::size_t links = 0;
  for (std::size_t at = page.find("href=\"#"); at != std::string::npos; at = page.find("href=\"#", at + 1)) {
    const std::string id = page.substr(at + 7, page.find('"', at + 7) - at - 7);
    INFO(id);
    CHECK(contains(page, "<section id=\"" + id + "\">"));
    ++links;
  }
  CHECK(links == 15);
}

TEST_CASE("what was not studied has neither section nor link") {
  auto report = small_report();
  report.studies.reset();
  report.evaluation.runs.clear();
  report.evaluation.values.clear();
  const std::string page = sy::report_html(report);
  for (const char* id : {"splits", "runs", "value", "loop", "objectives", "controls", "off-policy"}) {
    INFO(id);
    CHECK_FALSE(contains(page, "id=\"" + std::string(id) + "\""));
    CHECK_FALSE(contains(page, "href=\"#" + std::string(id) + "\""));
  }
  CHECK(contains(page, "<section id=\"accuracy\">"));
}

TEST_CASE("the page goes from what to mistrust to how to reproduce") {
  const std::string page = sy::report_html(small_report());
  std::size_t last = 0;
  for (const char* id : {"data", "splits", "runs", "value", "loop", "objectives", "controls", "off-policy", "accuracy",
                         "ranking", "importance", "acceptance", "checklist", "limits", "reproduce"}) {
    INFO(id);
    const auto at = page.find("<section id=\"" + std::string(id) + "\">");
    REQUIRE(at != std::string::npos);
    CHECK(at > last);
    last = at;
  }
}

TEST_CASE("every picture has a title and a description") {
  const std::string page = sy::report_html(small_report());
  std::size_t pictures = 0;
  for (auto at = page.find("<svg"); at != std::string::npos; at = page.find("<svg", at + 1), ++pictures) {
    const std::string picture = page.substr(at, page.find("</svg>", at) - at);
    CHECK(picture.find("<title>") < picture.find("</title>") - 7);
    CHECK(picture.find("<desc>") < picture.find("</desc>") - 6);
  }
  CHECK(pictures >= 10);
}

TEST_CASE("of many columns the largest are drawn") {
  std::vector<sy::PlotValue> bars;
  for (int i = 0; i < 43; ++i) bars.push_back({"column " + std::to_string(i), i * 0.01, 0, 0, false});
  CHECK(contains(sy::detail::keep_largest(bars), "The 20 largest of 43"));
  REQUIRE(bars.size() == 20);
  CHECK(bars.front().name == "column 42");
  CHECK(bars.back().name == "column 23");
  CHECK(sy::detail::keep_largest(bars).empty());
}

TEST_CASE("a report with studies of its own names their runs") {
  auto options = fixture::small_options(sy::SplitKind::leave_one_run_out);
  options.studies = true;
  options.nested = false;
  options.bootstrap.replicates = 20;
  options.models.only = {"boosting_level_wise"};
  const auto report =
      sy::train_models(fixture::small_data(400), options, nullptr, sy::catalogue_to_json(sy::default_catalogue()));
  REQUIRE(report.studies);
  const std::string page = sy::report_html(report);
  CHECK(first_unbalanced(page).empty());
  CHECK(contains(page, "What the model saves"));
  CHECK(contains(page, "<th scope=\"row\">third</th>"));
  CHECK(contains(page, "<section id=\"controls\">"));
  CHECK_FALSE(contains(page, "<section id=\"loop\">"));
}

TEST_CASE("whatever the data are called stays text") {
  auto report = small_report();
  const std::string evil = "<script>alert('1')</script>&\"";
  report.dataset_name = report.training_date = evil;
  report.feature_columns[0] = evil;
  report.evaluation.runs[0].run = evil;
  for (auto& model : report.models) {
    model.fitted.name = model.fitted.note = evil;
    for (auto& importance : model.inspection.permutation) importance.name = evil;
    for (auto& criterion : model.criteria) criterion.found = criterion.comment = evil;
  }
  for (auto& score : report.evaluation.models) score.name = evil;
  for (auto& output : report.evaluation.outputs) output.name = evil;
  report.evaluation.chosen->name = evil;
  for (auto& choice : report.evaluation.inner) {
    for (auto& score : choice.scores) score.name = evil;
  }
  report.run_names.assign(4, evil);
  auto& studies = *report.studies;
  studies.studied_fold = evil;
  for (auto& study : studies.splits) {
    for (auto& score : study.scores) score.name = evil;
  }
  studies.splits[0].refused = evil;
  studies.drift->warnings = {evil};
  for (auto& objective : studies.objectives) objective.predictor = evil;
  studies.value->policy = studies.value->off_policy_refused = evil;
  for (auto& reading : studies.value->readings) {
    reading.name = evil;
    for (auto& over : reading.over) over.reference = evil;
  }
  for (auto& by_run : studies.value->by_run) by_run.first = evil;
  for (auto& value : report.evaluation.values) value.name = evil;
  for (auto& item : report.checklist) item.comment = evil;
  report.dataset = {{"warnings", {evil}},
                    {"runs", {evil}},
                    {"dropped", {{evil, 1}}},
                    {"options", {{"label_rule", evil}, {"prices", evil}}},
                    {"labels", {{"by_workload", {{evil, {{"n", 1}}}}}}}};
  const std::string page = sy::report_html(report);
  CHECK_FALSE(contains(page, "<script"));
  CHECK_FALSE(contains(page, "alert('1')"));
  CHECK(contains(page, "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&quot;"));
  CHECK(first_unbalanced(page).empty());
}

TEST_CASE("the headline says what the difference to a lookup table allows") {
  CHECK(contains(headline_with(difference(0.01, -0.01, 0.03)), "not distinguishable from a lookup table"));
  CHECK(contains(headline_with(difference(0, 0, 0)), "not distinguishable from a lookup table"));
  CHECK(contains(headline_with(difference(0.02, 0.01, 0.03)), "beats the context table beyond noise (+2.00 points"));
  CHECK(contains(headline_with(difference(-0.02, -0.03, -0.01)), "worse than the context table"));
  const double unknown = std::nan("");
  CHECK(contains(headline_with(difference(0.02, unknown, unknown)), "cannot be told"));
  CHECK_FALSE(contains(headline_with(difference(0.02, 0.01, 0.03)), "not distinguishable"));
}

TEST_CASE("an interval that touches zero does not exclude it") {
  CHECK(sy::compare(difference(0.01, 0, 0.02)) == sy::Comparison::indistinguishable);
  CHECK(sy::compare(difference(-0.01, -0.02, 0)) == sy::Comparison::indistinguishable);
  CHECK(sy::compare(difference(0.01, 1e-9, 0.02)) == sy::Comparison::better);
  CHECK(sy::compare(difference(-0.01, -0.02, -1e-9)) == sy::Comparison::worse);
}

TEST_CASE("the headline holds the winner's figures, the split, the baseline and the ceiling") {
  auto report = small_report();
  report.evaluation.chosen.reset();
  report.evaluation.inner.clear();
  auto& best = report.evaluation.models[report.evaluation.winner];
  best.test.accuracy = 0.7654;
  best.interval.accuracy = {0.75, 0.78};
  report.evaluation.test_ceiling.plain = 0.8123;
  auto& baselines = report.evaluation.baselines;
  baselines[0].test.accuracy = 0.6;
  baselines[1].test.accuracy = 0.743;
  baselines[2].test.accuracy = 0.731;
  const std::string text = sy::report_headline(report) + " " + sy::headline_background(report);
  CHECK(contains(text, "<strong>" + best.name + "</strong>"));
  CHECK(contains(text, "<strong>76.5 %</strong> (95 % interval 75.0 % to 78.0 %)"));
  CHECK(contains(text, "leave-one-run-out, pooled over 4 runs"));
  CHECK(contains(text, "Intervals cover other requests of these 4 runs, not other runs"));
  CHECK(contains(text, "right for 73.1 %"));
  CHECK(contains(text, "The best baseline is static by workload with 74.3 %"));
  CHECK(contains(text, "81.2 %"));
  baselines[0].test.accuracy = 0.9;
  CHECK(contains(sy::report_headline(report), "The baseline best constant does better without a model: 90.0 %"));
}

TEST_CASE("what does not carry over to another run is said where runs were left out") {
  auto report = small_report();
  report.evaluation.models[report.evaluation.winner].test.accuracy = 0.62;
  report.shuffled->models[report.evaluation.winner].test.accuracy = 0.82;
  CHECK(contains(sy::loss_of_generality(report), "20.0 points of that accuracy do not carry over"));
  CHECK(contains(sy::report_html(report), "4 runs are 4 observations"));
  report.shuffled.reset();
  CHECK(sy::loss_of_generality(report).empty());
}

TEST_CASE("warnings and label variance come before any result") {
  auto report = small_report();
  report.dataset = {
      {"warnings", {"confounded: windows and loads"}},
      {"labels",
       {{"by_workload", {{"thumbnail", {{"n", 1200}, {"balanced_optimal", 0.25}, {"variance_passes", false}}}}}}}};
  const std::string page = sy::report_html(report);
  const auto warning = page.find("confounded: windows and loads");
  const auto variance = page.find("thumbnail");
  const auto accuracy = page.find("<section id=\"accuracy\">");
  REQUIRE(warning != std::string::npos);
  REQUIRE(variance != std::string::npos);
  CHECK(warning < variance);
  CHECK(variance < accuracy);
  CHECK(contains(page, "The design is confounded"));
  CHECK(contains(page, "1,200"));
  CHECK_FALSE(contains(sy::report_html(small_report()), "The design is confounded"));
}

TEST_CASE("a summary that is missing or odd does not keep the page from being written") {
  auto report = small_report();
  const std::vector<nlohmann::json> odd = {nullptr,
                                           nlohmann::json::object(),
                                           {{"warnings", 3}, {"labels", nlohmann::json::array()}, {"dropped", "x"}},
                                           {{"labels", {{"by_workload", {{"w", nullptr}}}}},
                                            {"options", {{"prices", 7}}},
                                            {"requests", "many"},
                                            {"runs", {1, nullptr}}}};
  for (const auto& dataset : odd) {
    report.dataset = dataset;
    const std::string page = sy::report_html(report);
    CHECK(first_unbalanced(page).empty());
    CHECK(contains(page, "<section id=\"data\">"));
  }
}

TEST_CASE("figures that are unknown show as a dash") {
  CHECK(sy::detail::html_number(std::nan(""), 3) == "\u2013");
  CHECK(sy::detail::html_estimate(0.5, {}, 2) == "0.50");
  CHECK(sy::detail::html_estimate(0.5, {0.4, 0.6}, 2) == "0.50<small>[0.40, 0.60]</small>");
  CHECK(sy::detail::html_estimate(0.5, {0.4, 0.6}, 2, true) == "+0.50<small>[0.40, 0.60]</small>");
}

TEST_CASE("every model, criterion and checklist item is on the page") {
  const auto& report = small_report();
  const std::string page = sy::report_html(report);
  for (const auto& model : report.models) CHECK(contains(page, model.fitted.name));
  for (const auto& criterion : report.winner().criteria) CHECK(contains(page, sy::detail::html(criterion.name)));
  for (const auto& item : report.checklist) CHECK(contains(page, sy::detail::html(item.item)));
  for (const auto& value : report.evaluation.values) CHECK(contains(page, value.name));
  CHECK(contains(page, "Split leave-one-run-out: train"));
  CHECK(contains(page, "Split stratified: train"));
  CHECK(contains(page, "test 600 rows"));
  CHECK(contains(page, "small.csv --split leave-one-run-out --seed 42"));
}

TEST_CASE("a winner that is no sum of trees borrows gain and SHAP of the best validated one") {
  auto report = small_report();
  report.evaluation.winner = 3;  // the MLP
  for (std::size_t i = 0; i < 5; ++i) report.evaluation.models[i].validation.log_loss = 0.5;
  report.evaluation.models[1].validation.log_loss = 0.4;
  report.evaluation.models[4].validation.log_loss = 0.3;  // voting has no gain either
  REQUIRE(sy::detail::shown_trees(report) != nullptr);
  CHECK(sy::detail::shown_trees(report)->fitted.name == "boosting_level_wise");
  report.evaluation.winner = 0;
  CHECK(sy::detail::shown_trees(report)->fitted.name == "random_forest");
}

TEST_CASE("long ROC curves are thinned and keep both ends") {
  sy::PredictorScore score;
  for (int i = 0; i <= 5000; ++i) score.roc.push_back({i / 5000.0, std::sqrt(i / 5000.0), 0});
  const auto series = sy::detail::roc_series(score);
  CHECK(series.x.size() <= 302);
  CHECK(series.x.size() >= 250);
  CHECK(series.x.front() == 0);
  CHECK(series.x.back() == 1);
  CHECK(series.y.size() == series.x.size());
}
