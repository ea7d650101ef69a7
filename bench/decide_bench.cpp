// How long one answer takes, from a request (decide) or from a finished row (probability), for every kind of model.
#include "data_d1.hpp"
#include "data_d2.hpp"
#include "models.hpp"
#include "requests.hpp"

#include "switchyard/pipeline/router.hpp"

#include <benchmark/benchmark.h>

#include <memory>
#include <string>

namespace sy = switchyard;

namespace {

constexpr sy::Index training_rows = 20'000;

void decide(benchmark::State& state, const sy::Router& router, const std::vector<sy::Request>& requests) {
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(router.decide(requests[i++ & (requests.size() - 1)]));
  state.SetItemsProcessed(state.iterations());
}

void probability(benchmark::State& state, const sy::AnyClassifier& model, const sy::Dataset& rows) {
  sy::Index i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(model.probability(rows.row(i++ & (rows.rows() - 1))));
  state.SetItemsProcessed(state.iterations());
}

void add_data(const std::string& name, const sy::Dataset& train, sy::Dataset rows) {
  const auto asked = std::make_shared<const sy::Dataset>(std::move(rows));
  const auto requests = std::make_shared<const std::vector<sy::Request>>(bench::random_requests());
  for (const auto& [kind, model] : bench::fit_models(train)) {
    benchmark::RegisterBenchmark(("probability/" + name + "/" + kind).c_str(),
                                 [=, m = model](benchmark::State& state) { probability(state, m, *asked); });
    if (train.feature_names != sy::requirement_feature_columns()) continue;
    const auto router = std::make_shared<const sy::Router>(sy::ModelFile{model, train.feature_names});
    benchmark::RegisterBenchmark(("decide/" + name + "/" + kind).c_str(),
                                 [=](benchmark::State& state) { decide(state, *router, *requests); });
  }
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  constexpr auto asked = static_cast<sy::Index>(bench::distinct_questions);
  add_data("d1", bench::data_d1(training_rows), bench::data_d1(asked, 43));
  add_data("d2", bench::data_d2(training_rows), bench::data_d2(asked, 43));
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
