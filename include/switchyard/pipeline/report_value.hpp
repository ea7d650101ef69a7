#pragma once

#include "switchyard/pipeline/report_headline.hpp"
#include "switchyard/pipeline/report_page.hpp"
#include "switchyard/pipeline/report_splits.hpp"
#include "switchyard/pipeline/studies_json.hpp"
#include "switchyard/pipeline/svg_rows.hpp"
#include "switchyard/pipeline/training_report.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace switchyard::detail {

[[nodiscard]] inline std::string html_count(double value) {
  return std::isfinite(value) ? format_count(std::llround(value)) : html_number(value, 0);
}

[[nodiscard]] inline std::vector<std::string> value_cells(const PolicyValue& value) {
  const auto estimate = [&](double PerValue<double>::*number, Interval PerValue<Interval>::*interval, int decimals) {
    return html_estimate(value.*number, value.interval.*interval, decimals);
  };
  using V = PerValue<double>;
  using I = PerValue<Interval>;
  return {html(value.name),
          estimate(&V::mean_latency_ms, &I::mean_latency_ms, 0),
          estimate(&V::p50_latency_ms, &I::p50_latency_ms, 0),
          estimate(&V::p95_latency_ms, &I::p95_latency_ms, 0),
          estimate(&V::cost_usd_per_million, &I::cost_usd_per_million, 2),
          estimate(&V::failure_share, &I::failure_share, 4),
          estimate(&V::latency_regret_to_context_ms, &I::latency_regret_to_context_ms, 0),
          estimate(&V::latency_regret_ms, &I::latency_regret_ms, 0),
          estimate(&V::cost_regret_usd_per_million, &I::cost_regret_usd_per_million, 2),
          estimate(&V::saving_captured, &I::saving_captured, 3)};
}

[[nodiscard]] inline std::string policies_table(const Evaluation& evaluation) {
  const std::vector<std::string> header = {"policy",
                                           "mean ms",
                                           "p50 ms",
                                           "p95 ms",
                                           "USD per million",
                                           "failed",
                                           "regret to best fixed, ms",
                                           "regret, ms",
                                           "regret, USD per million",
                                           "saving captured"};
  HtmlTable table("What the chosen platform took and cost on the test rows; 95 % intervals below. Shaded: the model.",
                  header, 1, header.size() - 1);
  const std::string& chosen = chosen_output(evaluation).name;
  for (const PolicyValue& value : evaluation.values) table.add(value_cells(value), value.name == chosen);
  return table.str() +
         paragraph(
             "Regret: above the better of both platforms, request by request. Hindsight takes the luckier of two noisy "
             "answers, so no router can reach it; the best fixed choice per context, told afterwards, one could. "
             "Saving captured: share of the mean latency that hindsight saves over the better constant; below 0, the "
             "constant is faster, and 1 is out of reach.");
}

/// Milliseconds saved against each reference, on every reading of the data.
[[nodiscard]] inline std::string savings_figure(const ValueStudy& value) {
  DotPlot plot;
  plot.title = "Milliseconds saved per request";
  plot.description = "Mean latency saved against each reference, one row per reading of the data, with 95 % intervals.";
  plot.x_label = "ms saved per request (right of 0: the model is better)";
  plot.decimals = 0;
  plot.references = {{"no saving", 0}};
  for (std::size_t i = 0; i < value.readings.front().over.size(); ++i) {
    DotGroup group{"against " + value.readings.front().over[i].reference, {}};
    for (const EstimandSavings& reading : value.readings) {
      if (i >= reading.over.size()) continue;
      const PolicyDifference& over = reading.over[i];
      const Interval& interval = over.interval.latency_ms;
      const bool first = &reading == &value.readings.front();
      group.rows.push_back({reading.name, over.latency_ms, interval.low, interval.high, first});
    }
    plot.groups.push_back(group);
  }
  return figure(dot_plot(plot),
                "Mean latency saved, by what the mean is over. An answer that holds on one reading only is no answer.");
}

/// One of the numbers that a policy saves, as a table shows it.
struct ShownSaving {
  const char* heading;
  double PerSaving<double>::*value;
  Interval PerSaving<Interval>::*interval;
  double unit;  // factor
  int decimals;
};

[[nodiscard]] inline std::array<ShownSaving, 3> shown_savings() noexcept {
  using S = PerSaving<double>;
  using I = PerSaving<Interval>;
  return {{{"Milliseconds saved per request", &S::latency_ms, &I::latency_ms, 1, 0},
           {"USD saved per million requests", &S::cost_usd_per_million, &I::cost_usd_per_million, 1, 2},
           {"Points of accuracy gained", &S::accuracy, &I::accuracy, 100, 2}}};
}

[[nodiscard]] inline std::string saving_cell(const PolicyDifference& over, const ShownSaving& shown) {
  const Interval& interval = over.interval.*shown.interval;
  return html_estimate(shown.unit * over.*shown.value, {shown.unit * interval.low, shown.unit * interval.high},
                       shown.decimals, true);
}

