#pragma once

#include "switchyard/core/text.hpp"
#include "switchyard/data/forbidden.hpp"
#include "switchyard/pipeline/acceptance.hpp"
#include "switchyard/pipeline/train.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace switchyard {

/// One item of the requirements' checklist (their section 8).
struct ChecklistItem {
  std::string topic;
  std::string item;
  Verdict state = Verdict::unknown;
  std::string comment;
};

namespace detail {

/// The dataset's own summary (dataset.summary.json) may be null: then what it would tell is unknown.
class DatasetFacts {
 public:
  explicit DatasetFacts(const nlohmann::json& summary) : summary_(summary) {}

  [[nodiscard]] std::int64_t number(const char* key) const {
    return summary_.is_object() && summary_.contains(key) && summary_[key].is_number()
               ? summary_[key].get<std::int64_t>()
               : -1;
  }
  [[nodiscard]] Verdict variance() const {
    if (!summary_.is_object() || !summary_.contains("variance_passes")) return Verdict::unknown;
    const nlohmann::json& passes = summary_["variance_passes"];
    return verdict_of(passes.is_boolean() && passes.get<bool>());
  }
  [[nodiscard]] std::int64_t dropped() const {
    if (!summary_.is_object() || !summary_.contains("dropped") || !summary_["dropped"].is_object()) return -1;
    std::int64_t rows = 0;
    for (const auto& [reason, count] : summary_["dropped"].items()) {
      const bool intact = reason.rfind("no_counterpart", 0) == 0 || reason == "both_failed" || reason == "not_sent";
      if (!intact && count.is_number()) rows += count.get<std::int64_t>();
    }
    return rows;
  }

 private:
  const nlohmann::json& summary_;
};

/// Values of a column, or none if there is no such column. [samples]
[[nodiscard]] inline std::vector<double> column_named(const Dataset& data, const std::string& column) {
  const auto found = std::find(data.feature_names.begin(), data.feature_names.end(), column);
  if (found == data.feature_names.end()) return {};
  const auto values = data.features.col(found - data.feature_names.begin());
  return {values.begin(), values.end()};
}

[[nodiscard]] inline std::size_t distinct_values(const Dataset& data, const std::string& column) {
  const auto values = column_named(data, column);
  return std::set<double>(values.begin(), values.end()).size();
}

/// Distinct payload sizes of the workload that has the fewest.
[[nodiscard]] inline std::size_t fewest_sizes(const Dataset& data) {
  const auto sizes = column_named(data, "payload_size_kb");
  const auto workloads = column_named(data, "workload_type_encoded");
  std::map<double, std::set<double>> of_workload;
  for (std::size_t i = 0; i < sizes.size(); ++i) of_workload[workloads.empty() ? 0 : workloads[i]].insert(sizes[i]);
  std::size_t fewest = of_workload.empty() ? 0 : of_workload.begin()->second.size();
  for (const auto& [workload, values] : of_workload) fewest = std::min(fewest, values.size());
  return fewest;
}

inline void check_collection(const DatasetFacts& facts, const TrainingData& data, std::vector<ChecklistItem>& list) {
  constexpr std::size_t planned_runs = 5;
  constexpr std::int64_t planned_requests = 180'000;
  const std::string topic = "Data collection";
  const auto requests = facts.number("requests");
  const std::string counted =
      requests < 0 ? "no dataset.summary.json beside the dataset" : format_count(requests) + " requests";
  list.push_back({topic, "All 5 test runs completed successfully", verdict_of(data.run_names.size() >= planned_runs),
                  std::to_string(data.run_names.size()) + " runs"});
  list.push_back({topic, "~180K total requests collected",
                  requests < 0 ? Verdict::unknown : verdict_of(requests >= planned_requests), counted});
  const auto dropped = facts.dropped();
  list.push_back({topic, "Logs contain all required fields; no missing or corrupted data",
                  dropped < 0 ? Verdict::unknown : verdict_of(dropped == 0),
                  dropped < 0 ? counted : format_count(dropped) + " rows unusable, see the summary's reasons"});
}

inline void check_preprocessing(const DatasetFacts& facts, const TrainingData& data, std::vector<ChecklistItem>& list) {
  constexpr std::size_t planned_windows = 5;
  const std::string topic = "Preprocessing";
  const auto windows = distinct_values(data.data, "time_window_encoded");
  const auto sizes = fewest_sizes(data.data);
  list.push_back({topic, "Labels show 20-80% variance per workload type", facts.variance(), ""});
  list.push_back({topic, "Payload sizes have 4-5 unique values per workload", verdict_of(sizes >= 4),
                  "at least " + std::to_string(sizes) + " distinct sizes per workload"});
  list.push_back({topic, "Time windows distributed across all 5 periods", verdict_of(windows >= planned_windows),
                  std::to_string(windows) + " windows"});
  const auto& names = data.data.feature_names;
  const bool clean = std::none_of(names.begin(), names.end(), [](const auto& name) { return forbidden_reason(name); });
  list.push_back(
      {topic, "No forbidden features included", verdict_of(clean), "by name; refused when the dataset is read"});
}

}  // namespace detail

/// The requirements' whole checklist, judged as far as the data at hand allow. `criteria`: of the winner.
[[nodiscard]] inline std::vector<ChecklistItem> checklist(const TrainingData& data, const nlohmann::json& summary,
                                                          const std::vector<Criterion>& criteria) {
  std::vector<ChecklistItem> list;
  const detail::DatasetFacts facts(summary);
  detail::check_collection(facts, data, list);
  detail::check_preprocessing(facts, data, list);
  const auto state_of = [&](const std::string& name) {
    for (const Criterion& criterion : criteria) {
      if (criterion.name == name) return criterion;
    }
    return Criterion{name, "", "", Verdict::unknown, ""};
  };
  const auto add = [&](const char* topic, const char* item, const std::string& name) {
    const Criterion criterion = state_of(name);
    list.push_back({topic, item, criterion.verdict, criterion.found});
  };
  add("Model training", "Accuracy: 75-90%", "accuracy");
  add("Model training", "Train/test gap: <5%", "train/test gap");
  add("Model training", "Top feature importance: <40%", "top feature's share");
  add("Model training", "At least 5 features contribute meaningfully", "contributing features");
  list.push_back({"Model training", "SHAP analysis shows interaction effects", Verdict::unknown,
                  "SHAP values are in the report; interaction values are not computed yet"});
  list.push_back({"Deployment", "Model packaged and tested locally", Verdict::pass,
                  "the model file replays stored rows at every load"});
  add("Deployment", "Inference time: <10ms", "inference time");
  add("Deployment", "Model size: <50MB", "model size");
  list.push_back({"Deployment", "API endpoint responds correctly", Verdict::unknown, "ask `switchyard serve`"});
  list.push_back({"Documentation", "Training metrics logged", Verdict::pass, "model_metadata.json"});
  list.push_back({"Documentation", "Feature importance documented", Verdict::pass, "report.html"});
  list.push_back({"Documentation", "Model limitations identified", Verdict::unknown,
                  "report.html says which hold for any such data"});
  list.push_back({"Documentation", "Thesis section drafted", Verdict::unknown, "not a program's work"});
  return list;
}

}  // namespace switchyard
