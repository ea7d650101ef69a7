#!/usr/bin/env bash
# usage: embed_test.sh SWITCHYARD. Headers of models of every kind, compiled as strangers compile them, answer as
# `switchyard predict` does.
set -uo pipefail

here=$(cd -- "$(dirname -- "$0")" && pwd)
. "$here/check.bash"
models=$here/embed_models

# Writes random requests to requests.jsonl, and what the embedded model says of them to standard output.
cat >main.cpp <<'CPP'
#include "model.hpp"
#include "model.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>

namespace {

constexpr model::Request too_large{.workload = model::Workload::heavy_processing, .payload_kb = 8192};
static_assert(model::decide(too_large) == model::Platform::ecs);
static_assert(model::decision(too_large).reason == model::Reason::infeasible);
constexpr model::Request small{.payload_kb = 5, .sent_at_ms = 1763841235035.0};
constexpr double expected = model::lambda_probability(small);
static_assert(expected > 0 && expected < 1);
static_assert(model::decision(small, {.min_confidence = 1}).reason == model::Reason::low_confidence);
static_assert(model::decide(small, {.min_confidence = 1, .fallback = model::Platform::ecs}) == model::Platform::ecs);

std::uint64_t state = 1;
// In [0, scale); volatile, so that the questions are the same where products are fused with sums.
double uniform(double scale) {
  state = state * 6364136223846793005U + 1442695040888963407U;
  const volatile double drawn = static_cast<double>(state >> 11U) * 0x1p-53 * scale;
  return drawn;
}
unsigned below(unsigned n) { return static_cast<unsigned>(uniform(n)); }

std::string number(double value) {
  char text[40];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

// Sizes that a request's reader would snap to a catalogue's are not drawn, but for some of these themselves.
double size() {
  constexpr double sizes[] = {0.5, 1, 5, 10, 50, 100, 200, 500, 1024, 2048, 3072, 5120, 8192, 10240};
  if (below(4) == 0) return sizes[below(14)];
  const double drawn = std::exp2(uniform(15)) / 4;
  for (const double known : sizes) {
    if (std::abs(drawn - known) < 0.01 * known) return 7;
  }
  return drawn;
}

}  // namespace

int main() {
  const char* workloads[] = {"lightweight_api", "thumbnail_processing", "medium_processing", "heavy_processing"};
  std::FILE* requests = std::fopen("requests.jsonl", "w");
  std::printf("recommended_platform,confidence,lambda_probability,ecs_probability\n");
  for (int i = 0; i < 4000; ++i) {
    model::Request request{.workload = static_cast<model::Workload>(below(4)), .payload_kb = size()};
    std::string line = std::string("{\"workload_type\":\"") + workloads[static_cast<int>(request.workload)] +
                       "\",\"payload_size_kb\":" + number(request.payload_kb);
    if (below(3) > 0) {
      request.sent_at_ms = 1.7e12 + uniform(1e11);
      line += ",\"timestamp\":" + number(*request.sent_at_ms);
    }
    if (below(3) == 0) {
      request.time_window = static_cast<model::TimeWindow>(2);
      line += ",\"time_window\":\"midday\"";
    }
    if (below(3) > 0) {
      request.load_pattern = static_cast<model::LoadPattern>(1);
      line += ",\"load_pattern\":\"medium_load\"";
    }
    if (below(5) == 0) {
      request.lambda_memory_limit_mb = 128 + below(1000);
      line += ",\"lambda_memory_limit_mb\":" + number(*request.lambda_memory_limit_mb);
    }
    std::fprintf(requests, "%s}\n", line.c_str());
    const model::Decision decision = model::decision(request);
    std::printf("%s,%s,%s,%s\n", model::to_string(decision.platform).data(), number(decision.confidence).c_str(),
                number(decision.lambda_probability).c_str(), number(decision.ecs_probability).c_str());
  }
  volatile double size_kb = small.payload_kb;
  model::Request at_run_time = small;
  at_run_time.payload_kb = size_kb;
  return std::fclose(requests) == 0 && model::lambda_probability(at_run_time) == expected ? 0 : 1;
}
CPP

strict='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror'
native=
[[ $(uname -m) == x86_64 ]] && native='-march=x86-64-v3'  # has multiply-and-add; run only where the processor has it
grep -qw avx2 /proc/cpuinfo 2>/dev/null && grep -qw fma /proc/cpuinfo || native=
compilers=("${CXX:-g++} -O2 $native" "${CXX:-g++} -O0")
command -v clang++ >/dev/null && compilers+=("clang++ -O2 $native")
for kind in random_forest gradient_boosting mlp voting; do
  "$switchyard" embed "$models/$kind.json" --output model.hpp || { fail "embed $kind"; continue; }
  for compiler in "${compilers[@]}"; do
    rm -f main requests.jsonl
    # shellcheck disable=SC2086
    if ! $compiler -std=c++20 $strict main.cpp -o main 2>messages; then
      fail "$kind with $compiler: $(head -5 messages)"
      continue
    fi
    ./main >embedded.csv || fail "$kind with $compiler: constant expression and run time disagree"
    "$switchyard" predict --model "$models/$kind.json" requests.jsonl >predicted.csv || fail "predict $kind"
    [[ $(wc -l <predicted.csv) == 4001 ]] || fail "predict $kind: not all rows"
    for platform in ecs lambda; do
      (($(grep -c "^$platform" predicted.csv) > 200)) || fail "$kind: too few decisions for $platform to tell"
    done
    same "$kind with $compiler" embedded.csv predicted.csv
    mv embedded.csv "$kind.csv.new"
    if [[ -e $kind.csv ]]; then cmp -s "$kind.csv" "$kind.csv.new" || fail "$kind: compilers disagree"; fi
    mv "$kind.csv.new" "$kind.csv"
  done
done

# Two models in one program, and names that a catalogue may have but C++ may not.
"$switchyard" embed "$models/random_forest.json" --namespace first >first.hpp &&
  "$switchyard" embed "$models/gradient_boosting.json" --namespace second::one --output folder/second.hpp || fail 'two models'
cat >two.cpp <<'CPP'
#include "first.hpp"
#include "folder/second.hpp"
static_assert(first::feature_columns.size() == second::one::feature_columns.size());
static_assert(second::one::TimeWindow::class_ != second::one::TimeWindow::other);
constexpr second::one::Request request{.payload_kb = 1, .load_pattern = second::one::LoadPattern::a_b};
static_assert(second::one::probability_of(second::one::features(request)) == second::one::lambda_probability(request));
int main() {}
CPP
# shellcheck disable=SC2086
${CXX:-g++} -std=c++20 $strict -fsyntax-only two.cpp || fail 'two models in one program'

model=$models/gradient_boosting.json
expect 'help with an example' 0 'static_assert(model::decide(request) == model::Platform::ecs)' "$switchyard" embed --help
expect 'no model' 2 'model is required' "$switchyard" embed
expect 'no such model' 1 'nothing.json' "$switchyard" embed nothing.json
expect 'a model that is none' 3 'main.cpp' "$switchyard" embed main.cpp
head -c 3000 "$model" >torn.json
expect 'a torn model' 3 'torn.json' "$switchyard" embed torn.json
sed 's/"kind":"gradient_boosting"/"kind":"oracle"/' "$model" >oracle.json
expect 'an unknown kind' 3 'is not one of' "$switchyard" embed oracle.json
cat >rule.json <<'JSON'
{"format":"switchyard-model","version":1,"kind":"hand_rule","model":{"advantage_column":0,"level_column":1,"slope":1,"levels":[]},
 "feature_columns":["a","b"],"ranges":[],"threshold":0.5,"price_book":"","label_rule":"","catalogue":null,"metadata":null,"replay":[]}
JSON
expect 'a kind that has no such form' 2 'cannot be embedded' "$switchyard" embed rule.json
for name in '' 2m class a-b std switchyard::x 'm{}int x;' a:::b _x; do
  expect "a namespace '$name'" 2 "namespace is '$name'; expected" "$switchyard" embed "$model" --namespace "$name"
done
expect 'a folder that is a file' 1 'cannot write' "$switchyard" embed "$model" --output main.cpp/model.hpp
expect 'a folder as file' 1 'cannot write' "$switchyard" embed "$model" --output folder
[[ -e folder/second.hpp ]] || fail 'the folder is gone'
if [[ -w /dev/full ]]; then
  expect 'a full disk' 1 'cannot write standard output' bash -c '"$0" embed "$1" >/dev/full' "$switchyard" "$model"
  expect 'a full device' 1 'cannot write /dev/full' "$switchyard" embed "$model" --output /dev/full
fi
sed 's/"payload_log"/"shoe \\"size\\"\\n#error\\\\"/' "$model" >foreign.json
"$switchyard" embed foreign.json --output foreign.hpp || fail 'a column of another world'
printf '#include "foreign.hpp"\nconstexpr double p = model::probability_of({});\nint main() { return p > 2; }\n' >foreign.cpp
# shellcheck disable=SC2086
${CXX:-g++} -std=c++20 $strict -fsyntax-only foreign.cpp || fail 'a header of a column of another world'
grep -q 'decide(' foreign.hpp && fail 'decides about columns that no request has'

finish embed
