#pragma once

// A model simple enough to be worked by hand: the rate of label 1 by the value of one column.

#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/model/classifier.hpp"

#include <array>
#include <cstddef>
#include <map>

namespace fixture {

namespace sy = switchyard;

struct LookupModel {
  std::map<double, double> rates;
  double otherwise = 0.5;  // for values not learned
  sy::Index columns = 0;
  sy::Index column = 0;

  [[nodiscard]] sy::Index features() const { return columns; }
  [[nodiscard]] double probability(sy::RowView row) const {
    const auto found = rates.find(row[static_cast<std::size_t>(column)]);
    return found == rates.end() ? otherwise : found->second;
  }
  [[nodiscard]] sy::Vector predict_proba(const sy::MatrixView& rows) const {
    return sy::detail::probabilities_row_by_row(*this, rows);
  }
  [[nodiscard]] sy::Labels predict(const sy::MatrixView& rows) const { return sy::labels_from(predict_proba(rows)); }
  [[maybe_unused]] friend bool operator==(const LookupModel&, const LookupModel&) = default;
};
static_assert(sy::Classifier<LookupModel>);

inline LookupModel fit_lookup(const sy::Dataset& train, sy::Index column = 0) {
  std::map<double, std::array<double, 2>> counts;
  for (sy::Index i = 0; i < train.rows(); ++i) {
    counts[train.features(i, column)][train.labels[static_cast<std::size_t>(i)]] += train.weight(i);
  }
  LookupModel model{{}, 0.5, train.columns(), column};
  for (const auto& [value, count] : counts) model.rates[value] = count[1] / (count[0] + count[1]);
  return model;
}

}  // namespace fixture