/// A row per reading, a column per reference.
[[nodiscard]] inline std::string readings_tables(const ValueStudy& value) {
  std::string text;
  for (const ShownSaving& shown : shown_savings()) {
    std::vector<std::string> header = {"reading", "pairs", "worth"};
    for (const PolicyDifference& over : value.readings.front().over) header.push_back("over " + over.reference);
    HtmlTable table(std::string(shown.heading) + "; positive = the model is better.", header, 1, header.size() - 1);
    for (const EstimandSavings& reading : value.readings) {
      std::vector<std::string> cells = {html(reading.name), html_count(reading.pairs), html_count(reading.effective)};
      for (const PolicyDifference& over : reading.over) cells.push_back(saving_cell(over, shown));
      table.add(cells);
    }
    text += table.str();
  }
  return text;
}

/// A row per run, a column per reference.
[[nodiscard]] inline std::string savings_by_run(const TrainingReport& report, const ValueStudy& value) {
  if (value.by_run.empty() || value.by_run.front().second.empty()) return "";
  const auto& runs = value.by_run.front().second;
  std::string text = "<h3>On each run</h3>\n" +
                     paragraph(
                         "Logged rows. Below some 20 blocks of two minutes an interval is narrower than it should "
                         "be.");
  for (const ShownSaving& shown : shown_savings()) {
    std::vector<std::string> header = {"run", "pairs", "blocks"};
    for (const auto& by_reference : value.by_run) header.push_back("over " + by_reference.first);
    HtmlTable table(std::string(shown.heading) + "; positive = the model is better.", header, 1, header.size() - 1);
    for (std::size_t i = 0; i < runs.size(); ++i) {
      std::vector<std::string> cells = {html(run_name(runs[i].run, report.run_names)),
                                        html_count(static_cast<double>(runs[i].pairs)),
                                        html_count(static_cast<double>(runs[i].blocks))};
      for (const auto& by_reference : value.by_run) {
        cells.push_back(saving_cell(by_reference.second.at(i).differences.front(), shown));
      }
      table.add(cells);
    }
    text += table.str();
  }
  return text + paragraph(html(runs_are_few(runs.size())));
}

[[nodiscard]] inline std::string savings_html(const TrainingReport& report, const ValueStudy& value) {
  if (value.readings.empty() || value.readings.front().over.empty()) return "";
  return "<h3>What the model saves</h3>\n" +
         paragraph(
             "Of " + chosen_caption(report.evaluation) +
             ", against simpler ways to decide. Both decide on the same requests, so what happens to both cancels: "
             "such an interval is far narrower than two separate ones suggest. References are fitted on training rows. "
             "The <b>simple hand rule</b> compares the last few latencies; the <b>hand rule on live state</b> compares "
             "the latencies expected now. Either asks for the cheaper platform, too, where the objective does.") +
         paragraph(
             "What is the mean over? <b>Logged rows</b> count what was answered; <b>scheduled</b> counts what was "
             "sent, where the plan of the experiment was given, and lets missing answers do as the answered did, or "
             "take the client's time-out; <b>each mate once</b> keeps a much-used counterpart from counting often; "
             "<b>the other mates</b> pair requests by the other rule. <b>Worth</b>: so many equally weighted rows.") +
         savings_figure(value) + readings_tables(value) + savings_by_run(report, value);
}

/// What the chosen platforms took and cost; empty where the dataset does not say.
[[nodiscard]] inline std::string values_section(const TrainingReport& report) {
  const Evaluation& evaluation = report.evaluation;
  if (evaluation.values.empty()) return "";
  std::string content = paragraph(
      "Accuracy counts a wrong choice as one, whether it costs a millisecond or ten seconds. This is in milliseconds "
      "and "
      "dollars, for requests like these, from the client that measured, over its protocols and its uplink.");
  content += policies_table(evaluation);
  if (report.studies && report.studies->value) content += savings_html(report, *report.studies->value);
  return section("value", "What decisions are worth", content);
}

[[nodiscard]] inline std::string off_policy_table(const ValueStudy& value) {
  HtmlTable table("Mean latency in ms by the logged platform's own answers; 95 % intervals below.",
                  {"policy", "inverse propensity", "self-normalised", "doubly robust", "worth rows", "agrees"}, 1, 5);
  for (const OffPolicyRow& row : value.off_policy) {
    const OffPolicyValue& found = row.latency_ms;
    const auto estimate = [](const OffPolicyEstimate& of) { return html_estimate(of.value, of.interval, 0); };
    table.add({html(row.policy), estimate(found.inverse_propensity), estimate(found.self_normalised),
               estimate(found.doubly_robust), html_count(found.effective_sample_size), percent(found.agreement)},
              row.policy == value.policy);
  }
  return table.str();
}

/// The value of decisions without any matching; empty where it was not asked for.
[[nodiscard]] inline std::string off_policy_section(const TrainingReport& report) {
  if (report.evaluation.values.empty() || !report.studies || !report.studies->value) return "";
  const ValueStudy& value = *report.studies->value;
  if (value.off_policy.empty() && value.off_policy_refused.empty()) return "";
  const std::string intro = paragraph(
      "A second opinion that needs no mates: because the experiment sent each request to a platform drawn at random, "
      "the "
      "requests that happened to go where a policy would have sent them tell what it would have brought.");
  if (value.off_policy.empty()) {
    return section("off-policy", "Off-policy cross-check",
                   intro + paragraph("Not made: " + html(value.off_policy_refused) + "."));
  }
  return section(
      "off-policy", "Off-policy cross-check",
      intro + off_policy_table(value) +
          paragraph("Missing answers count as time-outs here, so these means are higher than those of logged "
                    "rows above; compare the order of policies, and how far apart they are."));
}

}  // namespace switchyard::detail
