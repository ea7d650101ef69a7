// XGBoost through its C interface, as one would use it for speed: a fixed input buffer, so that its description in JSON
// is made once. Same tasks and settings as ours; see worker/ours.cpp.
#include "../common/answers.hpp"
#include "../common/arguments.hpp"
#include "../common/memory.hpp"
#include "../common/result.hpp"
#include "../common/rows.hpp"
#include "../common/single_rows.hpp"
#include "../common/timing.hpp"
#include "scores.hpp"

#include <xgboost/c_api.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

void check(int code) {
  const std::string message = code == 0 ? "" : XGBGetLastError();
  if (code != 0) throw std::runtime_error(message.substr(0, message.find('\n')));  // a stack trace follows
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);  // the program never leaves the classic locale
  return text;
}

class Table {
 public:
  /// values: [rows x columns]
  Table(const float* values, std::size_t rows, std::size_t columns) {
    check(XGDMatrixCreateFromMat(values, rows, columns, std::numeric_limits<float>::quiet_NaN(), &handle_));
  }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;
  ~Table() { XGDMatrixFree(handle_); }
  [[nodiscard]] DMatrixHandle handle() const { return handle_; }

 private:
  DMatrixHandle handle_ = nullptr;
};

class Model {
 public:
  explicit Model(const DMatrixHandle* table = nullptr) { check(XGBoosterCreate(table, table ? 1 : 0, &handle_)); }
  explicit Model(const std::string& path) : Model() { check(XGBoosterLoadModel(handle_, path.c_str())); }
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;
  ~Model() { XGBoosterFree(handle_); }
  [[nodiscard]] BoosterHandle handle() const { return handle_; }

  void set(const std::string& name, const std::string& value) {
    check(XGBoosterSetParam(handle_, name.c_str(), value.c_str()));
  }

  /// what: 0 = plain, 4 = contributions, 16 = interactions
  [[nodiscard]] std::vector<float> predict(const Table& table, int what) const {
    bst_ulong length = 0;
    const float* answers = nullptr;
    check(XGBoosterPredict(handle_, table.handle(), what, 0, 0, &length, &answers));
    return {answers, answers + length};
  }

 private:
  BoosterHandle handle_ = nullptr;
};

/// From the rows in memory to the model, as ours: making the DMatrix and binning are in it.
bench::Result time_fit(const bench::Arguments& arguments) {
  const bench::Rows train = bench::read_rows(arguments.text("data"), "train");
  const std::vector<float> values = bench::as_floats(train);
  const std::vector<float> labels(train.labels.begin(), train.labels.end());
  double mean = 0;
  for (const float label : labels) mean += static_cast<double>(label) / static_cast<double>(labels.size());
  const std::string share = arguments.number("sampled", 1) != 0 ? "0.8" : "1";
  const bench::MemoryUse memory;
  const auto begin = bench::Clock::now();
  const Table table(values.data(), train.count(), train.columns);
  check(XGDMatrixSetFloatInfo(table.handle(), "label", labels.data(), labels.size()));
  const DMatrixHandle handle = table.handle();
  Model model(&handle);
  const auto settings = std::vector<std::pair<std::string, std::string>>{{"objective", "binary:logistic"},
                                                                         {"tree_method", "hist"},
                                                                         {"max_bin", "255"},
                                                                         {"eta", "0.1"},
                                                                         {"max_depth", arguments.text("depth", "6")},
                                                                         {"lambda", "1"},
                                                                         {"min_child_weight", "1"},
                                                                         {"subsample", share},
                                                                         {"colsample_bytree", share},
                                                                         {"seed", arguments.text("seed", "42")},
                                                                         {"base_score", number(mean)},
                                                                         {"nthread", arguments.text("threads", "2")},
                                                                         {"verbosity", "0"}};
  for (const auto& [name, value] : settings) model.set(name, value);
  const auto rounds = static_cast<int>(arguments.number("trees", 200));
  for (int round = 0; round < rounds; ++round) check(XGBoosterUpdateOneIter(model.handle(), round, table.handle()));
  const double seconds = bench::seconds_since(begin);
  const double bytes_per_cell = memory.most_more_bytes() / static_cast<double>(values.size());
  if (arguments.has("save")) check(XGBoosterSaveModel(model.handle(), arguments.text("save").c_str()));
  const bench::Rows test = bench::read_rows(arguments.text("data"), "test");
  const std::vector<float> asked = bench::as_floats(test);
  const auto answers = model.predict(Table(asked.data(), test.count(), test.columns), 0);
  return bench::Result()
      .add("bytes_per_cell", bytes_per_cell)
      .add("seconds", seconds)
      .add("auc", bench::auc(test.labels, answers))
      .add("log_loss", bench::log_loss(test.labels, answers));
}

