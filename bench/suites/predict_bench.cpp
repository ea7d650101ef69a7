// How long one probability takes by every kind of model and instruction set, and how many a batch gives per second. The
// next row depends on the last answer, so that single rows are latencies.
#include "../common/timing.hpp"
#include "fitted.hpp"

#include "switchyard/core/parallel.hpp"
#include "switchyard/engine/compiled_classifier.hpp"
#include "switchyard/engine/instruction_set.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <string>

namespace sy = switchyard;

namespace {

void probability(benchmark::State& state, const std::string& data, const std::string& kind, sy::InstructionSet set) {
  const sy::CompiledClassifier model(bench::suite_model(data, kind), set);
  const auto& rows = bench::suite_questions(data);
  const auto count = static_cast<std::size_t>(rows.rows());
  const auto order = bench::random_order(count);
  std::size_t next = 0;
  for (auto _ : state) {
    const double answer = model.probability(rows.row(static_cast<sy::Index>(order[next])));
    next = (next + 1 + bench::last_bit(answer)) & (count - 1);
  }
  state.SetItemsProcessed(state.iterations());
  state.SetLabel(model.engine());
}

void batch(benchmark::State& state, const std::string& data, const std::string& kind, int threads) {
  const sy::CompiledClassifier model(bench::suite_model(data, kind));
  const auto& rows = bench::suite_questions(data);
  sy::ThreadPool pool(threads);
  for (auto _ : state) benchmark::DoNotOptimize(model.predict_proba(rows.features, pool));
  state.SetItemsProcessed(state.iterations() * rows.rows());
}

const bool added = [] {
  for (const auto& data : bench::data_names) {
    for (const auto& kind : bench::model_kinds) {
      const std::string model = data + '/' + kind;
      for (const sy::InstructionSet set : sy::available_instruction_sets()) {
        benchmark::RegisterBenchmark(("probability/" + model + '/' + std::string(sy::name_of(set))).c_str(),
                                     [=](benchmark::State& state) { probability(state, data, kind, set); });
      }
      for (const int threads : {1, 2}) {
        benchmark::RegisterBenchmark(("batch/" + model + "/threads:" + std::to_string(threads)).c_str(),
                                     [=](benchmark::State& state) { batch(state, data, kind, threads); })
            ->Unit(benchmark::kMillisecond)
            ->UseRealTime();
      }
    }
  }
  return true;
}();

}  // namespace
