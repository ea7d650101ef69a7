#include "switchyard/pipeline/baselines.hpp"

#include "missing.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace sy = switchyard;

namespace {

sy::Dataset dataset(const std::vector<std::vector<double>>& rows, const sy::Labels& labels) {
  sy::Dataset data;
  data.features.resize(static_cast<sy::Index>(rows.size()), static_cast<sy::Index>(rows.front().size()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < rows[i].size(); ++j) {
      data.features(static_cast<sy::Index>(i), static_cast<sy::Index>(j)) = rows[i][j];
    }
  }
  data.labels = labels;
  for (std::size_t j = 0; j < rows.front().size(); ++j) data.feature_names.push_back("c" + std::to_string(j));
  return data;
}

double ask(const sy::MajorityTable& table, const std::vector<double>& row) { return table.probability(row); }

// Two columns; column 0 is the fallback. Context (0, 0): labels 1 1 0; (0, 1): 0; (1, 0): 0 0.
const sy::Dataset six_rows = dataset({{0, 0}, {0, 0}, {0, 0}, {0, 1}, {1, 0}, {1, 0}}, {1, 1, 0, 0, 0, 0});

}  // namespace

TEST_CASE("a constant answers by the overall label share") {
  const auto table = sy::MajorityTable::constant(six_rows);
  CHECK(ask(table, {0, 0}) == (2.0 + 1) / (6 + 2));
  CHECK(ask(table, {7, 7}) == (2.0 + 1) / (6 + 2));
  CHECK(table.features() == 2);
}

TEST_CASE("a static rule answers by one column's share, and overall for values it has not seen") {
  const auto table = sy::MajorityTable::by_column(six_rows, 0);
  CHECK(ask(table, {0, 5}) == (2.0 + 1) / (4 + 2));
  CHECK(ask(table, {1, 5}) == (0.0 + 1) / (2 + 2));
  CHECK(ask(table, {2, 0}) == (2.0 + 1) / (6 + 2));
}

TEST_CASE("a context table falls back from context to column to everything") {
  const auto table = sy::MajorityTable::by_context(six_rows, 0);
  CHECK(ask(table, {0, 0}) == (2.0 + 1) / (3 + 2));
  CHECK(ask(table, {0, 1}) == (0.0 + 1) / (1 + 2));
  CHECK(ask(table, {1, 1}) == (0.0 + 1) / (2 + 2));  // unseen context, seen column
  CHECK(ask(table, {2, 0}) == (2.0 + 1) / (6 + 2));  // neither
}

TEST_CASE("live state is no context: it hardly ever repeats") {
  auto data = dataset({{0, 0, 1}, {0, 0, 2}, {0, 0, 3}, {0, 1, 1}, {1, 0, 1}, {1, 0, 2}}, six_rows.labels);
  data.feature_names[2] = "live_lambda_in_flight";
  const auto table = sy::MajorityTable::by_context(data, 0);
  const auto without = sy::MajorityTable::by_context(six_rows, 0);
  CHECK(table.features() == 3);
  for (const auto& row : std::vector<std::vector<double>>{{0, 0}, {0, 1}, {1, 0}, {1, 7}, {7, 7}}) {
    for (const double live : {1.0, 9.0, missing}) CHECK(ask(table, {row[0], row[1], live}) == ask(without, row));
  }
}

TEST_CASE("a missing value is a context of its own and both zeros are one") {
  const auto table = sy::MajorityTable::by_context(dataset({{missing, 0}, {missing, 0}, {1, 0}}, {1, 1, 0}), 0);
  CHECK(ask(table, {missing, 0}) == 3.0 / 4);
  CHECK(ask(table, {missing, -0.0}) == 3.0 / 4);
  CHECK(ask(table, {1, 0}) == 1.0 / 3);
  CHECK(ask(table, {missing, 1}) == 3.0 / 4);  // by the fallback column
}

TEST_CASE("a tie is answered with ECS") {
  const auto table = sy::MajorityTable::constant(dataset({{0}, {0}}, {0, 1}));
  CHECK(ask(table, {0}) == 0.5);
  CHECK(table.predict(dataset({{0}}, {0}).features) == sy::Labels{0});
}

TEST_CASE("rows count by their weight") {
  auto data = dataset({{0}, {0}}, {0, 1});
  data.weights = {1, 3};
  CHECK(ask(sy::MajorityTable::constant(data), {0}) == (3.0 + 1) / (4 + 2));
}

TEST_CASE("one row and many get the same answers") {
  const auto table = sy::MajorityTable::by_context(six_rows, 0);
  const sy::Vector all = table.predict_proba(six_rows.features);
  for (sy::Index i = 0; i < six_rows.rows(); ++i) CHECK(all[i] == table.probability(six_rows.row(i)));
}
