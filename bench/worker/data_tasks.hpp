#pragma once

#include "../common/arguments.hpp"
#include "../common/result.hpp"
#include "../common/rows.hpp"
#include "../data_d1.hpp"
#include "../data_d2.hpp"
#include "export.hpp"
#include "models.hpp"
#include "nested_if.hpp"

#include "switchyard/data/dataset_csv.hpp"
#include "switchyard/io/model_json.hpp"
#include "switchyard/model/gradient_boosting.hpp"
#include "switchyard/model/mlp.hpp"
#include "switchyard/model/random_forest.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

/// One part of a folder, as write_data left it, with the names of its columns.
[[nodiscard]] inline switchyard::Dataset read_part(const std::string& folder, const std::string& part) {
  const Rows rows = read_rows(folder, part);
  switchyard::Dataset data;
  data.features = Eigen::Map<const switchyard::Matrix>(rows.values.data(), static_cast<switchyard::Index>(rows.count()),
                                                       static_cast<switchyard::Index>(rows.columns));
  data.labels = rows.labels;
  std::ifstream names(folder + "/columns.txt");
  for (std::string name; std::getline(names, name);) data.feature_names.push_back(name);
  data.validate();
  return data;
}

[[nodiscard]] inline Rows rows_of(const switchyard::Dataset& data, switchyard::Index first, switchyard::Index last) {
  Rows rows;
  rows.columns = static_cast<std::size_t>(data.columns());
  rows.values.reserve(static_cast<std::size_t>(last - first) * rows.columns);
  for (switchyard::Index i = first; i < last; ++i) {
    for (const double value : data.row(i)) rows.values.push_back(static_cast<double>(static_cast<float>(value)));
    rows.labels.push_back(data.labels[static_cast<std::size_t>(i)]);
  }
  return rows;
}

inline void write_rows(const Rows& rows, const std::string& folder, const std::string& part) {
  write_raw(folder + "/" + part + ".f64", rows.values);
  write_raw(folder + "/" + part + ".u8", rows.labels);
}

/// Random rows of the given ones, as many as are asked one by one.
[[nodiscard]] inline Rows random_rows(const Rows& from, std::size_t count) {
  switchyard::Rng draw(7);
  Rows rows;
  rows.columns = from.columns;
  for (std::size_t i = 0; i < count; ++i) {
    const auto pick = static_cast<std::size_t>(draw.below(from.count()));
    rows.values.insert(rows.values.end(), from.row(pick), from.row(pick) + from.columns);
    rows.labels.push_back(from.labels[pick]);
  }
  return rows;
}

/// d2 with another number of columns, 12 to 1000: those beyond 28 say nothing of the label.
[[nodiscard]] inline switchyard::Dataset wide_d2(switchyard::Index rows, switchyard::Index columns) {
  namespace sy = switchyard;
  sy::Dataset data = data_d2(rows);
  const sy::Index had = data.columns();
  sy::Rng draw(11);
  data.features.conservativeResize(Eigen::NoChange, columns);
  data.feature_names.resize(static_cast<std::size_t>(columns));
  for (sy::Index i = 0; i < rows; ++i) {
    for (sy::Index c = had; c < columns; ++c) data.features(i, c) = draw.normal();
  }
  return data;
}

/// name=d1|d2 [columns=] or csv=FILE: the first 80 % to learn from, the rest to test, and 65,536 rows to ask one by
/// one. A dataset with times comes in their order, so that the test is of the future.
[[nodiscard]] inline Result write_data(const Arguments& arguments) {
  namespace sy = switchyard;
  constexpr std::size_t asked = 65'536;
  const auto count = static_cast<sy::Index>(arguments.number("rows", 180'000));
  const std::string name = arguments.text("name");
  sy::Dataset data;
  if (name == "d1") {
    data = data_d1(count);
  } else if (name == "d2") {
    data = arguments.has("columns") ? wide_d2(count, static_cast<sy::Index>(arguments.number("columns", 28)))
                                    : data_d2(count);
  } else {
    data = sy::read_dataset(arguments.text("csv"), {.target = "balanced_optimal"});
    if (!data.times_ms.empty()) {
      std::vector<sy::Index> order(static_cast<std::size_t>(data.rows()));
      std::iota(order.begin(), order.end(), sy::Index{0});
      std::stable_sort(order.begin(), order.end(), [&](sy::Index a, sy::Index b) {
        return data.times_ms[static_cast<std::size_t>(a)] < data.times_ms[static_cast<std::size_t>(b)];
      });
      data = data.subset(order);
    }
  }
  const std::string folder = arguments.text("folder");
  const sy::Index trained = data.rows() / 5 * 4;
  const Rows test = rows_of(data, trained, data.rows());
  write_rows(rows_of(data, 0, trained), folder, "train");
  write_rows(test, folder, "test");
  write_rows(random_rows(test, asked), folder, "ask");
  std::ofstream names(folder + "/columns.txt");
  for (const auto& column : data.feature_names) names << column << '\n';
  return Result().add("rows", static_cast<double>(data.rows())).add("columns", static_cast<double>(data.columns()));
}

/// Layers as [count, inputs, outputs, weights row by row, biases, ...], the scaler folded into the first: what a plain
/// network needs to give the same answers.
[[nodiscard]] inline std::vector<double> plain_layers(const switchyard::MlpParameters& network) {
  if (!network.indicators.empty()) throw std::runtime_error("the plain network knows no missing values");
  std::vector<double> numbers = {static_cast<double>(network.layers.size())};
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    switchyard::Matrix weights = network.layers[l].weights;
    switchyard::Vector bias = network.layers[l].bias;
    for (switchyard::Index i = 0; l == 0 && i < weights.rows(); ++i) {
      const auto column = static_cast<std::size_t>(i);
      weights.row(i) /= network.scaler.scale[column];
      bias -= network.scaler.mean[column] * weights.row(i).transpose();
    }
    numbers.push_back(static_cast<double>(weights.rows()));
    numbers.push_back(static_cast<double>(weights.cols()));
    numbers.insert(numbers.end(), weights.data(), weights.data() + weights.size());
    numbers.insert(numbers.end(), bias.data(), bias.data() + bias.size());
  }
  return numbers;
}

/// model= and what is wanted of xgboost=FILE, nested_if=PREFIX, layers=FILE: the same model for the peers.
[[nodiscard]] inline Result export_model(const Arguments& arguments) {
  namespace sy = switchyard;
  const sy::AnyClassifier model = sy::load_model(arguments.text("model")).model;
  const auto* boosting = model.get_if<sy::GradientBoosting>();
  const auto* forest = model.get_if<sy::RandomForest>();
  const auto* network = model.get_if<sy::Mlp>();
  Result result;
  if (arguments.has("xgboost") && boosting != nullptr) {
    std::ofstream out(arguments.text("xgboost"));
    write_xgboost(out, boosting->ensemble());
    if (!out.flush()) throw std::runtime_error("cannot write " + arguments.text("xgboost"));
  }
  if (arguments.has("nested_if") && (boosting != nullptr || forest != nullptr)) {
    const auto& ensemble = boosting != nullptr ? boosting->ensemble() : forest->ensemble();
    result.add("files", write_nested_if(ensemble, arguments.text("nested_if"), ".c"));
  }
  if (arguments.has("layers") && network != nullptr) {
    write_raw(arguments.text("layers"), plain_layers(network->parameters()));
  }
  return result;
}

}  // namespace bench
