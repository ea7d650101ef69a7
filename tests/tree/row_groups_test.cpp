#include "switchyard/tree/row_groups.hpp"

#include "tree/random_table.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <map>
#include <utility>
#include <vector>

namespace sy = switchyard;

namespace {

sy::BinnedMatrix binned(const sy::Dataset& data, int max_bins = 255, sy::BinLayout layout = sy::BinLayout::words) {
  sy::ThreadPool pool(1);
  return {data, max_bins, layout, pool};
}

/// A row's bins, label and, if asked for, a value.
std::vector<double> key_of(const sy::Dataset& data, const sy::BinnedMatrix& bins, std::size_t row, sy::Index exact) {
  std::vector<double> key{static_cast<double>(data.labels[row])};
  for (std::size_t word = 0; word < bins.words(); ++word) {
    for (unsigned byte = 0; byte < 8; ++byte)
      key.push_back(static_cast<double>((bins.word_of(row, word) >> 8 * byte) & 0xFF));
  }
  if (exact >= 0) key.push_back(data.features(static_cast<sy::Index>(row), exact));
  return key;
}

}  // namespace

TEST_CASE("merged rows are those alike in all bins and the label, with their weight") {
  // Ten columns, so that a row needs two words; four bins for nine values, so that different values are alike.
  auto data = random_table({.rows = 3000, .columns = 10, .values = 2, .missing = 0.3, .weights = 3});
  for (sy::Index i = 0; i < data.rows(); ++i) data.features(i, 8) = static_cast<double>(i % 9);
  const auto layout = GENERATE(sy::BinLayout::words, sy::BinLayout::columns);
  const auto bins = binned(data, 4, layout);
  for (const sy::Index exact : {-1, 8}) {
    std::map<std::vector<double>, double> expected;
    for (std::size_t i = 0; i < 3000; ++i) {
      expected[key_of(data, bins, i, exact)] += data.weight(static_cast<sy::Index>(i));
    }
    const auto merged = sy::detail::merge_rows(
        data, bins,
        {.grouping = sy::Grouping::always, .samples_rows = true, .numbers_rows = true, .exact_column = exact});
    REQUIRE(merged);
    merged->rows.validate();
    REQUIRE(merged->bins.rows() == expected.size());
    REQUIRE(merged->rows.labels.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const auto found = expected.find(key_of(merged->rows, merged->bins, i, exact));
      REQUIRE(found != expected.end());
      CHECK(merged->rows.weights[i] == found->second);
    }
    for (std::size_t i = 0; i < 3000; ++i) {
      REQUIRE(key_of(merged->rows, merged->bins, merged->group[i], exact) == key_of(data, bins, i, exact));
    }
  }
}

TEST_CASE("rows merge where it pays and is exact") {
  const auto repeated = random_table({.rows = 400, .columns = 2, .values = 3});
  const auto various = random_table({.rows = 400, .columns = 4, .values = 30});
  using sy::Grouping;
  const auto merges = [](const sy::Dataset& data, Grouping grouping, bool samples_rows) {
    return sy::detail::merge_rows(data, binned(data), {.grouping = grouping, .samples_rows = samples_rows}).has_value();
  };
  CHECK(merges(repeated, Grouping::automatic, true));
  CHECK_FALSE(merges(repeated, Grouping::never, true));
  CHECK_FALSE(merges(various, Grouping::automatic, false));
  CHECK(merges(various, Grouping::always, false));
  auto fractional = repeated;
  fractional.weights.assign(400, 1);
  CHECK(merges(fractional, Grouping::automatic, true));
  fractional.weights[17] = 0.5;
  CHECK(merges(fractional, Grouping::automatic, false));
  CHECK_FALSE(merges(fractional, Grouping::always, true));
}

TEST_CASE("one row and rows all alike merge into what they are") {
  const auto one = random_table({.rows = 1});
  CHECK(sy::detail::merge_rows(one, binned(one), {.grouping = sy::Grouping::always})->rows.rows() == 1);
  auto same = random_table({.rows = 500});
  same.features.setConstant(std::numeric_limits<double>::quiet_NaN());
  same.labels.assign(500, 1);
  const auto merged = sy::detail::merge_rows(same, binned(same), {.samples_rows = true});
  REQUIRE(merged);
  CHECK(merged->rows.weights == std::vector<double>{500});
}
