#include "switchyard/metric/classification.hpp"
#include "switchyard/metric/summary.hpp"

#include <catch2/catch.hpp>

#include <cmath>

namespace sy = switchyard;

namespace {

// Reference values in this file: scikit-learn 1.2.1, python3 -c with
//   from sklearn.metrics import *; q = [int(x > .5) for x in p]
//   accuracy_score(y, q), balanced_accuracy_score(y, q), precision_score(y, q), recall_score(y, q), f1_score(y, q),
//   precision_score(y, q, pos_label=0), roc_auc_score(y, p), log_loss(y, p), brier_score_loss(y, p)
// and the same with sample_weight=w.
const sy::Labels y{0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0};
const std::vector<double> p{.1, .8, .4, .4, .9, .6, .2, .4, .7, .05, .55, .5};
const std::vector<double> w{1, 2, 1, .5, 1, 3, 1, 1, .5, 2, 1, 1};

void check(const sy::ClassificationMetrics& found, const sy::ClassificationMetrics& expected) {
  for (const auto& field : sy::metric_fields<double>) {
    INFO(field.name);
    CHECK(found.*field.member == Approx(expected.*field.member).epsilon(1e-14));
  }
}

}  // namespace

TEST_CASE("all metrics agree with scikit-learn") {
  check(sy::classification_metrics(y, p), {.accuracy = 0.75,
                                           .balanced_accuracy = 0.75,
                                           .precision = 0.8,
                                           .recall = 0.6666666666666666,
                                           .f1 = 0.7272727272727272,
                                           .roc_auc = 0.8333333333333333,
                                           .log_loss = 0.467971531081198,
                                           .brier = 0.15708333333333332,
                                           .precision_negative = 0.7142857142857143});
  check(sy::classification_metrics(y, p, 0.5, w), {.accuracy = 0.6666666666666666,
                                                   .balanced_accuracy = 0.6696832579185521,
                                                   .precision = 0.6,
                                                   .recall = 0.6923076923076923,
                                                   .f1 = 0.6428571428571429,
                                                   .roc_auc = 0.7918552036199095,
                                                   .log_loss = 0.4859284265714724,
                                                   .brier = 0.1681666666666667,
                                                   .precision_negative = 0.7333333333333333});
}

TEST_CASE("single metrics agree with all at once") {
  sy::Labels predicted;
  for (const double probability : p) predicted.push_back(probability > 0.5 ? 1 : 0);
  const auto all = sy::classification_metrics(y, p, 0.5, w);
  CHECK(sy::accuracy(y, predicted, w) == all.accuracy);
  CHECK(sy::balanced_accuracy(y, predicted, w) == all.balanced_accuracy);
  CHECK(sy::precision(y, predicted, w) == all.precision);
  CHECK(sy::recall(y, predicted, w) == all.recall);
  CHECK(sy::f1(y, predicted, w) == all.f1);
  CHECK(sy::log_loss(y, p, w) == Approx(all.log_loss).epsilon(1e-14));
  CHECK(sy::brier_score(y, p, w) == Approx(all.brier).epsilon(1e-14));
}

TEST_CASE("hand-worked confusion matrix") {
  // 3 hits, 1 miss, 2 false alarms, 4 rightly left: F1 = 6 / (6 + 2 + 1).
  const sy::ConfusionMatrix m{.true_negative = 4, .false_positive = 2, .false_negative = 1, .true_positive = 3};
  CHECK(sy::accuracy(m) == Approx(0.7));
  CHECK(sy::precision(m) == Approx(3.0 / 5));
  CHECK(sy::recall(m) == Approx(3.0 / 4));
  CHECK(sy::specificity(m) == Approx(4.0 / 6));
  CHECK(sy::balanced_accuracy(m) == Approx((3.0 / 4 + 4.0 / 6) / 2));
  CHECK(sy::precision_negative(m) == Approx(4.0 / 5));
  CHECK(sy::f1(m) == Approx(6.0 / 9));
  CHECK(sy::confusion_matrix(sy::Labels{0, 0, 1, 1}, sy::Labels{0, 1, 0, 1}, std::vector<double>{1, 2, 3, 4}) ==
        sy::ConfusionMatrix{1, 2, 3, 4});
}

