#include "switchyard/engine/compiled_classifier.hpp"
#include "counted_new.hpp"
#include "random_ensemble.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace sy = switchyard;

namespace {

/// A model of no known kind: one column as it is.
struct FirstColumn {
  static constexpr std::string_view kind = "first_column";
  sy::Index columns = 4;

  [[nodiscard]] sy::Index features() const { return columns; }
  [[nodiscard]] double probability(sy::RowView row) const {
    sy::detail::require_columns(static_cast<sy::Index>(row.size()), columns);
    return std::isnan(row[0]) ? 0.5 : 1 / (1 + sy::rounded_product(row[0], row[0]));
  }
  [[nodiscard]] sy::Vector predict_proba(const sy::MatrixView& rows) const {
    return sy::detail::probabilities_row_by_row(*this, rows);
  }
  [[nodiscard]] sy::Labels predict(const sy::MatrixView& rows) const { return sy::labels_from(predict_proba(rows)); }
  friend bool operator==(const FirstColumn&, const FirstColumn&) = default;
};

/// Labels follow the sign of a product, some at random; 3 % of the cells are missing.
sy::Dataset fitting_data() {
  sy::Rng draw(11);
  sy::Dataset data;
  data.feature_names = {"a", "b", "c", "d"};
  data.features.resize(1500, 4);
  for (sy::Index i = 0; i < data.features.rows(); ++i) {
    for (sy::Index c = 0; c < 4; ++c) data.features(i, c) = draw.normal();
    data.labels.push_back(draw.bernoulli(data.features(i, 0) * data.features(i, 1) > 0 ? 0.8 : 0.2) ? 1 : 0);
    for (sy::Index c = 0; c < 4; ++c) {
      if (draw.bernoulli(0.03)) data.features(i, c) = std::numeric_limits<double>::quiet_NaN();
    }
  }
  return data;
}

struct Models {
  sy::Dataset data = fitting_data();
  sy::AnyClassifier forest = sy::RandomForest::fit(
      data, {.trees = 20, .max_depth = 12, .min_samples_split = 10, .min_samples_leaf = 5, .threads = 1});
  sy::AnyClassifier boosting = sy::GradientBoosting::fit(data, {.rounds = 30, .max_depth = 5, .threads = 1});
  sy::AnyClassifier mlp = sy::Mlp::fit(data, {.hidden = {9, 5}, .max_epochs = 3});
  sy::AnyClassifier custom = FirstColumn{};
  sy::AnyClassifier voting = sy::Voting({forest, boosting, mlp, custom}, {2, 3, 0.7, 1.1});
  sy::AnyClassifier nested = sy::Voting({voting, boosting, voting}, {0.3, 1, 0.1});

  [[nodiscard]] std::vector<sy::AnyClassifier> all() const { return {forest, boosting, mlp, custom, voting, nested}; }
};

const Models& models() {
  static const Models fitted;
  return fitted;
}

}  // namespace

TEST_CASE("A compiled classifier has the model's own bits, row by row, together and on threads") {
  const sy::Matrix& rows = models().data.features;
  sy::ThreadPool pool(3);
  for (const sy::AnyClassifier& model : models().all()) {
    const sy::Vector expected = model.predict_proba(rows);
    for (const sy::InstructionSet set : sy::available_instruction_sets()) {
      CAPTURE(std::string(model.name()), std::string(name_of(set)));
      const sy::CompiledClassifier compiled(model, set);
      CHECK(compiled.features() == model.features());
      CHECK(compiled.predict_proba(rows) == expected);
      CHECK(compiled.predict(rows) == model.predict(rows));
      bool same = true;
      for (sy::Index i = 0; i < rows.rows(); ++i) {
        same &= compiled.probability(sy::row_of(rows, i)) == expected[i];
      }
      CHECK(same);
    }
  }
  sy::Matrix many(5000, 4);  // more than a block of rows, and not a multiple
  for (sy::Index i = 0; i < many.rows(); ++i) many.row(i) = rows.row((7 * i) % rows.rows());
  const sy::CompiledClassifier compiled(models().nested);
  CHECK(compiled.predict_proba(many, pool) == models().nested.predict_proba(many));
  CHECK(compiled.predict_proba(many.topRows(0), pool).size() == 0);
}

TEST_CASE("A compiled classifier says how it asks") {
  const auto engine_of = [](const sy::AnyClassifier& model) { return sy::CompiledClassifier(model).engine(); };
  const std::string boosting = engine_of(models().boosting);
  CHECK((boosting == "registers" || boosting == "masks"));
  CHECK(engine_of(models().forest) == "blocked");
  CHECK(engine_of(models().mlp) == "mlp");
  CHECK(engine_of(models().custom) == "model");
  CHECK(engine_of(models().voting) == "voting(blocked, " + boosting + ", mlp, model)");
}

TEST_CASE("A row of another width is refused before it is read") {
  const double row[] = {1, 2, 3, 4, 5};
  for (const sy::AnyClassifier& model : models().all()) {
    const sy::CompiledClassifier compiled(model);
    sy::ThreadPool pool(1);
    CHECK_THROWS_AS(compiled.probability({row, 3}), sy::InvalidArgument);
    CHECK_THROWS_AS(compiled.probability({row, 5}), sy::InvalidArgument);
    CHECK_THROWS_AS(compiled.probability({}), sy::InvalidArgument);
    CHECK_THROWS_AS(compiled.predict_proba(sy::Matrix(2, 3)), sy::InvalidArgument);
    CHECK_THROWS_AS(compiled.predict_proba(sy::Matrix(2, 5), pool), sy::InvalidArgument);
  }
}

TEST_CASE("Compiled classifiers are equal where their models are") {
  const sy::CompiledClassifier forest(models().forest, sy::InstructionSet::portable);
  const sy::CompiledClassifier copy = forest;
  CHECK(&copy.model() == &forest.model());
  CHECK(forest == sy::CompiledClassifier(models().forest));
  CHECK(forest == sy::CompiledClassifier(*models().forest.get_if<sy::RandomForest>()));
  CHECK_FALSE(forest == sy::CompiledClassifier(models().boosting));
  const sy::AnyClassifier wrapped = forest;  // and they are classifiers
  CHECK(sy::CompiledClassifier(wrapped).predict_proba(models().data.features) ==
        models().forest.predict_proba(models().data.features));
}

TEST_CASE("A compiled classifier allocates nothing for a row, and nothing that grows with rows but the answer") {
  const sy::Matrix& rows = models().data.features;
  for (const sy::AnyClassifier& model : models().all()) {
    const sy::CompiledClassifier compiled(model);
    double sum = 0;
    const long before = allocations;
    for (sy::Index i = 0; i < 100; ++i) sum += compiled.probability(sy::row_of(rows, i));
    CHECK(allocations == before);
    CHECK(sum > 0);
  }
}

TEST_CASE("Many threads may ask one compiled classifier") {
  const sy::CompiledClassifier compiled(models().nested);
  const sy::Matrix& rows = models().data.features;
  const sy::Vector expected = compiled.predict_proba(rows);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const sy::CompiledClassifier copy = compiled;
      for (sy::Index i = t; i < 400; ++i) wrong += copy.probability(sy::row_of(rows, i)) == expected[i] ? 0 : 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}
