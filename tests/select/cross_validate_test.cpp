#include "switchyard/select/cross_validate.hpp"
#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

namespace sy = switchyard;

namespace {

/// Answers every row with the weighted rate of label 1 it was fitted on.
struct ConstantModel {
  double rate = 0;
  sy::Index columns = 0;

  [[nodiscard]] sy::Index features() const { return columns; }
  [[nodiscard]] double probability(sy::RowView) const { return rate; }
  [[nodiscard]] sy::Vector predict_proba(const sy::MatrixView& rows) const {
    return sy::Vector::Constant(rows.rows(), rate);
  }
  [[nodiscard]] sy::Labels predict(const sy::MatrixView& rows) const { return sy::labels_from(predict_proba(rows)); }
  friend bool operator==(const ConstantModel&, const ConstantModel&) = default;
};
static_assert(sy::Classifier<ConstantModel>);

ConstantModel fit_constant(const sy::Dataset& train) {
  double ones = 0;
  double total = 0;
  for (sy::Index i = 0; i < train.rows(); ++i) {
    ones += train.weight(i) * train.labels[static_cast<std::size_t>(i)];
    total += train.weight(i);
  }
  return {ones / total, train.columns()};
}

sy::Dataset six_rows() {
  sy::Dataset data;
  data.features = sy::Matrix::Zero(6, 1);
  data.feature_names = {"x"};
  data.labels = {1, 1, 0, 1, 0, 0};
  return data;
}

const std::vector<sy::Fold> two_folds{{{2, 3, 4, 5}, {0, 1}}, {{0, 1, 2, 3}, {4, 5}}};

}  // namespace

TEST_CASE("each fold is scored by a model that has not seen it") {
  const auto result = sy::cross_validate(six_rows(), two_folds, fit_constant);
  // Fold 0: fitted on 0 1 0 0 -> 0.25, tested on 1 1. Fold 1: fitted on 1 1 0 1 -> 0.75, tested on 0 0.
  REQUIRE(result.folds.size() == 2);
  CHECK(result.folds[0].accuracy == 0);
  CHECK(result.folds[0].log_loss == Approx(std::log(4)));
  CHECK(result.folds[1].brier == Approx(0.5625));
  CHECK(result.mean.log_loss == Approx(std::log(4)));
  CHECK(result.standard_deviation.log_loss == Approx(0).margin(1e-15));
  CHECK(result.probabilities[0] == 0.25);
  CHECK(result.probabilities[5] == 0.75);
  CHECK(std::isnan(result.probabilities[2]));  // tested in no fold
}

TEST_CASE("undefined metrics of single folds are left out of the mean") {
  const auto result = sy::cross_validate(six_rows(), two_folds, fit_constant);
  CHECK(std::isnan(result.folds[0].precision));  // 1 is never predicted
  CHECK(result.folds[1].precision == 0);
  CHECK(result.mean.precision == 0);
  CHECK(std::isnan(result.standard_deviation.precision));
  CHECK(std::isnan(result.mean.roc_auc));
}

TEST_CASE("the threshold and the weights count") {
  auto data = six_rows();
  CHECK(sy::cross_validate(data, two_folds, fit_constant, 0.2).folds[0].accuracy == 1);
  data.weights = {1, 3, 1, 5, 1, 1};
  const auto result = sy::cross_validate(data, two_folds, fit_constant);
  CHECK(result.probabilities[0] == Approx(5.0 / 8));
  data.labels[1] = 0;
  CHECK(sy::cross_validate(data, two_folds, fit_constant).folds[0].accuracy == Approx(0.25));
}

TEST_CASE("with folds of all rows every row gets a probability") {
  sy::Rng rng(1);
  sy::Dataset data;
  data.features = sy::Matrix::Zero(100, 1);
  data.feature_names = {"x"};
  for (int i = 0; i < 100; ++i) data.labels.push_back(rng.bernoulli(0.5) ? 1 : 0);
  const auto result = sy::cross_validate(data, sy::grouped_stratified_folds(data, 5, 1), fit_constant);
  CHECK(result.folds.size() == 5);
  CHECK(fit_constant(data) == fit_constant(data));
  CHECK_FALSE(result.probabilities.hasNaN());
}

TEST_CASE("no folds are refused") {
  CHECK_THROWS_AS(sy::cross_validate(six_rows(), {}, fit_constant), sy::InvalidArgument);
}
