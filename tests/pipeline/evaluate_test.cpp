#include "switchyard/pipeline/evaluate.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

namespace sy = switchyard;

namespace {

sy::Predictions predictions(const sy::Labels& labels, const std::vector<double>& probabilities) {
  sy::Predictions result{labels, probabilities, {}, {}};
  for (std::size_t i = 0; i < labels.size(); ++i) {
    result.groups.push_back(static_cast<std::int64_t>(i));
    result.rows.push_back(static_cast<sy::Index>(i));
  }
  return result;
}

// Train: 4 of 4 right. Validation: 1 of 2. Test: 6 of 8 right; the table below has 5 of 8.
const sy::PredictorOutput model{"model", predictions({0, 1, 1, 0}, {0.2, 0.8, 0.9, 0.1}),
                                predictions({0, 1}, {0.9, 0.9}),
                                predictions({1, 1, 1, 1, 0, 0, 0, 0}, {0.9, 0.8, 0.7, 0.4, 0.6, 0.3, 0.2, 0.1})};
const sy::Predictions table = predictions({1, 1, 1, 1, 0, 0, 0, 0}, {0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.1});

}  // namespace

TEST_CASE("a predictor is scored on each part") {
  const auto score = sy::score(model, table, {.replicates = 200});
  CHECK(score.name == "model");
  CHECK(score.train.accuracy == 1.0);
  CHECK(score.validation.accuracy == 0.5);
  CHECK(score.test.accuracy == 0.75);
  CHECK(score.gap == 0.25);
  CHECK(score.confusion.true_positive == 3);
  CHECK(score.confusion.false_negative == 1);
  CHECK(score.confusion.false_positive == 1);
  CHECK(score.confusion.true_negative == 3);
  CHECK(score.test.precision == 0.75);
  CHECK(score.test.roc_auc == Approx(15.0 / 16));  // of 16 pairs only (0.4, 0.6) is the wrong way round
  const double brier = (0.01 + 0.04 + 0.09 + 0.36 + 0.36 + 0.09 + 0.04 + 0.01) / 8;
  CHECK(score.test.brier == Approx(brier));
}

TEST_CASE("the gap's interval mirrors the test accuracy's") {
  const auto score = sy::score(model, table, {.replicates = 200});
  CHECK(score.interval.accuracy.low < 0.75);
  CHECK(score.interval.accuracy.high > 0.75);
  CHECK(score.gap_interval.low == 1.0 - score.interval.accuracy.high);
  CHECK(score.gap_interval.high == 1.0 - score.interval.accuracy.low);
}

TEST_CASE("accuracy is compared with the context table on the same rows") {
  const auto score = sy::score(model, table, {.replicates = 200});
  CHECK(score.over_context.difference == 0.125);  // 6 of 8 against 5 of 8
  CHECK(score.over_context.interval.low < 0);
  CHECK(score.over_context.interval.high > 0.125);
  const auto itself = sy::score({"table", table, table, table}, table, {.replicates = 50});
  CHECK(itself.over_context.difference == 0);
  CHECK(itself.over_context.interval.low == 0);
  CHECK(itself.over_context.interval.high == 0);
}

TEST_CASE("reliability covers every test row once") {
  const auto score = sy::score(model, table, {.replicates = 10});
  double rows = 0;
  double ones = 0;
  for (const auto& bin : score.reliability) {
    rows += bin.weight;
    ones += bin.weight * bin.positive_rate;
  }
  CHECK(rows == 8);
  CHECK(ones == Approx(4));
}

TEST_CASE("one half is answered with ECS") { CHECK(predictions({1, 1}, {0.5, 0.51}).predicted() == sy::Labels{0, 1}); }

TEST_CASE("folds are appended in order") {
  auto all = predictions({1}, {0.9});
  all.append(predictions({0, 1}, {0.2, 0.3}));
  CHECK(all.labels == sy::Labels{1, 0, 1});
  CHECK(all.probabilities == std::vector<double>{0.9, 0.2, 0.3});
  CHECK(all.rows.size() == 3);
  CHECK(all.groups.size() == 3);
}

TEST_CASE("rows without groups are each their own") {
  struct Half {
    [[nodiscard]] sy::Vector predict_proba(const sy::MatrixView& rows) const {
      return sy::Vector::Constant(rows.rows(), 0.5);
    }
  };
  sy::Dataset part;
  part.features = sy::Matrix::Zero(2, 1);
  part.labels = {0, 1};
  CHECK(sy::predict_part(Half{}, part, {7, 9}).groups == std::vector<std::int64_t>{7, 9});
  part.groups = {3, 3};
  CHECK(sy::predict_part(Half{}, part, {7, 9}).groups == std::vector<std::int64_t>{3, 3});
}