std::string array_interface(const float* values, std::size_t rows, std::size_t columns) {
  return "{\"data\": [" + std::to_string(reinterpret_cast<std::uintptr_t>(values)) + ", true], \"shape\": [" +
         std::to_string(rows) + ", " + std::to_string(columns) + "], \"typestr\": \"<f4\", \"version\": 3}";
}

const char* const predict_config =
    R"({"type": 0, "training": false, "iteration_begin": 0, "iteration_end": 0, "strict_shape": false,)"
    R"( "cache_id": 0, "missing": NaN})";

/// Holds what XGBoost makes anew for each call that is given none, asking the system for its number of processors.
class Proxy {
 public:
  Proxy() { check(XGProxyDMatrixCreate(&handle_)); }
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;
  ~Proxy() { XGDMatrixFree(handle_); }

  [[nodiscard]] const float* predict(const Model& model, const std::string& description) const {
    const bst_ulong* shape = nullptr;
    bst_ulong dimensions = 0;
    const float* answers = nullptr;
    check(XGBoosterPredictFromDense(model.handle(), description.c_str(), predict_config, handle_, &shape, &dimensions,
                                    &answers));
    return answers;
  }

 private:
  DMatrixHandle handle_ = nullptr;
};

bench::Result time_row(const bench::Arguments& arguments) {
  Model model(arguments.text("model"));
  model.set("nthread", "1");
  const bench::Rows rows = bench::read_rows(arguments.text("data"), "ask");
  const std::vector<float> values = bench::as_floats(rows);
  std::vector<float> input(rows.columns);
  const Proxy proxy;
  const std::string description = array_interface(input.data(), 1, input.size());
  const auto ask = [&](const float* row) {
    std::copy_n(row, rows.columns, input.data());
    return *proxy.predict(model, description);
  };
  bench::Result result = bench::time_single_rows(arguments, rows.columns, values, ask);
  bench::add_answers(result, arguments, "answer", rows.columns, values, ask);
  return result;
}

bench::Result time_batch(const bench::Arguments& arguments) {
  Model model(arguments.text("model"));
  model.set("nthread", arguments.text("threads", "2"));
  const bench::Rows rows = bench::read_rows(arguments.text("data"), "train");
  const std::vector<float> values = bench::as_floats(rows);
  const std::string description = array_interface(values.data(), rows.count(), rows.columns);
  const Proxy proxy;
  const float* answers = nullptr;
  const double seconds = bench::median_seconds(static_cast<double>(arguments.number("milliseconds", 500)) / 1e3,
                                               [&] { answers = proxy.predict(model, description); });
  bench::keep_answers(arguments, "answer", answers, answers + rows.count(), bench::compared_rows);
  double sum = 0;
  for (std::size_t i = 0; i < rows.count(); ++i) sum += static_cast<double>(answers[i]);
  return bench::Result().add("seconds", seconds).add("answer", sum / static_cast<double>(rows.count()));
}

bench::Result time_explanation(const bench::Arguments& arguments, int what) {
  Model model(arguments.text("model"));
  model.set("nthread", arguments.text("threads", "2"));
  const bench::Rows rows = bench::read_rows(arguments.text("data"), "test");
  const std::vector<float> values = bench::as_floats(rows);
  const auto count = std::min(rows.count(), static_cast<std::size_t>(arguments.number("rows", 5000)));
  const Table table(values.data(), count, rows.columns);
  const auto begin = bench::Clock::now();
  const auto contributions = model.predict(table, what);
  const double seconds = bench::seconds_since(begin);
  // Of interactions, a row has columns + 1 times as many.
  const std::size_t per_row = contributions.size() / count;
  const std::size_t most = what == 4 ? bench::compared_rows * per_row : bench::compared_rows * (rows.columns + 1);
  bench::keep_answers(arguments, "answer", contributions.begin(), contributions.end(), most);
  double sum = 0;
  for (const float value : contributions) sum += static_cast<double>(value < 0 ? -value : value);
  return bench::Result().add("seconds", seconds).add("answer", sum / static_cast<double>(contributions.size()));
}

/// Which XGBoost this is.
bench::Result version() {
  int major = 0;
  int minor = 0;
  int patch = 0;
  XGBoostVersion(&major, &minor, &patch);
  return bench::Result().add("version",
                             std::to_string(major) + '.' + std::to_string(minor) + '.' + std::to_string(patch));
}

bench::Result run(const bench::Arguments& arguments) {
  if (arguments.task() == "version") return version();
  if (arguments.task() == "fit") return time_fit(arguments);
  if (arguments.task() == "row") return time_row(arguments);
  if (arguments.task() == "batch") return time_batch(arguments);
  if (arguments.task() == "shap") return time_explanation(arguments, 4);
  if (arguments.task() == "interactions") return time_explanation(arguments, 16);
  throw std::invalid_argument("unknown task '" + arguments.task() + "'");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const bench::Arguments arguments(argc, argv);
    const bench::Result result = run(arguments);
    arguments.require_all_used();
    result.print();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "bench_xgboost: " << error.what() << '\n';
    return 1;
  }
}
