#include "switchyard/pipeline/checklist.hpp"

#include "training_fixture.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace sy = switchyard;

namespace {

sy::ChecklistItem item(const std::vector<sy::ChecklistItem>& list, const std::string& part) {
  for (const auto& entry : list) {
    if (entry.item.find(part) != std::string::npos) return entry;
  }
  FAIL("no item " << part);
  return {};
}

const nlohmann::json good_summary = {
    {"requests", 180000}, {"variance_passes", true}, {"dropped", nlohmann::json::object()}};

}  // namespace

TEST_CASE("the checklist judges what the summary tells") {
  const auto data = fixture::small_data(100);
  const auto list = sy::checklist(data, good_summary, {});
  CHECK(item(list, "180K").state == sy::Verdict::pass);
  CHECK(item(list, "variance").state == sy::Verdict::pass);
  CHECK(item(list, "required fields").state == sy::Verdict::pass);
  auto summary = good_summary;
  summary["requests"] = 179999;
  summary["variance_passes"] = false;
  summary["dropped"] = {{"no_counterpart", 3}, {"not_json", 2}};
  const auto worse = sy::checklist(data, summary, {});
  CHECK(item(worse, "180K").state == sy::Verdict::fail);
  CHECK(item(worse, "variance").state == sy::Verdict::fail);
  CHECK(item(worse, "required fields").state == sy::Verdict::fail);
  // a row without a counterpart is whole
  CHECK(item(worse, "required fields").comment.find("2 rows") == 0);
}

TEST_CASE("without a summary its items are unknown") {
  const auto list = sy::checklist(fixture::small_data(100), nullptr, {});
  for (const auto* part : {"180K", "variance", "required fields"})
    CHECK(item(list, part).state == sy::Verdict::unknown);
}

TEST_CASE("runs, sizes and windows are counted in the data") {
  auto data = fixture::small_data(400);  // 4 runs, 4 sizes, 3 windows
  auto list = sy::checklist(data, good_summary, {});
  CHECK(item(list, "5 test runs").state == sy::Verdict::fail);
  CHECK(item(list, "Payload sizes").state == sy::Verdict::pass);
  CHECK(item(list, "Time windows").state == sy::Verdict::fail);
  data.run_names.emplace_back("fifth");
  data.data.features(0, 2) = 3;
  data.data.features(1, 2) = 4;
  data.data.features.col(1).setConstant(7);
  list = sy::checklist(data, good_summary, {});
  CHECK(item(list, "5 test runs").state == sy::Verdict::pass);
  CHECK(item(list, "Payload sizes").state == sy::Verdict::fail);
  CHECK(item(list, "Time windows").state == sy::Verdict::pass);
}

TEST_CASE("payload sizes are counted for the workload that has the fewest") {
  auto data = fixture::small_data(400);
  for (sy::Index i = 0; i < data.data.rows(); ++i) {
    if (data.data.features(i, 0) == 2) data.data.features(i, 1) = 10;
  }
  const auto list = sy::checklist(data, good_summary, {});
  CHECK(item(list, "Payload sizes").state == sy::Verdict::fail);
  CHECK(item(list, "Payload sizes").comment == "at least 1 distinct sizes per workload");
}

TEST_CASE("training items take the winner's verdicts") {
  const std::vector<sy::Criterion> criteria = {{"accuracy", "", "0.60", sy::Verdict::fail, ""},
                                               {"model size", "", "1 MB", sy::Verdict::pass, ""}};
  const auto list = sy::checklist(fixture::small_data(100), nullptr, criteria);
  CHECK(item(list, "Accuracy").state == sy::Verdict::fail);
  CHECK(item(list, "Accuracy").comment == "0.60");
  CHECK(item(list, "Model size").state == sy::Verdict::pass);
  CHECK(item(list, "Inference").state == sy::Verdict::unknown);
}
