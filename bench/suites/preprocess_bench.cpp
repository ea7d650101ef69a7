// How long it takes from log lines in memory to labelled rows, and to the text of a dataset.
#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/pipeline/dataset_writer.hpp"
#include "switchyard/pipeline/log_reader.hpp"
#include "switchyard/pipeline/preprocess.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <cstdio>
#include <sstream>
#include <string>

namespace sy = switchyard;

namespace {

constexpr int log_rows = 10'000;

/// Lines as the measurements' load generator writes them: a request to each platform in turn, one a second.
std::string log_text() {
  constexpr std::array<const char*, 4> workloads = {"lightweight_api", "thumbnail_processing", "medium_processing",
                                                    "heavy_processing"};
  constexpr std::array<double, 4> sizes_kb = {5, 500, 2048, 5120};
  std::string text;
  for (int i = 0; i < log_rows; ++i) {
    const auto kind = static_cast<std::size_t>(i / 2 % 4);
    const bool lambda = i % 2 == 0;
    std::array<char, 24> clock{};
    std::snprintf(clock.data(), clock.size(), "2025-11-22T%02d:%02d:%02d", 2 + i / 3600, i / 60 % 60, i % 60);
    std::ostringstream line;
    line << R"({"request_id":"r)" << i << R"(","platform":")" << (lambda ? "lambda" : "ecs") << R"(","workload_type":")"
         << workloads[kind] << R"(","timestamp":")" << clock.data() << R"(.500Z","http_status":200,"response_time_ms":)"
         << 200 + i * 7919 % 400 << R"(,"target_payload_size_kb":)" << sizes_kb[kind]
         << R"(,"time_window":"early_morning","load_pattern":"low_load","metrics":{"execution_time_ms":)"
         << 20 + i % 100 << (lambda ? R"(,"memory_limit_mb":"256","cold_start":false)" : R"(,"cpu_percent":0)")
         << R"(},"sent_at":")" << clock.data() << ".000Z\"}\n";
    text += line.str();
  }
  return text;
}

void read(benchmark::State& state) {
  const std::string text = log_text();
  for (auto _ : state) {
    sy::LogReader logs(sy::default_catalogue());
    std::istringstream input(text);
    logs.read(input, "log");
    benchmark::DoNotOptimize(logs);
  }
  state.SetItemsProcessed(state.iterations() * log_rows);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void label(benchmark::State& state, sy::FeatureSet features) {
  sy::LogReader logs(sy::default_catalogue());
  std::istringstream input(log_text());
  logs.read(input, "log");
  sy::PreprocessOptions options;
  options.features = features;
  if (features == sy::FeatureSet::all) options.match.mate = sy::Mate::next;
  for (auto _ : state) benchmark::DoNotOptimize(sy::preprocess(logs, options));
  state.SetItemsProcessed(state.iterations() * log_rows);
}

void write(benchmark::State& state) {
  sy::LogReader logs(sy::default_catalogue());
  std::istringstream input(log_text());
  logs.read(input, "log");
  const sy::PreparedData data = sy::preprocess(logs, {});
  for (auto _ : state) {
    std::ostringstream output;
    sy::write_dataset(output, data);
    benchmark::DoNotOptimize(output.str().size());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(data.rows.size()));
}

BENCHMARK(read)->Name("preprocess/read_log")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(label, requirements, sy::FeatureSet::requirements)
    ->Name("preprocess/label/requirements")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(label, all, sy::FeatureSet::all)->Name("preprocess/label/all")->Unit(benchmark::kMillisecond);
BENCHMARK(write)->Name("preprocess/write_dataset")->Unit(benchmark::kMillisecond);

}  // namespace
