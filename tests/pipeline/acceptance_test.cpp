#include "switchyard/pipeline/acceptance.hpp"

#include "switchyard/pipeline/checklist.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <string>
#include <vector>

namespace sy = switchyard;

namespace {

/// A model that passes everything; each test breaks one thing.
struct Case {
  sy::PredictorScore score;
  sy::ModelInspection inspection;
  std::vector<std::string> columns = {"a", "b", "c", "d", "e", "f"};
  double ceiling = 0.85;
  double bytes = 1e6;

  Case() {
    score.test.accuracy = 0.80;
    score.interval.accuracy = {0.78, 0.82};
    score.gap = 0.01;
    score.gap_interval = {-0.01, 0.03};
    score.test.precision = 0.8;
    score.test.precision_negative = 0.7;
    inspection.gain = sy::Vector::Constant(6, 1.0 / 6);
    for (int i = 0; i < 6; ++i) contributes(i < 5);
    inspection.p99_decision_ms = 0.01;
  }

  void contributes(bool does) {
    sy::PermutationImportance importance;
    importance.log_loss_rise.mean = 0.1;
    importance.log_loss_rise.low = does ? 0.05 : -0.05;
    importance.log_loss_rise.high = 0.2;
    inspection.permutation.push_back(importance);
  }

  [[nodiscard]] std::vector<sy::Criterion> criteria() const {
    return sy::judge(score, inspection, columns, ceiling, bytes);
  }

  [[nodiscard]] sy::Criterion named(const std::string& name) const {
    for (const auto& criterion : criteria()) {
      if (criterion.name == name) return criterion;
    }
    FAIL("no criterion " << name);
    return {};
  }
};

}  // namespace

TEST_CASE("a model that meets all criteria passes each") {
  const Case good;
  for (const auto& criterion : good.criteria()) {
    INFO(criterion.name);
    CHECK(criterion.verdict == sy::Verdict::pass);
  }
  CHECK(good.criteria().size() == 7);
  CHECK(sy::all_pass(good.criteria()));
}

TEST_CASE("accuracy must lie in .75 to .90") {
  Case model;
  const auto verdict = [&](double accuracy) {
    model.score.test.accuracy = accuracy;
    return model.named("accuracy").verdict;
  };
  CHECK(verdict(0.7499) == sy::Verdict::fail);
  CHECK(verdict(0.75) == sy::Verdict::pass);
  CHECK(verdict(0.90) == sy::Verdict::pass);
  CHECK(verdict(0.9001) == sy::Verdict::fail);
  CHECK(model.named("accuracy").comment.find("leakage") != std::string::npos);
  CHECK_FALSE(sy::all_pass(model.criteria()));
}

TEST_CASE("a ceiling below the requirement is named as the cause") {
  Case model;
  model.score.test.accuracy = 0.69;
  CHECK(model.named("accuracy").comment.empty());  // the ceiling of .85 leaves room
  model.ceiling = 0.698;
  const auto criterion = model.named("accuracy");
  CHECK(criterion.verdict == sy::Verdict::fail);
  CHECK(criterion.comment.find("ceiling") != std::string::npos);
  CHECK(criterion.comment.find("0.698") != std::string::npos);
}

TEST_CASE("accuracy is shown with its interval") { CHECK(Case().named("accuracy").found == "0.800 [0.780, 0.820]"); }

TEST_CASE("the train/test gap must be below .05") {
  Case model;
  model.score.gap = 0.0499;
  CHECK(model.named("train/test gap").verdict == sy::Verdict::pass);
  model.score.gap = 0.05;
  CHECK(model.named("train/test gap").verdict == sy::Verdict::fail);
}

TEST_CASE("the top column's share must be below .40") {
  Case model;
  const auto verdict = [&](double share) {
    model.inspection.gain = sy::Vector::Constant(6, (1 - share) / 5);
    model.inspection.gain[2] = share;
    return model.named("top feature's share").verdict;
  };
  CHECK(verdict(0.399) == sy::Verdict::pass);
  CHECK(verdict(0.40) == sy::Verdict::fail);
  CHECK(model.named("top feature's share").found == "0.400 (c, by gain)");
}

TEST_CASE("without trees the share is of permutation importance") {
  Case model;
  model.inspection.gain.resize(0);
  CHECK(model.named("top feature's share").found == "0.167 (a, by permutation (log-loss))");
  model.inspection.permutation[1].log_loss_rise.mean = 0.5;  // of 1.0 in all
  CHECK(model.named("top feature's share").verdict == sy::Verdict::fail);
  CHECK(model.named("top feature's share").found == "0.500 (b, by permutation (log-loss))");
}

TEST_CASE("a model that relies on nothing has no top column to judge") {
  Case model;
  model.inspection.gain.resize(0);
  for (auto& importance : model.inspection.permutation) importance.log_loss_rise.mean = -0.01;
  CHECK(model.named("top feature's share").verdict == sy::Verdict::unknown);
}

TEST_CASE("the classes' precisions must differ by less than .15, either way") {
  Case model;
  model.score.test.precision = 0.5;
  model.score.test.precision_negative = 0.64;
  CHECK(model.named("precision gap between classes").verdict == sy::Verdict::pass);
  model.score.test.precision_negative = 0.66;
  CHECK(model.named("precision gap between classes").verdict == sy::Verdict::fail);
  model.score.test.precision = std::numeric_limits<double>::quiet_NaN();
  const auto criterion = model.named("precision gap between classes");
  CHECK(criterion.verdict == sy::Verdict::fail);
  CHECK(criterion.comment == "one class is never predicted");
}

TEST_CASE("five columns must contribute") {
  Case model;
  model.inspection.permutation[0].log_loss_rise.low = -0.001;
  CHECK(model.named("contributing features").verdict == sy::Verdict::fail);
  CHECK(model.named("contributing features").found == "4");
  model.contributes(true);
  CHECK(model.named("contributing features").verdict == sy::Verdict::pass);
}

TEST_CASE("the model file must be below 50 MB") {
  Case model;
  model.bytes = 49.9e6;
  CHECK(model.named("model size").verdict == sy::Verdict::pass);
  model.bytes = 50e6;
  CHECK(model.named("model size").verdict == sy::Verdict::fail);
}

TEST_CASE("a decision must take less than 10 ms, if that was measured") {
  Case model;
  model.inspection.p99_decision_ms = 9.99;
  CHECK(model.named("inference time").verdict == sy::Verdict::pass);
  model.inspection.p99_decision_ms = 10;
  CHECK(model.named("inference time").verdict == sy::Verdict::fail);
  model.inspection.p99_decision_ms = std::numeric_limits<double>::quiet_NaN();
  CHECK(model.named("inference time").verdict == sy::Verdict::unknown);
  CHECK_FALSE(sy::all_pass(model.criteria()));  // what cannot be told has not passed
}
