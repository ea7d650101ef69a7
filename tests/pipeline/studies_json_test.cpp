#include "switchyard/pipeline/studies_json.hpp"

#include "studied_report.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <string>

namespace sy = switchyard;

TEST_CASE("everything the studies found is in their JSON") {
  const auto studies = fixture::made_up_studies();
  const auto json = sy::studies_to_json(studies, {"dawn", "dusk"});
  REQUIRE(json.at("splits").size() == 4);
  CHECK(json["splits"][1]["split"] == "temporal");
  CHECK(json["splits"][1]["unseen_share"] == 0.5);
  CHECK(json["splits"][1]["test_ceiling"]["corrected"] == 0.82);
  CHECK(json["splits"][1]["scores"][1]["name"] == "boosting_live");
  CHECK(json["splits"][1]["scores"][1]["test"]["accuracy"] == 0.83);
  CHECK(json["splits"][3] == nlohmann::json{{"split", "forward-chaining"}, {"refused", "too few runs"}});
  CHECK(json["studied_fold"] == "dusk");
  CHECK(json["learning_curve"][1]["rows"] == 300);
  CHECK(json["learning_curve"][1]["test"]["accuracy"] == 0.765);
  CHECK(json["permuted_labels"]["accuracy"]["expected"] == 0.651);
  CHECK(json["permuted_labels"]["accuracy"]["values"] == nlohmann::json{0.66, 0.64});
  CHECK(json["permuted_labels"]["passes"] == true);
  CHECK(json["drift"]["warnings"][0] == "hour_of_day: <new>");
  REQUIRE(json["closed_loop"].size() == 4);
  CHECK(json["closed_loop"][0]["loop"] == "open");
  CHECK(json["closed_loop"][2] == nlohmann::json{{"loop", "closed"},
                                                 {"exploration", 0.02},
                                                 {"answers_seen", 0.52},
                                                 {"accuracy_recommended", 0.795},
                                                 {"accuracy_taken", 0.79},
                                                 {"mean_latency_ms", 2750.0}});
  CHECK(json["exploration"] == 0.02);
  CHECK(json["objectives"][2]["objective"] == "cost");
  CHECK(json["objectives"][2]["cost_usd_per_million"] == 5.5);
}

TEST_CASE("the value study is in the JSON with intervals and the runs' names") {
  auto studies = fixture::made_up_studies();
  const auto value = sy::studies_to_json(studies, {"dawn", "dusk"}).at("value");
  CHECK(value["policy"] == "chosen by inner runs");
  CHECK(value["readings"][1]["name"] == "scheduled, missing = time-out");
  CHECK(value["readings"][1]["effective_pairs"] == 123.4);
  const auto& over = value["readings"][0]["over"][1];
  CHECK(over["reference"] == "hand rule on live state");
  CHECK(over["latency_ms"] == 35.0);
  CHECK(over["interval_95"]["latency_ms"] == nlohmann::json{25.0, 45.0});
  CHECK(over["interval_95"]["cost_usd_per_million"] == nlohmann::json{-0.5, 0.125});
  REQUIRE(value["by_run"].size() == 4);
  CHECK(value["by_run"][3]["run"] == "dusk");
  CHECK(value["by_run"][3]["blocks"] == 30);
  CHECK(value["by_run"][3]["differences"][0]["latency_ms"] == 32.0);
  CHECK(value["off_policy"].empty());
  CHECK(value["off_policy_refused"] == "nobody counted <the missing>");
  CHECK(sy::studies_to_json(studies, {})["value"]["by_run"][3]["run"] == "1");
  sy::OffPolicyValue found;
  found.doubly_robust = {3050, {3010, 3090}};
  studies.value->off_policy = {{"static", found}};
  studies.value->off_policy_refused.clear();
  const auto checked = sy::studies_to_json(studies, {})["value"];
  CHECK(checked["off_policy"][0]["mean_latency_ms"]["doubly_robust"]["interval_95"] == nlohmann::json{3010.0, 3090.0});
  CHECK(checked["off_policy"][0]["mean_latency_ms"]["inverse_propensity"]["value"].is_null());
  CHECK_FALSE(checked.contains("off_policy_refused"));
}

TEST_CASE("what was not studied is null or empty") {
  const auto json = sy::studies_to_json({}, {});
  for (const char* key : {"permuted_labels", "drift", "exploration", "value"}) CHECK(json.at(key).is_null());
  for (const char* key : {"splits", "learning_curve", "closed_loop", "objectives"}) {
    CHECK(json.at(key).is_array());
    CHECK(json.at(key).empty());
  }
}

TEST_CASE("columns that drifted keep what is not a number as null") {
  auto studies = fixture::made_up_studies();
  sy::FeatureDrift drift;
  drift.feature = "hour_of_day";
  drift.shift = sy::FeatureShift::moderate;
  drift.train_low = std::nan("");
  drift.unseen_levels = {3, 4};
  studies.drift->findings = {drift};
  studies.drift->found = 7;
  studies.loop[0].latency_ms = INFINITY;
  const auto json = sy::studies_to_json(studies, {});
  const auto& found = json["drift"]["findings"][0];
  CHECK(found["shift"] == "moderate");
  CHECK(found["train_low"].is_null());
  CHECK(found["unseen_levels"] == nlohmann::json{3.0, 4.0});
  CHECK(json["drift"]["found"] == 7);
  CHECK(json["closed_loop"][0]["mean_latency_ms"].is_null());
}

TEST_CASE("policy values keep their intervals") {
  const auto json = sy::detail::values_to_json(fixture::made_up_evaluation().values);
  REQUIRE(json.size() == 1);
  CHECK(json[0]["policy"] == "chosen by inner runs");
  CHECK(json[0]["mean_latency_ms"] == 2701.0);
  CHECK(json[0]["interval_95"]["mean_latency_ms"] == nlohmann::json{2600.0, 2800.0});
  CHECK(json[0]["share_of_saving_captured"].is_null());
  CHECK(json[0]["interval_95"]["share_of_saving_captured"].size() == 2);
}
