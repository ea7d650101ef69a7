#include "switchyard/pipeline/report_value.hpp"

#include "contains.hpp"
#include "studied_report.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace sy = switchyard;

TEST_CASE("what decisions are worth has intervals, and dashes for what is unknown") {
  const std::string page = sy::detail::values_section(fixture::made_up_report());
  CHECK(contains(page,
                 "<tr class=\"chosen\"><th scope=\"row\">chosen by inner runs</th>"
                 "<td class=\"n\">2701<small>[2600, 2800]</small></td>"));
  CHECK(contains(page, "<td class=\"n\">\u2013</td></tr>"));  // saving captured
}

TEST_CASE("savings are told per reading and reference with their sign") {
  const std::string page = sy::detail::values_section(fixture::made_up_report());
  CHECK(contains(page, "over static by workload</th><th scope=\"col\" class=\"n\">over hand rule on live state</th>"));
  CHECK(contains(page,
                 "<th scope=\"row\">logged rows</th><td class=\"n\">400</td><td class=\"n\">400</td>"
                 "<td class=\"n\">+150<small>[140, 160]</small></td>"
                 "<td class=\"n\">+35<small>[25, 45]</small></td></tr>"));
  CHECK(contains(page,
                 "<th scope=\"row\">scheduled, missing = time-out</th><td class=\"n\">400</td>"
                 "<td class=\"n\">123</td><td class=\"n\">+140"));
  CHECK(contains(page, "<td class=\"n\">-0.25<small>[-0.50, 0.12]</small></td>"));
  CHECK(contains(page, "<td class=\"n\">+1.50<small>[0.50, 2.50]</small></td>"));  // points of accuracy
  CHECK(contains(page, "<title>logged rows: 35 [25, 45]</title>"));
}

TEST_CASE("savings on each run bear the run's name") {
  auto report = fixture::made_up_report();
  CHECK(contains(sy::detail::values_section(report),
                 "<th scope=\"row\">dusk</th><td class=\"n\">300</td><td class=\"n\">30</td>"
                 "<td class=\"n\">+163<small>[153, 173]</small></td><td class=\"n\">+32<small>[22, 42]</small></td>"));
  report.run_names.clear();
  CHECK(contains(sy::detail::values_section(report), "<th scope=\"row\">1</th><td class=\"n\">300</td>"));
}

TEST_CASE("no outcomes, no value") {
  auto report = fixture::made_up_report();
  report.studies->value.reset();
  CHECK(contains(sy::detail::values_section(report), "chosen by inner runs"));
  CHECK_FALSE(contains(sy::detail::values_section(report), "What the model saves"));
  CHECK(sy::detail::off_policy_section(report).empty());
  report.evaluation.values.clear();
  CHECK(sy::detail::values_section(report).empty());
}

TEST_CASE("the cross-check shows its estimates or says why there are none") {
  auto report = fixture::made_up_report();
  CHECK(contains(sy::detail::off_policy_section(report), "Not made: nobody counted &lt;the missing&gt;."));
  sy::OffPolicyValue found;
  found.inverse_propensity = {3100, {3000, 3200}};
  found.doubly_robust = {3050, {3010, 3090}};
  found.effective_sample_size = 1234.4;
  found.agreement = 0.5;
  report.studies->value->off_policy = {{"chosen by inner runs", found}};
  report.studies->value->off_policy_refused.clear();
  const std::string page = sy::detail::off_policy_section(report);
  CHECK(contains(page,
                 "<td class=\"n\">3100<small>[3000, 3200]</small></td><td class=\"n\">\u2013</td>"
                 "<td class=\"n\">3050<small>[3010, 3090]</small></td><td class=\"n\">1,234</td>"
                 "<td class=\"n\">50.0 %</td></tr>"));
  CHECK_FALSE(contains(page, "Not made"));
}