TEST_CASE("losses by hand, at the edges too") {
  CHECK(sy::log_loss(sy::Labels{1, 0}, std::vector<double>{0.5, 0.75}) == Approx((std::log(2) + std::log(4)) / 2));
  CHECK(sy::log_loss(sy::Labels{1}, std::vector<double>{0}) == Approx(-std::log(1e-15)));
  CHECK(sy::log_loss(sy::Labels{0}, std::vector<double>{1}) == Approx(-std::log(1e-15)).epsilon(1e-2));
  CHECK(std::isfinite(sy::log_loss(sy::Labels{0}, std::vector<double>{1})));
  CHECK(sy::log_loss(sy::Labels{1}, std::vector<double>{1}) < 1e-14);
  CHECK(sy::brier_score(sy::Labels{1, 0}, std::vector<double>{0.5, 0.75}) == Approx((0.25 + 0.5625) / 2));
}

TEST_CASE("weights count as repeated samples do") {
  const auto weighted = sy::classification_metrics(sy::Labels{1, 0, 1, 0}, std::vector<double>{.9, .8, .3, .3}, 0.5,
                                                   std::vector<double>{1, 2, 3, 1});
  const auto repeated =
      sy::classification_metrics(sy::Labels{1, 0, 0, 1, 1, 1, 0}, std::vector<double>{.9, .8, .8, .3, .3, .3, .3});
  check(weighted, repeated);
}

TEST_CASE("a probability at the threshold is class 0") {
  CHECK(sy::classification_metrics(sy::Labels{0}, std::vector<double>{0.5}, 0.5).accuracy == 1);
  CHECK(sy::classification_metrics(sy::Labels{0}, std::vector<double>{0.5}, 0.49).accuracy == 0);
}

TEST_CASE("what is undefined is NaN") {
  CHECK(std::isnan(sy::accuracy(sy::Labels{}, sy::Labels{})));
  CHECK(std::isnan(sy::precision(sy::Labels{1, 0}, sy::Labels{0, 0})));
  CHECK(std::isnan(sy::recall(sy::Labels{0, 0}, sy::Labels{1, 0})));
  CHECK(std::isnan(sy::balanced_accuracy(sy::Labels{0, 0}, sy::Labels{1, 0})));
  CHECK(std::isnan(sy::f1(sy::Labels{0}, sy::Labels{0})));
  CHECK(sy::f1(sy::Labels{1}, sy::Labels{0}) == 0);
  CHECK(std::isnan(sy::log_loss(sy::Labels{}, std::vector<double>{})));
}

TEST_CASE("what cannot be judged is refused") {
  CHECK_THROWS_WITH(sy::accuracy(sy::Labels{1, 0}, sy::Labels{1}), "predictions has 1 values; expected 2");
  CHECK_THROWS_WITH(sy::accuracy(sy::Labels{1, 0}, sy::Labels{1, 1}, std::vector<double>{1}),
                    "weights has 1 values; expected 2");
  CHECK_THROWS_WITH(sy::log_loss(sy::Labels{1}, std::vector<double>{1.5}),
                    "probability is 1.5; expected a number in [0, 1]");
  CHECK_THROWS_WITH(sy::brier_score(sy::Labels{1}, std::vector<double>{std::nan("")}),
                    "probability is NaN; expected a number in [0, 1]");
}

TEST_CASE("probabilities are taken from Eigen vectors as from others") {
  sy::Vector v(2);
  v << 0.5, 0.75;
  CHECK(sy::brier_score(sy::Labels{1, 0}, v) == sy::brier_score(sy::Labels{1, 0}, std::vector<double>{0.5, 0.75}));
}
