// How long it takes from the text of a model file to a router that can decide, and to save a model.
#include "fitted.hpp"

#include "switchyard/io/model_json.hpp"
#include "switchyard/pipeline/router.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace sy = switchyard;

namespace {

void load(benchmark::State& state, const std::string& kind) {
  const sy::ModelFile file{bench::suite_model("d1", kind), bench::suite_data("d1").feature_names};
  const std::string text = sy::model_to_json(file).dump();
  for (auto _ : state) {
    const sy::Router router(sy::parse_model(text, "model"));
    benchmark::DoNotOptimize(router.feature_columns().data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

const bool added = [] {
  for (const auto& kind : bench::model_kinds) {
    benchmark::RegisterBenchmark(("load/d1/" + kind).c_str(), [=](benchmark::State& state) {
      load(state, kind);
    })->Unit(benchmark::kMillisecond);
  }
  return true;
}();

}  // namespace
