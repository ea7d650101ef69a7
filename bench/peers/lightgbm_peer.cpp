// One row through LightGBM's fastest call (SingleRowFast, dense), in whatever library of it is found at run time: its C
// interface is declared here, so that nothing of it is needed to build this.
#include "../common/arguments.hpp"
#include "../common/result.hpp"
#include "../common/rows.hpp"
#include "../common/single_rows.hpp"

#include <dlfcn.h>

#include <cstdint>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>

namespace {

constexpr int normal_prediction = 0;  // C_API_PREDICT_NORMAL
constexpr int float64 = 1;            // C_API_DTYPE_FLOAT64

template <class Function>
Function* find(void* library, const char* name) {
  void* const found = dlsym(library, name);
  if (found == nullptr) throw std::runtime_error(dlerror());
  return reinterpret_cast<Function*>(found);
}

void check(int code) {
  if (code != 0) throw std::runtime_error("LightGBM refused a call");
}

bench::Result time_row(const bench::Arguments& arguments) {
  void* const library = dlopen(arguments.text("library").c_str(), RTLD_NOW);
  if (library == nullptr) throw std::runtime_error(dlerror());
  const auto load = find<int(const char*, int*, void**)>(library, "LGBM_BoosterCreateFromModelfile");
  const auto prepare = find<int(void*, int, int, int, int, std::int32_t, const char*, void**)>(
      library, "LGBM_BoosterPredictForMatSingleRowFastInit");
  const auto predict =
      find<int(void*, const void*, std::int64_t*, double*)>(library, "LGBM_BoosterPredictForMatSingleRowFast");
  const bench::Rows rows = bench::read_rows(arguments.text("data"), "ask");
  int trees = 0;
  void* model = nullptr;
  void* fast = nullptr;
  check(load(arguments.text("model").c_str(), &trees, &model));
  check(prepare(model, normal_prediction, 0, 0, float64, static_cast<std::int32_t>(rows.columns), "num_threads=1",
                &fast));
  const auto ask = [&](const double* row) {
    std::int64_t length = 0;
    double answer = 0;
    check(predict(fast, row, &length, &answer));
    return answer;
  };
  bench::Result result = bench::time_single_rows(arguments, rows.columns, rows.values, ask);
  bench::add_answers(result, arguments, "answer", rows.columns, rows.values, ask);
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const bench::Arguments arguments(argc, argv);
    if (arguments.task() != "row") throw std::invalid_argument("unknown task '" + arguments.task() + "'");
    const bench::Result result = time_row(arguments);
    arguments.require_all_used();
    result.print();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "bench_lightgbm: " << error.what() << '\n';
    return 1;
  }
}
