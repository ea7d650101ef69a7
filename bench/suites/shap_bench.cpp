// How long exact explanations take, row by row and in batches.
#include "fitted.hpp"

#include "switchyard/explain/tree_shap.hpp"
#include "switchyard/model/gradient_boosting.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace sy = switchyard;

namespace {

const sy::Ensemble& ensemble_of(const std::string& data) {
  return bench::suite_model(data, "boosting").get_if<sy::GradientBoosting>()->ensemble();
}

void one_row(benchmark::State& state, const std::string& data) {
  const sy::TreeShap explainer(ensemble_of(data));
  const auto& rows = bench::suite_questions(data);
  sy::Index next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(explainer.explain(rows.row(next++ & (rows.rows() - 1))));
  state.SetItemsProcessed(state.iterations());
}

void many_rows(benchmark::State& state, const std::string& data, int threads) {
  constexpr sy::Index count = 1000;
  const auto& rows = bench::suite_questions(data);
  for (auto _ : state) {
    benchmark::DoNotOptimize(sy::tree_shap(ensemble_of(data), rows.features.topRows(count), threads));
  }
  state.SetItemsProcessed(state.iterations() * count);
}

const bool added = [] {
  for (const auto& data : bench::data_names) {
    benchmark::RegisterBenchmark(("shap/" + data + "/one_row").c_str(), [=](benchmark::State& state) {
      one_row(state, data);
    })->Unit(benchmark::kMicrosecond);
    for (const int threads : {1, 2}) {
      benchmark::RegisterBenchmark(("shap/" + data + "/1000_rows/threads:" + std::to_string(threads)).c_str(),
                                   [=](benchmark::State& state) { many_rows(state, data, threads); })
          ->Unit(benchmark::kMillisecond)
          ->UseRealTime();
    }
  }
  return true;
}();

}  // namespace
