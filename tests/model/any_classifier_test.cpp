#include "switchyard/model/any_classifier.hpp"
#include "switchyard/model/gradient_boosting.hpp"
#include "switchyard/model/mlp.hpp"
#include "switchyard/model/random_forest.hpp"

#include <catch2/catch.hpp>

#include <utility>
#include <vector>

namespace sy = switchyard;

namespace {

/// A model of a user's own: answers its first feature.
struct FirstFeature {
  sy::Index columns = 2;

  sy::Index features() const { return columns; }
  double probability(sy::RowView row) const { return row[0]; }
  sy::Vector predict_proba(const sy::MatrixView& rows) const { return rows.col(0); }
  sy::Labels predict(const sy::MatrixView& rows) const { return sy::labels_from(predict_proba(rows)); }
  friend bool operator==(const FirstFeature&, const FirstFeature&) = default;
};

sy::Ensemble constant(double value) {
  sy::Ensemble ensemble;
  ensemble.trees = {sy::Tree{{sy::TreeNode{.value = value}}}};
  ensemble.features = 2;
  return ensemble;
}

}  // namespace

static_assert(!std::is_constructible_v<sy::AnyClassifier, int>);
static_assert(!std::is_constructible_v<sy::AnyClassifier, std::vector<sy::AnyClassifier>>);
static_assert(!std::is_default_constructible_v<sy::AnyClassifier>);

TEST_CASE("AnyClassifier answers as the model inside") {
  const sy::AnyClassifier any = FirstFeature{};
  const sy::Matrix rows = (sy::Matrix(2, 2) << 0.25, 9, 0.75, 9).finished();
  CHECK(any.features() == 2);
  CHECK(any.probability(sy::row_of(rows, 1)) == 0.75);
  CHECK(any.predict_proba(rows) == rows.col(0));
  CHECK(any.predict(rows) == sy::Labels{0, 1});
}

TEST_CASE("AnyClassifier knows what it holds") {
  const sy::AnyClassifier forest = sy::RandomForest(constant(0.5));
  const sy::AnyClassifier boosting = sy::GradientBoosting(constant(0.5));
  CHECK(forest.name() == "random_forest");
  CHECK(boosting.name() == "gradient_boosting");
  CHECK(sy::model_kind<sy::Mlp> == "mlp");
  CHECK(sy::AnyClassifier(FirstFeature{}).name() == "custom");
  REQUIRE(forest.get_if<sy::RandomForest>() != nullptr);
  CHECK(forest.get_if<sy::RandomForest>()->ensemble() == constant(0.5));
  CHECK(forest.get_if<sy::GradientBoosting>() == nullptr);
  CHECK(boosting.get_if<FirstFeature>() == nullptr);
}

TEST_CASE("AnyClassifier compares by type and value, and copies share the model") {
  const sy::AnyClassifier forest = sy::RandomForest(constant(0.5));
  const sy::AnyClassifier copy = forest;
  CHECK(copy.get_if<sy::RandomForest>() == forest.get_if<sy::RandomForest>());
  CHECK(copy == forest);
  CHECK(forest == sy::AnyClassifier(sy::RandomForest(constant(0.5))));
  CHECK_FALSE(forest == sy::AnyClassifier(sy::RandomForest(constant(0.25))));
  CHECK_FALSE(forest == sy::AnyClassifier(sy::GradientBoosting(constant(0.5))));
}
