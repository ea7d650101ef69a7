// How long each kind of model takes to fit on 20,000 rows; d1 with repeated rows grouped and not.
#include "fitted.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace {

void fit(benchmark::State& state, const std::string& data, const bench::FitSettings& settings) {
  const auto& train = bench::suite_data(data);
  for (auto _ : state) benchmark::DoNotOptimize(bench::fit_model(train, settings));
  state.SetItemsProcessed(state.iterations() * train.rows());
}

void add(const std::string& data, const std::string& kind, int threads, bool grouped) {
  bench::FitSettings settings;
  settings.kind = kind;
  settings.threads = threads;
  settings.grouped = grouped;
  settings.epochs = 1;
  std::string name = "train/" + data + '/' + kind;
  ((name += "/threads:") += std::to_string(threads)) += grouped ? "" : "/ungrouped";
  benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) { fit(state, data, settings); })
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime();
}

const bool added = [] {
  for (const auto& data : bench::data_names) {
    for (const std::string kind : {"boosting", "leaf_wise", "forest"}) {
      for (const int threads : {1, 2}) add(data, kind, threads, true);
      if (data == "d1") add(data, kind, 2, false);
    }
    add(data, "mlp", 1, true);
  }
  return true;
}();

}  // namespace
